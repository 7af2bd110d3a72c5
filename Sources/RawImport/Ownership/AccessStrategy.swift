internal import InteropDrivers

/// How a Vulkan access gets an image from its previous user and hands it to the next one.
///
/// ``ImageOwnership`` decides which call is legal; a strategy carries it out, with submissions of its own or around the
/// application's. One thread at a time, the one that has the access. A step that throws can be repeated, or the access
/// cancelled.
protocol AccessStrategy: AnyObject, Sendable {
  /// Makes the image ready to be acquired: waits for what has to be over, and brings in what is uploaded.
  ///
  /// - Returns: the acquire operation before the first use.
  func begin(_ access: VulkanAccessInProgress, _ before: PreviousWork) throws(InteropError) -> OwnershipTransferBarrier
  /// Returns the release operation after the last use.
  func release(_ access: VulkanAccessInProgress, after use: VulkanAccess) -> OwnershipTransferBarrier

  /// Submits the whole access, with the commands that `body` records in the middle.
  func submit(
    _ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError)
  /// Submits the acquire alone.
  func submitAcquire(_ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier) throws(InteropError)
  /// Submits the release alone, and what follows it.
  func submitRelease(_ access: VulkanAccessInProgress, after use: VulkanAccess) throws(InteropError)

  /// Submits what comes before the application's own submission.
  func submitBeforeApplication(_ access: VulkanAccessInProgress) throws(InteropError)
  /// Submits what comes after the application's own submission of both barriers.
  func submitAfterApplication(_ access: VulkanAccessInProgress) throws(InteropError)

  /// Returns the image to where it was before the access, if submissions have moved it.
  func returnImage() throws(InteropError)
  /// Whether submissions have moved the image, before the access ended.
  var hasMoved: Bool { get }
  /// Whether they have not returned it.
  var isAway: Bool { get }

  /// The commands whose fence covers the access.
  func covering(_ access: VulkanAccessInProgress) -> VulkanCommands
}

/// A Vulkan access that has begun and not ended.
struct VulkanAccessInProgress: Sendable {
  let strategy: any AccessStrategy
  let use: VulkanAccess
  /// The commands of the queue that uses the image.
  let commands: VulkanCommands
}

/// The work that an access follows.
struct PreviousWork: Sendable {
  /// The signal that the access waits for; nil for none.
  var due: (any ReleaseSignal)?
  /// The commands whose fence says that Vulkan's previous access is done.
  var last: VulkanCommands?
  /// All commands that submitted for this image, also for cancelled accesses.
  var all: [VulkanCommands]
  /// The commands that dropped the writer's own frames.
  var dropping: VulkanCommands?

  /// Waits until Vulkan's previous access is done.
  func finishLast(timeout: Duration = .seconds(10)) throws(InteropError) { try last?.finish(timeout: timeout) }

  /// Waits as ``finishLast(timeout:)``, and for the submissions of cancelled accesses: before the memory that the
  /// device copies from or to is written again.
  func finishAll(timeout: Duration = .seconds(10)) throws(InteropError) {
    for commands in all { try commands.finish(timeout: timeout) }
    try dropping?.finish(timeout: timeout)
  }
}

/// A strategy with one queue, which both uses the image and transfers its ownership.
protocol OneQueueStrategy: AccessStrategy {
  var vk: VulkanDeviceFunctions { get }
  /// Whether the image is taken from GL and given back, so that another queue can do that.
  var takesFromGL: Bool { get }
  /// Whether the end of an access needs a fence: where no semaphore tells GL, where the device may still read the
  /// staging memory of an upload, and where the CPU reads the device's copy.
  var needsFence: Bool { get }
  /// The signal of the submission that ends an access; nil where its fence tells.
  var endSignal: (any ReleaseSignal)? { get }
  /// Whether something is recorded before the acquire.
  var recordsBefore: Bool { get }
  func recordBefore(_ access: VulkanAccessInProgress, into commands: VkCommandBuffer)
  /// Whether something is recorded after the release.
  var recordsAfter: Bool { get }
  func recordAfter(into commands: VkCommandBuffer)
}

extension OneQueueStrategy {
  var recordsBefore: Bool { false }
  func recordBefore(_ access: VulkanAccessInProgress, into commands: VkCommandBuffer) {}
  var recordsAfter: Bool { false }
  func recordAfter(into commands: VkCommandBuffer) {}
  // The image has moved only once the whole access is submitted.
  var hasMoved: Bool { false }
  var isAway: Bool { false }
  func returnImage() {}
  func covering(_ access: VulkanAccessInProgress) -> VulkanCommands { access.commands }

  func submit(
    _ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let release = release(access, after: access.use)
    try access.commands.finish()
    let buffer = try access.commands.record(.first) { buffer throws(InteropError) in
      recordBefore(access, into: buffer)
      acquire.record(into: buffer, vk)
      try body(buffer)
      release.record(into: buffer, vk)
      recordAfter(into: buffer)
    }
    try access.commands.submit(buffer, waitingFor: acquire.point, signalling: release.point)
    endSignal?.didSignalInVulkan()
  }

  func submitAcquire(_ access: VulkanAccessInProgress, _ acquire: OwnershipTransferBarrier) throws(InteropError) {
    try access.commands.finish()
    let buffer = try access.commands.record(.first) { buffer in
      recordBefore(access, into: buffer)
      acquire.record(into: buffer, vk)
    }
    // The release's fence covers this submission too: it comes later on the same queue.
    try access.commands.submit(buffer, waitingFor: acquire.point, fenced: false)
  }

  func submitRelease(_ access: VulkanAccessInProgress, after use: VulkanAccess) throws(InteropError) {
    let release = release(access, after: use)
    let buffer = try access.commands.record(.second) { buffer in
      release.record(into: buffer, vk)
      recordAfter(into: buffer)
    }
    try access.commands.submit(buffer, signalling: release.point)
    endSignal?.didSignalInVulkan()
  }

  func submitBeforeApplication(_ access: VulkanAccessInProgress) throws(InteropError) {
    guard recordsBefore else { return }
    // The application's barrier comes after this submission on the same queue.
    try access.commands.finish()
    let buffer = try access.commands.record(.first) { recordBefore(access, into: $0) }
    try access.commands.submit(buffer, fenced: false)
  }

  func submitAfterApplication(_ access: VulkanAccessInProgress) throws(InteropError) {
    if recordsAfter {
      try access.commands.submit(try access.commands.record(.second) { recordAfter(into: $0) })
    } else if needsFence {
      try access.commands.submit(nil)
    }
    endSignal?.didSignalInVulkan()
  }
}
