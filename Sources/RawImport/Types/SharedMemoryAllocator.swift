/// Which API allocates the memory that is shared as a DMA-BUF.
public enum SharedMemoryAllocator: String, Sendable, Hashable, CaseIterable {
  /// Vulkan allocates it, GL imports it.
  case vulkan
  /// GL allocates it, Vulkan imports it.
  case gl
  /// Both import it.
  case neither
}
