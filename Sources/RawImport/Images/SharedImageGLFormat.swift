internal import InteropDrivers

extension SharedImage {
  var glInternalFormat: GLenum { description.glView.internalFormat }
  var glIsSRGB: Bool { glInternalFormat == GLenum(GL_SRGB8_ALPHA8) }
  var exchangesRedAndBlue: Bool {
    if case .redBlueExchanged = description.glView { true } else { false }
  }
}
