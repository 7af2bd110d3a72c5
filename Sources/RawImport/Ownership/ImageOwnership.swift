package import InteropDrivers

/// Tracks which API has access to an image, and carries out the Vulkan side of each access.
///
/// One instance per image. It serves memory that both APIs share (``SharedImage``) and images that are copied
/// (`host-copy`), so that an application does the same with either. ``OwnershipStateMachine`` says which call is legal,
/// an ``AccessStrategy`` what a Vulkan access submits.
///
/// A whole access takes the lock twice, once to begin and once to end, on either side.
package final class ImageOwnership: @unchecked Sendable {
  /// How the content gets to the other API.
  package enum Transport: Sendable {
    /// Both APIs see the memory. Between accesses it belongs to the family `outside`.
    case sharedMemory(outside: UInt32, ReleaseSignals)
    /// Vulkan's own memory, which an upload fills when an access begins.
    case upload(any FrameUpload)
    /// Vulkan's own memory, which is copied to CPU-visible memory when an access ends.
    case download(any FrameDownload)
  }

  struct State {
    var machine: OwnershipStateMachine
    /// The frame that the content is, for callers that hold frames. A stale holder gets an error instead of the next
    /// frame's content.
    var tag: UInt64 = 0
    /// The Vulkan access that a later call ends.
    var access: VulkanAccessInProgress?
    /// A cancelled access whose return to GL the device refused. The next access completes it first.
    var unreturned: (any AccessStrategy)?
    /// One per queue used so far.
    var commands: [VulkanCommands] = []
    /// Made for the first access that takes two queues.
    var crossQueueSemaphores: CrossQueueSemaphores?
    /// The commands whose fence says that Vulkan is done.
    var last: VulkanCommands?
    /// The queue that waited for GL's signal last, where one queue at a time may (``ReleaseSignal/takesOneWaiter``).
    var waiter: VulkanQueue?
    /// Made for the first taker of a bundle whose signal must be relayed.
    var relay: ReleaseRelay?
    /// Made for the first frame that a writing Vulkan drops, the last one in use. They have a fence of their own.
    var dropping: [VulkanCommands] = []
    /// How often the lock was taken.
    var lockings: UInt64 = 0

    func commands(of queue: VulkanQueue) -> VulkanCommands? { commands.first { $0.queue.handle == queue.handle } }

    /// Notes the queue that waits next; nil for another device's.
    ///
    /// - Returns: the queue whose wait must have been executed before.
    mutating func change(waiter queue: VulkanQueue?, for signal: (any ReleaseSignal)?) -> VulkanQueue? {
      guard let signal, signal.takesOneWaiter else { return nil }
      let former = waiter
      waiter = queue
      return former?.handle == queue?.handle ? nil : former
    }

    func work(before due: (any ReleaseSignal)?) -> PreviousWork {
      PreviousWork(
        due: due, last: last, all: relay.map { commands + [$0.commands] } ?? commands, dropping: dropping.last)
    }
  }

  package let host: VulkanHost
  /// The queue that prepares, drops and retires the image: accesses without a use.
  package let homeQueue: VulkanQueue
  let image: VkImage
  let vulkanIsWriter: Bool
  /// Carries out accesses by one queue.
  let strategy: any OneQueueStrategy
  /// The same, where GL and Vulkan share the memory.
  let sharedMemory: SharedMemoryAccess?
  private let state: Mutex<State>
  /// The phase and the tag after the last step, for readers without the lock.
  private let published: Atomic<UInt64>
  /// `State.last` after the last step, for readers without the lock. Commands live as long as this object.
  private let publishedLast = Atomic<UInt>(0)

  var vulkanSide: OwnershipStateMachine.Side { vulkanIsWriter ? .writer : .reader }
  var glSide: OwnershipStateMachine.Side { vulkanIsWriter ? .reader : .writer }

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
    switch transport {
    case .sharedMemory(let outside, let signals):
      let shared = SharedMemoryAccess(image, outside: outside, signals, vulkanIsWriter: vulkanIsWriter, host: host)
      (strategy, sharedMemory) = (shared, shared)
    case .upload(let upload): (strategy, sharedMemory) = (UploadAccess(upload, host: host), nil)
    case .download(let download): (strategy, sharedMemory) = (DownloadAccess(download, host: host), nil)
    }
    let machine = OwnershipStateMachine(pending: pending)
    published = Atomic(Self.packed(machine.phase, tag: 0))
    state = Mutex(State(machine: machine))
  }

  deinit { finishAll() }

  /// Waits for all submitted work, whatever its result, also where the application never ended its access. For
  /// destruction.
  package func finishAll() {
    let work = locked { $0.work(before: nil) }
    for commands in work.all { try? commands.finish() }
    try? work.dropping?.finish()
    let left: VulkanCommands? = locked { state in
      switch state.machine.phase.holder {
      case .acquireGiven?, .releaseGiven?, .releaseSubmitted?: state.access?.commands
      default: nil
      }
    }
    guard let queue = left?.queue else { return }
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
  }

  // MARK: State

  /// Runs `body` under the lock, and publishes the state that it leaves.
  func locked<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try state.withLock { (state) throws(Failure) -> Result in
      state.lockings &+= 1
      defer {
        let last = state.last.map { UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque()) } ?? 0
        publishedLast.store(last, ordering: .releasing)
        published.store(Self.packed(state.machine.phase, tag: state.tag), ordering: .releasing)
      }
      return try body(&state)
    }
  }

  private static func packed(_ phase: OwnershipStateMachine.Phase, tag: UInt64) -> UInt64 {
    let code: UInt8 =
      switch phase {
      case .idle: 0
      case .ready: 1
      case .writing(let holder): 2 + 2 * holder.rawValue
      case .reading(let holder): 3 + 2 * holder.rawValue
      }
    return tag << 8 | UInt64(code)
  }

  /// The user of the image, or the next one, without the lock.
  package var current: OwnershipState {
    let code = published.load(ordering: .acquiring) & 0xff
    return code == 0 ? .idle : code == 1 ? .ready : code % 2 == 0 ? .writing : .reading
  }

  /// The frame that the content is, without the lock.
  package var tag: UInt64 { published.load(ordering: .acquiring) >> 8 }

  /// Whether the holder of frame `tag` has nothing to clean up, without the lock: the content is another frame, or is
  /// unused.
  func isOver(_ tag: UInt64) -> Bool { self.tag != tag || current == .idle || current == .writing }

  /// Whether GL has the image, without the lock: only GL's thread changes that.
  var isHeldByGL: Bool {
    published.load(ordering: .acquiring) & 0xff == Self.packed(.held(glSide, by: .gl), tag: 0)
  }

  /// How often the lock was taken, this time included. For tests.
  package var lockings: UInt64 { locked { $0.lockings } }

  /// Takes one step of the state machine. With a `tag`, only if the content is still that frame.
  @discardableResult
  func step<Result: Sendable>(
    tag: UInt64? = nil, _ step: (inout OwnershipStateMachine) throws(OwnershipStateMachine.Violation) -> Result
  ) throws(InteropError) -> Result {
    try locked { (state) throws(InteropError) in try Self.step(&state, tag, step) }
  }

  static func step<Result: Sendable>(
    _ state: inout State, _ tag: UInt64?,
    _ step: (inout OwnershipStateMachine) throws(OwnershipStateMachine.Violation) -> Result
  ) throws(InteropError) -> Result {
    if let tag, tag != state.tag { throw stale(tag) }
    do throws(OwnershipStateMachine.Violation) {
      return try step(&state.machine)
    } catch {
      throw Self.invalidState(error.operation.rawValue, error.phase.state.reason, error.phase.state.advice)
    }
  }

  package static func stale(_ tag: UInt64) -> InteropError {
    InteropError(
      .invalidState, step: "use frame \(tag)", reason: "it was dropped to make room for a newer one",
      advice: "Acquire frames sooner, keep more frames in flight, or let the producer wait")
  }

  package static func invalidState(_ step: String, _ reason: String, _ advice: String? = nil) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: reason,
      advice: advice ?? "The writer begins and ends its access, then the reader begins and ends its own")
  }

  package func signal(_ signal: OwnershipStateMachine.Signal) -> (any ReleaseSignal)? { sharedMemory?.signals[signal] }

  // MARK: Preparing

  /// Brings a new image into the layout in which it crosses. The content stays undefined until the first write.
  ///
  /// - Parameter signal: signalled instead of waiting for the device here.
  func prepare(signalling signal: (any ReleaseSignal)?) throws(InteropError) {
    let commands = try commands(for: homeQueue)
    guard let outside = sharedMemory?.outside else { preconditionFailure("a copy prepares itself") }
    let point = signal?.signalInVulkan
    let transfer = OwnershipTransferBarrier.prepare(
      image, from: commands.queue.family, to: outside, semaphore: point)
    let buffer = try commands.record(.first) { transfer.record(into: $0, host.vk) }
    try commands.submit(buffer, signalling: point)
    signal?.didSignalInVulkan()
    // With a semaphore, GL waits on its GPU. Without one nothing orders the first access, so wait here.
    if point == nil { try commands.finish() }
  }

  /// Makes the commands of the home queue, so that the first access there makes nothing.
  func makeCommands() throws(InteropError) { _ = try commands(for: homeQueue) }

  func commands(for queue: VulkanQueue) throws(InteropError) -> VulkanCommands {
    if let known = locked({ $0.commands(of: queue) }) { return known }
    let made = try VulkanCommands(host: host, queue: queue)
    return locked { state in
      // Another thread may have made commands first; then those count.
      if let known = state.commands(of: queue) { return known }
      state.commands.append(made)
      return made
    }
  }

  // MARK: Waiting

  /// Waits until Vulkan's last submitted access is done.
  package func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    try locked { $0.last }?.finish(timeout: timeout)
  }

  /// Waits as ``waitForVulkan(timeout:)``, and for the submissions of cancelled accesses.
  ///
  /// Called before the memory that the device copies from or to is written again.
  package func waitForCopies(timeout: Duration = .seconds(10)) throws(InteropError) {
    try locked { $0.work(before: nil) }.finishAll(timeout: timeout)
  }

  /// Whether Vulkan's last submitted access is known to be done, without waiting and without the lock.
  ///
  /// The fence tells; accesses that end with a semaphore have none. Never true while a thread waits for it.
  package var isVulkanDone: Bool {
    guard strategy.needsFence,
      let last = UnsafeRawPointer(bitPattern: publishedLast.load(ordering: .acquiring))
    else { return false }
    return Unmanaged<VulkanCommands>.fromOpaque(last).takeUnretainedValue().isDone
  }

  /// Waits for all work on the queue of the last access, also the application's own. For destruction.
  package func waitForQueue() {
    guard let queue = locked({ $0.last?.queue }) else { return }
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
  }
}

extension OwnershipState {
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
