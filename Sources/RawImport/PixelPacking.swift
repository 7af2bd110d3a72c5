package import Drivers

extension GLContext {
  /// Runs `body` with tightly packed reading of `framebuffer` set up, and puts the application's settings back.
  ///
  /// - Parameters:
  ///   - framebuffer: bound to `GL_READ_FRAMEBUFFER`.
  ///   - buffer: bound to `GL_PIXEL_PACK_BUFFER`; 0 reads into memory.
  package func reading<Result>(
    _ framebuffer: GLuint, into buffer: GLuint, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let savedBuffer = GLuint(integer(GL_PIXEL_PACK_BUFFER_BINDING))
    let savedFramebuffer = GLuint(integer(GL_READ_FRAMEBUFFER_BINDING))
    let savedPack = packParameters.map { ($0, integer($0)) }
    defer {
      for (name, value) in savedPack { gl.glPixelStorei(GLenum(name), value) }
      gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), savedBuffer)
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), savedFramebuffer)
    }
    for name in packParameters { gl.glPixelStorei(GLenum(name), name == GL_PACK_ALIGNMENT ? 1 : 0) }
    gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), buffer)
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), framebuffer)
    return try body()
  }

  private var packParameters: [Int32] { isES ? commonPackParameters : commonPackParameters + [GL_PACK_SWAP_BYTES] }
}

private let commonPackParameters = [GL_PACK_ALIGNMENT, GL_PACK_ROW_LENGTH, GL_PACK_SKIP_ROWS, GL_PACK_SKIP_PIXELS]
