public import RawImport
internal import Drivers

/// Tries what a GL driver and a Vulkan device can do together, and looks at the pixels.
///
/// ```swift
/// let matrix = CapabilityProbe(gl: context, vulkan: host).run()
/// if let choice = matrix.bestPath(for: .init(formats: [.rgba8])) { print(choice.path, choice.reason) }
/// ```
///
/// The trying is done by a helper process, so that a driver which crashes or hangs is a verdict and not this program's end;
/// where no helper is found, in this process, without what is known to be unsafe there. Answers are kept on disk for the
/// next start. Nothing throws: a machine without EGL or Vulkan gets a matrix that says so.
public struct CapabilityProbe {
  /// Where to try.
  public enum Isolation: Sendable, Hashable {
    /// In the helper; in this process where there is no helper.
    case automatic
    /// In the helper or not at all.
    case childProcess
    /// In this process: no process is started. A driver that crashes takes this program with it.
    case thisProcess
  }

  /// What to time.
  public enum Timing: Sendable, Hashable {
    case nothing
    /// Each queue family of the way that will be chosen: what the choice needs.
    case choice
    /// Every verified cell of direction `gl-to-vulkan`, on each queue family.
    case everything
  }

  public struct Progress: Sendable {
    public var done: Int
    public var total: Int
    /// What is tried now.
    public var current: String
  }

  public struct Options: Sendable {
    public var paths = TransferPath.all
    public var directions = TransferDirection.allCases
    public var formats = PixelFormat.all
    /// Formats and ways differ from driver to driver, sizes seldom do: one of a second's work.
    public var sizes = [PixelSize(width: 960, height: 540)]
    /// false lists what would be tried.
    public var tries = true
    public var timing = Timing.choice
    /// How many hand-overs are timed for each cell and queue family.
    public var timedHandovers = 50
    public var isolation = Isolation.automatic
    /// Whether answers are taken from the disk and kept there.
    public var usesCache = true
    /// How long one cell may take in the helper before it counts as hung; a second more for each million pixels.
    public var timeout = Duration.seconds(10)
    /// The order of preference behind ``CapabilityMatrix/choice``.
    public var ranking = PathRanking.environment
    /// Vulkan layers for devices that the helper makes.
    public var layers: [String] = []
    /// Called before each step, on the thread that probes.
    public var progress: (@Sendable (Progress) -> Void)?

    public init() {}
  }

  private let source: Source
  private let options: Options

  enum Source {
    case opened(SurfacelessContext, VulkanHost)
    case closed(ProbeTarget)
  }

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
  /// - Returns: each way of the path, for the first of ``Options/formats`` and ``Options/sizes``.
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

/// What was done to try each way of a path.
public struct Explanations: Sendable {
  /// One that says why, if the drivers could not be opened.
  public var ways: [PathExplanation]
  public var wasOpened: Bool
  public var warnings: [String]
}

/// What was done to try one way of a path.
public struct PathExplanation: Sendable {
  public var cell: CapabilityMatrix.Cell
  public var steps: [Step]

  public struct Step: Sendable {
    /// What for, in words.
    public var title: String
    /// Driver functions in the order of their first call, with how often they were called. Empty on processors where calls
    /// are not written down, and in this process.
    public var calls: [(name: String, count: Int)]
    /// Whether it stopped here.
    public var isEnd: Bool
  }
}
