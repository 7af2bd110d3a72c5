/// Who writes and who reads.
public enum TransferDirection: String, Sendable, Hashable, CaseIterable, Codable {
  case glToVulkan = "gl-to-vulkan"
  case vulkanToGL = "vulkan-to-gl"
}
