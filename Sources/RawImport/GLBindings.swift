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

  /// As ``preservingBindings(_:)``, with the texture of another target too.
  func preservingBindings<Result: ~Copyable>(
    of target: GLenum, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard target == GLenum(GL_TEXTURE_EXTERNAL_OES) else { return try preservingBindings(body) }
    let texture = GLuint(integer(GL_TEXTURE_BINDING_EXTERNAL_OES))
    defer { gl.glBindTexture(target, texture) }
    return try body()
  }

  /// Linear filters, edges clamped: what external textures have too. Of the texture that is bound.
  func setPlainSampling(_ target: GLenum) throws(InteropError) {
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAG_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_S), GL_CLAMP_TO_EDGE)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_T), GL_CLAMP_TO_EDGE)
    try check("glTexParameteri", "the shared texture takes no sampling parameters")
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
    try makeFramebuffer(attaching: texture.name, step, "the driver cannot render into the texture")
  }

  /// As above.
  ///
  /// - Parameter reason: what it means if the framebuffer is not complete: for imported memory this is often the first that
  ///   a driver says of it (Mesa's glImportMemoryFdEXT of /dev/null gives no error).
  func makeFramebuffer(
    attaching texture: GLuint, _ step: String, _ reason: @autoclosure () -> String
  ) throws(InteropError) -> GLObject {
    let framebuffer = try makeObject(.framebuffer)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
    gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
    try checkFramebuffer(GL_FRAMEBUFFER, step, reason())
    try check("glFramebufferTexture2D", "the texture cannot be attached")
    return framebuffer
  }
}
