/// How GL and Vulkan exchange images: a path, a mode, a sync and a tiling together.
///
/// A capability matrix has verdicts about configurations, and chooses one of them.
public struct TransferConfiguration: Sendable, Hashable, Codable {
  /// How pixels get from one API to the other.
  public package(set) var path: TransferPath
  /// How GL's pixels get into the image.
  public package(set) var mode: TransferMode
  /// The synchronization: which side waits, and for which signal.
  public package(set) var sync: SyncKind
  /// Memory layout of the image.
  public package(set) var tiling: ImageTiling

  package init(path: TransferPath, mode: TransferMode, sync: SyncKind, tiling: ImageTiling) {
    self.path = path
    self.mode = mode
    self.sync = sync
    self.tiling = tiling
  }
}

extension TransferConfiguration: CustomStringConvertible {
  /// The four names, as in `opaque-fd direct optimal cpu-wait`.
  public var description: String { "\(path) \(mode.rawValue) \(tiling.rawValue) \(sync.rawValue)" }
}
