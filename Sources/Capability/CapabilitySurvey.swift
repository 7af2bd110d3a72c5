internal import InteropDrivers
public import RawImport

/// Probes a whole machine: every EGL device with every Vulkan device, the matching pair first.
public struct CapabilitySurvey {
  private let platforms: [SurfacelessContext.Platform]?
  private let api: SurfacelessContext.API
  private let device: ProbeTarget.Device?
  private let options: ProbeOptions

  /// Makes a survey with every Vulkan device.
  ///
  /// - Parameters:
  ///   - platforms: the EGL implementations and devices; nil means the surfaceless platform and every EGL device that
  ///     differs from it.
  ///   - api: desktop GL or GLES.
  ///   - options: the combinations to try with each pair.
  public init(
    platforms: [SurfacelessContext.Platform]? = nil, api: SurfacelessContext.API = .openGL,
    options: ProbeOptions = .init()
  ) {
    self.init(platforms: platforms, api: api, device: nil, options: options)
  }

  /// Makes a survey with one Vulkan device, or with every one for nil.
  package init(
    platforms: [SurfacelessContext.Platform]?, api: SurfacelessContext.API, device: ProbeTarget.Device?,
    options: ProbeOptions
  ) {
    self.platforms = platforms
    self.api = api
    self.device = device
    self.options = options
  }

  /// Returns one matrix for each pair. There is at least one: where there is no driver it says so.
  public func run() -> CapabilityReport {
    let first = ProbeTarget(platform: platforms?.first ?? .surfaceless, api: api, device: .matching)
    var list: DeviceList?
    if options.tries, device == nil || platforms == nil { list = ProbeRun(.closed(first), options).devices() }
    var pairs: [CapabilityMatrix] = []
    for platform in candidatePlatforms(list) {
      for device in devices(list) {
        let matrix = CapabilityProbe(ProbeTarget(platform: platform, api: api, device: device), options: options).run()
        // The devices that EGL lists usually repeat the surfaceless platform's device, and may have no driver.
        let isExtra = platforms == nil && platform != .surfaceless
        let isKnown = pairs.contains { known in
          known.gl.renderer == matrix.gl.renderer && known.gl.deviceUUID == matrix.gl.deviceUUID
            && known.vulkan == matrix.vulkan && known.gl.platform != matrix.gl.platform
        }
        if isExtra, isKnown || !matrix.wasOpened { continue }
        pairs.append(matrix)
      }
    }
    func rank(_ matrix: CapabilityMatrix) -> Int {
      switch matrix.sameDevice {
      case true: 0
      case nil: matrix.wasOpened ? 1 : 3
      case false: 2
      }
    }
    let sorted = pairs.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
    return CapabilityReport(pairs: sorted.map(\.element))
  }

  private func candidatePlatforms(_ list: DeviceList?) -> [SurfacelessContext.Platform] {
    if let platforms { return platforms }
    let count = list?.eglDeviceCount ?? 0
    return [.surfaceless] + (count > 1 ? (0..<count).map { .device($0) } : [])
  }

  private func devices(_ list: DeviceList?) -> [ProbeTarget.Device] {
    if let device { return [device] }
    guard let list, !list.vulkanDevices.isEmpty else { return [.matching] }
    return list.vulkanDevices.map { .index($0.index) }
  }
}

extension CapabilityMatrix {
  /// Whether both drivers could be opened.
  public var wasOpened: Bool { !gl.renderer.isEmpty && !vulkan.deviceName.isEmpty }
}
