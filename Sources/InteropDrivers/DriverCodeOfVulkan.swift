public import CInteropGraphics
public import InteropBase

extension DriverCode {
  /// Vulkan's answer to a call.
  public init(_ result: VkResult) { self = .vulkan(result.rawValue) }
}
