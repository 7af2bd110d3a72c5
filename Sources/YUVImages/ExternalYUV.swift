internal import InteropDrivers
internal import RawImport

/// Checks whether a driver converts an external texture as EGL's hints say.
///
/// EGL_EXT_image_dma_buf_import allows a driver to ignore the hints, and no driver reports whether it does. So the
/// driver and this package both convert a small buffer of random codes, and the package compares the pictures; the
/// answer is kept with the context.
enum ExternalYUV {
  static func verify(_ format: DRMFourCC, _ encoding: YUVEncoding, _ context: GLContext) throws(InteropError) {
    let answers = context.featureCache.object(Answers<Question>.self)
    let question = Question(format: format, encoding: encoding)
    try answers.answer(to: question, lasts: { $0.code == .unsupported || $0.code == .wrongPixels }) {
      () throws(InteropError) in try compare(format, encoding, context)
    }
  }

  private struct Question: Hashable {
    let format: DRMFourCC
    let encoding: YUVEncoding
  }

  private static let size = PixelSize(width: 16, height: 8)
  /// In units of 1/255: both conversions round.
  private static let tolerance = 1

  private static func compare(
    _ format: DRMFourCC, _ encoding: YUVEncoding, _ context: GLContext
  ) throws(InteropError) {
    // Checked before a buffer is allocated, which some users may not do.
    guard context.isES, context.extensions.contains(YUVShaderSource.externalExtension) else {
      throw InteropError(
        .unsupported, step: "try an external YUV texture",
        reason: "\(context.renderer) has no external textures in this context's GLSL",
        missing: [YUVShaderSource.externalExtension])
    }
    let buffer = try randomBuffer(format)
    let target = try DrawTarget(GLenum(GL_RGBA8), size, samples: 1, context)
    let blitter = YUVTextureBlitter(context)
    func picture(_ arrangement: YUVTexture.Arrangement) throws(InteropError) -> [UInt8] {
      let texture = try buffer.importYUVIntoGL(context, encoding: encoding, arrangement: arrangement)
      try blitter.draw(texture, into: GLFramebuffer(name: target.framebuffer, size: size))
      var pixels = [UInt8](repeating: 0, count: size.width * size.height * 4)
      try context.reading(target.framebuffer, into: 0) { () throws(InteropError) in
        context.gl.glReadPixels(
          0, 0, GLsizei(size.width), GLsizei(size.height), GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), &pixels)
        try context.check("glReadPixels", "the converted picture cannot be read")
      }
      return pixels
    }
    let (drivers, ours) = (try picture(.external), try picture(.perPlane))
    guard let place = drivers.indices.first(where: { abs(Int(drivers[$0]) - Int(ours[$0])) > tolerance }) else {
      return
    }
    let pixel = place & ~3
    func text(_ pixels: [UInt8]) -> String { pixels[pixel..<pixel + 3].map(String.init).joined(separator: " ") }
    throw InteropError(
      .wrongPixels, step: "try an external YUV texture",
      reason:
        "\(context.renderer) converts \(format) to \(text(drivers)) where \(encoding.matrix), \(encoding.range) range and"
        + " \(encoding.chromaFilter) chroma give \(text(ours))",
      advice: "Use one texture per plane")
  }

  /// Makes a buffer of codes that fill the range without a pattern.
  private static func randomBuffer(_ format: DRMFourCC) throws(InteropError) -> DMABuf {
    let buffer: DMABuf
    do throws(InteropError) {
      buffer = try UDMABuf().makeBuffer(size: size, format: format)
    } catch {
      do throws(InteropError) {
        buffer = try DMAHeap().makeBuffer(size: size, format: format)
      } catch let second {
        throw InteropError(
          .unsupported, step: "try an external YUV texture",
          reason: "there is no buffer to try it with: \(error); \(second)", missing: [UDMABuf.path, DMAHeap.folder])
      }
    }
    try buffer.map(for: .write) { (planes) throws(InteropError) in
      var state: UInt32 = 1
      for plane in planes {
        for row in 0..<plane.rowCount {
          for index in plane.row(row).indices {
            state = state &* 1_664_525 &+ 1_013_904_223  // Numerical Recipes
            plane.row(row)[index] = UInt8(state >> 24)
          }
        }
      }
    }
    return buffer
  }
}
