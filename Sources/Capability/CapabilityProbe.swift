public import RawImport
internal import Drivers

/// Tries every combination of path, direction, mode, format, tiling, sync and size, and looks at the pixels.
public struct CapabilityProbe {
  public struct Options: Sendable {
    public var paths = TransferPath.all
    public var formats = PixelFormat.all
    public var sizes = [PixelSize(width: 1920, height: 1080)]
    /// false lists what would be tried.
    public var tries = true
    /// How many hand-overs to time for each verified cell; 0 for none.
    public var measuredHandovers = 0

    public init() {}
  }

  private let surface: SurfacelessContext
  private let host: VulkanHost
  private let options: Options
  private var context: GLContext { surface.gl }

  /// - Parameters:
  ///   - context: current on this thread.
  ///   - host: any device; the same as GL's or not is part of the answer.
  public init(gl context: SurfacelessContext, vulkan host: VulkanHost, options: Options = Options()) {
    surface = context
    self.host = host
    self.options = options
  }

  /// Tries them all, in this process. Nothing throws: what fails is a verdict.
  public func run() -> CapabilityMatrix {
    var matrix = CapabilityMatrix(
      gl: .init(
        platform: surface.platform.description, vendor: context.vendor, renderer: context.renderer,
        version: context.versionString, deviceUUID: context.identity.deviceUUIDs.first?.description ?? "",
        driverUUID: context.identity.driverUUID?.description ?? ""),
      vulkan: .init(
        deviceName: host.info.deviceName, driverName: host.info.driverName, driverInfo: host.info.driverInfo,
        apiVersion: VulkanVersion.text(host.info.apiVersion),
        deviceUUID: host.info.identity.deviceUUIDs.first?.description ?? "",
        driverUUID: host.info.identity.driverUUID?.description ?? ""),
      sameDevice: context.identity.match(host.info.identity).sameDevice, cells: [], choice: nil)
    for path in options.paths {
      for combination in combinations(path) { matrix.cells.append(cell(combination)) }
    }
    matrix.choice = matrix.bestPath()
    return matrix
  }

  private struct Combination {
    let path: TransferPath
    let direction: TransferDirection
    let mode: TransferMode
    let format: PixelFormat
    let tiling: ImageTiling
    let sync: SyncKind
    let size: PixelSize
  }

  private func combinations(_ path: TransferPath) -> [Combination] {
    // host-copy: GL's frames into an image of Vulkan's own, whose layout and waiting are nobody's choice.
    let copies = path == .hostCopy
    var all: [Combination] = []
    for size in options.sizes {
      for direction in copies ? [TransferDirection.glToVulkan] : TransferDirection.allCases {
        for mode in copies ? [TransferMode.direct] : TransferMode.allCases {
          for sync in copies ? [SyncKind.cpuWait] : SyncKind.allCases {
            for tiling in copies ? [ImageTiling.optimal] : ImageTiling.allCases {
              for format in options.formats {
                all.append(
                  Combination(
                    path: path, direction: direction, mode: mode, format: format, tiling: tiling, sync: sync, size: size))
              }
            }
          }
        }
      }
    }
    return all
  }

  private func cell(_ combination: Combination) -> CapabilityMatrix.Cell {
    var cell = CapabilityMatrix.Cell(
      path: combination.path.rawValue, direction: combination.direction, mode: combination.mode,
      pixelFormat: combination.format.name, tiling: combination.tiling, modifier: nil, sync: combination.sync,
      size: combination.size.description, verdict: .notTried, step: nil, reason: nil, missing: [], queueFamily: nil,
      handoverMicroseconds: nil)
    guard options.tries else {
      cell.reason = "probing was switched off"
      return cell
    }
    cell.queueFamily = host.queues[0].family
    do throws(InteropError) {
      let samples = combination.path == .hostCopy ? try tryHostCopy(combination) : try tryShared(combination)
      cell.handoverMicroseconds = .init(samples)
      cell.verdict = .verified
    } catch {
      cell.verdict = error.code == .unsupported ? .unsupported : .failed
      cell.step = error.step
      cell.reason = error.reason + (error.driverCode.map { " (\($0))" } ?? "")
      cell.missing = error.missing
    }
    return cell
  }

  // MARK: Trying

  /// - Returns: microseconds of hand-overs, if they are measured.
  private func tryShared(_ combination: Combination) throws(InteropError) -> [Double] {
    let image = try SharedImage(
      SharedImageDescription(
        size: combination.size, format: combination.format, tiling: combination.tiling,
        direction: combination.direction, mode: combination.mode,
        // A blit shows that it can turn the picture, too.
        orientation: combination.mode == .blit ? .topDown : .bottomUp),
      gl: context, host: host, sync: combination.sync)
    if combination.direction == .vulkanToGL {
      try PixelCheck.verifyReverse(image)
      return []
    }
    let blitter = FramebufferBlitter(context)
    try PixelCheck.verify(image, blitter: blitter)
    let source =
      combination.mode == .blit
      ? try DrawTarget(combination.format.glInternalFormat, combination.size, samples: 1, context) : nil
    return try measure { () throws(InteropError) in
      try image.beginGLAccess()
      context.gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), source?.framebuffer ?? image.glFramebuffer ?? 0)
      context.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 0, 0, 1])
      let start = ContinuousClock.now
      if let source {
        try blitter.copy(from: GLFramebuffer(name: source.framebuffer, size: image.size), to: image)
      }
      try image.endGLAccess()
      try image.accessInVulkan(.general) { (_) throws(InteropError) in }
      try image.waitForVulkan()
      return ContinuousClock.now - start
    }
  }

  private func tryHostCopy(_ combination: Combination) throws(InteropError) -> [Double] {
    let source = try DrawTarget(combination.format.glInternalFormat, combination.size, samples: 1, context)
    let image = try HostCopyImage(
      size: combination.size, format: combination.format, orientation: .bottomUp, source: source, gl: context,
      egl: (surface.egl, surface.display), host: host)
    try PixelCheck.verify(image, context, host)
    return try measure { () throws(InteropError) in
      try image.beginGLAccess()
      let start = ContinuousClock.now
      try image.endGLAccess()
      try image.turns.access(.general, queue: nil, tag: nil) { (_) throws(InteropError) in }
      try image.turns.waitForVulkan()
      return ContinuousClock.now - start
    }
  }

  private func measure(_ handover: () throws(InteropError) -> Duration) throws(InteropError) -> [Double] {
    var samples: [Double] = []
    for _ in 0..<options.measuredHandovers {
      let (seconds, attoseconds) = try handover().components
      samples.append(Double(seconds) * 1e6 + Double(attoseconds) / 1e12)
    }
    return samples
  }
}
