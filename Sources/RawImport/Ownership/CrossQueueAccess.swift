internal import InteropDrivers

/// The two semaphores between an image's hand-over queue and the queue that uses the image.
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
/// (``bringHome(signalling:)``), and that can be repeated when the device refused it.
///
/// Threads: one at a time, the one that has the access.
final class CrossQueueAccess: @unchecked Sendable {
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
    case home
  }

  private(set) var stage = Stage.planned
  /// The queue that takes the image from GL. Its fence covers the whole access.
  let handover: VulkanCommands
  let hosts: VulkanCommands
  /// The signal that the access waits for; nil where the CPU has waited.
  let due: (any ReleaseSignal)?
  private let chain: CrossQueueBarriers
  private let image: VkImage
  private let semaphores: CrossQueueSemaphores
  private let host: VulkanHost
  private let use: VulkanAccess
  /// The use after which the image is released; nil until the application has been given the release barrier.
  private var lastUse: VulkanAccess?

  init(
    image: VkImage, use: VulkanAccess, from handover: VulkanCommands, to hosts: VulkanCommands,
    _ semaphores: CrossQueueSemaphores, due: (any ReleaseSignal)?, outside: UInt32, host: VulkanHost
  ) {
    chain = CrossQueueBarriers(
      handoverFamily: handover.queue.family, hostFamily: hosts.queue.family, outsideFamily: outside)
    self.image = image
    self.use = use
    self.handover = handover
    self.hosts = hosts
    self.semaphores = semaphores
    self.due = due
    self.host = host
  }

  // MARK: The application's part

  /// The acquire operation to put before the application's commands, with the semaphore to wait for.
  var acquire: OwnershipTransferBarrier { single(chain.acquire(for: use), semaphores.passedOn) }

  /// The release operation to put after the application's commands, with the semaphore to signal.
  ///
  /// ``bringHome(signalling:)`` then acquires the image from this use.
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier {
    lastUse = use
    return single(chain.release(after: use), semaphores.handedBack)
  }

  private func single(_ submission: CrossQueueBarriers.Submission, _ semaphore: SemaphorePoint)
    -> OwnershipTransferBarrier
  {
    guard let handover = submission.handovers(of: image, semaphore: semaphore).first else {
      preconditionFailure("the host's parts have one barrier each")
    }
    return handover
  }

  // MARK: Submitting

  /// Waits until the command buffers of earlier accesses are free.
  func prepare(withHosts: Bool) throws(InteropError) {
    try handover.finish()
    if withHosts { try hosts.finish() }
  }

  /// Submits the first part, on the hand-over queue.
  func submitTakeOver() throws(InteropError) {
    let part = chain.takeOver(for: use)
    let buffer = try handover.record(.first) { record(part, into: $0) }
    // The fence goes with the last submission, which is on the same queue.
    try handover.submit(
      buffer, waitingFor: due?.waitInVulkan, signalling: semaphores.passedOn, fenced: false)
    stage = .passedOn
  }

  /// Submits the application's commands with the acquire and release operations around them.
  func submitUse(_ buffer: VkCommandBuffer) throws(InteropError) {
    try hosts.submit(buffer, waitingFor: semaphores.passedOn, signalling: semaphores.handedBack, fenced: false)
    stage = .handedBack
  }

  /// Submits the acquire operation alone.
  func submitAcquire(_ buffer: VkCommandBuffer) throws(InteropError) {
    try hosts.submit(buffer, waitingFor: semaphores.passedOn, fenced: false)
    stage = .inUse
  }

  /// Submits the release operation alone.
  ///
  /// It submits once: a call after ``bringHome(signalling:)`` failed does nothing.
  func submitRelease(after use: VulkanAccess) throws(InteropError) {
    guard stage == .inUse else { return }
    let release = release(after: use)
    let buffer = try hosts.record(.second) { release.record(into: $0, host.vk) }
    try hosts.submit(buffer, signalling: semaphores.handedBack, fenced: false)
    stage = .handedBack
  }

  /// Records that the application has submitted what ``release(after:)`` returned.
  func hostDidSubmitRelease() { stage = .handedBack }

  /// Submits the rest of the access, which ends on the hand-over queue.
  ///
  /// Where the application has submitted nothing, a submission on its queue comes first, which only returns the image.
  ///
  /// - Parameter signal: tells the next user of the image. A cancelled access passes ``due``, which is signalled again.
  /// - Throws: the device's refusal. The access stays at the stage it has reached, and the call can be repeated.
  func bringHome(signalling signal: (any ReleaseSignal)?) throws(InteropError) {
    if stage == .passedOn {
      let part = chain.turnBack(for: use)
      lastUse = use
      try hosts.finish()
      let buffer = try hosts.record(.first) { record(part, into: $0) }
      try submitUse(buffer)
    }
    guard stage == .handedBack, let lastUse else { return }
    let part = chain.giveBack(after: lastUse)
    let buffer = try handover.record(.second) { record(part, into: $0) }
    try handover.submit(buffer, waitingFor: semaphores.handedBack, signalling: signal?.signalInVulkan)
    signal?.didSignalInVulkan()
    hosts.isCovered(by: handover)
    stage = .home
  }

  private func record(_ part: CrossQueueBarriers.Submission, into buffer: VkCommandBuffer) {
    for step in part.handovers(of: image) { step.record(into: buffer, host.vk) }
  }
}
