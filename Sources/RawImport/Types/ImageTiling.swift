public import InteropDrivers

/// Memory layout of the shared image. Both APIs must be told the same.
public enum ImageTiling: String, Sendable, Hashable, CaseIterable, Codable {
  /// The drivers' own layout: VK_IMAGE_TILING_OPTIMAL, GL_OPTIMAL_TILING_EXT.
  case optimal
  /// Rows one after the other: VK_IMAGE_TILING_LINEAR, GL_LINEAR_TILING_EXT.
  case linear
  /// What a DRM format modifier says: the layout of DMA-BUFs.
  case drmModifier = "drm-modifier"

  /// What OPAQUE_FD memory can have.
  public static let ofOpaqueFD: [ImageTiling] = [.optimal, .linear]

  /// The same for `VkImageCreateInfo.tiling`.
  public var vkTiling: VkImageTiling {
    switch self {
    case .optimal: VK_IMAGE_TILING_OPTIMAL
    case .linear: VK_IMAGE_TILING_LINEAR
    case .drmModifier: VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT
    }
  }
  /// The value of GL_TEXTURE_TILING_EXT; EGL is told the modifier instead.
  public var glTiling: GLenum? {
    switch self {
    case .optimal: GLenum(GL_OPTIMAL_TILING_EXT)
    case .linear: GLenum(GL_LINEAR_TILING_EXT)
    case .drmModifier: nil
    }
  }
}
