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
      (context, host) = try TestStack.open()
      var options = VulkanHost.CreateOptions(.matching(context.gl))
      options.layers = TestStack.layers
      other = try VulkanHost.create(options)
    }

    /// nil, with a line for it, where GL and Vulkan have no such sync.
    func image(_ sync: SyncKind, format: PixelFormat = .rgba8) throws -> SharedImage? {
      guard TestStack.abilities.shares(sync, context.api) else { return nil }
      return try SharedImage(
        SharedImageDescription(size: ExternalImageTests.size, format: format), gl: context.gl, host: host, sync: sync)
    }

    func take(_ bundle: consuming ExternalImageBundle, _ importer: Importer) throws(InteropError) -> ExternalImage {
      try ExternalImage(
        importing: bundle, gl: importer == .vulkan ? nil : context.gl, host: importer == .gl ? nil : host)
    }

    func draw(_ pattern: PixelPattern, into image: SharedImage) throws {
      let texture = TestGL.makeTexture(pattern.glBytes, pattern.size, pattern.format, context.gl)
      defer { withUnsafePointer(to: texture) { context.gl.gl.glDeleteTextures(1, $0) } }
      let framebuffer = try #require(image.glFramebuffer)
      try TestGL.draw(texture: texture, into: framebuffer, pattern.size, context.gl)
    }
  }

  enum Importer: CaseIterable { case gl, vulkan, both }

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

  /// A device of its own draws, frame after frame; GL shows. Nothing is due before the first access.
  @Test(arguments: syncs) func anotherDeviceWritesEveryFrame(sync: SyncKind) throws {
    let sides = try Sides()
    guard TestStack.abilities.shares(sync, sides.context.api) else { return }
    let image = try SharedImage(
      SharedImageDescription(size: Self.size, direction: .vulkanToGL), gl: sides.context.gl, host: sides.host,
      sync: sync)
    let taken = try ExternalImage(importing: try image.externalBundle(), host: sides.other)
    let vkImage = try #require(taken.vkImage)
    let source = try HostBuffer(host: sides.other, size: Self.size.width * Self.size.height * 4, .upload)
    for frame in 0..<20 {
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      source.bytes.copyBytes(from: pattern.vulkanBytes)
      let point = try image.acquireForExternal()
      #expect(frame > 0 || isDone(point), "nothing is due before the first access")
      let done = try taken.access(.transferDestination, after: point) { commands in
        source.recordCopy(
          to: vkImage, Self.size, layout: VulkanAccess.transferDestination.layout, into: commands)
      }
      try image.releaseFromExternal(after: done)
      var bytes: [UInt8] = []
      try image.accessInGL {
        bytes = try sides.context.gl.readPixels(try #require(image.glFramebuffer), Self.size, .rgba8)
      }
      #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil, "frame \(frame)")
      let queue = sides.other.queues[0]
      _ = queue.lock.withLock { sides.other.vk.vkQueueWaitIdle(queue.handle) }
    }
    // This process's own Vulkan has the image as before.
    let pattern = PixelPattern(Self.size, .rgba8, seed: 99)
    try image.writeInVulkan(pattern.vulkanBytes)
    var bytes: [UInt8] = []
    try image.accessInGL {
      bytes = try sides.context.gl.readPixels(try #require(image.glFramebuffer), Self.size, .rgba8)
    }
    #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil)
  }

  private func isDone(_ point: borrowing ExternalPoint) -> Bool {
    switch point {
    case .done: true
    default: false
    }
  }

  /// Another context takes the image, in the same thread: GL to GL, without a Vulkan device of the taker's.
  @Test(arguments: syncs) func anotherContextTakesEveryFrame(sync: SyncKind) throws {
    let sides = try Sides()
    guard let image = try sides.image(sync) else { return }
    let bundle = try image.externalBundle()
    let other = try SurfacelessContext(platform: TestStack.platform, api: TestStack.abilities.apis[0])
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
    guard TestStack.abilities.shares(sync, sides.context.api) else { return }
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

  /// Two queues must not wait for the giver's binary semaphore at once: the later wait could take the signal of the earlier
  /// one, which then waits for ever. GL's wait has been executed before Vulkan can have the image, and Vulkan's before GL.
  @Test func oneQueueWaitsForTheGiverAtATime() throws {
    let sides = try Sides()
    guard TestStack.abilities.shares(.semaphoreFD, sides.context.api) else { return }
    let engine = try ForeignEngine(sides.other, Self.size, .semaphoreFD)
    let taken = try ExternalImage(importing: try engine.bundle(), gl: sides.context.gl, host: sides.host)
    let pattern = PixelPattern(Self.size, .rgba8, seed: 3)
    func held(_ what: Comment, _ step: () throws -> Void) throws {
      let opened = Atomic<Bool>(false)
      let gate = try #require(engine.gate)
      try withThread {
        usleep(200_000)
        opened.store(true, ordering: .releasing)
        gate.open()
      } during: {
        try step()
        let wasOpened = opened.load(ordering: .acquiring)
        #expect(wasOpened, what)
      }
    }
    engine.gate = try VulkanGate(sides.other)
    try taken.acquireForGL(after: try engine.write(pattern.vulkanBytes))
    try held("Vulkan may have the image, and GL has not waited") { try engine.takeBack(try taken.releaseFromGL()) }
    engine.gate = try VulkanGate(sides.other)
    try engine.takeBack(try taken.access(.transferSource, after: try engine.write(pattern.vulkanBytes)) { _ in })
    try held("GL has the image, and Vulkan has not waited") { try taken.acquireForGL(after: .done) }
    _ = try taken.releaseFromGL()
  }

  // MARK: Falsified

  /// One field that is wrong, each alone: refused with a reason, before a driver gets the memory.
  @Test(arguments: Falsification.all) func aWrongFieldIsRefused(falsification: Falsification) throws {
    let sides = try Sides()
    let engine = try ForeignEngine(sides.other, Self.size, .cpuWait)
    let files = OpenFiles.list()
    for importer in Importer.allCases {
      let error = #expect(throws: InteropError.self, "\(falsification) into \(importer)") {
        var bundle = try engine.bundle()
        falsification.change(&bundle.description)
        _ = try sides.take(bundle, importer)
      }
      #expect(error?.step == "check the external image", "\(String(describing: error))")
      #expect(error?.code == .invalidArgument || error?.code == .unsupported)
    }
    #expect(OpenFiles.opened(since: files).filter { $0.contains("memfd") || $0.contains("allocation") } == [])
  }

  /// Descriptors that are no memory, or too small.
  @Test func wrongDescriptorsAreRefused() throws {
    let sides = try Sides()
    let engine = try ForeignEngine(sides.other, Self.size, .cpuWait)
    for importer in Importer.allCases {
      var template = Array("/tmp/interop-small.XXXXXX".utf8CString)
      let small = mkstemp(&template)
      unlink(template)
      #expect(small >= 0 && ftruncate(small, 100) == 0)
      let tooSmall = #expect(throws: InteropError.self) {
        _ = try sides.take(
          ExternalImageBundle(engine.description, memory: .opaqueFD(FileDescriptorOwner(owning: small))), importer)
      }
      #expect(tooSmall?.reason.hasPrefix("the memory has 100 bytes") == true, "\(String(describing: tooSmall))")
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      defer { close(ends[1]) }
      for other in [
        ends[0], open("/tmp", O_RDONLY), socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), open("/dev/zero", O_RDONLY),
      ] {
        let error = #expect(throws: InteropError.self) {
          _ = try sides.take(
            ExternalImageBundle(engine.description, memory: .opaqueFD(FileDescriptorOwner(owning: other))), importer)
        }
        #expect(error?.reason == "the descriptor is no memory")
      }
    }
    // As many bytes as the pixels take, which is fewer than the image does on most drivers.
    var tight = engine.description
    tight.allocationSize = UInt64(Self.size.width * Self.size.height * 4)
    if tight != engine.description {
      let other = #expect(throws: InteropError.self) {
        _ = try sides.take(ExternalImageBundle(tight, memory: .opaqueFD(try engine.memoryDescriptor())), .vulkan)
      }
      #expect(other?.reason.hasPrefix("such an image takes") == true, "\(String(describing: other))")
    }
    // Semaphores that are missing.
    var without = engine.description
    without.sync = .semaphoreFD
    let missing = #expect(throws: InteropError.self) {
      _ = try sides.take(ExternalImageBundle(without, memory: .opaqueFD(try engine.memoryDescriptor())), .vulkan)
    }
    #expect(missing?.reason == "sync semaphore-fd needs the semaphores of both sides")
  }

  /// Falsified at random, up to four fields at once: refused, or an image that can be used.
  @Test func randomFalsificationsAreHarmless() throws {
    let sides = try Sides()
    let engine = try ForeignEngine(sides.other, Self.size, .cpuWait)
    var random = SplitMix64(seed: 0xE87)
    let rounds = 10_000
    var taken = 0
    for round in 0..<rounds {
      var bundle = try engine.bundle()
      for _ in 0...Int(random.next() % 4) { Falsification.random(&random).change(&bundle.description) }
      let importer = Importer.allCases[round % Importer.allCases.count]
      guard let image = try? sides.take(bundle, importer) else { continue }
      taken += 1
      if importer != .vulkan, let framebuffer = image.glFramebuffer {
        try image.acquireForGL(after: .done)
        sides.context.gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
        sides.context.gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 1, 1])
        _ = try image.releaseFromGL()
      }
      if importer != .gl { _ = try image.access(.general, after: .done) { _ in } }
    }
    print("\(taken) of \(rounds) random falsifications were taken")
    #expect(taken < rounds)
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

