internal import InteropDrivers

extension VulkanHost {
  /// Makes an image that frames are uploaded into, with memory of its own.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` for a usage that the device lacks.
  ///
  /// The corresponding C functions are `vkCreateImage`, `vkAllocateMemory` and `vkBindImageMemory`.
  func makeUploadImage(
    _ source: ReadbackSource, tiling: ImageTiling, usage: VkImageUsageFlags
  ) throws(InteropError) -> VulkanImageMemory {
    // Every device has the usual one with optimal tiling.
    if tiling == .linear || usage != Self.uploadUsage {
      try checkHostCopyImage(source.size, source.format, tiling: tiling, usage: usage)
    }
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.flags = Self.uploadFlags
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = source.format.vkFormat
    create.extent = source.size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = tiling.vkTiling
    create.usage = usage
    let image = try makeObject(
      .image, "vkCreateImage", "no \(tiling.rawValue) \(source.format) image of \(source.size)"
    ) {
      vk.vkCreateImage(device, &create, nil, $0)
    }
    let size = memoryRequirements(of: image.handle).size
    let memory = try allocateLocalMemory(for: image.handle, seenByCPU: tiling == .linear)
    return VulkanImageMemory(image, [.init(memory)], size: size)
  }

  /// The flags for an application's uses of a frame, whatever the method: views of the sibling format, copies, blits,
  /// sampling.
  static var uploadFlags: VkImageCreateFlags { UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue) }
  static var uploadUsage: VkImageUsageFlags {
    UInt32(
      VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
        | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
  }
}

extension VulkanHost {
  /// Checks that the device has such an image, with memory of its own.
  ///
  /// - Throws: ``InteropError/Code/unsupported``.
  func checkHostCopyImage(
    _ size: PixelSize, _ format: PixelFormat, tiling: ImageTiling, usage: VkImageUsageFlags
  ) throws(InteropError) {
    var query = VkPhysicalDeviceImageFormatInfo2()
    query.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2
    query.format = format.vkFormat
    query.type = VK_IMAGE_TYPE_2D
    query.tiling = tiling.vkTiling
    query.usage = usage
    query.flags = Self.uploadFlags
    var answer = VkImageFormatProperties2()
    answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2
    let result = instanceFunctions.vkGetPhysicalDeviceImageFormatProperties2(physicalDevice, &query, &answer)
    if result != VK_ERROR_FORMAT_NOT_SUPPORTED {
      try result.check("vkGetPhysicalDeviceImageFormatProperties2", "the device does not say whether it has \(format)")
      let limit = answer.imageFormatProperties.maxExtent
      if size.width <= Int(limit.width), size.height <= Int(limit.height) { return }
    }
    let name = "0x" + String(usage, radix: 16)
    throw InteropError(
      .unsupported, step: "vkGetPhysicalDeviceImageFormatProperties2",
      reason: "\(info.deviceName) has no \(tiling.rawValue) \(format) image of \(size) with usage \(name)",
      missing: ["\(tiling.rawValue) \(format) images with usage \(name)"],
      advice: "Ask for less usage, or another format or size")
  }
}

/// The image's side of a copy that fills the whole of it in every access.
struct UploadedImage: @unchecked Sendable {
  private let image: VulkanImageMemory
  private let size: PixelSize
  private let host: VulkanHost

  init(_ image: VulkanImageMemory, _ size: PixelSize, _ host: VulkanHost) {
    self.image = image
    self.size = size
    self.host = host
  }

  /// Records a copy from tightly packed rows. The corresponding C function is `vkCmdCopyBufferToImage`.
  func recordCopy(from buffer: VkBuffer, into commands: VkCommandBuffer, for use: VulkanAccess) {
    OwnershipTransferBarrier.transition(image.handle, from: use, to: .transferDestination, discarding: true)
      .record(into: commands, host.vk)
    var region = HostBuffer.region(size)
    host.vk.vkCmdCopyBufferToImage(
      commands, buffer, image.handle, VulkanAccess.transferDestination.layout, 1, &region)
    OwnershipTransferBarrier.transition(image.handle, from: .transferDestination, to: use).record(
      into: commands, host.vk)
  }

  /// The copy leaves the image in the layout of the application's use.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier { .transition(image.handle, from: use, to: use) }
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier {
    .transition(image.handle, from: use, to: .general)
  }
}
