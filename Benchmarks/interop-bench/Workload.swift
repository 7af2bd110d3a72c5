import BenchmarkReport

/// One way to get a frame from GL to Vulkan, as the benchmark runs it.
struct Workload {
  /// Whose GL context the frames need.
  enum Side: Int, CaseIterable { case swift, c }

  let name: String
  /// What one frame is, for people.
  let summary: String
  let group: Samples.Group
  let side: Side
  /// Several frames are under way at once; ``drain`` ends them. Then only the time of a whole block means something.
  var isPipelined = false
  /// Set for a way of the library.
  var way: Way?
  /// What comes before the timed part of a frame.
  var prepare: ((UInt32) throws -> Void)?
  let frame: (UInt32) throws -> Void
  /// Ends a block: waits for all frames under way and looks at what has not been looked at. Given the last frame's
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

/// The colour frame `number` is cleared to, so that each frame can be told from the one before it.
func frameColor(_ number: UInt32) -> (UInt8, UInt8, UInt8, UInt8) {
  (UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), 0x40, 0xFF)
}

/// A frame that did not arrive as it was drawn, or a failure of the C side.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  /// A frame that did not arrive as it was drawn: nothing that was measured can be trusted.
  var isWrongPixels = false
}
