import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// An image given to an implementation with a device and a context of its own, and taken from one.
@Suite("External images", .serialized) struct ExternalImageTests {
  static let size = PixelSize(width: 37, height: 23)
  static let syncs: [SyncKind] = [.cpuWait, .semaphoreFD, .timelineSemaphore, .syncFile]

  /// What makes the image and what takes it: a context and a device each, of one driver pair.
  private struct Sides {
    let context: SurfacelessContext
    let host: VulkanHost
    /// The taker's device.
    let other: VulkanHost

    init() throws {
      (context, host) = try TestStack.open(TestStack.apis[0])
      var options = VulkanHost.CreateOptions(.matching(context.gl))
      options.layers = TestStack.layers
      other = try VulkanHost.create(options)
    }

    /// nil, with a line for it, where GL and Vulkan have no such sync.
    func image(_ sync: SyncKind, format: PixelFormat = .rgba8) throws -> SharedImage? {
      guard TestStack.shares(sync, context, host) else { return nil }
      return try SharedImage(
        SharedImageDescription(size: ExternalImageTests.size, format: format), gl: context.gl, host: host, sync: sync)
    }

    func draw(_ pattern: PixelPattern, into image: SharedImage) throws {
      let texture = TestGL.makeTexture(pattern.glBytes, pattern.size, pattern.format, context.gl)
      defer { withUnsafePointer(to: texture) { context.gl.gl.glDeleteTextures(1, $0) } }
      let framebuffer = try #require(image.glFramebuffer)
      try TestGL.draw(texture: texture, into: framebuffer, pattern.size, context.gl)
    }
  }

