public import Drivers
public import RawImport

/// What the application draws a frame into, for the time of one `render` call.
public struct RenderTarget {
  /// Complete, bound to `GL_FRAMEBUFFER`, with the viewport set to ``size``, when `render` calls the application.
  public let framebuffer: GLuint
  public let size: PixelSize
  /// Number of the frame, from 1 on.
  public let frameNumber: UInt64
  /// The context's functions.
  public let gl: GLFunctions
}
