internal import InteropDrivers

extension GLContext {
  /// Keeps the application's debug callback quiet while `body` tries something that the driver may refuse.
  func withoutDebugMessages<Result: ~Copyable>(
    _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard features.hasDebugOutput, gl.glIsEnabled(GLenum(GL_DEBUG_OUTPUT)) == GL_TRUE else { return try body() }
    gl.glDisable(GLenum(GL_DEBUG_OUTPUT))
    defer { gl.glEnable(GLenum(GL_DEBUG_OUTPUT)) }
    return try body()
  }
}
