package import InteropDrivers

// The Vulkan side's access: begins it, submits it for the package or leaves that to the application, and ends or
// cancels it.

extension ImageOwnership {
  // MARK: Submitted by the package

  /// - Parameter timeout: wait at most this long for the device; nil does not wait. The wait is part of the access: once
  ///   the access has ended, the writer may be waiting for the same fence on another thread.
  package func access(
    _ use: VulkanAccess, on queues: AccessQueues = .first, tag: UInt64? = nil, waitingUpTo timeout: Duration? = nil,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    try access(use, on: queues, by: .call, tag: tag, waitingUpTo: timeout, body)
  }

  func access(
    _ use: VulkanAccess, on queues: AccessQueues, by holder: OwnershipStateMachine.Holder, tag: UInt64?,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let (access, acquire) = try begin(use, queues, by: holder, tag)
    do throws(InteropError) {
      try access.strategy.submit(access, acquire, body)
    } catch {
      try? cancel(access, by: holder)
      throw error
    }
    // The work is submitted, so the access ends whatever the wait results in.
    var failure: InteropError?
    if let timeout {
      do throws(InteropError) {
        try access.strategy.covering(access).finish(timeout: timeout)
      } catch {
        failure = error
      }
    }
    try end(access, by: holder)
    if let failure { throw failure }
  }

  package func acquire(
    _ use: VulkanAccess, on queues: AccessQueues = .first, tag: UInt64? = nil
  ) throws(InteropError) {
    let (access, acquire) = try begin(use, queues, by: .call, tag)
    do throws(InteropError) {
      try access.strategy.submitAcquire(access, acquire)
    } catch {
      try? cancel(access, by: .call)
      throw error
    }
    try keep(access, as: .submitted)
  }

  /// Submits the release. If it throws, the access has not ended, and the call can be repeated.
  ///
  /// - Parameter use: the image's present layout; nil for that of the acquire.
  package func release(_ use: VulkanAccess? = nil, tag: UInt64? = nil) throws(InteropError) {
    let step = "submit the release"
    let (access, holder) = try held(step, tag)
    guard holder == .submitted else {
      _ = try applicationsPart(holder, step)
      throw Self.invalidState(
        step, "the application acquired the image in a submission of its own",
        "Ask for the release's barrier and semaphore, submit them and say so")
    }
    try use?.check()
    try access.strategy.submitRelease(access, after: use ?? access.use)
    try end(access, by: .submitted)
  }

  // MARK: Submitted by the application

  /// Begins an access and returns the acquire operation. With an ownership queue, its first submission is made here.
  package func acquireBarrier(
    _ use: VulkanAccess, on queues: AccessQueues = .first, tag: UInt64? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let (access, acquire) = try begin(use, queues, by: .call, tag)
    do throws(InteropError) {
      try access.strategy.submitBeforeApplication(access)
    } catch {
      try? cancel(access, by: .call)
      throw error
    }
    try keep(access, as: .acquireGiven)
    return acquire
  }

  /// Returns the release barrier, once for each access: it signals a semaphore that is waited for once.
  package func releaseBarrier(
    _ use: VulkanAccess, tag: UInt64? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let step = "release from Vulkan"
    let (access, holder) = try held(step, tag)
    switch try applicationsPart(holder, step) {
    case .releaseGiven:
      throw Self.invalidState(
        step, "the barrier and the semaphore of the release were given already",
        "Submit those and say so, or cancel the acquire and acquire anew")
    case .releaseSubmitted:
      throw Self.invalidState(step, "the release has been submitted", "Say so once more")
    default: break
    }
    try use.check()
    let release = access.strategy.release(access, after: use)
    try self.step { machine throws(OwnershipStateMachine.Violation) in
      try machine.pass(vulkanSide, from: .acquireGiven, to: .releaseGiven)
    }
    return release
  }

