public import Drivers

/// A Vulkan image in a DMA-BUF: imported, or allocated by Vulkan and exported.
///
/// It has no turns of its own: who else uses the buffer, and how both wait, only its user knows. ``acquire(_:queue:)`` and
/// ``release(_:queue:)`` are the barriers; between uses the image is in `VK_IMAGE_LAYOUT_GENERAL` and belongs to
/// `VK_QUEUE_FAMILY_FOREIGN_EXT` (`EXTERNAL` where the device lacks VK_EXT_queue_family_foreign). ``SharedImage`` puts GL on
/// the other side and takes turns.
///
/// Owns image, memory and descriptors. The device must have finished with it when it goes. Any thread, one at a time.
public final class DMABufImage: @unchecked Sendable {
  public let host: VulkanHost
  public let size: PixelSize
  public let vkFormat: VkFormat
  public let usage: VkImageUsageFlags
  /// The buffer; ``DMABuf/duplicate()`` it to give it away.
  public let dmaBuf: DMABuf
  let parts: VulkanImageMemory

  public var vkImage: VkImage { parts.handle }
  /// Of a disjoint image the first.
  public var vkMemory: VkDeviceMemory { parts.memory }
  /// Bytes.
  public var memorySize: UInt64 { parts.size }
  public var modifier: DRMModifier { dmaBuf.modifier }
  /// Whose the image is when this device does not have it.
  public var outsideFamily: UInt32 { host.dmaBufFamily }

  init(
    _ parts: VulkanImageMemory, _ dmaBuf: DMABuf, _ vkFormat: VkFormat, _ usage: VkImageUsageFlags, _ host: VulkanHost
  ) {
    self.parts = parts
    self.dmaBuf = dmaBuf
    self.size = dmaBuf.size
    self.vkFormat = vkFormat
    self.usage = usage
    self.host = host
  }

  /// What comes before the first use in Vulkan. Wait for the other user first: with the semaphore of
  /// ``VulkanHost/importSyncFile(_:into:)``, or with ``SyncFile`` on the CPU.
  ///
  /// - Parameters:
  ///   - use: how the commands that follow use the image.
  ///   - queue: where they are submitted.
  public func acquire(_ use: VulkanAccess, queue: VulkanQueue) -> VulkanHandover {
    .acquire(vkImage, use, from: outsideFamily, to: queue.family, semaphore: nil)
  }

  /// What comes after the last use in Vulkan, before the other user is told.
  public func release(_ use: VulkanAccess, queue: VulkanQueue) -> VulkanHandover {
    .release(vkImage, use, from: queue.family, to: outsideFamily, semaphore: nil)
  }

  /// As ``acquire(_:queue:)`` for an image whose content nobody needs, from VK_IMAGE_LAYOUT_UNDEFINED: the first time in a
  /// buffer that Vulkan has allocated.
  public func discard(for use: VulkanAccess, queue: VulkanQueue) -> VulkanHandover {
    .transition(vkImage, from: .general, to: use, discarding: true)
  }
}

extension VulkanHost {
  /// Whose a DMA-BUF is when this device does not have it.
  var dmaBufFamily: UInt32 {
    enabledDeviceExtensions.contains("VK_EXT_queue_family_foreign")
      ? VulkanHandover.foreignFamily : VulkanHandover.externalFamily
  }

  /// - Throws: ``InteropError/Code/unsupported`` naming the extensions that DMA-BUFs need and this device was made without.
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
