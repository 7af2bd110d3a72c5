import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Framebuffer 0 as the window system makes it: a surface to draw into and another to read, surfaces without alpha,
/// encoded ones, smaller ones than the application says.
@Suite("Framebuffer 0", .serialized) struct DefaultFramebufferTests {
  @Test(arguments: StateContext.Kind.all, [TransferPath.opaqueFD, .hostCopy])
  func itIsWhatWasDrawn(kind: StateContext.Kind, path: TransferPath) throws {
    try DefaultFramebufferScenario(kind, path).readsAnother()
  }

  @Test(arguments: StateContext.Kind.all) func smallerThanStatedIsAnError(kind: StateContext.Kind) throws {
    try DefaultFramebufferScenario(kind, .hostCopy).smallerThanStated()
  }

  private static let surfaces = StateContext.Kind.all.flatMap { kind in
    [(0, true, 0), (0, true, 4), (8, true, 0), (8, true, 4), (0, false, 0), (0, false, 4)].map {
      alpha, isSRGB, samples in
      var kind = kind
      (kind.alpha, kind.isSRGB, kind.samples) = (alpha, isSRGB, samples)
      return kind
    }
  }

  @Test(arguments: surfaces, [TransferPath.opaqueFD, .hostCopy])
  func surfacesOfEveryKindArrive(kind: StateContext.Kind, path: TransferPath) throws {
    let scenario: DefaultFramebufferScenario
    do {
      scenario = try DefaultFramebufferScenario(kind, path)
    } catch let error as InteropError {
      return TestStack.skip("framebuffer 0 of \(kind): \(error.step): \(error.reason)")
    }
    do {
      try scenario.colourArrives()
    } catch let error as InteropError {
      // Of this kind ANGLE neither resolves nor copies; said, and nothing wrong is shown.
      guard error.code == .unsupported, error.step == "glCopyTexSubImage2D", kind.isSRGB, kind.samples > 0 else {
        throw error
      }
      TestStack.skip("framebuffer 0 of \(kind): \(error.reason)")
    }
  }

  #if compiler(>=6.2)
    // In a process of its own, as GLStateTests has it.
    @Test func itIsTheSameInES2() async {
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) {
        setenv("MESA_GLES_VERSION_OVERRIDE", "2.0", 1)
        do {
          try DefaultFramebufferScenario(.es20, .hostCopy).readsAnother()
          try DefaultFramebufferScenario(.es20, .hostCopy).smallerThanStated()
          for isSRGB in [true, false] {
            var kind = StateContext.Kind.es20
            (kind.alpha, kind.isSRGB) = (0, isSRGB)
            do {
              try DefaultFramebufferScenario(kind, .hostCopy).colourArrives()
            } catch let error as InteropError {
              guard error.code == .unsupported, isSRGB, !TestStack.abilities.mustHaveSRGBInES2 else { throw error }
              TestStack.skip("framebuffer 0 of \(kind): \(error.reason)")
            }
          }
        } catch {
          Issue.record(error)
        }
      }
      // What the child could not run belongs into the closing lines too.
      let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
      for line in output.split(separator: "\n") where line.hasPrefix("INTEROP-SKIP: ") {
        TestStack.skip(String(line.dropFirst(14)))
      }
      if result == nil || result?.exitStatus != .exitCode(0) {
        print(
          String(decoding: (result?.standardOutputContent ?? []) + (result?.standardErrorContent ?? []), as: UTF8.self))
      }
    }
  #endif
}

/// A context of a kind, and frames of its framebuffer 0.
private struct DefaultFramebufferScenario {
  let app: StateContext
  let host: VulkanHost
  let path: TransferPath
  private var gl: GLFunctions { app.gl.gl }
  private static let drawn = PixelSize(width: 32, height: 16)
  private static let other = PixelSize(width: 20, height: 10)

  init(_ kind: StateContext.Kind, _ path: TransferPath) throws {
    app = try StateContext(kind)
    host = try app.makeHost()
    self.path = path
  }

