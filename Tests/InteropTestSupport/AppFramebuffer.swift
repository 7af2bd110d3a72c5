package import GLVulkanInterop

/// A framebuffer as an application has one: its own texture or multisampled renderbuffer, made with plain GL calls.
package final class AppFramebuffer {
  package let name: GLuint
  package let size: PixelSize
  package let format: PixelFormat
  private let gl: GLFunctions
  /// 0 for one of renderbuffers.
  package private(set) var texture: GLuint = 0
  private var renderbuffer: GLuint = 0

  package var framebuffer: GLFramebuffer { GLFramebuffer(name: name, size: size) }

  /// - Parameters:
  ///   - internalFormat: nil for the format's own, which is GL_SRGB8_ALPHA8 for an sRGB one.
  ///   - samples: 0 for a texture.
  package init(
    _ context: GLContext, _ size: PixelSize, _ format: PixelFormat, internalFormat: GLenum? = nil, samples: Int = 0
  ) throws {
    let gl = context.gl
    self.gl = gl
    self.size = size
    self.format = format
    let storage = internalFormat ?? format.glSRGBInternalFormat ?? format.glInternalFormat
    var name: GLuint = 0
    gl.glGenFramebuffers(1, &name)
    self.name = name
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
    if samples == 0 {
      gl.glGenTextures(1, &texture)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, storage, GLsizei(size.width), GLsizei(size.height))
      gl.glFramebufferTexture2D(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
    } else {
      gl.glGenRenderbuffers(1, &renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
      gl.glRenderbufferStorageMultisample(
        GLenum(GL_RENDERBUFFER), GLsizei(samples), storage, GLsizei(size.width), GLsizei(size.height))
      gl.glFramebufferRenderbuffer(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), 0)
    }
    let status = gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER))
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    let error = gl.glGetError()
    guard status == GLenum(GL_FRAMEBUFFER_COMPLETE), error == GL_NO_ERROR else {
      throw InteropError(
        .driverFailure, step: "make the application's framebuffer", reason: "\(format) with \(samples) samples",
        driverCode: error == GL_NO_ERROR ? .framebufferStatus(status) : .gl(error))
    }
  }

  deinit {
    var name = name
    gl.glDeleteFramebuffers(1, &name)
    if texture != 0 { gl.glDeleteTextures(1, &texture) }
    if renderbuffer != 0 { gl.glDeleteRenderbuffers(1, &renderbuffer) }
  }

  /// Puts bytes into the texture as they are.
  package func upload(_ bytes: [UInt8], _ context: GLContext) {
    TestGL.upload(bytes, to: texture, size, format, context)
  }

  /// The bytes, GL's row 0 first.
  package func read(_ context: GLContext) throws -> [UInt8] { try context.readPixels(name, size, format) }
}

/// Plain GL that tests draw and upload with, independent of the library's blitter.
package enum TestGL {
  /// One colour all over a shared image, by one clear.
  package static func fill(_ image: SharedImage, _ colour: [Float]) throws {
    guard let framebuffer = image.glFramebuffer else { preconditionFailure("an image that GL renders into") }
    let gl = image.context.gl
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, colour)
  }

  package static func upload(
    _ bytes: [UInt8], to texture: GLuint, _ size: PixelSize, _ format: PixelFormat, _ context: GLContext
  ) {
    let gl = context.gl
    typealias TexSubImage2D =
      @convention(c) (
        GLenum, GLint, GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, UnsafeRawPointer?
      ) -> Void
    guard let texSubImage2D: TexSubImage2D = context.testResolver.optional("glTexSubImage2D") else {
      fatalError("every GL has glTexSubImage2D")
    }
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    gl.glPixelStorei(GLenum(GL_UNPACK_ALIGNMENT), 1)
    texSubImage2D(
      GLenum(GL_TEXTURE_2D), 0, 0, 0, GLsizei(size.width), GLsizei(size.height), format.glTransferFormat,
      format.glTransferType, bytes)
    gl.glPixelStorei(GLenum(GL_UNPACK_ALIGNMENT), 4)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
  }

  /// Draws `texture` texel by texel into the framebuffer, every sample of it.
  package static func draw(
    texture: GLuint, into framebuffer: GLuint, _ size: PixelSize, _ context: GLContext
  ) throws {
    try TestPainter(context).draw(texture: texture, into: framebuffer, size)
  }

  package static func makeTexture(
    _ bytes: [UInt8], _ size: PixelSize, _ format: PixelFormat, _ context: GLContext
  ) -> GLuint {
    let gl = context.gl
    var texture: GLuint = 0
    gl.glGenTextures(1, &texture)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, format.glInternalFormat, GLsizei(size.width), GLsizei(size.height))
    upload(bytes, to: texture, size, format, context)
    return texture
  }
}

extension GLContext {
  /// Functions the library does not need but a test does.
  package var testResolver: FunctionResolver {
    (try? EGLFunctions.open(path: TestStack.eglLibrary))?.glResolver
      ?? FunctionResolver(source: "no EGL") { _ in nil }
  }
}

/// The program behind `TestGL.draw`, for tests that draw often: compiling it takes longer than drawing.
package final class TestPainter {
  private let context: GLContext
  private let program: GLObject
  private let array: GLObject

  package init(_ context: GLContext) throws {
    self.context = context
    program = try context.makeProgram(
      vertex: """
        void main() {
          gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
        }
        """,
      fragment: """
        uniform sampler2D picture;
        out vec4 color;
        void main() { color = texelFetch(picture, ivec2(gl_FragCoord.xy), 0); }
        """, "make the test's program")
    array = try context.makeObject(.vertexArray)
  }

  /// Draws `texture` texel by texel into the framebuffer, every sample of it.
  package func draw(texture: GLuint, into framebuffer: GLuint, _ size: PixelSize) throws {
    let gl = context.gl
    gl.glUseProgram(program.name)
    gl.glBindVertexArray(array.name)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    gl.glDisable(GLenum(GL_DITHER))
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, 3)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    gl.glUseProgram(0)
    gl.glBindVertexArray(0)
    try context.check("glDrawArrays", "the test's draw failed")
  }
}
