import FoundationEssentials
import GLVulkanInterop

/// Everything one run found out. Its JSON is the programs' contract: keys are stable, more may be added.
struct Report: Codable {
  var schema = 1
  let machine: Machine
  let drivers: DriverPair
  let framesInFlight: Int
  let framesPerBlock: Int
  let openings: Int
  let sizes: [Result]

  /// Of one size.
  struct Result: Codable {
    let size: String
    let workloads: [Row]
    let ratios: [Ratio]
    let targets: [Target]
  }

  /// One workload's microseconds per frame.
  struct Row: Codable {
    let name: String
    let summary: String
    let frames: Int
    let p10: Double
    let p50: Double
    let p90: Double
    let p99: Double

    init(_ samples: Measurement.Samples) {
      name = samples.name
      summary = samples.summary
      frames = samples.frameCount
      let sorted = samples.frames.sorted()
      p10 = percentile(0.10, ofSorted: sorted)
      p50 = percentile(0.50, ofSorted: sorted)
      p90 = percentile(0.90, ofSorted: sorted)
      p99 = percentile(0.99, ofSorted: sorted)
    }
  }

  /// Two workloads compared block by block: blocks of one round ran within about a second.
  struct Ratio: Codable {
    let of: String
    let to: String
    let ratio: Estimate
    /// In microseconds per frame.
    let difference: Estimate

    init(_ first: Measurement.Samples, _ second: Measurement.Samples) {
      of = first.name
      to = second.name
      let openings = Array(zip(first.blocks, second.blocks))
      ratio = Estimate(of: openings.map { zip($0, $1).map { $0 / $1 } })
      difference = Estimate(of: openings.map { zip($0, $1).map { $0 - $1 } })
    }
  }

  struct Target: Codable {
    enum Verdict: String, Codable {
      case met, missed
      /// The median is over the limit and the interval reaches below it: measure more frames or on a quieter machine.
      case undecided
    }

    let of: String
    let to: String
    let limit: Double
    let ratio: Estimate
    let verdict: Verdict

    init(_ ratio: Ratio, limit: Double) {
      of = ratio.of
      to = ratio.to
      self.limit = limit
      self.ratio = ratio.ratio
      verdict = ratio.ratio.median <= limit ? .met : ratio.ratio.low <= limit ? .undecided : .missed
    }
  }

  /// What is compared with what, where both were measured.
  private static let comparisons = [
    ("swift-direct", "c-direct"), ("swift-producer", "c-direct"), ("swift-direct", "c-direct-unchecked"),
    ("swift-direct-pipelined", "c-direct-pipelined"), ("swift-producer-pipelined", "c-direct-pipelined"),
    ("swift-direct", "c-readback-upload"), ("swift-direct", "c-readback-into-staging"),
    ("swift-direct", "c-render-only"), ("swift-direct", "c-import-each-frame"),
    ("swift-host-copy", "c-readback-upload"),
  ]

  /// The library's promises, made for llvmpipe at 1920x1080.
  private static let limits = [
    ("swift-direct", "c-direct", 1.1), ("swift-producer", "c-direct", 1.1), ("swift-direct", "c-readback-upload", 0.5),
  ]

  static func result(_ size: PixelSize, _ samples: [Measurement.Samples]) -> Result {
    func found(_ name: String) -> Measurement.Samples? { samples.first { $0.name == name } }
    let ratios = comparisons.compactMap { of, to -> Ratio? in
      guard let first = found(of), let second = found(to) else { return nil }
      return Ratio(first, second)
    }
    let targets = limits.compactMap { of, to, limit in
      ratios.first { $0.of == of && $0.to == to }.map { Target($0, limit: limit) }
    }
    return Result(
      size: size.description, workloads: samples.map { Row($0) }, ratios: ratios, targets: targets)
  }

  var missesATarget: Bool { sizes.contains { $0.targets.contains { $0.verdict == .missed } } }
}

// MARK: - Writing it

extension Report {
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private var machineLines: [(String, String)] {
    [
      ("CPU", "\(machine.cpu), \(machine.cores) cores, \(machine.memoryGiB) GiB"),
      ("System", "\(machine.operatingSystem), kernel \(machine.kernel), load \(fixed(machine.load, 2))"),
      ("GL", "\(drivers.glRenderer), \(drivers.glVersion)"),
      ("Vulkan", "\(drivers.vulkanDevice), \(drivers.vulkanDriver), Vulkan \(drivers.vulkanVersion)"),
      ("Hand-over", "\(drivers.sync), queue family \(drivers.queueFamily), a ring of \(framesInFlight) images"),
    ]
  }

  private func timeTable(_ result: Result) -> Table {
    Table(
      ["us per frame", "p10", "p50", "p90", "p99", "what"],
      result.workloads.map {
        [$0.name, fixed($0.p10, 1), fixed($0.p50, 1), fixed($0.p90, 1), fixed($0.p99, 1), $0.summary]
      })
  }

  private func ratioTable(_ result: Result) -> Table {
    Table(
      ["compared in pairs", "ratio", "95 % interval", "us more", "95 % interval"],
      result.ratios.map {
        [
          "\($0.of) / \($0.to)", fixed($0.ratio.median, 3), "\(fixed($0.ratio.low, 3)) to \(fixed($0.ratio.high, 3))",
          fixed($0.difference.median, 1), "\(fixed($0.difference.low, 1)) to \(fixed($0.difference.high, 1))",
        ]
      })
  }

  private func targetLines(_ result: Result) -> [String] {
    result.targets.map {
      "\($0.verdict.rawValue): \($0.of) takes \(fixed($0.ratio.median, 3)) of \($0.to)"
        + " (\(fixed($0.ratio.low, 3)) to \(fixed($0.ratio.high, 3))), at most \(fixed($0.limit, 2))"
    }
  }

  func text() -> String {
    var lines = machineLines.map { "\($0.0 + ":") \($0.1)" }
    for result in sizes {
      lines += ["", result.size] + timeTable(result).text() + [""] + ratioTable(result).text() + [""]
      lines += targetLines(result).map { "target " + $0 }
    }
    return lines.joined(separator: "\n")
  }

  func markdown() -> String {
    var lines = machineLines.map { "- \($0.0): \($0.1)" }
    for result in sizes {
      lines += ["", "### \(result.size)", ""] + timeTable(result).markdown() + [""] + ratioTable(result).markdown()
      lines += [""] + targetLines(result).map { "- target " + $0 }
    }
    return lines.joined(separator: "\n")
  }
}

/// Rows of text; the first column and the last of a time table are words, what is between them numbers.
private struct Table {
  let header: [String]
  let rows: [[String]]

  init(_ header: [String], _ rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  func text() -> [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return isWords(column) ? cell + padding : padding + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  func markdown() -> [String] {
    let rule = header.indices.map { isWords($0) ? "---" : "---:" }
    return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
  }

  private func isWords(_ column: Int) -> Bool { column == 0 || header[column] == "what" }
}

/// A number with so many digits behind the point. (String(format:) would need all of Foundation.)
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "-" }
  let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value.magnitude * Double(scale)).rounded())
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard digits > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % scale)
  return sign + String(scaled / scale) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}
