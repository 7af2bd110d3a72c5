package import InteropDrivers

// What becomes of a turn that nobody takes, and of an image that nobody wants any more.

extension ImageOwnership {
  /// What is ready will not be used: the reader's turn passes without anybody reading. With binary semaphores that
  /// is a submission that waits and signals, since GL must not consume its own signal, see ``OwnershipStateMachine``.
  ///
  /// Where Vulkan writes it takes the frame back by itself, on any thread: GL has no part in it.
  package func drop(tag: UInt64? = nil) throws(InteropError) {
    if vulkanIsWriter { return try takeFrameBack(tag) }
    if case .sharedMemory(_, let signal?, _) = transport, !signal.mayGoUnwaited { return try passTurn(tag) }
    let passed = try state.withLock { (state) throws(InteropError) -> Bool in
      // An image that is still on its way back has to get there.
      guard state.unfinished == nil else { return false }
      try Self.change(&state, tag) { slot throws(OwnershipStateMachine.Violation) in
        _ = try slot.beginReading()
        try slot.endReading()
      }
      return true
    }
    if !passed { try passTurn(tag) }
  }

  private func passTurn(_ tag: UInt64?) throws(InteropError) {
    // On the queue of the turn before: NVIDIA 580 lets GL's wait for a binary semaphore pass early when two queues
    // signal it in turn (frames drawn over in 11 of 18 runs; never in 6 when it is one queue, and never with a
    // timeline).
    let queue = state.withLock { state in
      state.isPassing = true
      return state.last?.queue
    }
    defer { state.withLock { $0.isPassing = false } }
    try access(.general, queue: queue ?? homeQueue, tag: tag) { (_) throws(InteropError) in }
  }

  /// Vulkan waits for its own signal. The next turn waits on the CPU until that is done (``begin`` has no signal to
  /// wait for then), since GL's wait for the next signal might take this one while two are pending.
  private func takeFrameBack(_ tag: UInt64?) throws(InteropError) {
    var commands: VulkanCommands?
    // Where no semaphore tells GL the fence of the turn does, and is waited for.
    if endSignal != nil { commands = try takingBack() }
    try change(tag: tag) { slot throws(OwnershipStateMachine.Violation) in _ = try slot.beginReading() }
    do throws(InteropError) {
      if let signal = endSignal, let commands {
        try signal.prepareWaitInVulkan()
        try commands.submit(nil, waitingFor: signal.waitInVulkan)
      }
    } catch {
      try change { slot throws(OwnershipStateMachine.Violation) in try slot.cancelReading() }
      throw error
    }
    try state.withLock { (state) throws(InteropError) in
      if let commands { state.last = commands }
      try Self.change(&state, nil) { slot throws(OwnershipStateMachine.Violation) in try slot.abandonReading() }
    }
  }

  /// A fence of its own, so that nobody waits here for the frame that is not wanted any more. On the queue that
  /// signals, where the wait holds nothing up.
  private func takingBack() throws(InteropError) -> VulkanCommands {
    let (known, last) = state.withLock { ($0.takingBack, $0.last?.queue) }
    let queue = last ?? homeQueue
    if let known, known.queue.handle == queue.handle { return known }
    // What was taken back on another queue has been waited for when the turn began.
    let made = try VulkanCommands(host: host, queue: queue)
    state.withLock { $0.takingBack = made }
    return made
  }

  /// Vulkan waits for the last signal of a reading GL, which no turn of Vulkan's will, and which must not be left
  /// behind. For destruction.
  func consumeInVulkan(_ signal: OwnershipStateMachine.Signal) throws(InteropError) {
    guard let signal = self.signal(signal), !signal.mayGoUnwaited else { return }
    let commands = try commands(for: homeQueue)
    if signal is SyncFileSignal { try waitForVulkan() }
    try signal.prepareWaitInVulkan()
    try commands.submit(nil, waitingFor: signal.waitInVulkan)
    try commands.finish()
  }

  /// What becomes of an image whose holder went away.
  package enum Abandoned { case nothingToDo, dropped, released, lost }

  /// The holder of the writer's turn `tag` went away, Vulkan's, before it became a frame.
  ///
  /// - Returns: `nothingToDo` if the turn had not begun; `released` if it was ended and the frame dropped.
  package func abandonWriting(tag: UInt64) -> Abandoned {
    let (found, mine, holder) = state.withLock { ($0.slot.state, $0.tag == tag, $0.holder) }
    guard mine, found == .writing || found == .ready else { return .nothingToDo }
    do throws(InteropError) {
      if found == .writing {
        switch holder {
        case .submitted?: try submitRelease(nil)
        // The host has submitted its part, and the device refused ours.
        case .hosts(.releaseSubmitted)?: try didSubmitRelease()
        default: return .lost
        }
      }
      try drop(tag: tag)
      return .released
    } catch {
      return .lost
    }
  }

  /// Waits for all that was submitted to the queue of the last turn, by a host of its own too. For destruction.
  package func waitForQueue() {
    guard let queue = state.withLock({ $0.last?.queue }) else { return }
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
  }

  /// The holder of frame `tag` went away without releasing it.
  package func abandon(tag: UInt64) -> Abandoned {
    let (found, mine, holder, passing) = state.withLock { ($0.slot.state, $0.tag == tag, $0.holder, $0.isPassing) }
    // The producer is dropping it at this moment.
    guard mine, !passing else { return .nothingToDo }
    do throws(InteropError) {
      switch (found, holder) {
      case (.ready, _):
        try drop(tag: tag)
        return .dropped
      case (.reading, .submitted?):
        try submitRelease(nil)
        return .released
      case (.reading, .hosts(.releaseSubmitted)?):
        // The host has submitted its part, and the device refused ours.
        try didSubmitRelease()
        return .released
      case (.reading, _): return .lost
      case (.idle, _), (.writing, _): return .nothingToDo
      }
    } catch {
      // Dropped by the producer meanwhile, or a device that takes no more work.
      return error.code == .invalidState ? .nothingToDo : .lost
    }
  }
}
