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

extension SharedImage {
  /// Makes GL really write what it has only taken note of.
  ///
  /// ANGLE (seen: Chromium 150 on SwiftShader) keeps a clear of a whole framebuffer for later and does not do it in
  /// `glFinish`, so Vulkan sees the frame before. Reading a pixel does it. A semaphore's signal does it, too.
  func writeStagedClears() throws(InteropError) {
    guard context.renderer.hasPrefix("ANGLE") else { return }
    // GL_RGBA with one of these is what every driver reads any format as (OpenGL ES 3.0, 4.3.2).
    let isFloat = format == .rgba16f
    var pixel: (Float, Float, Float, Float) = (0, 0, 0, 0)
    try context.reading(aliasFramebuffer, into: 0) { () throws(InteropError) in
      context.gl.glReadPixels(0, 0, 1, 1, GLenum(GL_RGBA), GLenum(isFloat ? GL_FLOAT : GL_UNSIGNED_BYTE), &pixel)
      try context.check("glReadPixels", "GL does not read what it drew")
    }
  }
}
