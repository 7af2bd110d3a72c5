import GLVulkanInterop

/// Short names for layouts: `optimal`, `linear`, and a capital letter for each modifier, with a legend.
struct LayoutNames {
  private let modifiers: [DRMModifier]

  /// - Parameter cells: all cells of a table.
  init(_ cells: [CapabilityMatrix.Cell]) {
    var found: [DRMModifier] = []
    for modifier in cells.compactMap(\.modifier) where !found.contains(modifier) { found.append(modifier) }
    modifiers = found
  }

  /// - Parameter cells: the cells of one line. Where GL chooses, its formats may have several modifiers.
  func name(of cells: [CapabilityMatrix.Cell]) -> String {
    guard let tiling = cells.first?.configuration.tiling else { return "" }
    guard tiling == .drmModifier else { return tiling.rawValue }
    let mine = modifiers.indices.filter { index in cells.contains { $0.modifier == modifiers[index] } }
    // The cells have no modifier in common, or no image was made.
    if mine.isEmpty { return "-" }
    return mine.count <= 3 ? mine.map(letter).joined(separator: ",") : "\(letter(mine[0]))…"
  }

  var legend: [String] {
    let names = modifiers.indices.map { index -> String in
      let (text, number) = (modifiers[index].description, modifiers[index].hexadecimal)
      return "\(letter(index)) \(text.hasPrefix("0x") ? text : "\(number) (\(text))")"
    }
    return names.isEmpty ? [] : TextStyle.wrap("modifiers: " + names.joined(separator: "  "), indent: 11)
  }

  /// A to Z, then AA.
  private func letter(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? last : letter(index / 26 - 1) + last
  }
}
