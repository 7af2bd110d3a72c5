internal import InteropBase

/// Which image it is: a number that is given to one image and never again in this process.
///
/// Handles and names come back: a `VkImage` that was destroyed, and a GL texture that was deleted, give their value to
/// the next one, of another size. What a program keeps for an image (views, descriptor sets, framebuffers) is kept by
/// this number, and dropped when the image retires: `Frame.onImageRetired(_:)`, `RawGLProducer.onImageRetired`.
///
/// Numbers count from 1 on, over everything that this package makes; they say nothing of the order of frames. In C,
/// `image_id`.
public struct ImageID: RawRepresentable, Sendable, Hashable, Comparable {
  /// Never 0 for an image of this package's.
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  private static let last = Atomic<UInt64>(0)

  /// One that nobody has had.
  package static func next() -> ImageID { ImageID(rawValue: last.wrappingAdd(1, ordering: .relaxed).newValue) }

  public static func < (first: ImageID, second: ImageID) -> Bool { first.rawValue < second.rawValue }
}

extension ImageID: CustomStringConvertible {
  public var description: String { "\(rawValue)" }
}
