public import RawImport
internal import InteropDrivers

/// Tries what a GL driver and a Vulkan device can do together, and looks at the pixels.
///
/// ```swift
/// let matrix = CapabilityProbe(gl: context, vulkan: host).run()
/// if let choice = matrix.bestPath(for: .init(formats: [.rgba8])) { print(choice.path, choice.reason) }
/// ```
///
/// The trying is done by a helper process, so that a driver which crashes or hangs is a verdict and not this program's
/// end; where no helper is found, in this process, without what is known to be unsafe there. Answers are kept on disk
/// for the next start. Nothing throws: a machine without EGL or Vulkan gets a matrix that says so.
public struct CapabilityProbe {
  /// What to try.
  public typealias Options = ProbeOptions
  /// Where to try.
  public typealias Isolation = ProbeOptions.Isolation
  /// What to time.
  public typealias Timing = ProbeOptions.Timing
  /// How far a probe is.
  public typealias Progress = ProbeOptions.Progress

  private let source: ProbeSource
  private let options: Options

  /// For drivers that the program has open.
  ///
  /// - Parameters:
  ///   - context: current on this thread.
  ///   - host: any device, an engine's own too; the same as GL's or not is part of the answer.
  ///   - options: what to try.
  public init(gl context: SurfacelessContext, vulkan host: VulkanHost, options: Options = Options()) {
    source = .opened(context, host)
    self.options = options
  }

  /// For drivers that nobody has opened: the helper does.
  package init(_ target: ProbeTarget, options: Options = Options()) {
    source = .closed(target)
    self.options = options
  }

  /// Opens nothing in this process.
  ///
  /// - Parameters:
  ///   - platform: which EGL implementation and device.
  ///   - api: desktop GL or GLES.
  ///   - options: what to try.
  public init(
    platform: SurfacelessContext.Platform = .surfaceless, api: SurfacelessContext.API = .openGL,
    options: Options = Options()
  ) {
    self.init(ProbeTarget(platform: platform, api: api, device: .matching), options: options)
  }

  /// Tries what is not known yet. Takes a second or two the first time, milliseconds from the cache.
  public func run() -> CapabilityMatrix { ProbeRun(source, options).matrix() }

  /// Tries one combination of a path and tells each step: what for, which driver calls, and where it stopped.
  ///
  /// - Returns: each way of the path, for the first of ``ProbeOptions/formats`` and ``ProbeOptions/sizes``.
  public func explain(_ path: TransferPath) -> Explanations { ProbeRun(source, options).explain(path) }
}

extension CapabilityMatrix {
  /// Tries what these two can do together. See ``CapabilityProbe``.
  public static func probe(
    gl context: SurfacelessContext, vulkan host: VulkanHost, options: CapabilityProbe.Options = .init()
  ) -> CapabilityMatrix { CapabilityProbe(gl: context, vulkan: host, options: options).run() }

  /// Tries this machine's GL with the Vulkan device it runs on, and opens neither in this process.
  public static func probe(options: CapabilityProbe.Options = .init()) -> CapabilityMatrix {
    CapabilityProbe(options: options).run()
  }
}
