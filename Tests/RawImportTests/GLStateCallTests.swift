import GLVulkanInterop
import InteropTestSupport
import Testing

/// How much a copy asks of a driver, and what it refuses.
@Suite("Calls into applications' contexts", .serialized) struct GLStateCallTests {
  /// Within the default framebuffer's.
  static let size = PixelSize(width: 60, height: 32)

  // MARK: Other storage under the same names

  /// An application that gives its texture another format, or the names of a deleted one to the next.
  @Test(arguments: TestStack.abilities.apis) func anotherFormatUnderTheSameNameIsNoticed(api: SurfacelessContext.API)
    throws
  {
    let (context, host) = try TestStack.open(api)
    let gl = context.gl.gl
    let image = try SharedImage(
      SharedImageDescription(size: Self.size, format: .bgra8, mode: .blit), gl: context.gl, host: host)
    let blitter = FramebufferBlitter(context.gl)
    var (texture, framebuffer): (GLuint, GLuint) = (0, 0)
    gl.glGenTextures(1, &texture)
    gl.glGenFramebuffers(1, &framebuffer)
    defer {
      gl.glDeleteFramebuffers(1, &framebuffer)
      gl.glDeleteTextures(1, &texture)
    }
    for (storage, format, color) in [(GL_R8, GL_RED, [255, 0, 0, 255]), (GL_RGBA8, GL_RGBA, [51, 102, 204, 153])] {
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      gl.glTexImage2D(
        GLenum(GL_TEXTURE_2D), 0, storage, GLsizei(Self.size.width), GLsizei(Self.size.height), 0, GLenum(format),
        GLenum(GL_UNSIGNED_BYTE), nil)
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      gl.glFramebufferTexture2D(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, color.map { Float($0) / 255 })
      try image.acquireForGL()
      try blitter.copy(from: GLFramebuffer(name: framebuffer, size: Self.size), to: image)
      try image.releaseFromGL()
      let found = Array(try image.readInVulkan().prefix(4))
      let wanted = [color[2], color[1], color[0], color[3]].map { UInt8($0) }
      #expect(found == wanted)
    }
    try image.retire()
  }

  // MARK: Queries

  private static func isQuery(_ name: String) -> Bool {
    name.hasPrefix("glGet") || name.hasPrefix("glIs") || name == "glCheckFramebufferStatus"
  }

  /// The queries of a copy that is not the first.
  private func queries(
    _ app: StateContext, _ host: VulkanHost, _ format: PixelFormat, framebuffer: GLuint?, samples: Int = 0,
    reverse: Bool = false
  ) throws -> [String] {
    let source = try PictureFramebuffer(app.gl, Self.size, .rgba8, samples: samples)
    let image = try SharedImage(
      SharedImageDescription(
        size: Self.size, format: format, direction: reverse ? .vulkanToGL : .glToVulkan, mode: .blit,
        orientation: .topDown), gl: app.gl, host: host)
    let blitter = FramebufferBlitter(app.gl)
    let which = GLFramebuffer(name: framebuffer ?? source.name, size: Self.size)
    if reverse { try image.writeInVulkan([UInt8](repeating: 7, count: Self.size.width * Self.size.height * 4)) }
    try image.acquireForGL()
    func copy() throws {
      if reverse { try blitter.copy(from: image, to: which) } else { try blitter.copy(from: which, to: image) }
    }
    try copy()
    let calls = try DriverTrace.record(on: .current) { try copy() }
    try image.releaseFromGL()
    try image.retire()
    #expect(calls.contains { $0.name == (format == .rgba8 ? "glBlitFramebuffer" : "glDrawArrays") })
    return calls.map(\.name).filter(Self.isQuery)
  }

  /// The numbers that ``FramebufferBlitter`` promises.
  @Test(arguments: StateContext.Kind.all) func aCopyAsksLittle(kind: StateContext.Kind) throws {
    let app = try StateContext(kind, egl: try DriverTrace.eglFunctions(path: TestStack.eglLibrary))
    let host = try app.makeHost()
    let isOld = kind.api == .compatibility
    let isES = kind.api == .es
    for (what, format, framebuffer, samples, bound) in [
      ("a blit", PixelFormat.rgba8, GLuint?.none, 0, isES ? 18 : 15), ("a blit of framebuffer 0", .rgba8, 0, 0, 11),
      ("a draw", .bgra8, nil, 0, isOld ? 40 : isES ? 38 : 37), ("a resolve", .rgba8, nil, 4, 32),
    ] {
      let asked = try queries(app, host, format, framebuffer: framebuffer, samples: samples)
      #expect(asked.count <= bound, "\(kind) \(what): \(asked.count): \(asked)")
    }
    let back = try queries(app, host, .rgba8, framebuffer: nil, reverse: true)
    #expect(back.count <= 18 + 8, "\(kind) into a framebuffer: \(back.count): \(back)")
  }

