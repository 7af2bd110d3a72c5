internal import RawImport

extension CapabilityMatrix {
  /// Makes a matrix without results.
  init(cells: [Cell]) {
    self.init(
      gl: .init(platform: "", vendor: "", renderer: "", version: "", deviceUUID: "", driverUUID: ""),
      vulkan: .init(deviceName: "", driverName: "", driverInfo: "", apiVersion: "", deviceUUID: "", driverUUID: ""),
      sameDevice: nil, probedIn: .nowhere, isCached: false, warnings: [], queueFamilies: [], cells: cells, choice: nil)
  }

  mutating func describe(_ pair: PairDescription) {
    gl = pair.gl
    vulkan = pair.vulkan
    sameDevice = pair.sameDevice
    queueFamilies = pair.queueFamilies
    for index in cells.indices { cells[index].queueFamily = pair.queueFamilies.first?.index }
  }

  mutating func setReason(_ reason: String) {
    for index in cells.indices {
      cells[index].reason = reason
      cells[index].queueFamily = nil
    }
  }

  mutating func fail(_ failure: ProbeFailure) {
    for index in cells.indices { cells[index].fail(failure) }
  }

  var deviceWarnings: [String] {
    guard sameDevice == false else { return [] }
    return [
      "GL and Vulkan run on two devices (\(gl.renderer) and \(vulkan.deviceName)): opaque-fd memory across them is luck"
    ]
  }
}

extension CapabilityMatrix.Cell {
  /// - Parameter modifier: the modifier of the memory.
  mutating func verify(_ modifier: DRMModifier?) {
    verdict = .verified
    if configuration.path == .dmaBufExport { self.modifier = modifier }
  }

  mutating func fail(_ failure: ProbeFailure) {
    verdict = failure.isMissing ? .unsupported : .failed
    waits = nil
    code = failure.code
    step = failure.step
    reason = failure.reason
    missing = failure.missing
  }
}
