/// Which end of the picture the first row in memory holds.
public enum ImageOrientation: String, Sendable, Hashable, Codable {
  /// Row 0 is the top of the picture, as in Vulkan, PNG and window systems.
  case topDown = "top-down"
  /// Row 0 is the bottom of the picture, as GL renders it unless the picture was flipped.
  case bottomUp = "bottom-up"

  /// The opposite orientation.
  public var flipped: ImageOrientation { self == .topDown ? .bottomUp : .topDown }
}
