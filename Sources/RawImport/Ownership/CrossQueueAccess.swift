internal import InteropDrivers

/// The two semaphores between an image's hand-over queue and its host's queue: made for the first turn that takes two
/// queues, and then used for each.
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

/// One turn of Vulkan's that takes two queues, carried out: ``CrossQueueBarriers`` is its plan.
///
/// A binary semaphore that was signalled must be waited for once, by the other queue, before it can be signalled again;
/// `stage` says which one is pending. A turn that ends halfway goes the rest of the way without the host
/// (``bringHome(signalling:)``), which can be repeated when the device refused it.
///
/// Used by one thread at a time, whoever has the turn.
final class CrossQueueAccess: @unchecked Sendable {
  enum Stage {
    /// Nothing has been submitted.
    case planned
    /// `passedOn` is pending: the host's queue has not waited for it.
    case passedOn
    /// The host's queue has the image, and it was a submission of ours that waited.
    case inUse
    /// `handedBack` is pending.
    case handedBack
    /// GL has it, or will once the device gets there.
    case home
  }

  private(set) var stage = Stage.planned
  /// The queue that takes the image from GL. Its fence covers the whole turn.
  let handover: VulkanCommands
  let hosts: VulkanCommands
  /// The signal that the turn waits for, nil where the CPU has waited.
  let due: (any ReleaseSignal)?
  private let chain: CrossQueueBarriers
  private let image: VkImage
  private let semaphores: CrossQueueSemaphores
  private let host: VulkanHost
  private let use: VulkanAccess
  /// What the image is handed back after: nil until the host was told how.
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

  // MARK: The host's part

  /// What goes before the host's commands, with the semaphore to wait for.
  var acquire: OwnershipTransferBarrier { single(chain.acquire(for: use), semaphores.passedOn) }

  /// What goes after them, with the semaphore to signal. It is what ``bringHome(signalling:)`` then takes back.
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

  /// Waits until the command buffers of the turns before are free.
  func prepare(withHosts: Bool) throws(InteropError) {
    try handover.finish()
    if withHosts { try hosts.finish() }
  }

  /// The first submission, on the hand-over queue.
  func submitTakeOver() throws(InteropError) {
    let part = chain.takeOver(for: use)
    let buffer = try handover.record(.first) { record(part, into: $0) }
    // The fence goes with the last one, on the same queue.
    try handover.submit(
      buffer, waitingFor: due?.waitInVulkan, signalling: semaphores.passedOn, fenced: false)
    stage = .passedOn
  }

  /// The host's commands in one submission of ours, both halves around them.
  func submitUse(_ buffer: VkCommandBuffer) throws(InteropError) {
    try hosts.submit(buffer, waitingFor: semaphores.passedOn, signalling: semaphores.handedBack, fenced: false)
    stage = .handedBack
  }

  /// The acquire half in a submission of its own.
  func submitAcquire(_ buffer: VkCommandBuffer) throws(InteropError) {
    try hosts.submit(buffer, waitingFor: semaphores.passedOn, fenced: false)
    stage = .inUse
  }

  /// The release half in a submission of its own. Once: nothing when it is repeated after ``bringHome(signalling:)``
  /// failed.
  func submitRelease(after use: VulkanAccess) throws(InteropError) {
    guard stage == .inUse else { return }
    let release = release(after: use)
    let buffer = try hosts.record(.second) { release.record(into: $0, host.vk) }
    try hosts.submit(buffer, signalling: semaphores.handedBack, fenced: false)
    stage = .handedBack
  }

  /// The host has submitted what ``release(after:)`` said.
  func hostDidSubmitRelease() { stage = .handedBack }

  /// The rest of the turn: the last submission, on the hand-over queue, and before it, where the host has submitted
  /// nothing, one on the host's queue that only turns the image back.
  ///
  /// - Parameter signal: what tells whoever comes next. Of a turn that is taken back that is ``due``, signalled again.
  /// - Throws: what the device says. The turn stays where it got to, and this can be repeated.
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
