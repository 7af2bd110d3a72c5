package import InteropDrivers

extension GLContext {
  /// Fills a whole `GL_TEXTURE_2D` from tightly packed rows, row 0 first, and restores the application's settings: the
  /// texture of the active unit, `GL_PIXEL_UNPACK_BUFFER` and the parameters of `glPixelStorei`.
  ///
  /// Precondition in a compatibility profile: `glPixelTransfer` and `glPixelMap` must not change pixels.
  ///
  /// The corresponding C function is `glTexSubImage2D`, which has read the bytes when it returns.
  ///
  /// - Parameter transferFormat: the format of the bytes; `GL_BGRA` in desktop GL exchanges red and blue.
  package func upload(
    _ bytes: UnsafeRawPointer, to texture: GLuint, _ size: PixelSize, _ transferFormat: GLenum, _ transferType: GLenum
  ) throws(InteropError) {
    let savedTexture = GLuint(integer(GL_TEXTURE_BINDING_2D))
    let savedBuffer = GLuint(integer(GL_PIXEL_UNPACK_BUFFER_BINDING))
    let saved = UnpackParameters(of: self)
    defer {
      saved.set(in: self)
      gl.glBindBuffer(GLenum(GL_PIXEL_UNPACK_BUFFER), savedBuffer)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), savedTexture)
    }
    UnpackParameters().set(in: self)
    gl.glBindBuffer(GLenum(GL_PIXEL_UNPACK_BUFFER), 0)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    gl.glTexSubImage2D(
      GLenum(GL_TEXTURE_2D), 0, 0, 0, GLsizei(size.width), GLsizei(size.height), transferFormat, transferType, bytes)
    try check("glTexSubImage2D", "GL takes no pixels of \(size)")
  }
}

/// Plain values: an upload is made every frame and allocates nothing.
private struct UnpackParameters {
  private var alignment: GLint = 1
  private var rowLength: GLint = 0
  private var skipRows: GLint = 0
  private var skipPixels: GLint = 0
  private var swapBytes: GLint = 0

  init() {}

  init(of context: GLContext) {
    alignment = context.integer(GL_UNPACK_ALIGNMENT)
    rowLength = context.integer(GL_UNPACK_ROW_LENGTH)
    skipRows = context.integer(GL_UNPACK_SKIP_ROWS)
    skipPixels = context.integer(GL_UNPACK_SKIP_PIXELS)
    if !context.isES { swapBytes = context.integer(GL_UNPACK_SWAP_BYTES) }
  }

  func set(in context: GLContext) {
    let set = context.gl.glPixelStorei
    set(GLenum(GL_UNPACK_ALIGNMENT), alignment)
    set(GLenum(GL_UNPACK_ROW_LENGTH), rowLength)
    set(GLenum(GL_UNPACK_SKIP_ROWS), skipRows)
    set(GLenum(GL_UNPACK_SKIP_PIXELS), skipPixels)
    if !context.isES { set(GLenum(GL_UNPACK_SWAP_BYTES), swapBytes) }
  }
}
