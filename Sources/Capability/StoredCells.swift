internal import RawImport

/// Cells as they are kept on disk: a few strings and many small numbers. As JSON objects they take three times as long to
/// read, and a program's start waits for it.
struct StoredCells: Codable {
  let probedIn: CapabilityMatrix.ProbePlace
  let queueFamilies: [CapabilityMatrix.QueueFamily]
  /// What the numbers stand for; 0 stands for nil.
  private let strings: [String]
  private let rows: [[Int]]
  private let costs: [Costs]

  private struct Costs: Codable {
    let row: Int
    let costs: [CapabilityMatrix.QueueFamilyCost]
    let family: UInt32?
    let handover: CapabilityMatrix.Percentiles?
  }

  init(
    _ cells: [CapabilityMatrix.Cell], _ queueFamilies: [CapabilityMatrix.QueueFamily],
    _ probedIn: CapabilityMatrix.ProbePlace
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
    rows = cells.map { cell in
      let names = [
        cell.path, cell.direction.rawValue, cell.mode.rawValue, cell.pixelFormat, cell.tiling.rawValue,
        cell.sync.rawValue, cell.size, cell.verdict.rawValue, cell.code, cell.step, cell.reason,
        cell.waits?.gl.rawValue, cell.waits?.vulkan.rawValue,
      ]
      return names.map(number) + cell.missing.map(number)
    }
    costs = cells.enumerated().filter { !$0.element.queueFamilyCosts.isEmpty }.map { row, cell in
      Costs(
        row: row, costs: cell.queueFamilyCosts, family: cell.queueFamily, handover: cell.handoverMicroseconds)
    }
    self.strings = strings
    self.queueFamilies = queueFamilies
    self.probedIn = probedIn
  }

  /// Cells that cannot be read are left out: they are tried anew.
  var cells: [CapabilityMatrix.Cell] {
    var found = rows.map(cell)
    for cost in costs where found.indices.contains(cost.row) {
      found[cost.row]?.queueFamilyCosts = cost.costs
      found[cost.row]?.queueFamily = cost.family
      found[cost.row]?.handoverMicroseconds = cost.handover
    }
    return found.compactMap { $0 }
  }

  private func cell(_ row: [Int]) -> CapabilityMatrix.Cell? {
    guard row.count >= 13, row.allSatisfy(strings.indices.contains) else { return nil }
    func text(_ column: Int) -> String? { row[column] == 0 ? nil : strings[row[column]] }
    func value<Value: RawRepresentable<String>>(_ column: Int) -> Value? { Value(rawValue: strings[row[column]]) }
    guard let direction: TransferDirection = value(1), let mode: TransferMode = value(2), let tiling: ImageTiling = value(4),
      let sync: SyncKind = value(5), let verdict: CapabilityMatrix.Verdict = value(7)
    else { return nil }
    var cell = CapabilityMatrix.Cell(
      .init(
        path: strings[row[0]], direction: direction, mode: mode, pixelFormat: strings[row[3]], tiling: tiling, sync: sync,
        size: strings[row[6]]))
    cell.verdict = verdict
    cell.code = text(8)
    cell.step = text(9)
    cell.reason = text(10)
    if let gl: CapabilityMatrix.Waits.Proof = value(11), let vulkan: CapabilityMatrix.Waits.Proof = value(12) {
      cell.waits = .init(gl: gl, vulkan: vulkan)
    }
    cell.missing = row[13...].map { strings[$0] }
    cell.queueFamily = queueFamilies.first?.index
    return cell
  }
}
