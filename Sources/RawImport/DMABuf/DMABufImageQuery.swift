package import InteropDrivers

/// The parameters of an image in a DMA-BUF, for both the support query and the image.
package struct DMABufImageQuery {
  package let size: PixelSize
  package let vkFormat: VkFormat
  /// The formats of views, `vkFormat` among them.
  package let viewFormats: [VkFormat]
  /// VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT or …_IMPORTABLE_BIT.
  package let feature: VkExternalMemoryFeatureFlagBits
  package var isDisjoint = false

  package init(
    size: PixelSize, vkFormat: VkFormat, viewFormats: [VkFormat], feature: VkExternalMemoryFeatureFlagBits
  ) {
    self.size = size
    self.vkFormat = vkFormat
    self.viewFormats = viewFormats
    self.feature = feature
  }

  package var createFlags: VkImageCreateFlags {
    UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue)
      | (isDisjoint ? UInt32(VK_IMAGE_CREATE_DISJOINT_BIT.rawValue) : 0)
  }

  /// The create info without its modifier, whose memory `chain` owns.
  ///
  /// - Parameter modifier: the structure that says the modifier; it ends the chain.
  package func createInfo(
    usage: VkImageUsageFlags, tiling: VkImageTiling, modifier: UnsafeRawPointer?, in chain: inout StructChain
  ) -> VkImageCreateInfo {
    var external = VkExternalMemoryImageCreateInfo()
    external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO
    external.pNext = modifier
    external.handleTypes = UInt32(VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT.rawValue)
    var list = formatList(in: &chain)
    list.pNext = UnsafeRawPointer(chain.add(external))
    var info = VkImageCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    info.pNext = UnsafeRawPointer(chain.add(list))
    info.flags = createFlags
    info.imageType = VK_IMAGE_TYPE_2D
    info.format = vkFormat
    info.extent = size.extent
    info.mipLevels = 1
    info.arrayLayers = 1
    info.samples = VK_SAMPLE_COUNT_1_BIT
    info.tiling = tiling
    info.usage = usage
    info.sharingMode = VK_SHARING_MODE_EXCLUSIVE
    info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED
    return info
  }

  /// The format list that a mutable image with a modifier needs (VUID-VkImageCreateInfo-tiling-02353).
  private func formatList(in chain: inout StructChain) -> VkImageFormatListCreateInfo {
    var list = VkImageFormatListCreateInfo()
    list.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO
    list.viewFormatCount = UInt32(viewFormats.count)
    list.pViewFormats = UnsafePointer(chain.add(contentsOf: viewFormats))
    return list
  }

  /// Usages, the most dispensable last.
  private static let usages: [(VkFormatFeatureFlagBits, VkImageUsageFlagBits)] = [
    (VK_FORMAT_FEATURE_TRANSFER_SRC_BIT, VK_IMAGE_USAGE_TRANSFER_SRC_BIT),
    (VK_FORMAT_FEATURE_TRANSFER_DST_BIT, VK_IMAGE_USAGE_TRANSFER_DST_BIT),
    (VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, VK_IMAGE_USAGE_SAMPLED_BIT),
    (VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT),
    (VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT, VK_IMAGE_USAGE_STORAGE_BIT),
  ]

  /// The usage of an image with one modifier at this size: all that the device supports, or the requested one.
  ///
  /// A listed modifier may fail at some sizes (KhronosGroup/EGL-Registry#201), so the query has the size, too.
  ///
  /// - Returns: nil if the device has no such image.
  package func usage(
    _ modifier: VulkanHost.ModifierFeatures, wanted: VkImageUsageFlags?, on host: VulkanHost
  ) throws(InteropError) -> VkImageUsageFlags? {
    if let wanted { return try supports(wanted, modifier.modifier, host) ? wanted : nil }
    var candidates = Self.usages.filter { modifier.features & UInt32($0.0.rawValue) != 0 }.map { UInt32($0.1.rawValue) }
    while !candidates.isEmpty {
      let usage = candidates.reduce(0, |)
      if try supports(usage, modifier.modifier, host) { return usage }
      candidates.removeLast()
    }
    return nil
  }

  private func supports(
    _ usage: VkImageUsageFlags, _ modifier: DRMModifier, _ host: VulkanHost
  ) throws(InteropError) -> Bool {
    let answer = ask(usage, modifier, host)
    if answer.result == VK_ERROR_FORMAT_NOT_SUPPORTED { return false }
    try answer.result.check(
      "vkGetPhysicalDeviceImageFormatProperties2", "the device does not say whether it has the format")
    return answer.features & UInt32(feature.rawValue) != 0 && size.width <= Int(answer.limit.width)
      && size.height <= Int(answer.limit.height)
  }

  /// The number of pool descriptors that one combined image sampler with a YUV conversion takes.
  ///
  /// - Parameter modifier: nil for the driver's own layout.
  package func samplerDescriptorCount(
    _ modifier: DRMModifier?, usage: VkImageUsageFlags, on host: VulkanHost
  ) throws(InteropError) -> UInt32 {
    let answer = ask(usage, modifier, host)
    try answer.result.check(
      "vkGetPhysicalDeviceImageFormatProperties2", "the device does not say how many descriptors its samplers take")
    return max(answer.samplerDescriptorCount, 1)
  }

  private struct Answer {
    let result: VkResult
    let limit: VkExtent3D
    let features: VkExternalMemoryFeatureFlags
    let samplerDescriptorCount: UInt32
  }

  private func ask(_ usage: VkImageUsageFlags, _ modifier: DRMModifier?, _ host: VulkanHost) -> Answer {
    var chain = StructChain()
    var external = VkPhysicalDeviceExternalImageFormatInfo()
    external.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO
    external.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT
    var list = formatList(in: &chain)
    list.pNext = UnsafeRawPointer(chain.add(external))
    if let modifier {
      var drm = VkPhysicalDeviceImageDrmFormatModifierInfoEXT()
      drm.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_DRM_FORMAT_MODIFIER_INFO_EXT
      drm.pNext = list.pNext
      drm.drmFormatModifier = modifier.rawValue
      drm.sharingMode = VK_SHARING_MODE_EXCLUSIVE
      list.pNext = UnsafeRawPointer(chain.add(drm))
    }
    var info = VkPhysicalDeviceImageFormatInfo2()
    info.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2
    info.pNext = UnsafeRawPointer(chain.add(list))
    info.format = vkFormat
    info.type = VK_IMAGE_TYPE_2D
    info.tiling = modifier == nil ? VK_IMAGE_TILING_OPTIMAL : VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT
    info.usage = usage
    info.flags = createFlags
    var externalAnswer = VkExternalImageFormatProperties()
    externalAnswer.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES
    let externalPointer = chain.add(externalAnswer)
    var samplerAnswer = VkSamplerYcbcrConversionImageFormatProperties()
    samplerAnswer.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_IMAGE_FORMAT_PROPERTIES
    samplerAnswer.pNext = UnsafeMutableRawPointer(externalPointer)
    let samplerPointer = chain.add(samplerAnswer)
    var answer = VkImageFormatProperties2()
    answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2
    answer.pNext = UnsafeMutableRawPointer(samplerPointer)
    let result = host.instanceFunctions.vkGetPhysicalDeviceImageFormatProperties2(host.physicalDevice, &info, &answer)
    return Answer(
      result: result, limit: answer.imageFormatProperties.maxExtent,
      features: externalPointer.pointee.externalMemoryProperties.externalMemoryFeatures,
      samplerDescriptorCount: samplerPointer.pointee.combinedImageSamplerDescriptorCount)
  }
}
