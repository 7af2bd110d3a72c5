public import RawImport

/// The combinations that one GL driver and one Vulkan device support, found by trying them.
///
/// The matrix is `Codable` as JSON with the keys of docs/capability.md: keys stay, more may be added, `null` is written
/// out.
public struct CapabilityMatrix: Codable, Sendable {
  /// The GL driver of a pair.
  public struct GLSide: Codable, Sendable, Hashable {
    /// The platform as the `--gl` option writes it: `surfaceless`, `device:0`, `angle:…`.
    public var platform: String
    /// The vendor: GL_VENDOR.
    public var vendor: String
    /// The renderer: GL_RENDERER.
    public var renderer: String
    /// The version: GL_VERSION.
    public var version: String
    /// The device UUID in 32 hexadecimal digits; empty where the driver does not report it.
    public var deviceUUID: String
    /// GL_DRIVER_UUID_EXT, in hexadecimal; empty where GL does not report it.
    public var driverUUID: String
  }

  /// The Vulkan device of a pair.
  public struct VulkanSide: Codable, Sendable, Hashable {
    /// `VkPhysicalDeviceProperties.deviceName`.
    public var deviceName: String
    /// `VkPhysicalDeviceDriverProperties.driverName`.
    public var driverName: String
    /// `VkPhysicalDeviceDriverProperties.driverInfo`.
    public var driverInfo: String
    /// `VkPhysicalDeviceProperties.apiVersion`, as `1.3.230`.
    public var apiVersion: String
    /// `VkPhysicalDeviceIDProperties.deviceUUID`, in hexadecimal.
    public var deviceUUID: String
    /// `VkPhysicalDeviceIDProperties.driverUUID`, in hexadecimal.
    public var driverUUID: String
  }

  /// The GL driver.
  public var gl: GLSide
  /// The Vulkan device.
  public var vulkan: VulkanSide
  /// Whether both run on one device; nil where one side does not report its device.
  public var sameDevice: Bool?
  /// The place where the drivers were tried. A cached answer keeps the place of the original probe.
  public var probedIn: ProbePlace
  /// Whether all verdicts come from the cache.
  public var isCached: Bool
  /// Facts that a reader should know before the table: two devices, a helper that was not found.
  public var warnings: [String]
  /// The Vulkan queue families that can acquire and release an image.
  public var queueFamilies: [QueueFamily]
  /// All combinations of the probe, in the order of the table.
  public var cells: [Cell]
  /// The combination to use; nil if none works.
  public var choice: Choice?
  /// The reason why the probe tried less than it could. It is not in the JSON, where it is one of the warnings.
  package var problem: ProbeProblem?

  /// The result of one combination.
  public enum Verdict: String, Codable, Sendable {
    /// Two different patterns went across, one after the other in the same memory, and every pixel was right.
    case verified
    /// A driver refused (`step`, `reason`), or pixels were wrong.
    case failed
    /// An extension or feature is missing, by name in `missing`.
    case unsupported
    /// The combination was not tried; the cell says why.
    case notTried = "not-tried"
  }

  /// The median and the 99th percentile of durations, in microseconds.
  public struct Percentiles: Codable, Sendable, Hashable {
    /// The median, in microseconds.
    public var p50: Double
    /// The 99th percentile: one sample in a hundred exceeds it. In microseconds.
    public var p99: Double

    /// Computes the percentiles of samples in any order; nil for no samples.
    public init?(_ samples: [Double]) {
      guard !samples.isEmpty else { return nil }
      let sorted = samples.sorted()
      func at(_ fraction: Double) -> Double { sorted[Int((Double(sorted.count - 1) * fraction).rounded())] }
      p50 = at(0.5)
      p99 = at(0.99)
    }
  }

