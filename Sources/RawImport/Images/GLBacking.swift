internal import InteropDrivers

/// What GL made of a shared image's memory.
protocol GLBacking: AnyObject, Sendable {
  /// `GL_TEXTURE_2D`.
  var texture: GLuint { get }
  /// With the texture as `GL_COLOR_ATTACHMENT0`, complete.
  var framebuffer: GLuint { get }
}
