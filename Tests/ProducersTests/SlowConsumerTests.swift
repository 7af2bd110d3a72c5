import Glibc
import GLVulkanInterop
import InteropTestSupport
import Testing

/// A consumer that is slow at random, on the CPU and on its queue: no frame may be drawn over while Vulkan reads it,
/// whatever the ring's length. Every pixel of a frame has its number, and each corner once more, so that one that is
/// torn, late or early shows.
@Suite("Slow consumers", .serialized) struct SlowConsumerTests {
  static let size = PixelSize(width: 96, height: 64)
  static let frames = 300

  struct Case: CustomTestStringConvertible, Sendable {
    let sync: SyncKind
    let inFlight: Int
    let drops: Bool
    /// The consumer reads on the producer's ownership queue, not on the device's first one.
    let onOwnershipQueue: Bool
    var testDescription: String {
      "\(sync.rawValue), \(inFlight) in flight\(drops ? ", the oldest is dropped" : "")"
        + (onOwnershipQueue ? ", read on the ownership queue" : "")
    }
  }

  static let cases = [SyncKind.semaphoreFD, .timelineSemaphore, .syncFile, .cpuWait].flatMap { sync in
    [3, 8].flatMap { inFlight in
      [false, true].flatMap { drops in
        [false, true].map { Case(sync: sync, inFlight: inFlight, drops: drops, onOwnershipQueue: $0) }
      }
    }
  }

  @Test(arguments: cases) func noFrameIsDrawnOver(test: Case) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.shares(test.sync, context.api) else { return }
    var options = ProducerOptions(framesInFlight: test.inFlight, path: .opaqueFD)
    options.sync = test.sync
    options.backPressure = test.drops ? .dropOldest(timeout: .seconds(10)) : .wait(timeout: .seconds(10))
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    let queue = FrameQueue<Frame>(capacity: test.inFlight)
    let reading = test.onOwnershipQueue ? producer.status.ownershipQueue : host.queues[0]
    let consumer = try SlowConsumer(host, on: reading, inFlight: test.inFlight, seed: UInt64(test.inFlight))
    try withThread {
      while let frame = queue.receive() { consumer.take(frame) }
      consumer.finish()
    } during: {
      defer { queue.close() }
      for _ in 0..<Self.frames {
        let frame = try producer.render { target in
          NumberedPicture.draw(target.frameNumber, target.gl)
        }
        queue.send(frame)
      }
    }
    #expect(consumer.problems == [])
    // Of frames that may be dropped some arrive all the same.
    #expect(test.drops ? consumer.seen > 0 : consumer.seen == Self.frames, "\(consumer.seen) frames")
  }

  struct AppCase: CustomTestStringConvertible, Sendable {
    let sync: SyncKind
    /// The application draws into the slots; else its window's framebuffer is copied.
    let draws: Bool
    /// How many frames; at most `held` of them are kept by the consumer while the next ones are drawn.
    let frames: Int
    let held: Int
    var testDescription: String { "\(sync.rawValue), \(draws ? "drawn" : "submitted"), \(frames) frames, \(held) held" }
  }

  static let appCases = [SyncKind.semaphoreFD, .timelineSemaphore, .cpuWait].flatMap { sync in
    [
      AppCase(sync: sync, draws: false, frames: 10_000, held: 3),
      AppCase(sync: sync, draws: true, frames: 2_000, held: 3),
    ]
  }

  /// An application draws on while the consumer still holds the last three of its frames, acquired or not.
  @Test(arguments: appCases) func framesThatAreHeldAreNeverTorn(test: AppCase) throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    let host = try VulkanHost.create(create)
    guard TestStack.abilities.shares(test.sync, TestStack.abilities.apis[0]) else { return }
    // One to draw into beside those that are held and the one that waits in the queue.
    var options = ProducerOptions(framesInFlight: test.held + 2, path: .opaqueFD)
    options.sync = test.sync
    options.backPressure = .wait(timeout: .seconds(20))
    let producer = try RawGLProducer(size: Self.size, host: host, context: context, options: options)
    let queue = FrameQueue<Frame>(capacity: options.framesInFlight)
    let consumer = try SlowConsumer(host, on: host.queues[0], inFlight: test.held, seed: 17)
    try withThread {
      let held = FrameQueue<Frame>(capacity: test.held + 1)
      var count = 0
      while let frame = queue.receive(timeout: .seconds(60)) {
        held.send(frame)
        count += 1
        if count > test.held, let oldest = held.receive() { consumer.take(oldest) }
      }
      held.close()
      while let frame = held.receive() { consumer.take(frame) }
      consumer.finish()
    } during: {
      defer { queue.close() }
      for number in 1...UInt64(test.frames) {
        if test.draws {
          queue.send(try producer.render { target in NumberedPicture.draw(target.frameNumber, target.gl) })
        } else {
          NumberedPicture.draw(number, context.gl)
          queue.send(try producer.submit())
        }
      }
    }
    #expect(consumer.problems.prefix(5) == [])
    #expect(consumer.seen == test.frames)
  }
}

/// Frame n: its number all over, and in each corner together with which corner it is.
private enum NumberedPicture {
  private static let corner = 8

