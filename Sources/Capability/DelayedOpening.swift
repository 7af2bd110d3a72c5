internal import InteropDrivers
internal import Glibc
internal import RawImport

/// Opens a gate after a delay, from a separate thread, unless it is cancelled before. Some drivers wait on the CPU, in
/// the thread that would otherwise open the gate.
final class DelayedOpening: @unchecked Sendable {
  private struct State {
    var isCalledOff = false
    var openedAt: ContinuousClock.Instant?
  }

  private let gate: VulkanGate
  private let deadline: ContinuousClock.Instant
  private let state = Mutex(State())
  private var thread = pthread_t()
  private var isJoined = false

  init(_ gate: VulkanGate, after delay: Duration) throws(InteropError) {
    self.gate = gate
    deadline = ContinuousClock.now + delay
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let opening = Unmanaged<DelayedOpening>.fromOpaque(argument).takeUnretainedValue()
        while !opening.isOver() { usleep(500) }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    guard code == 0 else {
      isJoined = true
      throw InteropError(
        .driverFailure, step: "hold a queue back", reason: "the system gives no thread", driverCode: .posix(code))
    }
  }

  // The thread holds this object's address until it ends.
  deinit { callOff() }

  private func isOver() -> Bool {
    state.withLock { state in
      if state.isCalledOff { return true }
      guard ContinuousClock.now >= deadline else { return false }
      gate.open()
      state.openedAt = ContinuousClock.now
      return true
    }
  }

  /// Cancels the opening.
  ///
  /// - Returns: the time at which the gate was opened; nil if it was not and will not be.
  @discardableResult func callOff() -> ContinuousClock.Instant? {
    let openedAt = state.withLock { state in
      state.isCalledOff = true
      return state.openedAt
    }
    if !isJoined { pthread_join(thread, nil) }
    isJoined = true
    return openedAt
  }
}
