package import InteropDrivers

/// A Vulkan buffer in memory that the CPU sees, mapped for its whole life: for uploads and readbacks.
package final class HostBuffer: @unchecked Sendable {
  package enum Purpose { case upload, readback }

  package let size: Int
  private let buffer: VulkanObject
  private let memory: VulkanObject
  private let host: VulkanHost
  private let address: UnsafeMutableRawPointer

  package var handle: VkBuffer { buffer.handle }
  /// The buffer's `size` bytes. Host-coherent: a finished device write is visible.
  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: address, count: size) }

  package init(host: VulkanHost, size: Int, _ purpose: Purpose) throws(InteropError) {
    var create = VkBufferCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
    create.size = UInt64(size)
    create.usage = UInt32(
      purpose == .upload ? VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue : VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue)
    buffer = try host.makeObject(.buffer, "vkCreateBuffer", "no buffer of \(size) bytes") { out in
      host.vk.vkCreateBuffer(host.device, &create, nil, out)
    }
    var requirements = VkMemoryRequirements()
    host.vk.vkGetBufferMemoryRequirements(host.device, buffer.handle, &requirements)
    let visible = UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue)
    let cached = visible | UInt32(VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue)
    // Reading uncached memory is slower by an order of magnitude; every device has a visible and coherent type.
    guard
      let type = (purpose == .readback ? host.memoryType(allowedBy: requirements.memoryTypeBits, with: cached) : nil)
        ?? host.memoryType(allowedBy: requirements.memoryTypeBits, with: visible)
    else {
      throw InteropError(.driverFailure, step: "choose a memory type", reason: "no memory that the CPU sees")
    }
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.allocationSize = requirements.size
    allocate.memoryTypeIndex = type
    memory = try host.makeObject(.memory, "vkAllocateMemory", "no \(requirements.size) bytes that the CPU sees") {
      out in
      host.vk.vkAllocateMemory(host.device, &allocate, nil, out)
    }
    try host.vk.vkBindBufferMemory(host.device, buffer.handle, memory.handle, 0)
      .check("vkBindBufferMemory", "the memory does not fit the buffer")
    address = try host.map(memory.handle)
    self.host = host
    self.size = size
  }

  /// The device functions, for code that records commands with this buffer.
  package var functions: VulkanDeviceFunctions { host.vk }

  deinit { host.vk.vkUnmapMemory(host.device, memory.handle) }

  /// Records a copy of the image into tightly packed rows. The corresponding C function is `vkCmdCopyImageToBuffer`.
  ///
  /// - Parameter rows: those to copy, one after the other in the buffer; nil for all. Parts of an image need a queue
  ///   that can draw or compute, or whose family copies single rows (`minImageTransferGranularity`).
  package func recordCopy(
    from image: VkImage, _ size: PixelSize, rows: ImageRows? = nil, layout: VkImageLayout,
    into commands: VkCommandBuffer
  ) {
    withRegions(size, rows) { host.vk.vkCmdCopyImageToBuffer(commands, image, layout, handle, $0, $1) }
    // Makes the copy visible to the CPU once the fence has signalled.
    var barrier = VkBufferMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER
    barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
    barrier.dstAccessMask = UInt32(VK_ACCESS_HOST_READ_BIT.rawValue)
    barrier.srcQueueFamilyIndex = OwnershipTransferBarrier.ignoredFamily
    barrier.dstQueueFamilyIndex = OwnershipTransferBarrier.ignoredFamily
    barrier.buffer = handle
    barrier.size = VkDeviceSize(VK_WHOLE_SIZE_VALUE)
    host.vk.vkCmdPipelineBarrier(
      commands, UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue), UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue), 0, 0, nil,
      1,
      &barrier, 0, nil)
  }

  /// Records a copy into the image. The corresponding C function is `vkCmdCopyBufferToImage`.
  ///
  /// `rows` are those of ``recordCopy(from:_:rows:layout:into:)``.
  package func recordCopy(
    to image: VkImage, _ size: PixelSize, rows: ImageRows? = nil, layout: VkImageLayout,
    into commands: VkCommandBuffer
  ) {
    withRegions(size, rows) { host.vk.vkCmdCopyBufferToImage(commands, handle, image, layout, $0, $1) }
  }

  /// The copy regions of the rows. One region needs no array: a frame's copy makes nothing on the heap.
  private func withRegions(
    _ size: PixelSize, _ rows: ImageRows?, _ body: (UInt32, UnsafePointer<VkBufferImageCopy>) -> Void
  ) {
    var whole = Self.region(size)
    guard let rows else { return body(1, &whole) }
    var offset = 0
    let regions = rows.ranges.map { range in
      var region = whole
      region.bufferOffset = VkDeviceSize(offset)
      region.imageOffset.y = Int32(range.lowerBound)
      region.imageExtent.height = UInt32(range.count)
      offset += range.count * rows.bytesPerRow
      return region
    }
    body(UInt32(regions.count), regions)
  }

  /// The copy region of the whole image, in tightly packed rows.
  static func region(_ size: PixelSize) -> VkBufferImageCopy {
    var region = VkBufferImageCopy()
    region.imageSubresource = VkImageSubresourceLayers(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), mipLevel: 0, baseArrayLayer: 0, layerCount: 1)
    region.imageExtent = size.extent
    return region
  }
}

/// Some rows of an image.
package struct ImageRows: Sendable {
  /// The rows' numbers in memory. Each range's bytes begin at a multiple of four bytes and of a texel.
  package let ranges: [Range<Int>]
  /// The size of one tightly packed row.
  package let bytesPerRow: Int

  package init(_ ranges: [Range<Int>], bytesPerRow: Int) {
    self.ranges = ranges
    self.bytesPerRow = bytesPerRow
  }

  /// The size of all of them.
  package var byteCount: Int { ranges.reduce(0) { $0 + $1.count } * bytesPerRow }
}
