import Glibc
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Path `host-copy` by each of its methods: every pixel, in every order, with every timing.
@Suite("Readback methods", .serialized) struct ReadbackMethodTests {
  static let size = PixelSize(width: 24, height: 18)

  struct MethodOfAPI: CustomTestStringConvertible, Sendable {
    let method: ReadbackMethod
    let api: SurfacelessContext.API
    var testDescription: String { "\(method) \(api)" }
  }

  private static let methodsOfAPIs = ReadbackMethod.all.flatMap { method in
    TestStack.abilities.apis.map { MethodOfAPI(method: method, api: $0) }
  }

  /// An image by that method; nil, said by name, where it is not to be had.
  private func image(
    _ source: ReadbackSource, _ method: ReadbackMethod, _ context: SurfacelessContext, _ host: VulkanHost
  ) throws -> HostCopyImage? {
    let made = Result { () throws(InteropError) in
      try HostCopyImage(source, by: method, egl: (context.egl, context.display), host: host)
    }
    return try having(made, method)
  }

  private func having<Made>(_ made: Result<Made, InteropError>, _ method: ReadbackMethod) throws -> Made? {
    if case .failure(let error) = made, TestStack.abilities.mayLackReadback.contains(method), error.code == .unsupported
    {
      skip(method, error)
      return nil
    }
    return try made.get()
  }

  private func skip(_ method: ReadbackMethod, _ error: InteropError) {
    #expect(!error.missing.isEmpty, "\(error)")
    TestStack.skip("host-copy by \(method): no \(error.missing.joined(separator: ", "))")
  }

