import GLVulkanInterop
import InteropTestSupport
import Testing

/// A function that one context lacks is that context's affair, whatever others do on other threads or on this one.
@Suite("Functions that a context lacks", .serialized) struct MissingFunctionTests {
  /// In no ES 2.0, under no name; a function that ES 2.0 lacks and other contexts have.
  static let name = "glClearBufferfv"

  private func isClean(_ context: GLContext) -> Bool { (try? context.check("the step", "GL did not do it")) != nil }

  private func callMissing(_ gl: GLFunctions) { gl.glClearBufferfv(GLenum(GL_COLOR), 0, nil) }

  /// A table whose resolver lacks the function, of no context.
  private func partialTable(_ app: SurfacelessContext) throws -> GLFunctions {
    let whole = app.egl.glResolver
    return try GLFunctions(
      resolver: FunctionResolver(source: "a test") { $0.hasPrefix(Self.name) ? nil : whole.optional($0) })
  }

  private nonisolated(unsafe) static var getString: PFNGLGETSTRINGPROC?

  /// The current context, described as ES 2.0 by what GL_VERSION says: Mesa gives out later ones.
  private func describedAsES2(_ app: SurfacelessContext) throws -> GLContext {
    let whole = app.egl.glResolver
    Self.getString = app.gl.gl.glGetString
    let asES2: PFNGLGETSTRINGPROC = { name in
      if name == GLenum(GL_VERSION) { return ("OpenGL ES 2.0 (a test)" as StaticString).utf8Start }
      return MissingFunctionTests.getString?(name)
    }
    nonisolated(unsafe) let address = unsafeBitCast(asES2, to: UnsafeMutableRawPointer.self)
    return try GLContext(
      resolver: FunctionResolver(source: "a test") { $0 == "glGetString" ? address : whole.optional($0) })
  }

  @Test func anotherThreadsCallsAreItsOwn() throws {
    let app = try SurfacelessContext(platform: TestStack.platform, api: .openGLES)
    let context = try describedAsES2(app)
    #expect(context.gl.missing.contains(Self.name))
    let other = try partialTable(app)
    try context.enter("begin")
    var there: String?
    try withThread {
      callMissing(other)
      there = GLFunctions.takeMissingCall()
      callMissing(other)
    } during: {
    }
    #expect(there == Self.name)
    #expect(isClean(context), "another thread's call failed this one's step")
    #expect(GLFunctions.takeMissingCall() == nil)

    // And the other way round: this thread's is not lost, and not found elsewhere.
    callMissing(context.gl)
    try withThread {
      there = GLFunctions.takeMissingCall()
    } during: {
    }
    #expect(there == nil)
    let error = #expect(throws: InteropError.self) { try context.check("the step", "GL did not do it") }
    #expect(error?.code == .driverMissing && error?.missing == [Self.name])
    #expect(isClean(context))
  }

  /// Two contexts in turn on one thread.
  @Test func anotherContextsCallsAreItsOwn() throws {
    let app = try SurfacelessContext(platform: TestStack.platform, api: .openGLES)
    let (first, second) = (try describedAsES2(app), try describedAsES2(app))
    try first.enter("begin")
    callMissing(first.gl)
    try second.enter("begin")
    #expect(isClean(second), "what the first context called failed the second one's step")
    callMissing(second.gl)
    try first.enter("begin")
    #expect(isClean(first))
    callMissing(first.gl)
    try first.enter("the next step of the same context")
    #expect(!isClean(first))
  }

  /// Thousands of calls on two threads at once, one of which has all functions.
  @Test func twoThreadsAtOnce() throws {
    let app = try SurfacelessContext(platform: TestStack.platform, api: .openGLES)
    let context = try describedAsES2(app)
    let other = try partialTable(app)
    try withThread {
      for _ in 0..<20_000 { callMissing(other) }
    } during: {
      var failed = 0
      for _ in 0..<2_000 {
        try context.enter("begin")
        if !isClean(context) { failed += 1 }
      }
      #expect(failed == 0)
    }
  }
}
