/// How GL's pixels reach the shared image.
public enum TransferMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// GL renders straight into the shared image, without a copy.
  case direct
  /// The package blits once on the GPU, from (or to) a framebuffer of the application.
  case blit
}
