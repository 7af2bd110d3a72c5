import GLVulkanInterop

/// The matrix for people, at most 100 columns wide: a line for each way, a column for each pixel format, and the reasons
/// below.
struct CapabilityTable {
  private let matrix: CapabilityMatrix

  init(_ matrix: CapabilityMatrix) { self.matrix = matrix }

  var text: String {
    var lines = wrap("GL: \(matrix.gl.renderer), \(matrix.gl.version) (\(matrix.gl.platform))", indent: 4)
    let vulkan = matrix.vulkan
    lines += wrap(
      "Vulkan: \(vulkan.deviceName), \(vulkan.driverName) \(vulkan.driverInfo), Vulkan \(vulkan.apiVersion)", indent: 8)
    lines += ["Device: \(sameDevice)", ""]
    var reasons: [String] = []
    for size in unique(matrix.cells.map(\.size)) {
      let cells = matrix.cells.filter { $0.size == size }
      let formats = unique(cells.map(\.pixelFormat))
      lines.append("\(size)")
      lines.append(pad("path", 10) + pad("direction", 14) + pad("mode", 8) + pad("tiling", 9) + pad("sync", 14) + heads(formats))
      for way in unique(cells.map { Way($0) }) {
        let mine = cells.filter { Way($0) == way }
        let marks = formats.map { format -> String in
          guard let cell = mine.first(where: { $0.pixelFormat == format }) else { return pad("", 4) }
          return pad(mark(cell, &reasons), 4)
        }
        lines.append(
          pad(way.path, 10) + pad(way.direction, 14) + pad(way.mode, 8) + pad(way.tiling, 9) + pad(way.sync, 14)
            + marks.joined() + timing(mine))
      }
      lines.append("columns: " + formats.enumerated().map { "\(letter($0.offset)) \($0.element)" }.joined(separator: "  "))
      lines.append("")
    }
    lines.append("✓ verified by its pixels   ✗ failed   – unsupported   · not tried")
    for (index, reason) in reasons.enumerated() { lines += wrap("\(index + 1): \(reason)", indent: 3) }
    lines.append("")
    if let choice = matrix.choice {
      lines += wrap(
        "choice: \(choice.path), \(choice.mode.rawValue), \(choice.sync.rawValue), queue family \(choice.queueFamily):"
          + " \(choice.reason)", indent: 8)
    } else {
      lines.append("choice: none, no way was verified")
    }
    return lines.map { $0.trimmingTrailingSpaces() }.joined(separator: "\n")
  }

  private struct Way: Hashable {
    let path, direction, mode, tiling, sync: String

    init(_ cell: CapabilityMatrix.Cell) {
      path = cell.path
      direction = cell.direction.rawValue
      mode = cell.mode.rawValue
      tiling = cell.tiling.rawValue
      sync = cell.sync.rawValue
    }
  }

  private var sameDevice: String {
    switch matrix.sameDevice {
    case true: "the same on both sides (UUID \(matrix.gl.deviceUUID))"
    case false: "two devices: GL \(matrix.gl.deviceUUID), Vulkan \(matrix.vulkan.deviceUUID)"
    case nil: "one side does not say which"
    }
  }

  /// A tick or a cross, with the number of the reason below.
  private func mark(_ cell: CapabilityMatrix.Cell, _ reasons: inout [String]) -> String {
    if cell.verdict == .verified { return "✓" }
    var reason = [cell.step, cell.reason].compactMap { $0 }.joined(separator: ": ")
    if !cell.missing.isEmpty { reason += " (missing: \(cell.missing.joined(separator: ", ")))" }
    let number = (reasons.firstIndex(of: reason) ?? reasons.endIndex) + 1
    if number > reasons.count { reasons.append(reason) }
    switch cell.verdict {
    case .failed: return "✗\(number)"
    case .unsupported: return "–\(number)"
    default: return "·"
    }
  }

  private func timing(_ cells: [CapabilityMatrix.Cell]) -> String {
    guard let first = cells.compactMap(\.handoverMicroseconds).first else { return "" }
    return "  \(Int(first.p50.rounded())) us"
  }

  private func heads(_ formats: [String]) -> String { formats.indices.map { pad(letter($0), 4) }.joined() }
  private func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(97 + index % 26))) }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private func wrap(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > 100, !line.isEmpty {
        lines.append(line)
        line = String(repeating: " ", count: indent)
      }
      line += line.isEmpty || line.allSatisfy { $0 == " " } ? String(word) : " " + word
    }
    return lines + [line]
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
