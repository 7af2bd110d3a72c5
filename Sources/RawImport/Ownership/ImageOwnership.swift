package import InteropDrivers

/// The Vulkan side of taking turns with an image, and whose turn it is.
///
/// One instance per image, shared by memory of both APIs (``SharedImage``) and by images that are uploaded
/// (`host-copy`), so that a host does the same with either.
package final class ImageOwnership: @unchecked Sendable {
  /// How the content gets to Vulkan.
  package enum Transport: Sendable {
    /// Both APIs see the memory; it belongs to the family `outside` between turns.
    case sharedMemory(
      outside: UInt32, writerDone: (any ReleaseSignal)?, readerDone: (any ReleaseSignal)?)
    /// Vulkan's own memory, filled from the CPU at each turn's beginning.
    case upload(any FrameUpload)
    /// Vulkan's own memory, copied to where the CPU sees it at each turn's end.
    case download(any FrameDownload)
  }

  /// How Vulkan's turn is taken, between its beginning and its end: which call may end it.
  enum Holder {
    /// By one call of ours, which ends it too, or has not let go of it yet.
    case ours
    /// By a submission of ours, for this use: another one ends it.
    case submitted(VulkanAccess)
    /// By the host's own submission.
    case hosts(HostsPart)
  }

  enum HostsPart {
    /// It was told what to wait for, and not yet what to signal.
    case acquired
    /// It was told both. Asked twice, it would signal twice what is waited for once.
    case releaseGiven
    /// It says that it has submitted them, and what we add to that was refused.
    case releaseSubmitted
  }

  struct State {
    var slot: OwnershipStateMachine
    /// Which frame the content is, for callers that hold frames. A stale holder is told so instead of being given the
    /// next frame's content.
    var tag: UInt64 = 0
    /// One per queue used so far.
    var commands: [VulkanCommands] = []
    /// Made for the first turn that takes two queues.
    var chainSemaphores: CrossQueueSemaphores?
    /// Between acquire and release: those of the queue that uses the image.
    var current: VulkanCommands?
    /// Between acquire and release, where another queue took the image from GL.
    var chained: CrossQueueAccess?
    /// A turn that was taken back and that the device did not let go home: to be done before the next one.
    var unfinished: CrossQueueAccess?
    /// Between acquire and release by somebody who is neither GL nor Vulkan.
    var isOutside = false
    /// The reader's turn passes without anybody reading.
    var isPassing = false
    /// Between acquire and release: who ends the turn.
    var holder: Holder?
    /// Whose fence says that Vulkan is done.
    var last: VulkanCommands?
    /// Made for the first frame that a writing Vulkan takes back, with a fence of their own.
    var takingBack: VulkanCommands?
  }

  package let host: VulkanHost
  /// Where the image is prepared, dropped and given up: turns in which nobody uses it.
  package let homeQueue: VulkanQueue
  let image: VkImage
  let vulkanIsWriter: Bool
  let transport: Transport
  let state: Mutex<State>

  /// - Parameter homeQueue: nil for the host's first queue.
  package init(
    host: VulkanHost, image: VkImage, vulkanIsWriter: Bool, transport: Transport,
    pending: OwnershipStateMachine.Signal? = nil,
    homeQueue: VulkanQueue? = nil
  ) {
    self.host = host
    self.homeQueue = homeQueue ?? host.queues[0]
    self.image = image
    self.vulkanIsWriter = vulkanIsWriter
    self.transport = transport
    state = Mutex(State(slot: OwnershipStateMachine(pending: pending)))
  }

  deinit { finishAll() }

  /// Waits for everything that was submitted, however it ends, by a host that never ended its turn too. For
  /// destruction.
  package func finishAll() {
    let (commands, takingBack) = submitted
    for commands in commands { try? commands.finish() }
    try? takingBack?.finish()
    let left: VulkanCommands? = state.withLock { state in
      if case .hosts? = state.holder { state.current } else { nil }
    }
    guard let queue = left?.queue else { return }
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
  }

  /// Everything that submits for this image. Not in one array, which would be made anew in every turn.
  private var submitted: ([VulkanCommands], takingBack: VulkanCommands?) {
    state.withLock { ($0.commands, $0.takingBack) }
  }

  // MARK: State

  package var current: OwnershipStateMachine.State { state.withLock { $0.slot.state } }
  package var tag: UInt64 { state.withLock { $0.tag } }

  /// One step of the state machine. With a `tag`, only if the content is that frame still.
  @discardableResult
  package func change<Result: Sendable>(
    tag: UInt64? = nil, _ step: (inout OwnershipStateMachine) throws(OwnershipStateMachine.Violation) -> Result
  ) throws(InteropError) -> Result {
    try state.withLock { (state) throws(InteropError) in try Self.change(&state, tag, step) }
  }

  static func change<Result: Sendable>(
    _ state: inout State, _ tag: UInt64?,
    _ step: (inout OwnershipStateMachine) throws(OwnershipStateMachine.Violation) -> Result
  ) throws(InteropError) -> Result {
    if let tag, tag != state.tag { throw stale(tag) }
    do throws(OwnershipStateMachine.Violation) {
      return try step(&state.slot)
    } catch {
      switch error {
      case .notAllowed(let operation, let found):
        throw Self.invalidState(operation, found.reason, found.advice)
      }
    }
  }

  package static func stale(_ tag: UInt64) -> InteropError {
    InteropError(
      .invalidState, step: "use frame \(tag)", reason: "it was dropped to make room for a newer one",
      advice: "Acquire frames sooner, keep more frames in flight, or let the producer wait")
  }

  /// Names the content that the writer is about to write.
  package func setTag(_ tag: UInt64) { state.withLock { $0.tag = tag } }

  package static func invalidState(_ step: String, _ reason: String, _ advice: String? = nil) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: reason,
      advice: advice ?? "The sides take turns: the writer begins and ends, then the reader begins and ends")
  }

  package func signal(_ signal: OwnershipStateMachine.Signal) -> (any ReleaseSignal)? {
    guard case .sharedMemory(_, let writerDone, let readerDone) = transport else { return nil }
    return signal == .writerDone ? writerDone : readerDone
  }

  /// What a submission signals that ends Vulkan's turn.
  var endSignal: (any ReleaseSignal)? { signal(vulkanIsWriter ? .writerDone : .readerDone) }

  /// Whether Vulkan's end of a turn needs a fence: where no semaphore tells GL, and where the staging memory of an
  /// upload must not be written while the device reads it; and where the CPU reads what the device has copied.
  var needsFence: Bool {
    switch transport {
    // A sync file goes into a semaphore only when nothing waits for that any more
    // (VUID-vkImportSemaphoreFdKHR-semaphore-01142).
    case .sharedMemory(_, let writerDone, _): writerDone == nil || writerDone is SyncFileSignal
    case .upload, .download: true
    }
  }

  // MARK: Preparing

  /// Brings a new image into the hand-over layout. The content stays undefined until the first write.
  ///
  /// - Parameter signal: signalled instead of waiting for the device here.
  func prepare(signalling signal: (any ReleaseSignal)?) throws(InteropError) {
    let commands = try commands(for: homeQueue)
    guard case .sharedMemory(let outside, _, _) = transport else { preconditionFailure("a copy prepares itself") }
    let handover = OwnershipTransferBarrier.prepare(
      image, from: commands.queue.family, to: outside, semaphore: signal?.signalInVulkan)
    let buffer = try commands.record(.first) { handover.record(into: $0, host.vk) }
    try commands.submit(buffer, signalling: handover.point)
    signal?.didSignalInVulkan()
    // With a semaphore GL waits on its GPU; without one nothing orders the first access, so wait here.
    if signal == nil { try commands.finish() }
  }

  /// What the first turn on the home queue needs, so that it makes nothing.
  func makeCommands() throws(InteropError) { _ = try commands(for: homeQueue) }

  // MARK: Waiting

  package func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    guard let last = state.withLock({ $0.last }) else { return }
    try last.finish(timeout: timeout)
  }

  /// As ``waitForVulkan(timeout:)``, and for what was submitted in turns that were cancelled: before the memory that is
  /// copied from or to is written again.
  package func waitForCopies(timeout: Duration = .seconds(10)) throws(InteropError) {
    let (commands, takingBack) = submitted
    for commands in commands { try commands.finish(timeout: timeout) }
    try takingBack?.finish(timeout: timeout)
  }

  /// Whether Vulkan's last submitted turn is known to be done, without waiting: by its fence, which turns that end with
  /// a semaphore do without. Never true while somebody waits for it.
  package var isVulkanDone: Bool {
    guard needsFence, let last = state.withLock({ $0.last }) else { return false }
    return last.isDone
  }

  // MARK: Shared steps

  func commands(for queue: VulkanQueue) throws(InteropError) -> VulkanCommands {
    if let known = state.withLock({ state in state.commands.first { $0.queue.handle == queue.handle } }) {
      return known
    }
    let made = try VulkanCommands(host: host, queue: queue)
    state.withLock { $0.commands.append(made) }
    return made
  }

  /// - Parameter tag: as in ``change(tag:_:)``: whoever holds an older frame has nothing to end here.
  func currentCommands(_ step: String, _ tag: UInt64?) throws(InteropError) -> VulkanCommands {
    let (commands, found, content, isOutside) = state.withLock { ($0.current, $0.slot.state, $0.tag, $0.isOutside) }
    if let tag, tag != content { throw Self.stale(tag) }
    guard let commands else {
      if isOutside {
        throw Self.invalidState(
          step, "the image was given away", "Take it back first, with the fence of whoever has it")
      }
      throw Self.invalidState(step, "Vulkan does not have the image (it is \(found.rawValue))", "Acquire it first")
    }
    return commands
  }

  /// Of a turn whose acquire and release the host submits itself.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` where the turn is another's to end.
  func hostsPart(_ step: String) throws(InteropError) -> HostsPart {
    switch state.withLock({ $0.holder }) {
    case .hosts(let part)?: return part
    case .submitted?:
      throw Self.invalidState(
        step, "the acquire was submitted by the package, and a host's barriers do not go with it",
        "End the turn with the release that is submitted too")
    case .ours?, nil:
      throw Self.invalidState(
        step, "the image is in a turn that the call which began it ends", "Call it when that call has returned")
    }
  }
}

