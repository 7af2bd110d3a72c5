public import InteropDrivers

extension SharedImage {
  /// The reader's turn goes to somebody outside, instead of Vulkan: another process, a compositor, a display
  /// controller. Send ``dmaBuf`` along (once), and what this returns (each time):
  /// ``DMABuf/send(over:waitFor:timeout:)``, or as the acquire point of a timeline
  /// (``DRMSyncTimeline/importSyncFile(_:at:)``).
  ///
  /// For an image of direction `gl-to-vulkan` that is shared as DMA-BUF with sync `sync-file`, or with `cpu-wait`,
  /// where GL has finished and there is nothing to wait for.
  ///
  /// - Returns: the fence of what GL drew; nil if that is done.
  /// - Throws: ``InteropError/Code/invalidState`` if it is not the reader's turn; ``InteropError/Code/unsupported`` for
  ///   an image of another kind.
  public func acquireForForeign() throws(InteropError) -> SyncFile? { try turns.acquireForForeign(tag: nil) }

  /// Ends the turn that ``acquireForForeign()`` began: GL draws again when the reader is done.
  ///
  /// - Parameter fence: done when the reader is: its own fence, or that of a release point
  ///   (``AcquirePoint/syncFile(timeout:)`` of the same timeline and point); nil if it is done. Somebody who is not
  ///   trusted may never signal it: wait for it on the CPU first (``SyncFile/wait(timeout:)``).
  /// - Throws: ``InteropError/Code/invalidState`` if it was not given away; with `cpu-wait`, which waits here,
  ///   ``InteropError/Code/timeout``.
  public func releaseFromForeign(after fence: consuming SyncFile?) throws(InteropError) {
    try turns.releaseFromForeign(after: fence, tag: nil)
  }
}
