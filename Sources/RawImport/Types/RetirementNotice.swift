import Glibc

/// Tells the closure of a producer or a consumer when images retire that the application has seen.
///
/// It outlives the producer or consumer, for the images of frames that do.
package final class RetirementNotice: @unchecked Sendable {
  package typealias Handler = @Sendable (ImageID) -> Void

  // Not a Mutex: setting a closure waits until the previous one no longer runs.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var handler: Handler?
  /// Counts the closures set so far.
  private var generation: UInt64 = 0
  private var running: [(thread: pthread_t, generation: UInt64)] = []

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(ended, nil)
  }

  deinit {
    pthread_cond_destroy(ended)
    pthread_mutex_destroy(mutex)
    ended.deallocate()
    mutex.deallocate()
  }

  package var current: Handler? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return handler
  }

  /// Sets the closure. When this returns, the previous closure no longer runs on another thread and is not called
  /// again.
  ///
  /// A call from within the closure does not wait.
  package func set(_ new: Handler?) {
    pthread_mutex_lock(mutex)
    let old = handler
    handler = new
    generation += 1
    let mine = generation
    let me = pthread_self()
    if !running.contains(where: { pthread_equal($0.thread, me) != 0 }) {
      while running.contains(where: { $0.generation < mine }) { pthread_cond_wait(ended, mutex) }
    }
    pthread_mutex_unlock(mutex)
    // The closure's captures are released after the lock.
    _ = consume old
  }

  func tell(_ id: ImageID) {
    pthread_mutex_lock(mutex)
    guard let handler else {
      pthread_mutex_unlock(mutex)
      return
    }
    let entry = (thread: pthread_self(), generation: generation)
    running.append(entry)
    pthread_mutex_unlock(mutex)
    handler(id)
    pthread_mutex_lock(mutex)
    let index = running.lastIndex { pthread_equal($0.thread, entry.thread) != 0 && $0.generation == entry.generation }
    if let index { running.remove(at: index) }
    pthread_cond_broadcast(ended)
    pthread_mutex_unlock(mutex)
  }
}
