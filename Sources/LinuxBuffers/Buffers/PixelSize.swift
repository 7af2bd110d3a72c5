package import InteropBase

/// Width and height in pixels.
public struct PixelSize: Sendable, Hashable, Codable {
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int

  /// A size in pixels. Nothing is checked here.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Reads `1920x1080`; nil for anything else, and for a side that is not positive.
  public init?(_ text: some StringProtocol) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false)
    guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]), width > 0, height > 0 else {
      return nil
    }
    self.init(width: width, height: height)
  }

  /// Of a side, in pixels: beyond it products overflow, and no driver comes near it.
  private static let limit = 1 << 20

  /// Refuses sides that no driver should be asked about.
  package func validate(_ step: String) throws(InteropError) {
    guard width >= 1, height >= 1 else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the size is \(self)", advice: "Give a width and height of at least 1")
    }
    guard width <= Self.limit, height <= Self.limit else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the size is \(self), more than \(Self.limit) pixels a side",
        advice: "Give what the drivers have: GL_MAX_TEXTURE_SIZE and maxImageDimension2D")
    }
  }
}

extension PixelSize {
  /// Refuses what is larger than a driver's limit, by the limit's name.
  package func check(
    _ step: String, within limits: [(name: String, pixels: Int)]
  ) throws(InteropError) {
    guard let least = limits.min(by: { $0.pixels < $1.pixels }), max(width, height) > least.pixels else { return }
    throw InteropError(
      .unsupported, step: step, reason: "\(self) is more than \(least.name), \(least.pixels) pixels a side",
      missing: ["\(least.name) of \(max(width, height))"], advice: "Choose a smaller size")
  }
}

extension PixelSize: CustomStringConvertible {
  public var description: String { "\(width)x\(height)" }
}
