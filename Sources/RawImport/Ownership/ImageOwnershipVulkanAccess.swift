package import InteropDrivers

// Vulkan's turn: how it begins, how it is submitted, by us or by a host of its own, and how it ends or is taken back.

extension ImageOwnership {
  /// A turn that has begun.
  private struct Turn {
    /// What comes before the host's first use.
    let acquire: OwnershipTransferBarrier
    /// Those of the queue that uses the image.
    let commands: VulkanCommands
    /// Where another queue takes the image from GL.
    let chained: CrossQueueAccess?
  }

  // MARK: For hosts that submit themselves

  /// - Parameter handoverQueue: takes the image from GL and gives it back; nil or the same queue does without it. With
  ///   one, its first submission is made here. An upload has nothing to take from GL and ignores it.
  package func acquire(
    _ use: VulkanAccess, queue: VulkanQueue?, via handoverQueue: VulkanQueue? = nil, tag: UInt64?
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let turn = try begin(use, queue, handoverQueue, tag)
    do throws(InteropError) {
      if let chained = turn.chained {
        try chained.prepare(withHosts: false)
        try chained.submitTakeOver()
      } else if case .upload(let upload) = transport, upload.copies {
        // The host's barrier comes after this submission on the same queue.
        try turn.commands.finish()
        let family = turn.commands.queue.family
        let buffer = try turn.commands.record(.first) { upload.record(into: $0, on: family, for: use) }
        try turn.commands.submit(buffer, fenced: false)
      }
    } catch {
      try? takeBack()
      throw error
    }
    state.withLock { $0.holder = .hosts(.acquired) }
    return turn.acquire
  }

  /// Once for each turn: what it gives signals a semaphore that is waited for once.
  package func release(_ use: VulkanAccess, tag: UInt64? = nil) throws(InteropError) -> OwnershipTransferBarrier {
    let step = "release from Vulkan"
    let family = try currentCommands(step, tag).queue.family
    switch try hostsPart(step) {
    case .acquired: break
    case .releaseGiven:
      throw Self.invalidState(
        step, "the barrier and the semaphore of the release were given already",
        "Submit those and say so, or take the acquire back and acquire anew")
    case .releaseSubmitted:
      throw Self.invalidState(step, "the release has been submitted", "Say so once more")
    }
    try use.check()
    let release = makeRelease(after: use, from: family)
    state.withLock { $0.holder = .hosts(.releaseGiven) }
    return release
  }

  private func makeRelease(after use: VulkanAccess, from family: UInt32) -> OwnershipTransferBarrier {
    if let chained = state.withLock({ $0.chained }) { return chained.release(after: use) }
    switch transport {
    case .sharedMemory(let outside, _, _):
      return .release(image, use, from: family, to: outside, semaphore: endSignal?.signalInVulkan)
    case .upload(let upload):
      return upload.release(after: use)
    case .download(let download):
      return download.release(after: use)
    }
  }

  /// If it throws the turn has not ended, and this can be repeated.
  package func didSubmitRelease(tag: UInt64? = nil) throws(InteropError) {
    let step = "end Vulkan access"
    let commands = try currentCommands(step, tag)
    guard try hostsPart(step) != .acquired else {
      throw Self.invalidState(
        step, "nobody asked for the release that goes with the acquire",
        "Ask for its barrier and semaphore, submit them and say so then; or take the acquire back if nothing was submitted"
      )
    }
    state.withLock { $0.holder = .hosts(.releaseSubmitted) }
    if let chained = state.withLock({ $0.chained }) {
      chained.hostDidSubmitRelease()
      try chained.bringHome(signalling: endSignal)
    } else if case .download(let download) = transport {
      let buffer = try commands.record(.second) { download.recordCopy(into: $0) }
      try commands.submit(buffer)
    } else {
      if needsFence { try commands.submit(nil) }
      endSignal?.didSignalInVulkan()
    }
    try end()
  }

  package func cancel(tag: UInt64? = nil) throws(InteropError) {
    let step = "cancel Vulkan access"
    _ = try currentCommands(step, tag)
    if case .submitted? = state.withLock({ $0.holder }) {
      throw Self.invalidState(step, "the acquire has been submitted", "Release the image instead")
    }
    guard try hostsPart(step) != .releaseSubmitted else {
      throw Self.invalidState(step, "the release has been submitted", "Say so once more")
    }
    try takeBack()
  }

  // MARK: Submitted here

