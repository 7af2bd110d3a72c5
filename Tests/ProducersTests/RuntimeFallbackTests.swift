import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// What worked when the producer was made fails while frames run: the next way takes over.
@Suite("Fallback at run time", .serialized) struct RuntimeFallbackTests {
  static let size = PixelSize(width: 24, height: 18)

  private func make(
    _ log: LoggedLines, _ change: (inout ProducerOptions) -> Void = { _ in }
  ) throws -> SurfacelessEGLProducer {
    let (context, host) = try TestStack.open(traced: true)
    var options = ProducerOptions()
    options.sync = .cpuWait
    options.logger = log.logger
    change(&options)
    return try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
  }

  private func render(_ producer: SurfacelessEGLProducer, red: Int, calls: UnsafeMutablePointer<Int>? = nil) throws
    -> Frame
  {
    try producer.render { target in
      calls?.pointee += 1
      target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(red) / 255, 0, 1, 1])
    }
  }

  /// The producer's side: waiting for Vulkan fails, the frame is drawn again elsewhere.
  @Test func aFailureWhileRenderingMovesOn() throws {
    try DriverTrace.exclusively {
      let log = LoggedLines()
      let producer = try make(log) { $0.framesInFlight = 1 }
      #expect(producer.status.path == .opaqueFD)
      let first = try render(producer, red: 10).firstPixel()
      #expect(first == [10, 0, 255, 255])
      // A frame whose consumer did not wait for the device: then GL's next access does.
      try render(producer, red: 15).access(.general) { (_, _) throws(InteropError) in }
      var pixel: [UInt8] = []
      var calls = 0
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkWaitForFences" }) {
        pixel = try render(producer, red: 20, calls: &calls).firstPixel()
      }
      #expect(failed == "vkWaitForFences")
      #expect(error == nil, "\(String(describing: error))")
      #expect(pixel == [20, 0, 255, 255])
      #expect(producer.status.path == .hostCopy)
      #expect(producer.status.fellBackFrom.map(\.path) == [.opaqueFD])
      #expect(producer.status.fellBackFrom[0].reason.contains("vkWaitForFences"))
      #expect(calls == 1, "the wait comes before the drawing")
      let warnings = log.all.filter { $0.hasPrefix("warning") }
      #expect(warnings.count == 1, "\(log.all)")
      // And on it goes.
      for red in 30..<40 {
        let pixel = try render(producer, red: red).firstPixel()
        #expect(pixel == [UInt8(red), 0, 255, 255])
      }
      try producer.resize(to: PixelSize(width: 30, height: 20))
      #expect(producer.status.path == .hostCopy, "a way that failed is not taken again")
      #expect(log.all.filter { $0.hasPrefix("warning") }.count == 1)
    }
  }

  /// The consumer's side: its submission fails, the error is its own, and the next frame goes another way.
  @Test func aFailureWhileAcquiringMovesOn() throws {
    try DriverTrace.exclusively {
      let log = LoggedLines()
      let producer = try make(log)
      let frame = try render(producer, red: 10)
      var pixel: [UInt8] = []
      var held: Frame? = consume frame
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkQueueSubmit" }) {
        if let frame = held.take() { pixel = try frame.firstPixel() }
      }
      #expect(failed == "vkQueueSubmit")
      let found = error as? InteropError
      #expect(found?.step == "vkQueueSubmit")
      pixel = try render(producer, red: 20).firstPixel()
      #expect(pixel == [20, 0, 255, 255])
      #expect(producer.status.path == .hostCopy)
      #expect(producer.status.fellBackFrom.map(\.path) == [.opaqueFD])
    }
  }

  /// A way that the caller named is not left.
  @Test func aNamedPathIsNotLeft() throws {
    try DriverTrace.exclusively {
      let log = LoggedLines()
      let producer = try make(log) {
        $0.path = .opaqueFD
        $0.framesInFlight = 1
      }
      try render(producer, red: 15).access(.general) { (_, _) throws(InteropError) in }
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkWaitForFences" }) {
        _ = try render(producer, red: 20)
      }
      #expect(failed == "vkWaitForFences")
      #expect(error is InteropError)
      #expect(producer.status.path == .opaqueFD)
      let pixel = try render(producer, red: 30).firstPixel()
      #expect(pixel == [30, 0, 255, 255])
    }
  }

  /// A consumer's failure is its own where no other way is left: the next frame goes on.
  @Test func aConsumersFailureDoesNotStopANamedPath() throws {
    try DriverTrace.exclusively {
      let log = LoggedLines()
      let producer = try make(log) { $0.path = .opaqueFD }
      var held: Frame? = try render(producer, red: 10)
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkQueueSubmit" }) {
        if let frame = held.take() { _ = try frame.firstPixel() }
      }
      #expect(failed == "vkQueueSubmit")
      #expect(error is InteropError)
      let pixel = try render(producer, red: 20).firstPixel()
      #expect(pixel == [20, 0, 255, 255])
      #expect(producer.status.path == .opaqueFD)
    }
  }

  /// An error that the drawing throws, and a full ring, are no failure of a driver.
  @Test func othersErrorsAreNoReasonToLeave() throws {
    struct Refusal: Error {}
    let log = LoggedLines()
    let producer = try make(log) {
      $0.framesInFlight = 1
      $0.backPressure = .fail
    }
    #expect(throws: Refusal.self) { _ = try producer.render { _ in throw Refusal() } }
    let held = try render(producer, red: 1)
    let error = #expect(throws: InteropError.self) { _ = try render(producer, red: 2) }
    #expect(error?.code == .ringExhausted)
    held.drop()
    #expect(producer.status.path == .opaqueFD)
    #expect(producer.status.fellBackFrom.isEmpty)
  }

  /// A matrix with a verdict against a path is believed, with its reason; a crash even where the path is named.
  @Test func theMatrixDecides() throws {
    let (context, host) = try TestStack.open()
    var probe = ProbeOptions()
    probe.sizes = [PixelSize(width: 16, height: 16)]
    probe.usesCache = false
    probe.timing = .nothing
    var matrix = CapabilityProbe(gl: context, vulkan: host, options: probe).run()
    for index in matrix.cells.indices where matrix.cells[index].configuration.path == .opaqueFD {
      matrix.cells[index].verdict = .failed
      matrix.cells[index].code = "crashed"
      matrix.cells[index].reason = "crashed: SIGSEGV in glTexStorageMem2DEXT"
    }
    let log = LoggedLines()
    var options = ProducerOptions()
    options.logger = log.logger
    options.capability = .matrix(matrix)
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    #expect(producer.status.path == .hostCopy)
    #expect(producer.status.fellBackFrom.first?.reason.contains("SIGSEGV in glTexStorageMem2DEXT") == true)
    options.path = .opaqueFD
    let error = #expect(throws: InteropError.self) {
      _ = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    }
    #expect(error?.step == "look into the capability matrix")
    options.path = nil
    options.capability = .nowhere
    let unaware = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    #expect(unaware.status.path == .opaqueFD)
    #expect(unaware.capability == nil)
  }

  /// A driver that is right at the probe's size and wrong at a larger one: the check of a few rows finds it, and the
  /// other ways are probed before one of them is tried.
  @Test(arguments: [PixelSize(width: 640, height: 480), PixelSize(width: 321, height: 203)])
  func aLieAboutLargeImagesIsFound(size: PixelSize) throws {
    struct Wide {
      typealias Storage = @convention(c) (GLenum, GLsizei, GLenum, GLsizei, GLsizei, GLuint, GLuint64) -> Void
      nonisolated(unsafe) static var real: Storage?
      static let lie: Storage = { target, levels, format, width, height, memory, offset in
        // GL's rows are longer than Vulkan's: what GL draws is sheared.
        real?(target, levels, format, width > 256 ? width - 64 : width, height, memory, offset)
      }
    }
    let liar = DriverInterposer { name, function in
      guard name == "glTexStorageMem2DEXT" else { return function }
      Wide.real = unsafeBitCast(function, to: Wide.Storage.self)
      return unsafeBitCast(Wide.lie, to: UnsafeMutableRawPointer.self)
    }
    let context = try SurfacelessContext(
      platform: TestStack.platform, api: TestStack.abilities.apis[0],
      egl: EGLFunctions.open(path: TestStack.eglLibrary, interposer: liar))
    let host = try VulkanHost.create(.init(.matching(context.gl)))
    try CacheFolder.use { _ in
      let small = try SurfacelessEGLProducer(size: PixelSize(width: 200, height: 100), host: host, context: context)
      #expect(small.status.path == .opaqueFD)
      #expect(small.capability?.cells.contains { $0.reason?.hasSuffix("works and is preferred") == true } == true)
      let log = LoggedLines()
      var options = ProducerOptions()
      options.logger = log.logger
      let producer = try SurfacelessEGLProducer(size: size, host: host, context: context, options: options)
      #expect(producer.status.path != .opaqueFD, "\(producer.status)")
      #expect(producer.status.fellBackFrom.first?.path == .opaqueFD)
      #expect(producer.capability?.cells.contains { $0.reason?.hasSuffix("works and is preferred") == true } == false)
      let frame = try producer.render { target in target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0.2, 0.4, 0.6, 1]) }
      #expect(try frame.firstPixel() == [51, 102, 153, 255])
    }
  }

  /// A kind of image that passed once with these drivers needs no patterns at the next start, in any process: images of
  /// one colour are enough. Another size is checked by patterns again, and where the drivers are not known, every row is.
  @Test func whatPassedOnceIsCheckedLess() throws {
    enum Clears {
      typealias Scissor = @convention(c) (GLint, GLint, GLsizei, GLsizei) -> Void
      typealias Indexed = @convention(c) (GLuint, GLint, GLint, GLsizei, GLsizei) -> Void
      nonisolated(unsafe) static var plain: Scissor?
      nonisolated(unsafe) static var indexed: Indexed?
      nonisolated(unsafe) static var rows: Set<GLint> = []
      static let count: Scissor = { x, y, width, height in
        rows.formUnion(y..<y + height)
        plain?(x, y, width, height)
      }
      static let countIndexed: Indexed = { index, x, y, width, height in
        rows.formUnion(y..<y + height)
        indexed?(index, x, y, width, height)
      }
    }
    let counter = DriverInterposer { name, function in
      switch name {
      case "glScissor":
        Clears.plain = unsafeBitCast(function, to: Clears.Scissor.self)
        return unsafeBitCast(Clears.count, to: UnsafeMutableRawPointer.self)
      case "glScissorIndexed":
        Clears.indexed = unsafeBitCast(function, to: Clears.Indexed.self)
        return unsafeBitCast(Clears.countIndexed, to: UnsafeMutableRawPointer.self)
      default: return function
      }
    }
    let context = try SurfacelessContext(
      platform: TestStack.platform, api: TestStack.abilities.apis[0],
      egl: EGLFunctions.open(path: TestStack.eglLibrary, interposer: counter))
    let host = try VulkanHost.create(.init(.matching(context.gl)))
    var options = ProducerOptions()
    /// - Returns: the rows of the patterns that were drawn.
    func rows(_ width: Int, _ height: Int) throws -> Int {
      Clears.rows = []
      let size = PixelSize(width: width, height: height)
      let producer = try SurfacelessEGLProducer(size: size, host: host, context: context, options: options)
      #expect(producer.status.path == .opaqueFD)
      return Clears.rows.filter { (0..<GLint(height)).contains($0) }.count
    }
    try CacheFolder.use { _ in
      let first = try rows(320, 200)
      #expect(first == 40)
      let second = try rows(320, 200)
      #expect(second == 0)
      let other = try rows(320, 201)
      #expect(other == 41)
      options.capability = .nowhere
      let unknown = try rows(320, 200)
      #expect(unknown == 200)
      // It may be of other drivers.
      options.capability = .matrix(CapabilityProbe(gl: context, vulkan: host).run())
      let given = try rows(320, 200)
      #expect(given == 200)
      options.capability = .automatic
    }
    try CacheFolder.use { _ in
      let anew = try rows(320, 200)
      #expect(anew == 40)
    }
  }

  /// The environment's order of preference reaches the producers.
  @Test func theRankingIsFollowed() throws {
    let (context, host) = try TestStack.open()
    setenv(PathRanking.variable, "host-copy", 1)
    defer { unsetenv(PathRanking.variable) }
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context)
    #expect(producer.status.path == .hostCopy)
    #expect(producer.status.fellBackFrom.isEmpty)
  }
}
