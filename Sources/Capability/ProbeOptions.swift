public import RawImport

/// What a ``CapabilityProbe`` tries, and how.
public struct ProbeOptions: Sendable {
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
    /// No cell is timed.
    case nothing
    /// Each queue family of the way that will be chosen: what the choice needs.
    case choice
    /// Every verified cell of direction `gl-to-vulkan`, on each queue family.
    case everything
  }

  /// How far a probe is.
  public struct Progress: Sendable {
    /// Steps that are done.
    public var done: Int
    /// Steps in all.
    public var total: Int
    /// What is tried now.
    public var current: String
  }

  /// Paths to try.
  public var paths = TransferPath.all
  /// Directions to try.
  public var directions = TransferDirection.allCases
  /// Pixel formats to try.
  public var formats = PixelFormat.all
  /// Formats and ways differ from driver to driver, sizes seldom do: one of a second's work.
  public var sizes = [PixelSize(width: 960, height: 540)]
  /// false lists what would be tried.
  public var tries = true
  /// What to time.
  public var timing = Timing.choice
  /// How many hand-overs are timed for each cell and queue family.
  public var timedHandovers = 50
  /// Where to try.
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

  /// Everything, at one size.
  public init() {}
}