  /// - Parameters:
  ///   - handoverQueue: as in ``acquire(_:queue:via:tag:)``.
  ///   - timeout: wait at most this long for the device; nil does not wait. The wait is part of the turn: once it
  ///     has ended, the writer may be waiting for the same fence on another thread.
  package func access(
    _ use: VulkanAccess, queue: VulkanQueue?, via handoverQueue: VulkanQueue? = nil, tag: UInt64?,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let turn = try begin(use, queue, handoverQueue, tag)
    do throws(InteropError) {
      let release = makeRelease(after: use, from: turn.commands.queue.family)
      if let chained = turn.chained { try chained.prepare(withHosts: true) } else { try turn.commands.finish() }
      let buffer = try turn.commands.record(.first) { buffer throws(InteropError) in
        if case .upload(let upload) = transport {
          upload.record(into: buffer, on: turn.commands.queue.family, for: use)
        }
        turn.acquire.record(into: buffer, host.vk)
        try body(buffer)
        release.record(into: buffer, host.vk)
        if case .download(let download) = transport { download.recordCopy(into: buffer) }
      }
      if let chained = turn.chained {
        try chained.submitTakeOver()
        try chained.submitUse(buffer)
        try chained.bringHome(signalling: endSignal)
      } else {
        try turn.commands.submit(buffer, waitingFor: turn.acquire.point, signalling: release.point)
        endSignal?.didSignalInVulkan()
      }
    } catch {
      try? takeBack()
      throw error
    }
    // Submitted: the turn ends whatever becomes of the wait.
    var failure: InteropError?
    if let timeout {
      let last = turn.chained?.handover ?? turn.commands
      do throws(InteropError) { try last.finish(timeout: timeout) } catch { failure = error }
    }
    try end()
    if let failure { throw failure }
  }

  /// - Parameter handoverQueue: as in ``acquire(_:queue:via:tag:)``. ``submitRelease(_:tag:)`` goes back the same way.
  package func submitAcquire(
    _ use: VulkanAccess, queue: VulkanQueue?, via handoverQueue: VulkanQueue? = nil, tag: UInt64?
  ) throws(InteropError) {
    let turn = try begin(use, queue, handoverQueue, tag)
    do throws(InteropError) {
      if let chained = turn.chained { try chained.prepare(withHosts: true) } else { try turn.commands.finish() }
      let buffer = try turn.commands.record(.first) { buffer in
        if case .upload(let upload) = transport {
          upload.record(into: buffer, on: turn.commands.queue.family, for: use)
        }
        turn.acquire.record(into: buffer, host.vk)
      }
      if let chained = turn.chained {
        try chained.submitTakeOver()
        try chained.submitAcquire(buffer)
      } else {
        // The release's fence covers this submission too: it comes later on the same queue.
        try turn.commands.submit(buffer, waitingFor: turn.acquire.point, fenced: false)
      }
    } catch {
      try? takeBack()
      throw error
    }
    state.withLock { $0.holder = .submitted(use) }
  }

  /// If it throws the turn has not ended, and this can be repeated.
  ///
  /// - Parameter use: the layout the image is in by now; nil for that of the acquire.
  package func submitRelease(_ use: VulkanAccess?, tag: UInt64? = nil) throws(InteropError) {
    let step = "submit the release"
    let commands = try currentCommands(step, tag)
    let (holder, chained) = state.withLock { ($0.holder, $0.chained) }
    guard case .submitted(let submitted)? = holder else {
      _ = try hostsPart(step)
      throw Self.invalidState(
        step, "the host acquired the image in a submission of its own",
        "Ask for the release's barrier and semaphore, submit them and say so")
    }
    try use?.check()
    if let chained {
      try chained.submitRelease(after: use ?? submitted)
      try chained.bringHome(signalling: endSignal)
    } else {
      let release = makeRelease(after: use ?? submitted, from: commands.queue.family)
      let buffer = try commands.record(.second) { buffer in
        release.record(into: buffer, host.vk)
        if case .download(let download) = transport { download.recordCopy(into: buffer) }
      }
      try commands.submit(buffer, signalling: release.point)
      endSignal?.didSignalInVulkan()
    }
    try end()
  }

  // MARK: Beginning

