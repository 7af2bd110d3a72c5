public import RawImport

extension CapabilityMatrix {
  /// One combination and its result.
  public struct Cell: Codable, Sendable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// The API that writes and the API that reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// The format by its name: ``PixelFormat/name``.
    public var pixelFormat: String
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// DRM format modifier, for example `0x300000000e08014`.
    ///
    /// For `dma-buf-import` it is the modifier that was tried, for `dma-buf-export` the one that the driver chose. It
    /// is nil for other paths, where the two sides have no modifier in common, and where no image was made.
    public var modifier: String?
    /// The synchronization: which side waits, and for which signal.
    public var sync: SyncKind
    /// Width and height in pixels, `960x540`.
    public var size: String
    /// The result of the trial.
    public var verdict: Verdict
    /// The kind of failure: an ``InteropError/Code``, `crashed` or `hung`; nil for `verified` and `not-tried`.
    public var code: String?
    /// The step at which the trial stopped.
    public var step: String?
    /// The reason why the combination does not work; nil where it works.
    public var reason: String?
    /// Registered names of the extensions, features or functions that the combination needs and the drivers lack.
    public var missing: [String]
    /// Whether the probe saw each side wait for the other; nil unless verified, and where neither side waits for the
    /// other.
    public var waits: Waits?
    /// The Vulkan queue family that acquired the image; the cheapest of those that were timed.
    public var queueFamily: UInt32?
    /// The cost of one ownership transfer on that family, from GL's last drawing call (a blit included) to Vulkan's
    /// completion; nil if not timed, and for direction `vulkan-to-gl`.
    public var transferMicroseconds: Percentiles?
    /// The cost of an ownership transfer for each family that was timed.
    public var queueFamilyCosts: [QueueFamilyCost]
    /// The quirks of these drivers that explain the verdict: ``DriverQuirk/id``.
    public var quirks: [String]

    /// Makes a cell without a result.
    init(_ key: Key) {
      path = key.path
      direction = key.direction
      mode = key.mode
      pixelFormat = key.pixelFormat
      tiling = key.tiling
      modifier = key.modifier
      sync = key.sync
      size = key.size
      verdict = .notTried
      missing = []
      queueFamilyCosts = []
      quirks = []
    }

    /// Whether the driver crashed or hung.
    package var endedProcess: Bool { code == ProbeFailure.crashed || code == ProbeFailure.hung }

    /// The combination.
    public var key: Key {
      Key(
        path: path, direction: direction, mode: mode, pixelFormat: pixelFormat, tiling: tiling,
        // The driver chooses the modifier of an export, so the key does not ask for one; the cell only reports it.
        modifier: path == TransferPath.dmaBufExport.rawValue ? nil : modifier, sync: sync, size: size)
    }

    enum CodingKeys: String, CodingKey {
      case path, direction, mode, pixelFormat, tiling, modifier, sync, size, verdict, code, step, reason, missing, waits
      case queueFamily, transferMicroseconds = "handoverMicroseconds", queueFamilyCosts, quirks
    }

    /// Encodes nil as `null`. It is written by hand because the synthesised one leaves nil out.
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

  /// Names one combination.
  public struct Key: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// The API that writes and the API that reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// The format by its name: ``PixelFormat/name``.
    public var pixelFormat: String
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// The DRM format modifier that is asked for; nil for paths without one.
    public var modifier: String?
    /// The synchronization: which side waits, and for which signal.
    public var sync: SyncKind
    /// Width and height in pixels, `960x540`.
    public var size: String

    /// The part of the combination that all formats and sizes share.
    var way: Way {
      Way(path: path, direction: direction, mode: mode, tiling: tiling, modifier: modifier, sync: sync)
    }
  }

  /// A combination without format and size.
  public struct Way: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// The API that writes and the API that reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// The DRM format modifier, as text; nil for a path without one.
    public var modifier: String?
    /// The synchronization: which side waits, and for which signal.
    public var sync: SyncKind
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
    public var gl: Proof
    /// Vulkan waits for GL before its access begins.
    public var vulkan: Proof
  }

  /// The cost of a transfer on one queue family.
  public struct QueueFamilyCost: Codable, Sendable, Hashable {
    /// Index of the queue family.
    public var family: UInt32
    /// From the end of GL's access to the end of Vulkan's, in microseconds.
    public var transferMicroseconds: Percentiles

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