  /// What preserving and looking cost on the thread, beside the same blit alone. The least of many, since others work
  /// on this machine too.
  @Test func aCopyCostsLittleMoreThanItsBlit() throws {
    let app = try StateContext(TestStack.abilities.hasDesktopGL ? .core45 : .es31)
    let host = try app.makeHost()
    let size = PixelSize(width: 1280, height: 720)
    let gl = app.gl.gl
    let source = try PictureFramebuffer(app.gl, size, .rgba8)
    let target = try PictureFramebuffer(app.gl, size, .rgba8)
    let image = try SharedImage(SharedImageDescription(size: size, format: .rgba8, mode: .blit), gl: app.gl, host: host)
    let blitter = FramebufferBlitter(app.gl)
    try image.acquireForGL()
    func least(_ body: () throws -> Void) rethrows -> Double {
      var least = Double.infinity
      for _ in 0..<60 {
        gl.glFinish()
        let time = try ContinuousClock().measure {
          try body()
          gl.glFinish()
        }
        least = min(least, time / .microseconds(1))
      }
      return least
    }
    let copy = try least { try blitter.copy(from: GLFramebuffer(name: source.name, size: size), to: image) }
    let bare = least {
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), source.name)
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), target.name)
      gl.glBlitFramebuffer(
        0, 0, GLint(size.width), GLint(size.height), 0, 0, GLint(size.width), GLint(size.height),
        GLbitfield(GL_COLOR_BUFFER_BIT), GLenum(GL_NEAREST))
    }
    try image.releaseFromGL()
    if let limit = TestStack.abilities.copyOverheadLimit { #expect(copy - bare < limit, "\(copy) us, bare \(bare) us") }
    try image.retire()
  }

  // MARK: What is refused, before anything changes

  private func refused(_ app: StateContext, _ host: VulkanHost, _ format: PixelFormat) throws -> InteropError? {
    let source = try PictureFramebuffer(app.gl, Self.size, .rgba8)
    let image = try SharedImage(
      SharedImageDescription(size: Self.size, format: format, mode: .blit), gl: app.gl, host: host)
    defer { try? image.retire() }
    do {
      try image.accessInGL {
        try FramebufferBlitter(app.gl).copy(from: GLFramebuffer(name: source.name, size: Self.size), to: image)
      }
      return nil
    } catch let error as InteropError {
      return error
    }
  }

  @Test(arguments: StateContext.Kind.all) func aDrawWaitsForTransformFeedback(kind: StateContext.Kind) throws {
    let app = try StateContext(kind)
    let host = try app.makeHost()
    let gl = app.gl.gl
    guard app.gl.features.tellsTransformFeedback else { return TestStack.skip("transform feedback in \(kind)") }
    typealias Varyings = @convention(c) (GLuint, GLsizei, UnsafePointer<UnsafePointer<GLchar>?>?, GLenum) -> Void
    typealias BindBase = @convention(c) (GLenum, GLuint, GLuint) -> Void
    let varyings: Varyings = try #require(app.function("glTransformFeedbackVaryings"))
    let bindBase: BindBase = try #require(app.function("glBindBufferBase"))
    let begin: @convention(c) (GLenum) -> Void = try #require(app.function("glBeginTransformFeedback"))
    let end: @convention(c) () -> Void = try #require(app.function("glEndTransformFeedback"))
    let pause: @convention(c) () -> Void = try #require(app.function("glPauseTransformFeedback"))
    let resume: @convention(c) () -> Void = try #require(app.function("glResumeTransformFeedback"))
    let program = try app.gl.makeProgram(
      vertex: "out vec4 seen; void main() { seen = vec4(1.0); gl_Position = vec4(0.0); }",
      fragment: "out vec4 c; void main() { c = vec4(1.0); }", "make the test's program")
    "seen".withCString { name in
      var name: UnsafePointer<GLchar>? = name
      varyings(program.name, 1, &name, GLenum(GL_INTERLEAVED_ATTRIBS))
    }
    gl.glLinkProgram(program.name)
    var buffer: GLuint = 0
    gl.glGenBuffers(1, &buffer)
    gl.glBindBuffer(GLenum(GL_TRANSFORM_FEEDBACK_BUFFER), buffer)
    gl.glBufferData(GLenum(GL_TRANSFORM_FEEDBACK_BUFFER), 4096, nil, GLenum(GL_DYNAMIC_DRAW))
    bindBase(GLenum(GL_TRANSFORM_FEEDBACK_BUFFER), 0, buffer)
    gl.glUseProgram(program.name)
    begin(GLenum(GL_TRIANGLES))
    try app.gl.check("glBeginTransformFeedback", "the test's set-up")
    // A blit records nothing, so it may.
    let blit = try refused(app, host, .rgba8)
    #expect(blit == nil)
    let draw = try refused(app, host, .bgra8)
    #expect(draw?.code == .invalidState)
    let program1 = app.gl.integer(GL_CURRENT_PROGRAM)
    #expect(GLuint(program1) == program.name)
    pause()
    let paused = try refused(app, host, .bgra8)
    #expect(paused == nil)
    resume()
    end()
    #expect(gl.glGetError() == GL_NO_ERROR)
    gl.glDeleteBuffers(1, &buffer)
  }

  @Test(arguments: StateContext.Kind.all) func aProgramThatIsDeletedAndUsedStays(kind: StateContext.Kind) throws {
    let app = try StateContext(kind)
    let host = try app.makeHost()
    var name: GLuint = 0
    do {
      let program = try app.gl.makeProgram(
        vertex: "void main() { gl_Position = vec4(0.0); }", fragment: "out vec4 c; void main() { c = vec4(1.0); }",
        "make the test's program")
      name = program.name
      app.gl.gl.glUseProgram(name)
    }
    let draw = try refused(app, host, .bgra8)
    #expect(draw?.code == .invalidState)
    let current = app.gl.integer(GL_CURRENT_PROGRAM)
    #expect(GLuint(current) == name)
    let blit = try refused(app, host, .rgba8)
    #expect(blit == nil)
  }

  @Test(.enabled("needs a compatibility profile") { TestStack.abilities.hasDesktopGL })
  func betweenBeginAndEndIsAnError()
    throws
  {
    let app = try StateContext(.compatibility)
    let host = try app.makeHost()
    let source = try PictureFramebuffer(app.gl, Self.size, .rgba8)
    let image = try SharedImage(
      SharedImageDescription(size: Self.size, format: .rgba8, mode: .blit), gl: app.gl, host: host)
    let blitter = FramebufferBlitter(app.gl)
    let begin: @convention(c) (GLenum) -> Void = try #require(app.function("glBegin"))
    let end: @convention(c) () -> Void = try #require(app.function("glEnd"))
    try image.acquireForGL()
    begin(GLenum(GL_TRIANGLES))
    let error = #expect(throws: InteropError.self) {
      try blitter.copy(from: GLFramebuffer(name: source.name, size: Self.size), to: image)
    }
    end()
    #expect(error?.code == .invalidState)
    #expect(error?.reason.contains("glBegin") == true)
    try blitter.copy(from: GLFramebuffer(name: source.name, size: Self.size), to: image)
    try image.releaseFromGL()
    try image.retire()
  }

  // MARK: Lost and debug contexts

  @Test func aLostContextIsAnErrorAndNoLoop() throws {
    var kind = StateContext.Kind.all[0]
    kind.isRobust = true
    let app = try StateContext(kind)
    let whole = app.egl.glResolver
    let lost = FunctionResolver(source: "a test") { name in
      name == "glGetError"
        ? unsafeBitCast(LostContext.getError, to: UnsafeMutableRawPointer.self) : whole.optional(name)
    }
    let context = try GLContext(resolver: lost)
    LostContext.isLost.withLock { $0 = true }
    defer { LostContext.isLost.withLock { $0 = false } }
    let entered = #expect(throws: InteropError.self) { try context.enter("a test") }
    #expect(entered?.driverCode == .gl(GLenum(GL_CONTEXT_LOST)))
    #expect(entered?.advice?.contains("new") == true)
    let checked = #expect(throws: InteropError.self) { try context.check("glFinish", "nothing") }
    #expect(checked?.driverCode == .gl(GLenum(GL_CONTEXT_LOST)))
    let described = #expect(throws: InteropError.self) { try GLContext(resolver: lost) }
    #expect(described?.driverCode == .gl(GLenum(GL_CONTEXT_LOST)))
    let pending = context.takeApplicationErrors()
    #expect(pending.isEmpty)
  }

  @Test(arguments: StateContext.Kind.all) func aDebugContextHearsOfNoError(kind: StateContext.Kind) throws {
    var kind = kind
    kind.isDebug = true
    let app = try StateContext(kind)
    let gl = app.gl.gl
    guard app.gl.features.hasDebugOutput else { return TestStack.skip("debug output in \(kind)") }
    typealias SetCallback = @convention(c) (DebugMessages.Callback?, UnsafeRawPointer?) -> Void
    let name = app.gl.isES && app.gl.version < (3, 2) ? "glDebugMessageCallbackKHR" : "glDebugMessageCallback"
    let set: SetCallback = try #require(app.function(name))
    gl.glEnable(GLenum(GL_DEBUG_OUTPUT))
    gl.glEnable(GLenum(GL_DEBUG_OUTPUT_SYNCHRONOUS))
    DebugMessages.take()
    set(DebugMessages.callback, nil)
    // It hears of errors at all.
    gl.glEnable(0x1234)
    _ = gl.glGetError()
    let heard = DebugMessages.take()
    #expect(heard.count == 1)
    let host = try app.makeHost()
    for format in PixelFormat.all {
      let error = try refused(app, host, format)
      #expect(error == nil, "\(format)")
    }
    // An attachment that is a layer of an array has a size that cannot be asked for.
    typealias Storage3D = @convention(c) (GLenum, GLsizei, GLenum, GLsizei, GLsizei, GLsizei) -> Void
    typealias AttachLayer = @convention(c) (GLenum, GLenum, GLuint, GLint, GLint) -> Void
    let storage: Storage3D = try #require(app.function("glTexStorage3D"))
    let attach: AttachLayer = try #require(app.function("glFramebufferTextureLayer"))
    var array: GLuint = 0
    var framebuffer: GLuint = 0
    gl.glGenTextures(1, &array)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D_ARRAY), array)
    storage(GLenum(GL_TEXTURE_2D_ARRAY), 1, GLenum(GL_RGBA8), GLsizei(Self.size.width), GLsizei(Self.size.height), 2)
    gl.glGenFramebuffers(1, &framebuffer)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
    attach(GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), array, 0, 1)
    let imported = try importGLFramebufferVulkan(
      GLFramebuffer(name: framebuffer, size: Self.size), gl: app.gl, host: host, handleType: .opaqueFD)
    try imported.shared.retire()
    _ = try GLContext(resolver: app.egl.glResolver)
    let messages = DebugMessages.take()
    #expect(messages.isEmpty, "\(kind): \(messages)")
    #expect(gl.glIsEnabled(GLenum(GL_DEBUG_OUTPUT)) == GL_TRUE)
    set(nil, nil)
    gl.glDeleteFramebuffers(1, &framebuffer)
    gl.glDeleteTextures(1, &array)
  }

  @Test(arguments: StateContext.Kind.all) func errorsThatWerePendingAreTheApplications(kind: StateContext.Kind) throws {
    let app = try StateContext(kind)
    let host = try app.makeHost()
    let source = try PictureFramebuffer(app.gl, Self.size, .rgba8)
    app.gl.gl.glEnable(0x1234)
    let imported = try importGLFramebufferVulkan(
      GLFramebuffer(name: source.name, size: Self.size), gl: app.gl, host: host, handleType: .opaqueFD)
    try imported.shared.retire()
    #expect(app.gl.takeApplicationErrors() == [GLenum(GL_INVALID_ENUM)])
    #expect(app.gl.takeApplicationErrors().isEmpty)
  }
}

private enum LostContext {
  static let isLost = Mutex(false)
  static let getError: @convention(c) () -> GLenum = {
    LostContext.isLost.withLock { $0 } ? GLenum(GL_CONTEXT_LOST) : GLenum(GL_NO_ERROR)
  }
}

private enum DebugMessages {
  typealias Callback =
    @convention(c) (
      GLenum, GLenum, GLuint, GLenum, GLsizei, UnsafePointer<GLchar>?, UnsafeRawPointer?
    ) -> Void
  private static let errors = Mutex<[String]>([])
  static let callback: Callback = { _, type, _, _, _, text, _ in
    guard type == GLenum(GL_DEBUG_TYPE_ERROR) else { return }
    let message = text.map { String(cString: $0) } ?? ""
    DebugMessages.errors.withLock { $0.append(message) }
  }
  @discardableResult static func take() -> [String] {
    errors.withLock { errors in
      defer { errors = [] }
      return errors
    }
  }
}
