import Glibc

/// A driver's result code, stored as its number and shown by its registered name.
public enum DriverCode: Hashable, Sendable {
  /// A `VkResult`.
  case vulkan(Int32)
  /// A value of `glGetError`.
  case gl(UInt32)
  /// A value of `glCheckFramebufferStatus`.
  case framebufferStatus(UInt32)
  /// A value of `eglGetError`.
  case egl(Int32)
  /// A value of `errno`.
  case posix(Int32)

  /// Whether the code reports success: VK_SUCCESS, GL_NO_ERROR, EGL_SUCCESS, 0.
  var isSuccess: Bool {
    switch self {
    case .vulkan(let value), .posix(let value): value == 0
    case .gl(let value): value == 0
    case .framebufferStatus: false
    case .egl(let value): value == 0x3000
    }
  }
}

extension DriverCode: CustomStringConvertible {
  public var description: String {
    switch self {
    case .vulkan(let value): Self.vulkanNames[value] ?? "VkResult \(value)"
    case .gl(let value): Self.glNames[value] ?? "GL error 0x" + String(value, radix: 16)
    case .framebufferStatus(let value):
      Self.framebufferNames[value] ?? "framebuffer status 0x" + String(value, radix: 16)
    case .egl(let value): Self.eglNames[value] ?? "EGL error 0x" + String(value, radix: 16)
    case .posix(let value): "errno \(value): " + String(cString: strerror(value))
    }
  }

  // Vulkan 1.3, "Return Codes".
  private static let vulkanNames: [Int32: String] = [
    0: "VK_SUCCESS", 1: "VK_NOT_READY", 2: "VK_TIMEOUT", 3: "VK_EVENT_SET", 4: "VK_EVENT_RESET", 5: "VK_INCOMPLETE",
    -1: "VK_ERROR_OUT_OF_HOST_MEMORY", -2: "VK_ERROR_OUT_OF_DEVICE_MEMORY", -3: "VK_ERROR_INITIALIZATION_FAILED",
    -4: "VK_ERROR_DEVICE_LOST", -5: "VK_ERROR_MEMORY_MAP_FAILED", -6: "VK_ERROR_LAYER_NOT_PRESENT",
    -7: "VK_ERROR_EXTENSION_NOT_PRESENT", -8: "VK_ERROR_FEATURE_NOT_PRESENT", -9: "VK_ERROR_INCOMPATIBLE_DRIVER",
    -10: "VK_ERROR_TOO_MANY_OBJECTS", -11: "VK_ERROR_FORMAT_NOT_SUPPORTED", -12: "VK_ERROR_FRAGMENTED_POOL",
    -13: "VK_ERROR_UNKNOWN", -1_000_000_000: "VK_ERROR_SURFACE_LOST_KHR",
    -1_000_000_001: "VK_ERROR_NATIVE_WINDOW_IN_USE_KHR", 1_000_001_003: "VK_SUBOPTIMAL_KHR",
    -1_000_001_004: "VK_ERROR_OUT_OF_DATE_KHR", -1_000_069_000: "VK_ERROR_OUT_OF_POOL_MEMORY",
    -1_000_072_003: "VK_ERROR_INVALID_EXTERNAL_HANDLE", -1_000_161_000: "VK_ERROR_FRAGMENTATION",
    -1_000_257_000: "VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS", -1_000_174_001: "VK_ERROR_NOT_PERMITTED_KHR",
    -1_000_158_000: "VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT",
  ]

  // OpenGL 4.6, 2.3.1 "Errors".
  private static let glNames: [UInt32: String] = [
    0x0500: "GL_INVALID_ENUM", 0x0501: "GL_INVALID_VALUE", 0x0502: "GL_INVALID_OPERATION",
    0x0503: "GL_STACK_OVERFLOW", 0x0504: "GL_STACK_UNDERFLOW", 0x0505: "GL_OUT_OF_MEMORY",
    0x0506: "GL_INVALID_FRAMEBUFFER_OPERATION", 0x0507: "GL_CONTEXT_LOST",
  ]

  // OpenGL 4.6, 9.4.2 "Whole Framebuffer Completeness".
  private static let framebufferNames: [UInt32: String] = [
    0x8CD5: "GL_FRAMEBUFFER_COMPLETE", 0x8CD6: "GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT",
    0x8CD7: "GL_FRAMEBUFFER_INCOMPLETE_MISSING_ATTACHMENT", 0x8CD9: "GL_FRAMEBUFFER_INCOMPLETE_DIMENSIONS",
    0x8CDB: "GL_FRAMEBUFFER_INCOMPLETE_DRAW_BUFFER", 0x8CDC: "GL_FRAMEBUFFER_INCOMPLETE_READ_BUFFER",
    0x8CDD: "GL_FRAMEBUFFER_UNSUPPORTED", 0x8D56: "GL_FRAMEBUFFER_INCOMPLETE_MULTISAMPLE",
    0x8DA8: "GL_FRAMEBUFFER_INCOMPLETE_LAYER_TARGETS", 0x8219: "GL_FRAMEBUFFER_UNDEFINED",
  ]

  // EGL 1.5, 3.1 "Errors".
  private static let eglNames: [Int32: String] = [
    0x3000: "EGL_SUCCESS", 0x3001: "EGL_NOT_INITIALIZED", 0x3002: "EGL_BAD_ACCESS", 0x3003: "EGL_BAD_ALLOC",
    0x3004: "EGL_BAD_ATTRIBUTE", 0x3005: "EGL_BAD_CONFIG", 0x3006: "EGL_BAD_CONTEXT",
    0x3007: "EGL_BAD_CURRENT_SURFACE", 0x3008: "EGL_BAD_DISPLAY", 0x3009: "EGL_BAD_MATCH",
    0x300A: "EGL_BAD_NATIVE_PIXMAP", 0x300B: "EGL_BAD_NATIVE_WINDOW", 0x300C: "EGL_BAD_PARAMETER",
    0x300D: "EGL_BAD_SURFACE", 0x300E: "EGL_CONTEXT_LOST",
  ]
}
