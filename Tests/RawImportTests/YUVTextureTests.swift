import GLVulkanInterop
import InteropTestSupport
import Testing

/// The conversion in GLSL, with planes that the test has uploaded: on every GL, without DMA-BUFs.
@Suite("YUV textures", .serialized) struct YUVTextureTests {
  private static let encodings: [YUVEncoding] =
    YUVEncoding.Matrix.allCases.flatMap { matrix in
      YUVEncoding.Range.allCases.map { YUVEncoding(matrix: matrix, range: $0) }
    }
    + YUVEncoding.ChromaLocation.allCases.flatMap { horizontal in
      YUVEncoding.ChromaLocation.allCases.map {
        YUVEncoding(matrix: .bt601, horizontalSiting: horizontal, verticalSiting: $0, chromaFilter: .linear)
      }
    }

  private static func canHave(_ format: DRMFourCC, _ context: GLContext) -> Bool {
    if format != .p010 || YUVPlaneTextures.has16Bits(context) { return true }
    TestStack.skip("P010 as textures: \(context.renderer) lacks GL_EXT_texture_norm16")
    return false
  }

  @Test(arguments: TestStack.abilities.apis, YUVConversionTests.formats)
  func everyPixel(api: SurfacelessContext.API, format: DRMFourCC) throws {
    let context = try TestStack.open(api).context
    guard Self.canHave(format, context.gl) else { return }
    let blitter = YUVTextureBlitter(context.gl)
    for size in YUVConversionTests.sizes {
      for encoding in Self.encodings {
        for picture in [YUVPicture.known(size, format, encoding), .random(size, format, seed: 21)] {
          let planes = YUVPlaneTextures(picture, context.gl)
          let texture = try YUVTexture(
            planes: planes.names, size: size, format: format, encoding: encoding, context: context.gl)
          let app = try AppFramebuffer(context.gl, size, .rgba8)
          try blitter.draw(texture, into: app.framebuffer)
          let (largest, text) = picture.difference(try app.read(context.gl), encoding)
          let isRight = largest <= YUVTolerance.own
          #expect(isRight, "\(api) \(format) \(size) \(encoding): \(text)")
          YUVReport.note(
            "gl \(api.rawValue) uploaded \(format) \(size) \(encoding.matrix) \(encoding.range) \(encoding.chromaFilter)"
              + " \(encoding.horizontalSiting) \(encoding.verticalSiting)", largest)
        }
      }
    }
  }

  /// A draw obeys nothing that the application has set, and leaves it as it was.
  @Test(arguments: TestStack.abilities.apis) func theApplicationsStateStays(api: SurfacelessContext.API) throws {
    let opened = try TestStack.open(api).context
    let (context, gl) = (opened.gl, opened.gl.gl)
    let size = PixelSize(width: 8, height: 6)
    let encoding = YUVEncoding(matrix: .bt601)
    let picture = YUVPicture.random(size, .yuv420, seed: 2)
    let (planes, own) = (YUVPlaneTextures(picture, context), YUVPlaneTextures(picture, context))
    let texture = try YUVTexture(
      planes: planes.names, size: size, format: .yuv420, encoding: encoding, context: context)
    let app = try AppFramebuffer(context, size, .rgba8)
    for unit in 0..<3 {
      gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), own.names[unit])
    }
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    gl.glScissor(1, 1, 2, 2)
    gl.glEnable(GLenum(GL_BLEND))
    gl.glViewport(1, 2, 3, 4)
    func state() -> [GLint] {
      var values: [GLint] = [
        context.integer(GL_ACTIVE_TEXTURE), context.integer(GL_CURRENT_PROGRAM),
        context.integer(GL_VERTEX_ARRAY_BINDING), context.integer(GL_DRAW_FRAMEBUFFER_BINDING),
        context.integer(GL_READ_FRAMEBUFFER_BINDING), GLint(gl.glIsEnabled(GLenum(GL_SCISSOR_TEST))),
        GLint(gl.glIsEnabled(GLenum(GL_BLEND))),
      ]
      var box = [GLint](repeating: -1, count: 4)
      gl.glGetIntegerv(GLenum(GL_VIEWPORT), &box)
      values += box
      let active = GLenum(context.integer(GL_ACTIVE_TEXTURE))
      for unit in 0..<3 {
        gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
        values.append(context.integer(GL_TEXTURE_BINDING_2D))
      }
      gl.glActiveTexture(active)
      return values
    }
    let before = state()
    try YUVTextureBlitter(context).draw(texture, into: app.framebuffer)
    let after = state()
    #expect(before == after)
    #expect(Array(after.suffix(3)) == own.names.map { GLint($0) })
    let (largest, text) = picture.difference(try app.read(context), encoding)
    #expect(largest <= YUVTolerance.own, "\(text)")
    try opened.release()
  }

  @Test func whatCannotBeIsRefused() throws {
    let context = try TestStack.open().context
    let gl = context.gl
    let size = PixelSize(width: 8, height: 6)
    func refusal(_ body: () throws -> Void) -> InteropError? {
      do { try body() } catch { return error as? InteropError }
      return nil
    }
    let tooFew = refusal { _ = try YUVTexture(planes: [1, 2], size: size, format: .yuv420, context: gl) }
    #expect(tooFew?.code == .invalidArgument && tooFew?.reason == "2 textures for YU12")
    let rgb = refusal { _ = try YUVTexture(planes: [1], size: size, format: .abgr8888, context: gl) }
    #expect(rgb?.code == .unsupported && rgb?.missing == ["AB24"])
    let planes = YUVPlaneTextures(.random(size, .nv12, seed: 1), gl)
    let texture = try YUVTexture(planes: planes.names, size: size, format: .nv12, context: gl)
    let blitter = YUVTextureBlitter(gl)
    let app = try AppFramebuffer(gl, PixelSize(width: 8, height: 8), .rgba8)
    let wrongSize = refusal { try blitter.draw(texture, into: app.framebuffer) }
    #expect(wrongSize?.code == .invalidArgument && wrongSize?.reason == "the framebuffer is 8x8, the texture 8x6")
    let second = refusal {
      try blitter.draw(texture, into: GLFramebuffer(name: app.name, size: size, colorAttachment: 1))
    }
    #expect(second?.code == .invalidArgument && second?.reason == "the colour attachment is 1")
    if gl.isES {
      let encoded = try AppFramebuffer(gl, size, .rgba8SRGB)
      let error = refusal { try blitter.draw(texture, into: encoded.framebuffer) }
      #expect(error?.code == .unsupported)
    }
    let other = try SurfacelessContext(platform: TestStack.platform, api: TestStack.abilities.apis[0])
    let elsewhere = refusal { try YUVTextureBlitter(other.gl).draw(texture, into: app.framebuffer) }
    #expect(elsewhere?.code == .invalidArgument && elsewhere?.reason == "the texture is of another GLContext")
    try other.release()
  }
}
