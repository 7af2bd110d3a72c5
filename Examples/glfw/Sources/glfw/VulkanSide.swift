import GLVulkanInterop

/// What this program's Vulkan does with the images: it copies each into memory that the CPU can read. A real program
/// would sample it, encode it or show it; the place would be the same.
final class VulkanSide {
  private let host: VulkanHost
  private var buffer: VkBuffer?
  private var memory: VkDeviceMemory?
  private var size = PixelSize(width: 0, height: 0)
  /// What the last copy brought, once it is done: four bytes a pixel, row 0 of the image first.
  private(set) var pixels = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ host: VulkanHost) { self.host = host }
  deinit { freeBuffer() }

  /// Records the copy of an image in layout TRANSFER_SRC_OPTIMAL. One copy at a time.
  func recordCopy(of image: VkImage, _ size: PixelSize, into commands: VkCommandBuffer) throws(InteropError) {
    if size != self.size { try makeBuffer(size) }
    var region = VkBufferImageCopy()
    region.imageSubresource = VkImageSubresourceLayers(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), mipLevel: 0, baseArrayLayer: 0, layerCount: 1)
    region.imageExtent = VkExtent3D(width: UInt32(size.width), height: UInt32(size.height), depth: 1)
    host.vk.vkCmdCopyImageToBuffer(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer, 1, &region)
    // So that the CPU sees it when the submission's fence is signalled.
    var barrier = VkMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
    barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
    barrier.dstAccessMask = UInt32(VK_ACCESS_HOST_READ_BIT.rawValue)
    host.vk.vkCmdPipelineBarrier(
      commands, UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue), UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue), 0, 1,
      &barrier, 0, nil, 0,
      nil)
  }

  private func makeBuffer(_ size: PixelSize) throws(InteropError) {
    freeBuffer()
    var info = VkBufferCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
    info.size = UInt64(size.width * size.height * 4)
    info.usage = UInt32(VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue)
    try require(host.vk.vkCreateBuffer(host.device, &info, nil, &buffer), "vkCreateBuffer")
    var needs = VkMemoryRequirements()
    host.vk.vkGetBufferMemoryRequirements(host.device, buffer, &needs)
    var allocation = VkMemoryAllocateInfo()
    allocation.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocation.allocationSize = needs.size
    // Memory that the CPU sees; every device has such a type for buffers.
    let seen = UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue)
    allocation.memoryTypeIndex = host.memoryType(allowedBy: needs.memoryTypeBits, with: seen) ?? 0
    try require(host.vk.vkAllocateMemory(host.device, &allocation, nil, &memory), "vkAllocateMemory")
    try require(host.vk.vkBindBufferMemory(host.device, buffer, memory, 0), "vkBindBufferMemory")
    var address: UnsafeMutableRawPointer?
    try require(host.vk.vkMapMemory(host.device, memory, 0, needs.size, 0, &address), "vkMapMemory")
    pixels = UnsafeRawBufferPointer(start: address, count: Int(info.size))
    self.size = size
  }

  private func freeBuffer() {
    host.vk.vkDestroyBuffer(host.device, buffer, nil)
    host.vk.vkFreeMemory(host.device, memory, nil)
    (buffer, memory, size) = (nil, nil, PixelSize(width: 0, height: 0))
  }

  private func require(_ result: VkResult, _ step: String) throws(InteropError) {
    guard result != VK_SUCCESS else { return }
    throw InteropError(.driverFailure, step: step, reason: "VkResult \(result.rawValue)")
  }
}
