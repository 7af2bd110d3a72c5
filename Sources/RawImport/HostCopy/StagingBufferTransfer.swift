internal import InteropDrivers

/// ``ReadbackMethod/stagingBuffer``: GL writes into staging memory that stays mapped, so that only the driver copies
/// bytes on the CPU.
final class StagingBufferTransfer: HostCopyTransfer, @unchecked Sendable {
  private let source: ReadbackSource
  private let transferFormat: GLenum
  private let staging: HostBuffer
  private let image: UploadedImage

  init(_ source: ReadbackSource, _ image: VulkanImageMemory, _ host: VulkanHost) throws(InteropError) {
    self.source = source
    self.image = UploadedImage(image, source.size, host)
    transferFormat = try source.arrangedFormat()
    staging = try HostBuffer(host: host, size: source.byteCount, .upload)
  }

  var isReadByVulkan: Bool { true }

  /// The corresponding C function is `glReadPixels`, which returns when the pixels are there.
  func read() throws(InteropError) {
    try source.readArranged(into: 0, at: staging.bytes.baseAddress, as: transferFormat)
  }

  /// Does nothing: the pixels are in Vulkan's memory.
  func detach() {}

  var copies: Bool { true }
  func fill() {}

  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess) {
    image.recordCopy(from: staging.handle, into: commands, for: use)
  }

  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier { image.acquire(for: use) }
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier { image.release(after: use) }
}
