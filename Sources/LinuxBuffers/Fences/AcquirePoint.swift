public import InteropBase

/// The timeline point that the consumer of a buffer waits for before it reads (linux-drm-syncobj-v1,
/// `set_acquire_point`).
public struct AcquirePoint: Sendable {
  /// The DRM syncobj timeline of the point.
  public let timeline: DRMSyncTimeline
  /// The value of ``timeline`` from which on the buffer may be read.
  public let point: UInt64

  /// Makes a point that a reader waits for.
  public init(_ timeline: DRMSyncTimeline, _ point: UInt64) {
    self.timeline = timeline
    self.point = point
  }

  /// Waits on the CPU, as ``DRMSyncTimeline/wait(_:timeout:waitForSubmit:)`` does.
  public func wait(timeout: Duration = .seconds(10)) throws(InteropError) {
    try timeline.wait(point, timeout: timeout)
  }

  /// Returns the fence for a GPU to wait for.
  ///
  /// It waits on the CPU until the producer has submitted its work, and no longer: a GPU must not wait for a fence that
  /// may never come (kernel, dma-buf.rst, "Indefinite DMA Fences").
  ///
  /// - Throws: as ``DRMSyncTimeline/waitForSubmit(_:timeout:)`` and ``DRMSyncTimeline/exportSyncFile(at:)``.
  public func syncFile(timeout: Duration = .seconds(10)) throws(InteropError) -> SyncFile {
    try timeline.waitForSubmit(point, timeout: timeout)
    return try timeline.exportSyncFile(at: point)
  }
}
