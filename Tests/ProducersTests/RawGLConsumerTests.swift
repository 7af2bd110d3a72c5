import GLVulkanInterop
import Glibc
import Logging
import InteropTestSupport
import Testing

/// Vulkan's pictures in contexts that the application made.
@Suite("Raw GL consumer", .serialized) struct RawGLConsumerTests {
  static let size = PixelSize(width: 33, height: 21)

  static func options(
    _ path: TransferPath? = nil, _ change: (inout ConsumerOptions) -> Void = { _ in }
  ) -> ConsumerOptions {
    var options = ConsumerOptions(path: path)
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  static func host(_ context: GLContext) throws -> VulkanHost {
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    return try VulkanHost.create(create)
  }

  /// Every sync that a path has here.
  private func syncs(_ path: TransferPath, _ context: GLContext, _ host: VulkanHost) -> [SyncKind] {
    if path == .hostCopy { return [.cpuWait] }
    let description = SharedImageDescription(size: Self.size, direction: .vulkanToGL)
    return SyncKind.allCases.filter { sync in
      (try? SharedImage.checkSupport(description, sync: sync, gl: context, host: host)) != nil
    }
  }

  enum Way: CaseIterable { case render, submissions, barriers }

  // MARK: Pixels

  /// Every format, way to wait, way to submit and orientation: what Vulkan wrote is what GL samples, and reads where it
  /// can.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func everyFormatArrives(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let app = try AppContext(api, size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    let painter = try TestPainter(context)
    var arrived = 0
    for format in PixelFormat.all {
      let drawn = try AppFramebuffer(context, Self.size, format, internalFormat: format.glInternalFormat)
      let count = Self.size.width * Self.size.height * format.bytesPerPixel
      let staging = try HostBuffer(host: host, size: count, .upload)
      for sync in syncs(path, context, host) {
        for orientation in [ImageOrientation.topDown, .bottomUp] {
          let consumer = try RawGLConsumer(
            size: Self.size, host: host, context: context,
            options: Self.options(path) {
              $0.format = format
              $0.sync = sync
              $0.orientation = orientation
              $0.capability = .nowhere
            })
          #expect(consumer.status.path == path && consumer.status.sync == sync)
          for number in 1...6 {
            let pattern = PixelPattern(Self.size, format, seed: UInt64(number))
            try host.waitIdle()
            staging.bytes.copyBytes(from: pattern.vulkanBytes)
            let frame = try write(staging, Way.allCases[number % 3], try consumer.nextTarget(), host)
            let number64 = frame.number
            #expect(number64 == UInt64(number))
            let said = frame.orientation
            #expect(said == orientation)
            let what = "\(format) \(sync.rawValue) \(orientation) frame \(number)"
            try frame.acquire()
            if let framebuffer = frame.framebuffer {
              let read = try context.readPixels(framebuffer, Self.size, format)
              let difference = PixelPattern.difference(read, pattern.glBytes, Self.size, format)
              #expect(difference == nil, "framebuffer, \(what)")
            } else {
              #expect(format.channelOrder == .redBlueExchanged, "\(what) has no framebuffer")
            }
            try painter.draw(texture: frame.texture, into: drawn.name, Self.size)
            try frame.release()
            let sampled = try drawn.read(context)
            let difference = PixelPattern.difference(sampled, pattern.glBytes, Self.size, format)
            #expect(difference == nil, "sampled, \(what)")
            arrived += 1
          }
          #expect(context.gl.glGetError() == GL_NO_ERROR)
        }
      }
    }
    #expect(arrived >= PixelFormat.all.count * 12)
  }

