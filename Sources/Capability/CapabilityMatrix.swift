public import RawImport

/// What one GL driver and one Vulkan device can do together, found by trying.
///
/// `Codable` as JSON with the keys of docs/capability.md: keys stay, more may be added, `null` is written out.
public struct CapabilityMatrix: Codable, Sendable {
  public struct GLSide: Codable, Sendable {
    /// As the `--gl` option writes it: `surfaceless`, `device:0`, `angle:…`.
    public var platform: String
    public var vendor: String
    public var renderer: String
    public var version: String
    /// 32 hexadecimal digits; empty where the driver does not tell.
    public var deviceUUID: String
    public var driverUUID: String
  }

  public struct VulkanSide: Codable, Sendable {
    public var deviceName: String
    public var driverName: String
    public var driverInfo: String
    public var apiVersion: String
    public var deviceUUID: String
    public var driverUUID: String
  }

  public var gl: GLSide
  public var vulkan: VulkanSide
  /// Whether both run on one device; nil where one side does not tell.
  public var sameDevice: Bool?
  public var cells: [Cell]
  /// nil if nothing works.
  public var choice: Choice?

  /// What became of one combination.
  public enum Verdict: String, Codable, Sendable {
    /// Two different patterns went across, one after the other in the same memory, and every pixel was right.
    case verified
    /// A driver refused (`step`, `reason`), or pixels were wrong.
    case failed
    /// An extension or feature is missing, by name in `missing`.
    case unsupported
    case notTried = "not-tried"
  }

  /// Microseconds.
  public struct Percentiles: Codable, Sendable, Hashable {
    public var p50: Double
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

  public struct Cell: Codable, Sendable {
    public var path: String
    public var direction: TransferDirection
    public var mode: TransferMode
    public var pixelFormat: String
    public var tiling: ImageTiling
    /// DRM format modifier; nil for paths that have none.
    public var modifier: String?
    public var sync: SyncKind
    public var size: String
    public var verdict: Verdict
    /// Where it stopped.
    public var step: String?
    public var reason: String?
    public var missing: [String]
    /// The Vulkan queue family that took the image.
    public var queueFamily: UInt32?
    /// One hand-over, from GL's last drawing call (a blit counts in) to Vulkan's completion; nil unless measuring was asked
    /// for, and for direction `vulkan-to-gl`.
    public var handoverMicroseconds: Percentiles?

    enum CodingKeys: CodingKey {
      case path, direction, mode, pixelFormat, tiling, modifier, sync, size, verdict, step, reason, missing
      case queueFamily, handoverMicroseconds
    }

    /// Written by hand because the synthesised one leaves out what is nil.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(direction, forKey: .direction)
      try container.encode(mode, forKey: .mode)
      try container.encode(pixelFormat, forKey: .pixelFormat)
      try container.encode(tiling, forKey: .tiling)
      try container.encode(modifier, forKey: .modifier)
      try container.encode(sync, forKey: .sync)
      try container.encode(size, forKey: .size)
      try container.encode(verdict, forKey: .verdict)
      try container.encode(step, forKey: .step)
      try container.encode(reason, forKey: .reason)
      try container.encode(missing, forKey: .missing)
      try container.encode(queueFamily, forKey: .queueFamily)
      try container.encode(handoverMicroseconds, forKey: .handoverMicroseconds)
    }
  }

  /// The way to take, and why.
  public struct Choice: Codable, Sendable, Hashable {
    public var path: String
    public var sync: SyncKind
    public var mode: TransferMode
    public var queueFamily: UInt32
    public var reason: String
  }

  enum CodingKeys: CodingKey { case gl, vulkan, sameDevice, cells, choice }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(gl, forKey: .gl)
    try container.encode(vulkan, forKey: .vulkan)
    try container.encode(sameDevice, forKey: .sameDevice)
    try container.encode(cells, forKey: .cells)
    try container.encode(choice, forKey: .choice)
  }
}

/// What `interop-caps --format json` prints.
public struct CapabilityReport: Codable, Sendable {
  public var schema = 1
  public var pairs: [CapabilityMatrix]

  public init(pairs: [CapabilityMatrix]) { self.pairs = pairs }
}
