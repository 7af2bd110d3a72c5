import GLVulkanInterop
import InteropTestSupport
import Synchronization
import Testing

/// What a frame costs beside the drivers' work, counted: how often the package asks which context is current, and how
/// often it takes the lock of an image.
@Suite("Cost of an access", .serialized) struct AccessCostTests {
  static let size = PixelSize(width: 16, height: 8)

  /// Counts what the package asks EGL. The interposed function is C, so the counter is global.
  private enum Asked {
    static let count = Atomic<Int>(0)
    private static let real = Atomic<UInt>(0)

    static let interposer = DriverInterposer { name, function in
      guard name == "eglGetCurrentContext" else { return function }
      real.store(UInt(bitPattern: function), ordering: .releasing)
      let counting: @convention(c) () -> EGLContext? = {
        count.add(1, ordering: .relaxed)
        guard let real = UnsafeMutableRawPointer(bitPattern: real.load(ordering: .acquiring)) else { return nil }
        return unsafeBitCast(real, to: (@convention(c) () -> EGLContext?).self)()
      }
      return unsafeBitCast(counting, to: UnsafeMutableRawPointer.self)
    }

    static func during(_ body: () throws -> Void) rethrows -> Int {
      let before = count.load(ordering: .acquiring)
      try body()
      return count.load(ordering: .acquiring) - before
    }
  }

  struct Bench {
    let app: AppContext
    let context: GLContext
    let host: VulkanHost

    init(_ api: SurfacelessContext.API) throws {
      app = try AppContext(api, size: AccessCostTests.size)
      context = try GLContext.current(resolver: nil, interposer: Asked.interposer)
      var create = VulkanHost.CreateOptions(.matching(context))
      create.layers = TestStack.layers
      host = try VulkanHost.create(create)
    }
  }

  enum Use: CaseIterable { case access, acquireAndRelease, barriers }

  /// Submitting a framebuffer asks once; drawing by a closure, which may change the context, once more.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func aFrameAsksForTheContextOnce(api: SurfacelessContext.API, path: TransferPath) throws {
    let bench = try Bench(api)
    var options = ProducerOptions(path: path)
    options.capability = .nowhere
    options.framesInFlight = 1
    let producer = try RawGLProducer(size: Self.size, host: bench.host, context: bench.context, options: options)
    let framebuffer = try AppFramebuffer(bench.context, Self.size, .rgba8)
    var (last, lockings): (UInt64?, Set<UInt64>) = (nil, [])
    for number in 1...12 {
      var frame: Frame?
      let submits = number % 2 == 0
      let asked = try Asked.during {
        frame =
          submits ? try producer.submit(framebuffer: framebuffer.name) : try producer.render { _ in }
      }
      guard let made = frame.take() else { continue }
      let now = made.lockings
      let path = made.path
      try made.access(.transferSource) { (_, _) throws(InteropError) in }
      // The first frames make what later ones use again.
      if number > 4 {
        #expect(asked == (submits ? 1 : 2), "frame \(number), \(path)")
        if let last { lockings.insert(now - last - 1) }
      }
      last = now
    }
    // GL's begin and end, Vulkan's begin and end.
    #expect(lockings == [4])
  }

  /// GL's side of a consumer: each call asks once, and each access takes the lock twice on either side.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func aShownFrameAsksForTheContextOnceACall(api: SurfacelessContext.API, path: TransferPath) throws {
    let bench = try Bench(api)
    var options = ConsumerOptions(path: path)
    options.capability = .nowhere
    options.framesInFlight = 1
    let consumer = try RawGLConsumer(size: Self.size, host: bench.host, context: bench.context, options: options)
    var (last, lockings): (UInt64?, Set<UInt64>) = (nil, [])
    for number in 1...10 {
      let frame = try consumer.nextTarget().access(.general) { (_, _) throws(InteropError) in }
      let now = frame.lockings
      let acquired = try Asked.during { try frame.acquire() }
      var left: GLFrame? = consume frame
      let released = try Asked.during { try left.take()?.release() }
      if number > 4 {
        #expect(acquired == 1 && released == 1, "\(acquired) and \(released) questions")
        if let last { lockings.insert(now - last - 1) }
      }
      last = now
    }
    #expect(lockings == [4])
  }
}
