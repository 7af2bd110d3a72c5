import FoundationEssentials
import GLVulkanInterop

/// Whether frames cost anything that is not given back: memory and file descriptors over many frames.
struct SteadyState: Codable {
  var schema = 1
  let machine: Machine
  let drivers: DriverPair
  let size: String
  let rows: [Row]

  struct Row: Codable {
    let name: String
    let frames: Int
    /// Resident memory at the end minus that at the beginning, in KiB.
    let memoryGrowthKiB: Int
    let fileDescriptorGrowth: Int
    var isSteady: Bool { fileDescriptorGrowth <= 0 && memoryGrowthKiB <= SteadyState.memoryLimitKiB }
  }

  /// What an allocator may keep; a leak of 64 bytes a frame goes past it within 16,000 frames.
  static let memoryLimitKiB = 1024
  /// Before the beginning: pools and caches fill up.
  private static let warmUpFrames: UInt32 = 500

  /// - Parameter workloads: C's direct frames among them, which tell what the drivers keep.
  static func run(
    _ workloads: [Workload], frames: Int, makeCurrent: (Workload.Side) throws -> Void, progress: (String) -> Void
  ) throws -> [Row] {
    var rows: [Row] = []
    for workload in workloads {
      progress("\(workload.name): \(frames) frames")
      try makeCurrent(workload.side)
      for number in 0..<warmUpFrames { try workload.frame(number) }
      try workload.drain()
      let before = Resources.now()
      for number in 0..<UInt32(frames) { try workload.frame(warmUpFrames + number) }
      try workload.drain()
      let after = Resources.now()
      rows.append(
        Row(
          name: workload.name, frames: frames, memoryGrowthKiB: (after.memory - before.memory) / 1024,
          fileDescriptorGrowth: after.fileDescriptors - before.fileDescriptors))
    }
    return rows
  }

  var isSteady: Bool { rows.allSatisfy(\.isSteady) }

  func text() -> String {
    var lines = ["\(drivers.glRenderer) with \(drivers.vulkanDevice), \(drivers.sync), \(size)"]
    lines += rows.map {
      "\($0.isSteady ? "steady" : "GROWING"): \($0.name), \($0.frames) frames: memory \($0.memoryGrowthKiB) KiB,"
        + " open file descriptors \($0.fileDescriptorGrowth)"
    }
    return lines.joined(separator: "\n")
  }

  func markdown() -> String {
    let head = ["| workload | frames | memory growth, KiB | file descriptor growth |", "| --- | ---: | ---: | ---: |"]
    let body = rows.map { "| \($0.name) | \($0.frames) | \($0.memoryGrowthKiB) | \($0.fileDescriptorGrowth) |" }
    return (head + body).joined(separator: "\n")
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
