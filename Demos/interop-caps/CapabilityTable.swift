import GLVulkanInterop

/// The matrix as text of at most 100 columns: a line for each combination, a column for each pixel format, and the
/// modifiers and reasons below. Combinations of a path and sync that all lack the same extensions share a line.
struct CapabilityTable {
  private let matrix: CapabilityMatrix
  private let style: TextStyle

  init(_ matrix: CapabilityMatrix, _ style: TextStyle) {
    self.matrix = matrix
    self.style = style
  }

  var text: String {
    var lines = heading
    var reasons: [String] = []
    let layouts = LayoutNames(matrix.cells)
    for size in unique(matrix.cells.map(\.size)) {
      let cells = matrix.cells.filter { $0.size == size }
      let formats = unique(cells.map(\.format))
      lines.append(style.bold(size.description))
      var rows: [Row] = []
      for mine in rowsOfCells(cells) {
        let configuration = mine[0].configuration
        let marks = formats.map { format -> String in
          guard let cell = mine.first(where: { $0.format == format }) else { return pad("", 4) }
          return mark(cell, &reasons)
        }
        rows.append(
          Row(
            names: [
              configuration.path.rawValue, mine[0].direction.rawValue, configuration.mode.rawValue,
              layouts.name(of: mine), configuration.sync.rawValue,
            ],
            marks: marks, timing: timing(mine),
            lacks: mine.allSatisfy { $0.verdict == .unsupported || $0.verdict == .notTried }))
      }
      rows = merged(rows, by: 4)
      rows = merged(rows, by: 0)
      let heads = ["path", "direction", "mode", "layout", "sync"]
      let widths = heads.indices.map { column in
        (rows.map { $0.names[column].count } + [heads[column].count]).max().map { $0 + 1 } ?? 0
      }
      lines.append(zip(heads, widths).map(pad).joined() + letters(formats.count))
      for row in rows {
        lines.append(zip(row.names, widths).map(pad).joined() + row.marks.joined() + row.timing)
      }
      lines.append(
        "columns: " + formats.enumerated().map { "\(letter($0.offset)) \($0.element.name)" }.joined(separator: "  "))
      lines += layouts.legend
      lines.append("")
    }
    lines.append(
      style.good("✓") + " verified by its pixels   " + style.bad("✗") + " failed   – unsupported   · not tried")
    for (index, reason) in reasons.enumerated() { lines += TextStyle.wrap("\(index + 1): \(reason)", indent: 3) }
    lines += waits + quirks + queueFamilies
    lines.append("")
    if let choice = matrix.choice {
      let configuration = choice.configuration
      lines += TextStyle.wrap(
        "choice: \(configuration.path), \(configuration.mode.rawValue), \(configuration.sync.rawValue), queue family"
          + " \(choice.queueFamily): \(choice.reason)", indent: 8)
    } else {
      lines.append("choice: none, no way was verified")
    }
    return lines.map { $0.trimmingTrailingSpaces() }.joined(separator: "\n")
  }

  private struct Row {
    /// Path, direction, mode, layout and sync.
    var names: [String]
    let marks: [String]
    let timing: String
    /// Whether no cell of the row could be tried.
    let lacks: Bool
  }

  /// Merges rows that have `names[column]` and the path in common, where all of them lack the same.
  private func merged(_ rows: [Row], by column: Int) -> [Row] {
    var result: [Row] = []
    var done: Set<[String]> = []
    for row in rows {
      let group = [row.names[0], row.names[column]]
      let mine = rows.filter { [$0.names[0], $0.names[column]] == group }
      guard mine.count > 1, mine.allSatisfy({ $0.lacks && $0.marks == row.marks }) else {
        result.append(row)
        continue
      }
      guard done.insert(group).inserted else { continue }
      var one = row
      for index in 1..<5 where Set(mine.map { $0.names[index] }).count > 1 { one.names[index] = "any" }
      result.append(one)
    }
    return result
  }

  private var heading: [String] {
    guard matrix.wasOpened || matrix.probedIn == .nowhere else { return ["The drivers could not be opened", ""] }
    let gl = matrix.gl
    let vulkan = matrix.vulkan
    var lines: [String] = []
    if !gl.renderer.isEmpty { lines += TextStyle.wrap("GL: \(gl.renderer), \(gl.version) (\(gl.platform))", indent: 4) }
    if !vulkan.deviceName.isEmpty {
      lines += TextStyle.wrap(
        "Vulkan: \(vulkan.deviceName), \(vulkan.driverName) \(vulkan.driverInfo), Vulkan \(vulkan.apiVersion)",
        indent: 8)
      lines.append("Device: \(sameDevice)")
    }
    let place = matrix.probedIn == .thisProcess ? ", in this process" : ""
    if matrix.isCached {
      lines.append("From the cache (--no-cache tries again)")
    } else if !place.isEmpty {
      lines.append("Tried\(place)")
    }
    return lines + [""]
  }

