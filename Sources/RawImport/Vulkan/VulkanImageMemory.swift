internal import InteropDrivers

/// A Vulkan image with its memory: one allocation, or several for a disjoint image.
final class VulkanImageMemory: @unchecked Sendable {
  // The image is destroyed before its memory.
  private let image: VulkanObject
  private let memories: [Allocation]
  /// The size of all allocations, in bytes.
  let size: UInt64
  let life = ImageLifetime()

  /// Arrays hold no noncopyable values.
  final class Allocation: @unchecked Sendable {
    let memory: VulkanObject
    init(_ memory: consuming VulkanObject) { self.memory = memory }
  }

  var handle: VkImage { image.handle }
  /// The memory of the first allocation.
  var memory: VkDeviceMemory { memories[0].memory.handle }

  init(_ image: consuming VulkanObject, _ memories: [Allocation], size: UInt64) {
    precondition(!memories.isEmpty, "an image has memory")
    self.image = image
    self.memories = memories
    self.size = size
  }

  deinit { life.end() }
}
