public import RawImport

extension CapabilityMatrix {
  /// One combination and what became of it.
  public struct Cell: Codable, Sendable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// Who writes and who reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// The format by its name: ``PixelFormat/name``.
    public var pixelFormat: String
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// DRM format modifier, `0x300000000e08014`: of `dma-buf-import` the one that was tried, of `dma-buf-export` the
    /// one that the driver chose. nil for other paths, where the two sides have none in common, and where nothing was
    /// made.
    public var modifier: String?
    /// How one side knows that the other is done.
    public var sync: SyncKind
    /// Width and height in pixels, `960x540`.
    public var size: String
    /// What came of trying it.
    public var verdict: Verdict
    /// The kind of failure, ``InteropError/Code`` or `crashed` or `hung`; nil for `verified` and `not-tried`.
    public var code: String?
    /// Where it stopped.
    public var step: String?
    /// Why it does not work; nil where it does.
    public var reason: String?
    /// Extensions, features or functions that would have been needed, by their registered names.
    public var missing: [String]
    /// Whether a side that must wait was seen to wait; nil unless verified, and where nobody waits for the other.
    public var waits: Waits?
    /// The Vulkan queue family that took the image; the cheapest of those that were timed.
    public var queueFamily: UInt32?
    /// One hand-over on that family, from GL's last drawing call (a blit counts in) to Vulkan's completion; nil if not
    /// timed, and for direction `vulkan-to-gl`.
    public var handoverMicroseconds: Percentiles?
    /// The same for each family that was timed.
    public var queueFamilyCosts: [QueueFamilyCost]
    /// What is known of these drivers and explains the verdict: ``DriverQuirk/id``.
    public var quirks: [String]

    /// A cell nothing is known of yet.
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

    /// Which combination this is.
    public var key: Key {
      Key(
        path: path, direction: direction, mode: mode, pixelFormat: pixelFormat, tiling: tiling,
        // Nobody can ask for the modifier of an export, the cell only tells it.
        modifier: path == TransferPath.dmaBufExport.rawValue ? nil : modifier, sync: sync, size: size)
    }

    enum CodingKeys: CodingKey {
      case path, direction, mode, pixelFormat, tiling, modifier, sync, size, verdict, code, step, reason, missing, waits
      case queueFamily, handoverMicroseconds, queueFamilyCosts, quirks
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
      try container.encode(code, forKey: .code)
      try container.encode(step, forKey: .step)
      try container.encode(reason, forKey: .reason)
      try container.encode(missing, forKey: .missing)
      try container.encode(waits, forKey: .waits)
      try container.encode(queueFamily, forKey: .queueFamily)
      try container.encode(handoverMicroseconds, forKey: .handoverMicroseconds)
      try container.encode(queueFamilyCosts, forKey: .queueFamilyCosts)
      try container.encode(quirks, forKey: .quirks)
    }
  }

  /// Names one combination.
  public struct Key: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// Who writes and who reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// The format by its name: ``PixelFormat/name``.
    public var pixelFormat: String
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// The DRM format modifier that is asked for; nil for paths on which none is.
    public var modifier: String?
    /// How one side knows that the other is done.
    public var sync: SyncKind
    /// Width and height in pixels, `960x540`.
    public var size: String

    /// What all formats and sizes have in common.
    var way: Way {
      Way(path: path, direction: direction, mode: mode, tiling: tiling, modifier: modifier, sync: sync)
    }
  }

  /// A combination without format and size.
  public struct Way: Codable, Sendable, Hashable {
    /// The path by its name: ``TransferPath/rawValue``.
    public var path: String
    /// Who writes and who reads.
    public var direction: TransferDirection
    /// How GL's pixels get into the image.
    public var mode: TransferMode
    /// Memory layout of the image.
    public var tiling: ImageTiling
    /// The DRM format modifier, as text; nil for a path without.
    public var modifier: String?
    /// How one side knows that the other is done.
    public var sync: SyncKind
  }

  /// Whether each side waits for the other, found by holding the other back.
  public struct Waits: Codable, Sendable, Hashable {
    /// How a wait was proved.
    public enum Proof: String, Codable, Sendable {
      /// The other side's signal was held back, and this side was seen to wait for it.
      case heldBack = "held-back"
      /// The wait was called and nothing on this pair can hold the other side back, so that it waits is not proved.
      case recordedOnly = "recorded-only"
    }

    /// GL waits for Vulkan before its turn begins.
    public var gl: Proof
    /// Vulkan waits for GL before its turn begins.
    public var vulkan: Proof
  }

  /// What a transfer costs on one queue family.
  public struct QueueFamilyCost: Codable, Sendable, Hashable {
    /// Index of the queue family.
    public var family: UInt32
    /// From the end of GL's access to the end of Vulkan's, in microseconds.
    public var handoverMicroseconds: Percentiles

    package init(family: UInt32, handoverMicroseconds: Percentiles) {
      self.family = family
      self.handoverMicroseconds = handoverMicroseconds
    }
  }
}
