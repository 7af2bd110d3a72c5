/// Which API writes an image and which one reads it.
public enum TransferDirection: String, Sendable, Hashable, CaseIterable, Codable {
  /// GL writes, Vulkan reads.
  case glToVulkan = "gl-to-vulkan"
  /// Vulkan writes, GL reads.
  case vulkanToGL = "vulkan-to-gl"
}
