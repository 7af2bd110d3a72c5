public import InteropDrivers
public import LinuxBuffers

extension DRMFourCC {
  /// The Vulkan format with the same bytes, then its sRGB variant; nil where Vulkan has no single-plane format for it.
  package var vkFormats: [VkFormat]? {
    switch withAlpha {
    case .r8: [VK_FORMAT_R8_UNORM]
    case .gr88: [VK_FORMAT_R8G8_UNORM]
    case .r16: [VK_FORMAT_R16_UNORM]
    case .gr1616: [VK_FORMAT_R16G16_UNORM]
    case .abgr8888: [VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_SRGB]
    case .argb8888: [VK_FORMAT_B8G8R8A8_UNORM, VK_FORMAT_B8G8R8A8_SRGB]
    case .abgr2101010: [VK_FORMAT_A2B10G10R10_UNORM_PACK32]
    case .abgr16161616F: [VK_FORMAT_R16G16B16A16_SFLOAT]
    default: nil
    }
  }

  /// The component mapping for a `VkImageView` of such a buffer: alpha is `VK_COMPONENT_SWIZZLE_ONE` where the buffer
  /// has padding in its place (``hasPadding``), every other component is identity.
  ///
  /// Use it for sampled views. Views for attachments, storage images and input attachments must use the identity
  /// mapping.
  public var componentMapping: VkComponentMapping { VkComponentMapping(isOpaque: hasPadding) }
}

extension VkComponentMapping {
  /// The identity mapping, with alpha 1 where the picture is opaque.
  package init(isOpaque: Bool) {
    self.init()
    a = isOpaque ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY
  }
}
