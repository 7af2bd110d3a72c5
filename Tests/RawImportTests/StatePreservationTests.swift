import GLVulkanInterop
import InteropTestSupport
import Testing

/// A blit must neither obey the application's state nor change it.
@Suite("Application state") struct StatePreservationTests {
  static let size = PixelSize(width: 32, height: 24)

  /// States that would spoil a blit or a draw, and that an application may have left behind.
  private func spoil(_ context: GLContext) {
    let gl = context.gl
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    gl.glScissor(1, 2, 3, 4)
    gl.glColorMask(0, 1, 0, 0)
    gl.glEnable(GLenum(GL_BLEND))
    gl.glEnable(GLenum(GL_CULL_FACE))
    gl.glEnable(GLenum(GL_DEPTH_TEST))
    gl.glEnable(GLenum(GL_STENCIL_TEST))
    gl.glEnable(GLenum(GL_RASTERIZER_DISCARD))
    gl.glEnable(GLenum(GL_SAMPLE_ALPHA_TO_COVERAGE))
    gl.glViewport(5, 6, 7, 8)
    gl.glPixelStorei(GLenum(GL_PACK_ALIGNMENT), 8)
    gl.glActiveTexture(GLenum(GL_TEXTURE0) + 3)
    if !context.isES {
      gl.glEnable(GLenum(GL_FRAMEBUFFER_SRGB))
      gl.glEnable(GLenum(GL_COLOR_LOGIC_OP))
      gl.glPolygonMode?(GLenum(GL_FRONT_AND_BACK), GLenum(GL_LINE))
    } else if context.extensions.contains("GL_EXT_sRGB_write_control") {
      gl.glDisable(GLenum(GL_FRAMEBUFFER_SRGB))
    }
  }

  private func dump(_ context: GLContext) -> [String: [GLint]] {
    let gl = context.gl
    var state: [String: [GLint]] = [:]
    func integers(_ name: String, _ value: Int32, _ count: Int = 1) {
      var numbers = [GLint](repeating: -1, count: 4)
      gl.glGetIntegerv(GLenum(value), &numbers)
      state[name] = Array(numbers.prefix(count))
    }
    for (name, value) in [
      ("scissor test", GL_SCISSOR_TEST), ("blend", GL_BLEND), ("cull", GL_CULL_FACE), ("depth", GL_DEPTH_TEST),
      ("stencil", GL_STENCIL_TEST), ("discard", GL_RASTERIZER_DISCARD), ("dither", GL_DITHER),
      ("alpha to coverage", GL_SAMPLE_ALPHA_TO_COVERAGE), ("sample coverage", GL_SAMPLE_COVERAGE),
    ] { state[name] = [GLint(gl.glIsEnabled(GLenum(value)))] }
    if !context.isES || context.extensions.contains("GL_EXT_sRGB_write_control") {
      state["sRGB"] = [GLint(gl.glIsEnabled(GLenum(GL_FRAMEBUFFER_SRGB)))]
    }
    if !context.isES {
      state["logic op"] = [GLint(gl.glIsEnabled(GLenum(GL_COLOR_LOGIC_OP)))]
      integers("polygon mode", GL_POLYGON_MODE)
    }
    integers("scissor box", GL_SCISSOR_BOX, 4)
    integers("viewport", GL_VIEWPORT, 4)
    integers("colour mask", GL_COLOR_WRITEMASK, 4)
    integers("program", GL_CURRENT_PROGRAM)
    integers("vertex array", GL_VERTEX_ARRAY_BINDING)
    integers("draw framebuffer", GL_DRAW_FRAMEBUFFER_BINDING)
    integers("read framebuffer", GL_READ_FRAMEBUFFER_BINDING)
    integers("renderbuffer", GL_RENDERBUFFER_BINDING)
    integers("active texture", GL_ACTIVE_TEXTURE)
    integers("texture", GL_TEXTURE_BINDING_2D)
    integers("sampler", GL_SAMPLER_BINDING)
    integers("pack alignment", GL_PACK_ALIGNMENT)
    integers("pack buffer", GL_PIXEL_PACK_BUFFER_BINDING)
    integers("array buffer", GL_ARRAY_BUFFER_BINDING)
    return state
  }

  struct Source: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let samples: Int
    var testDescription: String { "\(format), \(samples) samples" }
  }

  private static let sources = [PixelFormat.rgba8, .bgra8, .rgba8SRGB, .bgra8SRGB].flatMap { format in
    [0, 4].map { Source(format: format, samples: $0) }
  }

  @Test(arguments: TestStack.abilities.apis, sources)
  func aBlitIsImmuneAndLeavesNoTrace(api: SurfacelessContext.API, source: Source) throws {
    let (format, samples) = (source.format, source.samples)
    let (context, host) = try TestStack.open(api)
    let gl = context.gl
    let pattern = PixelPattern(Self.size, format, seed: 9)
    let app = try AppFramebuffer(
      gl, Self.size, format, internalFormat: samples > 0 ? format.glInternalFormat : nil, samples: samples)
    var picture = TestGL.makeTexture(pattern.glBytes, Self.size, format, gl)
    if samples > 0 {
      try TestGL.draw(texture: picture, into: app.name, Self.size, gl)
    } else {
      app.upload(pattern.glBytes, gl)
    }
    // Texture unit 0 and 3 hold the application's own.
    gl.gl.glActiveTexture(GLenum(GL_TEXTURE0))
    gl.gl.glBindTexture(GLenum(GL_TEXTURE_2D), picture)
    spoil(gl)
    gl.gl.glBindTexture(GLenum(GL_TEXTURE_2D), picture)
    gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
    let before = dump(gl)

    let imported = try importGLFramebufferVulkan(
      app.framebuffer, gl: gl, host: host, handleType: .opaqueFD,
      options: ImportOptions(format: format, orientation: .topDown))

    let after = dump(gl)
    for (name, value) in before { #expect(after[name] == value, "\(api) \(format): \(name)") }
    gl.gl.glActiveTexture(GLenum(GL_TEXTURE0))
    let unit0 = gl.integer(GL_TEXTURE_BINDING_2D)
    #expect(unit0 == GLint(picture))
    let got = try imported.shared.readInVulkan()
    let wanted = PixelPattern.flipped(pattern.vulkanBytes, Self.size)
    let difference = PixelPattern.difference(got, wanted, Self.size, format)
    #expect(difference == nil, "\(api) \(format) \(samples) samples: \(difference ?? "")")
    gl.gl.glDeleteTextures(1, &picture)
  }
}