  private func begin(
    _ use: VulkanAccess, _ queue: VulkanQueue?, _ handoverQueue: VulkanQueue?, _ tag: UInt64?
  ) throws(InteropError) -> Turn {
    try use.check()
    let commands = try commands(for: host.known(queue, "queue") ?? host.queues[0])
    let way = try self.way(to: commands, via: host.known(handoverQueue, "the hand-over queue"))
    let due = try state.withLock { (state) throws(InteropError) in
      let due = try Self.change(&state, tag) { slot throws(OwnershipStateMachine.Violation) in
        vulkanIsWriter ? try slot.beginWriting() : try slot.beginReading()
      }
      state.current = commands
      state.holder = .ours
      return due
    }
    do throws(InteropError) {
      try finishUnfinished()
      switch transport {
      case .sharedMemory(let outside, _, _):
        let signal = due.flatMap { self.signal($0) }
        // The image's turn before this one has waited for the same semaphore.
        if signal is SyncFileSignal { try waitForVulkan() }
        try signal?.prepareWaitInVulkan()
        // What the CPU has to wait for, it mostly has: this is for a turn that was taken back.
        if signal == nil { try waitForVulkan() }
        guard let (handover, semaphores) = way else {
          return Turn(
            acquire: .acquire(image, use, from: outside, to: commands.queue.family, semaphore: signal?.waitInVulkan),
            commands: commands, chained: nil)
        }
        let chained = CrossQueueAccess(
          image: image, use: use, from: handover, to: commands, semaphores, due: signal, outside: outside, host: host)
        state.withLock { $0.chained = chained }
        return Turn(acquire: chained.acquire, commands: commands, chained: chained)
      case .upload(let upload):
        // Another turn may still be reading the staging memory, one that was cancelled too.
        try waitForCopies()
        try upload.fill()
        return Turn(acquire: upload.acquire(for: use), commands: commands, chained: nil)
      case .download(let download):
        // GL has taken what it wanted; of a frame that nobody took the copy may still be under way.
        try waitForCopies()
        return Turn(acquire: download.acquire(for: use), commands: commands, chained: nil)
      }
    } catch {
      try? takeBack()
      throw error
    }
  }

  /// What it takes to go by another queue, nil where there is no need to.
  private func way(
    to commands: VulkanCommands, via queue: VulkanQueue?
  ) throws(InteropError) -> (VulkanCommands, CrossQueueSemaphores)? {
    guard case .sharedMemory = transport, let queue, queue.handle != commands.queue.handle else { return nil }
    let handover = try self.commands(for: queue)
    if let known = state.withLock({ $0.chainSemaphores }) { return (handover, known) }
    let made = try CrossQueueSemaphores(host: host)
    // Another thread may have been faster; then it is theirs that counts.
    return state.withLock { state in
      let semaphores = state.chainSemaphores ?? made
      state.chainSemaphores = semaphores
      return (handover, semaphores)
    }
  }

  // MARK: Ending

  private func end() throws(InteropError) {
    try state.withLock { (state) throws(InteropError) in
      state.last = state.chained?.handover ?? state.current
      state.current = nil
      state.chained = nil
      state.holder = nil
      try Self.change(&state, nil) { slot throws(OwnershipStateMachine.Violation) in
        if vulkanIsWriter { try slot.endWriting() } else { try slot.endReading() }
      }
    }
  }

  /// It is Vulkan's turn again. What a hand-over queue has taken from GL goes back first, and the signal that it waited
  /// for is given once more, by Vulkan: the next turn waits for it as if this one had never been.
  ///
  /// - Throws: what the device says to that. The turn is taken back all the same, and the rest is done before the next.
  private func takeBack() throws(InteropError) {
    let chained = state.withLock { $0.chained }
    var failure: InteropError?
    if let chained {
      do throws(InteropError) { try chained.bringHome(signalling: chained.due) } catch { failure = error }
    }
    try state.withLock { (state) throws(InteropError) in
      if let chained, chained.stage != .planned {
        state.last = chained.handover
        if chained.stage != .home { state.unfinished = chained }
      }
      state.current = nil
      state.chained = nil
      state.holder = nil
      try Self.change(&state, nil) { slot throws(OwnershipStateMachine.Violation) in
        if vulkanIsWriter { try slot.abandonWriting(waited: false) } else { try slot.cancelReading() }
      }
    }
    if let failure { throw failure }
  }

  /// What is left of a turn that was taken back. Only for whoever has the turn now, or gives the image up.
  func finishUnfinished() throws(InteropError) {
    guard let unfinished = state.withLock({ $0.unfinished }) else { return }
    try unfinished.bringHome(signalling: unfinished.due)
    state.withLock { $0.unfinished = nil }
  }
}
