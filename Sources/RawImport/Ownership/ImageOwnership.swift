package import InteropDrivers

/// Tracks which API has access to an image, and carries out the Vulkan side of each access.
///
/// One instance per image. It serves memory that both APIs share (``SharedImage``) and images that are uploaded
/// (`host-copy`), so that an application does the same with either.
package final class ImageOwnership: @unchecked Sendable {
  /// How the content gets to Vulkan.
  package enum Transport: Sendable {
    /// Both APIs see the memory. Between accesses it belongs to the family `outside`.
    case sharedMemory(
      outside: UInt32, writerDone: (any ReleaseSignal)?, readerDone: (any ReleaseSignal)?)
    /// Vulkan's own memory, which an upload fills when an access begins.
    case upload(any FrameUpload)
    /// Vulkan's own memory, which is copied to CPU-visible memory when an access ends.
    case download(any FrameDownload)
  }

  /// The origin of the present Vulkan access. It decides which call may end the access.
  enum Holder {
    /// One call of the package, which also ends the access or has not returned yet.
    case ours
    /// A submission of the package, for this use. Another submission of the package ends the access.
    case submitted(VulkanAccess)
    /// The application's own submission.
    case hosts(HostsPart)
  }

  enum HostsPart {
    /// The application has the acquire barrier and not yet the release barrier.
    case acquired
    /// The application has both barriers. A second release would signal twice for one wait.
    case releaseGiven
    /// The application says that it has submitted both, and the device refused the package's addition.
    case releaseSubmitted
  }

  struct State {
    var slot: OwnershipStateMachine
    /// The frame that the content is, for callers that hold frames. A stale holder gets an error instead of the next
    /// frame's content.
    var tag: UInt64 = 0
    /// One per queue used so far.
    var commands: [VulkanCommands] = []
    /// Made for the first access that takes two queues.
    var chainSemaphores: CrossQueueSemaphores?
    /// Between acquire and release: the commands of the queue that uses the image.
    var current: VulkanCommands?
    /// Between acquire and release: set where another queue took the image from GL.
    var chained: CrossQueueAccess?
    /// A cancelled access whose return to GL the device refused. The next access completes it first.
    var unfinished: CrossQueueAccess?
    /// Between acquire and release by a foreign user, which is neither GL nor Vulkan.
    var isOutside = false
    /// Set while a drop passes the reader's access without a read.
    var isPassing = false
    /// Between acquire and release: who ends the access.
    var holder: Holder?
    /// The commands whose fence says that Vulkan is done.
    var last: VulkanCommands?
    /// Made for the first frame that a writing Vulkan drops. They have a fence of their own.
    var takingBack: VulkanCommands?
  }

  package let host: VulkanHost
  /// The queue that prepares, drops and retires the image: accesses without a use.
  package let homeQueue: VulkanQueue
  let image: VkImage
  let vulkanIsWriter: Bool
  let transport: Transport
  let state: Mutex<State>

  /// - Parameter homeQueue: nil for the first queue of the device.
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

  /// Waits for all submitted work, whatever its result, also where the application never ended its access. For
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

  /// All commands that submit for this image. Not one array, which each access would allocate anew.
  private var submitted: ([VulkanCommands], takingBack: VulkanCommands?) {
    state.withLock { ($0.commands, $0.takingBack) }
  }

  // MARK: State

  package var current: OwnershipStateMachine.State { state.withLock { $0.slot.state } }
  package var tag: UInt64 { state.withLock { $0.tag } }

  /// Takes one step of the state machine. With a `tag`, only if the content is still that frame.
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

  /// The signal of the submission that ends a Vulkan access.
  var endSignal: (any ReleaseSignal)? { signal(vulkanIsWriter ? .writerDone : .readerDone) }

  /// Whether the end of a Vulkan access needs a fence.
  ///
  /// It does where no semaphore tells GL, where the device may still read the staging memory of an upload, and where
  /// the CPU reads the device's copy.
  var needsFence: Bool {
    switch transport {
    // A semaphore takes a sync file only when nothing waits for the semaphore any more
    // (VUID-vkImportSemaphoreFdKHR-semaphore-01142).
    case .sharedMemory(_, let writerDone, _): writerDone == nil || writerDone is SyncFileSignal
    case .upload, .download: true
    }
  }

  // MARK: Preparing

  /// Brings a new image into the layout in which it crosses. The content stays undefined until the first write.
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
    // With a semaphore, GL waits on its GPU. Without one nothing orders the first access, so wait here.
    if signal == nil { try commands.finish() }
  }

  /// Makes the commands of the home queue, so that the first access there makes nothing.
  func makeCommands() throws(InteropError) { _ = try commands(for: homeQueue) }

  // MARK: Waiting

  package func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    guard let last = state.withLock({ $0.last }) else { return }
    try last.finish(timeout: timeout)
  }

  /// Waits as ``waitForVulkan(timeout:)``, and for the submissions of cancelled accesses.
  ///
  /// Called before the memory that the device copies from or to is written again.
  package func waitForCopies(timeout: Duration = .seconds(10)) throws(InteropError) {
    let (commands, takingBack) = submitted
    for commands in commands { try commands.finish(timeout: timeout) }
    try takingBack?.finish(timeout: timeout)
  }

  /// Whether Vulkan's last submitted access is known to be done, without waiting.
  ///
  /// The fence tells; accesses that end with a semaphore have none. Never true while a thread waits for it.
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

  /// - Parameter tag: as in ``change(tag:_:)``: the holder of an older frame has nothing to end here.
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

  /// The application's part of an access whose acquire and release it submits itself.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` where another caller ends the access.
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
  /// Why this state does not allow a call.
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

/// Fills an image that GL and Vulkan do not share.
package protocol FrameUpload: AnyObject, Sendable {
  /// Brings the frame's pixels to memory that Vulkan reads. Called on the consumer's thread, when the device has
  /// finished with the previous content.
  func fill() throws(InteropError)
  /// Whether a copy must be submitted before the image can be used.
  var copies: Bool { get }
  /// Records the copy into the image, which is in any layout before and in that of `use` afterwards.
  ///
  /// - Parameter family: of the queue the commands are for.
  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess)
  /// The barrier before the application's first use, after the copy.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier
  /// The barrier after the application's last use.
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier
}

/// Copies the content of an image that GL and Vulkan do not share to memory that the CPU reads.
package protocol FrameDownload: AnyObject, Sendable {
  /// The barrier before the application's first use. It discards the image's content.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier
  /// The barrier after the application's last use, before the copy.
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier
  /// Records the copy, and makes it visible to the CPU.
  func recordCopy(into commands: VkCommandBuffer)
}
