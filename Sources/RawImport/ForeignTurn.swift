public import Drivers

// The reader's turn, taken by somebody who is neither GL nor this Vulkan device: a display, another process. What goes there
// are the buffer and a fence, what comes back is a fence.

extension HandoverTurns {
  /// - Returns: what the reader has to wait for; nil if the writer is done.
  package func acquireForForeign(tag: UInt64?) throws(InteropError) -> SyncFile? {
    let step = "give the image away"
    guard case .sharedMemory(let outside, let writerDone, _) = transport, !vulkanIsWriter else {
      throw InteropError(
        .unsupported, step: step, reason: "the image is no memory that GL writes and others can have",
        missing: ["a DMA-BUF that GL writes"], advice: "Use dma-buf-import or dma-buf-export")
    }
    guard outside == host.dmaBufFamily || writerDone == nil, writerDone == nil || writerDone is SyncFileSignal else {
      throw InteropError(
        .unsupported, step: step, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
        missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
    }
    try state.withLock { (state) throws(InteropError) in
      try Self.change(&state, tag) { slot throws(HandoverSlot.Violation) in _ = try slot.beginReading() }
      state.isOutside = true
    }
    do throws(InteropError) {
      return try (writerDone as? SyncFileSignal)?.takeFile()
    } catch {
      // The file could not be made, so nothing was given away.
      try state.withLock { (state) throws(InteropError) in
        state.isOutside = false
        try Self.change(&state, nil) { slot throws(HandoverSlot.Violation) in try slot.cancelReading() }
      }
      throw error
    }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    let (isOutside, content, found) = state.withLock { ($0.isOutside, $0.tag, $0.slot.state) }
    // Before the fence is taken: it would stand for the turn of a newer frame.
    if let tag, tag != content { throw Self.stale(tag) }
    guard case .sharedMemory(_, _, let readerDone) = transport, isOutside else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(found.rawValue))")
    }
    if let signal = readerDone as? SyncFileSignal {
      signal.put(fence)
    } else if let fence {
      // GL is told by nothing else.
      try fence.wait()
    }
    try state.withLock { (state) throws(InteropError) in
      try Self.change(&state, tag) { slot throws(HandoverSlot.Violation) in try slot.endReading() }
      state.isOutside = false
    }
  }
}

extension SharedImage {
  /// The reader's turn goes to somebody outside, instead of Vulkan: another process, a compositor, a display controller. Send
  /// ``dmaBuf`` along (once), and what this returns (each time): ``DMABuf/send(over:waitFor:timeout:)``, or as the acquire
  /// point of a timeline (``DRMSyncTimeline/importSyncFile(_:at:)``).
  ///
  /// For an image of direction `gl-to-vulkan` that is shared as DMA-BUF with sync `sync-file`, or with `cpu-wait`, where GL
  /// has finished and there is nothing to wait for.
  ///
  /// - Returns: the fence of what GL drew; nil if that is done.
  /// - Throws: ``InteropError/Code/invalidState`` if it is not the reader's turn; ``InteropError/Code/unsupported`` for an
  ///   image of another kind.
  public func acquireForForeign() throws(InteropError) -> SyncFile? { try turns.acquireForForeign(tag: nil) }

  /// Ends the turn that ``acquireForForeign()`` began: GL draws again when the reader is done.
  ///
  /// - Parameter fence: done when the reader is: its own fence, or that of a release point (``AcquirePoint/syncFile(timeout:)``
  ///   of the same timeline and point); nil if it is done. Somebody who is not trusted may never signal it: wait for it on the
  ///   CPU first (``SyncFile/wait(timeout:)``).
  /// - Throws: ``InteropError/Code/invalidState`` if it was not given away; with `cpu-wait`, which waits here,
  ///   ``InteropError/Code/timeout``.
  public func releaseFromForeign(after fence: consuming SyncFile?) throws(InteropError) {
    try turns.releaseFromForeign(after: fence, tag: nil)
  }
}