extension OwnershipStateMachine.State {
  /// Why a call that this state does not allow is refused.
  fileprivate var reason: String {
    switch self {
    case .idle: "nothing was written into the image since it was last read"
    case .writing: "the image is being written: the writer has not ended its access"
    case .ready: "the image is written, and its reader has not begun"
    case .reading: "the image is being read: the reader has begun, and has not ended its access"
    }
  }

  fileprivate var advice: String {
    switch self {
    case .idle: "Write first: the writer begins and ends, then the reader begins and ends"
    case .writing: "End the writer's access first, or abandon it"
    case .ready: "Read it, or drop the frame, before the next is written"
    case .reading: "Release it first: what is acquired is released once"
    }
  }
}

/// What fills an image that GL and Vulkan do not share.
package protocol FrameUpload: AnyObject, Sendable {
  /// Brings the frame's pixels to where Vulkan finds them; called on the consumer's thread, when the device has
  /// finished with the content before.
  func fill() throws(InteropError)
  /// Whether there is a copy to submit before the image can be used.
  var copies: Bool { get }
  /// Records the copy into the image, which is in any layout before and in `use`'s afterwards.
  ///
  /// - Parameter family: of the queue the commands are for.
  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess)
  /// Before the host's first use, after the copy.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier
  /// After its last.
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier
}

/// What takes the content of an image that GL and Vulkan do not share to where the CPU finds it.
package protocol FrameDownload: AnyObject, Sendable {
  /// Before the host's first use. What the image held is lost.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier
  /// After its last, before the copy.
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier
  /// Records the copy, and makes it visible to the CPU.
  func recordCopy(into commands: VkCommandBuffer)
}
