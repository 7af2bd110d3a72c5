public import InteropDrivers
public import RawImport

/// Draws YUV textures into framebuffers as RGB, pixel by pixel. It neither obeys nor changes the application's GL
/// state, like ``FramebufferBlitter``.
///
/// It keeps its programs, so use one for many draws. Use and release it on the GL thread.
public final class YUVTextureBlitter {
  private let context: GLContext
  private var programs: [YUVShaderSource: YUVProgram] = [:]

  /// Makes a blitter for textures of this context.
  public init(_ context: GLContext) { self.context = context }

  /// Converts every pixel. Row 0 of the buffer, a video's top, becomes row 0 of the framebuffer, regardless of the
  /// framebuffer's orientation. Alpha becomes 1.
  ///
  /// - Parameters:
  ///   - texture: a texture of this context.
  ///   - framebuffer: complete, of the texture's size, colour attachment 0. Not an sRGB one in GLES, which would encode
  ///     values that are already encoded.
  /// - Throws: ``InteropError/Code/invalidArgument`` for another context, size or attachment or an incomplete
  ///   framebuffer; ``InteropError/Code/unsupported`` for an sRGB one in GLES, and for an external texture without
  ///   GL_OES_EGL_image_external_essl3.
  ///
  /// The corresponding C function is `glDrawArrays`.
  public func draw(_ texture: YUVTexture, into framebuffer: GLFramebuffer) throws(InteropError) {
    let step = "draw a YUV texture"
    try context.enter(step)
    guard texture.context === context else {
      throw InteropError(.invalidArgument, step: step, reason: "the texture is of another GLContext")
    }
    guard framebuffer.size == texture.size else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the framebuffer is \(framebuffer.size), the texture \(texture.size)",
        advice: "Make the framebuffer in the texture's size")
    }
    guard framebuffer.colorAttachment == 0 else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the colour attachment is \(framebuffer.colorAttachment)",
        advice: "Draw into GL_COLOR_ATTACHMENT0")
    }
    if let name = texture.glslExtension, !context.extensions.contains(name) {
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) has no external textures in GLSL ES 3.00",
        missing: [name],
        advice: "Import the buffer per plane")
    }
    try context.preservingState { () throws(InteropError) in
      let contents = try FramebufferContents(framebuffer, context)
      guard !(context.isES && contents.isSRGB) else {
        throw InteropError(
          .unsupported, step: step, reason: "GLES encodes what is drawn into an sRGB framebuffer",
          missing: ["drawing bytes into GL_SRGB8_ALPHA8"], advice: "Draw into GL_RGBA8")
      }
      try context.selectingDrawBuffer(framebuffer, contents.readBuffer) { () throws(InteropError) in
        try drawPixels(texture, into: framebuffer, step)
      }
    }
  }

  private func drawPixels(
    _ texture: YUVTexture, into framebuffer: GLFramebuffer, _ step: String
  ) throws(InteropError) {
    let source = texture.source
    let program: YUVProgram
    if let known = programs[source] {
      program = known
    } else {
      program = try YUVProgram(source, context)
      programs[source] = program
    }
    try binding(texture) { () throws(InteropError) in
      context.gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), framebuffer.name)
      program.draw(texture.size)
      try context.check("glDrawArrays", "GL cannot draw the YUV texture")
    }
  }

  /// Binds the textures to units 0, 1, … for `body`, and restores the bindings. Unit 0 is active before and after.
  private func binding(_ texture: YUVTexture, _ body: () throws(InteropError) -> Void) throws(InteropError) {
    let gl = context.gl
    let target = texture.target
    let query = target == GLenum(GL_TEXTURE_2D) ? GL_TEXTURE_BINDING_2D : GL_TEXTURE_BINDING_EXTERNAL_OES
    var saved: [(texture: GLuint, sampler: GLuint)] = []
    for (unit, name) in texture.textures.enumerated() {
      gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
      saved.append((GLuint(context.integer(query)), GLuint(context.integer(GL_SAMPLER_BINDING))))
      gl.glBindTexture(target, name)
      gl.glBindSampler(GLuint(unit), 0)
    }
    defer {
      for (unit, bound) in saved.enumerated().reversed() {
        gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
        gl.glBindTexture(target, bound.texture)
        gl.glBindSampler(GLuint(unit), bound.sampler)
      }
    }
    try body()
  }
}

/// The program of one encoding and format.
private final class YUVProgram {
  private let context: GLContext
  private let program: GLObject
  private let vertexArray: GLObject

  init(_ source: YUVShaderSource, _ context: GLContext) throws(InteropError) {
    self.context = context
    let step = "make the YUV program"
    vertexArray = try context.makeObject(.vertexArray)
    program = try context.makeProgram(
      vertex: CopyProgram.vertexSource,
      fragment: """
        \(source.function)
        out vec4 color;
        void main() { color = vec4(yuvToRGB(ivec2(gl_FragCoord.xy)), 1.0); }
        """, extensions: source.extensionName.map { [$0] } ?? [], step)
    let gl = context.gl
    gl.glUseProgram(program.name)
    for (unit, name) in source.uniforms.enumerated() {
      let location = gl.glGetUniformLocation(program.name, name)
      guard location >= 0 else {
        throw InteropError(
          .driverFailure, step: "\(step): glGetUniformLocation", reason: "the driver has lost the uniform \(name)",
          driverCode: context.takeError().map { .gl($0) })
      }
      gl.glUniform1i(location, GLint(unit))
    }
    try context.check("glUniform1i", "the YUV program takes no texture units")
  }

  func draw(_ size: PixelSize) {
    let gl = context.gl
    gl.glUseProgram(program.name)
    gl.glBindVertexArray(vertexArray.name)
    context.setViewport(size)
    gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, 3)
  }
}
