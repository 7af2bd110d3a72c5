internal import InteropDrivers
internal import RawImport

/// A converting sampler: a VkSamplerYcbcrConversion and its VkSampler. It is used with views of the same conversion, as
/// the immutable sampler of a combined image sampler (Vulkan 1.3, 13.1 and 14.2.1).
///
/// All images of one format and encoding use the same one, so that they can share pipelines.
final class YcbcrSampler: @unchecked Sendable {
  struct Key: Hashable {
    let format: UInt32
    let encoding: YUVEncoding
  }

  /// The samplers of a device that are in use.
  private final class InUse: FeatureCache.Object {
    struct Weak { weak var sampler: YcbcrSampler? }
    let samplers = Mutex<[Key: Weak]>([:])
  }

  let key: Key
  var handle: VkSampler { sampler.handle }
  var conversion: VkSamplerYcbcrConversion { conversionObject.handle }
  private let sampler: VulkanComputeObject
  private let conversionObject: VulkanComputeObject

  /// Returns the sampler in use for the key, or a new one.
  ///
  /// - Parameter features: those of the format with the image's tiling or modifier.
  /// - Throws: ``InteropError/Code/unsupported`` naming the missing feature.
  static func shared(
    _ format: VkFormat, _ encoding: YUVEncoding, features: VkFormatFeatureFlags, on host: VulkanHost
  ) throws(InteropError) -> YcbcrSampler {
    var encoding = encoding
    if encoding.chromaFilter == .nearest {
      // Seen from the middle of a pixel, two cosited samples may be equally near, and drivers choose differently; with
      // midpoint samples the nearest is always that of the pixel's own block. SwiftShader has cosited ones only: see
      // the shader.
      let hasMidpoint = features & UInt32(VK_FORMAT_FEATURE_MIDPOINT_CHROMA_SAMPLES_BIT.rawValue) != 0
      let siting: YUVEncoding.ChromaLocation = hasMidpoint ? .midpoint : .cosited
      (encoding.horizontalSiting, encoding.verticalSiting) = (siting, siting)
    }
    try check(format, encoding, features, host)
    let key = Key(format: format.rawValue, encoding: encoding)
    return try host.featureCache.object(InUse.self).samplers.withLock { (samplers) throws(InteropError) in
      if let known = samplers[key]?.sampler { return known }
      let made = try YcbcrSampler(format, key, on: host)
      samplers = samplers.filter { $0.value.sampler != nil }
      samplers[key] = InUse.Weak(sampler: made)
      return made
    }
  }

  private static func check(
    _ format: VkFormat, _ encoding: YUVEncoding, _ features: VkFormatFeatureFlags, _ host: VulkanHost
  ) throws(InteropError) {
    var needed: [(VkFormatFeatureFlagBits, String)] = [
      (VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, "VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT")
    ]
    let sitings = [encoding.horizontalSiting, encoding.verticalSiting]
    if sitings.contains(.cosited) {
      needed.append((VK_FORMAT_FEATURE_COSITED_CHROMA_SAMPLES_BIT, "VK_FORMAT_FEATURE_COSITED_CHROMA_SAMPLES_BIT"))
    }
    if sitings.contains(.midpoint) {
      needed.append((VK_FORMAT_FEATURE_MIDPOINT_CHROMA_SAMPLES_BIT, "VK_FORMAT_FEATURE_MIDPOINT_CHROMA_SAMPLES_BIT"))
    }
    if encoding.chromaFilter == .linear {
      needed += [
        (
          VK_FORMAT_FEATURE_SAMPLED_IMAGE_YCBCR_CONVERSION_LINEAR_FILTER_BIT,
          "VK_FORMAT_FEATURE_SAMPLED_IMAGE_YCBCR_CONVERSION_LINEAR_FILTER_BIT"
        ), (VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT, "VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT"),
      ]
    }
    let missing = needed.filter { features & UInt32($0.0.rawValue) == 0 }.map(\.1)
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "vkGetPhysicalDeviceFormatProperties",
        reason: "\(host.info.deviceName) does not sample \(format.registeredName) so", missing: missing,
        advice: "Use one image for each plane")
    }
  }

  private init(_ format: VkFormat, _ key: Key, on host: VulkanHost) throws(InteropError) {
    let encoding = key.encoding
    func location(_ siting: YUVEncoding.ChromaLocation) -> VkChromaLocation {
      siting == .cosited ? VK_CHROMA_LOCATION_COSITED_EVEN : VK_CHROMA_LOCATION_MIDPOINT
    }
    let filter = encoding.chromaFilter == .nearest ? VK_FILTER_NEAREST : VK_FILTER_LINEAR
    var create = VkSamplerYcbcrConversionCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_CREATE_INFO
    create.format = format
    create.ycbcrModel =
      switch encoding.matrix {
      case .bt601: VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_601
      case .bt709: VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_709
      case .bt2020: VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_2020
      }
    create.ycbcrRange = encoding.range == .limited ? VK_SAMPLER_YCBCR_RANGE_ITU_NARROW : VK_SAMPLER_YCBCR_RANGE_ITU_FULL
    create.xChromaOffset = location(encoding.horizontalSiting)
    create.yChromaOffset = location(encoding.verticalSiting)
    create.chromaFilter = filter
    conversionObject = try host.makeComputeObject(
      .ycbcrConversion, "vkCreateSamplerYcbcrConversion", "no conversion of \(format.registeredName)"
    ) { vk, out in vk.vkCreateSamplerYcbcrConversion(host.device, &create, nil, out) }

    var chain = StructChain()
    var info = VkSamplerYcbcrConversionInfo()
    info.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO
    info.conversion = conversionObject.handle
    var samplerCreate = VkSamplerCreateInfo()
    samplerCreate.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO
    samplerCreate.pNext = UnsafeRawPointer(chain.add(info))
    // The same filter as for chroma (VUID-VkSamplerCreateInfo-minFilter-01645); in the middle of a pixel, where this
    // package samples, it makes no difference for luma.
    samplerCreate.minFilter = filter
    samplerCreate.magFilter = filter
    samplerCreate.mipmapMode = VK_SAMPLER_MIPMAP_MODE_NEAREST
    samplerCreate.addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE
    samplerCreate.addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE
    samplerCreate.addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE
    sampler = try host.makeComputeObject(.sampler, "vkCreateSampler", "no sampler that converts") { vk, out in
      vk.vkCreateSampler(host.device, &samplerCreate, nil, out)
    }
    self.key = key
  }
}
