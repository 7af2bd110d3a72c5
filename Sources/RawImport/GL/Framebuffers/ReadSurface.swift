internal import InteropDrivers

// Framebuffer 0 is two things: what is drawn into and what is read, which `eglMakeCurrent` and `glXMakeContextCurrent`
// take apart. A frame is what was drawn.

extension CurrentContext {
  /// Whether reading framebuffer 0 gives another surface than the one that is drawn into. Asks no driver: two calls
  /// that the window system's library answers.
  var readsAnotherSurface: Bool {
    switch library {
    case .egl(let egl, _): egl.eglGetCurrentSurface(EGL_DRAW) != egl.eglGetCurrentSurface(EGL_READ)
    case .glx(let glx): glx.glXGetCurrentDrawable() != glx.glXGetCurrentReadDrawable()
    }
  }

  /// Runs `body` while framebuffer 0 reads what the application draws into. With EGL the drawn surface becomes the one
  /// that is read, too. With GLX the two are exchanged, so that both stay current: a drawable whose buffers live as
  /// long as it is current (windows of Mesa's GLX) would be lost otherwise.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` where that cannot be, before anything is changed;
  ///   ``InteropError/Code/driverFailure`` where they cannot be put back; what `body` throws.
  func exchangingSurfaces<Result>(_ body: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    let putBack: () -> InteropError?
    switch library {
    case .egl(let egl, let display):
      let (draw, read) = (egl.eglGetCurrentSurface(EGL_DRAW), egl.eglGetCurrentSurface(EGL_READ))
      let context = egl.eglGetCurrentContext()
      // EGL does not name a surface that is destroyed and current still.
      guard draw != nil, read != nil else { throw Self.cannotRead("eglGetCurrentSurface", nil) }
      var width: EGLint = 0
      guard egl.eglQuerySurface(display, read, EGL_WIDTH, &width) == EGL_TRUE else {
        throw Self.cannotRead("eglQuerySurface", .egl(egl.eglGetError()))
      }
      // Not exchanged: ANGLE cuts what is read to the size of what is drawn into. EGL's surfaces last without being
      // current.
      guard egl.eglMakeCurrent(display, draw, draw, context) == EGL_TRUE else {
        throw Self.cannotRead("eglMakeCurrent", .egl(egl.eglGetError()))
      }
      putBack = {
        guard egl.eglMakeCurrent(display, draw, read, context) != EGL_TRUE else { return nil }
        return Self.cannotPutBack("eglMakeCurrent", .egl(egl.eglGetError()))
      }
    case .glx(let glx):
      let (draw, read) = (glx.glXGetCurrentDrawable(), glx.glXGetCurrentReadDrawable())
      let (context, display) = (glx.glXGetCurrentContext(), glx.glXGetCurrentDisplay())
      guard draw != 0, read != 0 else { throw Self.cannotRead("glXGetCurrentDrawable", nil) }
      guard glx.glXMakeContextCurrent(display, read, draw, context) != 0 else {
        throw Self.cannotRead("glXMakeContextCurrent", nil)
      }
      putBack = {
        guard glx.glXMakeContextCurrent(display, draw, read, context) == 0 else { return nil }
        return Self.cannotPutBack("glXMakeContextCurrent", nil)
      }
    }
    let result: Result
    do throws(InteropError) {
      result = try body()
    } catch {
      throw putBack() ?? error
    }
    if let failure = putBack() { throw failure }
    return result
  }

  private static func cannotRead(_ step: String, _ code: DriverCode?) -> InteropError {
    InteropError(
      .invalidState, step: step,
      reason:
        "framebuffer 0 reads another surface than the one that is drawn into, and they cannot be exchanged for the copy",
      driverCode: code,
      advice: "Make the context current with the drawn surface as draw and read, or keep both surfaces alive")
  }

  private static func cannotPutBack(_ step: String, _ code: DriverCode?) -> InteropError {
    InteropError(
      .driverFailure, step: step,
      reason: "the surfaces that framebuffer 0 draws into and reads are exchanged and stay so",
      driverCode: code, advice: "Make the context current again with its surfaces")
  }
}

extension GLContext {
  /// Whether framebuffer 0 reads another surface than the one that is drawn into; false where nobody tells.
  var readsAnotherSurface: Bool { windowSystem?.readsAnotherSurface ?? false }

  /// Runs `body`, which reads the framebuffer, so that it reads what was drawn.
  func readingWhatIsDrawn<Result>(
    _ framebuffer: GLuint, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard framebuffer == 0, let windowSystem, windowSystem.readsAnotherSurface else { return try body() }
    return try windowSystem.exchangingSurfaces { () throws(InteropError) in
      // Making current flushes, and zink's `glFinish` with nothing queued does not wait for what was flushed (Mesa
      // 22.3.6).
      defer { gl.glFinish() }
      return try body()
    }
  }

  /// The read buffer is a state of the application's framebuffer, which is bound to read, not of the context.
  func preservingReadBuffer<Result>(
    of framebuffer: GLuint, selecting buffer: GLenum, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let saved = GLenum(bitPattern: integer(GL_READ_BUFFER))
    if saved == buffer { return try body() }
    gl.glReadBuffer(buffer)
    defer {
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), framebuffer)
      gl.glReadBuffer(saved)
    }
    return try body()
  }
}
