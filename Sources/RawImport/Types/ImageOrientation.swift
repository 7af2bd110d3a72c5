/// Which end of the picture the first row in memory is.
public enum ImageOrientation: String, Sendable, Hashable, Codable {
  /// Row 0 is the top of the picture, as Vulkan, PNG and window systems have it.
  case topDown = "top-down"
  /// Row 0 is the bottom of the picture: what GL renders, unless it was flipped.
  case bottomUp = "bottom-up"

  /// The other one.
  public var flipped: ImageOrientation { self == .topDown ? .bottomUp : .topDown }
}
