public import Drivers

/// What kind of handle carries the memory from one API to the other. More kinds may be added.
public struct ExternalMemoryHandleType: Sendable, Hashable, CustomStringConvertible {
  /// Vulkan's bit for it.
  public let vkBit: VkExternalMemoryHandleTypeFlagBits
  /// GL's token for it.
  public let glToken: GLenum
  public let description: String

  /// A POSIX file descriptor that only the same driver and device understand: VK_KHR_external_memory_fd with
  /// GL_EXT_memory_object_fd. Vulkan allocates, GL imports.
  public static let opaqueFD = ExternalMemoryHandleType(
    vkBit: VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, glToken: GLenum(GL_HANDLE_TYPE_OPAQUE_FD_EXT),
    description: "opaque-fd")
}

/// How a frame gets from GL to Vulkan. More paths may be added.
public struct TransferPath: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  /// As programs and the capability matrix write it.
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// Vulkan allocates, GL imports through GL_EXT_memory_object_fd: no copy through the CPU.
  public static let opaqueFD = TransferPath(rawValue: "opaque-fd")
  /// Asynchronous readback into the CPU's memory and an upload: always there.
  public static let hostCopy = TransferPath(rawValue: "host-copy")

  /// Best first.
  public static let all: [TransferPath] = [.opaqueFD, .hostCopy]
}

/// Who writes and who reads.
public enum TransferDirection: String, Sendable, Hashable, CaseIterable, Codable {
  case glToVulkan = "gl-to-vulkan"
  case vulkanToGL = "vulkan-to-gl"
}

/// How GL's pixels get into the shared image.
public enum TransferMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// GL renders straight into the shared image: no copy at all.
  case direct
  /// One GPU blit out of (or into) a framebuffer of the application's.
  case blit
}

/// How one side knows that the other is done.
public enum SyncKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// `glFinish` and `vkWaitForFences`: works everywhere, stalls the thread that calls.
  case cpuWait = "cpu-wait"
  /// A binary semaphore that both APIs see: GL_EXT_semaphore_fd with VK_KHR_external_semaphore_fd, OPAQUE_FD.
  case semaphoreFD = "semaphore-fd"
}

/// Memory layout of the shared image. Both APIs must be told the same.
public enum ImageTiling: String, Sendable, Hashable, CaseIterable, Codable {
  case optimal, linear

  public var vkTiling: VkImageTiling { self == .optimal ? VK_IMAGE_TILING_OPTIMAL : VK_IMAGE_TILING_LINEAR }
  /// The value of GL_TEXTURE_TILING_EXT.
  public var glTiling: GLenum { GLenum(self == .optimal ? GL_OPTIMAL_TILING_EXT : GL_LINEAR_TILING_EXT) }
}

/// Which end of the picture the first row in memory is.
public enum ImageOrientation: String, Sendable, Hashable, Codable {
  /// Row 0 is the top of the picture, as Vulkan, PNG and window systems have it.
  case topDown = "top-down"
  /// Row 0 is the bottom of the picture: what GL renders, unless it was flipped.
  case bottomUp = "bottom-up"

  public var flipped: ImageOrientation { self == .topDown ? .bottomUp : .topDown }
}

/// What GL takes the bytes of an sRGB format for.
public enum GLColorEncoding: String, Sendable, Hashable {
  /// GL reads and writes the bytes as they are, in desktop GL and GLES alike: 128 stays 128.
  case bytes
  /// The GL texture is `GL_SRGB8_ALPHA8`: sampling decodes; rendering encodes (always in GLES, with
  /// `GL_FRAMEBUFFER_SRGB` enabled in desktop GL).
  case srgb
}
