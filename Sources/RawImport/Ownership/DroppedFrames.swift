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
    if vulkanIsWriter { return try dropOwnFrame(tag) }
    let submits = !(sharedMemory?.signals.writerDone.mayGoUnwaited ?? true)
    let isDropped = try locked { (state) throws(InteropError) -> Bool in
      // An image whose return is still under way has to arrive first.
      guard !submits, !state.machine.isRecovering else { return false }
      try Self.step(&state, tag) { machine throws(OwnershipStateMachine.Violation) in
        _ = try machine.begin(.reader, by: .drop)
        try machine.end(.reader, by: .drop)
      }
      return true
    }
    if isDropped { return }
    // Use the queue of the previous access: NVIDIA 580 lets GL's wait for a binary semaphore pass early when two queues
    // signal it alternately (frames drawn over in 11 of 18 runs; never in 6 with one queue, and never with a timeline).
    let queue = locked { $0.last?.queue } ?? homeQueue
    try access(.general, on: AccessQueues(queue), by: .drop, tag: tag) { (_) throws(InteropError) in }
  }

  /// Submits a Vulkan wait for Vulkan's own signal.
  ///
  /// The next access waits on the CPU until that is done (it has no signal to wait for then): two signals would be
  /// pending, and GL's wait for the next one might take this one.
  private func dropOwnFrame(_ tag: UInt64?) throws(InteropError) {
    let signal = sharedMemory?.signals.writerDone
    // Without a semaphore, the fence of the access tells GL, and is waited for.
    let commands = signal?.waitInVulkan == nil ? nil : try droppingCommands()
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      _ = try machine.begin(.reader, by: .drop)
    }
    do throws(InteropError) {
      if let signal, let commands {
        try signal.prepareWaitInVulkan()
        try commands.submit(nil, waitingFor: signal.waitInVulkan)
      }
    } catch {
      try step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(.reader, by: .drop) }
      throw error
    }
    try locked { (state) throws(InteropError) in
      if let commands { state.last = commands }
      try Self.step(&state, nil) { machine throws(OwnershipStateMachine.Violation) in try machine.abandonReading() }
    }
  }

  /// Commands with a fence of their own, so that this call does not wait for the dropped frame.
  ///
  /// They go to the queue that signals, where the wait delays nothing else.
  private func droppingCommands() throws(InteropError) -> VulkanCommands {
    let (known, last) = locked { ($0.dropping.last, $0.last?.queue) }
    let queue = last ?? homeQueue
    if let known, known.queue.handle == queue.handle { return known }
    // A drop on another queue was waited for when the access began.
    let made = try VulkanCommands(host: host, queue: queue)
    locked { $0.dropping.append(made) }
    return made
  }

  // MARK: Retiring

  /// Retires the image, which nobody uses, and consumes the last signal: it must not stay pending, and no later access
  /// waits for it.
  ///
  /// - Parameter waitInGL: lets GL wait for a signal of Vulkan's.
  package func retire(
    _ waitInGL: (any ReleaseSignal) throws(InteropError) -> Void = { (_) throws(InteropError) in }
  ) throws(InteropError) {
    // The return of a cancelled access may still be under way, and its signal with it.
    if current == .idle { try finishReturn() }
    let due = try step { machine throws(OwnershipStateMachine.Violation) in try machine.retire() }
    guard let signal = due.flatMap({ self.signal($0) }) else { return }
    if !vulkanIsWriter { return try waitInGL(signal) }
    guard !signal.mayGoUnwaited else { return }
    let commands = try commands(for: homeQueue)
    if signal.needsFence { try waitForVulkan() }
    try signal.prepareWaitInVulkan()
    try commands.submit(nil, waitingFor: signal.waitInVulkan)
    try commands.finish()
  }

  // MARK: Holders that are gone

  /// The result of cleaning up an image whose holder is gone.
  package enum Abandoned { case nothingToDo, dropped, released, lost }

  /// Cleans up after the holder of Vulkan's writing access `tag` is gone, before the content became a frame.
  ///
  /// - Returns: `nothingToDo` if the access had not begun; `released` if it was ended and the frame dropped.
  package func abandonWriting(tag: UInt64) -> Abandoned {
    let (phase, isMine) = locked { ($0.machine.phase, $0.tag == tag) }
    guard isMine, phase.state == .writing || phase == .ready else { return .nothingToDo }
    do throws(InteropError) {
      switch phase {
      case .writing(.submitted): try release()
      // The application has submitted its part, and the device refused the package's.
      case .writing(.releaseSubmitted): try didSubmitRelease()
      case .writing: return .lost
      default: break
      }
      try drop(tag: tag)
      return .released
    } catch {
      return .lost
    }
  }

  /// Cleans up after the holder of frame `tag` is gone without a release.
  package func abandon(tag: UInt64) -> Abandoned {
    if isOver(tag) { return .nothingToDo }
    let (phase, isMine) = locked { ($0.machine.phase, $0.tag == tag) }
    guard isMine else { return .nothingToDo }
    do throws(InteropError) {
      switch phase {
      case .ready:
        try drop(tag: tag)
        return .dropped
      case .reading(.submitted):
        try release()
        return .released
      case .reading(.releaseSubmitted):
        // The application has submitted its part, and the device refused the package's.
        try didSubmitRelease()
        return .released
      // The producer is dropping the frame at this moment.
      case .reading(.drop), .idle, .writing: return .nothingToDo
      case .reading: return .lost
      }
    } catch {
      // The producer has dropped the frame meanwhile, or the device takes no more work.
      return error.code == .invalidState ? .nothingToDo : .lost
    }
  }
}
