/// Which API has access to a shared image, or may begin it.
public enum OwnershipState: String, Sendable, Hashable, CaseIterable {
  /// The image is unused; the writer may begin.
  case idle
  /// The writer has the image.
  case writing
  /// The image is written; the reader may begin.
  case ready
  /// The reader has the image: the other API, or a foreign user.
  case reading
}
