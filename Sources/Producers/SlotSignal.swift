internal import InteropDrivers
import Glibc

/// Tells a producer that waits for a free slot that a consumer on another thread gave one back.
final class SlotSignal: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // No change of the system time affects this clock.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Wakes all waiting threads.
  func notify() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Waits until `attempt` returns a result.
  ///
  /// It calls `attempt` under the lock that ``notify()`` takes, so no change between a failed attempt and the wait is
  /// missed.
  ///
  /// - Returns: nil after `timeout`.
  func wait<Result>(timeout: Duration, until attempt: () -> Result?) -> Result? {
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let nanoseconds = timeout.nanoseconds
    // A cap at half the range is practically for ever, and cannot overflow.
    deadline.tv_sec += Int(min(nanoseconds / 1_000_000_000, UInt64(Int32.max)))
    deadline.tv_nsec += Int(nanoseconds % 1_000_000_000)
    if deadline.tv_nsec >= 1_000_000_000 {
      deadline.tv_sec += 1
      deadline.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = attempt() { return result }
      if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return attempt() }
    }
  }
}

extension SlotSignal {
  /// Waits for a slot as long as back-pressure allows.
  ///
  /// - Parameters:
  ///   - count: the number of slots of the ring, for the message.
  ///   - pick: returns a slot, or nil where the caller has to wait.
  /// - Throws: ``InteropError/Code/ringExhausted``; what `pick` throws.
  func slot<Slot>(
    _ backPressure: BackPressure, of count: Int, _ pick: () throws(InteropError) -> Slot?
  ) throws(InteropError) -> Slot {
    if let slot = try pick() { return slot }
    let timeout =
      switch backPressure {
      case .wait(let timeout), .dropOldest(let timeout): timeout
      case .fail: Duration.zero
      }
    let found: Result<Slot, InteropError>? = wait(timeout: timeout) {
      do throws(InteropError) {
        return try pick().map { .success($0) }
      } catch {
        return .failure(error)
      }
    }
    guard let found else { throw SlotSelection.exhausted(count, after: " after a wait of \(timeout)") }
    return try found.get()
  }
}
