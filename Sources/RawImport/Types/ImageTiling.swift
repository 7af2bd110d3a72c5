public import InteropDrivers

/// The memory layout of a shared image. Both APIs must use the same one.
public enum ImageTiling: String, Sendable, Hashable, CaseIterable, Codable {
  /// The drivers' own layout: VK_IMAGE_TILING_OPTIMAL, GL_OPTIMAL_TILING_EXT.
  case optimal
  /// Rows one after the other: VK_IMAGE_TILING_LINEAR, GL_LINEAR_TILING_EXT.
  case linear
  /// The layout that a DRM format modifier names, as DMA-BUFs have it.
  case drmModifier = "drm-modifier"

  /// The tilings that OPAQUE_FD memory supports.
  public static let ofOpaqueFD: [ImageTiling] = [.optimal, .linear]

  /// The value for `VkImageCreateInfo.tiling`.
  public var vkTiling: VkImageTiling {
    switch self {
    case .optimal: VK_IMAGE_TILING_OPTIMAL
    case .linear: VK_IMAGE_TILING_LINEAR
    case .drmModifier: VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT
    }
  }
  /// The value of GL_TEXTURE_TILING_EXT; nil where EGL is given the modifier instead.
  public var glTiling: GLenum? {
    switch self {
    case .optimal: GLenum(GL_OPTIMAL_TILING_EXT)
    case .linear: GLenum(GL_LINEAR_TILING_EXT)
    case .drmModifier: nil
    }
  }
}
