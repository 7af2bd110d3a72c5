public import RawImport

/// The combinations that one GL driver and one Vulkan device support, found by trying them.
///
/// The matrix is `Codable` as JSON with the keys of docs/capability.md: keys stay, more may be added, `null` is written
/// out. The corresponding C type is `glvk_matrix`.
public struct CapabilityMatrix: Codable, Sendable {
  /// The GL driver of a pair.
  public struct GLSide: Codable, Sendable, Hashable {
    /// The platform as the `--gl` option writes it: `surfaceless`, `device:0`, `angle:…`.
    public let platform: String
    /// The vendor: GL_VENDOR.
    public let vendor: String
    /// The renderer: GL_RENDERER.
    public let renderer: String
    /// The version: GL_VERSION.
    public let version: String
    /// The device UUID in 32 hexadecimal digits; empty where the driver does not report it.
    public let deviceUUID: String
    /// GL_DRIVER_UUID_EXT, in hexadecimal; empty where GL does not report it.
    public let driverUUID: String
  }

  /// The Vulkan device of a pair.
  public struct VulkanSide: Codable, Sendable, Hashable {
    /// `VkPhysicalDeviceProperties.deviceName`.
    public let deviceName: String
    /// `VkPhysicalDeviceDriverProperties.driverName`.
    public let driverName: String
    /// `VkPhysicalDeviceDriverProperties.driverInfo`.
    public let driverInfo: String
    /// `VkPhysicalDeviceProperties.apiVersion`, as `1.3.230`.
    public let apiVersion: String
    /// `VkPhysicalDeviceIDProperties.deviceUUID`, in hexadecimal.
    public let deviceUUID: String
    /// `VkPhysicalDeviceIDProperties.driverUUID`, in hexadecimal.
    public let driverUUID: String
  }

  /// The GL driver.
  public internal(set) var gl: GLSide
  /// The Vulkan device.
  public internal(set) var vulkan: VulkanSide
  /// Whether both run on one device; nil where one side does not report its device.
  public internal(set) var sameDevice: Bool?
  /// The place where the drivers were tried. A cached answer keeps the place of the original probe.
  public internal(set) var probedIn: ProbePlace
  /// Whether all verdicts come from the cache.
  public internal(set) var isCached: Bool
  /// Facts that a reader should know before the table: two devices, a helper that was not found.
  public internal(set) var warnings: [String]
  /// The Vulkan queue families that can acquire and release an image.
  public package(set) var queueFamilies: [QueueFamily]
  /// All combinations of the probe, in the order of the table. The corresponding C functions are
  /// `glvk_matrix_cell_count` and `glvk_matrix_get_cell`.
  public package(set) var cells: [Cell]
  /// The combination to use; nil if none works. The corresponding C function is `glvk_matrix_best_path`, without
  /// requirements.
  public internal(set) var choice: Choice?
  /// Whether combinations were left out because a preferred one works (``ProbeGoal``). It is not in the JSON, where
  /// those cells say it.
  package internal(set) var isPartial = false
  /// The images that passed a check with these drivers before; nil without a cache, and for a matrix from elsewhere.
  package internal(set) var checkedImages: CheckedImages?
  /// The reason why the probe tried less than it could. It is not in the JSON, where it is one of the warnings.
  package internal(set) var problem: ProbeProblem?

  /// The result of one combination. The corresponding C type is `glvk_verdict`.
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
    public let p50: Double
    /// The 99th percentile: one sample in a hundred exceeds it. In microseconds.
    public let p99: Double

    /// Computes the percentiles of samples in any order; nil for no samples.
    package init?(_ samples: [Double]) {
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
    public let index: UInt32
    /// `graphics`, `compute`, `transfer`.
    public let capabilities: [String]
    /// The time of an empty submission with a fence and the wait for it: the least that an ownership transfer costs.
    /// nil if not timed.
    public internal(set) var bareSubmitMicroseconds: Percentiles?

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

    /// Encodes a family with the keys of docs/capability.md, and nil as `null`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(index, forKey: .index)
      try container.encode(capabilities, forKey: .capabilities)
      try container.encode(bareSubmitMicroseconds, forKey: .bareSubmitMicroseconds)
    }
  }

  /// The combination to use, and the reason.
  ///
  /// The corresponding C type is `glvk_choice`.
  public struct Choice: Sendable, Hashable {
    /// The path, mode, sync and tiling.
    public let configuration: TransferConfiguration
    /// DRM format modifiers that were verified with this combination. Each was verified with at least one of the
    /// requested formats. Empty for paths that have no modifiers.
    public let modifiers: [DRMModifier]
    /// Index of the queue family on which a transfer costs least.
    public let queueFamily: UInt32
    /// The cost of an ownership transfer with this combination; nil if it was not timed.
    public let transferMicroseconds: Percentiles?
    /// The reason for this choice, in a sentence.
    public let reason: String
  }

  enum CodingKeys: String, CodingKey {
    case gl, vulkan, sameDevice, probedIn, warnings, queueFamilies, cells, choice
    case isCached = "cached"
  }

  /// Encodes the matrix with the keys of docs/capability.md, and nil as `null`.
  ///
  /// The corresponding C function is `glvk_matrix_get_json`.
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

extension CapabilityMatrix.Choice: Codable {
  private enum CodingKeys: String, CodingKey {
    case modifiers, queueFamily
    case transferMicroseconds = "handoverMicroseconds"
    case reason
  }

  /// Decodes a choice; it throws for a name that this version of the library does not know.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      configuration: try TransferConfiguration(from: decoder),
      modifiers: try container.decode([DRMModifier].self, forKey: .modifiers),
      queueFamily: try container.decode(UInt32.self, forKey: .queueFamily),
      transferMicroseconds: try container.decodeIfPresent(
        CapabilityMatrix.Percentiles.self, forKey: .transferMicroseconds),
      reason: try container.decode(String.self, forKey: .reason))
  }

  /// Encodes the choice with the keys of docs/capability.md, and nil as `null`.
  public func encode(to encoder: any Encoder) throws {
    try configuration.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modifiers, forKey: .modifiers)
    try container.encode(queueFamily, forKey: .queueFamily)
    try container.encode(transferMicroseconds, forKey: .transferMicroseconds)
    try container.encode(reason, forKey: .reason)
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
  public private(set) var schema = 1
  /// The matrices, the matching pair first: the same device on both sides.
  public let pairs: [CapabilityMatrix]

  package init(pairs: [CapabilityMatrix]) { self.pairs = pairs }
}
