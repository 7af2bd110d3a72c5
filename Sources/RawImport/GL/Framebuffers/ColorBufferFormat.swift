internal import InteropDrivers

/// The format of a colour buffer as GL reports it: the bits and the type of its components.
///
/// In a blit or a draw GL converts between all formats except integer ones, see ``FramebufferBlitter``.
struct ColorBufferFormat: Hashable {
  let red: GLint
  let green: GLint
  let blue: GLint
  let alpha: GLint
  /// GL_UNSIGNED_NORMALIZED, GL_SIGNED_NORMALIZED or GL_FLOAT; others are not converted.
  let type: GLint
  let isSRGB: Bool

  var isConvertible: Bool {
    [GL_UNSIGNED_NORMALIZED, GL_SIGNED_NORMALIZED, GL_FLOAT].contains(type) && max(red, green, blue, alpha) > 0
  }

  /// The package's format that loses least: half floats for signed components or more than ten bits.
  var nearest: PixelFormat {
    if isSRGB { return .rgba8SRGB }
    guard type == GL_UNSIGNED_NORMALIZED else { return .rgba16f }
    guard max(red, green, blue, alpha) <= 8 else {
      return max(red, green, blue) <= 10 && alpha <= 2 ? .rgb10a2 : .rgba16f
    }
    switch (green > 0, blue > 0 || alpha > 0) {
    case (false, false): return .r8
    case (true, false): return .rg8
    default: return .rgba8
    }
  }

  /// Whether the buffer's bytes are those of ``nearest``, for a raw copy; a padding byte for alpha is allowed.
  var hasBytesOfNearest: Bool {
    let bits = [red, green, blue, alpha]
    switch nearest {
    case .r8: return bits == [8, 0, 0, 0]
    case .rg8: return bits == [8, 8, 0, 0]
    case .rgb10a2: return bits == [10, 10, 10, 2] || bits == [10, 10, 10, 0]
    case .rgba16f: return bits == [16, 16, 16, 16] && type == GL_FLOAT
    default: return bits == [8, 8, 8, 8] || bits == [8, 8, 8, 0]
    }
  }

  /// The sized GL format with exactly these bits, or one that holds them where there is none.
  var internalFormat: GLenum { named ?? wider[0] }

  /// The candidate formats of an intermediate texture, best first. Which are renderable differs between APIs and
  /// drivers. Three-component formats are left out, since GLES mostly cannot render to them.
  var intermediates: [GLenum] {
    let isOfThree = blue > 0 && alpha == 0
    var list = isOfThree ? [] : named.map { [$0] } ?? []
    for format in wider where !list.contains(format) { list.append(format) }
    return list
  }

  /// The format of a texture that is copied into and sampled, and need not be renderable. `glCopyTexSubImage2D` adds no
  /// component that the framebuffer lacks.
  var copyFormat: GLenum {
    if isSRGB { return GLenum(alpha > 0 ? GL_SRGB8_ALPHA8 : GL_SRGB8) }
    if type == GL_FLOAT { return GLenum(alpha > 0 ? GL_RGBA16F : GL_RGB16F) }
    if let named, named != GLenum(GL_RGB10) { return named }
    return GLenum(alpha > 0 ? GL_RGBA8 : GL_RGB8)
  }

  /// Four-component formats, wide enough ones first.
  private var wider: [GLenum] {
    let bits = max(red, green, blue)
    let list: [Int32]
    switch type {
    case _ where isSRGB: list = [GL_SRGB8_ALPHA8]
    case GL_SIGNED_NORMALIZED: list = [max(bits, alpha) <= 8 ? GL_RGBA8_SNORM : GL_RGBA16_SNORM, GL_RGBA16F, GL_RGBA8]
    case GL_FLOAT: list = bits <= 16 ? [GL_RGBA16F, GL_RGBA32F, GL_RGBA8] : [GL_RGBA32F, GL_RGBA16F, GL_RGBA8]
    case _ where max(bits, alpha) <= 8: list = [GL_RGBA8]
    case _ where bits <= 10 && alpha <= 2: list = [GL_RGB10_A2, GL_RGBA8]
    default: list = [GL_RGBA16, GL_RGBA32F, GL_RGBA16F, GL_RGBA8]
    }
    return list.map { GLenum($0) }
  }

  /// The sized GL format with exactly these bits.
  private var named: GLenum? {
    if isSRGB { return alpha > 0 ? GLenum(GL_SRGB8_ALPHA8) : GLenum(GL_SRGB8) }
    let bits = [red, green, blue, alpha]
    if type == GL_UNSIGNED_NORMALIZED, let packed = Self.packed[bits] { return GLenum(packed) }
    if type == GL_FLOAT, bits == [11, 11, 10, 0] { return GLenum(GL_R11F_G11F_B10F) }
    // Counts the components, which must all have the same bits.
    let count = bits.prefix { $0 == red }.count
    guard red > 0, bits.dropFirst(count).allSatisfy({ $0 == 0 }) else { return nil }
    let family: [Int32]?
    switch (type, red) {
    case (GL_UNSIGNED_NORMALIZED, 8): family = [GL_R8, GL_RG8, GL_RGB8, GL_RGBA8]
    case (GL_UNSIGNED_NORMALIZED, 16): family = [GL_R16, GL_RG16, GL_RGB16, GL_RGBA16]
    case (GL_SIGNED_NORMALIZED, 8): family = [GL_R8_SNORM, GL_RG8_SNORM, GL_RGB8_SNORM, GL_RGBA8_SNORM]
    case (GL_SIGNED_NORMALIZED, 16): family = [GL_R16_SNORM, GL_RG16_SNORM, GL_RGB16_SNORM, GL_RGBA16_SNORM]
    case (GL_FLOAT, 16): family = [GL_R16F, GL_RG16F, GL_RGB16F, GL_RGBA16F]
    case (GL_FLOAT, 32): family = [GL_R32F, GL_RG32F, GL_RGB32F, GL_RGBA32F]
    default: family = nil
    }
    return family.map { GLenum($0[count - 1]) }
  }

  private static let packed: [[GLint]: Int32] = [
    [5, 6, 5, 0]: GL_RGB565, [4, 4, 4, 4]: GL_RGBA4, [5, 5, 5, 1]: GL_RGB5_A1, [10, 10, 10, 2]: GL_RGB10_A2,
    // Mesa sorts these window configs first for an application that asks eglChooseConfig for 8 bits or more.
    [10, 10, 10, 0]: GL_RGB10,
  ]
}

extension ColorBufferFormat: CustomStringConvertible {
  var description: String {
    let meaning =
      switch type {
      case GL_INT, GL_UNSIGNED_INT: "integers"
      default: "type 0x" + String(type, radix: 16)
      }
    return "components of \(red), \(green), \(blue) and \(alpha) bits of \(meaning)"
  }
}