  private func read(
    _ image: ExternalImage, after point: consuming ExternalPoint, into bytes: inout [UInt8]
  ) throws -> ExternalPoint {
    let host = try #require(image.host)
    let size = image.description.size
    let vkImage = try #require(image.vkImage)
    let landing = try HostBuffer(host: host, size: size.width * size.height * 4, .readback)
    let done = try image.access(.transferSource, after: point) { commands in
      landing.recordCopy(from: vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    // The giver waits for `done`, and so does this test, on the CPU: the bytes are here when the queue is idle.
    let queue = host.queues[0]
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
    bytes = Array(landing.bytes)
    return done
  }

  // MARK: Given

  /// GL draws; a device of its own takes the image, frame after frame, and gives it back.
  @Test(arguments: syncs) func anotherDeviceTakesEveryFrame(sync: SyncKind) throws {
    let sides = try Sides()
    guard let image = try sides.image(sync) else { return }
    let taken = try ExternalImage(importing: try image.externalBundle(), host: sides.other)
    #expect(taken.description == image.externalDescription)
    for frame in 0..<20 {
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      try image.accessInGL { try sides.draw(pattern, into: image) }
      var bytes: [UInt8] = []
      let done = try read(taken, after: try image.acquireForExternal(), into: &bytes)
      #expect(PixelPattern.difference(bytes, pattern.vulkanBytes, Self.size, .rgba8) == nil, "frame \(frame)")
      try image.releaseFromExternal(after: done)
    }
    // This process's own Vulkan has the image as before.
    let pattern = PixelPattern(Self.size, .rgba8, seed: 99)
    try image.accessInGL { try sides.draw(pattern, into: image) }
    #expect(try PixelPattern.difference(image.readInVulkan(), pattern.vulkanBytes, Self.size, .rgba8) == nil)
  }

  /// Another context takes the image, in the same thread: GL to GL, without a Vulkan device of the taker's.
  @Test(arguments: syncs) func anotherContextTakesEveryFrame(sync: SyncKind) throws {
    let sides = try Sides()
    guard let image = try sides.image(sync) else { return }
    let bundle = try image.externalBundle()
    let other = try SurfacelessContext(platform: TestStack.platform, api: TestStack.apis[0])
    let taken = try ExternalImage(importing: bundle, gl: other.gl)
    for frame in 0..<10 {
      try sides.context.makeCurrent()
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      try image.accessInGL { try sides.draw(pattern, into: image) }
      let point = try image.acquireForExternal()
      try other.makeCurrent()
      try taken.acquireForGL(after: point)
      let framebuffer = try #require(taken.glFramebuffer)
      let bytes = try other.gl.readPixels(framebuffer, Self.size, .rgba8)
      let done = try taken.releaseFromGL()
      #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil, "frame \(frame)")
      try sides.context.makeCurrent()
      try image.releaseFromExternal(after: done)
    }
    try other.makeCurrent()
    withExtendedLifetime(taken) {}
    try sides.context.makeCurrent()
  }

  /// The taker submits its commands itself, with the barriers and semaphores of the image.
  @Test(arguments: syncs) func theTakerSubmitsItself(sync: SyncKind) throws {
    let sides = try Sides()
    guard let image = try sides.image(sync) else { return }
    let host = sides.other
    let taken = try ExternalImage(importing: try image.externalBundle(), host: host)
    let own = try VulkanCommands(host: host, queue: host.queues[0])
    let landing = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
    let vkImage = try #require(taken.vkImage)
    for frame in 0..<5 {
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      try image.accessInGL { try sides.draw(pattern, into: image) }
      let acquire = try taken.acquireBarrier(.transferSource, after: try image.acquireForExternal())
      let release = try taken.releaseBarrier(.transferSource)
      let commands = try own.record(.first) { (commands) throws(InteropError) in
        acquire.record(into: commands, host.vk)
        landing.recordCopy(from: vkImage, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
        release.record(into: commands, host.vk)
      }
      try own.submit(commands, waitingFor: acquire.point, signalling: release.point)
      if sync == .cpuWait { try own.finish() }
      let done = try taken.didSubmitRelease()
      try own.finish()
      #expect(
        PixelPattern.difference(Array(landing.bytes), pattern.vulkanBytes, Self.size, .rgba8) == nil, "frame \(frame)")
      try image.releaseFromExternal(after: done)
    }
  }

  @Test(arguments: PixelFormat.all) func everyFormat(format: PixelFormat) throws {
    let sides = try Sides()
    let image: SharedImage
    do {
      guard let made = try sides.image(.cpuWait, format: format) else { return }
      image = made
    } catch let error as InteropError where error.code == .unsupported && format.channelOrder == .redBlueExchanged {
      return TestStack.skip("\(format) given to others: \(error.reason)")
    }
    let taken = try ExternalImage(importing: try image.externalBundle(), host: sides.other)
    #expect(taken.description.format == format)
    try image.accessInGL {
      let framebuffer = try #require(image.glFramebuffer)
      sides.context.gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      sides.context.gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 1, 1])
    }
    let mine = try image.readInVulkan()
    try image.accessInGL {}
    let host = sides.other
    let vkImage = try #require(taken.vkImage)
    let landing = try HostBuffer(host: host, size: mine.count, .readback)
    let done = try taken.access(.transferSource, after: try image.acquireForExternal()) { commands in
      landing.recordCopy(from: vkImage, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    #expect(Array(landing.bytes) == mine)
    #expect(mine.contains { $0 != 0 })
    try image.releaseFromExternal(after: done)
  }

  // MARK: Taken

  /// A device that knows nothing of us makes image, memory and semaphores and gives them to GL.
  @Test(arguments: syncs.filter { $0 != .syncFile }) func anEnginesImageInGL(sync: SyncKind) throws {
    let sides = try Sides()
    guard TestStack.shares(sync, sides.context, sides.host) else { return }
    let engine = try ForeignEngine(sides.other, Self.size, sync)
    let taken = try ExternalImage(importing: try engine.bundle(), gl: sides.context.gl)
    for frame in 0..<10 {
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      try taken.acquireForGL(after: try engine.write(pattern.vulkanBytes))
      let framebuffer = try #require(taken.glFramebuffer)
      let bytes = try sides.context.gl.readPixels(framebuffer, Self.size, .rgba8)
      try engine.takeBack(try taken.releaseFromGL())
      #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil, "frame \(frame)")
    }
  }

  // MARK: Order

  @Test func accessesDoNotOverlap() throws {
    let sides = try Sides()
    let image = try #require(try sides.image(.cpuWait))
    let taken = try ExternalImage(importing: try image.externalBundle(), host: sides.other)
    // Not drawn yet: nothing to give.
    let early = #expect(throws: InteropError.self) { _ = try image.acquireForExternal() }
    #expect(early?.code == .invalidState)
    try image.accessInGL {}
    let point = try image.acquireForExternal()
    let second = #expect(throws: InteropError.self) { _ = try image.acquireForExternal() }
    #expect(second?.code == .invalidState)
    _ = try taken.acquireBarrier(.general, after: point)
    let during = #expect(throws: InteropError.self) { _ = try taken.acquireBarrier(.general, after: .done) }
    #expect(during?.code == .invalidState)
    let gl = #expect(throws: InteropError.self) { try taken.acquireForGL(after: .done) }
    #expect(gl?.reason == "the image was imported into Vulkan only")
    let wrong = #expect(throws: InteropError.self) { try image.releaseFromExternal(after: .timeline(4)) }
    #expect(wrong?.code == .invalidArgument)
    try image.releaseFromExternal(after: .done)
    let again = #expect(throws: InteropError.self) { try image.releaseFromExternal(after: .done) }
    #expect(again?.code == .invalidState)
  }
}
