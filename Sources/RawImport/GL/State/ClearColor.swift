internal import InteropDrivers

extension GLContext {
  /// Clears draw buffer 0 of the framebuffer that is bound to draw, as scissor and masks allow, without changing the
  /// application's clear colour.
  ///
  /// The corresponding C function is `glClearBufferfv`, in ES 2.0 `glClear`.
  package func clear(_ color: [Float]) {
    precondition(color.count == 4, "red, green, blue, alpha")
    guard features.isES2 else { return gl.glClearBufferfv(GLenum(GL_COLOR), 0, color) }
    var saved: [Float] = [0, 0, 0, 0]
    gl.glGetFloatv(GLenum(GL_COLOR_CLEAR_VALUE), &saved)
    gl.glClearColor(color[0], color[1], color[2], color[3])
    gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
    gl.glClearColor(saved[0], saved[1], saved[2], saved[3])
  }
}
