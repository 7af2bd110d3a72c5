package import Drivers
import Synchronization

/// The Vulkan side of taking turns with an image, and whose turn it is.
///
/// One instance per image, shared by memory of both APIs (``SharedImage``) and by images that are uploaded
/// (`host-copy`), so that a host does the same with either.
package final class HandoverTurns: @unchecked Sendable {
  /// How the content gets to Vulkan.
  package enum Transport: Sendable {
    /// Both APIs see the memory; it belongs to VK_QUEUE_FAMILY_EXTERNAL between turns.
    case sharedMemory(writerDone: SharedSemaphore?, readerDone: SharedSemaphore?)
    /// Vulkan's own memory, filled from the CPU at each turn's beginning.
    case upload(any FrameUpload)
  }

  private struct State {
    var slot: HandoverSlot
    /// Which frame the content is, for callers that hold frames. A stale holder is told so instead of being given the
    /// next frame's content.
    var tag: UInt64 = 0
    /// One per queue used so far.
    var commands: [VulkanCommands] = []
    /// Between acquire and release.
    var current: VulkanCommands?
    /// How the image was acquired by a submission of ours, so that it can be released by one.
    var submittedUse: VulkanAccess?
    /// Whose fence says that Vulkan is done.
    var last: VulkanCommands?
  }

  package let host: VulkanHost
  private let image: VkImage
  private let vulkanIsWriter: Bool
  private let transport: Transport
  private let state: Mutex<State>

  package init(
    host: VulkanHost, image: VkImage, vulkanIsWriter: Bool, transport: Transport, pending: HandoverSlot.Signal? = nil
  ) {
    self.host = host
    self.image = image
    self.vulkanIsWriter = vulkanIsWriter
    self.transport = transport
    state = Mutex(State(slot: HandoverSlot(pending: pending)))
  }

  deinit { finishAll() }

  /// Waits for everything that was submitted, however it ends. For destruction.
  package func finishAll() {
    for commands in state.withLock({ $0.commands }) { try? commands.finish() }
  }

  // MARK: State

  package var current: HandoverSlot.State { state.withLock { $0.slot.state } }
  package var tag: UInt64 { state.withLock { $0.tag } }

  /// One step of the state machine. With a `tag`, only if the content is that frame still.
  @discardableResult
  package func change<Result: Sendable>(
    tag: UInt64? = nil, _ step: (inout HandoverSlot) throws(HandoverSlot.Violation) -> Result
  ) throws(InteropError) -> Result {
    try state.withLock { (state) throws(InteropError) in try Self.change(&state, tag, step) }
  }

  private static func change<Result: Sendable>(
    _ state: inout State, _ tag: UInt64?, _ step: (inout HandoverSlot) throws(HandoverSlot.Violation) -> Result
  ) throws(InteropError) -> Result {
    if let tag, tag != state.tag { throw stale(tag) }
    do throws(HandoverSlot.Violation) {
      return try step(&state.slot)
    } catch {
      switch error {
      case .notAllowed(let operation, let found):
        throw Self.invalidState(operation, "the image is \(found.rawValue)")
      }
    }
  }

  private static func stale(_ tag: UInt64) -> InteropError {
    InteropError(
      .invalidState, step: "use frame \(tag)", reason: "it was dropped to make room for a newer one",
      advice: "Acquire frames sooner, keep more frames in flight, or let the producer wait")
  }

  /// Names the content that the writer is about to write.
  package func setTag(_ tag: UInt64) { state.withLock { $0.tag = tag } }

  package static func invalidState(_ step: String, _ reason: String) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: reason,
      advice: "The sides take turns: the writer begins and ends, then the reader begins and ends")
  }

  package func semaphore(_ signal: HandoverSlot.Signal) -> SharedSemaphore? {
    guard case .sharedMemory(let writerDone, let readerDone) = transport else { return nil }
    return signal == .writerDone ? writerDone : readerDone
  }

  private var vulkanSignal: HandoverSlot.Signal { vulkanIsWriter ? .writerDone : .readerDone }

  /// Whether Vulkan's end of a turn needs a fence: where no semaphore tells GL, and where the staging memory of an
  /// upload must not be written while the device reads it.
  private var needsFence: Bool {
    switch transport {
    case .sharedMemory(let writerDone, _): writerDone == nil
    case .upload: true
    }
  }

  // MARK: Preparing

  /// Brings a new image into the hand-over layout. The content stays undefined until the first write.
  ///
  /// - Parameter signalling: signalled instead of waiting for the device here.
  func prepare(signalling semaphore: VkSemaphore?) throws(InteropError) {
    let commands = try commands(for: host.queues[0])
    let handover = VulkanHandover.prepare(image, family: commands.queue.family, semaphore: semaphore)
    let buffer = try commands.record(.first) { handover.record(into: $0, host.vk) }
    try commands.submit(buffer, signalling: semaphore)
    // With a semaphore GL waits on its GPU; without one nothing orders the first access, so wait here.
    if semaphore == nil { try commands.finish() }
  }

  // MARK: For hosts that submit themselves

  package func acquire(_ use: VulkanAccess, queue: VulkanQueue?, tag: UInt64?) throws(InteropError) -> VulkanHandover {
    let (handover, commands) = try begin(use, queue, tag)
    guard case .upload(let upload) = transport else { return handover }
    // The host's barrier comes after this submission on the same queue.
    do throws(InteropError) {
      try commands.finish()
      let buffer = try commands.record(.first) { upload.record(into: $0, for: use) }
      try commands.submit(buffer, fenced: false)
    } catch {
      try cancel()
      throw error
    }
    return handover
  }

  package func release(_ use: VulkanAccess, tag: UInt64? = nil) throws(InteropError) -> VulkanHandover {
    let family = try currentCommands("release from Vulkan", tag).queue.family
    switch transport {
    case .sharedMemory:
      return .release(image, use, family: family, semaphore: semaphore(vulkanSignal)?.vkSemaphore)
    case .upload:
      return .transition(image, from: use, to: .general)
    }
  }

  package func didSubmitRelease(tag: UInt64? = nil) throws(InteropError) {
    let commands = try currentCommands("end Vulkan access", tag)
    if needsFence { try commands.submit(nil) }
    try end()
  }

  package func cancel(tag: UInt64? = nil) throws(InteropError) {
    _ = try currentCommands("cancel Vulkan access", tag)
    guard state.withLock({ $0.submittedUse == nil }) else {
      throw Self.invalidState("cancel Vulkan access", "the acquire has been submitted; release the image instead")
    }
    try state.withLock { (state) throws(InteropError) in
      state.current = nil
      state.submittedUse = nil
      try Self.change(&state, nil) { slot throws(HandoverSlot.Violation) in
        if vulkanIsWriter { try slot.abandonWriting(waited: false) } else { try slot.cancelReading() }
      }
    }
  }

  // MARK: Submitted here

  /// - Parameter timeout: wait at most this long for the device; nil does not wait. The wait is part of the turn: once it
  ///   has ended, the writer may be waiting for the same fence on another thread.
  package func access(
    _ use: VulkanAccess, queue: VulkanQueue?, tag: UInt64?, waitingUpTo timeout: Duration? = nil,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let (acquire, commands) = try begin(use, queue, tag)
    do throws(InteropError) {
      let release = try release(use)
      try commands.finish()
      let buffer = try commands.record(.first) { buffer throws(InteropError) in
        if case .upload(let upload) = transport { upload.record(into: buffer, for: use) }
        acquire.record(into: buffer, host.vk)
        try body(buffer)
        release.record(into: buffer, host.vk)
      }
      try commands.submit(buffer, waitingFor: acquire.semaphore, signalling: release.semaphore)
    } catch {
      try cancel()
      throw error
    }
    // Submitted: the turn ends whatever becomes of the wait.
    var failure: InteropError?
    if let timeout {
      do throws(InteropError) { try commands.finish(timeout: timeout) } catch { failure = error }
    }
    try end()
    if let failure { throw failure }
  }

  package func submitAcquire(_ use: VulkanAccess, queue: VulkanQueue?, tag: UInt64?) throws(InteropError) {
    let (acquire, commands) = try begin(use, queue, tag)
    do throws(InteropError) {
      try commands.finish()
      let buffer = try commands.record(.first) { buffer in
        if case .upload(let upload) = transport { upload.record(into: buffer, for: use) }
        acquire.record(into: buffer, host.vk)
      }
      // The release's fence covers this submission too: it comes later on the same queue.
      try commands.submit(buffer, waitingFor: acquire.semaphore, fenced: false)
    } catch {
      try cancel()
      throw error
    }
    state.withLock { $0.submittedUse = use }
  }

  /// - Parameter use: the layout the image is in by now; nil for that of the acquire.
  package func submitRelease(_ use: VulkanAccess?, tag: UInt64? = nil) throws(InteropError) {
    let commands = try currentCommands("submit the release", tag)
    guard let acquired = state.withLock({ $0.submittedUse }) else {
      throw Self.invalidState("submit the release", "the host acquired the image in a submission of its own")
    }
    let release = try release(use ?? acquired)
    let buffer = try commands.record(.second) { release.record(into: $0, host.vk) }
    try commands.submit(buffer, signalling: release.semaphore)
    try end()
  }

  package func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    guard let last = state.withLock({ $0.last }) else { return }
    try last.finish(timeout: timeout)
  }

  // MARK: Giving up

  /// What is ready will not be used: the reader's turn passes without anybody reading. With semaphores that is a
  /// submission that waits and signals, since GL must not consume its own signal, see ``HandoverSlot``.
  package func drop(tag: UInt64? = nil) throws(InteropError) {
    guard case .sharedMemory(.some, _) = transport else {
      return try change(tag: tag) { slot throws(HandoverSlot.Violation) in
        _ = try slot.beginReading()
        try slot.endReading()
      }
    }
    try access(.general, queue: nil, tag: tag) { (_) throws(InteropError) in }
  }

  /// Vulkan waits for the last signal of a reading GL, which no turn of Vulkan's will. For destruction.
  func consumeInVulkan(_ signal: HandoverSlot.Signal) throws(InteropError) {
    guard let semaphore = semaphore(signal) else { return }
    let commands = try commands(for: host.queues[0])
    try commands.submit(nil, waitingFor: semaphore.vkSemaphore)
    try commands.finish()
  }

  /// What becomes of an image whose holder went away.
  package enum Abandoned { case nothingToDo, dropped, released, lost }

  /// The holder of frame `tag` went away without releasing it.
  package func abandon(tag: UInt64) -> Abandoned {
    let (found, mine, submitted) = state.withLock { ($0.slot.state, $0.tag == tag, $0.submittedUse != nil) }
    guard mine else { return .nothingToDo }
    do throws(InteropError) {
      switch found {
      case .ready:
        try drop(tag: tag)
        return .dropped
      case .reading where submitted:
        try submitRelease(nil)
        return .released
      case .reading: return .lost
      case .idle, .writing: return .nothingToDo
      }
    } catch {
      // Dropped by the producer meanwhile, or a device that takes no more work.
      return error.code == .invalidState ? .nothingToDo : .lost
    }
  }

  // MARK: Shared steps

  private func begin(
    _ use: VulkanAccess, _ queue: VulkanQueue?, _ tag: UInt64?
  ) throws(InteropError) -> (VulkanHandover, VulkanCommands) {
    let commands = try commands(for: queue ?? host.queues[0])
    let due = try state.withLock { (state) throws(InteropError) in
      let due = try Self.change(&state, tag) { slot throws(HandoverSlot.Violation) in
        vulkanIsWriter ? try slot.beginWriting() : try slot.beginReading()
      }
      state.current = commands
      state.submittedUse = nil
      return due
    }
    switch transport {
    case .sharedMemory:
      return (
        .acquire(
          image, use, family: commands.queue.family, semaphore: due.flatMap { semaphore($0) }?.vkSemaphore), commands
      )
    case .upload(let upload):
      do throws(InteropError) {
        // Another queue's turn may still be reading the staging memory.
        try waitForVulkan()
        try upload.fill()
      } catch {
        try cancel()
        throw error
      }
      return (.transition(image, from: use, to: use), commands)
    }
  }

  private func end() throws(InteropError) {
    try state.withLock { (state) throws(InteropError) in
      state.last = state.current
      state.current = nil
      state.submittedUse = nil
      try Self.change(&state, nil) { slot throws(HandoverSlot.Violation) in
        if vulkanIsWriter { try slot.endWriting() } else { try slot.endReading() }
      }
    }
  }

  private func commands(for queue: VulkanQueue) throws(InteropError) -> VulkanCommands {
    if let known = state.withLock({ state in state.commands.first { $0.queue.handle == queue.handle } }) {
      return known
    }
    let made = try VulkanCommands(host: host, queue: queue)
    state.withLock { $0.commands.append(made) }
    return made
  }

  /// - Parameter tag: as in ``change(tag:_:)``: whoever holds an older frame has nothing to end here.
  private func currentCommands(_ step: String, _ tag: UInt64?) throws(InteropError) -> VulkanCommands {
    let (commands, found, content) = state.withLock { ($0.current, $0.slot.state, $0.tag) }
    if let tag, tag != content { throw Self.stale(tag) }
    guard let commands else { throw Self.invalidState(step, "Vulkan does not have the image (it is \(found.rawValue))") }
    return commands
  }
}

/// What fills an image that GL and Vulkan do not share.
package protocol FrameUpload: AnyObject, Sendable {
  /// Brings the frame's pixels into staging memory; called on the consumer's thread, when the device has finished with
  /// the staging memory's last content.
  func fill() throws(InteropError)
  /// Records the copy from staging memory into the image, which is in any layout before and in `use`'s afterwards.
  func record(into commands: VkCommandBuffer, for use: VulkanAccess)
}
