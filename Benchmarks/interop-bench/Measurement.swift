import Glibc
import GLVulkanInterop

/// Runs workloads in turns of a few frames each, so that whatever else the machine does meets all of them alike.
struct Measurement {
  static let framesPerBlock = 20
  /// At the beginning of each block, not timed: the other side's context and data have to leave the caches.
  static let leadInFrames = 3

  /// What was measured of one workload, in microseconds.
  struct Samples {
    let name: String
    let summary: String
    var frameCount = 0
    /// One per frame; of pipelined workloads the mean frame of each block.
    var frames: [Double] = []
    /// One per block: its median frame, of pipelined workloads its mean frame. One list per opening of the drivers.
    var blocks: [[Double]] = []

    mutating func append(_ more: Samples) {
      precondition(name == more.name, "samples of one workload")
      frameCount += more.frameCount
      frames += more.frames
      blocks += more.blocks
    }
  }

  /// - Parameters:
  ///   - rounds: how many blocks each workload gets.
  ///   - inFlight: how many frames of pipelined workloads are under way at once.
  ///   - makeCurrent: makes a side's GL context current.
  static func run(
    _ workloads: [Workload], rounds: Int, inFlight: Int, makeCurrent: (Workload.Side) throws -> Void
  ) throws -> [Samples] {
    var samples = workloads.map { Samples(name: $0.name, summary: $0.summary, blocks: [[]]) }
    for index in samples.indices {
      samples[index].frames.reserveCapacity(rounds * framesPerBlock)
      samples[index].blocks[0].reserveCapacity(rounds)
    }
    var numbers = [UInt32](repeating: 0, count: workloads.count)
    var times = [Double](repeating: 0, count: framesPerBlock)
    var current: Workload.Side?
    // Round 0 warms up and is not kept.
    for round in 0...rounds {
      for index in order(round, workloads.count) {
        let workload = workloads[index]
        if workload.side != current {
          try makeCurrent(workload.side)
          current = workload.side
        }
        // A pipeline is measured while it is full.
        for _ in 0..<max(leadInFrames, workload.isPipelined ? inFlight : 0) {
          try workload.frame(numbers[index])
          numbers[index] += 1
        }
        let start = now()
        var last = start
        for position in 0..<framesPerBlock {
          try workload.frame(numbers[index])
          let time = now()
          times[position] = Double(time - last) / 1000
          last = time
          numbers[index] += 1
        }
        try workload.drain()
        guard round > 0 else { continue }
        samples[index].frameCount += framesPerBlock
        if workload.isPipelined {
          let mean = Double(last - start) / 1000 / Double(framesPerBlock)
          samples[index].frames.append(mean)
          samples[index].blocks[0].append(mean)
        } else {
          samples[index].frames += times
          samples[index].blocks[0].append(median(times))
        }
      }
    }
    return samples
  }

  /// Each workload comes first as often as any other, and every second round runs backwards, so that none has always
  /// the same one before it.
  private static func order(_ round: Int, _ count: Int) -> [Int] {
    let rotated = (0..<count).map { ($0 + round) % count }
    return round % 2 == 0 ? rotated : rotated.reversed()
  }

  /// Nanoseconds on a clock that nobody sets.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
