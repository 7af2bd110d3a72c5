/// How GL's pixels get into the shared image.
public enum TransferMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// GL renders straight into the shared image: no copy at all.
  case direct
  /// One GPU blit out of (or into) a framebuffer of the application's.
  case blit
}
