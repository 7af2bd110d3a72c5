public import InteropDrivers
public import RawImport

/// A YUV buffer in GL, with its encoding: one texture that GL converts itself, or one texture per plane with the
/// arithmetic as GLSL. The colours are the same in both cases.
///
/// ``YUVTextureBlitter`` makes RGB of it. The application's own shader takes ``glslFunction`` and binds ``textures``.
///
/// It owns the textures. It is used on the GL thread, but may go away on any thread.
public final class YUVTexture: @unchecked Sendable {
  /// The arrangement of the planes in textures.
  public enum Arrangement: String, Sendable, Hashable, Codable, CaseIterable {
    /// One GL_TEXTURE_EXTERNAL_OES, converted by the driver as EGL_EXT_image_dma_buf_import's hints say. GLES only.
    case external
    /// One GL_TEXTURE_2D for each plane.
    case perPlane = "per-plane"
  }

  /// The size in pixels.
  public let size: PixelSize
  /// The format: NV12, P010 or YU12.
  public let format: DRMFourCC
  /// The meaning of the codes.
  public let encoding: YUVEncoding
  /// The arrangement: one external texture, or one texture for each plane.
  public let arrangement: Arrangement
  /// The reason for the arrangement, in a sentence without a full stop.
  public let reason: String
  /// The context the textures belong to.
  public let context: GLContext
  let source: YUVShaderSource
  /// The textures: one, or luma and then chroma: for P010 and NV12 both differences in one texture, else blue and then
  /// red.
  public let textures: [GLuint]
  /// The owners of the textures; empty where the application owns them.
  private let owners: [DMABufTexture]
  package let life = ImageLifetime()

  /// Identifies the picture, for objects that a program keeps for it. Names in ``textures`` may be reused, this number
  /// is not.
  public var imageID: ImageID { life.id }

  /// Adds a handler that is called once, with ``imageID``, when this object goes away, before its textures are deleted:
  /// on the thread that releases it. Textures of the application are not deleted. See
  /// ``SharedImage/onImageRetired(_:)``.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { life.onEnd(handler) }

  /// The target of ``textures``: `GL_TEXTURE_EXTERNAL_OES` or `GL_TEXTURE_2D`.
  public var target: GLenum { arrangement == .external ? GLenum(GL_TEXTURE_EXTERNAL_OES) : GLenum(GL_TEXTURE_2D) }

  /// Describes planes that the application has put into textures itself, by an upload for example. The application
  /// keeps owning them.
  ///
  /// - Parameters:
  ///   - planes: GL_TEXTURE_2D: luma, then chroma in the order of ``textures``. GL_R8 and GL_RG8; for P010 GL_R16 and
  ///     GL_RG16. Chroma has half the picture's size, rounded up.
  ///   - size: the picture's size, in pixels.
  ///   - format: NV12, P010 or YU12.
  ///   - encoding: nil guesses, see ``YUVEncoding/init(guessedFor:)``.
  ///   - context: the context of the textures.
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

  /// The conversion as GLSL, for ES 3.0 and for desktop GL 3.0 (`#version 130`) and later: the samplers of
  /// ``glslUniforms``, and `vec3 yuvToRGB(ivec2 pixel)`, which returns red, green and blue of 0 to 1. `pixel` counts
  /// from the buffer's first row, a video's top.
  ///
  /// Put it behind ``glslExtension`` and the default precisions.
  public var glslFunction: String { source.function }
  /// The names of the samplers, in the order of ``textures``.
  public var glslUniforms: [String] { source.uniforms }
  /// The extension that ``glslFunction`` needs, for `#extension NAME : require` at the beginning of the shader; nil per
  /// plane.
  public var glslExtension: String? { source.extensionName }
}
