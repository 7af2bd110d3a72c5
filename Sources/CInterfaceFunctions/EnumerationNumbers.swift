public import CInterface
internal import Capability
internal import InteropDrivers
internal import Producers
internal import RawImport

// Converts between the header's numbers and the package's words. Numbers from C may have any value.

func unknown(_ name: String, _ value: Int32) -> InteropError {
  invalidArgument("check \(name)", "\(name) is \(value), which names nothing")
}

/// Numbers the entries of a list from 1 on; the caller defines the meaning of 0.
struct Numbering<Word: Hashable & Sendable>: Sendable {
  let name: String
  let words: [Word]

  /// The entry of a number; nil for 0.
  func optional(_ number: Int32) throws(InteropError) -> Word? {
    guard number != 0 else { return nil }
    guard words.indices.contains(Int(number) - 1) else { throw unknown(name, number) }
    return words[Int(number) - 1]
  }

  /// The number of an entry; 0 for one that is not in the list.
  func number(_ word: Word?) -> Int32 {
    guard let word, let index = words.firstIndex(of: word) else { return 0 }
    return Int32(index + 1)
  }
}

enum Numbers {
  // In the header's order.
  static let path = Numbering(name: "path", words: [TransferPath.opaqueFD, .dmaBufImport, .dmaBufExport, .hostCopy])
  static let sync = Numbering(name: "sync", words: [SyncKind.cpuWait, .semaphoreFD, .timelineSemaphore, .syncFile])
  static let mode = Numbering(name: "mode", words: [TransferMode.direct, .blit])
  static let tiling = Numbering(name: "tiling", words: [ImageTiling.optimal, .linear, .drmModifier])
  static let format = Numbering(
    name: "format",
    words: [PixelFormat.r8, .rg8, .rgba8, .bgra8, .rgba8SRGB, .bgra8SRGB, .rgb10a2, .rgba16f])
  static let readback = Numbering(
    name: "readback", words: [ReadbackMethod.linearImage, .sharedBuffer, .stagingBuffer, .pixelBuffer])
  static let verdict = Numbering(
    name: "verdict", words: [CapabilityMatrix.Verdict.verified, .failed, .unsupported])

  static func readback(_ method: ReadbackMethod?) -> glvk_readback {
    guard let method else { return glvk_readback(GLVK_READBACK_NONE) }
    let number = readback.number(method)
    return number == 0 ? glvk_readback(GLVK_READBACK_OTHER) : number
  }
}

/// The word of a number, in a list whose first word is number 0.
private func word<Word>(_ words: [Word], _ number: Int32, _ name: String) throws(InteropError) -> Word {
  guard words.indices.contains(Int(number)) else { throw unknown(name, number) }
  return words[Int(number)]
}

extension ImageOrientation {
  init(c number: glvk_orientation) throws(InteropError) {
    self = try word([.bottomUp, .topDown], number, "orientation")
  }
  var number: glvk_orientation {
    switch self {
    case .bottomUp: glvk_orientation(GLVK_ORIENTATION_BOTTOM_UP)
    case .topDown: glvk_orientation(GLVK_ORIENTATION_TOP_DOWN)
    }
  }
}

extension AlphaMode {
  init(c number: glvk_alpha_mode) throws(InteropError) {
    self = try word([.premultiplied, .straight, .opaque], number, "alpha_mode")
  }
  var number: glvk_alpha_mode {
    switch self {
    case .premultiplied: glvk_alpha_mode(GLVK_ALPHA_PREMULTIPLIED)
    case .straight: glvk_alpha_mode(GLVK_ALPHA_STRAIGHT)
    case .opaque: glvk_alpha_mode(GLVK_ALPHA_OPAQUE)
    }
  }
}

extension ColorSpace {
  init(c number: glvk_color_space) throws(InteropError) {
    self = try word([.srgb, .linearSRGB, .displayP3, .bt2020PQ], number, "color_space")
  }
  var number: glvk_color_space {
    switch self {
    case .srgb: glvk_color_space(GLVK_COLOR_SPACE_SRGB)
    case .linearSRGB: glvk_color_space(GLVK_COLOR_SPACE_LINEAR_SRGB)
    case .displayP3: glvk_color_space(GLVK_COLOR_SPACE_DISPLAY_P3)
    case .bt2020PQ: glvk_color_space(GLVK_COLOR_SPACE_BT2020_PQ)
    }
  }
}

extension BackPressure {
  /// - Parameter timeout: in nanoseconds; 0 for 5 seconds.
  init(c number: glvk_back_pressure, timeout: UInt64) throws(InteropError) {
    let timeout = timeout == 0 ? Duration.seconds(5) : Duration(nanoseconds: timeout)
    self = try word([.wait(timeout: timeout), .dropOldest(timeout: timeout), .fail], number, "back_pressure")
  }
}

extension TransferDirection {
  init(c number: glvk_direction) throws(InteropError) {
    self = try word([.glToVulkan, .vulkanToGL], number, "direction")
  }
  var number: glvk_direction {
    switch self {
    case .glToVulkan: glvk_direction(GLVK_DIRECTION_GL_TO_VULKAN)
    case .vulkanToGL: glvk_direction(GLVK_DIRECTION_VULKAN_TO_GL)
    }
  }
}

