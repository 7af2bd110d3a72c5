package import GLVulkanInterop

/// A picture's planes in textures that the test has filled by uploads.
package final class YUVPlaneTextures {
  package let names: [GLuint]
  private let gl: GLFunctions

  /// Whether this GL has R16 textures, which GLES has with EXT_texture_norm16.
  package static func has16Bits(_ context: GLContext) -> Bool {
    !context.isES || context.extensions.contains("GL_EXT_texture_norm16")
  }

  package init(_ picture: YUVPicture, _ context: GLContext) {
    let gl = context.gl
    self.gl = gl
    typealias TexSubImage2D =
      @convention(c) (
        GLenum, GLint, GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, UnsafeRawPointer?
      ) -> Void
    guard let texSubImage2D: TexSubImage2D = context.testResolver.optional("glTexSubImage2D") else {
      fatalError("every GL has glTexSubImage2D")
    }
    let wide = picture.format == .p010
    var made: [GLuint] = []
    for (index, bytes) in picture.planeBytes(padding: wide ? 63 : 0).enumerated() {
      let size = index == 0 ? picture.size : picture.chromaSize
      let isPair = index == 1 && picture.format != .yuv420
      var name: GLuint = 0
      gl.glGenTextures(1, &name)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), name)
      let storage = isPair ? (wide ? GL_RG16 : GL_RG8) : (wide ? GL_R16 : GL_R8)
      gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, GLenum(storage), GLsizei(size.width), GLsizei(size.height))
      gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_MIN_FILTER), GL_NEAREST)
      gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_MAG_FILTER), GL_NEAREST)
      gl.glPixelStorei(GLenum(GL_UNPACK_ALIGNMENT), 1)
      texSubImage2D(
        GLenum(GL_TEXTURE_2D), 0, 0, 0, GLsizei(size.width), GLsizei(size.height), GLenum(isPair ? GL_RG : GL_RED),
        GLenum(wide ? GL_UNSIGNED_SHORT : GL_UNSIGNED_BYTE), bytes)
      gl.glPixelStorei(GLenum(GL_UNPACK_ALIGNMENT), 4)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
      made.append(name)
    }
    names = made
  }

  deinit {
    var names = names
    gl.glDeleteTextures(GLsizei(names.count), &names)
  }
}