  /// The waits that the probe observed, for each path, direction and sync.
  private var waits: [String] {
    var lines: [String] = []
    var seen: Set<String> = []
    for cell in matrix.cells {
      guard let waits = cell.waits else { continue }
      let names = "\(cell.configuration.path) \(cell.direction.rawValue) \(cell.configuration.sync.rawValue)"
      guard seen.insert(names).inserted else { continue }
      lines += TextStyle.wrap(
        "waits: \(names): GL for Vulkan \(waits.gl.rawValue), Vulkan for GL \(waits.vulkan.rawValue)", indent: 7)
    }
    return lines.isEmpty ? [] : [""] + lines
  }

  private var quirks: [String] {
    let known = unique(matrix.cells.flatMap(\.quirks))
    guard !known.isEmpty else { return [] }
    return [""]
      + known.flatMap { id -> [String] in
        let quirk = DriverQuirk.all.first { $0.id == id }
        return TextStyle.wrap("known: \(id): \(quirk.map { "\($0.summary) (\($0.source))" } ?? "")", indent: 7)
      }
  }

  private var queueFamilies: [String] {
    let timed = matrix.queueFamilies.filter { $0.bareSubmitMicroseconds != nil }
    guard !timed.isEmpty else { return [] }
    // Shows the chosen combination if it was timed, else any that was.
    let cells = matrix.cells.filter { !$0.queueFamilyCosts.isEmpty }
    let chosen = cells.first { $0.configuration == matrix.choice?.configuration }
    let cell = chosen ?? cells.first
    return [""]
      + timed.flatMap { family in
        let cost = cell?.queueFamilyCosts.first { $0.family == family.index }?.transferMicroseconds
        return TextStyle.wrap(
          "queue family \(family.index) (\(family.description)): hand-over \(text(cost)), bare submit and wait"
            + " \(text(family.bareSubmitMicroseconds))", indent: 8)
      }
  }

  private func text(_ time: CapabilityMatrix.Percentiles?) -> String {
    time.map { "\(Int($0.p50.rounded())) us (p99 \(Int($0.p99.rounded())))" } ?? "not timed"
  }

  /// The cells of each row: those that differ in nothing but the format.
  private func rowsOfCells(_ cells: [CapabilityMatrix.Cell]) -> [[CapabilityMatrix.Cell]] {
    var rows: [[CapabilityMatrix.Cell]] = []
    for cell in cells {
      if let index = rows.firstIndex(where: { $0[0].key.isAlike(cell.key) }) {
        rows[index].append(cell)
      } else {
        rows.append([cell])
      }
    }
    return rows
  }

  private var sameDevice: String {
    switch matrix.sameDevice {
    case true: "the same on both sides (UUID \(matrix.gl.deviceUUID))"
    case false: "two devices: GL \(matrix.gl.deviceUUID), Vulkan \(matrix.vulkan.deviceUUID)"
    case nil: "one side does not say which"
    }
  }

  /// Returns a tick or a cross, with the number of the reason below, four columns wide.
  private func mark(_ cell: CapabilityMatrix.Cell, _ reasons: inout [String]) -> String {
    if cell.verdict == .verified { return style.good("✓") + "   " }
    var reason = [cell.step, cell.reason].compactMap { $0 }.joined(separator: ": ")
    if !cell.missing.isEmpty { reason += " (missing: \(cell.missing.joined(separator: ", ")))" }
    let number = (reasons.firstIndex(of: reason) ?? reasons.endIndex) + 1
    if number > reasons.count { reasons.append(reason) }
    let padding = String(repeating: " ", count: max(3 - "\(number)".count, 0))
    switch cell.verdict {
    case .failed: return style.bad("✗\(number)") + padding
    case .unsupported: return style.dim("–\(number)") + padding
    default: return style.dim("·\(number)") + padding
    }
  }

  private func timing(_ cells: [CapabilityMatrix.Cell]) -> String {
    guard let first = cells.compactMap(\.transferMicroseconds).first else { return "" }
    // At most six columns.
    let tenths = Int((first.p50 / 100).rounded())
    return first.p50 < 999.5
      ? "\(Int(first.p50.rounded())) us" : "\(tenths / 10)\(tenths < 100 ? ".\(tenths % 10)" : "") ms"
  }

  private func letters(_ count: Int) -> String { (0..<count).map { pad(letter($0), 4) }.joined() }
  private func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(97 + index % 26))) }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
