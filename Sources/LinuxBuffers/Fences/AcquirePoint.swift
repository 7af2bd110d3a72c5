public import InteropBase

/// The point of a timeline that the consumer of a buffer waits for before it reads
/// (linux-drm-syncobj-v1, `set_acquire_point`).
public struct AcquirePoint: Sendable {
  /// The DRM syncobj timeline the point is on.
  public let timeline: DRMSyncTimeline
  /// The value of ``timeline`` that says the buffer may be read.
  public let point: UInt64

  /// A point of a timeline that a reader waits for.
  public init(_ timeline: DRMSyncTimeline, _ point: UInt64) {
    self.timeline = timeline
    self.point = point
  }

  /// Waits on the CPU. As ``DRMSyncTimeline/wait(_:timeout:waitForSubmit:)``.
  public func wait(timeout: Duration = .seconds(10)) throws(InteropError) {
    try timeline.wait(point, timeout: timeout)
  }

  /// What a GPU is to wait for. Waits on the CPU until the producer has submitted its work, and no longer: a GPU must
  /// not wait for what may never come (kernel, dma-buf.rst, "Indefinite DMA Fences").
  ///
  /// - Throws: as ``DRMSyncTimeline/waitForSubmit(_:timeout:)`` and ``DRMSyncTimeline/exportSyncFile(at:)``.
  public func syncFile(timeout: Duration = .seconds(10)) throws(InteropError) -> SyncFile {
    try timeline.waitForSubmit(point, timeout: timeout)
    return try timeline.exportSyncFile(at: point)
  }
}
