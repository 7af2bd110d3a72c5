public import RawImport

/// The combinations that a ``CapabilityProbe`` tries, and how it tries them.
///
/// The corresponding C type is `glvk_probe_options`.
public struct ProbeOptions: Sendable {
  /// The process in which the probe tries drivers. The corresponding C type is `glvk_isolation`.
  public enum Isolation: Sendable, Hashable {
    /// In the helper, or in this process where there is no helper.
    case automatic
    /// In the helper only.
    case childProcess
    /// In this process: the probe starts no process. A driver's crash ends the application.
    case thisProcess
  }

  /// The cells that the probe times. The corresponding C type is `glvk_timing`.
  public enum Timing: Sendable, Hashable {
    /// No cell is timed.
    case nothing
    /// Each queue family of the combination that will be chosen: the times that the choice needs.
    case choice
    /// Every verified cell of direction `gl-to-vulkan`, on each queue family.
    case everything
  }

  /// The progress of a probe.
  public struct Progress: Sendable {
    /// Steps that are done.
    public let done: Int
    /// Steps in all.
    public let total: Int
    /// The combination that is being tried.
    public let current: String
  }

  /// Paths to try.
  public var paths = TransferPath.all
  /// Directions to try.
  public var directions = TransferDirection.allCases
  /// Pixel formats to try.
  public var formats = PixelFormat.all
  /// Image sizes to try. Results differ between drivers by format and combination, seldom by size: one size takes about
  /// a second.
  public var sizes = [PixelSize(width: 960, height: 540)]
  /// Whether to try the combinations; false lists those that would be tried.
  public var tries = true
  /// The cells to time.
  public var timing = Timing.choice
  /// The number of ownership transfers to time for each cell and queue family.
  public var timedTransfers = 50
  /// The process in which to try.
  public var isolation = Isolation.automatic
  /// Whether the probe reads answers from the disk cache and stores them there.
  public var usesCache = true
  /// The time that one cell may take in the helper before it counts as hung; a second more for each million pixels.
  public var timeout = Duration.seconds(10)
  /// The order of preference behind ``CapabilityMatrix/choice``.
  public var ranking = PathRanking.environment
  /// Vulkan layers for devices that the helper creates.
  public var layers: [String] = []
  /// What to find out; nil for every combination.
  package var goal: ProbeGoal?
  /// Called before each step, on the thread that probes.
  public var progress: (@Sendable (Progress) -> Void)?

  /// Makes options that try everything, at one size.
  public init() {}
}
