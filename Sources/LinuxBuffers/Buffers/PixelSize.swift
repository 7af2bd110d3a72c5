package import InteropBase

/// Width and height in pixels.
public struct PixelSize: Sendable, Hashable, Codable {
  /// The width in pixels.
  public var width: Int
  /// The height in pixels.
  public var height: Int

  /// Makes a size in pixels, without a check.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Parses `1920x1080`; nil for anything else, and for a side that is not positive.
  public init?(_ text: some StringProtocol) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false)
    guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]), width > 0, height > 0 else {
      return nil
    }
    self.init(width: width, height: height)
  }

  /// The limit of a side in pixels: beyond it products overflow, and no driver comes near it.
  private static let limit = 1 << 20

  /// Refuses sides that no driver can support.
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
  /// Refuses a size above a driver's limit; the error names the limit.
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