  /// A producer by that method; nil where it is not to be had.
  private func producer(
    _ method: ReadbackMethod, _ context: SurfacelessContext, _ host: VulkanHost, inFlight: Int = 2,
    _ change: (inout ProducerOptions) -> Void = { _ in }
  ) throws -> SurfacelessEGLProducer? {
    var options = ProducerOptions(framesInFlight: inFlight, path: .hostCopy)
    options.logger.logLevel = .critical
    options.capability = .nowhere
    options.readback = method
    change(&options)
    let made = Result { () throws(InteropError) in
      try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    }
    let producer = try having(made, method)
    if let producer { #expect(producer.status.readback == method) }
    return producer
  }

  private func clear(_ target: RenderTarget, _ red: Int) {
    target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(red) / 255, 0, 1, 1])
  }

  private func landing(_ host: VulkanHost) throws -> HostBuffer {
    try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
  }

  private func read(_ frame: consuming Frame, into landing: HostBuffer, waitingUpTo timeout: Duration?) throws {
    let size = frame.size
    try frame.access(.transferSource, waitingUpTo: timeout) { (commands, image) throws(InteropError) in
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
  }

  /// The red of every pixel, if they agree and the rest is as cleared.
  private func red(_ landing: HostBuffer) -> Int? {
    let bytes = landing.bytes
    let first = bytes[0]
    let isEven = stride(from: 0, to: bytes.count, by: 4).allSatisfy {
      bytes[$0] == first && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 255 && bytes[$0 + 3] == 255
    }
    return isEven ? Int(first) : nil
  }

  // MARK: Pixels

  /// Both ways up, with the rows turned by GL's packing or by a blit, odd sizes, and a second frame in the same memory.
  /// The large size, at which drivers take other ways, in one context and of one format of each size of a pixel.
  @Test(arguments: methodsOfAPIs, PixelFormat.all)
  func everyPixelOfTwoFrames(way: MethodOfAPI, format: PixelFormat) throws {
    let (api, method) = (way.api, way.method)
    let (context, host) = try TestStack.open(api)
    let painter = try TestPainter(context.gl)
    let isWhole = api == TestStack.abilities.apis[0] && [.r8, .rg8, .bgra8, .rgba16f].contains(format)
    for size in RoundTrip.sizes where isWhole || size.width < 1000 {
      for (orientation, blits) in [(ImageOrientation.bottomUp, false), (.topDown, false), (.topDown, true)] {
        let source = try ReadbackSource(
          size: size, format: format, orientation: orientation, gl: context.gl, turnsByBlit: blits)
        guard let image = try image(source, method, context, host) else { return }
        let landing = try HostBuffer(host: host, size: source.byteCount, .readback)
        for frame in 1...2 {
          let pattern = PixelPattern(size, format, seed: UInt64(size.width * 2 + frame))
          try image.acquireForGL()
          var picture = TestGL.makeTexture(pattern.glBytes, size, format, context.gl)
          try painter.draw(texture: picture, into: image.sourceFramebuffer, size)
          context.gl.gl.glDeleteTextures(1, &picture)
          try image.releaseFromGL()
          try image.ownership.access(.transferSource, on: AccessQueues(nil), tag: nil) {
            commands throws(InteropError) in
            landing.recordCopy(from: image.vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
          }
          try image.ownership.waitForVulkan()
          let wanted = orientation == .topDown ? PixelPattern.flipped(pattern.vulkanBytes, size) : pattern.vulkanBytes
          let difference = PixelPattern.difference(Array(landing.bytes), wanted, size, format)
          let what = "\(api) \(method) \(format) \(size) \(orientation) blit \(blits) frame \(frame)"
          #expect(difference == nil, "\(what)")
          guard difference == nil else { return }
        }
      }
    }
  }

  // MARK: Timing

  /// The device is held back before it has read a frame: the next one in the same slot must not get into its memory.
  @Test(arguments: ReadbackMethod.all) func aFrameThatIsStillReadIsNotOverwritten(method: ReadbackMethod) throws {
    let (context, host) = try TestStack.open()
    guard let producer = try producer(method, context, host, inFlight: 1) else { return }
    let landings = [try landing(host), try landing(host)]
    // Twice: the second time the slot has been used before.
    for round in 0..<2 {
      let gate = try VulkanGate(host)
      let holding = try VulkanCommands(host: host, queue: host.queues[0])
      gate.keep(holding)
      let first = try producer.render { clear($0, 10 + round) }
      try holding.submit(try holding.record(.first) { gate.hold($0) })
      try read(first, into: landings[0], waitingUpTo: nil)
      try withThread {
        usleep(150_000)
        gate.open()
      } during: {
        let second = try producer.render { clear($0, 200 + round) }
        try read(second, into: landings[1], waitingUpTo: .seconds(10))
      }
      let found = (red(landings[0]), red(landings[1]))
      #expect(found.0 == 10 + round)
      #expect(found.1 == 200 + round)
    }
  }

  /// A consumer on its own thread that is slow at random and never waits for GL.
  @Test(arguments: ReadbackMethod.all, [3, 8]) func aSlowConsumerSeesEveryFrame(method: ReadbackMethod, inFlight: Int)
    throws
  {
    let (context, host) = try TestStack.open()
    guard let producer = try producer(method, context, host, inFlight: inFlight) else { return }
    let queue = FrameQueue<Frame>(capacity: inFlight)
    let problems = Mutex<[String]>([])
    let received = Atomic<Int>(0)
    let landing = try landing(host)
    let count = 150
    try withThread {
      var random = SystemRandomNumberGenerator()
      while let frame = queue.receive() {
        let number = Int(frame.number)
        if Int.random(in: 0..<4, using: &random) == 0 { usleep(UInt32.random(in: 0..<6000, using: &random)) }
        do {
          try read(frame, into: landing, waitingUpTo: .seconds(10))
          let found = red(landing)
          if found != number % 256 {
            problems.withLock { $0.append("frame \(number): \(found.map(String.init) ?? "torn")") }
          }
        } catch {
          problems.withLock { $0.append("\(error)") }
        }
        received.add(1, ordering: .relaxed)
      }
    } during: {
      for number in 1...count { queue.send(try producer.render { clear($0, number % 256) }) }
      queue.close()
    }
    let found = problems.withLock { $0 }
    #expect(found.isEmpty)
    #expect(received.load(ordering: .relaxed) == count)
  }

  // MARK: Accesses

  /// Barriers that the application submits, accesses that are cancelled, dropped and abandoned: the image's layout and
  /// content are right after each.
  @Test(arguments: ReadbackMethod.all) func everyKindOfAccess(method: ReadbackMethod) throws {
    struct Mistake: Error {}
    let (context, host) = try TestStack.open()
    guard let producer = try producer(method, context, host) else { return }
    let own = try VulkanCommands(host: host, queue: host.queues[0])
    let landing = try landing(host)
    for round in 0..<12 {
      let red = 20 * round
      let frame = try producer.render { clear($0, red) }
      let image = frame.image
      let uses: [VulkanAccess] = [.transferSource, .general, .fragmentSampling]
      switch round % 6 {
      case 0:
        try frame.acquire(.transferSource)
        try own.submit(
          try own.record(.first) {
            landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: $0)
          })
        try own.finish()
        try frame.release()
        #expect(self.red(landing) == red, "round \(round)")
      case 1:
        // Given back and taken again, in other layouts.
        for use in uses {
          _ = try frame.acquireBarrier(use)
          try frame.cancelAcquire()
        }
        let acquire = try frame.acquireBarrier(.transferSource)
        let release = try frame.releaseBarrier(.transferSource)
        try own.submit(
          try own.record(.first) { buffer in
            acquire.record(into: buffer, host.vk)
            landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: buffer)
            release.record(into: buffer, host.vk)
          })
        try frame.didSubmitRelease()
        try own.finish()
        #expect(self.red(landing) == red, "round \(round)")
      case 2:
        _ = try frame.acquireBarrier(uses[round % 3])
        try frame.cancelAcquire()
        frame.drop()
      case 3:
        // Let go between the two.
        try frame.acquire(uses[round % 3])
      case 4:
        frame.drop()
        #expect(throws: Mistake.self) { _ = try producer.render { _ in throw Mistake() } }
      default:
        try read(frame, into: landing, waitingUpTo: .seconds(10))
        #expect(self.red(landing) == red, "round \(round)")
      }
    }
  }

  /// Its picture is in Vulkan's memory or the program's when the context goes.
  @Test(arguments: ReadbackMethod.all) func aFrameOutlivesItsContext(method: ReadbackMethod) throws {
    let (_, host) = try TestStack.open()
    let landing = try landing(host)
    func frame(_ orientation: ImageOrientation, acquired: Bool) throws -> Frame? {
      let context = try SurfacelessContext(platform: TestStack.platform, api: TestStack.abilities.apis[0])
      guard let producer = try producer(method, context, host, { $0.orientation = orientation }) else { return nil }
      let frame = try producer.render { clear($0, 77) }
      if acquired {
        _ = try frame.acquireBarrier(.transferSource)
        try frame.cancelAcquire()
      }
      return frame
    }
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      for acquired in [false, true] {
        guard let frame = try frame(orientation, acquired: acquired) else { return }
        try read(frame, into: landing, waitingUpTo: .seconds(10))
        #expect(red(landing) == 77, "\(orientation), acquired before: \(acquired)")
      }
    }
  }

  /// The application's settings for packing pixels neither spoil the readback nor are changed by it.
  @Test(arguments: ReadbackMethod.all, TestStack.abilities.apis)
  func theApplicationsPackingStays(method: ReadbackMethod, api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    let gl = context.gl
    var settings: [(GLenum, GLint)] = [
      (GLenum(GL_PACK_ALIGNMENT), 8), (GLenum(GL_PACK_ROW_LENGTH), 7), (GLenum(GL_PACK_SKIP_ROWS), 3),
      (GLenum(GL_PACK_SKIP_PIXELS), 5),
    ]
    if api == .openGL { settings.append((GLenum(GL_PACK_SWAP_BYTES), GL_TRUE)) }
    if gl.extensions.contains("GL_MESA_pack_invert"), api == .openGL {
      settings.append((GLenum(GL_PACK_INVERT_MESA), GL_TRUE))
    }
    if gl.extensions.contains("GL_ANGLE_pack_reverse_row_order"), api == .openGLES {
      settings.append((GLenum(GL_PACK_REVERSE_ROW_ORDER_ANGLE), GL_TRUE))
    }
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      let size = PixelSize(width: 17, height: 13)
      let source = try ReadbackSource(size: size, format: .rg8, orientation: orientation, gl: gl)
      guard let image = try image(source, method, context, host) else { return }
      let pattern = PixelPattern(size, .rg8, seed: 5)
      let landing = try HostBuffer(host: host, size: source.byteCount, .readback)
      try image.acquireForGL()
      var picture = TestGL.makeTexture(pattern.glBytes, size, .rg8, gl)
      try TestGL.draw(texture: picture, into: image.sourceFramebuffer, size, gl)
      gl.gl.glDeleteTextures(1, &picture)
      for (name, value) in settings { gl.gl.glPixelStorei(name, value) }
      var buffer: GLuint = 0
      gl.gl.glGenBuffers(1, &buffer)
      gl.gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), buffer)
      try image.releaseFromGL()
      for (name, value) in settings {
        #expect(gl.integer(Int32(name)) == value, "0x\(String(name, radix: 16))")
        gl.gl.glPixelStorei(name, name == GLenum(GL_PACK_ALIGNMENT) ? 4 : 0)
      }
      #expect(GLuint(gl.integer(GL_PIXEL_PACK_BUFFER_BINDING)) == buffer)
      gl.gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), 0)
      gl.gl.glDeleteBuffers(1, &buffer)
      try image.ownership.access(.transferSource, on: AccessQueues(nil), tag: nil) { commands throws(InteropError) in
        landing.recordCopy(from: image.vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      try image.ownership.waitForVulkan()
      let wanted = orientation == .topDown ? PixelPattern.flipped(pattern.vulkanBytes, size) : pattern.vulkanBytes
      let difference = PixelPattern.difference(Array(landing.bytes), wanted, size, .rg8)
      #expect(difference == nil)
    }
  }

  // MARK: Failures and what is left

  @Test(arguments: methodsOfAPIs, [ImageOrientation.bottomUp, .topDown])
  func everyCallFailsOnce(way: MethodOfAPI, orientation: ImageOrientation) throws {
    let (api, method) = (way.api, way.method)
    let (context, host) = try TestStack.open(api, traced: true)
    guard try producer(method, context, host) != nil else { return }
    // Without EGL's fences the readback ends on the GL thread; a fence that cannot be asked counts as pending.
    try FailureInjection.everyCall(
      "host-copy by \(method)", tolerated: ["eglQueryString", "vkGetFenceStatus"], in: context
    ) { kept in
      let producer = try #require(
        try self.producer(method, context, host) {
          $0.orientation = orientation
          $0.format = .bgra8
        })
      kept.append(producer)
      for _ in 0..<3 {
        let frame = try producer.render { _ in }
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
      let frame = try producer.render { _ in }
      try frame.acquire(.general)
      try frame.release()
    }
  }

  /// A frame makes no driver object and opens no file that is not gone after it.
  @Test(arguments: ReadbackMethod.all) func framesLeaveNothing(method: ReadbackMethod) throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      guard let producer = try producer(method, context, host, { $0.orientation = .topDown }) else { return }
      let landing = try landing(host)
      func frames(_ count: Int) throws {
        for number in 0..<count {
          try read(try producer.render { clear($0, number) }, into: landing, waitingUpTo: .seconds(10))
        }
      }
      try frames(6)
      let objects = LiveObjects.snapshot()
      let files = OpenFiles.list()
      var made: [String] = []
      let calls = try DriverTrace.record(on: .current) { try frames(30) }
      for call in calls
      where call.name.hasPrefix("vkCreate") || call.name.hasPrefix("vkAllocate") || call.name.hasPrefix("glGen") {
        made.append(call.name)
      }
      #expect(made.isEmpty)
      let left = LiveObjects.snapshot().changes(since: objects)
      #expect(left.isEmpty)
      let opened = FailureInjection.leftOpen(since: files)
      #expect(opened.isEmpty)
    }
  }

  /// What no software driver minds: a linear image keeps its content through every barrier, and a shared buffer changes
  /// hands before and after the copy.
  @Test(arguments: ReadbackMethod.all) func barriersKeepWhatGLWrote(method: ReadbackMethod) throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      guard let producer = try producer(method, context, host) else { return }
      let calls = try DriverTrace.record(on: .current) {
        for _ in 0..<3 { try producer.render { _ in }.access(.fragmentSampling) { (_, _) throws(InteropError) in } }
      }
      let copies = calls.count { $0.name == "vkCmdCopyBufferToImage" }
      #expect(copies == (method == .linearImage ? 0 : 3))
      var discarded = 0
      var ownership: [String] = []
      for call in calls {
        if call.name == "vkCmdCopyBufferToImage" { ownership.append("copy") }
        guard case .barrier(let barrier)? = call.details else { continue }
        discarded += barrier.images.count { $0.oldLayout == VK_IMAGE_LAYOUT_UNDEFINED }
        for buffer in barrier.buffers {
          if buffer.sourceFamily == OwnershipTransferBarrier.externalFamily { ownership.append("from GL") }
          if buffer.destinationFamily == OwnershipTransferBarrier.externalFamily { ownership.append("to GL") }
        }
      }
      #expect(discarded == copies, "only what a copy fills may be discarded")
      let frame = method == .linearImage ? [] : method == .sharedBuffer ? ["from GL", "copy", "to GL"] : ["copy"]
      #expect(ownership == frame + frame + frame)
    }
  }

  /// Where a method fails when the producer is made, or while frames run, the next one takes over; the path stays.
  @Test func theNextMethodTakesOver() throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      var options = ProducerOptions(framesInFlight: 1, path: .hostCopy)
      options.logger.logLevel = .critical
      options.capability = .nowhere
      let make = { try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options) }
      let best = try #require(try make().status.readback)
      let landing = try landing(host)
      var made: SurfacelessEGLProducer?
      // The pixel check's first frame.
      let (refusal, refused) = DriverTrace.failingCall(1, matching: { $0 == "glReadPixels" }) { made = try make() }
      #expect(refused == "glReadPixels")
      #expect(refusal == nil)
      let producer = try #require(made)
      let methods = ReadbackMethod.candidates(for: host, gl: context.gl)
      let second = try #require(producer.status.readback)
      #expect(second != best)
      #expect(producer.status.readbackRefusals.contains { $0.method == best && $0.reason.contains("glReadPixels") })
      // And on, while frames run, until none is left.
      var seen = [best, second]
      while let current = producer.status.readback, current != methods.last {
        var calls = 0
        let red = 30 + seen.count
        let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "glReadPixels" }) {
          let frame = try producer.render {
            calls += 1
            clear($0, red)
          }
          try read(frame, into: landing, waitingUpTo: .seconds(10))
        }
        #expect(failed == "glReadPixels")
        #expect(error == nil)
        #expect(calls == 2, "the frame is drawn again")
        #expect(self.red(landing) == red)
        let next = try #require(producer.status.readback)
        #expect(!seen.contains(next))
        guard !seen.contains(next) else { break }
        seen.append(next)
        #expect(
          producer.status.readbackRefusals.last?.method == current
            || producer.status.readbackRefusals.contains { $0.method == current })
      }
      #expect(seen.last == methods.last)
      #expect(producer.status.path == .hostCopy)
      #expect(producer.status.fellBackFrom.isEmpty)
      // The last one has nothing behind it: the error is the caller's, and the next frame may work.
      let (error, _) = DriverTrace.failingCall(1, matching: { $0 == "glReadPixels" }) {
        _ = try producer.render { clear($0, 1) }
      }
      #expect((error as? InteropError)?.step == "glReadPixels")
      try read(try producer.render { clear($0, 99) }, into: landing, waitingUpTo: .seconds(10))
      #expect(self.red(landing) == 99)
      #expect(producer.status.readback == methods.last)
    }
  }

  /// zink's staging memory may never be used again (`GLContext.isZink`), so nothing is read back through it.
  @Test(arguments: TestStack.abilities.apis) func zinkReadsIntoBuffers(api: SurfacelessContext.API) throws {
    guard TestStack.abilities.drawsWithVulkan else {
      return TestStack.skip("how zink reads back: this is another driver")
    }
    let (context, host) = try TestStack.open(api)
    var options = ProducerOptions(path: .hostCopy)
    options.logger.logLevel = .critical
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    #expect(producer.status.readback == .sharedBuffer)
    options.capability = .nowhere
    let adopted = try RawGLProducer(size: Self.size, host: host, context: context.gl, options: options)
    #expect(adopted.status.readback == .sharedBuffer)
    #expect(ReadbackMethod.candidates(for: host, gl: context.gl).prefix(2) == [.sharedBuffer, .pixelBuffer])
  }

  /// Memory is shared only between one driver and itself, whatever the extensions say.
  @Test func twoDriversShareNoBuffer() throws {
    let (context, host) = try TestStack.open()
    let egl = try #require(context.gl.egl)
    let other = DeviceIdentity(
      deviceUUIDs: host.info.identity.deviceUUIDs, driverUUID: DriverUUID([UInt8](repeating: 7, count: 16)))
    let stranger = try GLContext(currentOf: egl.functions, identity: other)
    let source = try ReadbackSource(size: Self.size, format: .rgba8, orientation: .bottomUp, gl: stranger)
    let error = #expect(throws: InteropError.self) {
      try HostCopyImage(source, by: .sharedBuffer, egl: (egl.functions, egl.display), host: host)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.missing == ["the same device and driver UUID on both sides"])
  }
}
