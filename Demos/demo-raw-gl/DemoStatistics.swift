import GLVulkanInterop

/// What the program says when it ends. The names are a contract: scripts parse them.
struct DemoStatistics: Encodable {
  struct Fallback: Encodable {
    let path: String
    let reason: String
  }

  let path: String
  let sync: String
  let mode: String
  let queueFamily: UInt32
  /// `0x…`; nil where the memory is no DMA-BUF.
  let modifier: String?
  let pixelFormat: String
  let size: String
  let frames: Int
  let fellBackFrom: [Fallback]
  let frameMicroseconds: Percentiles
  let handoverMicroseconds: Percentiles
  let framesPerSecond: Double
  let gl: String
  let vulkan: String

  enum CodingKeys: CodingKey {
    case path, sync, mode, queueFamily, modifier, pixelFormat, size, frames, fellBackFrom, frameMicroseconds
    case handoverMicroseconds, framesPerSecond, gl, vulkan
  }

  /// Written by hand because the synthesised one leaves out what is nil.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(sync, forKey: .sync)
    try container.encode(mode, forKey: .mode)
    try container.encode(queueFamily, forKey: .queueFamily)
    try container.encode(modifier, forKey: .modifier)
    try container.encode(pixelFormat, forKey: .pixelFormat)
    try container.encode(size, forKey: .size)
    try container.encode(frames, forKey: .frames)
    try container.encode(fellBackFrom, forKey: .fellBackFrom)
    try container.encode(frameMicroseconds, forKey: .frameMicroseconds)
    try container.encode(handoverMicroseconds, forKey: .handoverMicroseconds)
    try container.encode(framesPerSecond, forKey: .framesPerSecond)
    try container.encode(gl, forKey: .gl)
    try container.encode(vulkan, forKey: .vulkan)
  }
}

extension DemoStatistics: CustomStringConvertible {
  var description: String {
    var lines = [
      ("path", "\(path), mode \(mode), sync \(sync), queue family \(queueFamily)" + (modifier.map { ", modifier \($0)" } ?? "")),
      ("frames", "\(frames) of \(size) in \(pixelFormat), \(framesPerSecond) per second"),
      ("frame", "\(frameMicroseconds)"),
      ("hand-over", "\(handoverMicroseconds)"),
      ("GL", gl),
      ("Vulkan", vulkan),
    ]
    lines += fellBackFrom.map { ("not used", "\($0.path): \($0.reason)") }
    return lines.map { name, value in
      name + String(repeating: " ", count: max(11 - name.count, 1)) + value
    }.joined(separator: "\n")
  }
}

/// Half of the values are at most p50, 99 of 100 at most p99. 0 where there are none.
struct Percentiles: Encodable, CustomStringConvertible {
  let p50: Double
  let p99: Double
  var description: String { "\(p50) us (p50), \(p99) us (p99)" }
}

/// Durations of the last 100 000 frames, so that a window can stay open for days.
struct DurationSamples {
  private static let capacity = 100_000
  private var microseconds: [Double] = []
  private var next = 0

  mutating func add(_ duration: Duration) {
    let value = Double(duration.nanoseconds) / 1000
    if microseconds.count < Self.capacity {
      microseconds.append(value)
    } else {
      microseconds[next] = value
      next = (next + 1) % Self.capacity
    }
  }

  var percentiles: Percentiles {
    let sorted = microseconds.sorted()
    func rank(_ share: Double) -> Double {
      sorted.isEmpty ? 0 : sorted[Int((Double(sorted.count - 1) * share).rounded())].roundedToTenths
    }
    return Percentiles(p50: rank(0.5), p99: rank(0.99))
  }
}

/// Frames per second, once a second.
struct FrameRate {
  private var since: ContinuousClock.Instant
  private var frames = 0

  init(since start: ContinuousClock.Instant) { since = start }

  /// - Returns: the rate when a second is over, else nil.
  mutating func countFrame(at now: ContinuousClock.Instant) -> Double? {
    frames += 1
    guard now - since >= .seconds(1) else { return nil }
    defer { (since, frames) = (now, 0) }
    return (Double(frames) * 1e9 / Double((now - since).nanoseconds)).roundedToTenths
  }
}

extension Double {
  var roundedToTenths: Double { (self * 10).rounded() / 10 }
}
