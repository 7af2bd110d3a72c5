/// How a frame's pixels get from GL to Vulkan. More paths may be added.
public struct TransferPath: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The name that programs and the capability matrix use.
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// Vulkan allocates, GL imports through GL_EXT_memory_object_fd: no copy through the CPU.
  public static let opaqueFD = TransferPath(rawValue: "opaque-fd")
  /// Vulkan allocates with a modifier that both APIs support, EGL imports (EGL_EXT_image_dma_buf_import), GL renders
  /// straight into it.
  public static let dmaBufImport = TransferPath(rawValue: "dma-buf-import")
  /// GL allocates, EGL exports (EGL_MESA_image_dma_buf_export), Vulkan imports with an explicit modifier. The driver
  /// alone chooses the modifier (KhronosGroup/EGL-Registry#215).
  public static let dmaBufExport = TransferPath(rawValue: "dma-buf-export")
  /// The package reads back into CPU memory asynchronously and uploads from there: always available.
  public static let hostCopy = TransferPath(rawValue: "host-copy")

  /// All paths, best first.
  public static let all: [TransferPath] = [.opaqueFD, .dmaBufImport, .dmaBufExport, .hostCopy]
}
