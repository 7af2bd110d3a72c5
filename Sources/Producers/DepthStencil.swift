internal import InteropDrivers
internal import RawImport

/// One depth and stencil buffer for all slots, since frames are drawn one after the other.
final class DepthStencil {
  private let context: GLContext
  private let buffer: GLObject
  private var attached: Set<GLuint> = []

  init(_ size: PixelSize, samples: Int, _ context: GLContext) throws(InteropError) {
    self.context = context
    buffer = try context.preservingBindings { () throws(InteropError) in
      try context.makeRenderbuffer(GLenum(GL_DEPTH24_STENCIL8), size, samples: samples > 1 ? samples : 0)
    }
  }

  /// Attaches the buffer to `framebuffer`, which is bound.
  func attach(to framebuffer: GLuint) throws(InteropError) {
    guard attached.insert(framebuffer).inserted else { return }
    context.gl.glFramebufferRenderbuffer(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_DEPTH_STENCIL_ATTACHMENT), GLenum(GL_RENDERBUFFER), buffer.name)
    try context.checkFramebuffer(
      GL_FRAMEBUFFER, "attach the depth and stencil buffer", "the driver cannot render with this depth buffer")
  }
}