/// A lie about one field of a description.
struct Falsification: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let change: @Sendable (inout ExternalImageDescription) -> Void

  init(_ name: String, _ change: @escaping @Sendable (inout ExternalImageDescription) -> Void) {
    testDescription = name
    self.change = change
  }

  static let all: [Falsification] = [
    Falsification("no width") { $0.size = PixelSize(width: 0, height: 23) },
    Falsification("a negative height") { $0.size = PixelSize(width: 37, height: -1) },
    Falsification("twice as wide") { $0.size = PixelSize(width: 74, height: 23) },
    Falsification("far too large") { $0.size = PixelSize(width: 1 << 30, height: 1 << 30) },
    Falsification("a format that nobody knows") { $0.vkFormat = VkFormat(rawValue: 12345) },
    Falsification("a compressed format") { $0.vkFormat = VK_FORMAT_BC7_UNORM_BLOCK },
    Falsification("a format of more bytes") { $0.vkFormat = VK_FORMAT_R16G16B16A16_SFLOAT },
    Falsification("views of another format") {
      $0.flags = UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue)
      $0.viewFormats = [VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R32_SFLOAT]
    },
    Falsification("views without the image's format") { $0.viewFormats = [VK_FORMAT_R8G8B8A8_SRGB] },
    Falsification("several views, not mutable") {
      $0.viewFormats = [VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_SRGB]
    },
    Falsification("a cube") { $0.flags = UInt32(VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT.rawValue) },
    Falsification("all flags") { $0.flags = ~0 },
    Falsification("the tiling of a modifier") { $0.tiling = .drmModifier },
    Falsification("no usage") { $0.usage = 0 },
    Falsification("a depth attachment") { $0.usage = UInt32(VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT.rawValue) },
    Falsification("all usage") { $0.usage = ~0 },
    Falsification("a DMA-BUF that it is not") { $0.handleType = .dmaBuf },
    Falsification("no memory") { $0.allocationSize = 0 },
    Falsification("less memory") { $0.allocationSize = 37 * 23 * 4 - 1 },
    Falsification("all memory") { $0.allocationSize = ~0 },
    Falsification("an offset") { $0.offset = 4096 },
    Falsification("no device") { $0.deviceUUID = nil },
    Falsification("another device") { $0.deviceUUID = DriverUUID([UInt8](repeating: 7, count: 16)) },
    Falsification("no driver") { $0.driverUUID = nil },
    Falsification("another driver") { $0.driverUUID = DriverUUID([UInt8](repeating: 7, count: 16)) },
    Falsification("the layout of a presentation") { $0.layout = VK_IMAGE_LAYOUT_PRESENT_SRC_KHR },
    Falsification("the family of a queue") { $0.queueFamily = 0 },
    Falsification("the family of foreign memory") { $0.queueFamily = ~2 },
    Falsification("semaphores that do not come") { $0.sync = .semaphoreFD },
    Falsification("a timeline that does not come") { $0.sync = .timelineSemaphore },
  ]

  static func random(_ random: inout SplitMix64) -> Falsification {
    let value = random.next()
    let small = Int(value % 4096)
    // Extremes, powers of two and values near the right ones, of 64 bits.
    let number: UInt64 =
      switch value % 5 {
      case 0: random.next()
      case 1: 1 << (random.next() % 64)
      case 2: random.next() % 8192
      case 3: ~(random.next() % 16)
      default: 37 * 23 * 4 + random.next() % 8192
      }
    switch random.next() % 14 {
    case 0:
      return Falsification("size") { $0.size = PixelSize(width: small, height: Int(truncatingIfNeeded: number % 4096)) }
    case 1:
      return Falsification("width") {
        $0.size = PixelSize(width: Int(truncatingIfNeeded: number), height: $0.size.height)
      }
    case 2:
      return Falsification("height") {
        $0.size = PixelSize(width: $0.size.width, height: Int(truncatingIfNeeded: number))
      }
    case 3: return Falsification("format") { $0.vkFormat = PixelFormat.all[small % PixelFormat.all.count].vkFormat }
    case 4:
      return Falsification("any format") { $0.vkFormat = VkFormat(rawValue: UInt32(truncatingIfNeeded: number % 300)) }
    case 5: return Falsification("flags") { $0.flags = UInt32(truncatingIfNeeded: number) & 0xFFFF }
    case 6:
      return Falsification("views") { $0.viewFormats = PixelFormat.all[small % PixelFormat.all.count].viewFormats }
    case 7: return Falsification("tiling") { $0.tiling = ImageTiling.allCases[small % 3] }
    case 8: return Falsification("usage") { $0.usage = UInt32(truncatingIfNeeded: number) & 0xFF }
    case 9: return Falsification("bytes") { $0.allocationSize = number }
    case 10: return Falsification("memory type") { $0.memoryTypeIndex = UInt32(truncatingIfNeeded: number) }
    case 11: return Falsification("dedicated") { $0.isDedicated.toggle() }
    case 12:
      return Falsification("picture") {
        $0.isOpaque.toggle()
        $0.orientation = .topDown
      }
    default: return all[small % all.count]
    }
  }
}
