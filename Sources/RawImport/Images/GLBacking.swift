internal import InteropDrivers

/// The GL objects over a shared image's memory.
protocol GLBacking: AnyObject, Sendable {
  /// The texture, `GL_TEXTURE_2D`.
  var texture: GLuint { get }
  /// A complete framebuffer with the texture as `GL_COLOR_ATTACHMENT0`.
  var framebuffer: GLuint { get }
}
