package import InteropDrivers

/// The destination of a frame's draws: a shared image itself, or a framebuffer of the package that is blitted or read
/// back.
package final class DrawTarget: @unchecked Sendable {
  package let framebuffer: GLuint
  /// The colour texture of the package's framebuffer with one sample; 0 for any other framebuffer.
  let texture: GLuint
  /// The texture's format; 0 for a borrowed framebuffer.
  let internalFormat: GLenum
  private let objects: Objects?

  /// The owned parts, in the order of their release.
  private final class Objects {
    let framebuffer: GLObject
    let color: GLObject
    init(_ framebuffer: consuming GLObject, _ color: consuming GLObject) {
      self.framebuffer = framebuffer
      self.color = color
    }
  }

  /// Wraps a framebuffer that it does not own.
  package init(borrowing framebuffer: GLuint) {
    self.framebuffer = framebuffer
    (texture, internalFormat) = (0, 0)
    objects = nil
  }

  /// Makes a framebuffer that it owns.
  ///
  /// - Parameter samples: 1 makes a texture, more a multisampled renderbuffer.
  package init(_ internalFormat: GLenum, _ size: PixelSize, samples: Int, _ context: GLContext) throws(InteropError) {
    let step = "make a framebuffer of our own"
    try size.validate(step)
    try size.check(step, within: [context.sizeLimit])
    let made = try context.preservingBindings { () throws(InteropError) -> Objects in
      if samples <= 1 {
        let color = try context.makeTexture(internalFormat, size)
        return Objects(try context.makeFramebuffer(texture: color, step), color)
      }
      let color = try context.makeRenderbuffer(internalFormat, size, samples: samples)
      let framebuffer = try context.makeObject(.framebuffer)
      let gl = context.gl
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
      gl.glFramebufferRenderbuffer(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), color.name)
      try context.checkFramebuffer(
        GL_FRAMEBUFFER, step, "the driver cannot render with \(samples) samples")
      return Objects(framebuffer, color)
    }
    objects = made
    framebuffer = made.framebuffer.name
    texture = samples <= 1 ? made.color.name : 0
    self.internalFormat = internalFormat
  }
}
