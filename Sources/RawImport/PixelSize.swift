public import Drivers

/// Width and height in pixels.
public struct PixelSize: Sendable, Hashable, Codable {
  public var width: Int
  public var height: Int

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

  public var extent: VkExtent3D { VkExtent3D(width: UInt32(width), height: UInt32(height), depth: 1) }

  /// Refuses sides that no driver should be asked about: below 1 and above 2^20, where products overflow.
  func validate(_ step: String) throws(InteropError) {
    guard (1...1 << 20).contains(width), (1...1 << 20).contains(height) else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the size is \(self)", advice: "Give a width and height of at least 1")
    }
  }
}

extension PixelSize: CustomStringConvertible {
  public var description: String { "\(width)x\(height)" }
}
