package import InteropDrivers

// The Vulkan access: begins it, submits it for the package or leaves that to the application, and ends or cancels it.

extension ImageOwnership {
  /// An access that has begun.
  private struct Turn {
    /// The acquire operation before the application's first use.
    let acquire: OwnershipTransferBarrier
    /// The commands of the queue that uses the image.
    let commands: VulkanCommands
    /// Set where another queue takes the image from GL.
    let chained: CrossQueueAccess?
  }

  // MARK: For applications that submit themselves

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
        // The application's barrier comes after this submission on the same queue.
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

  /// Returns the release barrier, once for each access: it signals a semaphore that is waited for once.
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

  /// Ends the access. If it throws, the access has not ended, and the call can be repeated.
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

  // MARK: Submitted by the package

  /// - Parameters:
  ///   - handoverQueue: as in ``acquire(_:queue:via:tag:)``.
  ///   - timeout: wait at most this long for the device; nil does not wait. The wait is part of the access: once the
  ///     access has ended, the writer may be waiting for the same fence on another thread.
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
    // The work is submitted, so the access ends whatever the wait results in.
    var failure: InteropError?
    if let timeout {
      let last = turn.chained?.handover ?? turn.commands
      do throws(InteropError) { try last.finish(timeout: timeout) } catch { failure = error }
    }
    try end()
    if let failure { throw failure }
  }

  /// - Parameter handoverQueue: as in ``acquire(_:queue:via:tag:)``. ``submitRelease(_:tag:)`` releases the image to GL
  ///   by the same queue.
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

  /// Submits the release. If it throws, the access has not ended, and the call can be repeated.
  ///
  /// - Parameter use: the image's present layout; nil for that of the acquire.
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
        // The image's previous access has waited for the same semaphore.
        if signal is SyncFileSignal { try waitForVulkan() }
        try signal?.prepareWaitInVulkan()
        // The CPU has mostly waited already. This wait is for a dropped frame.
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
        // Another access may still be reading the staging memory, also a cancelled one.
        try waitForCopies()
        try upload.fill()
        return Turn(acquire: upload.acquire(for: use), commands: commands, chained: nil)
      case .download(let download):
        // GL has finished reading. The copy of a frame that no reader took may still be under way.
        try waitForCopies()
        return Turn(acquire: download.acquire(for: use), commands: commands, chained: nil)
      }
    } catch {
      try? takeBack()
      throw error
    }
  }

  /// The commands and semaphores of an access by another queue; nil where none is needed.
  private func way(
    to commands: VulkanCommands, via queue: VulkanQueue?
  ) throws(InteropError) -> (VulkanCommands, CrossQueueSemaphores)? {
    guard case .sharedMemory = transport, let queue, queue.handle != commands.queue.handle else { return nil }
    let handover = try self.commands(for: queue)
    if let known = state.withLock({ $0.chainSemaphores }) { return (handover, known) }
    let made = try CrossQueueSemaphores(host: host)
    // Another thread may have made semaphores first; then those count.
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

  /// Cancels the access, so that Vulkan can begin it again.
  ///
  /// An image that a hand-over queue has taken from GL is returned first, and Vulkan signals the awaited signal once
  /// more: the next access waits for it as if this one had never begun.
  ///
  /// - Throws: the device's refusal to return the image. The access is cancelled all the same, and the next one
  ///   completes the return.
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

  /// Completes the return of a cancelled access. Only for the caller that has the access now, or that retires the
  /// image.
  func finishUnfinished() throws(InteropError) {
    guard let unfinished = state.withLock({ $0.unfinished }) else { return }
    try unfinished.bringHome(signalling: unfinished.due)
    state.withLock { $0.unfinished = nil }
  }
}