  private func producer(_ size: PixelSize, _ format: PixelFormat = .rgba8) throws -> RawGLProducer {
    var options = ProducerOptions(path: path)
    options.logger.logLevel = .critical
    options.format = format
    options.capability = .nowhere
    return try RawGLProducer(size: size, host: host, context: app.gl, options: options)
  }

  private func read(_ frame: consuming Frame) throws -> [UInt8] {
    let size = frame.size
    let landing = try HostBuffer(host: host, size: size.width * size.height * 4, .readback)
    try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (commands, image) throws(InteropError) in
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    return Array(landing.bytes)
  }

  /// Mesa's pbuffers have one buffer, which desktop GL calls FRONT and does not draw into by itself.
  private func clear(_ colour: [Float]) {
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    if !app.gl.isES, app.gl.integer(GL_DOUBLEBUFFER) == 0 {
      gl.glDrawBuffers(1, [GLenum(GL_FRONT_LEFT)])
      if gl.glGetError() != GL_NO_ERROR { gl.glDrawBuffers(1, [GLenum(GL_BACK_LEFT)]) }
    }
    gl.glClearColor(colour[0], colour[1], colour[2], colour[3])
    gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
  }

  private func pixels(_ pixel: [UInt8], _ size: PixelSize) -> [UInt8] {
    (0..<size.width * size.height).flatMap { _ in pixel }
  }

  func readsAnother() throws {
    let (draw, read) = (try app.makeSurface(Self.drawn), try app.makeSurface(Self.other))
    try app.makeCurrent(draw: read, read: read)
    clear([0, 1, 0, 1])
    try app.makeCurrent(draw: draw, read: read)
    clear([0, 0, 1, 1])
    for format in [PixelFormat.rgba8, .bgra8] {
      let blue: [UInt8] = format == .rgba8 ? [0, 0, 255, 255] : [255, 0, 0, 255]
      let producer = try producer(Self.drawn, format)
      let before = state()
      for size in [nil, Self.drawn, PixelSize(width: 31, height: 15)] {
        let found = try self.read(try producer.submit(framebuffer: 0, size: size))
        #expect(found == pixels(blue, size ?? Self.drawn), "\(app.kind) \(format) \(String(describing: size))")
      }
      // The read surface as the application has it.
      let picture = try app.gl.readPixels(0, Self.other, .rgba8)
      #expect(picture == pixels([0, 255, 0, 255], Self.other))
      #expect(state() == before)
      #expect(gl.glGetError() == GL_NO_ERROR)
      // Of a surface that is gone nothing can be exchanged; the application's binding is as before.
      if format == .bgra8 {
        _ = app.egl.eglDestroySurface(app.display, read)
        // ANGLE takes both surfaces away: there is no framebuffer 0 any more.
        let kept = app.egl.eglGetCurrentSurface(EGL_DRAW)
        let error = #expect(throws: InteropError.self) { _ = try producer.submit(framebuffer: 0) }
        #expect(error?.code == (kept == draw ? .invalidState : .invalidArgument), "\(String(describing: error))")
        #expect(app.egl.eglGetCurrentSurface(EGL_DRAW) == kept)
        try app.makeCurrent(draw: draw, read: draw)
        let found = try self.read(try producer.submit(framebuffer: 0))
        #expect(found == pixels(blue, Self.drawn))
      }
    }
    guard path == .opaqueFD else { return }
    let third = try app.makeSurface(Self.other)
    try app.makeCurrent(draw: draw, read: third)
    let imported = try importGLFramebufferVulkan(
      GLFramebuffer(name: 0, size: Self.drawn), gl: app.gl, host: host, handleType: .opaqueFD,
      options: ImportOptions(format: .rgba8))
    #expect(try imported.shared.readInVulkan() == pixels([0, 0, 255, 255], Self.drawn))
    try imported.shared.retire()
    #expect(app.egl.eglGetCurrentSurface(EGL_READ) == third)
  }

