import GLVulkanInterop
import InteropTestSupport
import Testing
import WebGPUInterop

/// A producer's frames in a WebGPU device of Dawn's, and its drawing in GL.
@Suite("WebGPU", .serialized) struct WebGPUTests {
  private static let size = PixelSize(width: 61, height: 43)

  /// One frame through Dawn: GL draws a pattern, Dawn copies it into a target, GL reads that.
  private func cross(
    _ seed: UInt64, _ producer: SurfacelessEGLProducer, _ consumer: RawGLConsumer, _ webGPU: WebGPUInterop,
    _ app: DawnApplication, _ painter: TestPainter
  ) throws {
    let gl = app.context.gl
    let size = producer.size
    let pattern = PixelPattern(size, .rgba8, seed: seed)
    var texture = TestGL.makeTexture(pattern.glBytes, size, .rgba8, gl)
    defer { gl.gl.glDeleteTextures(1, &texture) }
    let frame = try producer.render { target in try painter.draw(texture: texture, into: target.framebuffer, size) }
    var target: VulkanTarget? = try consumer.nextTarget()
    var shown: GLFrame?
    try webGPU.access(frame) { source in
      if let taken = target.take() {
        shown = try webGPU.draw(into: taken) { app.copy(source, to: $0, size) }
      }
    }
    guard let result = shown.take() else {
      Issue.record("no frame came back")
      return
    }
    try result.acquire()
    let framebuffer = result.framebuffer
    let bytes = try gl.readPixels(try #require(framebuffer), size, .rgba8)
    try result.release()
    let difference = PixelPattern.difference(bytes, pattern.glBytes, size, .rgba8)
    #expect(difference == nil, "frame \(seed), Dawn said: \(app.message)")
  }

  private func rings(
    _ webGPU: WebGPUInterop, _ app: DawnApplication
  ) throws -> (SurfacelessEGLProducer, RawGLConsumer) {
    (
      try SurfacelessEGLProducer(
        size: Self.size, host: app.host, context: app.context, options: webGPU.producerOptions),
      try RawGLConsumer(size: Self.size, host: app.host, context: app.context.gl, options: webGPU.consumerOptions)
    )
  }

  /// By GPU-side waits both ways, in a ring that is resized in between.
  @Test(arguments: DawnAge.allCases) func everyPixelOf300Frames(age: DawnAge) throws {
    guard let app = try DawnApplication.open(age) else { return }
    let webGPU = try app.interop()
    #expect(webGPU.sync == .semaphoreFD)
    #expect(webGPU.refusals.isEmpty)
    let (producer, consumer) = try rings(webGPU, app)
    let painter = try TestPainter(app.context.gl)
    for number in 0..<300 {
      if number == 150 {
        try producer.resize(to: PixelSize(width: 48, height: 70))
        try consumer.resize(to: PixelSize(width: 48, height: 70))
      }
      try cross(UInt64(number + 1), producer, consumer, webGPU, app, painter)
    }
    #expect(app.errors == 0, "\(app.message)")
  }

  /// DMA-BUFs of either allocator, by sync files both ways, in rings that are resized in between.
  @Test(arguments: [TransferPath.dmaBufImport, .dmaBufExport]) func framesInDMABufs(path: TransferPath) throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let webGPU = try app.interop()
    guard webGPU.device.handleTypes.contains(.dmaBuf) else {
      return TestStack.skip("WebGPU's DMA-BUFs: Dawn's \(webGPU.device.adapterName) takes none")
    }
    #expect(webGPU.sync == .syncFile)
    var options = webGPU.producerOptions
    options.path = path
    var showing = webGPU.consumerOptions
    showing.path = path
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: app.host, context: app.context, options: options)
    let consumer = try RawGLConsumer(size: Self.size, host: app.host, context: app.context.gl, options: showing)
    let painter = try TestPainter(app.context.gl)
    for number in 0..<60 {
      if number == 30 {
        try producer.resize(to: PixelSize(width: 48, height: 70))
        try consumer.resize(to: PixelSize(width: 48, height: 70))
      }
      try cross(UInt64(number + 1), producer, consumer, webGPU, app, painter)
    }
    #expect(producer.status.path == path)
    #expect(app.errors == 0, "\(app.message)")
  }

  /// Dawn waits for nothing, and its fence is relayed: a device that imports no fence of GL's would do so.
  @Test(arguments: DawnAge.allCases) func framesWithCPUWaits(age: DawnAge) throws {
    guard let app = try DawnApplication.open(age) else { return }
    let image = try SharedImage(
      SharedImageDescription(size: Self.size), gl: app.context.gl, host: app.host, sync: .cpuWait)
    let shown = try SharedImage(
      SharedImageDescription(size: Self.size, direction: .vulkanToGL), gl: app.context.gl, host: app.host,
      sync: .cpuWait)
    let device = try app.adopt()
    let source = try WebGPUTexture(importing: try image.externalBundle(), into: device)
    let destination = try WebGPUTexture(importing: try shown.externalBundle(), into: device)
    for frame in 0..<20 {
      let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(frame + 1))
      var texture = TestGL.makeTexture(pattern.glBytes, Self.size, .rgba8, app.context.gl)
      try image.accessInGL {
        try TestGL.draw(texture: texture, into: try #require(image.glFramebuffer), Self.size, app.context.gl)
      }
      app.context.gl.gl.glDeleteTextures(1, &texture)
      try source.beginAccess(after: try image.acquireForExternal())
      try destination.beginAccess(after: try shown.acquireForExternal())
      app.copy(source.handle, to: destination.handle, Self.size)
      try image.releaseFromExternal(after: try source.endAccess(), layout: source.layout)
      try shown.releaseFromExternal(after: try destination.endAccess(), layout: destination.layout)
      var bytes: [UInt8] = []
      try shown.accessInGL {
        bytes = try app.context.gl.readPixels(try #require(shown.glFramebuffer), Self.size, .rgba8)
      }
      #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil, "frame \(frame)")
    }
    #expect(app.errors == 0, "\(app.message)")
  }

  /// Frames that Dawn does not use go on: GL's signal, which nobody waited for, comes back and is relayed.
  @Test func framesThatDawnDoesNotUse() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let webGPU = try app.interop()
    let (producer, consumer) = try rings(webGPU, app)
    let painter = try TestPainter(app.context.gl)
    for number in 1...20 {
      try webGPU.access(try producer.render { _ in }) { _ in }
      try cross(UInt64(number), producer, consumer, webGPU, app, painter)
    }
    #expect(app.errors == 0, "\(app.message)")
  }

  // MARK: Waits that are held back

  private static let held: UInt64 = 300_000_000
  private static let released: UInt64 = 5_000_000_000

  /// Whether the relay of Dawn's fence, a submission of Vulkan's, is still to be done.
  private func expectPending(_ image: SharedImage, _ what: Comment) {
    let error = #expect(throws: InteropError.self, what) { try image.waitForVulkan(timeout: .nanoseconds(Self.held)) }
    #expect(error?.code == .timeout)
  }

  /// GL's queue is held back by an image of another device: Dawn must not copy.
  @Test(arguments: DawnAge.allCases) func dawnWaitsForGL(age: DawnAge) throws {
    guard let app = try DawnApplication.open(age) else { return }
    let (gl, device) = (app.context.gl, try app.adopt())
    let holder = try app.anotherHost()
    let gate = try VulkanGate(holder)
    let held = try SharedImage(.init(size: Self.size), gl: gl, host: holder, sync: .semaphoreFD)
    let image = try SharedImage(.init(size: Self.size), gl: gl, host: app.host, sync: .semaphoreFD)
    let shown = try SharedImage(
      .init(size: Self.size, direction: .vulkanToGL), gl: gl, host: app.host, sync: .semaphoreFD)
    let source = try WebGPUTexture(importing: try image.externalBundle(), into: device)
    let destination = try WebGPUTexture(importing: try shown.externalBundle(), into: device)
    try held.accessInGL {}
    try held.access(.general) { commands in gate.hold(commands) }
    try held.acquireForGL()
    try image.accessInGL {
      gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), try #require(image.glFramebuffer))
      gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, 0, 1])
    }
    try source.beginAccess(after: try image.acquireForExternal())
    try destination.beginAccess(after: try shown.acquireForExternal(), isInitialized: false)
    app.copy(source.handle, to: destination.handle, Self.size)
    try shown.releaseFromExternal(after: try destination.endAccess(), layout: destination.layout)
    try image.releaseFromExternal(after: try source.endAccess(), layout: source.layout)
    expectPending(image, "Dawn did not wait for GL")
    gate.open()
    try image.waitForVulkan()
    try held.releaseFromGL()
    try held.access(.general) { (_) throws(InteropError) in }
    try held.waitForVulkan()
    var bytes: [UInt8] = []
    try shown.accessInGL { bytes = try gl.readPixels(try #require(shown.glFramebuffer), Self.size, .rgba8) }
    #expect(bytes == (0..<Self.size.width * Self.size.height).flatMap { _ in [0, 255, 0, 255] })
    #expect(app.errors == 0, "\(app.message)")
  }

  /// Dawn's queue is held back by an image of another device, which plain Vulkan code writes: neither Dawn nor GL must go
  /// on. GL's own queue has nothing else to wait for.
  @Test(arguments: DawnAge.allCases) func glWaitsForDawn(age: DawnAge) throws {
    guard let app = try DawnApplication.open(age) else { return }
    let (gl, device) = (app.context.gl, try app.adopt())
    let other = try app.anotherHost()
    let gate = try VulkanGate(other)
    let engine = try ForeignEngine(
      other, Self.size, .semaphoreFD, flags: UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue))
    engine.gate = gate
    let shown = try SharedImage(
      .init(size: Self.size, direction: .vulkanToGL), gl: gl, host: app.host, sync: .semaphoreFD)
    let source = try WebGPUTexture(importing: try engine.bundle(), into: device)
    let destination = try WebGPUTexture(importing: try shown.externalBundle(), into: device)
    let pattern = PixelPattern(Self.size, .rgba8, seed: 11)
    try source.beginAccess(after: try engine.write(pattern.vulkanBytes))
    try destination.beginAccess(after: try shown.acquireForExternal(), isInitialized: false)
    app.copy(source.handle, to: destination.handle, Self.size)
    try shown.releaseFromExternal(after: try destination.endAccess(), layout: destination.layout)
    expectPending(shown, "Dawn did not wait for the image's giver")
    try shown.acquireForGL()
    let fence = gl.gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    let early = gl.gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), Self.held)
    #expect(early == GLenum(GL_TIMEOUT_EXPIRED), "GL did not wait for Dawn")
    gate.open()
    let late = gl.gl.glClientWaitSync(fence, 0, Self.released)
    #expect(late == GLenum(GL_CONDITION_SATISFIED) || late == GLenum(GL_ALREADY_SIGNALED))
    gl.gl.glDeleteSync(fence)
    let bytes = try gl.readPixels(try #require(shown.glFramebuffer), Self.size, .rgba8)
    try shown.releaseFromGL()
    #expect(PixelPattern.difference(bytes, pattern.glBytes, Self.size, .rgba8) == nil)
    _ = try source.endAccess()
    #expect(app.errors == 0, "\(app.message)")
  }

  @Test func nothingGrows() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let webGPU = try app.interop()
    let (producer, consumer) = try rings(webGPU, app)
    let painter = try TestPainter(app.context.gl)
    var sizes: [Int] = []
    var descriptors: [Int] = []
    for _ in 0..<5 {
      for number in 0..<2_000 {
        if number % 100 == 0 {
          try cross(UInt64(number + 1), producer, consumer, webGPU, app, painter)
          continue
        }
        var target: VulkanTarget? = try consumer.nextTarget()
        try webGPU.access(try producer.render { _ in }) { source in
          if let taken = target.take() {
            let frame = try webGPU.draw(into: taken) { app.copy(source, to: $0, Self.size) }
            try frame.acquire()
            try frame.release()
          }
        }
        app.process()
      }
      sizes.append(ProcessMemory.residentKiB())
      descriptors.append(OpenFiles.count())
    }
    // Others of the process may close some.
    #expect(descriptors[4] <= descriptors[1], "\(descriptors)")
    // The first part fills caches. 8,000 frames of one descriptor or object each would be seen.
    #expect(sizes[4] - sizes[1] < 2048, "resident KiB after each 2,000 frames: \(sizes)")
  }

  /// The proof and the rings leave the application's GL state as it is: a scissor that the application has not set cuts
  /// its next picture.
  @Test func theApplicationsStateStays() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let gl = app.context.gl.gl
    gl.glScissor(3, 4, 5, 6)
    func state() -> [GLint] {
      var box = [GLint](repeating: 0, count: 4)
      gl.glGetIntegerv(GLenum(GL_SCISSOR_BOX), &box)
      let names = [GL_SCISSOR_TEST, GL_FRAMEBUFFER_BINDING, GL_READ_FRAMEBUFFER_BINDING, GL_TEXTURE_BINDING_2D]
      return box + names.map { GLint(app.context.gl.integer($0)) }
    }
    let before = state()
    #expect(before.prefix(4) == [3, 4, 5, 6])
    let webGPU = try app.interop()
    #expect(state() == before)
    let (producer, consumer) = try rings(webGPU, app)
    #expect(state() == before)
    withExtendedLifetime((producer, consumer)) {}
  }

  // MARK: Devices that cannot

  /// What the application has not requested is said by the feature's name.
  @Test(arguments: DawnAge.allCases) func aFeatureThatIsMissing(age: DawnAge) throws {
    let memory: [UInt32] = age == .of2026 ? [0x5001F, 0x50020] : [0x50023, 0x50024]
    let fences: [UInt32] = age == .of2026 ? [0x50026, 0x50027] : [0x5002A, 0x5002B]
    guard let without = try DawnApplication.open(age, leavingOut: memory) else { return }
    let noMemory = #expect(throws: InteropError.self) { _ = try without.adopt() }
    #expect(noMemory?.code == .unsupported)
    #expect(noMemory?.missing == ["SharedTextureMemoryOpaqueFD or SharedTextureMemoryDmaBuf"])
    let unfenced = try #require(try DawnApplication.open(age, leavingOut: fences))
    let noFences = #expect(throws: InteropError.self) { _ = try unfenced.adopt() }
    #expect(noFences?.missing == ["SharedFenceVkSemaphoreOpaqueFD or SharedFenceSyncFD"])
  }

  /// A library that is no Dawn, and a file that is no library.
  @Test func librariesThatAreNoDawn() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let device = try #require(app.dawn.device)
    let libc = #expect(throws: InteropError.self) {
      _ = try WebGPUDevice(adopting: device, library: .path("libc.so.6"))
    }
    #expect(libc?.code == .driverMissing && libc?.missing == ["wgpuDeviceAddRef"])
    let nowhere = #expect(throws: InteropError.self) {
      _ = try WebGPUDevice(adopting: device, library: .path("/nonexistent/libwebgpu_dawn.so"))
    }
    #expect(nowhere?.code == .driverMissing)
    // The tests do not link Dawn.
    let process = #expect(throws: InteropError.self) { _ = try WebGPUDevice(adopting: device) }
    #expect(process?.code == .driverMissing)
  }

  /// What is wrong with a bundle is found before Dawn has it, or Dawn finds it; either way it is an error, and the next
  /// one is right.
  @Test func bundlesThatAreWrong() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let device = try app.adopt()
    let image = try SharedImage(
      SharedImageDescription(size: Self.size), gl: app.context.gl, host: app.host, sync: .semaphoreFD)
    func code(_ edit: (inout ExternalImageBundle) -> Void) throws -> InteropError.Code? {
      var bundle = try image.externalBundle()
      edit(&bundle)
      do throws(InteropError) {
        _ = try WebGPUTexture(importing: bundle, into: device)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(try code { $0.description.size.width = 0 } == .invalidArgument)
    #expect(try code { $0.description.size = PixelSize(width: 4096, height: 4096) } == .invalidArgument)
    #expect(try code { $0.description.usage = 0 } == .invalidArgument)
    #expect(try code { $0.description.allocationSize = 1 } == .invalidArgument)
    #expect(try code { $0.description.allocationSize *= 2 } == .invalidArgument)
    #expect(try code { $0.description.sync = .timelineSemaphore } == .unsupported)
    #expect(try code { $0.giverDone = nil } == .invalidArgument)
    #expect(try code { _ in } == nil)
  }

  @Test func accessesOutOfOrder() throws {
    guard let app = try DawnApplication.open(.of2026) else { return }
    let image = try SharedImage(
      SharedImageDescription(size: Self.size), gl: app.context.gl, host: app.host, sync: .semaphoreFD)
    let texture = try WebGPUTexture(importing: try image.externalBundle(), into: try app.adopt())
    let ended = #expect(throws: InteropError.self) { _ = try texture.endAccess() }
    #expect(ended?.code == .invalidState)
    let other = #expect(throws: InteropError.self) { try texture.beginAccess(after: .timeline(3)) }
    #expect(other?.code == .invalidArgument)
    try image.accessInGL {}
    try texture.beginAccess(after: try image.acquireForExternal())
    let twice = #expect(throws: InteropError.self) { try texture.beginAccess(after: .done) }
    #expect(twice?.code == .invalidState)
    try image.releaseFromExternal(after: try texture.endAccess(), layout: texture.layout)
    try image.accessInGL {}
  }
}