  /// Ends the access. If it throws, the access has not ended, and the call can be repeated.
  package func didSubmitRelease(tag: UInt64? = nil) throws(InteropError) {
    let step = "end Vulkan access"
    let (access, holder) = try held(step, tag)
    let part = try applicationsPart(holder, step)
    guard part != .acquireGiven else {
      throw Self.invalidState(
        step, "the release that goes with the acquire was not asked for",
        "Ask for its barrier and semaphore, submit them and say so then; or cancel the acquire if nothing was submitted"
      )
    }
    if part == .releaseGiven {
      try self.step { machine throws(OwnershipStateMachine.Violation) in
        try machine.pass(vulkanSide, from: .releaseGiven, to: .releaseSubmitted)
      }
    }
    try access.strategy.submitAfterApplication(access)
    try end(access, by: .releaseSubmitted)
  }

  package func cancelAcquire(tag: UInt64? = nil) throws(InteropError) {
    let step = "cancel Vulkan access"
    let (access, holder) = try held(step, tag)
    if holder == .submitted {
      throw Self.invalidState(step, "the acquire has been submitted", "Release the image instead")
    }
    let part = try applicationsPart(holder, step)
    guard part != .releaseSubmitted else {
      throw Self.invalidState(step, "the release has been submitted", "Say so once more")
    }
    try cancel(access, by: part)
  }

  /// The access that an earlier call began.
  ///
  /// - Parameter tag: as in ``step(tag:_:)``: the holder of an older frame has nothing to end here.
  private func held(
    _ step: String, _ tag: UInt64?
  ) throws(InteropError) -> (VulkanAccessInProgress, OwnershipStateMachine.Holder) {
    let (access, phase, content) = locked { ($0.access, $0.machine.phase, $0.tag) }
    if let tag, tag != content { throw Self.stale(tag) }
    switch (phase.holder, access) {
    case (.foreign?, _):
      throw Self.invalidState(
        step, "the image was given away", "Take it back first, with the fence of its foreign user")
    case (.call?, _), (.drop?, _):
      throw Self.invalidState(
        step, "the image is in an access that the call which began it ends", "Call it when that call has returned")
    case (.gl?, _), (nil, _), (_, nil):
      throw Self.invalidState(
        step, "Vulkan does not have the image (it is \(phase.state.rawValue))", "Acquire it first")
    case (let holder?, let access?): return (access, holder)
    }
  }

  /// The application's part of an access whose acquire and release it submits itself.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` where the package submits.
  private func applicationsPart(
    _ holder: OwnershipStateMachine.Holder, _ step: String
  ) throws(InteropError) -> OwnershipStateMachine.Holder {
    guard holder == .submitted else { return holder }
    throw Self.invalidState(
      step, "the acquire was submitted by the package, and an application's barriers do not go with it",
      "End the access with the release that is submitted too")
  }

  // MARK: Beginning

  private func begin(
    _ use: VulkanAccess, _ queues: AccessQueues, by holder: OwnershipStateMachine.Holder, _ tag: UInt64?
  ) throws(InteropError) -> (VulkanAccessInProgress, OwnershipTransferBarrier) {
    try use.check()
    let queue = try host.known(queues.queue, "queue") ?? host.queues[0]
    var ownershipQueue = try host.known(queues.ownershipQueue, "the ownership queue")
    if !strategy.takesFromGL || ownershipQueue?.handle == queue.handle { ownershipQueue = nil }
    let (access, before, unreturned, waiter) = try lockedWithCommands(queue, ownershipQueue) {
      (state, commands, ownership) throws(InteropError) in
      // A reader comes for one frame; a writer names the next one.
      let due = try Self.step(&state, vulkanIsWriter ? nil : tag) { machine throws(OwnershipStateMachine.Violation) in
        try machine.begin(vulkanSide, by: holder)
      }
      if vulkanIsWriter, let tag { state.tag = tag }
      var strategy: any AccessStrategy = self.strategy
      if let ownership, let sharedMemory, let semaphores = state.crossQueueSemaphores {
        strategy = CrossQueueAccess(
          sharedMemory, image: image, use: use, from: ownership, to: commands, semaphores, host: host)
      }
      let signal = due.flatMap { sharedMemory?.signals[$0] }
      return (
        VulkanAccessInProgress(strategy: strategy, use: use, commands: commands), state.work(before: signal),
        state.unreturned, state.change(waiter: ownership?.queue ?? queue, for: signal)
      )
    }
    do throws(InteropError) {
      try waiter?.waitIdle(host)
      if let unreturned { try finishReturn(unreturned) }
      return (access, try access.strategy.begin(access, before))
    } catch {
      try? cancel(access, by: holder)
      throw error
    }
  }

