import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Driver calls that fail below a ``RawGLConsumer``, and waits that are held back.
@Suite("Raw GL consumer, failures and waits", .serialized) struct RawGLConsumerFailureTests {
  static let size = PixelSize(width: 16, height: 8)

  private func sync(_ context: SurfacelessContext, _ host: VulkanHost) -> SyncKind {
    context.gl.hasSemaphoreFD && host.canExportSemaphores ? .semaphoreFD : .cpuWait
  }

  private func consumer(
    _ path: TransferPath?, _ context: SurfacelessContext, _ host: VulkanHost,
    _ change: (inout ConsumerOptions) -> Void = { _ in }
  ) throws -> RawGLConsumer {
    let sync = sync(context, host)
    return try RawGLConsumer(
      size: Self.size, host: host, context: context.gl,
      options: RawGLConsumerTests.options(path) {
        $0.framesInFlight = 2
        $0.capability = .nowhere
        if path != nil, path != .hostCopy { $0.sync = sync }
        change(&$0)
      })
  }

  private func fill(_ target: consuming VulkanTarget, _ host: VulkanHost, _ red: Int) throws -> GLFrame {
    try RawGLConsumerTests.fill(target, host, [Float(red) / 255, 0, 1, 1])
  }

  private func firstPixel(_ frame: consuming GLFrame, _ context: GLContext) throws -> [UInt8] {
    let (size, found) = (frame.size, frame.framebuffer)
    let framebuffer = try #require(found)
    return try frame.access { _ in Array(try context.readPixels(framebuffer, size, .rgba8).prefix(4)) }
  }

