internal import InteropDrivers

extension SharedImage {
  /// Makes GL execute the clears that it has deferred.
  ///
  /// ANGLE (seen: Chromium 150 on SwiftShader) defers a clear of a whole framebuffer and does not execute it in
  /// `glFinish`, so Vulkan sees the previous frame. Reading a pixel executes it. A semaphore's signal does, too.
  func writeDeferredClears() throws(InteropError) {
    guard context.renderer.hasPrefix("ANGLE") else { return }
    // Every driver reads any format as GL_RGBA with one of these types (OpenGL ES 3.0, 4.3.2).
    let isFloat = format == .rgba16f
    var pixel: (Float, Float, Float, Float) = (0, 0, 0, 0)
    try context.reading(aliasFramebuffer, into: 0) { () throws(InteropError) in
      context.gl.glReadPixels(0, 0, 1, 1, GLenum(GL_RGBA), GLenum(isFloat ? GL_FLOAT : GL_UNSIGNED_BYTE), &pixel)
      try context.check("glReadPixels", "GL does not read what it drew")
    }
  }
}
