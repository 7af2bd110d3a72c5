internal import InteropDrivers

/// How a frame of path `host-copy` gets out of GL and into Vulkan's image. More methods may be added.
///
/// The package tries them in the order of ``all`` and takes the first that works; only the last needs no extension of
/// the drivers.
public struct ReadbackMethod: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// `glReadPixels` writes into a linear image in CPU-visible memory, and nothing is copied after that.
  ///
  /// For devices that are a CPU: a GPU would sample such an image over its bus.
  public static let linearImage = ReadbackMethod(rawValue: "linear-image")
  /// GL packs the pixels into a buffer in Vulkan's memory (GL_EXT_memory_object_fd), and Vulkan copies from there.
  ///
  /// The CPU touches nothing, and only the thread that acquires the frame waits for the readback.
  public static let sharedBuffer = ReadbackMethod(rawValue: "shared-buffer")
  /// `glReadPixels` writes into Vulkan's staging memory, and the GL thread waits for it.
  public static let stagingBuffer = ReadbackMethod(rawValue: "staging-buffer")
  /// GL packs into a pixel buffer of its own without waiting.
  ///
  /// When the Vulkan access begins, the CPU copies from there to staging memory, and flips rows and exchanges red and
  /// blue on the way.
  public static let pixelBuffer = ReadbackMethod(rawValue: "pixel-buffer")

  /// All methods, the one that touches the pixels least first.
  public static let all: [ReadbackMethod] = [.linearImage, .sharedBuffer, .stagingBuffer, .pixelBuffer]

  /// The methods worth trying on a device, best first.
  package static func candidates(for host: VulkanHost, gl context: GLContext) -> [ReadbackMethod] {
    let order = context.isZink ? [sharedBuffer, pixelBuffer, linearImage, stagingBuffer] : all
    return host.info.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU ? order : order.filter { $0 != .linearImage }
  }
}
