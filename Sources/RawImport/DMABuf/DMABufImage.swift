public import InteropDrivers

/// A Vulkan image in a DMA-BUF: imported, or allocated by Vulkan and exported.
///
/// The image tracks no accesses: only the application knows the buffer's other users, and how both wait.
/// ``acquireBarrier(_:queue:)`` and ``releaseBarrier(_:queue:)`` return the barriers; between uses the image is in
/// `VK_IMAGE_LAYOUT_GENERAL` and belongs to `VK_QUEUE_FAMILY_FOREIGN_EXT` (`EXTERNAL` where the device lacks
/// VK_EXT_queue_family_foreign). ``SharedImage`` shares a buffer with GL and tracks the accesses of both.
///
/// Owns image, memory and descriptors. The device must have finished with it when it goes. Any thread, one at a time.
public final class DMABufImage: @unchecked Sendable {
  /// The device the image is on.
  public let host: VulkanHost
  /// Width and height in pixels.
  public let size: PixelSize
  /// Format of the image.
  public let vkFormat: VkFormat
  /// The usage the image was made with.
  public let usage: VkImageUsageFlags
  /// The buffer. Use ``DMABuf/duplicate()`` to pass it on.
  public let dmaBuf: DMABuf
  let parts: VulkanImageMemory
  /// The modifier the image was made with; nil for the driver's own layout.
  private let layoutModifier: DRMModifier?

  /// The image. It lives as long as this object.
  public var vkImage: VkImage { parts.handle }
  /// The memory ``vkImage`` is bound to; of a disjoint image the first.
  public var vkMemory: VkDeviceMemory { parts.memory }
  /// Size of the memory in bytes.
  public var memorySize: UInt64 { parts.size }
  /// The buffer's DRM format modifier.
  public var modifier: DRMModifier { dmaBuf.modifier }
  /// The queue family that owns the image while this device does not.
  public var outsideFamily: UInt32 { host.dmaBufFamily }
  /// The component mapping for a view that is sampled: alpha is 1 where the buffer has padding in its place.
  ///
  /// See ``DRMFourCC/componentMapping``. In C: `glvk_dma_buf_image_info`.
  public var componentMapping: VkComponentMapping { dmaBuf.format.componentMapping }

  init(
    _ parts: VulkanImageMemory, _ dmaBuf: DMABuf, _ vkFormat: VkFormat, _ usage: VkImageUsageFlags, _ host: VulkanHost,
    layoutModifier: DRMModifier?
  ) {
    self.layoutModifier = layoutModifier
    self.parts = parts
    self.dmaBuf = dmaBuf
    self.size = dmaBuf.size
    self.vkFormat = vkFormat
    self.usage = usage
    self.host = host
  }

  // MARK: The application's own objects

  /// Identifies the image, for objects that an application keeps for it.
  ///
  /// The driver may use the handle of ``vkImage`` again for another image. An ID is never used again.
  public var imageID: ImageID { parts.life.id }
  package var life: ImageLifetime { parts.life }

  /// Calls `handler` once, with ``imageID``, when the image goes, before `vkDestroyImage`: on the thread that releases
  /// this object. As ``SharedImage/onImageRetired(_:)``.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { parts.life.onEnd(handler) }

  /// Returns a view of the image. The first call makes it; the image owns and destroys it.
  ///
  /// Parameters and errors as ``SharedImage/view(format:components:)``; ``InteropError/Code/unsupported`` for an image
  /// of several planes of colour, whose views go with a sampler: ``YUVImage/views``.
  ///
  /// The corresponding C function is `vkCreateImageView`.
  public func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView {
    if dmaBuf.format.isYUV {
      throw InteropError(
        .unsupported, step: "make a view", reason: "an image of \(dmaBuf.format) is sampled through a conversion",
        missing: ["a view without VkSamplerYcbcrConversion"],
        advice: "Import it as a YUV image, whose views go with a sampler of its own")
    }
    return try viewed.view(format, components, in: parts.life)
  }

  var viewed: ViewedImage {
    ViewedImage(
      image: parts.handle, formats: PixelFormat.viewFormats(of: vkFormat), usage: usage,
      tiling: layoutModifier == nil ? VK_IMAGE_TILING_OPTIMAL : VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT,
      modifier: layoutModifier, host: host, components: componentMapping)
  }

  // MARK: Barriers

  /// Returns the acquire operation before the first use in Vulkan.
  ///
  /// Wait for the other user first: with the semaphore of ``VulkanHost/importSyncFile(_:into:)``, or with ``SyncFile``
  /// on the CPU.
  ///
  /// - Parameters:
  ///   - use: how the commands that follow use the image.
  ///   - queue: where they are submitted.
  /// - Throws: ``InteropError/Code/invalidArgument`` for an invalid use (layout UNDEFINED or PREINITIALIZED, no
  ///   stages), and for a queue of another device.
  public func acquireBarrier(_ use: VulkanAccess, queue: VulkanQueue) throws(InteropError) -> OwnershipTransferBarrier {
    .acquire(vkImage, use, from: outsideFamily, to: try family(for: use, queue), semaphore: nil)
  }

  /// Returns the release operation after the last use in Vulkan, before the other user is told.
  ///
  /// - Throws: as ``acquireBarrier(_:queue:)``.
  public func releaseBarrier(_ use: VulkanAccess, queue: VulkanQueue) throws(InteropError) -> OwnershipTransferBarrier {
    .release(vkImage, use, from: try family(for: use, queue), to: outsideFamily, semaphore: nil)
  }

  private func family(for use: VulkanAccess, _ queue: VulkanQueue) throws(InteropError) -> UInt32 {
    try use.check()
    return try host.known(queue.handle, "queue").family
  }

  /// Returns the barrier that begins a use from VK_IMAGE_LAYOUT_UNDEFINED and discards the content: the first use of a
  /// buffer that Vulkan has allocated.
  ///
  /// - Throws: as ``acquireBarrier(_:queue:)``.
  public func discard(for use: VulkanAccess, queue: VulkanQueue) throws(InteropError) -> OwnershipTransferBarrier {
    _ = try family(for: use, queue)
    return .transition(vkImage, from: .general, to: use, discarding: true)
  }
}

extension VulkanHost {
  /// The queue family that owns a DMA-BUF while this device does not.
  var dmaBufFamily: UInt32 {
    enabledDeviceExtensions.contains("VK_EXT_queue_family_foreign")
      ? OwnershipTransferBarrier.foreignFamily : OwnershipTransferBarrier.externalFamily
  }

  /// - Throws: ``InteropError/Code/unsupported`` naming the extensions that DMA-BUFs need and this device was made
  ///   without.
  package func checkDMABufs(_ step: String) throws(InteropError) {
    var missing = ["VK_KHR_external_memory_fd", "VK_EXT_external_memory_dma_buf", "VK_EXT_image_drm_format_modifier"]
      .filter { !enabledDeviceExtensions.contains($0) }
    if apiVersion < VulkanVersion.v1_2, !enabledDeviceExtensions.contains("VK_KHR_image_format_list") {
      missing.append("VK_KHR_image_format_list")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: step, reason: "\(info.deviceName) was made without what DMA-BUFs need", missing: missing,
        advice: adviceForMissingExtensions(otherwise: "use another path"))
    }
  }
}
