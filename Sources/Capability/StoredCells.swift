internal import RawImport

/// Cells in the form of the disk cache: a few strings and many small numbers. JSON objects would take three times as
/// long to read, JSON numbers twice, and an application's start waits for it.
struct StoredCells: Codable {
  let probedIn: CapabilityMatrix.ProbePlace
  let queueFamilies: [CapabilityMatrix.QueueFamily]
  let modifiers: [String: [DRMModifier]]
  /// The strings that the numbers refer to; 0 means nil.
  private let strings: [String]
  /// Numbers separated by spaces, a line for each cell.
  private let table: String
  private let costs: [Costs]

  private struct Costs: Codable {
    let row: Int
    let costs: [CapabilityMatrix.QueueFamilyCost]
    let family: UInt32?
    let handover: CapabilityMatrix.Percentiles?
  }

  init(
    _ cells: [CapabilityMatrix.Cell], _ queueFamilies: [CapabilityMatrix.QueueFamily],
    _ probedIn: CapabilityMatrix.ProbePlace, _ modifiers: [String: [DRMModifier]]
  ) {
    var strings = [""]
    var numbers: [String: Int] = [:]
    func number(_ text: String?) -> Int {
      guard let text else { return 0 }
      if let known = numbers[text] { return known }
      strings.append(text)
      numbers[text] = strings.count - 1
      return strings.count - 1
    }
    let rows = cells.map { cell -> String in
      let configuration = cell.configuration
      let names = [
        configuration.path.rawValue, cell.direction.rawValue, configuration.mode.rawValue, cell.format.name,
        configuration.tiling.rawValue, configuration.sync.rawValue, cell.size.description, cell.verdict.rawValue,
        cell.code, cell.step, cell.reason,
        cell.waits?.gl.rawValue, cell.waits?.vulkan.rawValue, cell.modifier?.hexadecimal,
      ]
      return (names.map(number) + cell.missing.map(number)).map(String.init).joined(separator: " ")
    }
    table = rows.joined(separator: "\n")
    costs = cells.enumerated().filter { !$0.element.queueFamilyCosts.isEmpty }.map { row, cell in
      Costs(
        row: row, costs: cell.queueFamilyCosts, family: cell.queueFamily, handover: cell.transferMicroseconds)
    }
    self.strings = strings
    self.queueFamilies = queueFamilies
    self.probedIn = probedIn
    self.modifiers = modifiers
  }

  /// The cells. Unreadable ones are left out: they are tried anew.
  var cells: [CapabilityMatrix.Cell] {
    // Sizes are the same in most rows, so each is parsed once.
    var sizes: [Int: PixelSize] = [:]
    var found = rows.map { cell($0, &sizes) }
    for cost in costs where found.indices.contains(cost.row) {
      found[cost.row]?.queueFamilyCosts = cost.costs
      found[cost.row]?.queueFamily = cost.family
      found[cost.row]?.transferMicroseconds = cost.handover
    }
    return found.compactMap { $0 }
  }

  private var rows: [[Int]] {
    var rows: [[Int]] = []
    var row: [Int] = []
    var number = 0
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    for byte in table.utf8 {
      if isDigit(byte) {
        // An invalid number wraps; no string has that number then, or a wrong one, which a checksum rules out.
        number = number &* 10 &+ Int(byte - UInt8(ascii: "0"))
        continue
      }
      row.append(number)
      number = 0
      guard byte == UInt8(ascii: "\n") else { continue }
      rows.append(row)
      row.removeAll(keepingCapacity: true)
    }
    return table.isEmpty ? [] : rows + [row + [number]]
  }

  private func cell(_ row: [Int], _ sizes: inout [Int: PixelSize]) -> CapabilityMatrix.Cell? {
    guard row.count >= 14, row.allSatisfy(strings.indices.contains) else { return nil }
    func text(_ column: Int) -> String? { row[column] == 0 ? nil : strings[row[column]] }
    func value<Value: RawRepresentable<String>>(_ column: Int) -> Value? { Value(rawValue: strings[row[column]]) }
    guard let direction: TransferDirection = value(1), let mode: TransferMode = value(2),
      let format = PixelFormat(named: strings[row[3]]), let tiling: ImageTiling = value(4),
      let sync: SyncKind = value(5), let size = sizes[row[6]] ?? PixelSize(strings[row[6]]),
      let verdict: CapabilityMatrix.Verdict = value(7)
    else { return nil }
    sizes[row[6]] = size
    let modifier = text(13).flatMap { DRMModifier(hexadecimal: $0) }
    guard modifier?.hexadecimal == text(13) else { return nil }
    let configuration = TransferConfiguration(
      path: TransferPath(rawValue: strings[row[0]]), mode: mode, sync: sync, tiling: tiling)
    var cell = CapabilityMatrix.Cell(
      CellKey(
        configuration: configuration, direction: direction, format: format, modifier: modifier, size: size))
    cell.verdict = verdict
    cell.code = text(8)
    cell.step = text(9)
    cell.reason = text(10)
    if let gl: CapabilityMatrix.Waits.Proof = value(11), let vulkan: CapabilityMatrix.Waits.Proof = value(12) {
      cell.waits = .init(gl: gl, vulkan: vulkan)
    }
    cell.missing = row[14...].map { strings[$0] }
    cell.queueFamily = queueFamilies.first?.index
    return cell
  }
}
