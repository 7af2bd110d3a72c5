public import InteropDrivers
public import RawImport

extension YUVImage {
  /// Makes an image in Vulkan's own memory, for copies into it: the fallback where a buffer cannot be shared.
  ///
  /// Its content is undefined and its layout UNDEFINED. Its usage is sampled, transfer source and transfer destination.
  ///
  /// - Parameters:
  ///   - size: in pixels; odd ones need ``Arrangement/perPlane``.
  ///   - format: NV12, P010 or YU12.
  ///   - encoding: nil guesses, see ``YUVEncoding/init(guessedFor:)``.
  ///   - arrangement: nil takes ``Arrangement/multiPlanar`` where the device has it, and with linear chroma
  ///     ``Arrangement/perPlane``, which is more exact; ``reason`` explains the choice.
  ///   - host: the Vulkan device.
  /// - Throws: ``InteropError/Code/unsupported`` naming the missing format feature.
  ///
  /// The corresponding C function is `vkCreateImage`.
  public static func allocate(
    _ size: PixelSize, _ format: DRMFourCC, encoding: YUVEncoding? = nil, arrangement: Arrangement? = nil,
    on host: VulkanHost
  ) throws(InteropError) -> YUVImage {
    let step = "make a YUV image"
    try size.validate(step)
    let layout = try YUVFormat(format, step)
    let encoding = encoding ?? YUVEncoding(guessedFor: size)
    guard max(size.width, size.height) <= host.info.maximumImageSize else {
      throw InteropError(
        .invalidArgument, step: step,
        reason: "the size is \(size), and \(host.info.deviceName) has images up to \(host.info.maximumImageSize)")
    }
    return try choose(
      arrangement, layout, for: encoding, on: host,
      multiPlanar: { (reason) throws(InteropError) in
        try checkMultiPlanar(layout, size, host)
        let features = host.optimalFeatures(layout.multiPlanar)
        let ycbcr = try YcbcrSampler.shared(layout.multiPlanar, encoding, features: features, on: host)
        let memory = try AllocatedImage(size, layout.multiPlanar, on: host)
        let view = try host.makeImageView(of: memory.image.handle, layout.multiPlanar, conversion: ycbcr.conversion)
        return YUVImage(
          size: size, layout: layout, encoding: encoding, reason: reason,
          multiPlanar: YUVImageStorage(memory.image.handle, ownedBy: memory, view: view), ycbcr,
          samplerDescriptorCount: memory.samplerDescriptorCount, host: host)
      },
      perPlane: { (reason) throws(InteropError) in
        var images: [YUVImageStorage] = []
        for plane in layout.planes {
          let memory = try AllocatedImage(plane.layout.size(of: size), plane.vkFormat, on: host)
          let view = try host.makeImageView(of: memory.image.handle, plane.vkFormat)
          images.append(YUVImageStorage(memory.image.handle, ownedBy: memory, view: view))
        }
        return YUVImage(size: size, layout: layout, encoding: encoding, reason: reason, perPlane: images, host: host)
      })
  }
}

/// An image with memory of its own.
private final class AllocatedImage {
  let image: VulkanObject
  let memory: VulkanObject
  /// From VkSamplerYcbcrConversionImageFormatProperties.
  let samplerDescriptorCount: UInt32

  init(_ size: PixelSize, _ format: VkFormat, on host: VulkanHost) throws(InteropError) {
    let features = host.optimalFeatures(format)
    let needed: [(VkFormatFeatureFlagBits, VkImageUsageFlagBits, String)] = [
      (VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, VK_IMAGE_USAGE_SAMPLED_BIT, "VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT"),
      (VK_FORMAT_FEATURE_TRANSFER_DST_BIT, VK_IMAGE_USAGE_TRANSFER_DST_BIT, "VK_FORMAT_FEATURE_TRANSFER_DST_BIT"),
      (VK_FORMAT_FEATURE_TRANSFER_SRC_BIT, VK_IMAGE_USAGE_TRANSFER_SRC_BIT, "VK_FORMAT_FEATURE_TRANSFER_SRC_BIT"),
    ]
    let missing = needed.filter { features & UInt32($0.0.rawValue) == 0 }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "vkGetPhysicalDeviceFormatProperties",
        reason: "\(host.info.deviceName) has no \(format.registeredName) images that are sampled",
        missing: missing.map { "\($0.2) of \(format.registeredName)" })
    }
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = format
    create.extent = size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = VK_IMAGE_TILING_OPTIMAL
    create.usage = needed.reduce(0) { $0 | UInt32($1.1.rawValue) }
    samplerDescriptorCount = try host.samplerDescriptorCount(of: create)
    image = try host.makeObject(.image, "vkCreateImage", "no \(format.registeredName) image of \(size)") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    memory = try host.allocateLocalMemory(for: image.handle)
  }
}

extension VulkanHost {
  /// Returns a format's features with optimal tiling. The corresponding C function is
  /// `vkGetPhysicalDeviceFormatProperties`.
  func optimalFeatures(_ format: VkFormat) -> VkFormatFeatureFlags {
    var properties = VkFormatProperties()
    instanceFunctions.vkGetPhysicalDeviceFormatProperties(physicalDevice, format, &properties)
    return properties.optimalTilingFeatures
  }

  /// Returns the number of descriptors that a combined image sampler of such an image takes.
  ///
  /// - Parameter chain: VkPhysicalDeviceImageDrmFormatModifierInfoEXT and other structures of the query.
  /// - Throws: ``InteropError/Code/unsupported`` where the device has no such images.
  func samplerDescriptorCount(
    of create: VkImageCreateInfo, _ chain: UnsafeRawPointer? = nil
  ) throws(InteropError) -> UInt32 {
    var query = VkPhysicalDeviceImageFormatInfo2()
    query.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2
    query.pNext = chain
    query.format = create.format
    query.type = create.imageType
    query.tiling = create.tiling
    query.usage = create.usage
    query.flags = create.flags
    var count = VkSamplerYcbcrConversionImageFormatProperties()
    count.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_IMAGE_FORMAT_PROPERTIES
    let result = withUnsafeMutablePointer(to: &count) { count in
      var answer = VkImageFormatProperties2()
      answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2
      answer.pNext = UnsafeMutableRawPointer(count)
      return instanceFunctions.vkGetPhysicalDeviceImageFormatProperties2(physicalDevice, &query, &answer)
    }
    guard result == VK_SUCCESS else {
      throw InteropError(
        .unsupported, step: "vkGetPhysicalDeviceImageFormatProperties2",
        reason: "\(info.deviceName) has no such image", driverCode: DriverCode(result),
        missing: ["\(create.format.registeredName) images"])
    }
    return max(count.combinedImageSamplerDescriptorCount, 1)
  }
}