extension ImplicitLayout {
  init(c number: glvk_implicit_layout) throws(InteropError) {
    self = try word([.refuse, .linear, .driversOwn], number, "implicit_layout")
  }
}

extension ExternalMemoryHandleType {
  init(c number: glvk_handle_type) throws(InteropError) {
    self = try word([.opaqueFD, .dmaBuf], number, "handle_type")
  }
  var number: glvk_handle_type {
    glvk_handle_type(self == .dmaBuf ? GLVK_HANDLE_TYPE_DMA_BUF : GLVK_HANDLE_TYPE_OPAQUE_FD)
  }
}

extension SharedMemoryAllocator {
  init(c number: glvk_allocator) throws(InteropError) { self = try word([.vulkan, .gl], number, "allocator") }
}

extension GLColorEncoding {
  init(c number: glvk_gl_encoding) throws(InteropError) { self = try word([.bytes, .srgb], number, "gl_encoding") }
}

extension ProbeOptions.Isolation {
  init(c number: glvk_isolation) throws(InteropError) {
    self = try word([.automatic, .childProcess, .thisProcess], number, "isolation")
  }
}

extension ProbeOptions.Timing {
  init(c number: glvk_timing) throws(InteropError) {
    self = try word([.choice, .nothing, .everything], number, "timing")
  }
}

extension SurfacelessContext.Platform {
  init(c options: glvk_surfaceless_options) throws(InteropError) {
    switch Int(options.platform) {
    case Int(GLVK_PLATFORM_SURFACELESS): self = .surfaceless
    case Int(GLVK_PLATFORM_DEVICE): self = .device(Int(options.device_index))
    case Int(GLVK_PLATFORM_ANGLE):
      guard let path = options.angle_path else { throw invalidArgument("check angle_path", "angle_path is NULL") }
      self = .angle(libraryPath: String(cString: path))
    default: throw unknown("platform", options.platform)
    }
  }
}

extension PixelSize {
  /// A size that is too large for any image is refused later; this only rejects numbers that do not fit.
  init(c width: UInt32, _ height: UInt32) { self.init(width: Int(width), height: Int(height)) }

  /// A size; nil for 0 by 0.
  static func optional(c width: UInt32, _ height: UInt32) throws(InteropError) -> PixelSize? {
    if width == 0, height == 0 { return nil }
    guard width > 0, height > 0 else {
      throw invalidArgument("check the size", "it is \(width)x\(height)", "Give both sides, or 0 for both")
    }
    return PixelSize(c: width, height)
  }
}

extension GLFramebuffer {
  init(c framebuffer: glvk_framebuffer) throws(InteropError) {
    self.init(
      name: framebuffer.name, size: PixelSize(c: framebuffer.width, framebuffer.height),
      colorAttachment: Int(framebuffer.color_attachment), orientation: try ImageOrientation(c: framebuffer.orientation))
  }
}

func modifiers(_ pointer: UnsafePointer<UInt64>?, _ count: UInt32) throws(InteropError) -> [DRMModifier]? {
  let given = try array(pointer, count, "modifiers")
  return given.isEmpty ? nil : given.map { DRMModifier(rawValue: $0) }
}

// MARK: Names

private func name(_ number: Int32, _ zero: StaticString, _ names: StaticString...) -> UnsafePointer<CChar> {
  let unknown: StaticString = "unknown"
  return number == 0
    ? zero.cString : names.indices.contains(Int(number) - 1) ? names[Int(number) - 1].cString : unknown.cString
}

@c @implementation
public func glvk_path_name(_ path: glvk_path) -> UnsafePointer<CChar>! {
  name(path, "automatic", "opaque-fd", "dma-buf-import", "dma-buf-export", "host-copy")
}

@c @implementation
public func glvk_sync_name(_ sync: glvk_sync) -> UnsafePointer<CChar>! {
  name(sync, "automatic", "cpu-wait", "semaphore-fd", "timeline-semaphore", "sync-file")
}

@c @implementation
public func glvk_mode_name(_ mode: glvk_mode) -> UnsafePointer<CChar>! { name(mode, "automatic", "direct", "blit") }

@c @implementation
public func glvk_tiling_name(_ tiling: glvk_tiling) -> UnsafePointer<CChar>! {
  name(tiling, "automatic", "optimal", "linear", "drm-modifier")
}

@c @implementation
public func glvk_format_name(_ format: glvk_format) -> UnsafePointer<CChar>! {
  name(format, "default", "r8", "rg8", "rgba8", "bgra8", "rgba8-srgb", "bgra8-srgb", "rgb10a2", "rgba16f")
}

@c @implementation
public func glvk_format_vk(_ format: glvk_format) -> VkFormat {
  format == glvk_format(GLVK_FORMAT_DEFAULT)
    ? PixelFormat.rgba8.vkFormat : (try? Numbers.format.optional(format))?.vkFormat ?? VK_FORMAT_UNDEFINED
}
