import Glibc

/// The lock that guards a Vulkan queue (Vulkan 1.3, 3.6 "Threading Behavior": access to a queue must be externally
/// synchronised).
///
/// An application passes its own lock; the package takes it around each `vkQueueSubmit`.
public struct QueueLock: Sendable {
  private let acquire: @Sendable () -> Void
  private let release: @Sendable () -> Void

  /// Wraps the application's lock. Any thread may call the closures, always in pairs on one thread.
  public init(lock: @escaping @Sendable () -> Void, unlock: @escaping @Sendable () -> Void) {
    acquire = lock
    release = unlock
  }

  /// Makes a new lock, for a queue that only this package and its callers through ``withLock(_:)`` use.
  public init() {
    let storage = PthreadMutex()
    self.init(lock: { storage.lock() }, unlock: { storage.unlock() })
  }

  /// Runs `body` while this thread holds the lock.
  public func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    acquire()
    defer { release() }
    return try body()
  }

  /// The two halves of ``withLock(_:)``, for callers in C: in pairs, on one thread.
  package func acquireForC() { acquire() }
  package func releaseForC() { release() }
}

private final class PthreadMutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  init() { pthread_mutex_init(mutex, nil) }
  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }
  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
}