  private static func corners(_ size: PixelSize) -> [(x: Int, y: Int)] {
    [(0, 0), (size.width - corner, 0), (0, size.height - corner), (size.width - corner, size.height - corner)]
  }

  /// Into the framebuffer that is bound.
  static func draw(_ number: UInt64, _ gl: GLFunctions) {
    func clear(_ blue: Int) {
      gl.glClearColor(Float(number & 255) / 255, Float(number >> 8 & 255) / 255, Float(blue) / 255, 1)
      gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
    }
    clear(128)
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    for (index, place) in corners(SlowConsumerTests.size).enumerated() {
      gl.glScissor(GLint(place.x), GLint(place.y), GLsizei(corner), GLsizei(corner))
      clear(index + 1)
    }
    gl.glDisable(GLenum(GL_SCISSOR_TEST))
  }

  /// What is wrong with the pixels of frame n, row 0 at the bottom; nil if nothing is.
  static func problem(_ number: UInt64, _ pixels: UnsafeMutableRawBufferPointer) -> String? {
    let size = SlowConsumerTests.size
    func check(_ x: Int, _ y: Int, _ blue: UInt8) -> String? {
      let at = (y * size.width + x) * 4
      let found = [pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]]
      let wanted = [UInt8(number & 255), UInt8(number >> 8 & 255), blue, 255]
      return found == wanted ? nil : "frame \(number) has \(found) at \(x), \(y), not \(wanted)"
    }
    let places = corners(size)
    for y in 0..<size.height {
      for x in 0..<size.width {
        let index = places.firstIndex { x >= $0.x && x < $0.x + corner && y >= $0.y && y < $0.y + corner }
        if let problem = check(x, y, index.map { UInt8($0 + 1) } ?? 128) { return problem }
      }
    }
    return nil
  }
}

/// Used on the consumer's thread, and looked at when that has ended.
private final class SlowConsumer: @unchecked Sendable {
  private(set) var problems: [String] = []
  private(set) var seen = 0
  private let host: VulkanHost
  private let queue: VulkanQueue
  private let commands: VulkanCommands
  private var random: SplitMix64
  /// Where the last frames' pixels arrive, and their numbers.
  private let landings: [HostBuffer]
  private var expected: [(landing: Int, number: UInt64)] = []
  private var last: UInt64 = 0

  init(_ host: VulkanHost, on queue: VulkanQueue, inFlight: Int, seed: UInt64) throws {
    self.host = host
    self.queue = queue
    commands = try VulkanCommands(host: host, queue: queue)
    random = SplitMix64(seed: seed)
    let size = SlowConsumerTests.size
    landings = try (0..<inFlight).map { _ in
      try HostBuffer(host: host, size: size.width * size.height * 4, .readback)
    }
  }

  func take(_ frame: consuming Frame) {
    let number = frame.number
    if number <= last { problems.append("frame \(number) after \(last)") }
    last = number
    seen += 1
    do {
      try use(frame)
    } catch let error as InteropError where error.code == .invalidState {
      // Dropped by the producer before it was acquired.
      seen -= 1
    } catch {
      problems.append("frame \(number): \(error)")
    }
  }

  private func use(_ frame: consuming Frame) throws {
    if expected.count == landings.count { check() }
    let number = frame.number
    let landing = expected.count
    let bytes = landings[landing]
    // From time to time the queue reads the frame for long, or the frame is held for long before it is read.
    let readings = random.next() % 4 == 0 ? 60 : 1
    let pause = random.next() % 4 == 0 ? UInt32(random.next() % 4000) : 0
    if random.next() % 2 == 0 {
      usleep(pause)
      try frame.access(.transferSource, on: AccessQueues(queue)) { (commands, image) throws(InteropError) in
        record(readings, image, bytes, into: commands)
      }
    } else {
      try frame.acquire(.transferSource, on: AccessQueues(queue))
      usleep(pause)
      try commands.finish()
      let image = frame.image
      let buffer = try commands.record(.first) { commands in
        record(readings, image, bytes, into: commands)
      }
      try commands.submit(buffer)
      try frame.release()
    }
    expected.append((landing, number))
  }

  /// Reads the image several times; the last reading counts.
  private func record(_ readings: Int, _ image: VkImage, _ bytes: HostBuffer, into commands: VkCommandBuffer) {
    for _ in 0..<readings {
      bytes.recordCopy(
        from: image, SlowConsumerTests.size, layout: VulkanAccess.transferSource.layout, into: commands)
      // Each comes after the one before, which writes the same buffer.
      var barrier = VkMemoryBarrier()
      barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
      barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
      barrier.dstAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
      let transfer = UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue)
      host.vk.vkCmdPipelineBarrier(commands, transfer, transfer, 0, 1, &barrier, 0, nil, 0, nil)
    }
  }

  /// Every pixel of every frame that was read since the last time.
  private func check() {
    _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
    for (landing, number) in expected {
      if let problem = NumberedPicture.problem(number, landings[landing].bytes) { problems.append(problem) }
    }
    expected = []
  }

  func finish() { check() }
}
