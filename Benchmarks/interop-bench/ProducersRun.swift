import BenchmarkReport
import CBaseline
import GLVulkanInterop
import Glibc

/// Several producers on one Vulkan device, each with a context on a thread of its own, and as many threads that only
/// draw.
enum ProducersRun {
  private static let seconds = 0.5

  static func run(
    _ setup: Setup, size: PixelSize, inFlight: Int, count: Int, times: Int
  ) throws -> SeveralProducers {
    let side = try SwiftSide(platform: setup.platform)
    let host = side.host
    let (queue, context) = (try side.queue(family: setup.queueFamily), side.context.gl)
    let usage = try SharedImage(SharedImageDescription(size: size), gl: context, host: host, sync: setup.sync).usage
    let (platform, api) = (side.context.platform, side.context.api)
    let options = setup.options(.opaqueFD, .direct, setup.sync, framesInFlight: inFlight)
    // Some EGL drivers cannot open contexts on several threads at once.
    let opening = Mutex(())

    func producers(_ count: Int) throws -> Double {
      try framesPerSecond(count) { start in
        let frames = try opening.withLock { _ in
          ProducerFrames(
            try SurfacelessEGLProducer(
              size: size, host: host, context: try SurfacelessContext(platform: platform, api: api), options: options))
        }
        let made = try start { try frames.frame($0, on: queue, waits: false) }
        try frames.drain()
        return made
      }
    }
    func drawing(_ count: Int) throws -> Double {
      try framesPerSecond(count) { start in
        let frames = try opening.withLock { _ in
          try CFrames(setup, size: size, inFlight: inFlight, usage: usage, host: host, parts: CB_RENDER_ONLY)
        }
        let made = try start { try frames.drawPipelined($0) }
        try frames.checkDrawn(made - 1)
        return made
      }
    }
    var results: [[Double]] = [[], [], [], []]
    for _ in 0..<times {
      results[0].append(try producers(1))
      results[1].append(try producers(count))
      results[2].append(try drawing(1))
      results[3].append(try drawing(count))
    }
    return SeveralProducers(
      size: size.description, count: count, one: results[0], all: results[1], renderOnlyOne: results[2],
      renderOnlyAll: results[3])
  }

  /// Runs all threads: they open their objects, begin at once, and count frames until the time is over.
  ///
  /// - Parameter body: runs on each thread: opens its objects, calls its argument with a function that makes a frame,
  ///   and returns the number of frames.
  private static func framesPerSecond(
    _ count: Int, _ body: @escaping ((_ frame: (UInt32) throws -> Void) throws -> UInt32) throws -> UInt32
  ) throws -> Double {
    let shared = Shared(threads: count)
    nonisolated(unsafe) let body = body
    let threads = (0..<count).map { _ in
      Thread {
        do {
          let made = try body { frame in
            // Warm-up: pools and caches fill up.
            var number: UInt32 = 0
            while number < 10 {
              try frame(number)
              number += 1
            }
            let warm = number
            let end = shared.begin() + UInt64(seconds * 1e9)
            while now() < end {
              try frame(number)
              number += 1
            }
            shared.add(number - warm)
            return number
          }
          _ = made
        } catch {
          shared.fail(error)
        }
      }
    }
    for thread in threads { thread.join() }
    return try shared.total() / seconds
  }

  /// State that the threads of one measurement share.
  private final class Shared: Sendable {
    private struct State {
      var waiting: Int
      var frames: UInt64 = 0
      var failure: (any Error)?
    }
    private let state: Mutex<State>
    private let start = Atomic<UInt64>(0)

    init(threads: Int) { state = Mutex(State(waiting: threads)) }

    /// Waits until every thread has arrived or failed.
    ///
    /// - Returns: the time at which they began.
    func begin() -> UInt64 {
      arrive()
      while start.load(ordering: .acquiring) == 0 { usleep(100) }
      return start.load(ordering: .acquiring)
    }

    private func arrive() {
      state.withLock { state in
        state.waiting -= 1
        if state.waiting == 0 { start.store(now(), ordering: .releasing) }
      }
    }

    func add(_ frames: UInt32) { state.withLock { $0.frames += UInt64(frames) } }

    func fail(_ error: any Error) {
      state.withLock { $0.failure = error }
      // The others need not wait for this thread.
      if start.load(ordering: .acquiring) == 0 { arrive() }
    }

    func total() throws -> Double {
      try state.withLock { state in
        if let failure = state.failure { throw failure }
        return Double(state.frames)
      }
    }
  }
}

/// A thread that runs one closure.
private final class Thread {
  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private var handle = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
      &handle, nil,
      { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    precondition(code == 0, "no thread: \(code)")
  }

  func join() { pthread_join(handle, nil) }
}
