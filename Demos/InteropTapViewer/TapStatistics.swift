internal import InteropViewer

/// What the viewer says when it ends: as demo-raw-gl, and how many frames the program has shown meanwhile. The names
/// are a contract.
struct TapStatistics: Encodable, CustomStringConvertible {
  let shown: DemoStatistics
  /// Frames of the program's while it was tapped. With a window those that came too fast are not shown.
  let swaps: Int

  enum CodingKeys: CodingKey { case swaps }

  func encode(to encoder: any Encoder) throws {
    try shown.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(swaps, forKey: .swaps)
  }

  var description: String { "\(shown)\nswaps      \(swaps)" }
}
