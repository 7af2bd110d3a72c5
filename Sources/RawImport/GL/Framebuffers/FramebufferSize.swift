public import InteropDrivers
public import LinuxBuffers

extension GLContext {
  /// Returns the size of a framebuffer's attachment in pixels; for framebuffer 0, the surface's size.
  ///
  /// - Parameters:
  ///   - framebuffer: a name, or 0.
  ///   - colorAttachment: n of `GL_COLOR_ATTACHMENTn`.
  /// - Returns: nil where GL does not report it (textures before ES 3.1), or nothing is attached.
  public func size(ofFramebuffer framebuffer: GLuint, colorAttachment: Int = 0) throws(InteropError) -> PixelSize? {
    try enter("ask for a framebuffer's size")
    if framebuffer == 0 { return defaultFramebufferSize() }
    guard (0..<features.maximumColorAttachments).contains(colorAttachment) else {
      throw InteropError(
        .invalidArgument, step: "check framebuffer \(framebuffer)",
        reason: "there is no colour attachment \(colorAttachment)",
        advice: "Use 0 to \(features.maximumColorAttachments - 1)")
    }
    return try preservingBindings { () throws(InteropError) in
      guard gl.glIsFramebuffer(framebuffer) == GL_TRUE else { return nil }
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      let attachment = GLenum(GL_COLOR_ATTACHMENT0) + GLenum(colorAttachment)
      let size = try AttachmentStorage(attachment, Int(integer(GL_SAMPLES)), self).size(self)
      for _ in 0..<8 where takeError() == nil { break }
      return size
    }
  }
}