  /// Bytes from `staging` into the image.
  private func write(
    _ staging: HostBuffer, _ way: Way, _ target: consuming VulkanTarget, _ host: VulkanHost
  ) throws -> GLFrame {
    let (image, size) = (target.image, target.size)
    let layout = VulkanAccess.transferDestination.layout
    switch way {
    case .render:
      return try target.access(.transferDestination) { (commands, image) throws(InteropError) in
        staging.recordCopy(to: image, size, layout: layout, into: commands)
      }
    case .submissions:
      try target.acquire(.transferDestination)
      let mine = try VulkanCommands(host: host, queue: host.queues[0])
      try mine.submit(try mine.record(.first) { staging.recordCopy(to: image, size, layout: layout, into: $0) })
      let frame = try target.release()
      try mine.finish()
      return frame
    case .barriers:
      let acquire = try target.acquireBarrier(.transferDestination)
      let release = try target.releaseBarrier(.transferDestination)
      let mine = try VulkanCommands(host: host, queue: host.queues[0])
      let buffer = try mine.record(.first) { commands in
        acquire.record(into: commands, host.vk)
        staging.recordCopy(to: image, size, layout: layout, into: commands)
        release.record(into: commands, host.vk)
      }
      try mine.submit(buffer, waitingFor: acquire.point, signalling: release.point)
      let frame = try target.didSubmitRelease()
      try mine.finish()
      return frame
    }
  }

  /// One colour, by a clear.
  static func fill(_ target: consuming VulkanTarget, _ host: VulkanHost, _ colour: [Float]) throws
    -> GLFrame
  {
    try target.access(.transferDestination) { (commands, image) throws(InteropError) in
      clear(image, colour, commands, host)
    }
  }

  static func clear(_ image: VkImage, _ colour: [Float], _ commands: VkCommandBuffer, _ host: VulkanHost) {
    var value = VkClearColorValue()
    value.float32 = (colour[0], colour[1], colour[2], colour[3])
    var range = VkImageSubresourceRange(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
      layerCount: 1)
    host.vk.vkCmdClearColorImage(
      commands, image, VulkanAccess.transferDestination.layout, &value, 1, &range)
  }

  private func number(_ number: Int) -> [Float] { [Float(number & 255) / 255, Float(number >> 8) / 255, 0.2, 1] }

  private func firstPixel(_ frame: consuming GLFrame, _ context: GLContext) throws -> [UInt8] {
    let size = frame.size
    let found = frame.framebuffer
    let framebuffer = try #require(found)
    return try frame.access { _ in Array(try context.readPixels(framebuffer, size, .rgba8).prefix(4)) }
  }

  // MARK: The application's state

