/// What was measured of one workload, in microseconds.
package struct Samples: Sendable {
  /// What kind of workload it is: reports keep these together, in this order.
  package enum Group: String, Codable, Sendable, CaseIterable {
    case limits = "limits"
    case direct = "one way, in Swift and in C"
    case sampled = "every pixel sampled on the graphics queue"
    case copied = "through the CPU, or importing for each frame"
    case ways = "each way of the library"
  }

  /// In reports and in the JSON: `swift-direct`.
  package let name: String
  /// What one frame is, for people.
  package let summary: String
  package let group: Group
  /// Several frames are under way at once, so that only the time of a whole block means something.
  package let isPipelined: Bool
  /// Set for a way of the library.
  package let way: Way?
  package var frameCount = 0
  /// One per frame; of pipelined workloads the mean frame of each block.
  package var frames: [Double] = []
  /// One per block: its median frame, of pipelined workloads its mean frame. One list per opening of the drivers.
  package var blocks: [[Double]] = []

  package init(_ name: String, _ summary: String, _ group: Group, isPipelined: Bool = false, way: Way? = nil) {
    self.name = name
    self.summary = summary
    self.group = group
    self.isPipelined = isPipelined
    self.way = way
  }

  /// Another opening's samples.
  package mutating func append(_ more: Samples) {
    precondition(name == more.name, "samples of one workload")
    frameCount += more.frameCount
    frames += more.frames
    blocks += more.blocks
  }
}

/// How frames get from GL to Vulkan.
package struct Way: Codable, Sendable, Hashable {
  package let path: String
  package let sync: String
  package let mode: String
  package let framesInFlight: Int
  /// Which acquires and releases.
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
