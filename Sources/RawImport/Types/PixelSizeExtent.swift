public import InteropDrivers
public import LinuxBuffers

extension PixelSize {
  /// The size as a two-dimensional Vulkan extent, with a depth of 1.
  public var extent: VkExtent3D { VkExtent3D(width: UInt32(width), height: UInt32(height), depth: 1) }
}
