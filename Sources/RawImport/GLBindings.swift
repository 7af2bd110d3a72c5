package import Drivers

extension GLContext {
  /// Runs set-up code and puts the bindings it changes back afterwards: the 2D texture of the active unit, both
  /// framebuffers, the renderbuffer.
  package func preservingBindings<Result: ~Copyable>(
    _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let texture = GLuint(integer(GL_TEXTURE_BINDING_2D))
    let draw = GLuint(integer(GL_DRAW_FRAMEBUFFER_BINDING))
    let read = GLuint(integer(GL_READ_FRAMEBUFFER_BINDING))
    let renderbuffer = GLuint(integer(GL_RENDERBUFFER_BINDING))
    defer {
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), draw)
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), read)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
    }
    return try body()
  }

  /// A texture with ordinary storage.
  package func makeTexture(_ internalFormat: GLenum, _ size: PixelSize) throws(InteropError) -> GLObject {
    let texture = try makeObject(.texture)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture.name)
    gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, internalFormat, GLsizei(size.width), GLsizei(size.height))
    try check("glTexStorage2D", "no \(size) texture of format 0x" + String(internalFormat, radix: 16))
    return texture
  }

  /// A renderbuffer; 0 samples for none.
  package func makeRenderbuffer(
    _ internalFormat: GLenum, _ size: PixelSize, samples: Int
  ) throws(InteropError) -> GLObject {
    let buffer = try makeObject(.renderbuffer)
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), buffer.name)
    gl.glRenderbufferStorageMultisample(
      GLenum(GL_RENDERBUFFER), GLsizei(samples), internalFormat, GLsizei(size.width), GLsizei(size.height))
    try check(
      "glRenderbufferStorageMultisample",
      "no \(size) renderbuffer of format 0x" + String(internalFormat, radix: 16) + " with \(samples) samples")
    return buffer
  }

  /// A complete framebuffer with a texture as its colour attachment.
  package func makeFramebuffer(texture: borrowing GLObject, _ step: String) throws(InteropError) -> GLObject {
    let framebuffer = try makeObject(.framebuffer)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
    gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture.name, 0)
    try checkFramebuffer(GL_FRAMEBUFFER, step, "the driver cannot render into the texture")
    try check("glFramebufferTexture2D", "the texture cannot be attached")
    return framebuffer
  }
}
