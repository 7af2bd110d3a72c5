import Glibc

/// The frame times of all workloads and sizes as SVG: a row for each workload, a mark for each size, time on a
/// logarithmic horizontal axis.
struct Plot {
  private let report: Report
  private let rows: [(group: Samples.Group, name: String)]

  private enum Layout {
    static let labels = 300.0
    static let axis = 640.0
    static let right = 40.0
    static let top = 96.0
    static let row = 20.0
    static let heading = 28.0
    static let bottom = 46.0
  }

  /// Colours that colour-blind readers can tell apart, with a shape each.
  private static let styles: [(color: String, shape: Shape)] = [
    ("#0072b2", .circle), ("#d55e00", .square), ("#009e73", .diamond), ("#cc79a7", .triangle), ("#e69f00", .circle),
    ("#56b4e9", .square),
  ]

  private enum Shape { case circle, square, diamond, triangle }

  init(_ report: Report) {
    self.report = report
    var rows: [(group: Samples.Group, name: String)] = []
    for group in Samples.Group.allCases {
      for row in report.sizes.flatMap(\.workloads) where row.group == group {
        if !rows.contains(where: { $0.name == row.name }) { rows.append((group, row.name)) }
      }
    }
    self.rows = rows
  }

  func svg() -> String {
    let headings = Double(Set(rows.map(\.group)).count)
    let height = Layout.top + Double(rows.count) * Layout.row + headings * Layout.heading + Layout.bottom
    let width = Layout.labels + Layout.axis + Layout.right
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\""
        + " width=\"\(number(width))\" height=\"\(number(height))\" font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      text(12, 24, "Time of a frame: median, 10th to 90th percentile, and the 99th (tick)", size: 15, weight: "bold"),
      text(
        12, 44, "\(report.drivers.glRenderer), \(report.drivers.vulkanDevice), \(report.drivers.sync)", fill: "#444444"),
      text(
        12, 61,
        "\(report.machine.cpu), \(report.machine.cores) cores, \(report.machine.date), load \(fixed(report.machine.load, 1))",
        fill: "#444444"),
    ]
    let range = self.range
    parts += legend()
    parts += axis(range, from: Layout.top, to: height - Layout.bottom)
    var y = Layout.top
    var group: Samples.Group?
    for row in rows {
      if row.group != group {
        group = row.group
        parts.append(text(12, y + 19, row.group.rawValue, weight: "bold"))
        y += Layout.heading
      }
      parts.append(text(Layout.labels - 10, y + 14, row.name, anchor: "end", family: "monospace", size: 11))
      parts.append(line(Layout.labels, y + 10, Layout.labels + Layout.axis, y + 10, "#eeeeee", 1))
      for (index, size) in report.sizes.enumerated() {
        guard let found = size.workloads.first(where: { $0.name == row.name }) else { continue }
        // Marks that would overlap are beside each other.
        let offset = (Double(index) - Double(report.sizes.count - 1) / 2) * 3
        parts += mark(found, style: Self.style(index), y: y + 10 + offset, range)
      }
      y += Layout.row
    }
    parts.append("</svg>")
    return parts.joined(separator: "\n") + "\n"
  }

  // MARK: The axis

  /// Microseconds at the left and right end.
  private var range: (low: Double, high: Double) {
    let all = report.sizes.flatMap(\.workloads).flatMap { [$0.p10, $0.p99] }.filter { $0 > 0 && $0.isFinite }
    guard let low = all.min(), let high = all.max() else { return (1, 10) }
    // The ticks at 1, 2 and 5 that enclose them.
    return (Self.ticks.last { $0 <= low } ?? low, Self.ticks.first { $0 >= high && $0 > low } ?? high)
  }

  private static let powersOfTen: [Double] = [0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]
  private static let ticks = powersOfTen.flatMap { [$0, 2 * $0, 5 * $0] }

  private func x(_ microseconds: Double, _ range: (low: Double, high: Double)) -> Double {
    let bounded = min(max(microseconds, range.low), range.high)
    return Layout.labels + Layout.axis * (log(bounded / range.low) / log(range.high / range.low))
  }

  private func axis(_ range: (low: Double, high: Double), from top: Double, to bottom: Double) -> [String] {
    // Where decades are narrow, only powers of ten have room for their label.
    let decade = x(range.low * 10, range) - x(range.low, range)
    return Self.ticks.filter { $0 >= range.low && $0 <= range.high }.flatMap { tick in
      let x = x(tick, range)
      let isPowerOfTen = Self.powersOfTen.contains(tick)
      let mark = line(x, top, x, bottom, isPowerOfTen ? "#cccccc" : "#e8e8e8", 1)
      let label = text(x, bottom + 18, Self.label(tick), anchor: "middle", fill: "#444444")
      return isPowerOfTen || decade > 180 ? [mark, label] : [mark]
    } + [
      text(
        Layout.labels + Layout.axis / 2, bottom + 36, "time per frame (logarithmic)", anchor: "middle", fill: "#444444")
    ]
  }

  private static func label(_ microseconds: Double) -> String {
    let (value, unit) =
      microseconds >= 1e6
      ? (microseconds / 1e6, "s") : microseconds >= 1000 ? (microseconds / 1000, "ms") : (microseconds, "µs")
    return "\(fixed(value, value < 1 ? 1 : 0)) \(unit)"
  }

  // MARK: Marks

  private static func style(_ index: Int) -> (color: String, shape: Shape) { styles[index % styles.count] }

  private func legend() -> [String] {
    var x = Layout.labels
    return report.sizes.enumerated().flatMap { index, size in
      let style = Self.style(index)
      let parts = [shape(style, x + 5, 80), text(x + 15, 84, size.size)]
      x += 110
      return parts
    }
  }

  private func mark(
    _ row: Report.Row, style: (color: String, shape: Shape), y: Double, _ range: (low: Double, high: Double)
  ) -> [String] {
    let (x10, x50, x90, x99) = (x(row.p10, range), x(row.p50, range), x(row.p90, range), x(row.p99, range))
    return [
      line(x90, y, x99, y, style.color, 0.6), line(x10, y, x90, y, style.color, 2),
      line(x99, y - 3, x99, y + 3, style.color, 1), shape(style, x50, y),
    ]
  }

  private func shape(_ style: (color: String, shape: Shape), _ x: Double, _ y: Double) -> String {
    let fill = "fill=\"\(style.color)\""
    func polygon(_ points: [(Double, Double)]) -> String {
      "<polygon points=\"\(points.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " "))\" \(fill)/>"
    }
    return switch style.shape {
    case .circle: "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3.5\" \(fill)/>"
    case .square: polygon([(-3, -3), (3, -3), (3, 3), (-3, 3)])
    case .diamond: polygon([(0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0)])
    case .triangle: polygon([(0, -4), (4, 3), (-4, 3)])
    }
  }

  // MARK: Elements

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ width: Double) -> String
  {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(color)\""
      + " stroke-width=\"\(number(width))\"/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "start", family: String? = nil, size: Int? = nil,
    weight: String? = nil, fill: String = "#111111"
  ) -> String {
    let attributes = [
      ("text-anchor", anchor), ("font-family", family), ("font-size", size.map { String($0) }), ("font-weight", weight),
      ("fill", fill),
    ].compactMap { name, value in value.map { " \(name)=\"\($0)\"" } }.joined()
    return "<text x=\"\(number(x))\" y=\"\(number(y))\"\(attributes)>\(Self.escaped(words))</text>"
  }

  private func number(_ value: Double) -> String { fixed(value, 1) }

  /// Driver names may contain any character.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML allows no other control characters.
      case let other where other.unicodeScalars.contains { $0.value < 0x20 && ![9, 10, 13].contains($0.value) }:
        result += "?"
      default: result.append(character)
      }
    }
  }
}

extension Report {
  /// A plot of all sizes' frame times, as SVG.
  package func plot() -> String { Plot(self).svg() }
}
