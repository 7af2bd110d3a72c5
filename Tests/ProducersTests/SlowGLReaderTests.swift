import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Vulkan renders on one thread, GL shows on another and is slow at random, on the CPU and on its queue: no image may
/// be drawn over while GL holds it. Every pixel of a frame has its number, so that one that is torn, late or early
/// shows.
@Suite("Slow GL readers", .serialized) struct SlowGLReaderTests {
  static let size = PixelSize(width: 96, height: 64)
  static let frames = 2000

  struct Case: CustomTestStringConvertible, Sendable {
    let path: TransferPath
    let sync: SyncKind
    let inFlight: Int
    let drops: Bool
    var testDescription: String {
      "\(path) \(sync.rawValue), \(inFlight) in flight\(drops ? ", the oldest is dropped" : "")"
    }
  }

  static let cases =
    [SyncKind.timelineSemaphore, .semaphoreFD, .syncFile, .cpuWait].flatMap { sync in
      [(2, false), (3, false), (3, true)].map { Case(path: .opaqueFD, sync: sync, inFlight: $0.0, drops: $0.1) }
    } + [false, true].map { Case(path: .hostCopy, sync: .cpuWait, inFlight: 3, drops: $0) }

  @Test(arguments: cases) func noFrameIsOverwritten(test: Case) throws {
    let (context, host) = try TestStack.open()
    guard test.path == .hostCopy || TestStack.abilities.shares(test.sync, context.api) else { return }
    let consumer = try RawGLConsumer(
      size: Self.size, host: host, context: context.gl,
      options: RawGLConsumerTests.options(test.path) {
        $0.sync = test.sync
        $0.framesInFlight = test.inFlight
        $0.backPressure = test.drops ? .dropOldest(timeout: .seconds(10)) : .wait(timeout: .seconds(10))
        $0.capability = .nowhere
      })
    let queue = FrameQueue<GLFrame>(capacity: test.inFlight)
    let reader = try SlowReader(context.gl, seed: UInt64(test.inFlight))
    let problems = Mutex<[String]>([])
    try withThread {
      var random = SplitMix64(seed: 77)
      do {
        for _ in 0..<Self.frames { queue.send(try Self.draw(try consumer.nextTarget(), host, &random)) }
      } catch {
        problems.withLock { $0.append("Vulkan's side: \(error)") }
      }
      queue.close()
    } during: {
      while let frame = queue.receive(timeout: .seconds(20)) { reader.take(frame) }
      reader.finish()
    }
    #expect(problems.withLock { $0 } == [])
    #expect(Array(reader.problems.prefix(5)) == [])
    // Of frames that may be dropped some arrive all the same.
    #expect(test.drops ? reader.seen > 0 : reader.seen == Self.frames, "\(reader.seen) frames")
    #expect(consumer.status.fellBackFrom.isEmpty)
  }

  /// A clear of the whole with the frame's number; from time to time after another one, which must not be seen.
  private static func draw(
    _ target: consuming VulkanTarget, _ host: VulkanHost, _ random: inout SplitMix64
  ) throws -> GLFrame {
    let number = target.number
    let clears = random.next() % 4 == 0 ? 30 : 1
    if random.next() % 64 == 0 { usleep(2000) }
    return try target.access(.transferDestination) { (commands, image) throws(InteropError) in
      for left in (0..<clears).reversed() {
        let colour: [Float] =
          left > 0 ? [1, 1, 1, 1] : [Float(number & 255) / 255, Float(number >> 8) / 255, 0.2, 1]
        RawGLConsumerTests.clear(image, colour, commands, host)
        var barrier = VkMemoryBarrier()
        barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
        barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
        barrier.dstAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
        let transfer = UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue)
        host.vk.vkCmdPipelineBarrier(commands, transfer, transfer, 0, 1, &barrier, 0, nil, 0, nil)
      }
    }
  }
}

/// Used on the GL thread. What was drawn with a frame is looked at some frames later, so that nothing here waits for GL
/// while the frame is held.
private final class SlowReader {
  private(set) var problems: [String] = []
  private(set) var seen = 0
  private let context: GLContext
  private let painter: TestPainter
  private let landings: [AppFramebuffer]
  private var expected: [(landing: Int, number: UInt64)] = []
  private var random: SplitMix64
  private var last: UInt64 = 0

  init(_ context: GLContext, seed: UInt64) throws {
    self.context = context
    painter = try TestPainter(context)
    landings = try (0..<3).map { _ in try AppFramebuffer(context, SlowGLReaderTests.size, .rgba8) }
    random = SplitMix64(seed: seed)
  }

  func take(_ frame: consuming GLFrame) {
    let number = frame.number
    if number <= last { problems.append("frame \(number) after \(last)") }
    last = number
    seen += 1
    do {
      try use(frame)
    } catch let error as InteropError where error.code == .invalidState {
      // Dropped by Vulkan's side before it was acquired.
      seen -= 1
    } catch {
      problems.append("frame \(number): \(error)")
    }
  }

  private func use(_ frame: consuming GLFrame) throws {
    if expected.count == landings.count { try check() }
    let number = frame.number
    let landing = expected.count
    // Now and then GL draws with it for long, or it is held for long; the last drawing counts.
    let drawings = random.next() % 8 == 0 ? 12 : 1
    let pause = random.next() % 16 == 0 ? UInt32(random.next() % 3000) : 0
    if random.next() % 32 == 0 { return }
    try frame.acquire()
    usleep(pause)
    for _ in 0..<drawings {
      try painter.draw(texture: frame.texture, into: landings[landing].name, SlowGLReaderTests.size)
    }
    try frame.release()
    expected.append((landing, number))
  }

  /// Every pixel.
  private func check() throws {
    for (landing, number) in expected {
      let wanted: [UInt8] = [UInt8(number & 255), UInt8(number >> 8), 51, 255]
      let pixels = try landings[landing].read(context)
      let word = wanted.withUnsafeBytes { $0.load(as: UInt32.self) }
      let all = [UInt32](repeating: word, count: pixels.count / 4)
      if all.withUnsafeBytes({ all in pixels.withUnsafeBytes { memcmp($0.baseAddress!, all.baseAddress!, all.count) } })
        == 0
      {
        continue
      }
      let wrong = stride(from: 0, to: pixels.count, by: 4).first { index in
        (0..<4).contains { pixels[index + $0] != wanted[$0] }
      }
      if let wrong { problems.append("frame \(number) has \(Array(pixels[wrong..<wrong + 4])) at byte \(wrong)") }
    }
    expected = []
  }

  func finish() {
    do { try check() } catch { problems.append("\(error)") }
  }
}
