internal import InteropDrivers
internal import Glibc
internal import RawImport

/// Opens a gate after a while, from a thread of its own, unless it is called off before: some drivers wait on the CPU,
/// in the thread that would otherwise open it.
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

  // The thread knows this object until it has ended.
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

  /// - Returns: when it opened the gate; nil if it has not and will not.
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
