/// Who makes the memory that is shared as a DMA-BUF.
public enum SharedMemoryAllocator: String, Sendable, Hashable, CaseIterable {
  /// Vulkan makes it, GL imports it.
  case vulkan
  /// GL makes it, Vulkan imports it.
  case gl
  /// Both import it.
  case neither
}
