public import InteropDrivers

extension SharedImage {
  /// Gives the reader's access to a foreign user instead of Vulkan: another process, a compositor, a display
  /// controller.
  ///
  /// Send ``dmaBuf`` along (once), and the returned fence (each time): ``DMABuf/send(over:waitFor:timeout:)``, or as
  /// the acquire point of a timeline (``DRMSyncTimeline/importSyncFile(_:at:)``).
  ///
  /// For an image of direction `gl-to-vulkan` that is shared as DMA-BUF with sync `sync-file`, or with `cpu-wait`,
  /// where GL has finished and there is nothing to wait for.
  ///
  /// - Returns: the fence of GL's drawing; nil if that is done.
  /// - Throws: ``InteropError/Code/invalidState`` if the reader may not have access now;
  ///   ``InteropError/Code/unsupported`` for an image of another kind.
  public func acquireForForeign() throws(InteropError) -> SyncFile? { try ownership.acquireForForeign(tag: nil) }

  /// Ends the access that ``acquireForForeign()`` began: GL draws again when the reader is done.
  ///
  /// - Parameter fence: done when the reader is: its own fence, or that of a release point
  ///   (``AcquirePoint/syncFile(timeout:)`` of the same timeline and point); nil if it is done. An untrusted process
  ///   may never signal it: wait for it on the CPU first (``SyncFile/wait(timeout:)``).
  /// - Throws: ``InteropError/Code/invalidState`` if no foreign access has begun; with `cpu-wait`, which waits here,
  ///   ``InteropError/Code/timeout``.
  public func releaseFromForeign(after fence: consuming SyncFile?) throws(InteropError) {
    try ownership.releaseFromForeign(after: fence, tag: nil)
  }
}
