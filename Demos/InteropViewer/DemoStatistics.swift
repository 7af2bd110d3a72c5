package import GLVulkanInterop

/// The program's output when it ends. The key names are a contract: scripts parse them.
package struct DemoStatistics: Encodable {
  package struct Fallback: Encodable {
    let path: String
    let reason: String
  }

  let path: String
  let sync: String
  let mode: String
  let queueFamily: UInt32
  /// `0x…`; nil where the memory is not a DMA-BUF.
  let modifier: String?
  let pixelFormat: String
  let size: String
  let frames: Int
  let fellBackFrom: [Fallback]
  let frameMicroseconds: Percentiles
  let transferMicroseconds: Percentiles
  let framesPerSecond: Double
  let gl: String
  let vulkan: String

  enum CodingKeys: String, CodingKey {
    case path, sync, mode, queueFamily, modifier, pixelFormat, size, frames, fellBackFrom, frameMicroseconds
    case transferMicroseconds = "handoverMicroseconds", framesPerSecond, gl, vulkan
  }

  package init(
    _ status: TransferStatus, mode: TransferMode, queue: VulkanQueue, format: PixelFormat, size: PixelSize,
    frames: Int, frameTimes: DurationSamples, transferTimes: DurationSamples, elapsed: Duration, gl: String,
    vulkan: String
  ) {
    let seconds = Double(elapsed.nanoseconds) / 1e9
    path = status.path.rawValue
    sync = status.sync.rawValue
    self.mode = mode.rawValue
    queueFamily = queue.family
    modifier = status.modifier?.hexadecimal
    pixelFormat = format.name
    self.size = size.description
    self.frames = frames
    fellBackFrom = status.fellBackFrom.map { Fallback(path: $0.path.rawValue, reason: $0.reason) }
    frameMicroseconds = frameTimes.percentiles
    transferMicroseconds = transferTimes.percentiles
    framesPerSecond = seconds > 0 ? (Double(frames) / seconds).roundedToTenths : 0
    self.gl = gl
    self.vulkan = vulkan
  }

  /// Written by hand because the synthesised function omits members that are nil.
  package func encode(to encoder: any Encoder) throws {
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
    try container.encode(transferMicroseconds, forKey: .transferMicroseconds)
    try container.encode(framesPerSecond, forKey: .framesPerSecond)
    try container.encode(gl, forKey: .gl)
    try container.encode(vulkan, forKey: .vulkan)
  }
}

extension DemoStatistics: CustomStringConvertible {
  package var description: String {
    var lines = [
      (
        "path",
        "\(path), mode \(mode), sync \(sync), queue family \(queueFamily)" + (modifier.map { ", modifier \($0)" } ?? "")
      ),
      ("frames", "\(frames) of \(size) in \(pixelFormat), \(framesPerSecond) per second"),
      ("frame", "\(frameMicroseconds)"),
      ("hand-over", "\(transferMicroseconds)"),
      ("GL", gl),
      ("Vulkan", vulkan),
    ]
    lines += fellBackFrom.map { ("not used", "\($0.path): \($0.reason)") }
    return lines.map { name, value in
      name + String(repeating: " ", count: max(11 - name.count, 1)) + value
    }.joined(separator: "\n")
  }
}

/// Half of the values are at most p50, 99 of 100 at most p99. 0 if there are no values.
package struct Percentiles: Encodable, CustomStringConvertible {
  let p50: Double
  let p99: Double
  package var description: String { "\(p50) us (p50), \(p99) us (p99)" }
}

/// Durations of the last 100 000 frames, so that a window can stay open for days.
package struct DurationSamples {
  private static let capacity = 100_000
  private var microseconds: [Double] = []
  private var next = 0

  package init() {}

  package mutating func add(_ duration: Duration) {
    let value = Double(duration.nanoseconds) / 1000
    if microseconds.count < Self.capacity {
      microseconds.append(value)
    } else {
      microseconds[next] = value
      next = (next + 1) % Self.capacity
    }
  }

  package var percentiles: Percentiles {
    let sorted = microseconds.sorted()
    func rank(_ share: Double) -> Double {
      sorted.isEmpty ? 0 : sorted[Int((Double(sorted.count - 1) * share).rounded())].roundedToTenths
    }
    return Percentiles(p50: rank(0.5), p99: rank(0.99))
  }
}

/// Computes the frames per second, once a second.
package struct FrameRate {
  private var since: ContinuousClock.Instant
  private var frames = 0

  package init(since start: ContinuousClock.Instant) { since = start }

  /// - Returns: the rate when a second is over, else nil.
  package mutating func countFrame(at now: ContinuousClock.Instant) -> Double? {
    frames += 1
    guard now - since >= .seconds(1) else { return nil }
    defer { (since, frames) = (now, 0) }
    return (Double(frames) * 1e9 / Double((now - since).nanoseconds)).roundedToTenths
  }
}

extension Double {
  var roundedToTenths: Double { (self * 10).rounded() / 10 }
}
