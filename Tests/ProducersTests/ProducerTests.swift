import Glibc
import GLVulkanInterop
import Logging
import InteropTestSupport
import Testing

@Suite("Surfaceless EGL producer") struct ProducerTests {
  static let size = PixelSize(width: 24, height: 18)

  private func options(_ path: TransferPath? = nil, _ change: (inout ProducerOptions) -> Void = { _ in })
    -> ProducerOptions
  {
    var options = ProducerOptions(path: path)
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  private func clear(_ target: RenderTarget, _ r: Float, _ g: Float, _ b: Float) {
    target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [r, g, b, 1])
  }

  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func framesArriveInOrderWithTheirPixels(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api)
    for format in PixelFormat.all {
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context, options: options(path) { $0.format = format })
      #expect(producer.status.path == path)
      for number in 1...7 {
        let red = Float(number * 30) / 255
        let frame = try producer.render { clear($0, red, 0, 1) }
        #expect(frame.number == UInt64(number))
        #expect(frame.format == format)
        let pixels = try frame.readPixels()
        if format.bytesPerPixel == 4, format != .rgb10a2 {
          let wanted: [UInt8] =
            format.channelOrder == .same ? [UInt8(number * 30), 0, 255, 255] : [255, 0, UInt8(number * 30), 255]
          let right = stride(from: 0, to: pixels.count, by: 4).allSatisfy { Array(pixels[$0..<$0 + 4]) == wanted }
          #expect(right, "\(format) frame \(number)")
        }
      }
    }
  }

  /// The same picture on every path, mode and sample count, the right way up.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func everyWayGivesTheSamePicture(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api)
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      for samples in [1, 4] {
        for format in [PixelFormat.rgba8, .bgra8, .rgba8SRGB] {
          let producer = try SurfacelessEGLProducer(
            size: Self.size, host: host, context: context,
            options: options(path) {
              $0.orientation = orientation
              $0.samples = samples
              $0.format = format
              $0.depthStencil = true
            })
          let frame = try producer.render { target in
            target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 0, 0, 1])
            // The lower left quarter is red, in GL's coordinates.
            target.gl.glEnable(GLenum(GL_SCISSOR_TEST))
            target.gl.glScissor(0, 0, 12, 9)
            target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 1])
            target.gl.glDisable(GLenum(GL_SCISSOR_TEST))
          }
          let found = frame.orientation
          let pixels = try frame.readPixels()
          #expect(found == orientation)
          let red = format.channelOrder == .same ? 0 : 2
          func isRed(_ x: Int, _ y: Int) -> Bool { pixels[(y * 24 + x) * 4 + red] == 255 }
          let bottom = orientation == .bottomUp ? 0 : 17
          let top = 17 - bottom
          let right = isRed(0, bottom) && isRed(11, bottom) && !isRed(12, bottom) && !isRed(0, top)
          #expect(right, "\(path) \(orientation) \(samples) samples \(format) \(producer.status.mode)")
        }
      }
    }
  }

  @Test(arguments: TestStack.abilities.paths) func aDrawThatThrowsHandsNothingOver(path: TransferPath) throws {
    struct Mistake: Error {}
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path) { $0.framesInFlight = 1 })
    for _ in 0..<3 {
      #expect(throws: Mistake.self) { _ = try producer.render { _ in throw Mistake() } }
      let pixels = try producer.render { clear($0, 0, 1, 0) }.readPixels()
      let pixel = Array(pixels.prefix(4))
      #expect(pixel == [0, 255, 0, 255])
    }
  }

  @Test(arguments: TestStack.abilities.paths) func backPressureDoesAsItSays(path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    func producer(_ pressure: BackPressure) throws -> SurfacelessEGLProducer {
      try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context,
        options: options(path) {
          $0.framesInFlight = 2
          $0.backPressure = pressure
        })
    }
    func code(_ producer: SurfacelessEGLProducer) -> InteropError.Code? {
      do {
        _ = try producer.render { _ in }
        return nil
      } catch {
        return (error as? InteropError)?.code
      }
    }
    let failing = try producer(.fail)
    let a = try failing.render { clear($0, 1, 0, 0) }
    let b = try failing.render { clear($0, 0, 1, 0) }
    #expect(code(failing) == .ringExhausted)
    a.drop()
    #expect(code(failing) == nil)
    b.drop()

    let waiting = try producer(.wait(timeout: .milliseconds(50)))
    let c = try waiting.render { _ in }
    let d = try waiting.render { _ in }
    #expect(code(waiting) == .ringExhausted)
    c.drop()
    d.drop()

    let dropping = try producer(.dropOldest(timeout: .milliseconds(50)))
    let first = try dropping.render { clear($0, 1, 0, 0) }
    let second = try dropping.render { clear($0, 0, 1, 0) }
    let third = try dropping.render { clear($0, 0, 0, 1) }
    // The oldest made room; its holder is told instead of being given the new frame.
    let stale = #expect(throws: InteropError.self) { try first.acquire(.general) }
    #expect(stale?.code == .invalidState)
    // Nor can it end the access of the new frame's holder.
    try third.acquire(.general)
    let intruder = #expect(throws: InteropError.self) { try first.cancelAcquire() }
    #expect(intruder?.code == .invalidState)
    let thief = #expect(throws: InteropError.self) { _ = try first.releaseBarrier(.general) }
    #expect(thief?.code == .invalidState)
    first.drop()
    try third.release()
    let green = Array(try second.readPixels().prefix(4))
    #expect(green == [0, 255, 0, 255])
    // Acquired frames are never taken.
    let held1 = try dropping.render { _ in }
    let held2 = try dropping.render { _ in }
    try held1.acquire(.general)
    try held2.acquire(.general)
    #expect(code(dropping) == .ringExhausted)
    try held1.release()
    #expect(code(dropping) == nil)
    try held2.release()
  }

  @Test(arguments: TestStack.abilities.paths) func framesThatAreLetGoFreeTheirSlots(path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context,
      options: options(path) {
        $0.framesInFlight = 2
        $0.backPressure = .fail
      })
    for round in 0..<20 {
      let frame = try producer.render { clear($0, 1, 1, 1) }
      switch round % 3 {
      case 0: break
      case 1: try frame.acquire(.transferSource)
      default:
        _ = try frame.acquireBarrier(.general)
        try frame.cancelAcquire()
      }
    }
  }

  @Test(arguments: TestStack.abilities.paths) func resizingKeepsFramesThatAreOut(path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options(path))
    let old = try producer.render { clear($0, 1, 0, 0) }
    try producer.resize(to: PixelSize(width: 50, height: 40))
    let new = try producer.render { clear($0, 0, 1, 0) }
    #expect(producer.status.retiredSlotCount == 1)
    #expect(old.size == Self.size)
    #expect(new.size == PixelSize(width: 50, height: 40))
    let oldPixels = try old.readPixels()
    #expect(oldPixels.count == 24 * 18 * 4)
    #expect(Array(oldPixels.prefix(4)) == [255, 0, 0, 255])
    let newPixels = try new.readPixels()
    #expect(newPixels.count == 50 * 40 * 4)
    try producer.render { _ in }.drop()
    #expect(producer.status.retiredSlotCount == 0)
    #expect(throws: InteropError.self) { try producer.resize(to: PixelSize(width: 0, height: 1)) }
    #expect(producer.size == PixelSize(width: 50, height: 40))
  }

  @Test(arguments: TestStack.abilities.paths) func framesCrossThreads(path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options(path))
    let queue = FrameQueue<Frame>(capacity: 3)
    let count = 200
    let problems = Mutex<[String]>([])
    let received = Atomic<Int>(0)
    try withThread {
      var next: UInt64 = 1
      while let frame = queue.receive() {
        if frame.number != next { problems.withLock { $0.append("frame \(next) is missing") } }
        let number = frame.number
        next = number + 1
        do {
          let pixels = try frame.readPixels()
          if pixels[0] != UInt8(number % 256) { problems.withLock { $0.append("frame \(number) is \(pixels[0])") } }
        } catch {
          problems.withLock { $0.append("\(error)") }
        }
        received.add(1, ordering: .relaxed)
      }
    } during: {
      for number in 1...count { queue.send(try producer.render { clear($0, Float(number % 256) / 255, 0, 0) }) }
      queue.close()
    }
    let found = problems.withLock { $0 }
    #expect(found.isEmpty)
    #expect(received.load(ordering: .relaxed) == count)
  }

  /// A frame outlives its producer and even its context: its image is still Vulkan's.
  @Test(arguments: TestStack.abilities.paths) func aFrameOutlivesItsProducer(path: TransferPath) throws {
    let (_, host) = try TestStack.open()
    func frame() throws -> Frame {
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: host, platform: TestStack.platform, api: TestStack.abilities.apis[0],
        options: options(path))
      return try producer.render { clear($0, 1, 0, 1) }
    }
    let pixels = try frame().readPixels()
    #expect(Array(pixels.prefix(4)) == [255, 0, 255, 255], "\(path)")
  }

  @Test func badOptionsAreRefused() throws {
    let (context, host) = try TestStack.open()
    let cases: [(PixelSize, ProducerOptions)] = [
      (PixelSize(width: 0, height: 1), options()), (PixelSize(width: 1, height: -5), options()),
      (Self.size, options { $0.framesInFlight = 0 }), (Self.size, options { $0.framesInFlight = 17 }),
      (Self.size, options { $0.samples = 0 }),
      (
        Self.size,
        options {
          $0.mode = .direct; $0.samples = 4
        }
      ),
      (
        Self.size,
        options {
          $0.mode = .direct; $0.orientation = .topDown
        }
      ),
      (Self.size, options { $0.path = TransferPath(rawValue: "telepathy") }),
      (
        Self.size,
        options {
          $0.path = .opaqueFD; $0.tiling = .drmModifier
        }
      ),
      (
        Self.size,
        options {
          $0.path = .dmaBufImport; $0.tiling = .optimal
        }
      ),
      (
        Self.size,
        options {
          $0.path = .opaqueFD; $0.modifiers = [.linear]
        }
      ),
      (Self.size, options { $0.modifiers = [] }), (Self.size, options { $0.modifiers = [.linear, .invalid] }),
    ]
    for (size, options) in cases {
      let error = #expect(throws: InteropError.self) {
        try SurfacelessEGLProducer(size: size, host: host, context: context, options: options)
      }
      #expect(error?.code == .invalidArgument)
    }
  }

  /// Where GL and Vulkan share nothing, host-copy takes over by itself, says so once and gives the same pixels.
  @Test func hostCopyTakesOverWhereNothingIsShared() throws {
    // Kept: with NVIDIA 580 the context is no longer current after the process's last VkInstance went away.
    let (context, matched) = try TestStack.open()
    defer { withExtendedLifetime(matched) {} }
    var create = VulkanHost.CreateOptions(.matching(context.gl))
    create.layers = TestStack.layers
    create.handleTypes = []
    let host = try VulkanHost.create(create)
    let lines = Mutex<[String]>([])
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context,
      options: options { options in
        options.logger = Logger(label: "test") { _ in CapturingLog { line in lines.withLock { $0.append(line) } } }
      })
    #expect(producer.status.path == .hostCopy)
    let refused = producer.status.fellBackFrom.map(\.path)
    #expect(refused == [.opaqueFD, .dmaBufImport, .dmaBufExport])
    for fallback in producer.status.fellBackFrom {
      #expect(fallback.reason.contains("VK_KHR_external_memory_fd"), "\(fallback.path)")
    }
    let pixel = Array(try producer.render { clear($0, 0, 0, 1) }.readPixels().prefix(4))
    #expect(pixel == [0, 0, 255, 255])
    try producer.resize(to: PixelSize(width: 5, height: 5))
    let logged = lines.withLock { $0.filter { !$0.hasPrefix("debug") } }
    #expect(logged.count == 3, "once for each path: \(logged)")
    let warnings = logged.filter { $0.hasPrefix("warning") }
    #expect(warnings.count == 1 && warnings[0].contains("opaque-fd does not work here, using host-copy"), "\(warnings)")
    let error = #expect(throws: InteropError.self) {
      try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options(.opaqueFD))
    }
    #expect(error?.missing == ["VK_KHR_external_memory_fd"])
  }

  /// What is asked for and not there is refused by the name of what is missing, and nothing else is taken instead.
  @Test(arguments: [CapabilitySource.automatic, .nowhere], [TransferPath.dmaBufImport, .dmaBufExport])
  func aPathThatIsNotThereIsRefused(source: CapabilitySource, path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    let make = { () throws(InteropError) in
      try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context, options: self.options(path) { $0.capability = source })
    }
    guard !TestStack.abilities.paths.contains(path) else {
      let producer = try make()
      #expect(producer.status.path == path)
      return
    }
    let error = #expect(throws: InteropError.self) { try make() }
    #expect(error?.code == .unsupported)
    let names = ["VK_EXT_external_memory_dma_buf", "VK_EXT_image_drm_format_modifier"]
    let isNamed = error?.missing.contains(where: names.contains) == true
    #expect(isNamed, "\(String(describing: error))")
  }

  /// A tiling that is named leaves out the paths that do not have it, and host-copy stays.
  @Test func theTilingLeavesPathsOut() throws {
    let (context, host) = try TestStack.open()
    let tiled = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options { $0.tiling = .drmModifier })
    #expect(tiled.status.path == (TestStack.abilities.paths.contains(.dmaBufImport) ? .dmaBufImport : .hostCopy))
    #expect((tiled.status.modifier != nil) == (tiled.status.path != .hostCopy))
    let optimal = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options { $0.tiling = .optimal })
    #expect(optimal.status.path == .opaqueFD)
    #expect(optimal.status.modifier == nil)
    let frame = try optimal.render { _ in }
    let (buffer, modifier) = (frame.dmaBuf, frame.modifier)
    #expect(buffer == nil && modifier == nil)
  }

  @Test func itMakesItsOwnContextAndDevice() throws {
    let producer = try SurfacelessEGLProducer(
      size: Self.size, platform: TestStack.platform, api: TestStack.abilities.apis[0], options: options())
    let pixels = try producer.render { clear($0, 1, 1, 0) }.readPixels()
    #expect(Array(pixels.prefix(4)) == [255, 255, 0, 255])
  }

  @Test func anotherThreadIsRefused() throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options())
    try context.release()
    let error = #expect(throws: InteropError.self) { _ = try producer.render { _ in } }
    #expect(error?.code == .wrongThread)
    try context.makeCurrent()
    try producer.render { _ in }.drop()
  }
}
