public import InteropDrivers
public import RawImport

/// The framebuffer that the application draws a frame into, for the duration of one `render` call.
public struct RenderTarget {
  /// The framebuffer's name. It is complete, bound to `GL_FRAMEBUFFER`, and the viewport is set to ``size``, when
  /// `render` calls the application.
  public let framebuffer: GLuint
  /// Width and height in pixels.
  public let size: PixelSize
  /// Number of the frame, from 1 on.
  public let frameNumber: UInt64
  /// Identifies the framebuffer, for objects that the application caches for it.
  ///
  /// GL reuses a name for another framebuffer; an identifier is never reused. In mode direct it is the
  /// ``Frame/imageID`` of the frame. Otherwise it identifies a framebuffer that the package copies from, whose end is
  /// not reported: drop what was made for it when another identifier comes.
  public let imageID: ImageID
  /// The GL context. ``GLContext/function(_:as:)`` looks up functions that ``gl`` lacks, too.
  public let context: GLContext
  /// The functions of the context that this package itself calls.
  public var gl: GLFunctions { context.gl }
}
