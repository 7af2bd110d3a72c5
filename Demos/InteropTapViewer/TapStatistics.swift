internal import InteropViewer

/// The viewer's output when it ends: the statistics of demo-raw-gl, and the number of frames that the program has shown
/// meanwhile. The key names are a contract.
struct TapStatistics: Encodable, CustomStringConvertible {
  let shown: DemoStatistics
  /// The number of frames that the program showed while it was tapped. A window skips frames that come too fast.
  let swaps: Int

  enum CodingKeys: CodingKey { case swaps }

  func encode(to encoder: any Encoder) throws {
    try shown.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(swaps, forKey: .swaps)
  }

  var description: String { "\(shown)\nswaps      \(swaps)" }
}
