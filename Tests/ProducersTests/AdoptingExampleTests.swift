import Foundation
import InteropTestSupport
import Testing

// EXAMPLE-BEGIN
import GLVulkanInterop

/// What a program with an OpenGL context adds.
final class VulkanOutput {
  let producer: RawGLProducer
  let frames = FrameQueue<Frame>()
  /// Why there was no frame the last time.
  private(set) var nothingToShow: InteropError?

  /// Once, on the GL thread, with the context current.
  init(_ windowSize: PixelSize, host: VulkanHost? = nil) throws(InteropError) {
    var options = ProducerOptions(orientation: .topDown)
    options.backPressure = .dropOldest(timeout: .seconds(1))
    producer = try RawGLProducer(size: windowSize, host: host, options: options)
  }

  /// Each frame, on the GL thread: it is drawn, and not yet swapped.
  func frameIsDrawn(in framebuffer: GLuint = 0) throws(InteropError) {
    do {
      frames.send(try producer.submit(framebuffer: framebuffer))
      nothingToShow = nil
    } catch let error where error.code == .invalidArgument {
      // The window is minimised, or the framebuffer not complete: the next frame may be right.
      nothingToShow = error
    }
  }

  /// On any thread, again and again.
  func showFrame(_ record: (VkCommandBuffer, VkImage) throws -> Void) throws {
    guard let frame = frames.receive(timeout: .milliseconds(100)) else { return }
    do {
      try frame.access(.transferSource, record)
    } catch let error as InteropError where error.code == .invalidState {
      // It was dropped meanwhile: a newer one is in the queue.
    }
  }

