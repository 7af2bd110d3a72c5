import Glibc
import GLVulkanInterop
import InteropTestSupport
import Testing

/// A missing wait goes unnoticed most of the time, so here the signal is really held back: by a VkEvent that the CPU
/// sets later.
@Suite("Waits that are held back", .serialized) struct GatedWaitTests {
  static let size = PixelSize(width: 16, height: 16)

  /// The syncs by which GPUs wait for each other, without the kernel's fences: PendingWaitTests holds those back.
  static let syncs: [SyncKind] = [.semaphoreFD, .timelineSemaphore]

  /// How Vulkan takes its access.
  enum Way: CaseIterable {
    case access
    /// The acquire, the application's own submission and the release.
    case submissions
    /// As ``access``, with another queue taking the image from GL.
    case acrossQueues
  }

  /// A Vulkan access with a gate in the application's commands (nil for none).
  private func access(_ image: SharedImage, _ way: Way, by pair: ManyQueues.Pair?, _ gate: VulkanGate?) throws {
    guard way == .submissions else {
      return try image.access(.general, on: AccessQueues(pair?.using, ownership: pair?.ownership)) { commands in
        gate?.hold(commands)
      }
    }
    try image.acquire(.general)
    if let gate {
      let host = try VulkanCommands(host: image.host, queue: image.host.queues[0])
      gate.keep(host)
      try host.submit(try host.record(.first) { gate.hold($0) })
    }
    try image.release()
  }

  private func open(for way: Way) throws -> (SurfacelessContext, VulkanHost, ManyQueues.Pair?) {
    guard way == .acrossQueues else {
      let (context, host) = try TestStack.open()
      return (context, host, nil)
    }
    let queues = try ManyQueues(TestStack.abilities.apis[0])
    return (queues.context, queues.host, queues.typical)
  }

  @Test(arguments: Way.allCases, syncs) func glWaitsForVulkansSignal(way: Way, sync: SyncKind) throws {
    let (context, host, pair) = try open(for: way)
    guard TestStack.abilities.shares(sync, context.api) else { return }
    let gl = context.gl.gl
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: sync)
    let gate = try VulkanGate(host)
    try image.accessInGL {}
    try access(image, way, by: pair, gate)
    try image.acquireForGL()
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), try #require(image.glFramebuffer))
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 1])
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    let held = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 300_000_000)
    #expect(held == GLenum(GL_TIMEOUT_EXPIRED), "GL did not wait")
    gate.open()
    let done = gl.glClientWaitSync(fence, 0, 5_000_000_000)
    #expect(done == GLenum(GL_CONDITION_SATISFIED) || done == GLenum(GL_ALREADY_SIGNALED))
    gl.glDeleteSync(fence)
    try image.releaseFromGL()
    let pixels = try image.readInVulkan()
    #expect(Array(pixels.prefix(4)) == [255, 0, 0, 255])
  }

  @Test(arguments: Way.allCases, syncs) func vulkanWaitsForGLsSignal(way: Way, sync: SyncKind) throws {
    let (context, host, pair) = try open(for: way)
    guard TestStack.abilities.shares(sync, context.api) else { return }
    let gl = context.gl.gl
    // GL's own queue is held by an image of another device, so that Vulkan's queue here stays free.
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = TestStack.layers
    let holder = try VulkanHost.create(options)
    let gate = try VulkanGate(holder)
    let held = try SharedImage(.init(size: Self.size), gl: context.gl, host: holder, sync: sync)
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: sync)
    try held.accessInGL {}
    try held.access(.general) { commands in gate.hold(commands) }
    try held.acquireForGL()
    try image.accessInGL {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), try #require(image.glFramebuffer))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, 0, 1])
    }
    try access(image, way, by: pair, nil)
    let error = #expect(throws: InteropError.self) { try image.waitForVulkan(timeout: .milliseconds(300)) }
    #expect(error?.code == .timeout, "Vulkan did not wait")
    gate.open()
    try image.waitForVulkan()
    try held.releaseFromGL()
    try held.access(.general) { (_) throws(InteropError) in }
    try held.waitForVulkan()
    try image.accessInGL {}
    let pixels = try image.readInVulkan()
    #expect(Array(pixels.prefix(4)) == [0, 255, 0, 255])
  }

  @Test(arguments: [Way.access, .acrossQueues]) func theCPUWaitsForVulkan(way: Way) throws {
    let (context, host, pair) = try open(for: way)
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .cpuWait)
    let gate = try VulkanGate(host)
    try image.accessInGL {}
    let opened = Atomic<Bool>(false)
    try withThread {
      usleep(200_000)
      opened.store(true, ordering: .releasing)
      gate.open()
    } during: {
      // In here, since lavapipe's vkQueueSubmit itself waits for a semaphore whose signal is held back.
      try access(image, way, by: pair, gate)
      try image.acquireForGL()
      let wasOpened = opened.load(ordering: .acquiring)
      #expect(wasOpened, "GL began while Vulkan had the image")
      try image.releaseFromGL()
    }
  }

  /// Who takes the image after an access that is held back.
  enum Next: CaseIterable { case anotherQueue, taker }

  /// Two queues must not wait for GL's binary semaphore at once: the later wait could take the signal of the earlier one.
  @Test(arguments: Next.allCases) func oneQueueWaitsForGLAtATime(next: Next) throws {
    let queues = try ManyQueues(TestStack.abilities.apis[0])
    guard TestStack.abilities.shares(.semaphoreFD, queues.context.api) else { return }
    let pair = queues.typical
    let image = try SharedImage(.init(size: Self.size), gl: queues.context.gl, host: queues.host, sync: .semaphoreFD)
    let gate = try VulkanGate(queues.host)
    try image.accessInGL {}
    try image.access(.general, on: AccessQueues(pair.using)) { commands in gate.hold(commands) }
    try image.accessInGL {}
    let opened = Atomic<Bool>(false)
    var point: ExternalPoint?
    try withThread {
      usleep(200_000)
      opened.store(true, ordering: .releasing)
      gate.open()
    } during: {
      switch next {
      case .anotherQueue: try image.access(.general, on: AccessQueues(pair.ownership)) { _ in }
      case .taker: point = try image.acquireForExternal()
      }
      let wasOpened = opened.load(ordering: .acquiring)
      #expect(wasOpened, "two queues waited for one signal")
    }
    if let given = point.take() {
      let taken = try ExternalImage(importing: try image.externalBundle(), host: queues.host)
      try image.releaseFromExternal(after: try taken.access(.general, after: given) { _ in })
    }
  }

  @Test func aWaitThatTakesTooLongIsAnErrorAndCanBeRepeated() throws {
    let (context, host) = try TestStack.open()
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .cpuWait)
    let gate = try VulkanGate(host)
    try image.accessInGL {}
    try image.access(.general) { commands in gate.hold(commands) }
    let error = #expect(throws: InteropError.self) { try image.waitForVulkan(timeout: .milliseconds(50)) }
    #expect(error?.code == .timeout)
    gate.open()
    try image.waitForVulkan()
    try image.accessInGL {}
  }
}
