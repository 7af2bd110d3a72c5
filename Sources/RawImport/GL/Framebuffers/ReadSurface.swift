internal import InteropDrivers

// Framebuffer 0 has a surface to draw into and one to read, which `eglMakeCurrent` and `glXMakeContextCurrent` set
// separately. A frame is the drawn one.

extension CurrentContext {
  /// Whether framebuffer 0 reads another surface than it draws into. Asks no driver: the window system's library
  /// answers two calls.
  var readsAnotherSurface: Bool {
    switch library {
    case .egl(let egl, _): egl.eglGetCurrentSurface(EGL_DRAW) != egl.eglGetCurrentSurface(EGL_READ)
    case .glx(let glx): glx.glXGetCurrentDrawable() != glx.glXGetCurrentReadDrawable()
    }
  }

  /// Runs `body` while framebuffer 0 reads the surface that the application draws into.
  ///
  /// With EGL the drawn surface also becomes the read surface. With GLX the two are exchanged, so that both stay
  /// current: a drawable whose buffers live only while it is current (windows of Mesa's GLX) would be lost otherwise.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` where that is impossible, before anything is changed;
  ///   ``InteropError/Code/driverFailure`` where the surfaces cannot be restored; what `body` throws.
  func exchangingSurfaces<Result>(_ body: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    let putBack: () -> InteropError?
    switch library {
    case .egl(let egl, let display):
      let (draw, read) = (egl.eglGetCurrentSurface(EGL_DRAW), egl.eglGetCurrentSurface(EGL_READ))
      let context = egl.eglGetCurrentContext()
      // EGL does not name a surface that is destroyed and still current.
      guard draw != nil, read != nil else { throw Self.cannotRead("eglGetCurrentSurface", nil) }
      var width: EGLint = 0
      guard egl.eglQuerySurface(display, read, EGL_WIDTH, &width) == EGL_TRUE else {
        throw Self.cannotRead("eglQuerySurface", .egl(egl.eglGetError()))
      }
      // Not exchanged: ANGLE clips the read surface to the size of the drawn one. EGL's surfaces survive without being
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
  /// Whether framebuffer 0 reads another surface than it draws into; false where that is unknown.
  var readsAnotherSurface: Bool { windowSystem?.readsAnotherSurface ?? false }

  /// Runs `body`, which reads the framebuffer, with the drawn surface as the one to read.
  func readingWhatIsDrawn<Result>(
    _ framebuffer: GLuint, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard framebuffer == 0, let windowSystem, windowSystem.readsAnotherSurface else { return try body() }
    return try windowSystem.exchangingSurfaces { () throws(InteropError) in
      // Making a context current flushes, and with nothing queued zink's `glFinish` does not wait for flushed work
      // (Mesa 22.3.6).
      defer { gl.glFinish() }
      return try body()
    }
  }

  /// Runs `body` and restores the read buffer, which is a state of the application's framebuffer bound to read, not of
  /// the context.
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
