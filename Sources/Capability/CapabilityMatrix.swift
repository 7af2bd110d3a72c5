public import RawImport

/// What one GL driver and one Vulkan device can do together, found by trying.
///
/// `Codable` as JSON with the keys of docs/capability.md: keys stay, more may be added, `null` is written out.
public struct CapabilityMatrix: Codable, Sendable {
  /// The GL driver of a pair.
  public struct GLSide: Codable, Sendable, Hashable {
    /// As the `--gl` option writes it: `surfaceless`, `device:0`, `angle:…`.
    public var platform: String
    /// GL_VENDOR.
    public var vendor: String
    /// GL_RENDERER.
    public var renderer: String
    /// GL_VERSION.
    public var version: String
    /// 32 hexadecimal digits; empty where the driver does not tell.
    public var deviceUUID: String
    /// GL_DRIVER_UUID_EXT, in hexadecimal; empty where GL does not tell.
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
  /// Whether both run on one device; nil where one side does not tell.
  public var sameDevice: Bool?
  /// Who tried it. A cached answer says who tried it then.
  public var probedIn: ProbePlace
  /// Whether all verdicts come from the cache.
  public var isCached: Bool
  /// What a reader should know before the table: two devices, a helper that was not found.
  public var warnings: [String]
  /// The Vulkan queue families that an image can be handed over on.
  public var queueFamilies: [QueueFamily]
  /// Every combination that was looked at, in the order of the table.
  public var cells: [Cell]
  /// nil if nothing works.
  public var choice: Choice?
  /// Why less was tried than could have been; not in the JSON, where it is one of the warnings.
  package var problem: ProbeProblem?

  /// What became of one combination.
  public enum Verdict: String, Codable, Sendable {
    /// Two different patterns went across, one after the other in the same memory, and every pixel was right.
    case verified
    /// A driver refused (`step`, `reason`), or pixels were wrong.
    case failed
    /// An extension or feature is missing, by name in `missing`.
    case unsupported
    /// Nobody tried it; the cell says why.
    case notTried = "not-tried"
  }

  /// Microseconds.
  public struct Percentiles: Codable, Sendable, Hashable {
    /// The median, in microseconds.
    public var p50: Double
    /// Exceeded by one in a hundred, in microseconds.
    public var p99: Double

    /// Of samples in any order; nil for none.
    public init?(_ samples: [Double]) {
      guard !samples.isEmpty else { return nil }
      let sorted = samples.sorted()
      func at(_ fraction: Double) -> Double { sorted[Int((Double(sorted.count - 1) * fraction).rounded())] }
      p50 = at(0.5)
      p99 = at(0.99)
    }
  }

  /// Where drivers were tried.
  public enum ProbePlace: String, Codable, Sendable {
    /// In a process of its own, so that a driver that crashes or hangs is a verdict.
    case childProcess = "child-process"
    /// In the process that asked: what a quirk calls unsafe there was not tried.
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
    /// An empty submission with a fence and the wait for it: what any hand-over costs at least. nil if not timed.
    public var bareSubmitMicroseconds: Percentiles?

    package init(index: UInt32, capabilities: [String], bareSubmitMicroseconds: Percentiles?) {
      self.index = index
      self.capabilities = capabilities
      self.bareSubmitMicroseconds = bareSubmitMicroseconds
    }

    /// In words: `graphics`, `transfer only`.
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

  /// The way to take, and why.
  public struct Choice: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// How one side knows that the other is done.
    public var sync: SyncKind
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// DRM format modifiers that were verified that way with the formats that were asked for, each with one of them at
    /// least; empty for paths that have none.
    public var modifiers: [String]
    /// Index of the queue family on which a transfer costs least.
    public var queueFamily: UInt32
    /// What a hand-over costs that way; nil if it was not timed.
    public var handoverMicroseconds: Percentiles?
    /// Why this one, in a sentence.
    public var reason: String

    enum CodingKeys: CodingKey { case path, sync, mode, tiling, modifiers, queueFamily, handoverMicroseconds, reason }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(sync, forKey: .sync)
      try container.encode(mode, forKey: .mode)
      try container.encode(tiling, forKey: .tiling)
      try container.encode(modifiers, forKey: .modifiers)
      try container.encode(queueFamily, forKey: .queueFamily)
      try container.encode(handoverMicroseconds, forKey: .handoverMicroseconds)
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

/// Why nothing was tried, or not in a helper.
package struct ProbeProblem: Sendable, Hashable {
  package var text: String
  /// Whether something went wrong; a helper that is not installed, or is not wanted, is as the program has it.
  package var isFailure: Bool
}

/// What `interop-caps --format json` prints.
public struct CapabilityReport: Codable, Sendable {
  /// Version of the form in which a report is written; see docs/interop-caps.schema.json.
  public var schema = 1
  /// The pair that belongs together first: the same device on both sides.
  public var pairs: [CapabilityMatrix]

  /// A report of these pairs.
  public init(pairs: [CapabilityMatrix]) { self.pairs = pairs }
}
