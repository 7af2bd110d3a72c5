package import InteropDrivers

/// What a submission of Vulkan's waits for or signals: a binary semaphore, or a timeline semaphore at a value.
package struct SemaphorePoint: @unchecked Sendable {
  package let semaphore: VkSemaphore
  /// 0 for a binary semaphore, which has none.
  package let value: UInt64

  package init(_ semaphore: VkSemaphore, at value: UInt64 = 0) {
    self.semaphore = semaphore
    self.value = value
  }
}
