public import InteropDrivers

/// A queue of the host's device.
public struct VulkanQueue: @unchecked Sendable {
  /// The queue.
  public let handle: VkQueue
  /// Index of the queue family.
  public let family: UInt32
  /// What the family can do (`VkQueueFamilyProperties.queueFlags`).
  public let flags: VkQueueFlags
  /// The lock under which the queue is used, by everybody.
  public let lock: QueueLock

  /// A queue of an application's device.
  public init(handle: VkQueue, family: UInt32, flags: VkQueueFlags, lock: QueueLock = QueueLock()) {
    self.handle = handle
    self.family = family
    self.flags = flags
    self.lock = lock
  }

  /// Whether copies between buffers and images can be recorded for it (every graphics and compute family can).
  public var canTransfer: Bool {
    flags & UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue | VK_QUEUE_COMPUTE_BIT.rawValue | VK_QUEUE_TRANSFER_BIT.rawValue) != 0
  }
  /// Whether compute shaders run on it, which ``YUVConversion`` needs.
  public var canCompute: Bool { flags & UInt32(VK_QUEUE_COMPUTE_BIT.rawValue) != 0 }
  /// Whether render passes can be recorded for it.
  public var canDraw: Bool { flags & UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue) != 0 }
}
