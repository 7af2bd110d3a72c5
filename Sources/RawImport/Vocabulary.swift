public import Drivers

/// What kind of handle carries the memory from one API to the other. More kinds may be added.
public struct ExternalMemoryHandleType: Sendable, Hashable, CustomStringConvertible {
  /// Vulkan's bit for it.
  public let vkBit: VkExternalMemoryHandleTypeFlagBits
  /// GL's token for it; nil where GL_EXT_memory_object_fd has none.
  public let glToken: GLenum?
  public let description: String

  /// A POSIX file descriptor that only the same driver and device understand: VK_KHR_external_memory_fd with
  /// GL_EXT_memory_object_fd. Vulkan allocates, GL imports.
  public static let opaqueFD = ExternalMemoryHandleType(
    vkBit: VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, glToken: GLenum(GL_HANDLE_TYPE_OPAQUE_FD_EXT),
    description: "opaque-fd")
  /// A Linux DMA-BUF, which other drivers, devices and processes understand: VK_EXT_external_memory_dma_buf with
  /// EGL_EXT_image_dma_buf_import or EGL_MESA_image_dma_buf_export. GL knows it through EGL only.
  public static let dmaBuf = ExternalMemoryHandleType(
    vkBit: VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT, glToken: nil, description: "dma-buf")
}

/// Who makes the memory that is shared as a DMA-BUF.
public enum SharedMemoryAllocator: String, Sendable, Hashable, CaseIterable {
  /// Vulkan makes it, GL imports it.
  case vulkan
  /// GL makes it, Vulkan imports it.
  case gl
  /// Both import it.
  case neither
}

/// How a frame gets from GL to Vulkan. More paths may be added.
public struct TransferPath: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  /// As programs and the capability matrix write it.
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// Vulkan allocates, GL imports through GL_EXT_memory_object_fd: no copy through the CPU.
  public static let opaqueFD = TransferPath(rawValue: "opaque-fd")
  /// Vulkan allocates with a modifier that both sides have, EGL imports (EGL_EXT_image_dma_buf_import), GL renders
  /// straight into it.
  public static let dmaBufImport = TransferPath(rawValue: "dma-buf-import")
  /// GL allocates, EGL exports (EGL_MESA_image_dma_buf_export), Vulkan imports with an explicit modifier. Nobody can choose
  /// the modifier (KhronosGroup/EGL-Registry#215).
  public static let dmaBufExport = TransferPath(rawValue: "dma-buf-export")
  /// Asynchronous readback into the CPU's memory and an upload: always there.
  public static let hostCopy = TransferPath(rawValue: "host-copy")

  /// Best first.
  public static let all: [TransferPath] = [.opaqueFD, .dmaBufImport, .dmaBufExport, .hostCopy]
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
  /// A timeline semaphore that both APIs see: GL_NV_timeline_semaphore with VK_KHR_timeline_semaphore and
  /// VK_KHR_external_semaphore_fd, OPAQUE_FD. NVIDIA's drivers have it. Each turn signals the next value.
  case timelineSemaphore = "timeline-semaphore"
  /// A fence of the kernel's for each turn: EGL_ANDROID_native_fence_sync with VK_KHR_external_semaphore_fd, SYNC_FD. GPUs
  /// wait for each other, and it works across drivers and processes; each turn opens and closes a file descriptor.
  case syncFile = "sync-file"
}

/// Memory layout of the shared image. Both APIs must be told the same.
public enum ImageTiling: String, Sendable, Hashable, CaseIterable, Codable {
  case optimal, linear
  /// What a DRM format modifier says: the layout of DMA-BUFs.
  case drmModifier = "drm-modifier"

  /// What OPAQUE_FD memory can have.
  public static let ofOpaqueFD: [ImageTiling] = [.optimal, .linear]

  public var vkTiling: VkImageTiling {
    switch self {
    case .optimal: VK_IMAGE_TILING_OPTIMAL
    case .linear: VK_IMAGE_TILING_LINEAR
    case .drmModifier: VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT
    }
  }
  /// The value of GL_TEXTURE_TILING_EXT; EGL is told the modifier instead.
  public var glTiling: GLenum? {
    switch self {
    case .optimal: GLenum(GL_OPTIMAL_TILING_EXT)
    case .linear: GLenum(GL_LINEAR_TILING_EXT)
    case .drmModifier: nil
    }
  }
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