  private func state() -> [Int] {
    let names = app.gl.features.isES2 ? [] : [GL_READ_BUFFER, GL_DRAW_BUFFER0, GL_READ_FRAMEBUFFER_BINDING]
    return (names + [GL_DRAW_FRAMEBUFFER_BINDING]).map { Int(app.gl.integer($0)) }
      + [EGL_DRAW, EGL_READ].map { Int(bitPattern: app.egl.eglGetCurrentSurface($0)) }
  }

  func smallerThanStated() throws {
    let small = try app.makeSurface(Self.other)
    try app.makeCurrent(draw: small, read: small)
    clear([0, 0, 1, 1])
    let producer = try producer(Self.drawn)
    for size in [Self.drawn, PixelSize(width: 20, height: 11), PixelSize(width: 21, height: 10)] {
      for _ in 0..<2 {
        let error = #expect(throws: InteropError.self) { _ = try producer.submit(framebuffer: 0, size: size) }
        #expect(error?.code == .invalidArgument, "\(String(describing: error))")
        #expect(error?.reason.contains("20x10") == true)
      }
    }
    let found = try read(try producer.submit(framebuffer: 0, size: Self.other))
    #expect(found == pixels([0, 0, 255, 255], Self.other))
    let error = #expect(throws: InteropError.self) {
      try importGLFramebufferVulkan(
        GLFramebuffer(name: 0, size: Self.drawn), gl: app.gl, host: host, handleType: .opaqueFD)
    }
    // Mesa's ES 2.0 shares no memory at all, which is said first.
    #expect(
      error?.code == .invalidArgument || app.gl.features.isES2 && error?.code == .unsupported,
      "\(String(describing: error))")
    // A large surface that reads a small one, and the other way round.
    let large = try app.makeSurface(Self.drawn)
    try app.makeCurrent(draw: small, read: large)
    let other = #expect(throws: InteropError.self) { _ = try producer.submit(framebuffer: 0, size: Self.drawn) }
    #expect(other?.code == .invalidArgument)
    #expect(gl.glGetError() == GL_NO_ERROR)
  }

  /// Clear 64, 128, 192: in GLES what is drawn into an sRGB surface is encoded, in desktop GL if it is asked for.
  func colourArrives() throws {
    if !app.gl.isES { gl.glEnable(GLenum(GL_FRAMEBUFFER_SRGB)) }
    clear([64.0 / 255, 128.0 / 255, 192.0 / 255, 1])
    let size = StateContext.surfaceSize
    var pixel: [UInt8] = app.kind.isSRGB ? [0x89, 0xBC, 0xE1, 0xFF] : [64, 128, 192, 255]
    // In desktop GL it is the driver's affair which surfaces are encoded (Mesa's are, and it does not tell): the
    // application's own look at them says.
    if !app.gl.isES {
      gl.glReadPixels(0, 0, 1, 1, GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), &pixel)
      #expect([[0x89, 0xBC, 0xE1, 0xFF], [64, 128, 192, 255]].contains(pixel))
    }
    for format in [PixelFormat.rgba8, .bgra8, .rgba8SRGB, .bgra8SRGB] {
      for orientation in [ImageOrientation.bottomUp, .topDown] {
        let producer = try producer(size, format)
        let frame = try producer.submit(
          GLFramebuffer(name: 0, size: size, orientation: app.gl.features.isES2 ? .bottomUp : orientation))
        let wanted = format.channelOrder == .same ? pixel : [pixel[2], pixel[1], pixel[0], pixel[3]]
        let found = try read(frame)
        #expect(Array(found.prefix(4)) == wanted, "\(app.kind) \(format) \(path) \(orientation)")
        #expect(found == pixels(Array(found.prefix(4)), size))
      }
    }
    guard path == .opaqueFD else { return }
    let imported = try importGLFramebufferVulkan(
      GLFramebuffer(name: 0, size: size), gl: app.gl, host: host, handleType: .opaqueFD)
    let nearest = try imported.shared.readInVulkan()
    #expect(Array(nearest.prefix(4)) == pixel, "\(app.kind) \(imported.format)")
    try imported.shared.retire()
    #expect(gl.glGetError() == GL_NO_ERROR)
  }
}
