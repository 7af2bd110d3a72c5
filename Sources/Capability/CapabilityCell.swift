public import RawImport

extension CapabilityMatrix {
  /// One combination and its result.
  ///
  /// The corresponding C type is `glvk_cell`.
  public struct Cell: Sendable {
    /// The path, mode, sync and tiling.
    public package(set) var configuration: TransferConfiguration
    /// The API that writes and the API that reads.
    public package(set) var direction: TransferDirection
    /// The pixel format of the image.
    public package(set) var format: PixelFormat
    /// DRM format modifier of the image.
    ///
    /// For `dma-buf-import` it is the modifier that was tried, for `dma-buf-export` the one that the driver chose. It
    /// is nil for other paths, where the two sides have no modifier in common, and where no image was made.
    public package(set) var modifier: DRMModifier?
    /// Width and height of the image.
    public package(set) var size: PixelSize
    /// The result of the trial.
    public package(set) var verdict: Verdict
    /// The kind of failure: an ``InteropError/Code``, `crashed` or `hung`; nil for `verified` and `not-tried`.
    public package(set) var code: String?
    /// The step at which the trial stopped.
    public package(set) var step: String?
    /// The reason why the combination does not work; nil where it works.
    public package(set) var reason: String?
    /// Registered names of the extensions, features or functions that the combination needs and the drivers lack.
    public package(set) var missing: [String]
    /// Whether the probe saw each side wait for the other; nil unless verified, and where neither side waits for the
    /// other.
    public package(set) var waits: Waits?
    /// The Vulkan queue family that acquired the image; the cheapest of those that were timed.
    public package(set) var queueFamily: UInt32?
    /// The cost of one ownership transfer on that family, from GL's last drawing call (a blit included) to Vulkan's
    /// completion; nil if not timed, and for direction `vulkan-to-gl`.
    public package(set) var transferMicroseconds: Percentiles?
    /// The cost of an ownership transfer for each family that was timed.
    public package(set) var queueFamilyCosts: [QueueFamilyCost]
    /// The names of these drivers' known quirks that explain the verdict, as `mesa-bgra-storage-refused`.
    public package(set) var quirks: [String]

    /// Makes a cell without a result.
    init(_ key: CellKey) {
      configuration = key.configuration
      direction = key.direction
      format = key.format
      modifier = key.modifier
      size = key.size
      verdict = .notTried
      missing = []
      queueFamilyCosts = []
      quirks = []
    }

    /// Whether there is neither a result nor a reason why there is none.
    var isUntouched: Bool { verdict == .notTried && reason == nil }

    /// Whether the driver crashed or hung.
    package var endedProcess: Bool { code == ProbeFailure.crashed || code == ProbeFailure.hung }

    /// The combination as the probe asks for it.
    package var key: CellKey {
      var key = reported
      // The driver chooses the modifier of an export, so the key does not ask for one; the cell only reports it.
      if configuration.path == .dmaBufExport { key.modifier = nil }
      return key
    }

    private var reported: CellKey {
      CellKey(configuration: configuration, direction: direction, format: format, modifier: modifier, size: size)
    }
  }

  /// Whether each side waits for the other, found by holding the other back.
  public struct Waits: Codable, Sendable, Hashable {
    /// How the probe established a wait.
    public enum Proof: String, Codable, Sendable {
      /// The probe held the other side's signal back and saw this side wait for it.
      case heldBack = "held-back"
      /// The probe called the wait, but nothing on this pair can hold the other side back, so the wait is not proved.
      case recordedOnly = "recorded-only"
    }

    /// GL waits for Vulkan before its access begins.
    public let gl: Proof
    /// Vulkan waits for GL before its access begins.
    public let vulkan: Proof
  }

  /// The cost of a transfer on one queue family.
  public struct QueueFamilyCost: Codable, Sendable, Hashable {
    /// Index of the queue family.
    public let family: UInt32
    /// From the end of GL's access to the end of Vulkan's, in microseconds.
    public let transferMicroseconds: Percentiles

    private enum CodingKeys: String, CodingKey {
      case family
      case transferMicroseconds = "handoverMicroseconds"
    }

    package init(family: UInt32, transferMicroseconds: Percentiles) {
      self.family = family
      self.transferMicroseconds = transferMicroseconds
    }
  }
}

extension CapabilityMatrix.Cell: Codable {
  private enum CodingKeys: String, CodingKey {
    case verdict, code, step, reason, missing, waits, queueFamily
    case transferMicroseconds = "handoverMicroseconds"
    case queueFamilyCosts, quirks
  }

  /// Decodes a cell; it throws for a name that this version of the library does not know.
  public init(from decoder: any Decoder) throws {
    self.init(try CellKey(from: decoder))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    verdict = try container.decode(CapabilityMatrix.Verdict.self, forKey: .verdict)
    code = try container.decodeIfPresent(String.self, forKey: .code)
    step = try container.decodeIfPresent(String.self, forKey: .step)
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
    missing = try container.decode([String].self, forKey: .missing)
    waits = try container.decodeIfPresent(CapabilityMatrix.Waits.self, forKey: .waits)
    queueFamily = try container.decodeIfPresent(UInt32.self, forKey: .queueFamily)
    transferMicroseconds = try container.decodeIfPresent(
      CapabilityMatrix.Percentiles.self, forKey: .transferMicroseconds)
    queueFamilyCosts = try container.decode([CapabilityMatrix.QueueFamilyCost].self, forKey: .queueFamilyCosts)
    quirks = try container.decode([String].self, forKey: .quirks)
  }

  /// Encodes the cell with the keys of docs/capability.md, and nil as `null`.
  public func encode(to encoder: any Encoder) throws {
    // It is written by hand because the synthesised one leaves nil out.
    try reported.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(code, forKey: .code)
    try container.encode(step, forKey: .step)
    try container.encode(reason, forKey: .reason)
    try container.encode(missing, forKey: .missing)
    try container.encode(waits, forKey: .waits)
    try container.encode(queueFamily, forKey: .queueFamily)
    try container.encode(transferMicroseconds, forKey: .transferMicroseconds)
    try container.encode(queueFamilyCosts, forKey: .queueFamilyCosts)
    try container.encode(quirks, forKey: .quirks)
  }
}
