internal import InteropDrivers

/// ``ReadbackMethod/linearImage``: GL writes into the memory of the image itself.
final class LinearImageTransfer: HostCopyTransfer, @unchecked Sendable {
  let image: VulkanImageMemory
  private let source: ReadbackSource
  private let transferFormat: GLenum
  /// The address of row 0.
  private let address: UnsafeMutableRawPointer
  /// Pixels from one row to the next.
  private let rowLength: Int

  /// - Throws: ``InteropError/Code/unsupported`` where a linear image cannot do what an optimal one can, has rows that
  ///   GL cannot write, or would have to change queue families with its content.
  init(_ source: ReadbackSource, usage: VkImageUsageFlags, _ host: VulkanHost) throws(InteropError) {
    self.source = source
    transferFormat = try source.arrangedFormat()
    try Self.check(source, host)
    image = try host.makeUploadImage(source, tiling: .linear, usage: usage)
    var part = VkImageSubresource(aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), mipLevel: 0, arrayLayer: 0)
    var layout = VkSubresourceLayout()
    host.vk.vkGetImageSubresourceLayout(host.device, image.handle, &part, &layout)
    let pixel = UInt64(source.format.bytesPerPixel)
    guard layout.rowPitch % pixel == 0 else {
      throw InteropError(
        .unsupported, step: "vkGetImageSubresourceLayout",
        reason: "rows of \(layout.rowPitch) bytes are no whole number of \(source.format) pixels",
        missing: ["rows that GL_PACK_ROW_LENGTH can describe"])
    }
    rowLength = Int(layout.rowPitch / pixel)
    address = try host.map(image.memory) + Int(layout.offset)
    try Self.prepare(image.handle, host)
  }

  private static func check(_ source: ReadbackSource, _ host: VulkanHost) throws(InteropError) {
    // The image keeps its owner while the CPU writes to it, so another family would lose the content.
    let families = Set(host.queues.map(\.family))
    guard families.count == 1 else {
      throw InteropError(
        .unsupported, step: "make a linear image", reason: "the host uses \(families.count) queue families",
        missing: ["one queue family for all accesses"])
    }
    let wanted = UInt32(
      VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT.rawValue | VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT.rawValue
        | VK_FORMAT_FEATURE_TRANSFER_SRC_BIT.rawValue | VK_FORMAT_FEATURE_TRANSFER_DST_BIT.rawValue
        | VK_FORMAT_FEATURE_BLIT_SRC_BIT.rawValue)
    for format in source.format.viewFormats {
      var properties = VkFormatProperties()
      host.instanceFunctions.vkGetPhysicalDeviceFormatProperties(host.physicalDevice, format, &properties)
      let lacking = properties.optimalTilingFeatures & wanted & ~properties.linearTilingFeatures
      guard lacking == 0 else {
        throw InteropError(
          .unsupported, step: "vkGetPhysicalDeviceFormatProperties",
          reason: "linear \(source.format) images lack format features 0x" + String(lacking, radix: 16)
            + " that optimal ones have", missing: ["linear images to sample and blit from"])
      }
    }
  }

  /// Brings the image into GENERAL, where the CPU may write to it and every access leaves it.
  private static func prepare(_ image: VkImage, _ host: VulkanHost) throws(InteropError) {
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    let buffer = try commands.record(.first) {
      OwnershipTransferBarrier.transition(image, from: .general, to: .writtenByCPU, discarding: true).record(
        into: $0, host.vk)
    }
    try commands.submit(buffer)
    try commands.finish()
  }

  var isReadByVulkan: Bool { true }

  /// The corresponding C function is `glReadPixels`, which returns when the pixels are there.
  func read() throws(InteropError) {
    try source.readArranged(into: 0, at: address, rowLength: rowLength, as: transferFormat)
  }

  /// Does nothing: the pixels are in Vulkan's memory.
  func detach() {}

  var copies: Bool { false }
  func fill() {}
  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess) {}

  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier {
    .transition(image.handle, from: .writtenByCPU, to: use)
  }
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier {
    .transition(image.handle, from: use, to: .writtenByCPU)
  }
}

extension VulkanAccess {
  /// A write of the CPU through mapped memory.
  fileprivate static let writtenByCPU = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_GENERAL, stages: UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
    access: UInt32(VK_ACCESS_HOST_WRITE_BIT.rawValue))
}