  /// Every call of making one, of its frames in each way, of a dropped frame and of a resize fails once.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func everyCallFails(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    // An image with less usage is made when the device refuses one; a slot that cannot be given back cleanly, or a
    // frame that cannot be dropped at once, is reported in the log, and so is a context's own ring that is replaced.
    var tolerated: Set<String> = [
      "vkGetPhysicalDeviceImageFormatProperties2", "vkGetFenceStatus", "vkQueueSubmit", "vkWaitForFences",
      "vkResetFences",
      "glWaitSemaphoreEXT", "glSignalSemaphoreEXT", "vkCreateCommandPool", "vkCreateFence", "vkAllocateCommandBuffers",
    ]
    // A texture that GL cannot read from can still be sampled.
    if path == .hostCopy { tolerated.insert("glCheckFramebufferStatus") }
    try FailureInjection.everyCall("consumer \(path)", tolerated: tolerated, in: context) { kept in
      let consumer = try consumer(path, context, host) { $0.backPressure = .wait(timeout: .milliseconds(1)) }
      kept.append(consumer)
      try fill(try consumer.nextTarget(), host, 1).access { _ in }
      let target = try consumer.nextTarget()
      try target.acquire(.general)
      let frame = try target.release()
      try frame.acquire()
      try frame.release()
      let barriers = try consumer.nextTarget()
      _ = try barriers.acquireBarrier(.general)
      try barriers.cancelAcquire()
      barriers.drop()
      try fill(try consumer.nextTarget(), host, 2).drop()
      try fill(try consumer.nextTarget(), host, 3).access { _ in }
      try consumer.resize(to: PixelSize(width: 8, height: 8))
      try fill(try consumer.nextTarget(), host, 4).access { _ in }
    }
  }

  /// Vulkan's submission fails: the error is its caller's, and the GL thread takes the next way.
  @Test func aFailureWhileRenderingMovesOn() throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      let log = LoggedLines()
      let consumer = try consumer(nil, context, host) { $0.logger = log.logger }
      #expect(consumer.status.path == .opaqueFD)
      try fill(try consumer.nextTarget(), host, 10).drop()
      let held = try fill(try consumer.nextTarget(), host, 11)
      let before = consumer.status.sync
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkQueueSubmit" }) {
        _ = try fill(try consumer.nextTarget(), host, 12)
      }
      #expect(failed == "vkQueueSubmit")
      let found = error as? InteropError
      #expect(found?.step == "vkQueueSubmit")
      try consumer.poll()
      let moved = consumer.status.path != .opaqueFD || consumer.status.sync != before
      #expect(moved)
      #expect(consumer.status.fellBackFrom.first?.path == .opaqueFD)
      #expect(consumer.status.fellBackFrom.first?.reason.contains("vkQueueSubmit") == true)
      #expect(log.all.filter { $0.contains(", now ") }.count == 1, "\(log.all)")
      let left = consumer.status.fellBackFrom.count
      // Frames of the old way are shown, those of the new one follow.
      #expect(try firstPixel(held, context.gl) == [11, 0, 255, 255])
      for red in 20..<30 {
        let pixel = try firstPixel(try fill(try consumer.nextTarget(), host, red), context.gl)
        #expect(pixel == [UInt8(red), 0, 255, 255])
      }
      #expect(consumer.status.retiredSlotCount == 0)
      try consumer.resize(to: PixelSize(width: 30, height: 20))
      #expect(
        consumer.status.fellBackFrom.count == left && consumer.status.path == .hostCopy
          || consumer.status.sync != before,
        "a way that failed is not taken again")
    }
  }

  /// GL's wait fails: that frame is lost with an error, the next ones go another way, down to host-copy.
  @Test func aFailureWhileAcquiringMovesOn() throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      let log = LoggedLines()
      let consumer = try consumer(nil, context, host) { $0.logger = log.logger }
      var paths: [String] = []
      for round in 0..<4 where consumer.status.path != .hostCopy {
        paths.append(consumer.status.path.rawValue + consumer.status.sync.rawValue)
        let frame = HeldFrame(try fill(try consumer.nextTarget(), host, 10))
        let (error, failed) = DriverTrace.failingCall(
          1, matching: { ["glWaitSemaphoreEXT", "vkWaitForFences", "eglWaitSyncKHR"].contains($0) }
        ) {
          try frame.take().access { _ in }
        }
        #expect(failed != nil)
        #expect(error is InteropError, "\(String(describing: error))")
        let pixel = try firstPixel(try fill(try consumer.nextTarget(), host, 40 + round), context.gl)
        #expect(pixel == [UInt8(40 + round), 0, 255, 255])
      }
      #expect(consumer.status.path == .hostCopy)
      #expect(Set(paths).count == paths.count, "\(paths)")
      #expect(log.all.filter { $0.contains(", now ") }.count == paths.count, "\(log.all)")
    }
  }

  /// A way that the caller named is not left.
  @Test func aNamedPathIsNotLeft() throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      let consumer = try consumer(.opaqueFD, context, host)
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkQueueSubmit" }) {
        _ = try fill(try consumer.nextTarget(), host, 1)
      }
      #expect(failed == "vkQueueSubmit")
      #expect(error is InteropError)
      try consumer.poll()
      #expect(consumer.status.path == .opaqueFD)
      #expect(consumer.status.fellBackFrom.isEmpty)
      let pixel = try firstPixel(try fill(try consumer.nextTarget(), host, 30), context.gl)
      #expect(pixel == [30, 0, 255, 255])
    }
  }

  /// Once the frames go round nothing is made.
  @Test(arguments: TestStack.abilities.paths) func aFrameMakesNothing(path: TransferPath) throws {
    let (context, host) = try TestStack.open(traced: true)
    let consumer = try consumer(path, context, host)
    func frames(_ count: Int) throws {
      for red in 0..<count {
        let pixel = try firstPixel(try fill(try consumer.nextTarget(), host, red & 255), context.gl)
        #expect(pixel[0] == UInt8(red & 255))
        try fill(try consumer.nextTarget(), host, 1).drop()
      }
    }
    try frames(10)
    context.gl.gl.glFinish()
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.list()
    try frames(200)
    context.gl.gl.glFinish()
    #expect(LiveObjects.snapshot().changes(since: objects) == [])
    #expect(FailureInjection.leftOpen(since: files) == [])
  }

  /// What no software driver minds: what Vulkan drew keeps its content through every barrier until it is copied, or GL
  /// has it; only when an access to a host-copy image begins may it be discarded.
  @Test(arguments: TestStack.abilities.paths) func barriersKeepWhatVulkanDrew(path: TransferPath) throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      let consumer = try consumer(path, context, host)
      let calls = try DriverTrace.record(on: .current) {
        for way in 0..<6 {
          let target = try consumer.nextTarget()
          if way % 2 == 0 {
            try target.access(.colorAttachment) { (_, _) throws(InteropError) in }.access { _ in }
          } else {
            try target.acquire(.colorAttachment)
            try target.release().access { _ in }
          }
        }
      }
      var layouts: [UInt32] = []
      for call in calls {
        guard case .barrier(let barrier)? = call.details else { continue }
        for image in barrier.images { layouts += [image.oldLayout.rawValue, image.newLayout.rawValue] }
      }
      let drawn = VulkanAccess.colorAttachment.layout.rawValue
      let access =
        path == .hostCopy
        ? [VK_IMAGE_LAYOUT_UNDEFINED.rawValue, drawn, drawn, VulkanAccess.transferSource.layout.rawValue]
        : [VK_IMAGE_LAYOUT_GENERAL.rawValue, drawn, drawn, VK_IMAGE_LAYOUT_GENERAL.rawValue]
      #expect(layouts == (0..<6).flatMap { _ in access })
      let copies = calls.count { $0.name == "vkCmdCopyImageToBuffer" }
      let uploads = calls.count { $0.name == "glTexSubImage2D" }
      #expect(copies == (path == .hostCopy ? 6 : 0))
      #expect(uploads == copies)
    }
  }

  // MARK: Waits that are held back

  /// Vulkan's frame is held back by a gate; GL must not have drawn with it.
  @Test(arguments: [SyncKind.semaphoreFD, .timelineSemaphore]) func glWaitsForVulkan(sync: SyncKind) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.shares(sync, context.api) else { return }
    let gl = context.gl.gl
    let consumer = try RawGLConsumer(
      size: Self.size, host: host, context: context.gl,
      options: RawGLConsumerTests.options(.opaqueFD) {
        $0.sync = sync
        $0.capability = .nowhere
      })
    let landing = try AppFramebuffer(context.gl, Self.size, .rgba8)
    let gate = try VulkanGate(host)
    let frame = try consumer.nextTarget().access(.transferDestination) { (commands, image) throws(InteropError) in
      gate.hold(commands)
      RawGLConsumerTests.clear(image, [1, 0, 0.2, 1], commands, host)
    }
    try frame.acquire()
    try TestGL.draw(texture: frame.texture, into: landing.name, Self.size, context.gl)
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    let held = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 300_000_000)
    #expect(held == GLenum(GL_TIMEOUT_EXPIRED), "GL did not wait")
    gate.open()
    let done = gl.glClientWaitSync(fence, 0, 5_000_000_000)
    #expect(done == GLenum(GL_CONDITION_SATISFIED) || done == GLenum(GL_ALREADY_SIGNALED))
    gl.glDeleteSync(fence)
    try frame.release()
    let pixels = try landing.read(context.gl)
    #expect(Array(pixels.prefix(4)) == [255, 0, 51, 255])
  }

  /// GL is held back while it has a frame; Vulkan's next access to that image must not be done.
  @Test(arguments: [SyncKind.semaphoreFD, .timelineSemaphore]) func vulkanWaitsForGL(sync: SyncKind) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.shares(sync, context.api) else { return }
    // GL's own queue is held by an image of another device, so that Vulkan's queue here stays free.
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = TestStack.layers
    let holder = try VulkanHost.create(options)
    let gate = try VulkanGate(holder)
    func make(_ host: VulkanHost) throws -> RawGLConsumer {
      try RawGLConsumer(
        size: Self.size, host: host, context: context.gl,
        options: RawGLConsumerTests.options(.opaqueFD) {
          $0.sync = sync
          $0.framesInFlight = 1
          $0.capability = .nowhere
        })
    }
    let (held, consumer) = (try make(holder), try make(host))
    let landing = try AppFramebuffer(context.gl, Self.size, .rgba8)
    let first = try fill(try consumer.nextTarget(), host, 1)
    let holding = try held.nextTarget().access(.general) { (commands, _) throws(InteropError) in gate.hold(commands) }
    try holding.acquire()
    try first.acquire()
    try TestGL.draw(texture: first.texture, into: landing.name, Self.size, context.gl)
    try first.release()
    let second = try fill(try consumer.nextTarget(), host, 2)
    // A fence of our own, behind the access.
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    try commands.submit(nil)
    let error = #expect(throws: InteropError.self) { try commands.finish(timeout: .milliseconds(300)) }
    #expect(error?.code == .timeout, "Vulkan did not wait")
    gate.open()
    try commands.finish()
    try holding.release()
    #expect(Array(try landing.read(context.gl).prefix(4)) == [1, 0, 255, 255])
    #expect(try firstPixel(second, context.gl) == [2, 0, 255, 255])
  }

  /// Without semaphores it is the thread that acquires which waits.
  @Test(arguments: [TransferPath.opaqueFD, .hostCopy]) func theCPUWaitsForVulkan(path: TransferPath) throws {
    let (context, host) = try TestStack.open()
    let consumer = try RawGLConsumer(
      size: Self.size, host: host, context: context.gl,
      options: RawGLConsumerTests.options(path) {
        $0.sync = .cpuWait
        $0.capability = .nowhere
      })
    let gate = try VulkanGate(host)
    let frame = HeldFrame(
      try consumer.nextTarget().access(.transferDestination) { (commands, image) throws(InteropError) in
        gate.hold(commands)
        RawGLConsumerTests.clear(image, [1, 0, 0.2, 1], commands, host)
      })
    var pixel: [UInt8] = []
    let begun = ContinuousClock.now
    var taken = ContinuousClock.now
    try withThread {
      usleep(200_000)
      gate.open()
    } during: {
      try frame.acquire()
      taken = ContinuousClock.now
      let found = frame.framebuffer
      let framebuffer = try #require(found)
      pixel = Array(try context.gl.readPixels(framebuffer, Self.size, .rgba8).prefix(4))
      try frame.release()
    }
    #expect(taken - begun >= .milliseconds(190), "GL began while Vulkan had the image")
    #expect(pixel == [255, 0, 51, 255])
  }
}
