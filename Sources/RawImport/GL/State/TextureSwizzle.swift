internal import InteropDrivers

extension GLContext {
  /// Sampling the texture that is bound gives 1 for alpha; in ES 2.0 and GL 3.2, which have no swizzles, what is there.
  func makeSamplingOpaque() throws(InteropError) {
    guard isES ? !features.isES2 : version >= (3, 3) || extensions.contains("GL_ARB_texture_swizzle") else { return }
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_A), GL_ONE)
    try check("glTexParameteri", "the shared texture takes no swizzle")
  }

  /// Sampling the texture that is bound exchanges red and blue; in ES 2.0, which has no swizzles, nothing changes.
  func exchangeRedAndBlueInSampling() throws(InteropError) {
    guard !features.isES2 else { return }
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_R), GL_BLUE)
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_B), GL_RED)
    try check("glTexParameteri", "the shared texture takes no swizzle")
  }
}
