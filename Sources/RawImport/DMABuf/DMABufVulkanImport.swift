public import InteropDrivers

/// How to import a buffer whose modifier is ``DRMModifier/invalid``. Only the driver that made it, and others of the
/// same kind, know its layout.
public enum ImplicitLayout: String, Sendable, Hashable {
  /// Throw an error.
  case refuse
  /// Take the buffer as linear. The caller knows that it is: from the allocator (GBM_BO_USE_LINEAR, a dumb buffer) or
  /// the protocol.
  case linear
  /// Let the driver find the layout by itself, from the buffer's metadata, since the same driver made it.
  ///
  /// The import uses VK_IMAGE_TILING_OPTIMAL and no modifier, as radv reads radeonsi's buffers. With any other driver
  /// the result is garbage without an error.
  case driversOwn
}

extension DMABuf {
  /// Imports the buffer as a Vulkan image, without a copy.
  ///
  /// The content is kept: begin with ``DMABufImage/acquireBarrier(_:queue:)``. The descriptors are lent (Vulkan gets
  /// duplicates), so this object may go. Views of a buffer with padding (`XR24`) take ``DMABufImage/componentMapping``,
  /// which makes alpha 1.
  ///
  /// - Parameters:
  ///   - host: made with VK_EXT_external_memory_dma_buf and VK_EXT_image_drm_format_modifier. Any device that reads the
  ///     modifier, not only the one that made the buffer.
  ///   - format: how Vulkan interprets the bytes; nil for the one that the fourcc names. `bgra8` fits AR24, and both
  ///     sRGB formats fit, which DRM has no names for. For YUV see `importYUVIntoVulkan`.
  ///   - usage: Vulkan usage; nil for all that the device supports.
  ///   - implicitLayout: what to do without a modifier.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a format of other bytes or a buffer that is smaller than the
  ///   device needs; ``InteropError/Code/unsupported`` where the device has no such image; the driver's refusal.
  ///
  /// The corresponding C functions are `vkCreateImage` with `VkImageDrmFormatModifierExplicitCreateInfoEXT`,
  /// `vkGetMemoryFdPropertiesKHR`, `vkAllocateMemory` with `VkImportMemoryFdInfoKHR` and `vkBindImageMemory`
  /// (`vkBindImageMemory2` for planes in several buffers).
  public func importIntoVulkan(
    _ host: VulkanHost, format: PixelFormat? = nil, usage: VkImageUsageFlags? = nil,
    implicitLayout: ImplicitLayout = .refuse
  ) throws(InteropError) -> DMABufImage {
    let formats = try vulkanFormats(format)
    return try importIntoVulkan(host, formats: formats, usage: usage, implicitLayout: implicitLayout)
  }

  private static let step = "import a DMA-BUF into Vulkan"

  /// The image's format first, then those of views.
  private func vulkanFormats(_ wanted: PixelFormat?) throws(InteropError) -> [VkFormat] {
    guard let own = self.format.vkFormats else {
      throw InteropError(
        .unsupported, step: Self.step, reason: "\(self.format) is no format of one plane",
        advice: self.format.isYUV
          ? "Import it as YUV, or each plane as an image of one or two channels (R8, GR88)" : nil)
    }
    guard let wanted else { return own }
    guard own.contains(wanted.vkFormat) else {
      throw InteropError(
        .invalidArgument, step: Self.step,
        reason: "the buffer is \(self.format), whose bytes are not those of \(wanted)",
        advice: "Leave the format out, or name one with the fourcc \(self.format)")
    }
    return wanted.viewFormats
  }

