import Glibc
import GLVulkanInterop
import Synchronization
import TestSupport
import Testing

/// A missing wait goes unnoticed most of the time, so here the signal is really held back: by a VkEvent that the CPU
/// sets later.
@Suite("Waits that are held back", .serialized) struct GatedWaitTests {
  static let size = PixelSize(width: 16, height: 16)

  /// vkCmdWaitEvents on an event of ours, and its release.
  private final class Gate {
    private let host: VulkanHost
    private let event: VkEvent
    private let destroy: PFN_vkDestroyEvent
    private let set: PFN_vkSetEvent
    private let cmdWait: PFN_vkCmdWaitEvents
    private var kept: VulkanCommands?

    init(_ host: VulkanHost) throws {
      self.host = host
      let getDeviceProcAddr = host.instanceFunctions.vkGetDeviceProcAddr
      let device = host.device
      func load<F>(_ name: String) throws -> F {
        unsafeBitCast(try #require(getDeviceProcAddr(device, name)), to: F.self)
      }
      let create: PFN_vkCreateEvent = try load("vkCreateEvent")
      destroy = try load("vkDestroyEvent")
      set = try load("vkSetEvent")
      cmdWait = try load("vkCmdWaitEvents")
      var info = VkEventCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_EVENT_CREATE_INFO
      var made: VkEvent?
      try create(device, &info, nil, &made).check("vkCreateEvent", "no event")
      event = try #require(made)
    }

    deinit {
      kept = nil
      destroy(host.device, event, nil)
    }

    /// Command buffers that hold the gate live as long as it does: giving them up waits for the device.
    func keep(_ commands: VulkanCommands) { kept = commands }

    func hold(_ commands: VkCommandBuffer) {
      var event: VkEvent? = event
      cmdWait(
        commands, 1, &event, UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
        UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue), 0, nil, 0, nil, 0, nil)
    }

    func open() { _ = set(host.device, event) }
  }

  private func hasSemaphores(_ context: SurfacelessContext, _ host: VulkanHost) -> Bool {
    if context.gl.hasSemaphoreFD, host.canExportSemaphores { return true }
    TestStack.skip("waits between GPUs: GL and Vulkan share no semaphores here")
    return false
  }

  /// Vulkan's turn with a gate in it (nil for none), as one submission or as the acquire, the host's own and the release.
  private func turn(_ image: SharedImage, separately: Bool, _ gate: Gate?) throws {
    guard separately else { return try image.accessInVulkan(.general) { commands in gate?.hold(commands) } }
    try image.submitAcquire(.general)
    if let gate {
      let host = try VulkanCommands(host: image.host, queue: image.host.queues[0])
      gate.keep(host)
      try host.submit(try host.record(.first) { gate.hold($0) })
    }
    try image.submitRelease()
  }

  @Test(arguments: [false, true]) func glWaitsForVulkansSignal(separately: Bool) throws {
    let (context, host) = try TestStack.open(TestStack.apis[0])
    guard hasSemaphores(context, host) else { return }
    let gl = context.gl.gl
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .semaphoreFD)
    let gate = try Gate(host)
    try image.withGLAccess {}
    try turn(image, separately: separately, gate)
    try image.beginGLAccess()
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), try #require(image.glFramebuffer))
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 1])
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    let held = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 300_000_000)
    #expect(held == GLenum(GL_TIMEOUT_EXPIRED), "GL did not wait")
    gate.open()
    let done = gl.glClientWaitSync(fence, 0, 5_000_000_000)
    #expect(done == GLenum(GL_CONDITION_SATISFIED) || done == GLenum(GL_ALREADY_SIGNALED))
    gl.glDeleteSync(fence)
    try image.endGLAccess()
    let pixels = try image.readInVulkan()
    #expect(Array(pixels.prefix(4)) == [255, 0, 0, 255])
  }

  @Test(arguments: [false, true]) func vulkanWaitsForGLsSignal(separately: Bool) throws {
    let (context, host) = try TestStack.open(TestStack.apis[0])
    guard hasSemaphores(context, host) else { return }
    let gl = context.gl.gl
    // GL's own queue is held by an image of another device, so that Vulkan's queue here stays free.
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = TestStack.layers
    let holder = try VulkanHost.create(options)
    let gate = try Gate(holder)
    let held = try SharedImage(.init(size: Self.size), gl: context.gl, host: holder, sync: .semaphoreFD)
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .semaphoreFD)
    try held.withGLAccess {}
    try held.accessInVulkan(.general) { commands in gate.hold(commands) }
    try held.beginGLAccess()
    try image.withGLAccess {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), try #require(image.glFramebuffer))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, 0, 1])
    }
    try turn(image, separately: separately, nil)
    let error = #expect(throws: InteropError.self) { try image.waitForVulkan(timeout: .milliseconds(300)) }
    #expect(error?.code == .timeout, "Vulkan did not wait")
    gate.open()
    try image.waitForVulkan()
    try held.endGLAccess()
    try held.accessInVulkan(.general) { (_) throws(InteropError) in }
    try held.waitForVulkan()
    try image.withGLAccess {}
    let pixels = try image.readInVulkan()
    #expect(Array(pixels.prefix(4)) == [0, 255, 0, 255])
  }

  @Test func theCPUWaitsForVulkan() throws {
    let (context, host) = try TestStack.open(TestStack.apis[0])
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .cpuWait)
    let gate = try Gate(host)
    try image.withGLAccess {}
    try image.accessInVulkan(.general) { commands in gate.hold(commands) }
    let opened = Atomic<Bool>(false)
    try withThread {
      usleep(200_000)
      opened.store(true, ordering: .releasing)
      gate.open()
    } during: {
      try image.beginGLAccess()
      let wasOpened = opened.load(ordering: .acquiring)
      #expect(wasOpened, "GL began while Vulkan had the image")
      try image.endGLAccess()
    }
  }

  @Test func aWaitThatTakesTooLongIsAnErrorAndCanBeRepeated() throws {
    let (context, host) = try TestStack.open(TestStack.apis[0])
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .cpuWait)
    let gate = try Gate(host)
    try image.withGLAccess {}
    try image.accessInVulkan(.general) { commands in gate.hold(commands) }
    let error = #expect(throws: InteropError.self) { try image.waitForVulkan(timeout: .milliseconds(50)) }
    #expect(error?.code == .timeout)
    gate.open()
    try image.waitForVulkan()
    try image.withGLAccess {}
  }
}
