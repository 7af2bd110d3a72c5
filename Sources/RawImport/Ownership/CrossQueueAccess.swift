internal import InteropDrivers

/// The two semaphores between an image's ownership queue and the queue that uses the image.
///
/// The first access that takes two queues makes them. Every later one uses them again.
final class CrossQueueSemaphores: @unchecked Sendable {
  private let there: VulkanObject
  private let back: VulkanObject
  var passedOn: SemaphorePoint { SemaphorePoint(there.handle) }
  var handedBack: SemaphorePoint { SemaphorePoint(back.handle) }

  init(host: VulkanHost) throws(InteropError) {
    there = try host.makeSemaphore()
    back = try host.makeSemaphore()
  }
}

/// Carries out one Vulkan access that takes two queues, as ``CrossQueueBarriers`` plans it.
///
/// A signalled binary semaphore must be waited for once, by the other queue, before it can be signalled again; `stage`
/// says which one is pending. An access that stops halfway is completed without the application
/// (``returnImage()``), and that can be repeated when the device refused it.
///
/// Threads: one at a time, the one that has the access.
final class CrossQueueAccess: AccessStrategy, @unchecked Sendable {
  enum Stage {
    /// Nothing has been submitted.
    case planned
    /// `passedOn` is pending: the application's queue has not waited for it.
    case passedOn
    /// The application's queue has the image, and a submission of the package did the wait.
    case inUse
    /// `handedBack` is pending.
    case handedBack
    /// GL has the image, or will have it once the device gets there.
    case returned
  }

  private(set) var stage = Stage.planned
  /// The commands of the queue that takes the image from GL. Their fence covers the whole access.
  private let ownership: VulkanCommands
  /// The commands of the queue that uses the image.
  private let using: VulkanCommands
  /// The signal that the access waits for; nil where the CPU has waited.
  private var due: (any ReleaseSignal)?
  private let memory: SharedMemoryAccess
  private let chain: CrossQueueBarriers
  private let image: VkImage
  private let semaphores: CrossQueueSemaphores
  private let host: VulkanHost
  private let use: VulkanAccess
  /// The use after which the image is released; nil until the release operation has been made.
  private var lastUse: VulkanAccess?

  init(
    _ memory: SharedMemoryAccess, image: VkImage, use: VulkanAccess, from ownership: VulkanCommands,
    to using: VulkanCommands, _ semaphores: CrossQueueSemaphores, host: VulkanHost
  ) {
    chain = CrossQueueBarriers(
      ownershipFamily: ownership.queue.family, usingFamily: using.queue.family, outsideFamily: memory.outside)
    self.memory = memory
    self.image = image
    self.use = use
    self.ownership = ownership
    self.using = using
    self.semaphores = semaphores
    self.host = host
  }

  var hasMoved: Bool { stage != .planned }
  var isAway: Bool { hasMoved && stage != .returned }
  func covering(_ access: VulkanAccessInProgress) -> VulkanCommands { ownership }

  // MARK: The application's part

  func begin(
    _ access: VulkanAccessInProgress, _ before: PreviousWork
  ) throws(InteropError) -> OwnershipTransferBarrier {
    try before.prepareWait()
    due = before.due
    return single(chain.acquire(for: use), semaphores.passedOn)
  }

  func release(_ access: VulkanAccessInProgress, after use: VulkanAccess) -> OwnershipTransferBarrier {
    lastUse = use
    return single(chain.release(after: use), semaphores.handedBack)
  }

  private func single(_ submission: CrossQueueBarriers.Submission, _ semaphore: SemaphorePoint)
    -> OwnershipTransferBarrier
  {
    guard let barrier = submission.transfers(of: image, semaphore: semaphore).first else {
      preconditionFailure("the application's parts have one barrier each")
    }
    return barrier
  }

  // MARK: Submitting

  func submit(
    _ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let release = release(access, after: access.use)
    try waitForBuffers()
    let buffer = try using.record(.first) { buffer throws(InteropError) in
      acquire.record(into: buffer, host.vk)
      try body(buffer)
      release.record(into: buffer, host.vk)
    }
    try takeFromGL()
    try submitUse(buffer)
    try giveToGL(signalling: memory.endSignal)
  }

  func submitAcquire(_ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier) throws(InteropError) {
    try waitForBuffers()
    let buffer = try using.record(.first) { acquire.record(into: $0, host.vk) }
    try takeFromGL()
    try using.submit(buffer, waitingFor: semaphores.passedOn, fenced: false)
    stage = .inUse
  }

  /// The release is submitted once: a call after ``giveToGL(signalling:)`` failed repeats only that.
  func submitRelease(_ access: VulkanAccessInProgress, after use: VulkanAccess) throws(InteropError) {
    if stage == .inUse {
      let release = release(access, after: use)
      let buffer = try using.record(.second) { release.record(into: $0, host.vk) }
      try using.submit(buffer, signalling: semaphores.handedBack, fenced: false)
      stage = .handedBack
    }
    try giveToGL(signalling: memory.endSignal)
  }

  func submitBeforeApplication(_ access: VulkanAccessInProgress) throws(InteropError) {
    try ownership.finish()
    try takeFromGL()
  }

  func submitAfterApplication(_ access: VulkanAccessInProgress) throws(InteropError) {
    stage = .handedBack
    try giveToGL(signalling: memory.endSignal)
  }

  /// Returns the image to GL, and signals the signal that was due once more: the next access waits for it as if this one
  /// had never begun.
  func returnImage() throws(InteropError) { try giveToGL(signalling: due) }

  /// Waits until the command buffers of earlier accesses are free.
  private func waitForBuffers() throws(InteropError) {
    try ownership.finish()
    try using.finish()
  }

  /// Submits the first part, on the ownership queue.
  private func takeFromGL() throws(InteropError) {
    let part = chain.takeOver(for: use)
    let buffer = try ownership.record(.first) { record(part, into: $0) }
    // The fence goes with the last submission, which is on the same queue.
    try ownership.submit(
      buffer, waitingFor: due?.waitInVulkan, signalling: semaphores.passedOn, fenced: false)
    stage = .passedOn
  }

  /// Submits commands with the acquire and release operations around them.
  private func submitUse(_ buffer: VkCommandBuffer) throws(InteropError) {
    try using.submit(buffer, waitingFor: semaphores.passedOn, signalling: semaphores.handedBack, fenced: false)
    stage = .handedBack
  }

  /// Submits the rest of the access, which ends on the ownership queue.
  ///
  /// Where nothing has been submitted to the queue that uses the image, a submission to it comes first, which only
  /// returns the image.
  ///
  /// - Parameter signal: tells the next user of the image.
  /// - Throws: the device's refusal. The access stays at the stage it has reached, and the call can be repeated.
  private func giveToGL(signalling signal: (any ReleaseSignal)?) throws(InteropError) {
    if stage == .passedOn {
      let part = chain.turnBack(for: use)
      lastUse = use
      try using.finish()
      let buffer = try using.record(.first) { record(part, into: $0) }
      try submitUse(buffer)
    }
    guard stage == .handedBack, let lastUse else { return }
    let part = chain.giveBack(after: lastUse)
    let buffer = try ownership.record(.second) { record(part, into: $0) }
    try ownership.submit(buffer, waitingFor: semaphores.handedBack, signalling: signal?.signalInVulkan)
    signal?.didSignalInVulkan()
    using.isCovered(by: ownership)
    stage = .returned
  }

  private func record(_ part: CrossQueueBarriers.Submission, into buffer: VkCommandBuffer) {
    for step in part.transfers(of: image) { step.record(into: buffer, host.vk) }
  }
}
