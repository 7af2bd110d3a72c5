/// One way to get a frame from GL to Vulkan, as the benchmark runs it.
struct Workload {
  /// Whose GL context the frames need.
  enum Side: Int, CaseIterable { case swift, c }

  /// In reports and in the JSON: `swift-direct`.
  let name: String
  /// What one frame is, for people.
  let summary: String
  let side: Side
  /// Several frames are under way at once; ``drain`` ends them. Then only the time of a whole block means something.
  let isPipelined: Bool
  let frame: (UInt32) throws -> Void
  let drain: () throws -> Void

  init(
    _ name: String, _ summary: String, _ side: Side, isPipelined: Bool = false, drain: @escaping () throws -> Void = {},
    frame: @escaping (UInt32) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    self.side = side
    self.isPipelined = isPipelined
    self.frame = frame
    self.drain = drain
  }
}

/// The colour frame `number` is cleared to, so that each frame can be told from the one before it.
func frameColor(_ number: UInt32) -> (UInt8, UInt8, UInt8, UInt8) {
  (UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), 0x40, 0xFF)
}

/// A frame that did not arrive as it was drawn, or a failure of the C side.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
}
