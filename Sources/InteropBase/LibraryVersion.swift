/// The version of this package.
public enum LibraryVersion {
  /// Semantic version, `1.2.3`.
  public static let text = "0.2.0"
}
