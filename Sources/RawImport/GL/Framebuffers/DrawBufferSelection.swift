package import InteropDrivers

extension GLContext {
  /// Runs `body` with the framebuffer bound and its colour attachment as the only draw buffer.
  ///
  /// A blit writes to every draw buffer, so the others are switched off meanwhile. They are a state of the
  /// application's framebuffer.
  ///
  /// - Parameter buffer: for the default framebuffer, the buffer to draw into.
  package func selectingDrawBuffer(
    _ destination: GLFramebuffer, _ buffer: GLenum, _ body: () throws(InteropError) -> Void
  ) throws(InteropError) {
    let count = features.maximumDrawBuffers
    guard destination.colorAttachment < count else {
      throw InteropError(
        .invalidArgument, step: "choose the colour attachment",
        reason: "GL draws into \(count) attachments, not into \(destination.colorAttachment)")
    }
    gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.name)
    let saved = (0..<count).map { GLenum(integer(GL_DRAW_BUFFER0 + Int32($0))) }
    // GLES accepts attachment n only at index n.
    var selected = [GLenum](repeating: GLenum(GL_NONE), count: destination.colorAttachment + 1)
    selected[destination.colorAttachment] =
      destination.name == 0 ? buffer : GLenum(GL_COLOR_ATTACHMENT0) + GLenum(destination.colorAttachment)
    let isSelected = saved.elementsEqual(selected + [GLenum](repeating: GLenum(GL_NONE), count: count - selected.count))
    if isSelected { return try body() }
    setDrawBuffers(selected, ofDefault: destination.name == 0)
    defer {
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.name)
      setDrawBuffers(saved, ofDefault: destination.name == 0)
    }
    try body()
  }

  /// Sets the draw buffers. For the default framebuffer, desktop GL accepts a name of several buffers
  /// (GL_FRONT_AND_BACK) only through `glDrawBuffer`.
  private func setDrawBuffers(_ buffers: [GLenum], ofDefault isDefault: Bool) {
    if isDefault, isES {
      gl.glDrawBuffers(1, buffers)
    } else if isDefault, let set = gl.glDrawBuffer, buffers.dropFirst().allSatisfy({ $0 == GLenum(GL_NONE) }) {
      set(buffers[0])
    } else {
      gl.glDrawBuffers(GLsizei(buffers.count), buffers)
    }
  }
}
