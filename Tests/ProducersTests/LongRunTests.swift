import GLVulkanInterop
import InteropTestSupport
import Testing

/// Nothing grows: after the first frames have gone round, the producer makes and opens nothing more.
@Suite("Long run", .serialized) struct LongRunTests {
  /// Frames to render; 20,000 is what is promised.
  static let frames = 20_000

  @Test(arguments: TestStack.abilities.paths) func nothingGrows(path: TransferPath) throws {
    let (context, host) = try TestStack.open(traced: true)
    let producer = try SurfacelessEGLProducer(
      size: PixelSize(width: 64, height: 48), host: host, context: context, options: ProducerOptions(path: path))
    func render(_ count: Int) throws {
      for number in 0..<count {
        let frame = try producer.render { target in
          target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(number % 2), 0, 0, 1])
        }
        // Every tenth is dropped: that must not leave anything behind either.
        if number % 10 == 9 { continue }
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
    }
    try render(100)
    context.gl.gl.glFinish()
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.count()
    let start = ProcessMemory.residentKiB()
    // A leak of a few bytes a frame would not show; one object a frame is a megabyte, each time. Caches and the
    // allocator's arenas fill now and then, so that one part without growth is enough.
    var growth: [Int] = []
    var end = start
    while growth.count < 2 || growth.count < 5 && growth.dropFirst().allSatisfy({ $0 >= 1024 }) {
      try render(Self.frames / 2)
      context.gl.gl.glFinish()
      let now = ProcessMemory.residentKiB()
      growth.append(now - end)
      end = now
    }
    let made = LiveObjects.snapshot().changes(since: objects).filter { !$0.hasPrefix("EGLSync") }
    #expect(made.isEmpty)
    // SwiftShader may compile a routine late.
    #expect(OpenFiles.count() <= files + 1)
    let isLevel = growth.dropFirst().contains { $0 < 1024 }
    #expect(isLevel, "resident memory grew by \(growth) KiB in \(Self.frames / 2) frames each")
  }

  // MARK: What a frame makes

  /// Makers of driver objects and descriptors among ten frames' calls, when all slots have gone round.
  private func makers(of frame: () throws -> Void) throws -> [String] {
    for _ in 0..<10 { try frame() }
    let calls = try DriverTrace.record(on: .current) { for _ in 0..<10 { try frame() } }
    #expect(!calls.isEmpty)
    return calls.map(\.name).filter {
      $0.contains("Create") || $0.contains("Allocate") || $0.hasPrefix("glGen") || $0 == "glFenceSync"
        || $0.contains("Import") || $0.contains("Storage") || $0.contains("GetMemoryFd")
        || $0.contains("GetSemaphoreFd")
        || $0.contains("DupNativeFence")
    }
  }

  /// Nothing but what a sync file is: a descriptor and an EGL fence for each access.
  private func expectNothing(_ makers: [String], _ sync: SyncKind, _ what: String) {
    let inherent = ["eglCreateSyncKHR", "eglDupNativeFenceFDANDROID", "vkGetSemaphoreFdKHR", "vkImportSemaphoreFdKHR"]
    let found = makers.filter { sync != .syncFile || !inherent.contains($0) }
    #expect(found.isEmpty, "\(what): \(found)")
  }

  /// Both producers, every path, every API.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func aFrameMakesNothing(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let size = PixelSize(width: 64, height: 48)
    let producer = try SurfacelessEGLProducer(
      size: size, host: host, context: context, options: ProducerOptions(path: path))
    let rendered = try makers {
      try producer.render { _ in }.access(.transferSource) { (_, _) throws(InteropError) in }
    }
    expectNothing(rendered, producer.status.sync, "\(api) \(path), render")
    var options = ProducerOptions(path: path)
    options.capability = .nowhere
    let adopted = try RawGLProducer(size: size, host: host, context: context.gl, options: options)
    let app = try AppFramebuffer(context.gl, size, .rgba8)
    let submitted = try makers {
      try adopted.submit(app.framebuffer).access(.transferSource) { (_, _) throws(InteropError) in }
    }
    expectNothing(submitted, adopted.status.sync, "\(api) \(path), submit")
  }

  /// The way back, every path, every API.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func aFrameForGLMakesNothing(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    var options = ConsumerOptions(path: path)
    options.capability = .nowhere
    let consumer = try RawGLConsumer(
      size: PixelSize(width: 64, height: 48), host: host, context: context.gl, options: options)
    let shown = try makers {
      let frame = try consumer.nextTarget().access(.general) { (_, _) throws(InteropError) in }
      try frame.acquire()
      try frame.release()
    }
    expectNothing(shown, consumer.status.sync, "\(api) \(path)")
  }

  /// Path `host-copy` by each of its methods. Where GL and Vulkan share no timeline semaphore, and where the CPU reads
  /// what GL wrote, a fence of EGL's tells another thread that a buffer is filled, and it cannot be set again.
  @Test(arguments: TestStack.abilities.apis, ReadbackMethod.all)
  func aFrameThatIsReadBackMakesNothing(api: SurfacelessContext.API, method: ReadbackMethod) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    var options = ProducerOptions(path: .hostCopy)
    options.capability = .nowhere
    options.readback = method
    let opened = Result { () throws(InteropError) in
      try SurfacelessEGLProducer(
        size: PixelSize(width: 64, height: 48), host: host, context: context, options: options)
    }
    if case .failure(let error) = opened, error.code == .unsupported {
      return TestStack.skip("host-copy by \(method): no \(error.missing.joined(separator: ", "))")
    }
    let producer = try opened.get()
    let made = try makers {
      try producer.render { _ in }.access(.transferSource) { (_, _) throws(InteropError) in }
    }
    let needsFence = (method == .sharedBuffer || method == .pixelBuffer) && TestStack.abilities.hasEGLFences
    let hasTimeline = method == .sharedBuffer && TestStack.abilities.supports(.timelineSemaphore, api)
    let wanted = needsFence && !hasTimeline ? [String](repeating: "eglCreateSyncKHR", count: 10) : []
    // Where a pixel buffer does not stay mapped the readback is waited for in GL's access.
    #expect(made == wanted || method == .pixelBuffer && made.isEmpty, "\(api) \(method): \(made)")
  }
}
