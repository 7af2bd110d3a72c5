internal import InteropDrivers

/// How a frame of path `host-copy` gets out of GL and into Vulkan's image. More methods may be added.
///
/// Which one is taken is found by trying, in the order of ``all``; only the last needs nothing of the drivers.
public struct ReadbackMethod: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// The image is linear and in memory that the CPU sees; `glReadPixels` writes into it, and nothing is copied after
  /// that. For devices that are a CPU: a GPU would sample such an image over its bus.
  public static let linearImage = ReadbackMethod(rawValue: "linear-image")
  /// GL packs the pixels into a buffer in Vulkan's memory (GL_EXT_memory_object_fd), Vulkan copies from there: the CPU
  /// touches nothing, and neither thread waits for the readback but the one that acquires the frame.
  public static let sharedBuffer = ReadbackMethod(rawValue: "shared-buffer")
  /// `glReadPixels` writes into Vulkan's staging memory, and waits for it on the GL thread.
  public static let stagingBuffer = ReadbackMethod(rawValue: "staging-buffer")
  /// GL packs into a pixel buffer of its own without waiting; when Vulkan's turn begins, the CPU copies from there to
  /// staging memory, turning rows and exchanging red and blue on the way.
  public static let pixelBuffer = ReadbackMethod(rawValue: "pixel-buffer")

  /// The one that touches the pixels least first.
  public static let all: [ReadbackMethod] = [.linearImage, .sharedBuffer, .stagingBuffer, .pixelBuffer]

  /// Those worth trying on a device, best first.
  package static func candidates(for host: VulkanHost, gl context: GLContext) -> [ReadbackMethod] {
    let order = context.isZink ? [sharedBuffer, pixelBuffer, linearImage, stagingBuffer] : all
    return host.info.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU ? order : order.filter { $0 != .linearImage }
  }
}
