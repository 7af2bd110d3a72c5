package import InteropDrivers

/// A semaphore that a Vulkan submission waits for or signals: a binary one, or a timeline at a value.
package struct SemaphorePoint: @unchecked Sendable {
  package let semaphore: VkSemaphore
  /// The value of a timeline; 0 for a binary semaphore, which has none.
  package let value: UInt64

  package init(_ semaphore: VkSemaphore, at value: UInt64 = 0) {
    self.semaphore = semaphore
    self.value = value
  }
}
