internal import InteropBase

/// Identifies an image: a number that one image gets and no other image of this process gets again.
///
/// Drivers reuse handles and names: a destroyed `VkImage` or a deleted GL texture passes its value on to the next one,
/// which may have another size. So a program stores what it makes for an image (views, descriptor sets, framebuffers)
/// under this number, and drops it when the image retires: `Frame.onImageRetired(_:)`, `RawGLProducer.onImageRetired`.
///
/// Numbers start at 1 and are shared by all images of this package; they do not tell the order of frames. In C,
/// `image_id`.
public struct ImageID: RawRepresentable, Sendable, Hashable, Comparable {
  /// The number, which is never 0 for an image of this package.
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  private static let last = Atomic<UInt64>(0)

  /// Returns a number that no image has had.
  package static func next() -> ImageID { ImageID(rawValue: last.wrappingAdd(1, ordering: .relaxed).newValue) }

  public static func < (first: ImageID, second: ImageID) -> Bool { first.rawValue < second.rawValue }
}

extension ImageID: CustomStringConvertible {
  public var description: String { "\(rawValue)" }
}
