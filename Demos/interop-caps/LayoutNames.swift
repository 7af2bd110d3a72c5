import GLVulkanInterop

/// Short names for layouts: `optimal`, `linear`, and a capital letter for each modifier, with a legend.
struct LayoutNames {
  private let modifiers: [String]

  /// - Parameter cells: all cells of a table.
  init(_ cells: [CapabilityMatrix.Cell]) {
    var found: [String] = []
    for modifier in cells.compactMap(\.modifier) where !found.contains(modifier) { found.append(modifier) }
    modifiers = found
  }

  /// - Parameter cells: the cells of one line. Where GL chooses, its formats may have several modifiers.
  func name(of cells: [CapabilityMatrix.Cell]) -> String {
    guard let first = cells.first, first.tiling == .drmModifier else { return cells.first?.tiling.rawValue ?? "" }
    let mine = modifiers.indices.filter { index in cells.contains { $0.modifier == modifiers[index] } }
    // The cells have no modifier in common, or no image was made.
    if mine.isEmpty { return "-" }
    return mine.count <= 3 ? mine.map(letter).joined(separator: ",") : "\(letter(mine[0]))…"
  }

  var legend: [String] {
    let names = modifiers.indices.map { index -> String in
      let text = DRMModifier(hexadecimal: modifiers[index])?.description ?? modifiers[index]
      return
        "\(letter(index)) \(text == modifiers[index] || text.hasPrefix("0x") ? text : "\(modifiers[index]) (\(text))")"
    }
    return names.isEmpty ? [] : TextStyle.wrap("modifiers: " + names.joined(separator: "  "), indent: 11)
  }

  /// A to Z, then AA.
  private func letter(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? last : letter(index / 26 - 1) + last
  }
}
