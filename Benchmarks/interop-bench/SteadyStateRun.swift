import BenchmarkReport
import CBenchmarkCounters
import GLVulkanInterop

/// Runs many small frames of a workload and measures the resources that they use up.
enum SteadyStateRun {
  /// Frames before the measurement, in which pools and caches fill up.
  private static let warmUpFrames: UInt32 = 500

  static func run(_ workload: Workload, frames: Int) throws -> SteadyState.Row {
    for number in 0..<warmUpFrames { try workload.frame(number) }
    try workload.drain(warmUpFrames - 1)
    let before = Resources.now()
    let (objects, descriptors) = (bc_objects_made(), bc_descriptors_given_out())
    bc_start_counting_allocations()
    for number in 0..<UInt32(frames) { try workload.frame(warmUpFrames + number) }
    let allocations = bc_stop_counting_allocations()
    let (made, givenOut) = (bc_objects_made() - objects, bc_descriptors_given_out() - descriptors)
    try workload.drain(warmUpFrames + UInt32(frames) - 1)
    let after = Resources.now()
    var row = SteadyState.Row(name: workload.name, frames: frames)
    row.memoryGrowthKiB = (after.memory - before.memory) / 1024
    row.fileDescriptorGrowth = after.fileDescriptors - before.fileDescriptors
    if bc_counts_allocations() {
      row.ownAllocations = Double(allocations.swift) / Double(frames)
      row.driverAllocations = Double(allocations.others) / Double(frames)
    }
    if workload.side == .swift {
      row.driverObjects = Double(made) / Double(frames)
      row.driverDescriptors = Double(givenOut) / Double(frames)
    }
    return row
  }
}

/// Counts the system calls of a workload's frames: runs this program under strace, with two numbers of frames, and
/// takes the difference.
enum SystemCalls {
  struct Counts {
    /// Per frame, by name.
    let calls: [String: Double]
    var total: Double { calls.values.reduce(0, +) }
    var descriptorsOpened: Double { calls.filter { SystemCalls.opening.contains($0.key) }.values.reduce(0, +) }
    /// The three most frequent calls.
    var frequent: [String: Double] {
      let sorted = calls.filter { $0.value >= 0.05 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return Dictionary(uniqueKeysWithValues: sorted.prefix(3).map { ($0.key, $0.value) })
    }
  }

  enum Outcome {
    case counted(Counts)
    case notMeasured(String)
  }

  /// Calls whose result is a new descriptor, without descriptors that an ioctl returns (sync files).
  private static let opening: Set<String> = [
    "open", "openat", "openat2", "creat", "dup", "dup2", "dup3", "socket", "socketpair", "accept", "accept4", "pipe",
    "pipe2", "eventfd", "eventfd2", "memfd_create", "timerfd_create", "epoll_create", "epoll_create1", "signalfd4",
    "inotify_init1",
  ]

  /// - Parameters:
  ///   - arguments: arguments with which this program runs `frames` frames of one workload, see `--run`.
  ///   - folder: for temporary files.
  static func count(_ arguments: [String], folder: String) -> Outcome {
    guard ChildProcess.exists("strace") else { return .notMeasured("strace is not installed") }
    guard let program = ChildProcess.myself else { return .notMeasured("/proc/self/exe cannot be read") }
    let (few, many) = (100, 500)
    var found: [[String: Int]] = []
    for frames in [few, many] {
      let summary = folder + "/strace.summary"
      let result = ChildProcess.run(
        "strace", ["-f", "-qq", "-c", "-o", summary, "--", program] + arguments + ["--frames", String(frames)],
        log: folder + "/strace.log")
      guard let result else { return .notMeasured("strace did not end within a minute") }
      guard result.status == 0 else {
        return .notMeasured(
          "strace ended with status \(result.status): \(result.output.split(separator: "\n").last ?? "")")
      }
      found.append(parse(readFile(summary)))
      _ = removeFile(summary)
    }
    // Calls below one in a hundred frames are chance differences between the two runs.
    let perFrame = found[1].mapValues { Double($0) }
      .merging(found[0].mapValues { -Double($0) }, uniquingKeysWith: +)
      .mapValues { $0 / Double(many - few) }
      .filter { $0.value >= 0.01 }
    return .counted(Counts(calls: perFrame))
  }

  /// Parses strace's table: `% time  seconds  usecs/call  calls  [errors]  syscall`.
  static func parse(_ summary: String) -> [String: Int] {
    var calls: [String: Int] = [:]
    for line in summary.split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count >= 5, let count = Int(fields[3]), let name = fields.last, name != "total" else { continue }
      calls[String(name)] = count
    }
    return calls
  }
}
