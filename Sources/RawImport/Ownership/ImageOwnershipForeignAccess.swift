package import InteropDrivers

// Gives the reader's access to a foreign user, which is neither GL nor this Vulkan device: a display, another process.
// The foreign user gets the buffer and a fence, and returns a fence.

extension ImageOwnership {
  /// - Returns: the fence that the reader has to wait for; nil if the writer is done.
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
      try Self.change(&state, tag) { slot throws(OwnershipStateMachine.Violation) in _ = try slot.beginReading() }
      state.isOutside = true
    }
    do throws(InteropError) {
      return try (writerDone as? SyncFileSignal)?.takeFile()
    } catch {
      // The file could not be made, so the access did not begin.
      try state.withLock { (state) throws(InteropError) in
        state.isOutside = false
        try Self.change(&state, nil) { slot throws(OwnershipStateMachine.Violation) in try slot.cancelReading() }
      }
      throw error
    }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    let (isOutside, content, found) = state.withLock { ($0.isOutside, $0.tag, $0.slot.state) }
    // Before the fence is taken: it would stand for the access to a newer frame.
    if let tag, tag != content { throw Self.stale(tag) }
    guard case .sharedMemory(_, _, let readerDone) = transport, isOutside else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(found.rawValue))")
    }
    if let signal = readerDone as? SyncFileSignal {
      signal.put(fence)
    } else if let fence {
      // The CPU wait is all that tells GL.
      try fence.wait()
    }
    try state.withLock { (state) throws(InteropError) in
      try Self.change(&state, tag) { slot throws(OwnershipStateMachine.Violation) in try slot.endReading() }
      state.isOutside = false
    }
  }
}
