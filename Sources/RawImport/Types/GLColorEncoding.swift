/// How GL interprets the bytes of an sRGB format.
public enum GLColorEncoding: String, Sendable, Hashable {
  /// GL reads and writes the bytes as they are, in desktop GL and GLES alike: 128 stays 128.
  case bytes
  /// The GL texture is `GL_SRGB8_ALPHA8`: sampling decodes; rendering encodes (always in GLES, with
  /// `GL_FRAMEBUFFER_SRGB` enabled in desktop GL).
  case srgb
}
