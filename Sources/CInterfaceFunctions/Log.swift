public import CInterface
internal import InteropDrivers
internal import Glibc
internal import Logging

/// Sends the package's log to the application's function. Until one is set, warnings and errors go to stderr.
final class CLog: @unchecked Sendable {
  static let shared = CLog()

  /// The logger of all objects that the C interface makes.
  let logger = Logger(label: "gl-vulkan-interop") { _ in Handler() }

  /// The log on stderr while the application has set no function: GLVK_LOG.
  struct Usual {
    /// The lowest level that is written; nil writes nothing.
    var lowest: glvk_log_level?
    /// Whether the same line may be written again.
    var repeats = false
    /// The problem with GLVK_LOG, if its value is no level.
    var problem: String?

    /// - Parameter word: the variable's value; nil where it is not set.
    init(_ word: String?) {
      switch word {
      case nil, "", "warning": lowest = glvk_log_level(GLVK_LOG_WARNING)
      case "off": lowest = nil
      case "error": lowest = glvk_log_level(GLVK_LOG_ERROR)
      case "info": (lowest, repeats) = (glvk_log_level(GLVK_LOG_INFO), true)
      case "debug": (lowest, repeats) = (glvk_log_level(GLVK_LOG_DEBUG), true)
      case let word?:
        lowest = glvk_log_level(GLVK_LOG_WARNING)
        problem = "GLVK_LOG is \"\(word)\", which is none of off, error, warning, info and debug: warning is taken"
      }
    }
  }

  // The mutex is recursive: a callback that calls the package, against the rule, gets its line and does not deadlock.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Whether the application has set a destination, including none.
  private var isSet = false
  private var callback: glvk_log_callback?
  private var userData: UnsafeMutableRawPointer?
  private var lowest = glvk_log_level(GLVK_LOG_DEBUG)
  private var usual = Usual(getenv("GLVK_LOG").map { String(cString: $0) })
  /// Hashes of the lines that were written to stderr. An application that fails with each frame must not fill a disk.
  private var written: Set<Int> = []
  private static let mostLines = 100

  private init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  /// Sets the function. Waits until a running call of the previous one has returned.
  func set(_ callback: glvk_log_callback?, _ userData: UnsafeMutableRawPointer?, _ lowest: glvk_log_level) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    (self.callback, self.userData, self.lowest) = (callback, userData, lowest)
    isSet = true
  }

  private func send(_ level: glvk_log_level, _ message: String) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard isSet else { return sendToStandardError(level, message) }
    guard let callback, level >= lowest else { return }
    callback(userData, level, message)
  }

  // MARK: Standard error

  private func sendToStandardError(_ level: glvk_log_level, _ message: String) {
    guard let lowest = usual.lowest, level >= lowest else { return }
    if let problem = usual.problem {
      usual.problem = nil
      write("warning", problem)
    }
    if !usual.repeats {
      guard written.count < Self.mostLines, written.insert(message.hashValue).inserted else { return }
      if written.count == Self.mostLines {
        return write("warning", "this is line \(Self.mostLines): no more are written; glvk_set_log_callback gets all")
      }
    }
    write(Self.name(of: level), message)
  }

  private static func name(of level: glvk_log_level) -> String {
    switch Int(level) {
    case Int(GLVK_LOG_DEBUG): "debug"
    case Int(GLVK_LOG_INFO): "info"
    case Int(GLVK_LOG_WARNING): "warning"
    default: "error"
    }
  }

  /// Writes one line in one call, so that lines of other threads and processes do not mix with it.
  private func write(_ level: String, _ message: String) {
    let text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    var line = Array("gl-vulkan-interop: \(level): \(text)\n".utf8)
    // A pipe without a reader must not end the application.
    let before = errno
    Self.withoutSIGPIPE { _ = Glibc.write(STDERR_FILENO, &line, line.count) }
    errno = before
  }

  /// Consumes a SIGPIPE that `body` causes; one that was pending before stays.
  private static func withoutSIGPIPE(_ body: () -> Void) {
    var pipe = sigset_t(), before = sigset_t(), pending = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    sigpending(&pending)
    let wasPending = sigismember(&pending, SIGPIPE) == 1
    guard pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0 else { return }
    body()
    if !wasPending {
      var now = timespec()
      _ = sigtimedwait(&pipe, nil, &now)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  private struct Handler: LogHandler {
    var metadata = Logger.Metadata()
    // `send` applies the callback's own threshold at each call.
    var logLevel = Logger.Level.debug
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let number =
        switch event.level {
        case .trace, .debug: GLVK_LOG_DEBUG
        case .info, .notice: GLVK_LOG_INFO
        case .warning: GLVK_LOG_WARNING
        case .error, .critical: GLVK_LOG_ERROR
        }
      CLog.shared.send(glvk_log_level(number), "\(event.message)")
    }
  }
}

@c @implementation
public func glvk_set_log_callback(
  _ callback: glvk_log_callback!, _ user_data: UnsafeMutableRawPointer!, _ lowest: glvk_log_level
) -> glvk_result {
  report {
    guard (glvk_log_level(GLVK_LOG_DEBUG)...glvk_log_level(GLVK_LOG_ERROR)).contains(lowest) else {
      throw unknown("lowest", lowest)
    }
    CLog.shared.set(callback, user_data, lowest)
  }
}
