internal import InteropDrivers

extension GLContext {
  /// Makes GL execute and complete what it has deferred or flushed for `framebuffer`, on drivers whose `glFinish` does
  /// not: reads one pixel of it.
  ///
  /// - ANGLE (seen: Chromium 150 on SwiftShader) defers a clear of a whole framebuffer and does not execute it in
  ///   `glFinish`, so Vulkan sees the previous frame. A semaphore's signal executes it, too.
  /// - zink (seen: Mesa 22.3.6): with nothing queued, neither `glFinish` nor a fence waits for work that was flushed
  ///   before. Of 60 frames after which the application called `glFlush`, Vulkan read 49 too early. The read queues a
  ///   copy behind that work and waits for it.
  ///
  /// - Parameters:
  ///   - framebuffer: complete, with one sample.
  ///   - isFloat: whether its components are floats.
  func completePendingWork(of framebuffer: GLuint, isFloat: Bool) throws(InteropError) {
    guard isZink || renderer.hasPrefix("ANGLE") else { return }
    // Every driver reads any format as GL_RGBA with one of these types (OpenGL ES 3.0, 4.3.2).
    var pixel: (Float, Float, Float, Float) = (0, 0, 0, 0)
    try reading(framebuffer, into: 0) { () throws(InteropError) in
      gl.glReadPixels(0, 0, 1, 1, GLenum(GL_RGBA), GLenum(isFloat ? GL_FLOAT : GL_UNSIGNED_BYTE), &pixel)
      try check("glReadPixels", "GL does not read what it drew")
    }
  }
}
