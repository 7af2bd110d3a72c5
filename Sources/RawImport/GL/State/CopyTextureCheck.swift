internal import InteropDrivers

extension GLContext {
  /// - Throws: ``InteropError/Code/unsupported`` if `glCopyTexSubImage2D` refused the framebuffer, as ANGLE does
  ///   encoded ones.
  func checkCopyTexture() throws(InteropError) {
    guard let error = takeError() else { return }
    throw InteropError(
      .unsupported, step: "glCopyTexSubImage2D",
      reason: "\(renderer) copies no framebuffer of this format and \(integer(GL_SAMPLES)) samples",
      driverCode: .gl(error), missing: ["a copy out of the framebuffer's format"],
      advice: "Choose a config with alpha or without samples, or draw into a framebuffer object")
  }
}
