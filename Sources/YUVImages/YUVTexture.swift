public import InteropDrivers
public import RawImport

/// A YUV buffer in GL, with what is known of its colours: one texture that GL converts itself, or one texture per plane
/// and the arithmetic as GLSL. The colours are the same either way.
///
/// ``YUVTextureBlitter`` makes RGB of it. A shader of the caller's takes ``glslFunction`` and binds ``textures``.
///
/// Owns the textures. GL thread, but it may go away on any.
public final class YUVTexture: @unchecked Sendable {
  /// How many textures there are.
  public enum Arrangement: String, Sendable, Hashable, Codable, CaseIterable {
    /// One GL_TEXTURE_EXTERNAL_OES, converted by the driver as EGL_EXT_image_dma_buf_import's hints say. GLES only.
    case external
    /// One GL_TEXTURE_2D for each plane.
    case perPlane = "per-plane"
  }

  /// In pixels.
  public let size: PixelSize
  public let format: DRMFourCC
  public let encoding: YUVEncoding
  public let arrangement: Arrangement
  /// Why it is this arrangement, in a sentence without a full stop.
  public let reason: String
  public let context: GLContext
  let source: YUVShaderSource
  /// One, or luma and then chroma: of P010 and NV12 both differences in one, else blue and red.
  public let textures: [GLuint]
  /// Whose the textures are; empty where they are the caller's.
  private let owners: [DMABufTexture]
  package let life = ImageLifetime()

  /// Which picture it is, for what a program keeps for it. ``textures`` come back as another one's, this does not.
  public var imageID: ImageID { life.id }

  /// Called once, with ``imageID``, when this goes, before its textures are deleted; those that are the application's
  /// stay: on the thread that lets it go. As ``SharedImage/onImageRetired(_:)``.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { life.onEnd(handler) }

  /// Of ``textures``: `GL_TEXTURE_EXTERNAL_OES` or `GL_TEXTURE_2D`.
  public var target: GLenum { arrangement == .external ? GLenum(GL_TEXTURE_EXTERNAL_OES) : GLenum(GL_TEXTURE_2D) }

  /// Describes planes that the application has put into textures itself, uploaded ones say. They stay the
  /// application's.
  ///
  /// - Parameters:
  ///   - planes: GL_TEXTURE_2D: luma, then chroma as ``textures`` has it. GL_R8 and GL_RG8; of P010 GL_R16 and GL_RG16.
  ///     Chroma has half the picture's size, rounded up.
  ///   - size: of the picture, in pixels.
  ///   - format: NV12, P010 or YU12.
  ///   - encoding: nil guesses, see ``YUVEncoding/init(guessedFor:)``.
  ///   - context: theirs.
  /// - Throws: ``InteropError/Code/invalidArgument`` for another number of textures; ``InteropError/Code/unsupported``
  ///   for another format.
  public init(
    planes: [GLuint], size: PixelSize, format: DRMFourCC, encoding: YUVEncoding? = nil, context: GLContext
  ) throws(InteropError) {
    let step = "describe YUV textures"
    try size.validate(step)
    let layout = try YUVFormat(format, step)
    guard planes.count == layout.planes.count else {
      throw InteropError(
        .invalidArgument, step: step, reason: "\(planes.count) textures for \(format)",
        advice: "Give one for each of its \(layout.planes.count) planes")
    }
    let encoding = encoding ?? YUVEncoding(guessedFor: size)
    self.size = size
    self.format = format
    self.encoding = encoding
    self.context = context
    arrangement = .perPlane
    reason = "the textures are the application's"
    textures = planes
    owners = []
    source = YUVShaderSource(layout, encoding)
  }

  init(
    _ buffer: DMABuf, _ encoding: YUVEncoding, _ arrangement: Arrangement, _ layout: YUVFormat, reason: String,
    _ parts: [DMABufTexture], _ context: GLContext
  ) {
    size = buffer.size
    format = buffer.format
    self.encoding = encoding
    self.arrangement = arrangement
    self.reason = reason
    textures = parts.map(\.texture)
    owners = parts
    self.context = context
    source =
      arrangement == .external ? YUVShaderSource(externalFor: encoding, buffer.size) : YUVShaderSource(layout, encoding)
  }

  deinit { life.end() }

  /// GLSL, for ES 3.0 and for desktop GL 3.0 (`#version 130`) and later: the samplers of ``glslUniforms``, and `vec3
  /// yuvToRGB(ivec2 pixel)`, red, green and blue of 0 to 1. `pixel` counts from the buffer's first row, a video's top.
  ///
  /// Put it behind ``glslExtension`` and the default precisions.
  public var glslFunction: String { source.function }
  /// The names of the samplers, in the order of ``textures``.
  public var glslUniforms: [String] { source.uniforms }
  /// What ``glslFunction`` needs enabled by `#extension NAME : require`, at the beginning of the shader; nil per plane.
  public var glslExtension: String? { source.extensionName }
}
