package import InteropDrivers

// The accesses to images that GL and Vulkan do not share (path `host-copy`): Vulkan's own memory, which a copy fills
// before an access or empties after it.

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

/// Accesses to an image that an upload fills when an access begins.
final class UploadAccess: OneQueueStrategy {
  private let upload: any FrameUpload
  let vk: VulkanDeviceFunctions
  var endSignal: (any ReleaseSignal)? { nil }
  var takesFromGL: Bool { false }
  var needsFence: Bool { true }

  init(_ upload: any FrameUpload, host: VulkanHost) {
    self.upload = upload
    vk = host.vk
  }

  func begin(
    _ access: VulkanAccessInProgress, _ before: PreviousWork
  ) throws(InteropError) -> OwnershipTransferBarrier {
    // Another access may still be reading the staging memory, also a cancelled one.
    try before.finishAll()
    try upload.fill()
    return upload.acquire(for: access.use)
  }

  func release(_ access: VulkanAccessInProgress, after use: VulkanAccess) -> OwnershipTransferBarrier {
    upload.release(after: use)
  }

  var recordsBefore: Bool { upload.copies }
  func recordBefore(_ access: VulkanAccessInProgress, into commands: VkCommandBuffer) {
    upload.record(into: commands, on: access.commands.queue.family, for: access.use)
  }
}

/// Accesses to an image that is copied to CPU-visible memory when an access ends.
final class DownloadAccess: OneQueueStrategy {
  private let download: any FrameDownload
  let vk: VulkanDeviceFunctions
  var endSignal: (any ReleaseSignal)? { nil }
  var takesFromGL: Bool { false }
  var needsFence: Bool { true }

  init(_ download: any FrameDownload, host: VulkanHost) {
    self.download = download
    vk = host.vk
  }

  func begin(
    _ access: VulkanAccessInProgress, _ before: PreviousWork
  ) throws(InteropError) -> OwnershipTransferBarrier {
    // GL has finished reading. The copy of a frame that no reader took may still be under way.
    try before.finishAll()
    return download.acquire(for: access.use)
  }

  func release(_ access: VulkanAccessInProgress, after use: VulkanAccess) -> OwnershipTransferBarrier {
    download.release(after: use)
  }

  var recordsAfter: Bool { true }
  func recordAfter(into commands: VkCommandBuffer) { download.recordCopy(into: commands) }
}
