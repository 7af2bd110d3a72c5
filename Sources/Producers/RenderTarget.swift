public import InteropDrivers
public import RawImport

/// What the application draws a frame into, for the time of one `render` call.
public struct RenderTarget {
  /// Complete, bound to `GL_FRAMEBUFFER`, with the viewport set to ``size``, when `render` calls the application.
  public let framebuffer: GLuint
  /// Width and height in pixels.
  public let size: PixelSize
  /// Number of the frame, from 1 on.
  public let frameNumber: UInt64
  /// Which framebuffer it is, for what a program keeps for it: the name comes back as another one's, this does not. In
  /// mode direct the ``Frame/imageID`` of the frame, else that of a framebuffer that is copied from, of whose end
  /// nobody is told: drop what was made for it when another one comes.
  public let imageID: ImageID
  /// Its functions, those that ``gl`` does not have too: ``GLContext/function(_:as:)``.
  public let context: GLContext
  /// The functions of the context that this package calls itself.
  public var gl: GLFunctions { context.gl }
}
