public import InteropBase

/// The point of a timeline that the consumer of a buffer signals when it is done reading, after which its producer
/// writes again (linux-drm-syncobj-v1, `set_release_point`).
public struct ReleasePoint: Sendable {
  /// The DRM syncobj timeline the point is on.
  public let timeline: DRMSyncTimeline
  /// The value of ``timeline`` that says the buffer may be written again.
  public let point: UInt64

  /// A point of a timeline that a reader signals when it is done.
  public init(_ timeline: DRMSyncTimeline, _ point: UInt64) {
    self.timeline = timeline
    self.point = point
  }

  /// The consumer is done. As ``DRMSyncTimeline/signal(_:)``.
  public func signal() throws(InteropError) { try timeline.signal(point) }

  /// The consumer is done once `fence` is signalled; the fence stays the caller's. As
  /// ``DRMSyncTimeline/importSyncFile(_:at:)``.
  public func signal(after fence: borrowing SyncFile) throws(InteropError) {
    try timeline.importSyncFile(fence, at: point)
  }
}