  /// The place where drivers were tried.
  public enum ProbePlace: String, Codable, Sendable {
    /// In a separate process, where a driver's crash or hang becomes a verdict.
    case childProcess = "child-process"
    /// In the calling process. Combinations that a quirk calls unsafe in process were not tried.
    case thisProcess = "this-process"
    /// Nothing was tried: there is no driver, or probing was switched off.
    case nowhere
  }

  /// One queue family of the Vulkan device.
  public struct QueueFamily: Codable, Sendable, Hashable {
    /// Index in `vkGetPhysicalDeviceQueueFamilyProperties`.
    public var index: UInt32
    /// `graphics`, `compute`, `transfer`.
    public var capabilities: [String]
    /// The time of an empty submission with a fence and the wait for it: the least that an ownership transfer costs.
    /// nil if not timed.
    public var bareSubmitMicroseconds: Percentiles?

    package init(index: UInt32, capabilities: [String], bareSubmitMicroseconds: Percentiles?) {
      self.index = index
      self.capabilities = capabilities
      self.bareSubmitMicroseconds = bareSubmitMicroseconds
    }

    /// The capabilities in words: `graphics`, `transfer only`.
    public var description: String {
      guard let last = capabilities.last else { return "" }
      if capabilities.count == 1 { return "\(last) only" }
      return capabilities.dropLast().joined(separator: ", ") + " and " + last
    }

    enum CodingKeys: CodingKey { case index, capabilities, bareSubmitMicroseconds }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(index, forKey: .index)
      try container.encode(capabilities, forKey: .capabilities)
      try container.encode(bareSubmitMicroseconds, forKey: .bareSubmitMicroseconds)
    }
  }

  /// The combination to use, and the reason.
  public struct Choice: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// The synchronization: which side waits, and for which signal.
    public var sync: SyncKind
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// DRM format modifiers that were verified with this combination. Each was verified with at least one of the
    /// requested formats. Empty for paths that have no modifiers.
    public var modifiers: [String]
    /// Index of the queue family on which a transfer costs least.
    public var queueFamily: UInt32
    /// The cost of an ownership transfer with this combination; nil if it was not timed.
    public var transferMicroseconds: Percentiles?
    /// The reason for this choice, in a sentence.
    public var reason: String

    enum CodingKeys: String, CodingKey { case path, sync, mode, tiling, modifiers, queueFamily, transferMicroseconds = "handoverMicroseconds", reason }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(sync, forKey: .sync)
      try container.encode(mode, forKey: .mode)
      try container.encode(tiling, forKey: .tiling)
      try container.encode(modifiers, forKey: .modifiers)
      try container.encode(queueFamily, forKey: .queueFamily)
      try container.encode(transferMicroseconds, forKey: .transferMicroseconds)
      try container.encode(reason, forKey: .reason)
    }
  }

  enum CodingKeys: String, CodingKey {
    case gl, vulkan, sameDevice, probedIn, warnings, queueFamilies, cells, choice
    case isCached = "cached"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(gl, forKey: .gl)
    try container.encode(vulkan, forKey: .vulkan)
    try container.encode(sameDevice, forKey: .sameDevice)
    try container.encode(probedIn, forKey: .probedIn)
    try container.encode(isCached, forKey: .isCached)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(queueFamilies, forKey: .queueFamilies)
    try container.encode(cells, forKey: .cells)
    try container.encode(choice, forKey: .choice)
  }
}

/// The reason why nothing was tried, or why it was not tried in a helper.
package struct ProbeProblem: Sendable, Hashable {
  package var text: String
  /// Whether something went wrong. A helper that is not installed or not wanted is the application's choice and no
  /// failure.
  package var isFailure: Bool
}

/// The content of `interop-caps --format json`.
public struct CapabilityReport: Codable, Sendable {
  /// Version of the report's schema; see docs/interop-caps.schema.json.
  public var schema = 1
  /// The matrices, the matching pair first: the same device on both sides.
  public var pairs: [CapabilityMatrix]

  /// Makes a report of these pairs.
  public init(pairs: [CapabilityMatrix]) { self.pairs = pairs }
}
