public import RawImport
internal import InteropDrivers

/// Tries combinations of a GL driver and a Vulkan device, and checks the pixels.
///
/// ```swift
/// let matrix = CapabilityProbe(gl: context, vulkan: host).run()
/// if let choice = matrix.bestPath(for: .init(formats: [.rgba8])) { print(choice.configuration, choice.reason) }
/// ```
///
/// A helper process does the trying, so that a driver's crash or hang becomes a verdict and does not end the
/// application. Where no helper is found, the probe tries in this process and leaves out the combinations that are
/// known to be unsafe there. The probe stores its answers on disk for the next start. It throws no errors: a machine
/// without EGL or Vulkan gets a matrix that says so.
public struct CapabilityProbe {
  private let source: ProbeSource
  private let options: ProbeOptions

  /// Makes a probe of drivers that the application has open.
  ///
  /// - Parameters:
  ///   - context: current on this thread.
  ///   - host: any device, also an engine's own. Whether it is GL's device is part of the answer.
  ///   - options: the combinations to try.
  public init(gl context: SurfacelessContext, vulkan host: VulkanHost, options: ProbeOptions = ProbeOptions()) {
    source = .opened(context, host)
    self.options = options
  }

  /// Makes a probe of drivers that are not open; the helper opens them.
  package init(_ target: ProbeTarget, options: ProbeOptions = ProbeOptions()) {
    source = .closed(target)
    self.options = options
  }

  /// Makes a probe that opens nothing in this process.
  ///
  /// - Parameters:
  ///   - platform: the EGL implementation and device.
  ///   - api: desktop GL or GLES.
  ///   - options: the combinations to try.
  public init(
    platform: SurfacelessContext.Platform = .surfaceless, api: SurfacelessContext.API = .openGL,
    options: ProbeOptions = ProbeOptions()
  ) {
    self.init(ProbeTarget(platform: platform, api: api, device: .matching), options: options)
  }

  /// Tries the combinations that are not known yet. It takes a second or two the first time, milliseconds from the
  /// cache. The corresponding C function is `glvk_matrix_probe`.
  public func run() -> CapabilityMatrix { ProbeRun(source, options).matrix() }

  /// Tries the combinations of one path and reports each step: its purpose, its driver calls, and where the trial
  /// stopped.
  ///
  /// - Returns: each combination of the path, for the first of ``ProbeOptions/formats`` and ``ProbeOptions/sizes``.
  public func explain(_ path: TransferPath) -> Explanations { ProbeRun(source, options).explain(path) }
}

extension CapabilityMatrix {
  /// Tries the combinations that this context and this device support. See ``CapabilityProbe``. The corresponding C
  /// function is `glvk_matrix_probe`.
  public static func probe(
    gl context: SurfacelessContext, vulkan host: VulkanHost, options: ProbeOptions = .init()
  ) -> CapabilityMatrix { CapabilityProbe(gl: context, vulkan: host, options: options).run() }

  /// Tries this machine's GL with the Vulkan device it runs on, and opens neither in this process. The corresponding C
  /// function is `glvk_matrix_probe`.
  public static func probe(options: ProbeOptions = .init()) -> CapabilityMatrix {
    CapabilityProbe(options: options).run()
  }
}
