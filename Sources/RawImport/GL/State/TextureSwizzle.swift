internal import InteropDrivers

extension GLContext {
  /// Makes sampling of the bound texture return 1 for alpha. ES 2.0 and GL 3.2 have no swizzles; there alpha is
  /// unchanged.
  func makeSamplingOpaque() throws(InteropError) {
    guard isES ? !features.isES2 : version >= (3, 3) || extensions.contains("GL_ARB_texture_swizzle") else { return }
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_A), GL_ONE)
    try check("glTexParameteri", "the shared texture takes no swizzle")
  }

  /// Makes sampling of the bound texture exchange red and blue. ES 2.0 has no swizzles; there nothing changes.
  func exchangeRedAndBlueInSampling() throws(InteropError) {
    guard !features.isES2 else { return }
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_R), GL_BLUE)
    gl.glTexParameteri(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_B), GL_RED)
    try check("glTexParameteri", "the shared texture takes no swizzle")
  }
}
