import GLVulkanInterop
import Glibc
import Logging
import InteropTestSupport
import Testing

/// Producers in contexts that the application made.
@Suite("Raw GL producer") struct RawGLProducerTests {
  static let size = PixelSize(width: 33, height: 21)

  private func options(_ path: TransferPath? = nil, _ change: (inout ProducerOptions) -> Void = { _ in })
    -> ProducerOptions
  {
    var options = ProducerOptions(path: path)
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  /// What Vulkan sees of a frame.
  private func read(_ frame: consuming Frame, _ host: VulkanHost) throws -> [UInt8] {
    let size = frame.size
    let landing = try HostBuffer(host: host, size: size.width * size.height * frame.format.bytesPerPixel, .readback)
    try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (commands, image) throws(InteropError) in
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    return Array(landing.bytes)
  }

  private func host(_ context: GLContext) throws -> VulkanHost {
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    return try VulkanHost.create(create)
  }

  /// A picture of four quarters that differ, into the framebuffer that is bound, and more of it with each frame.
  private func draw(_ gl: GLFunctions, _ size: PixelSize, _ number: Int) {
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    let (w, h) = (size.width / 2, size.height / 2)
    let quarters: [(Int, Int, [Float])] = [
      (0, 0, [1, Float(number % 16) / 15, 0, 1]), (w, 0, [0, 1, 0, 1]), (0, h, [0, 0, 1, 0.2]),
      (w, h, [0.2, 0.4, 0.6, 1]),
    ]
    for (x, y, colour) in quarters {
      gl.glScissor(GLint(x), GLint(y), GLsizei(size.width - x), GLsizei(size.height - y))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, colour)
    }
    gl.glDisable(GLenum(GL_SCISSOR_TEST))
  }

  struct Window: CustomTestStringConvertible, Sendable {
    let api: SurfacelessContext.API
    let samples: Int
    var testDescription: String { "\(api), \(samples) samples" }
  }

  private static let windows = TestStack.abilities.apis.flatMap { api in
    [0, 4].map { Window(api: api, samples: $0) }
  }

