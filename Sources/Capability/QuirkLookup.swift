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
  func concerning(_ key: CapabilityMatrix.Key) -> [DriverQuirk] {
    guard !quirks.isEmpty else { return [] }
    let subject = QuirkSubject(key)
    return quirks.filter { $0.subject.holds(for: subject) }
  }

  /// Names of the quirks that explain a cell's verdict.
  func explaining(_ cell: CapabilityMatrix.Cell) -> [String] {
    concerning(cell.key).filter { $0.explains(verdict: cell.verdict.rawValue, step: cell.step, code: cell.code) }.map(
      \.id)
  }
}

extension QuirkSubject {
  init(_ key: CapabilityMatrix.Key) {
    self.init(
      path: key.path, direction: key.direction.rawValue, mode: key.mode.rawValue, pixelFormat: key.pixelFormat,
      tiling: key.tiling.rawValue, sync: key.sync.rawValue)
  }
}