  /// The same before and after each call, with settings that would spoil an upload.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func theApplicationsStateStays(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let app = try AppContext(api, size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    let gl = context.gl
    let mine = try AppFramebuffer(context, Self.size, .rgba8)
    var buffer: GLuint = 0
    gl.glGenBuffers(1, &buffer)
    gl.glBindBuffer(GLenum(GL_PIXEL_UNPACK_BUFFER), buffer)
    gl.glBufferData(GLenum(GL_PIXEL_UNPACK_BUFFER), 64, nil, GLenum(GL_STREAM_DRAW))
    gl.glActiveTexture(GLenum(GL_TEXTURE0) + 2)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), mine.texture)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), mine.name)
    gl.glViewport(1, 2, 3, 4)
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    gl.glScissor(5, 6, 7, 8)
    var unpack: [(Int32, GLint)] = [
      (GL_UNPACK_ALIGNMENT, 8), (GL_UNPACK_ROW_LENGTH, 77), (GL_UNPACK_SKIP_ROWS, 3), (GL_UNPACK_SKIP_PIXELS, 5),
      (GL_UNPACK_IMAGE_HEIGHT, 9), (GL_UNPACK_SKIP_IMAGES, 2), (GL_PACK_ALIGNMENT, 2),
    ]
    if !context.isES { unpack += [(GL_UNPACK_SWAP_BYTES, 1), (GL_UNPACK_LSB_FIRST, 1)] }
    for (name, value) in unpack { gl.glPixelStorei(GLenum(name), value) }
    let names =
      unpack.map(\.0) + [
        GL_PIXEL_UNPACK_BUFFER_BINDING, GL_PIXEL_PACK_BUFFER_BINDING, GL_TEXTURE_BINDING_2D, GL_ACTIVE_TEXTURE,
        GL_DRAW_FRAMEBUFFER_BINDING, GL_READ_FRAMEBUFFER_BINDING, GL_RENDERBUFFER_BINDING, GL_CURRENT_PROGRAM,
        GL_VERTEX_ARRAY_BINDING, GL_SCISSOR_TEST, GL_VIEWPORT, GL_SCISSOR_BOX, GL_COLOR_WRITEMASK, GL_BLEND,
      ]
    func dump() -> [[GLint]] {
      names.map { name in
        var values: [GLint] = [0, 0, 0, 0]
        gl.glGetIntegerv(GLenum(name), &values)
        return values
      }
    }
    for format in [PixelFormat.rgba8, .bgra8, .r8, .rgba16f] {
      let before = dump()
      let consumer = try RawGLConsumer(
        size: Self.size, host: host, context: context,
        options: Self.options(path) {
          $0.format = format
          $0.capability = .nowhere
        })
      #expect(dump() == before, "made, \(format)")
      for number in 1...3 {
        let pattern = PixelPattern(Self.size, format, seed: UInt64(number))
        let staging = try HostBuffer(host: host, size: pattern.vulkanBytes.count, .upload)
        staging.bytes.copyBytes(from: pattern.vulkanBytes)
        let frame = try write(staging, .render, try consumer.nextTarget(), host)
        try frame.acquire()
        #expect(dump() == before, "acquired, \(format)")
        if let framebuffer = frame.framebuffer {
          let read = try context.readPixels(framebuffer, Self.size, format)
          #expect(PixelPattern.difference(read, pattern.glBytes, Self.size, format) == nil, "\(format)")
        }
        try frame.release()
        #expect(dump() == before, "released, \(format)")
        try host.waitIdle()
      }
      try consumer.resize(to: PixelSize(width: 9, height: 7))
      #expect(dump() == before, "resized, \(format)")
      try consumer.poll()
      #expect(dump() == before)
    }
    gl.glDeleteBuffers(1, &buffer)
    #expect(gl.glGetError() == GL_NO_ERROR)
  }

  @Test(arguments: TestStack.abilities.paths) func errorsOfTheApplicationAreKept(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    let consumer = try RawGLConsumer(size: Self.size, host: host, context: context, options: Self.options(path))
    let frame = try Self.fill(try consumer.nextTarget(), host, number(7))
    context.gl.glEnable(0xFFFF)
    try frame.access { _ in }
    #expect(context.gl.glGetError() == GL_NO_ERROR)
    #expect(consumer.takeApplicationErrors() == [GLenum(GL_INVALID_ENUM)])
    #expect(consumer.takeApplicationErrors().isEmpty)
  }

  // MARK: The ring

  @Test(arguments: TestStack.abilities.paths) func aFullRingWaitsFailsOrDrops(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    func consumer(_ pressure: BackPressure) throws -> RawGLConsumer {
      try RawGLConsumer(
        size: Self.size, host: host, context: context,
        options: Self.options(path) {
          $0.backPressure = pressure
          $0.framesInFlight = 2
          $0.capability = .nowhere
        })
    }
    // Fails at once; a target that is held counts, one that is let go does not.
    let failing = try consumer(.fail)
    do {
      let held = try failing.nextTarget()
      try failing.nextTarget().drop()
      let ready = try Self.fill(try failing.nextTarget(), host, number(1))
      let full = #expect(throws: InteropError.self) { _ = try failing.nextTarget() }
      #expect(full?.code == .ringExhausted)
      held.drop()
      let next = try Self.fill(try failing.nextTarget(), host, number(2))
      #expect(try firstPixel(ready, context) == [1, 0, 51, 255])
      #expect(try firstPixel(next, context) == [2, 0, 51, 255])
    }
    // Waits, and says for how long.
    let waiting = try consumer(.wait(timeout: .milliseconds(50)))
    do {
      let first = try Self.fill(try waiting.nextTarget(), host, number(3))
      let second = try Self.fill(try waiting.nextTarget(), host, number(4))
      let full = #expect(throws: InteropError.self) { _ = try waiting.nextTarget() }
      #expect(full?.code == .ringExhausted)
      #expect(full?.reason.contains("0.05") == true, "\(String(describing: full))")
      #expect(try firstPixel(first, context) == [3, 0, 51, 255])
      try waiting.nextTarget().drop()
      second.drop()
    }
    // Drops the oldest that GL has not acquired; its holder is told so.
    let dropping = try consumer(.dropOldest(timeout: .milliseconds(50)))
    let acquired = try Self.fill(try dropping.nextTarget(), host, number(5))
    try acquired.acquire()
    var stale: [HeldFrame] = []
    for index in 6..<20 {
      let target = try dropping.nextTarget()
      // The frame before is gone, whether its image has been drawn over or not.
      if let last = stale.last {
        let error = #expect(throws: InteropError.self) { try last.acquire() }
        #expect(error?.code == .invalidState)
      }
      stale.append(HeldFrame(try Self.fill(target, host, number(index))))
    }
    let found = acquired.framebuffer
    let framebuffer = try #require(found)
    let kept = Array(try context.readPixels(framebuffer, Self.size, .rgba8).prefix(4))
    #expect(kept == [5, 0, 51, 255], "an acquired frame is not taken")
    try acquired.release()
    let last = stale.popLast()
    let newest = try #require(last)
    // The image holds a newer frame by now, which is not theirs.
    for frame in stale {
      let error = #expect(throws: InteropError.self) { try frame.acquire() }
      #expect(error?.code == .invalidState)
    }
    stale = []
    #expect(try firstPixel(newest.take(), context) == [19, 0, 51, 255])
    #expect(dropping.status.retiredSlotCount == 0)
  }

  /// Frames that are not shown: let go here, on another thread, and in the middle of GL's access there; GL goes on.
  @Test(arguments: TestStack.abilities.paths) func droppedFramesFreeTheirSlots(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    for sync in syncs(path, context, host) {
      for inFlight in [1, 2] {
        let consumer = try RawGLConsumer(
          size: Self.size, host: host, context: context,
          options: Self.options(path) {
            $0.sync = sync
            $0.framesInFlight = inFlight
            $0.backPressure = .wait(timeout: .seconds(5))
            $0.capability = .nowhere
          })
        for index in 0..<60 {
          let frame = HeldFrame(try Self.fill(try consumer.nextTarget(), host, number(index)))
          switch index % 6 {
          case 0: frame.drop()
          case 1: try withThread({ frame.drop() }, during: {})
          case 2:
            // Acquired, and let go where GL is not.
            try frame.acquire()
            try withThread({ frame.drop() }, during: {})
          case 3:
            try frame.acquire()
            frame.drop()
          default:
            let pixel = try firstPixel(frame.take(), context)
            #expect(pixel == [UInt8(index), 0, 51, 255], "\(sync.rawValue), \(inFlight) in flight")
          }
        }
        context.gl.glFinish()
        #expect(context.gl.glGetError() == GL_NO_ERROR)
      }
    }
  }

  /// A frame that was let go while Vulkan still draws it: the next access must not begin before GL's wait and Vulkan's
  /// own for one semaphore can no more be confused, and its picture is the one that arrives.
  @Test(arguments: TestStack.abilities.paths) func aFrameIsDroppedWhileItIsDrawn(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    for sync in syncs(path, context, host) {
      let consumer = try RawGLConsumer(
        size: Self.size, host: host, context: context,
        options: Self.options(path) {
          $0.sync = sync
          $0.framesInFlight = 1
          $0.capability = .nowhere
        })
      let gate = try VulkanGate(host)
      try consumer.nextTarget().access(.transferDestination) { (commands, image) throws(InteropError) in
        gate.hold(commands)
        Self.clear(image, number(1), commands, host)
      }.drop()
      let isOpen = Atomic<Bool>(false)
      var pixel: [UInt8] = []
      try withThread {
        usleep(200_000)
        isOpen.store(true, ordering: .releasing)
        gate.open()
      } during: {
        // Submitted by the application, which has no command buffer of the package to wait for.
        let target = try consumer.nextTarget()
        let image = target.image
        let acquire = try target.acquireBarrier(.transferDestination)
        let release = try target.releaseBarrier(.transferDestination)
        let mine = try VulkanCommands(host: host, queue: host.queues[0])
        let buffer = try mine.record(.first) { commands in
          acquire.record(into: commands, host.vk)
          Self.clear(image, number(2), commands, host)
          release.record(into: commands, host.vk)
        }
        try mine.submit(buffer, waitingFor: acquire.point, signalling: release.point)
        let frame = try target.didSubmitRelease()
        let waited = isOpen.load(ordering: .acquiring)
        #expect(waited, "\(sync.rawValue): the access began while the frame before was still drawn")
        pixel = try firstPixel(frame, context)
      }
      #expect(pixel == [2, 0, 51, 255], "\(sync.rawValue)")
    }
  }

  @Test(arguments: TestStack.abilities.paths) func resizingWithFramesAndTargetsOut(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    let consumer = try RawGLConsumer(size: Self.size, host: host, context: context, options: Self.options(path))
    let old = try Self.fill(try consumer.nextTarget(), host, number(1))
    let target = try consumer.nextTarget()
    let larger = PixelSize(width: 64, height: 40)
    try consumer.resize(to: larger)
    #expect(consumer.size == larger)
    #expect(consumer.status.retiredSlotCount == 2)
    let new = try Self.fill(try consumer.nextTarget(), host, number(2))
    let late = try Self.fill(target, host, number(3))
    let sizes = (old.size, new.size, late.size)
    #expect(sizes == (Self.size, larger, Self.size))
    #expect(try firstPixel(late, context) == [3, 0, 51, 255])
    #expect(try firstPixel(new, context) == [2, 0, 51, 255])
    #expect(try firstPixel(old, context) == [1, 0, 51, 255])
    try consumer.poll()
    #expect(consumer.status.retiredSlotCount == 0)
    let nothing = #expect(throws: InteropError.self) { try consumer.resize(to: PixelSize(width: 0, height: 4)) }
    #expect(nothing?.code == .invalidArgument)
    #expect(consumer.size == larger)
  }

  // MARK: Order, threads, ends

  @Test(arguments: TestStack.abilities.paths) func callsInTheWrongOrderAreErrors(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    let consumer = try RawGLConsumer(
      size: Self.size, host: host, context: context, options: Self.options(path) { $0.framesInFlight = 2 })
    func code(_ body: () throws -> Void) -> InteropError.Code? {
      let error = #expect(throws: InteropError.self) { try body() }
      return error?.code
    }
    // Ends before beginnings; two beginnings.
    #expect(code { _ = try consumer.nextTarget().didSubmitRelease() } == .invalidState)
    #expect(code { _ = try consumer.nextTarget().release() } == .invalidState)
    #expect(code { _ = try consumer.nextTarget().releaseBarrier(.general) } == .invalidState)
    #expect(code { try consumer.nextTarget().cancelAcquire() } == .invalidState)
    do {
      let target = try consumer.nextTarget()
      _ = try target.acquireBarrier(.general)
      #expect(code { _ = try target.acquireBarrier(.general) } == .invalidState)
      try target.cancelAcquire()
      try target.acquire(.general)
      #expect(code { try target.cancelAcquire() } == .invalidState)
      // Let go after the acquire was submitted: it is released, and nothing shown.
    }
    struct Refusal: Error {}
    let own = #expect(throws: InteropError.self) {
      _ = try consumer.nextTarget().access(.general) { (_, _) throws(InteropError) in
        throw InteropError(.invalidArgument, step: "draw", reason: "the test says so")
      }
    }
    #expect(own?.step == "draw")
    #expect(consumer.status.fellBackFrom.isEmpty || path == .hostCopy)
    let first = try Self.fill(try consumer.nextTarget(), host, number(1))
    try first.acquire()
    #expect(code { try first.acquire() } == .invalidState)
    try first.release()
    let second = HeldFrame(try Self.fill(try consumer.nextTarget(), host, number(2)))
    #expect(code { try second.release() } == .invalidState)
    let third = HeldFrame(try Self.fill(try consumer.nextTarget(), host, number(3)))
    #expect(throws: Refusal.self) { try third.take().access { _ in throw Refusal() } }
    let fourth = try Self.fill(try consumer.nextTarget(), host, number(4))
    #expect(try firstPixel(fourth, context) == [4, 0, 51, 255])
    // Bad arguments, before anything is made.
    #expect(code { _ = try RawGLConsumer(size: PixelSize(width: 0, height: 1), host: host) } == .invalidArgument)
    #expect(
      code { _ = try RawGLConsumer(size: Self.size, host: host, options: Self.options { $0.framesInFlight = 0 }) }
        == .invalidArgument)
    #expect(
      code {
        _ = try RawGLConsumer(
          size: Self.size, host: host, options: Self.options { $0.path = TransferPath(rawValue: "x") })
      } == .invalidArgument)
    // sRGB images that shaders write: no device has them.
    #expect(
      code {
        _ = try RawGLConsumer(
          size: Self.size, host: host,
          options: Self.options(path) {
            $0.format = .rgba8SRGB
            $0.usage = UInt32(VK_IMAGE_USAGE_STORAGE_BIT.rawValue)
            $0.capability = .nowhere
          })
      } == .unsupported)
  }

  @Test func anotherContextOrThreadIsRefused() throws {
    let app = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let host = try Self.host(context)
    let consumer = try RawGLConsumer(size: Self.size, host: host, context: context, options: Self.options())
    let frame = HeldFrame(try Self.fill(try consumer.nextTarget(), host, number(1)))
    func check() {
      for attempt in 0..<4 {
        let error = #expect(throws: InteropError.self) {
          switch attempt {
          case 0: try frame.acquire()
          case 1: try consumer.poll()
          case 2: try consumer.resize(to: PixelSize(width: 3, height: 3))
          default: try consumer.contextWillBeDestroyed()
          }
        }
        #expect(error?.code == .wrongThread, "attempt \(attempt)")
      }
    }
    let other = try AppContext(size: Self.size)
    check()
    other.release()
    check()
    try app.makeCurrent()
    try withThread {
      check()
    } during: {
    }
    let pixel = try firstPixel(frame.take(), context)
    #expect(pixel == [1, 0, 51, 255])
    app.release()
    let none = #expect(throws: InteropError.self) { try RawGLConsumer(size: Self.size, host: host) }
    #expect(none?.code == .wrongThread)
    try app.makeCurrent()
  }

  /// Frames, acquired ones and targets are out when the context goes: clear errors, and Vulkan goes on.
  @Test(arguments: TestStack.abilities.paths, [true, false]) func theContextGoes(path: TransferPath, isAnnounced: Bool)
    throws
  {
    var app: AppContext? = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let host = try Self.host(context)
    for sync in syncs(path, context, host).prefix(1) {
      var consumer: RawGLConsumer? = try RawGLConsumer(
        size: Self.size, host: host, context: context,
        options: Self.options(path) {
          $0.sync = sync
          $0.framesInFlight = 4
          $0.capability = .nowhere
        })
      let shown = HeldFrame(try Self.fill(try #require(consumer).nextTarget(), host, number(1)))
      try shown.acquire()
      let ready = try Self.fill(try #require(consumer).nextTarget(), host, number(2))
      let target = try #require(consumer).nextTarget()
      try #require(consumer).nextTarget().drop()
      if isAnnounced {
        try consumer?.contextWillBeDestroyed()
        try consumer?.contextWillBeDestroyed()
        let end = #expect(throws: InteropError.self) { _ = try consumer?.nextTarget() }
        #expect(end?.code == .invalidState)
      }
      app = nil
      app = try AppContext(size: Self.size)
      func expectEnd(_ body: () throws -> Void) {
        let error = #expect(throws: InteropError.self) { try body() }
        let isClear = error?.code == .invalidState || (!isAnnounced && error?.code == .wrongThread)
        #expect(isClear, "\(String(describing: error))")
      }
      expectEnd { try ready.acquire() }
      expectEnd { try consumer?.poll() }
      expectEnd { try consumer?.resize(to: PixelSize(width: 3, height: 3)) }
      expectEnd { try shown.release() }
      // Vulkan may finish what it has.
      let late = try Self.fill(target, host, number(3))
      expectEnd { try late.acquire() }
      late.drop()
      ready.drop()
      consumer = nil
      // The new context gets a consumer of its own, and names of the old one were not deleted in it.
      let fresh = try GLContext.current()
      let mine = try AppFramebuffer(fresh, Self.size, .rgba8)
      fresh.collectGarbage()
      #expect(fresh.gl.glIsFramebuffer(mine.name) == GL_TRUE)
      let next = try RawGLConsumer(size: Self.size, host: host, context: fresh, options: Self.options(path))
      let frame = try Self.fill(try next.nextTarget(), host, number(9))
      #expect(try firstPixel(frame, fresh) == [9, 0, 51, 255])
    }
    withExtendedLifetime(app) {}
  }

  /// Frames that outlive their consumer, in a context that goes on.
  @Test(arguments: TestStack.abilities.paths) func framesOutliveTheirConsumer(path: TransferPath) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try Self.host(context)
    var consumer: RawGLConsumer? = try RawGLConsumer(
      size: Self.size, host: host, context: context, options: Self.options(path))
    let first = try Self.fill(try #require(consumer).nextTarget(), host, number(1))
    let target = try #require(consumer).nextTarget()
    consumer = nil
    let second = try Self.fill(target, host, number(2))
    #expect(try firstPixel(first, context) == [1, 0, 51, 255])
    #expect(try firstPixel(second, context) == [2, 0, 51, 255])
    #expect(context.gl.glGetError() == GL_NO_ERROR)
  }

  @Test func theMatrixIsAskedForThisDirection() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let consumer = try RawGLConsumer(
      size: Self.size, host: try Self.host(context), context: context, options: Self.options())
    let matrix = try #require(consumer.capability)
    let directions = Set(matrix.cells.filter { $0.verdict != .notTried }.map(\.direction))
    #expect(directions == [.vulkanToGL])
    let best = matrix.bestPath(for: .init(direction: .vulkanToGL, formats: [.rgba8], modes: [.direct]))
    #expect((best?.configuration.path ?? .hostCopy) == consumer.status.path)
    #expect(context.isCurrent())
  }
}

/// Closures cannot consume what they capture, and arrays hold no noncopyable values.
final class HeldFrame: @unchecked Sendable {
  private var frame: GLFrame?
  init(_ frame: consuming GLFrame) { self.frame = consume frame }

  func acquire() throws {
    switch frame {
    case .some(let frame): try frame.acquire()
    case nil: preconditionFailure("it was taken")
    }
  }
  var framebuffer: GLuint? {
    switch frame {
    case .some(let frame): frame.framebuffer
    case nil: nil
    }
  }
  func drop() { frame = nil }
  func release() throws { try take().release() }
  func take() -> GLFrame {
    guard let taken = frame.take() else { preconditionFailure("it was taken") }
    return taken
  }
}

extension VulkanHost {
  func waitIdle() throws { for queue in queues { _ = queue.lock.withLock { vk.vkQueueWaitIdle(queue.handle) } } }
}
