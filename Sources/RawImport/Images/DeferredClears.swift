internal import InteropDrivers

extension SharedImage {
  /// Makes GL really write what it has only taken note of.
  ///
  /// ANGLE (seen: Chromium 150 on SwiftShader) keeps a clear of a whole framebuffer for later and does not do it in
  /// `glFinish`, so Vulkan sees the frame before. Reading a pixel does it. A semaphore's signal does it, too.
  func writeDeferredClears() throws(InteropError) {
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
