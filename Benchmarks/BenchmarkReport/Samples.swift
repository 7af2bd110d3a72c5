/// The measurements of one workload, in microseconds.
package struct Samples: Sendable {
  /// The kind of workload: reports keep the workloads of a group together, in this order.
  package enum Group: String, Codable, Sendable, CaseIterable {
    case limits = "limits"
    case direct = "one way, in Swift and in C"
    case sampled = "every pixel sampled on the graphics queue"
    case copied = "through the CPU, or importing for each frame"
    case ways = "each way of the library"
  }

  /// The name in reports and in the JSON: `swift-direct`.
  package let name: String
  /// A description of one frame, for the report.
  package let summary: String
  package let group: Group
  /// Whether several frames are in flight at once, so that only the time of a whole block is meaningful.
  package let isPipelined: Bool
  /// The combination, for a workload that is one of the library's.
  package let way: Way?
  package var frameCount = 0
  /// One value per frame; for pipelined workloads the mean frame of each block.
  package var frames: [Double] = []
  /// One value per block: its median frame, for pipelined workloads its mean frame. One list for each time the drivers
  /// were opened.
  package var blocks: [[Double]] = []

  package init(_ name: String, _ summary: String, _ group: Group, isPipelined: Bool = false, way: Way? = nil) {
    self.name = name
    self.summary = summary
    self.group = group
    self.isPipelined = isPipelined
    self.way = way
  }

  /// Adds the samples of another opening of the drivers.
  package mutating func append(_ more: Samples) {
    precondition(name == more.name, "samples of one workload")
    frameCount += more.frameCount
    frames += more.frames
    blocks += more.blocks
  }
}

/// The combination by which frames get from GL to Vulkan.
package struct Way: Codable, Sendable, Hashable {
  package let path: String
  package let sync: String
  package let mode: String
  package let framesInFlight: Int
  /// The family whose queue acquires and releases.
  package let queueFamily: UInt32

  package init(path: String, sync: String, mode: String, framesInFlight: Int, queueFamily: UInt32) {
    self.path = path
    self.sync = sync
    self.mode = mode
    self.framesInFlight = framesInFlight
    self.queueFamily = queueFamily
  }

  /// `opaque-fd/direct/semaphore-fd/3/q1`.
  package var name: String { "\(path)/\(mode)/\(sync)/\(framesInFlight)/q\(queueFamily)" }
}
