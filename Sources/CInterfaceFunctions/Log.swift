public import CInterface
internal import InteropDrivers
internal import Glibc
internal import Logging

/// Where the package's log goes: to the caller's function; until one is set, what is wrong goes to stderr.
final class CLog: @unchecked Sendable {
  static let shared = CLog()

  /// One for everything that is made here.
  let logger = Logger(label: "gl-vulkan-interop") { _ in Handler() }

  /// What is written to stderr while nobody has set a function: GLVK_LOG.
  struct Usual {
    /// nil writes nothing.
    var lowest: glvk_log_level?
    /// Whether the same line may come again.
    var repeats = false
    /// What GLVK_LOG was, if that is no level.
    var problem: String?

    /// - Parameter word: the variable's value, nil where it is not set.
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

  // Recursive: a callback that calls back in, against the rule, gets its line and not a deadlock.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Whether the caller has said where the log goes, nowhere included.
  private var isSet = false
  private var callback: glvk_log_callback?
  private var userData: UnsafeMutableRawPointer?
  private var lowest = glvk_log_level(GLVK_LOG_DEBUG)
  private var usual = Usual(getenv("GLVK_LOG").map { String(cString: $0) })
  /// What has been written to stderr, by hash. A program that goes wrong with each frame must not fill a disk.
  private var written: Set<Int> = []
  private static let mostLines = 100

  private init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  /// Waits until the function set before has come back.
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

  /// One line in one write, which other threads' and processes' lines do not come into.
  private func write(_ level: String, _ message: String) {
    let text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    var line = Array("gl-vulkan-interop: \(level): \(text)\n".utf8)
    // A pipe that nobody reads is no reason to end the program.
    let before = errno
    Self.withoutSIGPIPE { _ = Glibc.write(STDERR_FILENO, &line, line.count) }
    errno = before
  }

  /// A SIGPIPE of `body`'s is taken back; one that was pending before stays.
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
    // The callback's own threshold is applied when it is called.
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
