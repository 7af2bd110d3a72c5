/// Vulkan's packed version numbers (VK_MAKE_API_VERSION, which Swift does not import).
public enum VulkanVersion {
  /// Vulkan 1.1.0.
  public static let v1_1: UInt32 = 1 << 22 | 1 << 12
  /// Vulkan 1.2.0.
  public static let v1_2: UInt32 = 1 << 22 | 2 << 12
  /// Vulkan 1.3.0.
  public static let v1_3: UInt32 = 1 << 22 | 3 << 12

  /// `1.3.230`.
  public static func text(_ version: UInt32) -> String {
    "\(version >> 22 & 0x7F).\(version >> 12 & 0x3FF).\(version & 0xFFF)"
  }
}
