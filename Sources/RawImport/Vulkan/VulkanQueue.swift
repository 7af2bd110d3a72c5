public import InteropDrivers

/// A queue of the Vulkan device.
public struct VulkanQueue: @unchecked Sendable {
  /// The queue's handle.
  public let handle: VkQueue
  /// Index of the queue family.
  public let family: UInt32
  /// The family's capabilities (`VkQueueFamilyProperties.queueFlags`).
  public let flags: VkQueueFlags
  /// The lock that every user of the queue takes.
  public let lock: QueueLock

  /// Describes a queue of an application's device.
  public init(handle: VkQueue, family: UInt32, flags: VkQueueFlags, lock: QueueLock = QueueLock()) {
    self.handle = handle
    self.family = family
    self.flags = flags
    self.lock = lock
  }

  /// Whether the queue supports copies between buffers and images (every graphics and compute family does).
  public var canTransfer: Bool {
    flags & UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue | VK_QUEUE_COMPUTE_BIT.rawValue | VK_QUEUE_TRANSFER_BIT.rawValue) != 0
  }
  /// Whether the queue supports compute shaders, which ``YUVConversion`` needs.
  public var canCompute: Bool { flags & UInt32(VK_QUEUE_COMPUTE_BIT.rawValue) != 0 }
  /// Whether the queue supports render passes.
  public var canDraw: Bool { flags & UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue) != 0 }
}

extension VulkanQueue {
  /// Waits until all that was submitted has been executed. The corresponding C function is `vkQueueWaitIdle`.
  func waitIdle(_ host: VulkanHost) throws(InteropError) {
    try lock.withLock { host.vk.vkQueueWaitIdle(handle) }.check("vkQueueWaitIdle", "the queue does not finish")
  }
}
