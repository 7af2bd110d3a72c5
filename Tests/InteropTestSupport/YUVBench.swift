package import GLVulkanInterop

/// Fills YUV images by copies, converts them with the library, and reads the RGB.
package final class YUVBench {
  package let host: VulkanHost
  package let converter: YUVConverter
  package let queue: VulkanQueue
  private let commands: VulkanCommands

  package init(_ host: VulkanHost, queue: VulkanQueue? = nil) throws(InteropError) {
    self.host = host
    converter = try YUVConverter(host: host)
    let computing = host.queues.first(where: \.canCompute)
    guard let queue = queue ?? computing else { preconditionFailure("the converter has found one") }
    self.queue = queue
    commands = try VulkanCommands(host: host, queue: queue)
  }

  /// Writes the planes of `bytes`, tightly packed, and leaves the images as ``VulkanAccess/computeSampling`` wants
  /// them.
  package func upload(_ bytes: [[UInt8]], to image: YUVImage) throws(InteropError) {
    var staging: [HostBuffer] = []
    for plane in bytes {
      let buffer = try HostBuffer(host: host, size: plane.count, .upload)
      buffer.bytes.copyBytes(from: plane)
      staging.append(buffer)
    }
    try run { recording in
      for handle in image.images {
        OwnershipTransferBarrier.transition(handle, from: .general, to: .transferDestination, discarding: true)
          .record(into: recording, self.host.vk)
      }
      for (plane, buffer) in zip(image.planes, staging) {
        var region = VkBufferImageCopy()
        region.imageSubresource = VkImageSubresourceLayers(
          aspectMask: plane.aspect, mipLevel: 0, baseArrayLayer: 0, layerCount: 1)
        region.imageExtent = plane.size.extent
        self.host.vk.vkCmdCopyBufferToImage(
          recording, buffer.handle, plane.image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region)
      }
      for handle in image.images {
        OwnershipTransferBarrier.transition(handle, from: .transferDestination, to: .computeSampling)
          .record(into: recording, self.host.vk)
      }
    }
  }

  /// What the library's conversion makes of an image, tightly packed.
  ///
  /// - Parameters:
  ///   - layout: what the image is in.
  ///   - before: recorded before the conversion, `after` behind it: barriers of a shared image.
  package func convert(
    _ image: YUVImage, to format: VkFormat = VK_FORMAT_R8G8B8A8_UNORM,
    in layout: VkImageLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
    before: (VkCommandBuffer) throws(InteropError) -> Void = { _ in },
    after: (VkCommandBuffer) throws(InteropError) -> Void = { _ in }
  ) throws(InteropError) -> [UInt8] {
    let target = try YUVTarget(image.size, format, on: host)
    let conversion = try converter.makeConversion(
      from: image, in: layout, to: target.image.handle, format, size: image.size)
    let pixelBytes = format == VK_FORMAT_R8G8B8A8_UNORM ? 4 : 8
    let landing = try HostBuffer(host: host, size: image.size.width * image.size.height * pixelBytes, .readback)
    try run { (recording) throws(InteropError) in
      try before(recording)
      OwnershipTransferBarrier.transition(target.image.handle, from: .general, to: .storageWriting, discarding: true)
        .record(into: recording, self.host.vk)
      conversion.record(into: recording)
      OwnershipTransferBarrier.transition(target.image.handle, from: .storageWriting, to: .transferSource)
        .record(into: recording, self.host.vk)
      landing.recordCopy(
        from: target.image.handle, image.size, layout: VulkanAccess.transferSource.layout, into: recording)
      try after(recording)
    }
    return Array(landing.bytes)
  }

  /// Records, submits and waits.
  package func run(_ body: (VkCommandBuffer) throws(InteropError) -> Void) throws(InteropError) {
    try commands.finish()
    let recorded = try commands.record(.first) { (recording) throws(InteropError) in try body(recording) }
    try commands.submit(recorded)
    try commands.finish()
  }
}

/// An image that a conversion writes.
package final class YUVTarget {
  package let image: VulkanObject
  package let memory: VulkanObject

  package init(_ size: PixelSize, _ format: VkFormat, on host: VulkanHost) throws(InteropError) {
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = format
    create.extent = size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = VK_IMAGE_TILING_OPTIMAL
    create.usage = UInt32(VK_IMAGE_USAGE_STORAGE_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue)
    image = try host.makeObject(.image, "vkCreateImage", "no target") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    memory = try host.allocateLocalMemory(for: image.handle)
  }
}
