public import InteropDrivers
public import RawImport

extension DMABuf {
  /// Imports an NV12, P010 or YU12 buffer as a multi-planar Vulkan image, or as one image per plane, without a copy.
  ///
  /// ``YUVConverter`` treats both alike. The package tries which one works: Mesa 25's lavapipe lists the multi-planar
  /// formats with a modifier and refuses them for DMA-BUFs (VK_ERROR_FORMAT_NOT_SUPPORTED), Mesa 26's accepts them.
  ///
  /// The import keeps the buffer's content: begin with ``YUVImage/acquireBarriers(_:queue:)``. The driver only borrows the
  /// descriptors, so this object may go away afterwards. The usage of the images is SAMPLED.
  ///
  /// - Parameters:
  ///   - host: made with VK_EXT_external_memory_dma_buf and VK_EXT_image_drm_format_modifier, and with the feature
  ///     samplerYcbcrConversion for multi-planar images.
  ///   - encoding: nil guesses, see ``YUVEncoding/init(guessedFor:)``.
  ///   - arrangement: nil takes ``YUVImage/Arrangement/multiPlanar`` where that works, and with linear chroma, or P010
  ///     on lavapipe, ``YUVImage/Arrangement/perPlane``, which is more exact; ``YUVImage/reason`` explains the choice.
  ///   - implicitLayout: how to import a buffer without a modifier.
  /// - Throws: ``InteropError/Code/unsupported`` for another format and for a buffer that the device does not import;
  ///   for a requested arrangement, the reason why it is impossible.
  ///
  /// The C functions are those of ``importIntoVulkan(_:format:usage:implicitLayout:)``, with
  /// `vkCreateSamplerYcbcrConversion` for multi-planar images.
  public func importYUVIntoVulkan(
    _ host: VulkanHost, encoding: YUVEncoding? = nil, arrangement: YUVImage.Arrangement? = nil,
    implicitLayout: ImplicitLayout = .refuse
  ) throws(InteropError) -> YUVImage {
    let step = "import a YUV DMA-BUF into Vulkan"
    let layout = try YUVFormat(format, step)
    try host.checkDMABufs(step)
    let encoding = encoding ?? YUVEncoding(guessedFor: size)
    let usage = UInt32(VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
    return try YUVImage.choose(
      arrangement, layout, for: encoding, on: host,
      multiPlanar: { (reason) throws(InteropError) in
        try YUVImage.checkMultiPlanar(layout, size, host)
        let image = try importIntoVulkan(
          host, formats: [layout.multiPlanar], usage: usage, implicitLayout: implicitLayout)
        let ycbcr = try YcbcrSampler.shared(
          layout.multiPlanar, encoding, features: features(layout.multiPlanar, implicitLayout, host), on: host)
        let view = try host.makeImageView(of: image.vkImage, layout.multiPlanar, conversion: ycbcr.conversion)
        return YUVImage(
          size: size, layout: layout, encoding: encoding, reason: reason,
          multiPlanar: YUVImageStorage(image.vkImage, ownedBy: image, view: view), ycbcr,
          samplerDescriptorCount: try samplerDescriptorCount(layout, image, implicitLayout, host), host: host)
      },
      perPlane: { (reason) throws(InteropError) in
        var images: [YUVImageStorage] = []
        for (index, plane) in layout.planes.enumerated() {
          let buffer = try colorPlane(index, as: plane)
          let image = try buffer.importIntoVulkan(
            host, formats: [plane.vkFormat], usage: usage, implicitLayout: implicitLayout)
          let view = try host.makeImageView(of: image.vkImage, plane.vkFormat)
          images.append(YUVImageStorage(image.vkImage, ownedBy: image, view: view))
        }
        return YUVImage(size: size, layout: layout, encoding: encoding, reason: reason, perPlane: images, host: host)
      })
  }

  /// Makes a buffer of one plane of pixels with a single-plane format: R8 for luma, say. It duplicates the descriptor.
  func colorPlane(_ index: Int, as plane: YUVFormat.Plane) throws(InteropError) -> DMABuf {
    // Compression planes follow the colour planes, and no single-plane format could name them.
    guard planes.count == format.colorPlanes?.count else {
      throw InteropError(
        .unsupported, step: "import a YUV DMA-BUF",
        reason:
          "the buffer has \(planes.count) planes with modifier \(modifier): its colour planes cannot be told apart",
        missing: ["\(format) \(modifier) plane by plane"])
    }
    let memory = planes[index]
    let described = DMABufDescription(
      size: plane.layout.size(of: size), format: plane.fourcc, modifier: modifier,
      planes: [.init(offset: memory.offset, stride: memory.stride)])
    return try withDescriptors { (numbers) throws(InteropError) in
      try DMABuf(described, duplicating: [numbers[memory.object]])
    }
  }

  /// Returns the device's features for a format in this buffer's layout.
  private func features(
    _ format: VkFormat, _ implicitLayout: ImplicitLayout, _ host: VulkanHost
  ) -> VkFormatFeatureFlags {
    guard let modifier = knownModifier(implicitLayout) else { return host.optimalFeatures(format) }
    return host.modifierFeatures(of: format).first { $0.modifier == modifier }?.features ?? 0
  }

  private func knownModifier(_ implicitLayout: ImplicitLayout) -> DRMModifier? {
    if modifier != .invalid { return modifier }
    return implicitLayout == .linear ? .linear : nil
  }

  private func samplerDescriptorCount(
    _ layout: YUVFormat, _ image: DMABufImage, _ implicitLayout: ImplicitLayout, _ host: VulkanHost
  ) throws(InteropError) -> UInt32 {
    var query = DMABufImageQuery(
      size: size, vkFormat: layout.multiPlanar, viewFormats: [layout.multiPlanar],
      feature: VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT)
    query.isDisjoint = description.isDisjoint
    return try query.samplerDescriptorCount(knownModifier(implicitLayout), usage: image.usage, on: host)
  }
}

extension YUVImage {
  /// Makes the acquire operation before Vulkan first uses an imported image, one for each of ``images``:
  /// ``DMABufImage/acquireBarrier(_:queue:)``. Empty for images in Vulkan's own memory, which have no other owner.
  ///
  /// - Parameters:
  ///   - use: how the following commands use the image.
  ///   - queue: the queue that they are submitted to.
  /// - Throws: as ``DMABufImage/acquireBarrier(_:queue:)``.
  public func acquireBarriers(
    _ use: VulkanAccess = .computeSampling, queue: VulkanQueue
  ) throws(InteropError) -> [OwnershipTransferBarrier] {
    var barriers: [OwnershipTransferBarrier] = []
    for image in dmaBufImages { barriers.append(try image.acquireBarrier(use, queue: queue)) }
    return barriers
  }

  /// Makes the release operation after the last use, before the application signals the buffer's other user.
  ///
  /// - Throws: as ``DMABufImage/acquireBarrier(_:queue:)``.
  public func releaseBarriers(
    _ use: VulkanAccess = .computeSampling, queue: VulkanQueue
  ) throws(InteropError) -> [OwnershipTransferBarrier] {
    var barriers: [OwnershipTransferBarrier] = []
    for image in dmaBufImages { barriers.append(try image.releaseBarrier(use, queue: queue)) }
    return barriers
  }
}
