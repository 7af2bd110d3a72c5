/// Which queue uses an image in a Vulkan access, and which one takes it from GL.
///
/// Usually one queue does both. Where the two differ, the *ownership queue* acquires the image from
/// `VK_QUEUE_FAMILY_EXTERNAL` (a DMA-BUF from `VK_QUEUE_FAMILY_FOREIGN_EXT`), transfers it to the queue that uses it,
/// and gives it back to GL afterwards; they are any two queues of the device, of one family or of two. The access is
/// then three submissions with two semaphores of the image's own, made at the first such access (Vulkan 1.3, 7.7.4
/// "Queue Family Ownership Transfer"). For devices on which one family is slow to take an image from GL.
///
/// Images that GL and Vulkan do not share (path `host-copy`) are Vulkan's own: they need no ownership queue, and ignore
/// it.
///
/// The corresponding C type is `glvk_access_options`.
public struct AccessQueues: Sendable {
  /// The queue that uses the image; nil for the device's first queue.
  public let queue: VulkanQueue?
  /// The queue that takes the image from GL and gives it back; nil lets ``queue`` do it.
  public let ownershipQueue: VulkanQueue?

  /// - Parameters:
  ///   - queue: uses the image; nil for the device's first queue.
  ///   - ownershipQueue: takes the image from GL and gives it back; nil, or `queue` itself, does without.
  public init(_ queue: VulkanQueue? = nil, ownership ownershipQueue: VulkanQueue? = nil) {
    self.queue = queue
    self.ownershipQueue = ownershipQueue
  }

  /// The device's first queue, for both.
  public static let first = AccessQueues()
}