  /// - Parameter formats: the image's format first, then those of views.
  package func importIntoVulkan(
    _ host: VulkanHost, formats: [VkFormat], usage: VkImageUsageFlags?, implicitLayout: ImplicitLayout
  ) throws(InteropError) -> DMABufImage {
    try host.checkDMABufs(Self.step)
    var query = DMABufImageQuery(
      size: size, vkFormat: formats[0], viewFormats: formats, feature: VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT)
    query.isDisjoint = description.isDisjoint
    if modifier == .invalid, implicitLayout != .linear {
      guard implicitLayout == .driversOwn else {
        throw InteropError(
          .unsupported, step: Self.step, reason: "the buffer's layout is not known: it has no modifier",
          missing: ["a DRM format modifier"],
          advice:
            "Allocate with modifiers, or say what is known of the layout (ImplicitLayout, GLVK_IMPLICIT_LAYOUT_LINEAR)")
      }
      return try importWithoutModifier(host, query, usage)
    }
    let modifier = modifier == .invalid ? .linear : modifier
    let (features, usage) = try support(query, modifier, usage, host)
    guard features.planeCount == planes.count else {
      throw InteropError(
        .unsupported, step: Self.step,
        reason: "the buffer has \(planes.count) planes and \(host.info.deviceName) expects \(features.planeCount) for"
          + " \(format) \(modifier)",
        missing: ["\(features.planeCount) planes"],
        advice: "Give all planes: EGL_MESA_image_dma_buf_export of Mesa leaves out all but the first")
    }
    var chain = StructChain()
    let layouts = planes.map { plane in
      var layout = VkSubresourceLayout()
      layout.offset = plane.offset
      layout.rowPitch = plane.stride
      return layout
    }
    var explicit = VkImageDrmFormatModifierExplicitCreateInfoEXT()
    explicit.sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT
    explicit.drmFormatModifier = modifier.rawValue
    explicit.drmFormatModifierPlaneCount = UInt32(planes.count)
    explicit.pPlaneLayouts = UnsafePointer(chain.add(contentsOf: layouts))
    var create = query.createInfo(
      usage: usage, tiling: VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT, modifier: chain.add(explicit), in: &chain)
    let image = try host.makeObject(
      .image, "vkCreateImage", "no image of \(size) \(format) with modifier \(modifier) and these planes"
    ) { out in host.vk.vkCreateImage(host.device, &create, nil, out) }
    let parts = try bind(image, query, host)
    return DMABufImage(parts, self, query.vkFormat, usage, host, layoutModifier: modifier)
  }

  private func support(
    _ query: DMABufImageQuery, _ modifier: DRMModifier, _ wanted: VkImageUsageFlags?, _ host: VulkanHost
  ) throws(InteropError) -> (VulkanHost.ModifierFeatures, VkImageUsageFlags) {
    func unsupported(_ reason: String, _ missing: String) -> InteropError {
      InteropError(
        .unsupported, step: Self.step, reason: "\(host.info.deviceName) \(reason)", missing: [missing],
        advice: "Allocate the buffer with a modifier that both sides have")
    }
    let listed = host.modifierFeatures(of: query.vkFormat)
    guard let features = listed.first(where: { $0.modifier == modifier }) else {
      let names = listed.isEmpty ? "none" : listed.map(\.modifier.description).joined(separator: ", ")
      throw unsupported("reads no \(format) with modifier \(modifier); it lists \(names)", "\(format) \(modifier)")
    }
    if query.isDisjoint, features.features & UInt32(VK_FORMAT_FEATURE_DISJOINT_BIT.rawValue) == 0 {
      throw unsupported(
        "takes no \(format) \(modifier) with planes in several buffers", "VK_FORMAT_FEATURE_DISJOINT_BIT")
    }
    guard let usage = try query.usage(features, wanted: wanted, on: host) else {
      throw unsupported(
        "imports no \(format) \(modifier) of \(size) as DMA-BUF", "\(format) \(modifier) dma-buf import")
    }
    return (features, usage)
  }

  // MARK: Memory

  /// Imports each buffer and binds the image to them.
  private func bind(
    _ image: consuming VulkanObject, _ query: DMABufImageQuery, _ host: VulkanHost
  ) throws(InteropError) -> VulkanImageMemory {
    let handle = image.handle
    guard query.isDisjoint else {
      let requirements = host.memoryRequirements(of: handle)
      let memory = try withDescriptors { (numbers) throws(InteropError) in
        try importMemory(numbers[0], objects[0].size, requirements, dedicatedTo: handle, host)
      }
      try host.vk.vkBindImageMemory(host.device, handle, memory.memory.handle, 0)
        .check("vkBindImageMemory", "the buffer does not fit the image")
      return VulkanImageMemory(image, [memory], size: requirements.size)
    }
    // Vulkan binds planes one by one, so each has an allocation; a disjoint image has no dedicated allocation.
    var memories: [VulkanImageMemory.Allocation] = []
    var total: UInt64 = 0
    var chain = StructChain()
    var binds: [VkBindImageMemoryInfo] = []
    for (index, plane) in planes.enumerated() {
      let aspect = DMABufImage.memoryPlaneAspects[index]
      let requirements = host.memoryRequirements(of: handle, plane: aspect)
      let memory = try withDescriptors { (numbers) throws(InteropError) in
        try importMemory(numbers[plane.object], objects[plane.object].size, requirements, dedicatedTo: nil, host)
      }
      memories.append(memory)
      total += requirements.size
      var part = VkBindImagePlaneMemoryInfo()
      part.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO
      part.planeAspect = aspect
      var bind = VkBindImageMemoryInfo()
      bind.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO
      bind.pNext = UnsafeRawPointer(chain.add(part))
      bind.image = handle
      bind.memory = memory.memory.handle
      binds.append(bind)
    }
    try host.vk.vkBindImageMemory2(host.device, UInt32(binds.count), binds)
      .check("vkBindImageMemory2", "the buffers do not fit the image")
    return VulkanImageMemory(image, memories, size: total)
  }

