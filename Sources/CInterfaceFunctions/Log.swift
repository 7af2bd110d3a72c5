public import CInterface
internal import Drivers
internal import Glibc
internal import Logging

/// Where the package's log goes: to the caller's function, or nowhere.
final class CLog: @unchecked Sendable {
  static let shared = CLog()

  /// One for everything that is made here.
  let logger = Logger(label: "gl-vulkan-interop") { _ in Handler() }

  // Recursive: a callback that calls back in, against the rule, gets its line and not a deadlock.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var callback: glvk_log_callback?
  private var userData: UnsafeMutableRawPointer?
  private var lowest = glvk_log_level(GLVK_LOG_DEBUG)

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
  }

  private func send(_ level: glvk_log_level, _ message: String) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard let callback, level >= lowest else { return }
    callback(userData, level, message)
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
