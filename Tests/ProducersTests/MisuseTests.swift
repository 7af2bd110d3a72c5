import Glibc
import GLVulkanInterop
import InteropTestSupport
import Testing

/// What Tests/CInterface/misuse.c does to the C interface, done to the Swift interface: by the names that the cases
/// have there.
///
/// What Swift's types leave nothing of: handles that are none, stale, of another kind or of another object (`all_with`,
/// `handles_that_are_none`); NULL for results, structures, arrays and callbacks; `struct_size`; numbers that name
/// nothing (platform, path, sync, mode, tiling, format, orientation, back pressure, alpha mode, colour space,
/// direction, handle type, allocator, isolation) and unknown flags; arrays whose pointer or count is missing; buffers
/// too small; a queue without VkQueue, half a lock; a frame, target or GL frame after the call that takes it, from its
/// own callback, twice or on two threads; `glvk_last_error…`. A blitter may be made and go on any thread: its names are
/// deleted where the context is.
@Suite("Misuse, as in C", .serialized) struct MisuseTests {
  static let size = PixelSize(width: 64, height: 64)

  private func expect(
    _ code: InteropError.Code, _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    var failure: InteropError?
    do { try body() } catch let error as InteropError { failure = error } catch {}
    #expect(
      failure?.code == code, "\(what): \(failure?.description ?? "no error")", sourceLocation: sourceLocation)
  }

  /// Of a call that takes what it is called on.
  private func code<Value: ~Copyable>(
    _ value: consuming Value, _ body: (consuming Value) throws(InteropError) -> Void
  ) -> InteropError.Code? {
    do throws(InteropError) {
      try body(value)
      return nil
    } catch {
      return error.code
    }
  }

  private func options(_ path: TransferPath?, _ change: (inout ProducerOptions) -> Void = { _ in }) -> ProducerOptions {
    var options = ProducerOptions(path: path)
    options.capability = .nowhere
    options.backPressure = .fail
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  private func consumerOptions(
    _ path: TransferPath?, _ change: (inout ConsumerOptions) -> Void = { _ in }
  ) -> ConsumerOptions {
    var options = ConsumerOptions(path: path)
    options.capability = .nowhere
    options.backPressure = .fail
    options.framesInFlight = 2
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  /// What no use of an image is.
  private var noUses: [(String, VulkanAccess)] {
    let transfer = VulkanAccess.transferSource
    return [
      ("UNDEFINED", VulkanAccess(layout: VK_IMAGE_LAYOUT_UNDEFINED, stages: transfer.stages, access: 0)),
      ("PREINITIALIZED", VulkanAccess(layout: VK_IMAGE_LAYOUT_PREINITIALIZED, stages: transfer.stages, access: 0)),
      ("no stages", VulkanAccess(layout: VK_IMAGE_LAYOUT_GENERAL, stages: 0, access: 0)),
    ]
  }

  /// A queue of another device, which a submission of ours would end the process with.
  private func foreignQueue(_ context: SurfacelessContext) throws -> (VulkanHost, VulkanQueue) {
    var create = VulkanHost.CreateOptions(.matching(context.gl))
    create.layers = TestStack.layers
    let other = try VulkanHost.create(create)
    return (other, other.queues[0])
  }

  // MARK: frames

  @Test(arguments: TestStack.abilities.apis, [TransferPath.hostCopy, .opaqueFD])
  func frames(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api)
    let (other, foreign) = try foreignQueue(context)
    defer { withExtendedLifetime(other) {} }
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options(path))
    let frame = try producer.render { _ in }
    // Wrong order: FrameOrderTests. Wrong uses and queues leave the frame where it was.
    for (name, use) in noUses {
      expect(.invalidArgument, "acquire, \(name)") { try frame.acquire(use) }
      expect(.invalidArgument, "acquireBarrier, \(name)") { _ = try frame.acquireBarrier(use) }
      expect(.invalidArgument, "access, \(name)") {
        try producer.render { _ in }.access(use) { (_, _) throws(InteropError) in }
      }
    }
    for (name, queue, ownership) in [("queue", foreign, nil), ("ownership", host.queues[0], foreign)]
      as [(String, VulkanQueue, VulkanQueue?)]
    {
      expect(.invalidArgument, "acquire, \(name)") {
        try frame.acquire(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "acquireBarrier, \(name)") {
        _ = try frame.acquireBarrier(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "access, \(name)") {
        try producer.render { _ in }.access(.general, on: AccessQueues(queue, ownership: ownership)) {
          (_, _) throws(InteropError) in
        }
      }
    }
    _ = try frame.acquireBarrier(.general)
    for (name, use) in noUses {
      expect(.invalidArgument, "releaseBarrier, \(name)") { _ = try frame.releaseBarrier(use) }
    }
    try frame.cancelAcquire()
    try frame.acquire(.general)
    let wrong = noUses[0].1
    let unreleased = code(frame) { (frame: consuming Frame) throws(InteropError) in try frame.release(wrong) }
    #expect(unreleased == .invalidArgument)

    // A queue that the application describes anew is the device's, with the lock and family of the `VulkanHost`.
    let described = VulkanQueue(handle: host.queues[0].handle, family: 77, flags: 0)
    try producer.render { _ in }.access(.general, on: AccessQueues(described, ownership: described)) {
      (_, _) throws(InteropError) in
    }

    // Callbacks that say no, and that come back in.
    let no = InteropError(.init(rawValue: "no"), step: "test", reason: "no")
    expect(no.code, "access, refused") {
      try producer.render { _ in }.access(.general) { (_, _) throws(InteropError) in throw no }
    }
    expect(no.code, "render, refused") { _ = try producer.render { _ in throw no } }
    let drawn = try producer.render { _ in
      expect(.invalidState, "render in render") { _ = try producer.render { _ in } }
      expect(.invalidState, "resize in render") { try producer.resize(to: PixelSize(width: 16, height: 16)) }
    }
    let number = drawn.number
    let after = try producer.render { _ in }
    let next = after.number
    #expect(next == number + 1)

    // More frames than slots.
    let third = try producer.render { _ in }
    expect(.ringExhausted, "a fourth frame") { _ = try producer.render { _ in } }
    drawn.drop()
    after.drop()
    third.drop()

    for size in [
      PixelSize(width: 0, height: 64), PixelSize(width: 1 << 30, height: 1 << 30), PixelSize(width: -4, height: 4),
    ] {
      expect(.invalidArgument, "resize to \(size)") { try producer.resize(to: size) }
      expect(.invalidArgument, "a producer of \(size)") {
        _ = try SurfacelessEGLProducer(size: size, host: host, context: context, options: options(path))
      }
    }
    for count in [0, 17, -1, Int.max] {
      expect(.invalidArgument, "\(count) frames in flight") {
        _ = try SurfacelessEGLProducer(
          size: Self.size, host: host, context: context, options: options(path) { $0.framesInFlight = count })
      }
    }
    for samples in [0, -1, 1000] {
      expect(.invalidArgument, "\(samples) samples") {
        _ = try SurfacelessEGLProducer(
          size: Self.size, host: host, context: context, options: options(path) { $0.samples = samples })
      }
    }
    expect(.invalidArgument, "a ranking by magic") { _ = try PathRanking("by magic") }
  }

  /// Submitting what is no framebuffer.
  @Test(arguments: TestStack.abilities.apis) func submit(api: SurfacelessContext.API) throws {
    let app = try AppContext(api, size: nil)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    let host = try VulkanHost.create(create)
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options(.hostCopy))
    expect(.invalidArgument, "framebuffer 4711") { _ = try producer.submit(framebuffer: 4711, size: Self.size) }
    expect(.invalidArgument, "no surface") { _ = try producer.submit(framebuffer: 0, size: Self.size) }
    expect(.invalidArgument, "no surface, no size") { _ = try producer.submit() }
    expect(.invalidArgument, "height 0") {
      _ = try producer.submit(framebuffer: 4711, size: PixelSize(width: 64, height: 0))
    }
    let drawn = try AppFramebuffer(context, Self.size, .rgba8)
    for attachment in [-1, 7, 31, 1 << 20] {
      expect(.invalidArgument, "attachment \(attachment)") {
        _ = try producer.submit(framebuffer: drawn.name, size: Self.size, colorAttachment: attachment)
      }
    }
    // It works still, and knows the framebuffer then.
    try producer.submit(framebuffer: drawn.name, size: Self.size).access(.general) { (_, _) throws(InteropError) in }
    for attachment in [-1, 31, Int.min] {
      expect(.invalidArgument, "attachment \(attachment), without a size") {
        _ = try producer.submit(framebuffer: drawn.name, colorAttachment: attachment)
      }
      expect(.invalidArgument, "attachment \(attachment)") {
        _ = try producer.submit(framebuffer: drawn.name, size: Self.size, colorAttachment: attachment)
      }
    }
    expect(.invalidState, "submit in render") {
      _ = try producer.render { _ in _ = try producer.submit(framebuffer: drawn.name, size: Self.size) }
    }
    expect(.invalidState, "the context's end in render") {
      _ = try producer.render { _ in try producer.contextWillBeDestroyed() }
    }
    // The producer goes, the frame stays.
    let frame = try producer.render { _ in }
    try producer.contextWillBeDestroyed()
    expect(.invalidState, "render afterwards") { _ = try producer.render { _ in } }
    expect(.invalidState, "resize afterwards") { try producer.resize(to: PixelSize(width: 32, height: 32)) }
    try frame.access(.general) { (_, _) throws(InteropError) in }
  }

  @Test func droppedFrames() throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context,
      options: options(nil) {
        $0.backPressure = .dropOldest(timeout: .seconds(1))
        $0.framesInFlight = 2
      })
    let first = try producer.render { _ in }
    let second = try producer.render { _ in }
    let third = try producer.render { _ in }
    let fourth = try producer.render { _ in }
    let accessed = code(first) { (frame: consuming Frame) throws(InteropError) in
      try frame.accessKeeping(.general) { (_, _) throws(InteropError) in }
    }
    #expect(accessed == .invalidState)
    expect(.invalidState, "acquire") { try second.acquire(.general) }
    expect(.invalidState, "acquireBarrier") { _ = try second.acquireBarrier(.general) }
    expect(.invalidState, "releaseBarrier") { _ = try second.releaseBarrier(.general) }
    expect(.invalidState, "cancelAcquire") { try second.cancelAcquire() }
    // Not the access of the newer frame, which has the image now.
    try third.acquire(.general)
    let said = code(second) { (frame: consuming Frame) throws(InteropError) in try frame.didSubmitRelease() }
    #expect(said == .invalidState)
    try third.release()
    try fourth.access(.general) { (_, _) throws(InteropError) in }
  }

  // MARK: consumers

  @Test(arguments: TestStack.abilities.apis, [TransferPath.hostCopy, .opaqueFD])
  func consumers(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api)
    let (other, foreign) = try foreignQueue(context)
    defer { withExtendedLifetime(other) {} }
    func make(
      _ size: PixelSize = Self.size, _ change: (inout ConsumerOptions) -> Void = { _ in }
    ) throws -> RawGLConsumer {
      try RawGLConsumer(size: size, host: host, context: context.gl, options: consumerOptions(path, change))
    }
    for size in [
      PixelSize(width: 0, height: 64), PixelSize(width: 1 << 30, height: 1 << 30), PixelSize(width: 4, height: -4),
    ] {
      expect(.invalidArgument, "a consumer of \(size)") { _ = try make(size) }
    }
    for count in [0, 17, -1] {
      expect(.invalidArgument, "\(count) slots") { _ = try make { $0.framesInFlight = count } }
    }
    let consumer = try make()
    expect(.invalidArgument, "resize to 0x4") { try consumer.resize(to: PixelSize(width: 0, height: 4)) }

    let target = try consumer.nextTarget()
    for (name, use) in noUses {
      expect(.invalidArgument, "acquire, \(name)") { try target.acquire(use) }
      expect(.invalidArgument, "acquireBarrier, \(name)") { _ = try target.acquireBarrier(use) }
      expect(.invalidArgument, "render, \(name)") {
        _ = try consumer.nextTarget().access(use) { (_, _) throws(InteropError) in }
      }
    }
    for (name, queue, ownership) in [("queue", foreign, nil), ("ownership", host.queues[0], foreign)]
      as [(String, VulkanQueue, VulkanQueue?)]
    {
      expect(.invalidArgument, "acquire, \(name)") {
        try target.acquire(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "acquireBarrier, \(name)") {
        _ = try target.acquireBarrier(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "render, \(name)") {
        _ = try consumer.nextTarget().access(.general, on: AccessQueues(queue, ownership: ownership)) {
          (_, _) throws(InteropError) in
        }
      }
    }
    _ = try target.acquireBarrier(.general)
    for (name, use) in noUses {
      expect(.invalidArgument, "releaseBarrier, \(name)") { _ = try target.releaseBarrier(use) }
    }
    try target.cancelAcquire()
    let no = InteropError(.init(rawValue: "no"), step: "test", reason: "no")
    let refused = code(target) { (target: consuming VulkanTarget) throws(InteropError) in
      try target.accessKeeping(.general) { (_, _) throws(InteropError) in throw no }
    }
    #expect(refused == no.code)

    // From another thread; what it drops there comes back here.
    let first = try consumer.nextTarget().access(.general) { (_, _) throws(InteropError) in }
    try first.acquire()
    let second = try consumer.nextTarget().access(.general) { (_, _) throws(InteropError) in }
    expect(.ringExhausted, "a third target") { _ = try consumer.nextTarget() }
    let queue = FrameQueue<GLFrame>(capacity: 2)
    queue.send(first)
    queue.send(second)
    try withThread {
      expect(.wrongThread, "poll") { try consumer.poll() }
      expect(.wrongThread, "resize") { try consumer.resize(to: PixelSize(width: 32, height: 32)) }
      expect(.wrongThread, "the context's end") { try consumer.contextWillBeDestroyed() }
      expect(.wrongThread, "another consumer") { _ = try make() }
      guard let acquired = queue.receive(), let shown = queue.receive() else { return }
      expect(.wrongThread, "acquire") { try shown.acquire() }
      let released = code(acquired) { (frame: consuming GLFrame) throws(InteropError) in try frame.release() }
      #expect(released == .wrongThread)
      queue.send(shown)
    } during: {
    }
    guard let left = queue.receive() else { return #expect(Bool(false), "the frame that was sent back") }
    try left.access { _ in }
    try consumer.poll()
    let again = try consumer.nextTarget()
    let last = try consumer.nextTarget()
    again.drop()
    last.drop()
  }

  // MARK: images

  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func images(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let (context, host) = try TestStack.open(api)
    let (other, foreign) = try foreignQueue(context)
    defer { withExtendedLifetime(other) {} }
    func make(_ size: PixelSize = Self.size, ownershipQueue: VulkanQueue? = nil) throws -> SharedImage {
      try SharedImage(
        .init(size: size, direction: direction), gl: context.gl, host: host, ownershipQueue: ownershipQueue)
    }
    for size in [
      PixelSize(width: 0, height: 64), PixelSize(width: -4, height: 4), PixelSize(width: Int(UInt32.max), height: 64),
    ] {
      expect(.invalidArgument, "\(size)") { _ = try make(size) }
    }
    expect(.unsupported, "wider than GL has textures") { _ = try make(PixelSize(width: 1 << 19, height: 64)) }
    expect(.invalidArgument, "an ownership queue of another device") { _ = try make(ownershipQueue: foreign) }

    let image = try make()
    // Wrong order: CallOrderTests.
    func begin() throws { if direction == .glToVulkan { try image.accessInGL {} } }
    try begin()
    for (name, use) in noUses {
      expect(.invalidArgument, "access, \(name)") { try image.access(use) { (_) throws(InteropError) in } }
      expect(.invalidArgument, "acquire, \(name)") { _ = try image.acquireBarrier(use) }
      expect(.invalidArgument, "acquire, \(name)") { try image.acquire(use) }
    }
    for (name, queue, ownership) in [("queue", foreign, nil), ("ownership", host.queues[0], foreign)]
      as [(String, VulkanQueue, VulkanQueue?)]
    {
      expect(.invalidArgument, "access, \(name)") {
        try image.access(.general, on: AccessQueues(queue, ownership: ownership)) { (_) throws(InteropError) in }
      }
      expect(.invalidArgument, "acquire, \(name)") {
        _ = try image.acquireBarrier(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "acquire, \(name)") {
        try image.acquire(.general, on: AccessQueues(queue, ownership: ownership))
      }
      expect(.invalidArgument, "read, \(name)") {
        _ = try image.readInVulkan(on: AccessQueues(queue, ownership: ownership))
      }
    }
    _ = try image.acquireBarrier(.general)
    for (name, use) in noUses { expect(.invalidArgument, "release, \(name)") { _ = try image.releaseBarrier(use) } }
    try image.cancelAcquire()
    try image.acquire(.general)
    for (name, use) in noUses { expect(.invalidArgument, "release, \(name)") { try image.release(use) } }
    try image.release()
    try image.waitForVulkan(timeout: .seconds(20))
    if direction == .vulkanToGL { try image.accessInGL {} }

    // Copies.
    let blitter = FramebufferBlitter(context.gl)
    let drawn = try AppFramebuffer(context.gl, Self.size, .rgba8)
    func framebuffer(_ name: GLuint, _ size: PixelSize) -> GLFramebuffer { GLFramebuffer(name: name, size: size) }
    try image.accessInGL(direction) {
      for (name, wrong) in [
        ("no size", framebuffer(drawn.name, PixelSize(width: 0, height: 0))),
        ("another size", framebuffer(drawn.name, PixelSize(width: 32, height: 64))),
        ("none of that name", framebuffer(4711, Self.size)),
      ] {
        expect(.invalidArgument, "copy to the image, \(name)") { try blitter.copy(from: wrong, to: image) }
        expect(.invalidArgument, "copy from the image, \(name)") { try blitter.copy(from: image, to: wrong) }
        if direction == .glToVulkan, wrong.size.width != 32 {
          expect(.invalidArgument, "import, \(name)") {
            _ = try importGLFramebufferVulkan(wrong, gl: context.gl, host: host, handleType: .opaqueFD)
          }
        }
      }
      // The same context described once more is another one to the package: names are kept with the description.
      let second = FramebufferBlitter(try GLContext(currentOf: context.egl))
      expect(.invalidArgument, "another context's blitter, to") {
        try second.copy(from: framebuffer(drawn.name, Self.size), to: image)
      }
      expect(.invalidArgument, "another context's blitter, from") {
        try second.copy(from: image, to: framebuffer(drawn.name, Self.size))
      }
    }
    try withThread {
      expect(.wrongThread, "make an image") { _ = try make() }
      expect(.wrongThread, "begin") { try image.acquireForGL() }
      expect(.wrongThread, "end") { try image.releaseFromGL() }
      expect(.wrongThread, "abandon") { try image.cancelAcquireForGL() }
      expect(.wrongThread, "retire") { try image.retire() }
      expect(.wrongThread, "copy") { try blitter.copy(from: framebuffer(drawn.name, Self.size), to: image) }
      expect(.wrongThread, "a producer") {
        _ = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options(.hostCopy))
      }
      expect(.wrongThread, "describe the current context") { _ = try GLContext(currentOf: context.egl) }
    } during: {
    }
    try image.retire()
  }

  // MARK: closures

  /// The application's code makes another context current: the call says so, does nothing in that context, and the
  /// slot is free again.
  @Test(arguments: TestStack.abilities.paths) func aClosureThatLeavesTheContext(path: TransferPath) throws {
    let api = TestStack.abilities.apis[0]
    let (other, _) = try TestStack.open(api)
    let (context, host) = try TestStack.open(api)
    var options = options(path)
    options.framesInFlight = 1
    let surfaceless = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    let raw = try RawGLProducer(size: Self.size, host: host, context: context.gl, options: options)
    for producer in [surfaceless, raw] as [any FrameProducer] {
      try other.makeCurrent()
      var name: GLuint = 0
      other.gl.gl.glGenFramebuffers(1, &name)
      other.gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
      try context.makeCurrent()
      expect(.wrongThread, "a frame that ends elsewhere, \(type(of: producer))") {
        _ = try producer.render(presentationTime: nil, damage: nil) { _ in try other.makeCurrent() }
      }
      #expect(other.gl.integer(GL_FRAMEBUFFER_BINDING) == GLint(name))
      try context.makeCurrent()
      try producer.render(presentationTime: nil, damage: nil) { _ in }.drop()
    }
  }

  /// What the application's closures throw comes out, of any type.
  @Test func aClosuresOwnErrorComesOut() throws {
    struct Own: Error {}
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(.opaqueFD))
    #expect(throws: Own.self) { _ = try producer.render { _ in throw Own() } }
    #expect(throws: Own.self) { try producer.render { _ in }.access(.general) { _, _ in throw Own() } }
    let image = try SharedImage(.init(size: Self.size), gl: context.gl, host: host)
    #expect(throws: Own.self) { try image.accessInGL { throw Own() } }
    try image.accessInGL {}
    #expect(throws: Own.self) { try image.access(.general) { _ in throw Own() } }
    try image.retire()
  }

  /// A full queue drops its oldest frame.
  @Test func aFullQueueDropsTheOldest() throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(.hostCopy))
    let queue = FrameQueue<Frame>(capacity: 2)
    for _ in 0..<3 { queue.send(try producer.render { _ in }) }
    var numbers: [UInt64] = []
    while let frame = queue.receive(timeout: .zero) { numbers.append(frame.number) }
    #expect(numbers == [2, 3])
  }

  // MARK: hosts

  @Test func hosts() throws {
    let (context, host) = try TestStack.open()
    let queue = host.queues[0]
    func adopt(_ queues: [VulkanQueue], apiVersion: UInt32 = VulkanVersion.v1_2) throws -> VulkanHost {
      try VulkanHost(
        adopting: .init(
          instance: host.instance, physicalDevice: host.physicalDevice, device: host.device, apiVersion: apiVersion,
          queues: queues, enabledDeviceExtensions: []))
    }
    expect(.invalidArgument, "no queue") { _ = try adopt([]) }
    expect(.invalidArgument, "family 77") {
      _ = try adopt([VulkanQueue(handle: queue.handle, family: 77, flags: queue.flags)])
    }
    expect(.invalidArgument, "Vulkan 1.0") { _ = try adopt([queue], apiVersion: 1 << 22) }
    let adopted = try adopt([VulkanQueue(handle: queue.handle, family: queue.family, flags: 0, lock: queue.lock)])
    #expect(adopted.queues[0].flags == queue.flags, "0 asks the device")
    // Without the extensions there is no sharing, and it says which.
    let error = #expect(throws: InteropError.self) {
      try SharedImage(.init(size: Self.size), gl: context.gl, host: adopted)
    }
    #expect(error?.code == .unsupported && error?.missing.contains("VK_KHR_external_memory_fd") == true)
  }

  // MARK: arguments

  /// What is refused without a driver.
  @Test func arguments() throws {
    let plane = DMABufDescription.Plane(stride: 64)
    func make(_ format: DRMFourCC, _ planes: [DMABufDescription.Plane], _ descriptors: [Int32]) throws {
      _ = try DMABuf(
        DMABufDescription(size: PixelSize(width: 16, height: 16), format: format, modifier: .linear, planes: planes),
        duplicating: descriptors)
    }
    let ab24 = DRMFourCC(rawValue: 0x3432_4241)
    expect(.invalidArgument, "no plane") { try make(ab24, [], []) }
    expect(.invalidArgument, "five planes") { try make(ab24, Array(repeating: plane, count: 5), [1]) }
    expect(.invalidArgument, "no DMA-BUF") { try make(ab24, [plane], [1]) }
    expect(.invalidArgument, "descriptor -7") { try make(ab24, [plane], [-7]) }
    expect(.invalidArgument, "fence -2") { _ = try SyncFile(adopting: -2) }
    expect(.invalidArgument, "a fence that is none") { _ = try SyncFile(adopting: 1) }
    // A queue without frames, and of no size.
    for capacity in [0, -1] { FrameQueue<Frame>(capacity: capacity).close() }
    let queue = FrameQueue<Frame>(capacity: 2)
    let none = queue.receive(timeout: .milliseconds(1))
    let isEmpty = none == nil
    #expect(isEmpty)
    queue.close()
    let closed = queue.receive(timeout: .seconds(60))
    let isOver = closed == nil
    #expect(isOver)
  }
}

extension SharedImage {
  /// GL's access in either direction; where GL reads, after an empty Vulkan access.
  fileprivate func accessInGL(_ direction: TransferDirection, _ body: () throws -> Void) throws {
    if direction == .vulkanToGL { try access(.general) { (_) throws(InteropError) in } }
    try acquireForGL()
    defer { _ = try? releaseFromGL() }
    try body()
    if direction == .vulkanToGL { return }
    // GL's picture is not read.
    try cancelAcquireForGL()
  }
}
