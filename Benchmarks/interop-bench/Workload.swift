import BenchmarkReport

/// One method of getting a frame from GL to Vulkan, as the benchmark runs it.
struct Workload {
  /// The side whose GL context the frames need.
  enum Side: Int, CaseIterable { case swift, c }

  let name: String
  /// A description of one frame, for the report.
  let summary: String
  let group: Samples.Group
  let side: Side
  /// Whether several frames are in flight at once; ``drain`` ends them. Then only the time of a whole block is
  /// meaningful.
  var isPipelined = false
  /// The combination, for a workload that is one of the library's.
  var way: Way?
  /// The part of a frame before the timed part.
  var prepare: ((UInt32) throws -> Void)?
  let frame: (UInt32) throws -> Void
  /// Ends a block: waits for all frames in flight and compares those not compared yet. Its argument is the last frame's
  /// number.
  var drain: (UInt32) throws -> Void = { _ in }

  init(
    _ name: String, _ summary: String, _ group: Samples.Group, _ side: Side, isPipelined: Bool = false, way: Way? = nil,
    prepare: ((UInt32) throws -> Void)? = nil, drain: @escaping (UInt32) throws -> Void = { _ in },
    frame: @escaping (UInt32) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    self.group = group
    self.side = side
    self.isPipelined = isPipelined
    self.way = way
    self.prepare = prepare
    self.frame = frame
    self.drain = drain
  }
}

/// Returns the colour to which frame `number` is cleared, so that each frame differs from the one before it.
func frameColor(_ number: UInt32) -> (UInt8, UInt8, UInt8, UInt8) {
  (UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), 0x40, 0xFF)
}

/// A frame that arrived with wrong pixels, or a failure of the C side.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  /// Whether a frame arrived with wrong pixels: then no measurement can be trusted.
  var isWrongPixels = false
}