  /// The window's framebuffer: what Vulkan has is what the application reads, and what the application has stays.
  @Test(arguments: windows, TestStack.abilities.paths) func theWindowArrives(window: Window, path: TransferPath) throws
  {
    let (api, samples) = (window.api, window.samples)
    let app = try? AppContext(api, size: Self.size, samples: samples)
    guard let app else {
      return TestStack.skip("framebuffer 0 with \(samples) samples: EGL has no such pbuffer here")
    }
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    #expect(context.kind == .egl)
    #expect(context.defaultFramebufferSize() == Self.size)
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      let producer = try RawGLProducer(
        size: Self.size, host: host, context: context, options: options(path) { $0.orientation = orientation })
      #expect(producer.status.path == path)
      for number in 1...6 {
        draw(context.gl, Self.size, number)
        let before = try context.readPixels(0, Self.size, .rgba8)
        let frame = try producer.submit()
        #expect(frame.number == UInt64(number))
        #expect(frame.mode == .blit)
        let found = try read(frame, host)
        let after = try context.readPixels(0, Self.size, .rgba8)
        let row = Self.size.width * 4
        let wanted =
          orientation == .bottomUp
          ? before : (0..<Self.size.height).reversed().flatMap { before[$0 * row..<($0 + 1) * row] }
        #expect(found == wanted, "\(orientation) \(samples) samples, frame \(number)")
        #expect(after == before)
        let pixel = Array(before.prefix(4))
        #expect(pixel == [255, UInt8(number * 17), 0, 255])
      }
      #expect(context.gl.glGetError() == GL_NO_ERROR)
    }
  }

  /// Framebuffers of the application's own in every format, with samples and without.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func framebufferObjectsArrive(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let app = try AppContext(api, size: nil)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    for format in PixelFormat.all {
      let producer = try RawGLProducer(
        size: Self.size, host: host, context: context, options: options(path) { $0.format = format })
      // Alone, and resolved from four samples that are alike.
      for samples in [0, 4] {
        let plain = try AppFramebuffer(context, Self.size, format)
        let source = samples == 0 ? plain : try AppFramebuffer(context, Self.size, format, samples: samples)
        let pattern = PixelPattern(Self.size, format, seed: 7)
        plain.upload(pattern.glBytes, context)
        if samples > 0 { try TestGL.draw(texture: plain.texture, into: source.name, Self.size, context) }
        context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
        let found = try read(try producer.submit(framebuffer: source.name), host)
        // GLES encodes what is drawn into an sRGB buffer; its bytes are the application's business, and are read back.
        let drawn = samples == 0 || format.glSRGBInternalFormat == nil
        if drawn {
          let difference = PixelPattern.difference(found, pattern.vulkanBytes, Self.size, format)
          #expect(difference == nil, "\(format), \(samples) samples")
        }
        #expect(context.integer(GL_DRAW_FRAMEBUFFER_BINDING) == 0)
      }
    }
  }

  /// The application draws into the image itself, and its bindings are as before.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func theApplicationDraws(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let app = try AppContext(api, size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let mine = try AppFramebuffer(context, Self.size, .rgba8)
    let gl = context.gl
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options(path))
    for number in 1...5 {
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), mine.name)
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), 0)
      gl.glViewport(1, 2, 3, 4)
      let frame = try producer.render { target in draw(target.gl, target.size, number) }
      #expect(context.integer(GL_DRAW_FRAMEBUFFER_BINDING) == GLint(mine.name))
      #expect(context.integer(GL_READ_FRAMEBUFFER_BINDING) == 0)
      let found = try read(frame, host)
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), mine.name)
      draw(gl, Self.size, number)
      let wanted = try mine.read(context)
      #expect(found == wanted)
    }
  }

  /// A window that changes its size, and one that has none left.
  @Test(arguments: TestStack.abilities.paths) func theRingFollowsTheWindow(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let host = try host(context)
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options(path))
    draw(context.gl, Self.size, 3)
    let old = try producer.submit()
    let larger = PixelSize(width: 64, height: 40)
    try app.resize(to: larger)
    draw(context.gl, larger, 4)
    let new = try producer.submit()
    #expect(producer.size == larger)
    let (oldSize, newSize) = (old.size, new.size)
    #expect(oldSize == Self.size && newSize == larger)
    let wanted = try context.readPixels(0, larger, .rgba8)
    #expect(try read(new, host) == wanted)
    let count = try read(old, host).count
    #expect(count == Self.size.width * Self.size.height * 4)
    let nothing = #expect(throws: InteropError.self) {
      _ = try producer.submit(framebuffer: 0, size: PixelSize(width: 0, height: 40))
    }
    #expect(nothing?.code == .invalidArgument)
    // Without a surface framebuffer 0 is nothing.
    try app.resize(to: nil)
    let undefined = #expect(throws: InteropError.self) { _ = try producer.submit() }
    #expect(undefined?.code == .invalidArgument)
    try app.resize(to: Self.size)
    draw(context.gl, Self.size, 5)
    let again = try read(try producer.submit(), host)
    #expect(again == (try context.readPixels(0, Self.size, .rgba8)))
    #expect(producer.status.fellBackFrom.isEmpty || path == .hostCopy)
  }

  @Test(arguments: TestStack.abilities.paths) func wrongFramebuffersAreRefusedAndNothingIsLost(path: TransferPath)
    throws
  {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let producer = try RawGLProducer(
      size: Self.size, host: try host(context), context: context,
      options: options(path) {
        $0.backPressure = .fail
        $0.framesInFlight = 1
      })
    let small = try AppFramebuffer(context, PixelSize(width: 4, height: 4), .rgba8)
    let integers = try AppFramebuffer(context, Self.size, .rgba8, internalFormat: GLenum(GL_RGBA8UI))
    let before = producer.status.path
    for (framebuffer, code) in [
      (GLFramebuffer(name: integers.name, size: Self.size), InteropError.Code.unsupported),
      (GLFramebuffer(name: 4711, size: Self.size), .invalidArgument),
      (GLFramebuffer(name: small.name, size: Self.size), .invalidArgument),
      (GLFramebuffer(name: small.name, size: PixelSize(width: 4, height: 4), colorAttachment: 1), .invalidArgument),
      (GLFramebuffer(name: 0, size: PixelSize(width: -1, height: 3)), .invalidArgument),
    ] {
      for _ in 0..<3 {
        let error = #expect(throws: InteropError.self) { _ = try producer.submit(framebuffer) }
        #expect(error?.code == code, "\(framebuffer)")
      }
    }
    #expect(producer.status.path == before)
    // Nor does the producer leave a combination for it.
    let free = try RawGLProducer(size: Self.size, host: producer.host, context: context, options: options())
    #expect(throws: InteropError.self) { _ = try free.submit(framebuffer: integers.name) }
    #expect(free.status.fellBackFrom.isEmpty)
    draw(context.gl, Self.size, 1)
    try producer.submit().drop()
    #expect(context.gl.glGetError() == GL_NO_ERROR)
  }

  /// What was pending is the application's; what we ask leaves nothing.
  @Test func errorsOfTheApplicationAreKept() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let producer = try RawGLProducer(size: Self.size, host: try host(context), context: context, options: options())
    context.gl.glEnable(0xFFFF)
    try producer.submit().drop()
    #expect(context.gl.glGetError() == GL_NO_ERROR)
    let errors = producer.takeApplicationErrors()
    #expect(errors == [GLenum(GL_INVALID_ENUM)])
    #expect(producer.takeApplicationErrors().isEmpty)
    // Also those that were there when the context was described.
    context.gl.glViewport(0, 0, -1, 1)
    let described = try GLContext.current()
    #expect(described.takeApplicationErrors() == [GLenum(GL_INVALID_VALUE)])
  }

  @Test func withoutAContextItIsRefused() throws {
    let none = #expect(throws: InteropError.self) { try GLContext.current() }
    #expect(none?.code == .wrongThread)
    let producer = #expect(throws: InteropError.self) { try RawGLProducer(size: Self.size) }
    #expect(producer?.code == .wrongThread)
  }

  @Test func anotherContextOrThreadIsRefused() throws {
    let app = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let producer = try RawGLProducer(size: Self.size, host: try host(context), context: context, options: options())
    let other = try AppContext(size: Self.size)
    for attempt in 0..<3 {
      let error = #expect(throws: InteropError.self) {
        switch attempt {
        case 0: _ = try producer.submit()
        case 1: _ = try producer.render { _ in }
        default: try producer.resize(to: PixelSize(width: 7, height: 7))
        }
      }
      #expect(error?.code == .wrongThread)
    }
    other.release()
    let nobody = #expect(throws: InteropError.self) { _ = try producer.submit() }
    #expect(nobody?.code == .wrongThread)
    try app.makeCurrent()
    draw(context.gl, Self.size, 1)
    try producer.submit().drop()
  }

  /// Frames outlive the context that drew them; what comes after its end is an error, also in the context that gets its
  /// address.
  @Test(arguments: TestStack.abilities.paths) func theContextGoesWhileFramesAreOut(path: TransferPath) throws {
    var app: AppContext? = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let host = try host(context)
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options(path))
    draw(context.gl, Self.size, 1)
    let held = try producer.submit()
    draw(context.gl, Self.size, 2)
    let second = try producer.submit()
    let wanted = try context.readPixels(0, Self.size, .rgba8)
    try producer.contextWillBeDestroyed()
    try producer.contextWillBeDestroyed()
    let ended = #expect(throws: InteropError.self) { _ = try producer.submit() }
    #expect(ended?.code == .invalidState)
    app = nil
    app = try AppContext(size: Self.size)
    let later = #expect(throws: InteropError.self) { _ = try producer.submit() }
    #expect(later?.code == .invalidState)
    #expect(try read(second, host) == wanted)
    let first = Array(try read(held, host).prefix(4))
    #expect(first == [255, 17, 0, 255])
    // The new context gets a producer of its own.
    let next = try RawGLProducer(size: Self.size, host: host, options: options(path))
    draw(next.context.gl, Self.size, 3)
    let pixels = try read(try next.submit(), host)
    #expect(pixels == (try next.context.readPixels(0, Self.size, .rgba8)))
    withExtendedLifetime(app) {}
  }

  /// An application that makes its context anew again and again, with frames out: no descriptor and no object of
  /// Vulkan's stays.
  @Test(arguments: TestStack.abilities.paths, [true, false])
  func nothingIsLeftOfAContextThatWent(path: TransferPath, announced: Bool) throws {
    let first = try AppContext(size: Self.size)
    var create = VulkanHost.CreateOptions(.matching(try GLContext.current()))
    create.loader = try DriverTrace.vulkanLoader()
    let host = try VulkanHost.create(create)
    func cycle(announced: Bool) throws {
      let app = try AppContext(size: Self.size)
      let context = try GLContext.current()
      let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options(path))
      draw(context.gl, Self.size, 1)
      let held = try producer.submit()
      try producer.submit().drop()
      let wanted = try context.readPixels(0, Self.size, .rgba8)
      if announced { try producer.contextWillBeDestroyed() } else { app.release() }
      #expect(throws: InteropError.self) { _ = try producer.submit() }
      #expect(try read(held, host) == wanted)
    }
    try cycle(announced: announced)
    let files = OpenFiles.list()
    let objects = LiveObjects.snapshot()
    for _ in 0..<10 { try cycle(announced: announced) }
    let left = LiveObjects.snapshot().changes(since: objects).filter { $0.hasPrefix("Vk") }
    #expect(left.isEmpty)
    let opened = FailureInjection.leftOpen(since: files)
    #expect(opened.isEmpty)
    withExtendedLifetime(first) {}
  }

  /// An application that does not say that its context went, and whose next one has the same address.
  @Test(arguments: TestStack.abilities.paths) func aContextThatGoesUnannouncedIsNoticed(path: TransferPath) throws {
    var app: AppContext? = try AppContext(size: Self.size)
    // EGL gives addresses out again when it likes; here all contexts have one.
    let alike = DriverInterposer { name, function in
      guard name == "eglGetCurrentContext" else { return function }
      let address: @convention(c) () -> EGLContext? = { EGLContext(bitPattern: 0x1000) }
      return unsafeBitCast(address, to: UnsafeMutableRawPointer.self)
    }
    let context = try GLContext.current(resolver: nil, interposer: alike)
    let host = try host(context)
    var producer: RawGLProducer? = try RawGLProducer(
      size: Self.size, host: host, context: context, options: options(path))
    draw(context.gl, Self.size, 9)
    let held = try producer?.submit()
    let wanted = try context.readPixels(0, Self.size, .rgba8)
    app = nil
    app = try AppContext(size: Self.size)
    #expect(context.isCurrent())
    let later = #expect(throws: InteropError.self) { _ = try producer?.submit() }
    #expect(later?.code == .invalidState, "\(String(describing: later))")
    #expect(!context.isCurrent())
    producer = nil
    if let held { #expect(try read(held, host) == wanted) }
    // Names of the old context were not deleted in the new one.
    let fresh = try GLContext.current()
    let mine = try AppFramebuffer(fresh, Self.size, .rgba8)
    fresh.collectGarbage()
    #expect(fresh.gl.glIsFramebuffer(mine.name) == GL_TRUE)
    withExtendedLifetime(app) {}
  }

  /// Two producers in a context, and contexts on threads of their own.
  @Test func severalProducersAndContexts() throws {
    let problems = Mutex<[String]>([])
    @Sendable func run(_ thread: Int) throws {
      let app = try AppContext(size: Self.size)
      defer { withExtendedLifetime(app) {} }
      let context = try GLContext.current()
      let host = try host(context)
      let small = try AppFramebuffer(context, PixelSize(width: 8, height: 6), .rgba8)
      let first = try RawGLProducer(size: Self.size, host: host, context: context, options: options())
      let second = try RawGLProducer(size: small.size, host: host, context: context, options: options())
      for number in 1...30 {
        context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
        draw(context.gl, Self.size, number + thread)
        context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), small.name)
        draw(context.gl, small.size, number * 3 + thread)
        let a = try first.submit()
        let b = try second.submit(framebuffer: small.name)
        let right = try read(a, host) == context.readPixels(0, Self.size, .rgba8)
        let rightToo = try read(b, host) == small.read(context)
        if !right || !rightToo { problems.withLock { $0.append("thread \(thread), frame \(number)") } }
      }
    }
    try withThread {
      do { try run(1) } catch { problems.withLock { $0.append("\(error)") } }
    } during: {
      try run(2)
    }
    let found = problems.withLock { $0 }
    #expect(found.isEmpty)
  }

  /// The caller's own getProcAddress is enough.
  @Test func functionsOfTheCallers() throws {
    let app = try AppContext(size: Self.size)
    let asked = Mutex<Set<String>>([])
    let inner = app.egl.glResolver
    let resolver = FunctionResolver(source: "an engine") { name in
      asked.withLock { _ = $0.insert(name) }
      let found: UnsafeMutableRawPointer? = inner.optional(name)
      return found
    }
    let context = try GLContext.current(resolver: resolver)
    #expect(asked.withLock { $0.contains("glBlitFramebuffer") })
    let host = try host(context)
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options())
    draw(context.gl, Self.size, 2)
    #expect(try read(try producer.submit(), host) == (try context.readPixels(0, Self.size, .rgba8)))
  }

  /// What the helper found out about the same driver is used.
  @Test func theMatrixIsOfTheSameDriver() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let producer = try RawGLProducer(size: Self.size, host: try host(context), context: context, options: options())
    let matrix = try #require(producer.capability)
    #expect(matrix.gl.renderer == context.renderer)
    #expect(matrix.choice?.configuration.path == producer.status.path)
    // The application's context is still current: nothing was opened here.
    #expect(context.isCurrent())
  }
}
