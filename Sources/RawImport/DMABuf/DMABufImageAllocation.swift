public import InteropDrivers

extension DMABufImage {
  /// Allocates an image that other users can import, and exports it.
  ///
  /// - Parameters:
  ///   - size: in pixels.
  ///   - format: of the image; views may have those of ``PixelFormat/viewFormats``.
  ///   - isOpaque: the buffer's format has padding in the place of alpha (`XB24` for `AB24`).
  ///   - modifiers: the modifiers that the other users take; nil for any that Vulkan has. ``DMABufImage/modifier``
  ///     tells which one it is.
  ///   - usage: Vulkan usage; nil for all that the device supports.
  ///   - host: made with VK_EXT_external_memory_dma_buf and VK_EXT_image_drm_format_modifier.
  /// - Throws: ``InteropError/Code/unsupported`` where nothing fits; the driver's refusal.
  ///
  /// The content is undefined: begin with ``discard(for:queue:)``. The corresponding C functions are `vkCreateImage`
  /// with `VkImageDrmFormatModifierListCreateInfoEXT`, `vkGetImageDrmFormatModifierPropertiesEXT`, `vkGetMemoryFdKHR`
  /// and `vkGetImageSubresourceLayout`.
  public convenience init(
    size: PixelSize, format: PixelFormat, isOpaque: Bool = false, modifiers: [DRMModifier]? = nil,
    usage: VkImageUsageFlags? = nil, host: VulkanHost
  ) throws(InteropError) {
    let step = "allocate a DMA-BUF in Vulkan"
    try size.validate(step)
    try host.checkDMABufs(step)
    let query = DMABufImageQuery(
      size: size, vkFormat: format.vkFormat, viewFormats: format.viewFormats,
      feature: VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT)
    let choice = try Self.choose(query, modifiers, usage, host, step, format)
    let parts = try Self.allocate(query, choice, host)
    let modifier = try Self.modifier(of: parts.handle, host)
    guard let features = choice.modifiers.first(where: { $0.modifier == modifier }) else {
      throw InteropError(
        .driverFailure, step: "vkGetImageDrmFormatModifierPropertiesEXT",
        reason: "the device made an image with modifier \(modifier), which was not among those it was given")
    }
    let planes = Self.layout(of: parts.handle, planes: features.planeCount, host)
    let descriptor = try host.exportMemory(parts.memory, .dmaBuf)
    let description = DMABufDescription(
      size: size, format: format.drmFourCC(isOpaque: isOpaque), modifier: modifier, planes: planes)
    let buffer = try descriptor.withBorrowed { (number) throws(InteropError) in
      try DMABuf(description, duplicating: [number])
    }
    self.init(parts, buffer, format.vkFormat, choice.usage, host, layoutModifier: modifier)
  }

  /// Modifiers with the same usages.
  private struct Choice {
    let modifiers: [VulkanHost.ModifierFeatures]
    let usage: VkImageUsageFlags
  }

  private static func choose(
    _ query: DMABufImageQuery, _ wanted: [DRMModifier]?, _ usage: VkImageUsageFlags?, _ host: VulkanHost,
    _ step: String,
    _ format: PixelFormat
  ) throws(InteropError) -> Choice {
    let listed = host.modifierFeatures(of: query.vkFormat)
    // A buffer with more planes than a description holds cannot be passed on, should the device choose it.
    let acceptable = listed.filter {
      $0.modifier != .invalid && (1...DMABufDescription.maximumPlanes).contains($0.planeCount)
        && wanted?.contains($0.modifier) ?? true
    }
    var usable: [(VulkanHost.ModifierFeatures, VkImageUsageFlags)] = []
    for modifier in acceptable {
      if let usage = try query.usage(modifier, wanted: usage, on: host) { usable.append((modifier, usage)) }
    }
    // The modifiers with most usages; the device chooses among them.
    guard let most = usable.map(\.1).max(by: { $0.nonzeroBitCount < $1.nonzeroBitCount }) else {
      let names = { (modifiers: [DRMModifier]) in modifiers.map(\.description).joined(separator: ", ") }
      let others = wanted.map { "; the others take \($0.isEmpty ? "none" : names($0))" } ?? ""
      throw InteropError(
        .unsupported, step: step,
        reason: "\(host.info.deviceName) exports no \(format) image of \(query.size) as DMA-BUF; it lists "
          + (listed.isEmpty ? "no modifiers" : names(listed.map(\.modifier))) + others,
        missing: ["\(format) dma-buf export"], advice: "Choose another pixel format or size")
    }
    return Choice(modifiers: usable.filter { $0.1 == most }.map(\.0), usage: most)
  }

  private static func allocate(
    _ query: DMABufImageQuery, _ choice: Choice, _ host: VulkanHost
  ) throws(InteropError) -> VulkanImageMemory {
    var chain = StructChain()
    var list = VkImageDrmFormatModifierListCreateInfoEXT()
    list.sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT
    list.drmFormatModifierCount = UInt32(choice.modifiers.count)
    list.pDrmFormatModifiers = UnsafePointer(chain.add(contentsOf: choice.modifiers.map(\.modifier.rawValue)))
    var create = query.createInfo(
      usage: choice.usage, tiling: VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT, modifier: chain.add(list), in: &chain)
    let image = try host.makeObject(.image, "vkCreateImage", "no exportable image of \(query.size)") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    let requirements = host.memoryRequirements(of: image.handle)
    let memory = try host.allocateExportable(requirements, for: image.handle, .dmaBuf)
    return VulkanImageMemory(image, [.init(memory)], size: requirements.size)
  }

  private static func modifier(of image: VkImage, _ host: VulkanHost) throws(InteropError) -> DRMModifier {
    guard let query = host.vk.vkGetImageDrmFormatModifierPropertiesEXT else {
      throw InteropError(
        .unsupported, step: "vkGetImageDrmFormatModifierPropertiesEXT", reason: "the device was made without it",
        missing: ["VK_EXT_image_drm_format_modifier"])
    }
    var properties = VkImageDrmFormatModifierPropertiesEXT()
    properties.sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_PROPERTIES_EXT
    try query(host.device, image, &properties)
      .check("vkGetImageDrmFormatModifierPropertiesEXT", "the device does not say which modifier it took")
    return DRMModifier(rawValue: properties.drmFormatModifier)
  }

  /// The planes where the device has really put them.
  private static func layout(
    of image: VkImage, planes: Int, _ host: VulkanHost
  ) -> [DMABufDescription.Plane] {
    (0..<planes).map { plane in
      var part = VkImageSubresource()
      part.aspectMask = UInt32(memoryPlaneAspects[plane].rawValue)
      var layout = VkSubresourceLayout()
      host.vk.vkGetImageSubresourceLayout(host.device, image, &part, &layout)
      return .init(offset: layout.offset, stride: layout.rowPitch)
    }
  }

  static let memoryPlaneAspects = [
    VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT, VK_IMAGE_ASPECT_MEMORY_PLANE_1_BIT_EXT,
    VK_IMAGE_ASPECT_MEMORY_PLANE_2_BIT_EXT, VK_IMAGE_ASPECT_MEMORY_PLANE_3_BIT_EXT,
  ]
}