  /// Runs `body` under the lock, with the commands of both queues, which the first access makes.
  private func lockedWithCommands<Result: Sendable>(
    _ queue: VulkanQueue, _ ownershipQueue: VulkanQueue?,
    _ body: (inout State, VulkanCommands, _ ownership: VulkanCommands?) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let done = try locked { (state) throws(InteropError) -> Result? in
      guard let commands = state.commands(of: queue) else { return nil }
      guard let ownershipQueue else { return try body(&state, commands, nil) }
      guard let ownership = state.commands(of: ownershipQueue), state.crossQueueSemaphores != nil else { return nil }
      return try body(&state, commands, ownership)
    }
    if let done { return done }
    let commands = try commands(for: queue)
    guard let ownershipQueue else {
      return try locked { (state) throws(InteropError) in try body(&state, commands, nil) }
    }
    let ownership = try self.commands(for: ownershipQueue)
    let made = try CrossQueueSemaphores(host: host)
    return try locked { (state) throws(InteropError) in
      // Another thread may have made semaphores first; then those count.
      state.crossQueueSemaphores = state.crossQueueSemaphores ?? made
      return try body(&state, commands, ownership)
    }
  }

  // MARK: Ending

  /// Keeps an access for later calls, after the one that began it.
  private func keep(
    _ access: VulkanAccessInProgress, as holder: OwnershipStateMachine.Holder
  ) throws(InteropError) {
    try locked { (state) throws(InteropError) in
      state.access = access
      try Self.step(&state, nil) { machine throws(OwnershipStateMachine.Violation) in
        try machine.pass(vulkanSide, from: .call, to: holder)
      }
    }
  }

  private func end(
    _ access: VulkanAccessInProgress, by holder: OwnershipStateMachine.Holder
  ) throws(InteropError) {
    try locked { (state) throws(InteropError) in
      state.last = access.strategy.covering(access)
      state.access = nil
      try Self.step(&state, nil) { machine throws(OwnershipStateMachine.Violation) in
        try machine.end(vulkanSide, by: holder)
      }
    }
  }

  /// Cancels the access, so that Vulkan can begin it again. An image that was taken from GL is returned first.
  ///
  /// - Throws: the device's refusal to return the image. The access is cancelled all the same, and the next one
  ///   completes the return.
  private func cancel(
    _ access: VulkanAccessInProgress, by holder: OwnershipStateMachine.Holder
  ) throws(InteropError) {
    let strategy = access.strategy
    var failure: InteropError?
    do throws(InteropError) { try strategy.returnImage() } catch { failure = error }
    try locked { (state) throws(InteropError) in
      if strategy.hasMoved { state.last = strategy.covering(access) }
      if strategy.isAway { state.unreturned = strategy }
      state.access = nil
      try Self.step(&state, nil) { machine throws(OwnershipStateMachine.Violation) in
        try machine.cancel(vulkanSide, by: holder, isReturned: !strategy.isAway)
      }
    }
    if let failure { throw failure }
  }

  /// Completes the return of a cancelled access. Only for the caller that has the access now, or that retires the
  /// image.
  func finishReturn() throws(InteropError) {
    if let unreturned = locked({ $0.unreturned }) { try finishReturn(unreturned) }
  }

  private func finishReturn(_ strategy: any AccessStrategy) throws(InteropError) {
    try strategy.returnImage()
    locked { state in
      state.unreturned = nil
      state.machine.didRecover()
    }
  }
}
