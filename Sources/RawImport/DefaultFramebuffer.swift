internal import Drivers

// Framebuffer 0 is two things: what is drawn into and what is read, which `eglMakeCurrent` and `glXMakeContextCurrent` take
// apart. A frame is what was drawn.

extension CurrentContext {
  /// Whether reading framebuffer 0 gives another surface than the one that is drawn into. Asks no driver: two calls that the
  /// window system's library answers.
  var readsAnotherSurface: Bool {
    switch library {
    case .egl(let egl, _): egl.eglGetCurrentSurface(EGL_DRAW) != egl.eglGetCurrentSurface(EGL_READ)
    case .glx(let glx): glx.glXGetCurrentDrawable() != glx.glXGetCurrentReadDrawable()
    }
  }

  /// Runs `body` while framebuffer 0 reads what the application draws into. With EGL the drawn surface becomes the one that is
  /// read, too. With GLX the two are exchanged, so that both stay current: a drawable whose buffers live as long as it is
  /// current (windows of Mesa's GLX) would be lost otherwise.
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
      // Not exchanged: ANGLE cuts what is read to the size of what is drawn into. EGL's surfaces last without being current.
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
      reason: "framebuffer 0 reads another surface than the one that is drawn into, and they cannot be exchanged for the copy",
      driverCode: code, advice: "Make the context current with the drawn surface as draw and read, or keep both surfaces alive")
  }

  private static func cannotPutBack(_ step: String, _ code: DriverCode?) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "the surfaces that framebuffer 0 draws into and reads are exchanged and stay so",
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
      // Making current flushes, and zink's `glFinish` with nothing queued does not wait for what was flushed (Mesa 22.3.6).
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

/// Sees to it that what is copied out of framebuffer 0 is there: what is outside of GL's buffers a copy leaves unwritten, and
/// without an error.
///
/// A window's size is the window system's, and GL's buffers follow when the driver likes, mostly at the next swap. So the
/// corner is looked at, by reading a pixel of it, when the size is another than the last time; that waits for GL.
final class DefaultFramebufferExtent {
  private let context: GLContext
  /// What was there of a surface of that size; nil for a surface whose size nobody tells.
  private var seen: (surface: PixelSize?, part: PixelSize)?

  init(_ context: GLContext) { self.context = context }

  /// Of the drawn surface, or of the part of it that GL has; nil where nobody tells.
  func size() throws(InteropError) -> PixelSize? {
    guard let asked = context.defaultFramebufferSize() else { return nil }
    guard !isSeen(asked, of: asked), asked.width > 0, asked.height > 0 else { return asked }
    return try context.preservingBlitState { () throws(InteropError) in
      let name: GLuint = 0
      context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
      guard context.gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER)) == GLenum(GL_FRAMEBUFFER_COMPLETE) else { return asked }
      let contents = try FramebufferContents(GLFramebuffer(name: name, size: PixelSize(width: 1, height: 1)), context)
      let found = try extent(upTo: asked, contents)
      if found == asked { seen = (asked, asked) }
      return found
    }
  }

  /// - Throws: ``InteropError/Code/invalidArgument`` unless the drawn surface has all of `size`.
  func check(_ size: PixelSize, _ contents: FramebufferContents) throws(InteropError) {
    // A window that was made smaller since the last swap: GL's buffers, and what was drawn, may have the old size still.
    let asked = context.defaultFramebufferSize()
    if isSeen(size, of: asked) { return }
    let found = try extent(upTo: size, contents)
    try FramebufferContents.check(size, isWithin: found, "the default framebuffer")
    seen = (asked, size)
  }

  private func isSeen(_ part: PixelSize, of surface: PixelSize?) -> Bool {
    guard let seen, seen.surface == surface else { return false }
    return part.width <= seen.part.width && part.height <= seen.part.height
  }

  /// The larger part of `size` from the origin on that GL has.
  private func extent(upTo size: PixelSize, _ contents: FramebufferContents) throws(InteropError) -> PixelSize {
    try context.readingWhatIsDrawn(0) { () throws(InteropError) in
      try context.reading(0, into: 0) { () throws(InteropError) in
        guard !context.features.isES2 else { return extentByPixels(upTo: size, contents) }
        return try context.preservingReadBuffer(of: 0, selecting: contents.readBuffer) { extentByPixels(upTo: size, contents) }
      }
    }
  }

  private func extentByPixels(upTo size: PixelSize, _ contents: FramebufferContents) -> PixelSize {
    if isThere(size.width - 1, size.height - 1, contents) { return size }
    /// The first place of which `body` is not true.
    func first(_ end: Int, _ body: (Int) -> Bool) -> Int {
      var (low, high) = (0, end)
      while low < high {
        let middle = (low + high) / 2
        if body(middle) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return PixelSize(
      width: first(size.width) { isThere($0, 0, contents) }, height: first(size.height) { isThere(0, $0, contents) })
  }

  /// Outside of the framebuffer the memory keeps what it had: twice, as a pixel may look like that.
  private func isThere(_ x: Int, _ y: Int, _ contents: FramebufferContents) -> Bool {
    let type = contents.componentType == GL_FLOAT ? GL_FLOAT : GL_UNSIGNED_BYTE
    return [0x5A, 0xA5].contains { (byte: UInt8) in
      var pixel = (UInt64(0x0101_0101_0101_0101) &* UInt64(byte), UInt64(0x0101_0101_0101_0101) &* UInt64(byte))
      let before = pixel
      withUnsafeMutableBytes(of: &pixel) {
        context.gl.glReadPixels(GLint(x), GLint(y), 1, 1, GLenum(GL_RGBA), GLenum(type), $0.baseAddress)
      }
      // A driver that reads nothing of the kind tells nothing.
      return context.takeError() != nil || pixel != before
    }
  }
}