  private func importMemory(
    _ number: Int32, _ bytes: UInt64, _ requirements: VkMemoryRequirements, dedicatedTo image: VkImage?,
    _ host: VulkanHost
  ) throws(InteropError) -> VulkanImageMemory.Allocation {
    guard requirements.size <= bytes else {
      throw InteropError(
        .invalidArgument, step: Self.step,
        reason:
          "\(host.info.deviceName) needs \(requirements.size) bytes for \(size) \(format) \(modifier), the buffer has"
          + " \(bytes)",
        advice: "Check size, offsets and strides, or allocate the buffer larger")
    }
    guard let query = host.vk.vkGetMemoryFdPropertiesKHR else {
      throw InteropError(
        .unsupported, step: "vkGetMemoryFdPropertiesKHR", reason: "the device was made without it",
        missing: ["VK_KHR_external_memory_fd"])
    }
    var properties = VkMemoryFdPropertiesKHR()
    properties.sType = VK_STRUCTURE_TYPE_MEMORY_FD_PROPERTIES_KHR
    try query(host.device, VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT, number, &properties)
      .check("vkGetMemoryFdPropertiesKHR", "the device does not take the buffer")
    let types = properties.memoryTypeBits & requirements.memoryTypeBits
    guard types != 0 else {
      throw InteropError(
        .unsupported, step: "vkGetMemoryFdPropertiesKHR",
        reason: "no memory type of \(host.info.deviceName) fits both the buffer and the image",
        missing: ["a common memory type"], advice: "Allocate the buffer on this device, or use another path")
    }
    let descriptor = try FileDescriptorOwner(duplicating: number)
    var chain = StructChain()
    var info = VkImportMemoryFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR
    info.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT
    info.fd = descriptor.withBorrowed { $0 }
    if let image {
      var dedicated = VkMemoryDedicatedAllocateInfo()
      dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
      dedicated.image = image
      info.pNext = UnsafeRawPointer(chain.add(dedicated))
    }
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(info))
    allocate.allocationSize = requirements.size
    allocate.memoryTypeIndex = try host.localMemoryType(allowedBy: types)
    let memory = try host.makeObject(.memory, "vkAllocateMemory", "the device does not import the buffer") { out in
      host.vk.vkAllocateMemory(host.device, &allocate, nil, out)
    }
    // A successful import takes ownership of the descriptor.
    _ = descriptor.handOver()
    return VulkanImageMemory.Allocation(memory)
  }

  /// Imports in the driver's own layout, as drivers did before there were modifiers.
  private func importWithoutModifier(
    _ host: VulkanHost, _ query: DMABufImageQuery, _ wanted: VkImageUsageFlags?
  ) throws(InteropError) -> DMABufImage {
    let usage =
      wanted
      ?? UInt32(
        VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
          | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
    var chain = StructChain()
    var create = query.createInfo(usage: usage, tiling: VK_IMAGE_TILING_OPTIMAL, modifier: nil, in: &chain)
    let image = try host.makeObject(.image, "vkCreateImage", "no image of \(size) \(format) without a modifier") {
      out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    return DMABufImage(try bind(image, query, host), self, query.vkFormat, usage, host, layoutModifier: nil)
  }
}

extension VulkanHost {
  /// The requirements of one memory plane of a disjoint image.
  func memoryRequirements(of image: VkImage, plane: VkImageAspectFlagBits) -> VkMemoryRequirements {
    var chain = StructChain()
    var part = VkImagePlaneMemoryRequirementsInfo()
    part.sType = VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO
    part.planeAspect = plane
    var info = VkImageMemoryRequirementsInfo2()
    info.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2
    info.pNext = UnsafeRawPointer(chain.add(part))
    info.image = image
    var answer = VkMemoryRequirements2()
    answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2
    vk.vkGetImageMemoryRequirements2(device, &info, &answer)
    return answer.memoryRequirements
  }
}
