public import InteropBase

/// The timeline point that the consumer of a buffer signals when it has finished reading, after which the producer
/// writes again (linux-drm-syncobj-v1, `set_release_point`).
public struct ReleasePoint: Sendable {
  /// The DRM syncobj timeline of the point.
  public let timeline: DRMSyncTimeline
  /// The value of ``timeline`` from which on the buffer may be written again.
  public let point: UInt64

  /// Makes a point that a reader signals when it has finished.
  public init(_ timeline: DRMSyncTimeline, _ point: UInt64) {
    self.timeline = timeline
    self.point = point
  }

  /// Signals the point at once, as ``DRMSyncTimeline/signal(_:)`` does.
  public func signal() throws(InteropError) { try timeline.signal(point) }

  /// Signals the point once `fence` is signalled, as ``DRMSyncTimeline/importSyncFile(_:at:)`` does; the caller keeps
  /// the fence.
  public func signal(after fence: borrowing SyncFile) throws(InteropError) {
    try timeline.importSyncFile(fence, at: point)
  }
}
