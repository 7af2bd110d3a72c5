/// The known quirks of one pair of drivers.
struct KnownQuirks {
  let sameDevice: Bool?
  /// The quirks of these drivers, selected once because combinations are many.
  private let quirks: [DriverQuirk]

  init(_ pair: PairDescription) {
    let drivers = DriverPair(
      glVendor: pair.gl.vendor, glRenderer: pair.gl.renderer, glVersion: pair.gl.version,
      vulkanDriverName: pair.vulkan.driverName, vulkanDriverInfo: pair.vulkan.driverInfo,
      vulkanDeviceName: pair.vulkan.deviceName, sameDevice: pair.sameDevice, isES: pair.isES)
    quirks = DriverQuirk.all.filter { $0.concerns(drivers) }
    sameDevice = pair.sameDevice
  }

  /// The quirks of a combination.
  func concerning(_ key: CellKey) -> [DriverQuirk] { quirks.filter { $0.subject.holds(for: key) } }

  /// Names of the quirks that explain a cell's verdict.
  func explaining(_ cell: CapabilityMatrix.Cell) -> [String] {
    concerning(cell.key).filter { $0.explains(verdict: cell.verdict, step: cell.step, code: cell.code) }.map(\.id)
  }
}
