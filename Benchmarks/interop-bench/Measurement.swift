import BenchmarkReport
import Glibc

/// Runs workloads alternately, in blocks of a few frames, so that other load on the machine affects all of them alike.
struct Measurement {
  /// For quick frames. Slow ones have shorter blocks. The lengths are multiples of 6 or 3, so that a workload that
  /// submits three frames at once has whole groups in a block.
  static let framesPerBlock = 24
  /// The maximum time of a block, where that is possible.
  private static let blockMilliseconds = 60.0
  /// Frames at the beginning of each block that are not timed: the other side's context and data have to leave the
  /// caches. Large frames need none.
  private static let leadInFrames = 3

  private let workloads: [Workload]
  private let inFlight: Int
  private let makeCurrent: (Workload.Side) throws -> Void
  private var numbers: [UInt32]
  private var framesPerBlock: [Int]
  private var leadIn: [Int]
  private var times = [Double](repeating: 0, count: Self.framesPerBlock)
  private var current: Workload.Side?
  /// Workloads whose first frames failed for a reason other than wrong pixels. They are left out of the rest.
  private(set) var failed: [Report.NotMeasured] = []

  /// - Parameters:
  ///   - inFlight: the number of frames in flight of pipelined workloads.
  ///   - makeCurrent: makes a side's GL context current.
  init(_ workloads: [Workload], inFlight: Int, makeCurrent: @escaping (Workload.Side) throws -> Void) {
    self.workloads = workloads
    self.inFlight = inFlight
    self.makeCurrent = makeCurrent
    numbers = [UInt32](repeating: 0, count: workloads.count)
    framesPerBlock = [Int](repeating: Self.framesPerBlock(.infinity), count: workloads.count)
    leadIn = [Int](repeating: 1, count: workloads.count)
  }

  /// - Parameter rounds: the number of blocks of each workload, after one or two that warm up.
  /// - Throws: when a frame has the wrong pixels, or a workload fails that has worked before.
  mutating func run(rounds: Int) throws -> [Samples] {
    var samples = workloads.map {
      Samples($0.name, $0.summary, $0.group, isPipelined: $0.isPipelined, way: $0.way)
    }
    for index in samples.indices { samples[index].blocks = [[]] }
    var working: [Int] = []
    for index in workloads.indices {
      do {
        try warmUp(index)
        working.append(index)
      } catch let error where !((error as? BenchmarkError)?.isWrongPixels ?? false) {
        progress("\(workloads[index].name) does not work here: \(error)")
        failed.append(Report.NotMeasured(workloads[index].name, "\(error)"))
        try? workloads[index].drain(numbers[index])
      }
    }
    for round in 1...rounds {
      for index in Self.order(round, working.count).map({ working[$0] }) {
        let block = try block(index)
        let isPipelined = workloads[index].isPipelined
        samples[index].frameCount += framesPerBlock[index]
        if isPipelined {
          samples[index].frames.append(block.mean)
        } else {
          samples[index].frames += times.prefix(framesPerBlock[index])
        }
        samples[index].blocks[0].append(isPipelined ? block.mean : block.median)
      }
    }
    return working.map { samples[$0] }
  }

  /// Finds out the length of a block, in two rounds, because the first frames in new memory take longer.
  private mutating func warmUp(_ index: Int) throws {
    for _ in 0..<2 {
      let frame = try block(index).median
      framesPerBlock[index] = Self.framesPerBlock(frame)
      leadIn[index] = frame * Double(Self.leadInFrames) < Self.blockMilliseconds * 1000 ? Self.leadInFrames : 1
      if leadIn[index] == 1 { break }
    }
  }

  /// - Parameter frame: microseconds.
  private static func framesPerBlock(_ frame: Double) -> Int {
    let fitting = blockMilliseconds * 1000 / max(frame, 1)
    return fitting >= Double(framesPerBlock) ? framesPerBlock : fitting >= 1 ? max(6, Int(fitting) / 6 * 6) : 3
  }

  /// Runs a block and leaves the times of its frames in `times`.
  private mutating func block(_ index: Int) throws -> (median: Double, mean: Double) {
    let workload = workloads[index]
    let count = framesPerBlock[index]
    if workload.side != current {
      try makeCurrent(workload.side)
      current = workload.side
    }
    // A pipelined workload is measured while its pipeline is full.
    for _ in 0..<(workload.isPipelined ? max(leadIn[index], inFlight) : leadIn[index]) {
      try workload.prepare?(numbers[index])
      try workload.frame(numbers[index])
      numbers[index] += 1
    }
    let begin = now()
    var last = begin
    for position in 0..<count {
      if let prepare = workload.prepare {
        try prepare(numbers[index])
        last = now()
      }
      try workload.frame(numbers[index])
      let time = now()
      times[position] = microseconds(from: last, to: time)
      last = time
      numbers[index] += 1
    }
    try workload.drain(numbers[index] - 1)
    return (median(Array(times.prefix(count))), microseconds(from: begin, to: last) / Double(count))
  }

  /// Each workload is first equally often, and every second round runs backwards, so that no workload always follows
  /// the same one.
  private static func order(_ round: Int, _ count: Int) -> [Int] {
    let rotated = (0..<count).map { ($0 + round) % count }
    return round % 2 == 0 ? rotated : rotated.reversed()
  }
}

/// Nanoseconds on a monotonic clock.
func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func microseconds(from start: UInt64, to end: UInt64) -> Double { Double(end - start) / 1000 }
