internal import InteropDrivers

/// The facts about an image that making its views needs.
struct ViewedImage: @unchecked Sendable {
  let image: VkImage
  /// The image's own format first, then those it was made mutable for.
  let formats: [VkFormat]
  let usage: VkImageUsageFlags
  let tiling: VkImageTiling
  /// The modifier, for an image of that tiling.
  let modifier: DRMModifier?
  let host: VulkanHost
  /// The mapping of a view whose maker asks for no change. An image without alpha is declared opaque here.
  var components = VkComponentMapping()

  private static let step = "make a view"

  /// Makes a view, or returns the one made before.
  ///
  /// - Parameters:
  ///   - format: nil for the image's own.
  ///   - components: all 0 for the image's own.
  func view(
    _ format: VkFormat?, _ components: VkComponentMapping, in life: ImageLifetime
  ) throws(InteropError) -> VkImageView {
    let format = format ?? formats[0]
    guard formats.contains(format) else {
      let names = formats.map { $0.registeredName }.joined(separator: " or ")
      throw InteropError(
        .invalidArgument, step: Self.step,
        reason: "the image has no views of \(format.registeredName)", advice: "Ask for \(names)")
    }
    let components = components.isEqual(to: VkComponentMapping()) ? self.components : components
    return try life.view(format, components) { () throws(InteropError) in
      try host.makeImageView(of: image, format, components: components, usage: try usage(of: format))
    }
  }

  /// Returns the usage that a view of `format` supports: an sRGB view of an image that shaders also write as UNORM
  /// mostly cannot be written (VUID-VkImageViewCreateInfo-usage-02275 and its neighbours).
  private func usage(of format: VkFormat) throws(InteropError) -> VkImageUsageFlags {
    let features = features(of: format)
    let needs: [(VkImageUsageFlagBits, VkFormatFeatureFlagBits)] = [
      (VK_IMAGE_USAGE_SAMPLED_BIT, VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT),
      (VK_IMAGE_USAGE_STORAGE_BIT, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT),
      (VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT),
      (VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT),
    ]
    var usage = usage
    for (bit, feature) in needs where features & UInt32(feature.rawValue) == 0 { usage &= ~UInt32(bit.rawValue) }
    guard needs.contains(where: { usage & UInt32($0.0.rawValue) != 0 }) else {
      throw InteropError(
        .unsupported, step: Self.step,
        reason: "the image's usage is 0x\(String(self.usage, radix: 16)), of which a view of"
          + " \(format.registeredName) can do nothing", missing: ["VK_IMAGE_USAGE_SAMPLED_BIT"],
        advice: "Ask for a usage that views are made for, or copy the image")
    }
    return usage
  }

  private func features(of format: VkFormat) -> VkFormatFeatureFlags {
    if let modifier, tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT {
      return host.modifierFeatures(of: format).first { $0.modifier == modifier }?.features ?? 0
    }
    var properties = VkFormatProperties()
    host.instanceFunctions.vkGetPhysicalDeviceFormatProperties(host.physicalDevice, format, &properties)
    return tiling == VK_IMAGE_TILING_LINEAR ? properties.linearTilingFeatures : properties.optimalTilingFeatures
  }
}

extension PixelFormat {
  /// Returns the formats of views of an image with this format, itself first.
  static func viewFormats(of format: VkFormat) -> [VkFormat] {
    all.first { $0.vkFormat == format }?.viewFormats ?? [format]
  }
}