  /// On the GL thread, before the context goes. Frames that are out stay valid.
  func contextGoes() throws(InteropError) {
    frames.close()
    try producer.contextWillBeDestroyed()
  }
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// A frame in a submission of the application's own, beside whatever else it submits.
func submit(
  _ frame: consuming Frame, _ host: VulkanHost, _ queue: VulkanQueue, _ commands: VkCommandBuffer, _ fence: VkFence,
  record: (VkImage) -> Void
) throws(InteropError) {
  // `commands` is being recorded.
  let acquire = try frame.acquireBarrier(.transferSource, on: AccessQueues(queue))
  acquire.record(into: commands, host.vk)
  record(frame.image)
  let release = try frame.releaseBarrier(.transferSource)
  release.record(into: commands, host.vk)
  try host.vk.vkEndCommandBuffer(commands).check("vkEndCommandBuffer", "cannot record")

  var command: VkCommandBuffer? = commands
  var (wait, signal) = (acquire.semaphore, release.semaphore)
  var (waitValue, signalValue) = (acquire.semaphoreValue, release.semaphoreValue)
  var stage = acquire.sourceStage
  var result = VK_SUCCESS
  withUnsafePointer(to: &command) { command in
    withUnsafePointer(to: &wait) { wait in
      withUnsafePointer(to: &signal) { signal in
        withUnsafePointer(to: &waitValue) { waitValue in
          withUnsafePointer(to: &signalValue) { signalValue in
            withUnsafePointer(to: &stage) { stage in
              // With the sync cpu-wait there is no semaphore.
              let count: UInt32 = acquire.semaphore == nil ? 0 : 1
              var values = VkTimelineSemaphoreSubmitInfo(
                sType: VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO, pNext: nil, waitSemaphoreValueCount: count,
                pWaitSemaphoreValues: waitValue, signalSemaphoreValueCount: count, pSignalSemaphoreValues: signalValue)
              withUnsafePointer(to: &values) { values in
                var info = VkSubmitInfo(
                  sType: VK_STRUCTURE_TYPE_SUBMIT_INFO, pNext: frame.sync == .timelineSemaphore ? values : nil,
                  waitSemaphoreCount: count, pWaitSemaphores: wait, pWaitDstStageMask: stage, commandBufferCount: 1,
                  pCommandBuffers: command, signalSemaphoreCount: count, pSignalSemaphores: signal)
                result = queue.lock.withLock { host.vk.vkQueueSubmit(queue.handle, 1, &info, fence) }
              }
            }
          }
        }
      }
    }
  }
  guard result == VK_SUCCESS else {
    try frame.cancelAcquire()
    return try result.check("vkQueueSubmit", "the frame was not shown")
  }
  try frame.didSubmitRelease()
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// The application's device: what it was made with, and the locks its queues are used under.
func adopt(
  instance: VkInstance, physicalDevice: VkPhysicalDevice, device: VkDevice, apiVersion: UInt32,
  graphicsQueue: VkQueue, family: UInt32, flags: VkQueueFlags, enabled: Set<String>, hasTimelines: Bool,
  lock: @escaping @Sendable () -> Void, unlock: @escaping @Sendable () -> Void
) throws(InteropError) -> VulkanHost {
  try VulkanHost(
    adopting: .init(
      instance: instance, physicalDevice: physicalDevice, device: device, apiVersion: apiVersion,
      queues: [
        VulkanQueue(handle: graphicsQueue, family: family, flags: flags, lock: QueueLock(lock: lock, unlock: unlock))
      ],
      enabledDeviceExtensions: enabled, features: hasTimelines ? .timelineSemaphore : []))
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// The extensions to pass to vkCreateDevice besides the application's own, as far as the device has them.
func extensionsToEnable(apiVersion: UInt32) -> [String] {
  VulkanHost.requiredDeviceExtensions(for: [.opaqueFD, .dmaBuf], sync: .timelineSemaphore, apiVersion: apiVersion)
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// A context that belongs to neither EGL nor GLX, or whose functions only the application can find.
func describeContext(
  getProcAddress: @escaping @Sendable (_ name: String) -> UnsafeMutableRawPointer?
) throws(InteropError) -> GLContext {
  try GLContext.current(resolver: FunctionResolver(source: "the application", lookup: getProcAddress))
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// Straight into the shared image, for renderers that take a framebuffer to draw into.
func drawFrame(
  _ producer: RawGLProducer, _ draw: (_ framebuffer: GLuint, _ size: PixelSize) throws -> Void
) throws -> Frame {
  try producer.render { target in try draw(target.framebuffer, target.size) }
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// Objects that the application makes for the images of frames (a descriptor set, a framebuffer), kept by what an image
/// is: handles come back as other images'.
final class MadeForImages<Made: Sendable>: Sendable {
  private let made = Mutex<[ImageID: Made]>([:])
  private let make: @Sendable (VkImageView) throws(InteropError) -> Made
  private let destroy: @Sendable (Made) -> Void

  init(
    _ producer: RawGLProducer, make: @escaping @Sendable (VkImageView) throws(InteropError) -> Made,
    destroy: @escaping @Sendable (Made) -> Void
  ) {
    self.make = make
    self.destroy = destroy
    // When an image goes, before its view and its VkImage are destroyed.
    producer.onImageRetired = { [self] id in
      if let old = made.withLock({ $0.removeValue(forKey: id) }) { self.destroy(old) }
    }
  }

  /// On the thread that has the frame; made for the first one of each image.
  func find(for frame: borrowing Frame) throws(InteropError) -> Made {
    let id = frame.imageID
    if let known = made.withLock({ $0[id] }) { return known }
    let new = try make(frame.view())
    made.withLock { $0[id] = new }
    return new
  }
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// Functions that the library does not call itself, looked up once.
func findFunctions(
  _ host: VulkanHost, _ context: GLContext
) throws(InteropError) -> (createSampler: PFN_vkCreateSampler, uniform: PFNGLUNIFORM1FPROC) {
  (
    try host.function("vkCreateSampler", as: PFN_vkCreateSampler.self),
    try context.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self)
  )
}
// EXAMPLE-END

/// The landing page of the library's documentation.
private func landingPage(windowSize: PixelSize, use: (VkCommandBuffer, VkImage) -> Void) throws {
  // EXAMPLE-BEGIN
  // Once, with the application's context current.
  let producer = try RawGLProducer(size: windowSize)
  // EXAMPLE-END

  // EXAMPLE-BEGIN
  // In the loop: the frame is drawn and not yet swapped.
  let frame = try producer.submit()
  // On this thread or another: commands of yours that read the image, between an acquire and a release.
  try frame.access(.transferSource) { commands, image in
    use(commands, image)
  }
  // EXAMPLE-END
}

/// The README's two lines.
private func twoLines(windowSize: PixelSize) throws -> Frame {
  // EXAMPLE-BEGIN
  let producer = try RawGLProducer(size: windowSize)  // once, with its context current, GLX or EGL
  let frame = try producer.submit(framebuffer: 0)  // each frame: drawn, not yet swapped
  // EXAMPLE-END
  return frame
}

/// The examples of docs/adopting.md and of the library's documentation, and what docs/adopting.md quotes.
@Suite("Adopting") struct AdoptingExampleTests {
  static let size = PixelSize(width: 32, height: 16)

  private func host(_ context: GLContext) throws -> VulkanHost {
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    return try VulkanHost.create(create)
  }

  private func clear(_ gl: GLFunctions, _ red: Float) { gl.glClearBufferfv(GLenum(GL_COLOR), 0, [red, 0, 1, 1]) }

  @Test func theClassHandsFramesOver() throws {
    var app: AppContext? = try AppContext(size: Self.size)
    let host = try host(try GLContext.current())
    let output = try VulkanOutput(Self.size, host: host)
    let gl = output.producer.context.gl
    var seen: [[UInt8]] = []
    for number in 1...4 {
      clear(gl, Float(number) * 0.2)
      try output.frameIsDrawn()
      let landing = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
      try output.showFrame { commands, image in
        landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      let waited = host.queues[0].lock.withLock { host.vk.vkQueueWaitIdle(host.queues[0].handle) }
      #expect(waited == VK_SUCCESS)
      seen.append(Array(landing.bytes.suffix(4)))
    }
    #expect(seen == (1...4).map { [UInt8($0 * 51), 0, 255, 255] })
    // No surface, as while it is minimised.
    try app?.resize(to: nil)
    try output.frameIsDrawn()
    #expect(output.nothingToShow?.step == "glCheckFramebufferStatus")
    // What is sent and not received goes when there is something newer.
    try app?.resize(to: Self.size)
    for _ in 0..<6 {
      clear(gl, 1)
      try output.frameIsDrawn()
    }
    #expect(output.nothingToShow == nil)
    try output.contextGoes()
    app = nil
    var count = 0
    for _ in 0..<6 {
      try output.showFrame { _, _ in count += 1 }
    }
    #expect(count == output.producer.options.framesInFlight)
  }

  @Test func theHostSubmitsItself() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let made = try host(context)
    try submitItself(context, made)
    // Not owned by who adopts it: it goes after everything that was made on it.
    withExtendedLifetime(made) {}
  }

  private func submitItself(_ context: GLContext, _ made: VulkanHost) throws {
    let queue = made.queues[0]
    let lock = queue.lock
    let host = try adopt(
      instance: made.instance, physicalDevice: made.physicalDevice, device: made.device, apiVersion: made.apiVersion,
      graphicsQueue: queue.handle, family: queue.family, flags: queue.flags, enabled: made.enabledDeviceExtensions,
      hasTimelines: made.features.contains(.timelineSemaphore), lock: { @Sendable in _ = lock },
      unlock: { @Sendable in _ = lock })
    let needed = extensionsToEnable(apiVersion: VulkanVersion.v1_1)
    #expect(needed.contains("VK_KHR_external_memory_fd") && needed.contains("VK_KHR_timeline_semaphore"))
    let resolver = context.testResolver
    let described = try describeContext { name in
      let address: UnsafeMutableRawPointer? = resolver.optional(name)
      return address
    }
    let producer = try RawGLProducer(size: Self.size, host: host, context: described)
    let fence = try host.makeFence()
    let pool = try host.makeObject(.commandPool, "vkCreateCommandPool", "no command pool") { out in
      var info = VkCommandPoolCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
      info.queueFamilyIndex = queue.family
      return host.vk.vkCreateCommandPool(host.device, &info, nil, out)
    }
    for number in 1...4 {
      let frame =
        number % 2 == 0
        ? try drawFrame(producer) { framebuffer, size in
          #expect(described.integer(GL_DRAW_FRAMEBUFFER_BINDING) == GLint(framebuffer) && size == Self.size)
          clear(described.gl, Float(number) * 0.2)
        }
        : try {
          clear(described.gl, Float(number) * 0.2)
          return try producer.submit()
        }()
      var info = VkCommandBufferAllocateInfo()
      info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
      info.commandPool = pool.handle
      info.commandBufferCount = 1
      var allocated: VkCommandBuffer?
      try host.vk.vkAllocateCommandBuffers(host.device, &info, &allocated).check("vkAllocateCommandBuffers", "none")
      let commands = try #require(allocated)
      var begin = VkCommandBufferBeginInfo()
      begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
      try host.vk.vkBeginCommandBuffer(commands, &begin).check("vkBeginCommandBuffer", "cannot record")
      let landing = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
      try submit(frame, host, queue, commands, fence.handle) { image in
        landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      try host.wait(for: fence.handle)
      var handle: VkFence? = fence.handle
      try host.vk.vkResetFences(host.device, 1, &handle).check("vkResetFences", "the fence cannot be reset")
      #expect(Array(landing.bytes.prefix(4)) == [UInt8(number * 51), 0, 255, 255])
    }
    withExtendedLifetime(made) {}
  }

  @Test func theLandingPagesExampleRuns() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    // Kept: with NVIDIA 580 the context is no longer current after the process's last VkInstance went away.
    let kept = try host(try GLContext.current())
    defer { withExtendedLifetime(kept) {} }
    var count = 0
    try landingPage(windowSize: Self.size) { _, _ in count += 1 }
    #expect(count == 1)
    let frame = try twoLines(windowSize: PixelSize(width: 3, height: 3))
    let size = frame.size
    #expect(size == Self.size)
  }

  @Test func whatIsMadeForImagesGoesWithThem() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let (createSampler, uniform) = try findFunctions(host, context)
    let destroySampler = try host.function("vkDestroySampler", as: PFN_vkDestroySampler.self)
    uniform(-1, 0)
    #expect(context.gl.glGetError() == GLenum(GL_INVALID_OPERATION), "no program is in use")
    let counts = Mutex((made: 0, destroyed: 0))
    do {
      let producer = try RawGLProducer(size: Self.size, host: host, context: context)
      let made = MadeForImages<Int>(
        producer,
        make: { view throws(InteropError) in
          var create = VkSamplerCreateInfo()
          create.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO
          var sampler: VkSampler?
          try createSampler(host.device, &create, nil, &sampler).check("vkCreateSampler", "no sampler")
          return counts.withLock { counts in
            counts.made += 1
            return Int(bitPattern: sampler)
          }
        },
        destroy: { sampler in
          counts.withLock { $0.destroyed += 1 }
          destroySampler(host.device, OpaquePointer(bitPattern: sampler), nil)
        })
      for height in 10..<14 {
        try app.resize(to: PixelSize(width: 16, height: height))
        for _ in 0..<6 {
          let frame = try producer.submit()
          let sampler = try made.find(for: frame)
          #expect(sampler != 0)
          try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (_, _) throws(InteropError) in }
        }
      }
      #expect(counts.withLock { $0.made - $0.destroyed } <= producer.options.framesInFlight)
    }
    #expect(counts.withLock { $0.made == $0.destroyed && $0.made >= 4 })
  }

  // MARK: The documents

  @Test(.onFirstStack) func theDocumentsShowTheExamples() throws {
    // The README's other blocks are ReadmeExampleTests' and no examples.
    try ExampleDocument.compare(
      ["docs/adopting.md", "Sources/GLVulkanInterop/GLVulkanInterop.docc/GLVulkanInterop.md"], beside: ["README.md"],
      with: "Tests/ProducersTests/AdoptingExampleTests.swift", of: "the examples of the documents")
  }

  /// C is compiled with the examples it is taken from.
  @Test(.onFirstStack) func theDocumentsShowTheCExamples() throws {
    let what = "docs/adopting.md against Examples/"
    guard let document = try ExampleDocument.lines("docs/adopting.md", of: what) else { return }
    let found = ExampleDocument.blocks("c", document)
    #expect(!found.isEmpty)
    for block in found {
      let path = try #require(
        block.first?.split(separator: " ").last.map(String.init), "a C block says where it is from")
      let source = Set(try #require(try ExampleDocument.lines(path, of: what)))
      for line in block.dropFirst() where !line.isEmpty && !line.hasPrefix("…") {
        #expect(source.contains(line), "\(path) has no line \(line)")
      }
    }
  }

  /// What is quoted in the table of what goes wrong, as the library says it; numbers may differ.
  @Test func theErrorsAreAsQuoted() throws {
    var errors: [String] = []
    func provoke(_ call: () throws -> Void) {
      do {
        try call()
        Issue.record("no error after \(errors.last ?? "nothing")")
      } catch {
        errors.append("\(error)")
      }
    }
    provoke { _ = try GLContext.current() }
    var app: AppContext? = try AppContext(size: Self.size)
    let context = try GLContext.current()
    let device = try host(context)
    var options = ProducerOptions(framesInFlight: 1, backPressure: .fail)
    options.logger.logLevel = .critical
    let producer = try RawGLProducer(size: Self.size, host: device, context: context, options: options)
    let mine = try AppFramebuffer(context, PixelSize(width: 4, height: 4), .rgba8)
    provoke { _ = try producer.submit(framebuffer: 0, size: PixelSize(width: 0, height: 40)) }
    provoke { _ = try producer.submit(framebuffer: 4711, size: Self.size) }
    provoke { _ = try producer.submit(framebuffer: mine.name, size: Self.size) }
    provoke { _ = try producer.submit(framebuffer: mine.name, size: mine.size, colorAttachment: 1) }
    // Adopted without what its device has been made with.
    let bare = try VulkanHost(
      adopting: .init(
        instance: device.instance, physicalDevice: device.physicalDevice, device: device.device,
        apiVersion: device.apiVersion, queues: device.queues, enabledDeviceExtensions: []))
    provoke {
      var options = options
      options.path = .opaqueFD
      options.capability = .nowhere
      _ = try RawGLProducer(size: Self.size, host: bare, context: context, options: options)
    }
    provoke {
      _ = try VulkanHost(
        adopting: .init(
          instance: device.instance, physicalDevice: device.physicalDevice, device: device.device,
          apiVersion: 1 << 22, queues: device.queues, enabledDeviceExtensions: []))
    }
    clear(context.gl, 1)
    let held = try producer.submit()
    provoke { _ = try producer.submit() }
    held.drop()
    // Dropped while the application still has it.
    options.backPressure = .dropOldest(timeout: .seconds(1))
    let dropping = try RawGLProducer(size: Self.size, host: device, context: context, options: options)
    let old = try dropping.submit()
    let new = try dropping.submit()
    do {
      try old.access(.transferSource) { _, _ in }
      Issue.record("a dropped frame was used")
    } catch {
      errors.append("\(error)")
    }
    new.drop()
    try app?.resize(to: nil)
    provoke { _ = try producer.submit() }
    app?.release()
    provoke { _ = try producer.submit() }
    try app?.makeCurrent()
    try producer.contextWillBeDestroyed()
    provoke { _ = try producer.submit() }
    app = nil
    guard let document = try ExampleDocument.lines("docs/adopting.md", of: "the errors that docs/adopting.md quotes")
    else { return }
    // Numbers and names are those of one run.
    func plain(_ text: String) -> String {
      text.replacingOccurrences(of: context.renderer, with: "GPU")
        .replacingOccurrences(of: device.info.deviceName, with: "GPU")
        .replacing(/[0-9]+/, with: "0")
    }
    let text = plain(document.joined(separator: "\n"))
    for error in errors {
      let isQuoted = text.contains("`" + plain(error) + "`")
      #expect(isQuoted, "docs/adopting.md does not quote: \(error)")
    }
    #expect(errors.count == 12)
  }
}
