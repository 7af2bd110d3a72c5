package import RawImport

/// The DRM format modifiers that both sides have for a pixel format: Vulkan to allocate with, EGL to import and render
/// into. Both lists are claims, which the cells of the matrix test.
package enum CommonModifiers {
  /// - Returns: the modifiers in Vulkan's order; none where an extension is missing or EGL refuses the format.
  package static func of(_ format: PixelFormat, _ context: GLContext, _ host: VulkanHost) -> [DRMModifier] {
    guard let egl = context.egl, egl.canImportDMABufs, (try? host.checkDMABufs("list modifiers")) != nil,
      let listed = try? egl.modifiers(of: format.drmFourCC)
    else { return [] }
    // A modifier that only permits sampling, as GL_TEXTURE_EXTERNAL_OES, does not give an image for both sides.
    let known = Set(listed.filter { !$0.isExternalOnly }.map(\.modifier))
    var seen: Set<DRMModifier> = []
    return host.modifierFeatures(of: format.vkFormat).map(\.modifier).filter {
      $0 != .invalid && known.contains($0) && seen.insert($0).inserted
    }
  }

  /// The number of modifiers that are tried for each format but the first. Devices list dozens (AMD: one for each tile
  /// size, pipe and compression), which differ in layout and not by format.
  static let limit = 8

  /// Selects the modifiers of a format that are tried: all for the format that is tested most closely; for the others
  /// the first seven in Vulkan's order and linear, which other devices accept.
  package static func tried(_ listed: [DRMModifier], all: Bool) -> [DRMModifier] {
    guard !all, listed.count > limit else { return listed }
    guard let place = listed.firstIndex(of: .linear), place >= limit - 1 else { return Array(listed.prefix(limit)) }
    return listed.prefix(limit - 1) + [.linear]
  }
}
