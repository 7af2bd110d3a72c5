package import InteropDrivers

// Drops frames that no reader takes, and cleans up images whose holder is gone.

extension ImageOwnership {
  /// Drops a ready frame: the reader's access passes without a read.
  ///
  /// With binary semaphores this submits an empty batch that waits for GL's signal and signals back, since GL must not
  /// consume its own signal, see ``OwnershipStateMachine``.
  ///
  /// Where Vulkan is the writer, it drops its own frame, on any thread: GL has no part in it.
  package func drop(tag: UInt64? = nil) throws(InteropError) {
    if vulkanIsWriter { return try takeFrameBack(tag) }
    if case .sharedMemory(_, let signal?, _) = transport, !signal.mayGoUnwaited { return try passTurn(tag) }
    let passed = try state.withLock { (state) throws(InteropError) -> Bool in
      // An image whose return is still under way has to arrive first.
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
    // Use the queue of the previous access: NVIDIA 580 lets GL's wait for a binary semaphore pass early when two queues
    // signal it alternately (frames drawn over in 11 of 18 runs; never in 6 with one queue, and never with a timeline).
    let queue = state.withLock { state in
      state.isPassing = true
      return state.last?.queue
    }
    defer { state.withLock { $0.isPassing = false } }
    try access(.general, queue: queue ?? homeQueue, tag: tag) { (_) throws(InteropError) in }
  }

  /// Submits a Vulkan wait for Vulkan's own signal.
  ///
  /// The next access waits on the CPU until that is done (``begin`` has no signal to wait for then): two signals would
  /// be pending, and GL's wait for the next one might take this one.
  private func takeFrameBack(_ tag: UInt64?) throws(InteropError) {
    var commands: VulkanCommands?
    // Without a semaphore, the fence of the access tells GL, and is waited for.
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

  /// Commands with a fence of their own, so that this call does not wait for the dropped frame.
  ///
  /// They go to the queue that signals, where the wait delays nothing else.
  private func takingBack() throws(InteropError) -> VulkanCommands {
    let (known, last) = state.withLock { ($0.takingBack, $0.last?.queue) }
    let queue = last ?? homeQueue
    if let known, known.queue.handle == queue.handle { return known }
    // A drop on another queue was waited for when the access began.
    let made = try VulkanCommands(host: host, queue: queue)
    state.withLock { $0.takingBack = made }
    return made
  }

  /// Submits a Vulkan wait for the last signal of a reading GL. For destruction.
  ///
  /// No later Vulkan access waits for that signal, and it must not stay pending.
  func consumeInVulkan(_ signal: OwnershipStateMachine.Signal) throws(InteropError) {
    guard let signal = self.signal(signal), !signal.mayGoUnwaited else { return }
    let commands = try commands(for: homeQueue)
    if signal is SyncFileSignal { try waitForVulkan() }
    try signal.prepareWaitInVulkan()
    try commands.submit(nil, waitingFor: signal.waitInVulkan)
    try commands.finish()
  }

  /// The result of cleaning up an image whose holder is gone.
  package enum Abandoned { case nothingToDo, dropped, released, lost }

  /// Cleans up after the holder of Vulkan's writing access `tag` is gone, before the content became a frame.
  ///
  /// - Returns: `nothingToDo` if the access had not begun; `released` if it was ended and the frame dropped.
  package func abandonWriting(tag: UInt64) -> Abandoned {
    let (found, mine, holder) = state.withLock { ($0.slot.state, $0.tag == tag, $0.holder) }
    guard mine, found == .writing || found == .ready else { return .nothingToDo }
    do throws(InteropError) {
      if found == .writing {
        switch holder {
        case .submitted?: try submitRelease(nil)
        // The application has submitted its part, and the device refused the package's.
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

  /// Waits for all work on the queue of the last access, also the application's own. For destruction.
  package func waitForQueue() {
    guard let queue = state.withLock({ $0.last?.queue }) else { return }
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
  }

  /// Cleans up after the holder of frame `tag` is gone without a release.
  package func abandon(tag: UInt64) -> Abandoned {
    let (found, mine, holder, passing) = state.withLock { ($0.slot.state, $0.tag == tag, $0.holder, $0.isPassing) }
    // The producer is dropping the frame at this moment.
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
        // The application has submitted its part, and the device refused the package's.
        try didSubmitRelease()
        return .released
      case (.reading, _): return .lost
      case (.idle, _), (.writing, _): return .nothingToDo
      }
    } catch {
      // The producer has dropped the frame meanwhile, or the device takes no more work.
      return error.code == .invalidState ? .nothingToDo : .lost
    }
  }
}
