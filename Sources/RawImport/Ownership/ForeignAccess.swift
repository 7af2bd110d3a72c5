package import InteropDrivers

// Gives the reader's access to a foreign user, which is neither GL nor this Vulkan device: a display, another process.
// The foreign user gets the buffer and a fence, and returns a fence.

extension ImageOwnership {
  /// - Returns: the fence that the reader has to wait for; nil if the writer is done.
  package func acquireForForeign(tag: UInt64?) throws(InteropError) -> SyncFile? {
    let step = "give the image away"
    guard let sharedMemory, !vulkanIsWriter else {
      throw InteropError(
        .unsupported, step: step, reason: "the image is no memory that GL writes and others can have",
        missing: ["a DMA-BUF that GL writes"], advice: "Use dma-buf-import or dma-buf-export")
    }
    let signal = sharedMemory.signals.writerDone
    guard sharedMemory.outside == host.dmaBufFamily || signal.waitInVulkan == nil else {
      throw InteropError(
        .unsupported, step: step, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
        missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
    }
    try self.step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      _ = try machine.begin(.reader, by: .foreign)
    }
    do throws(InteropError) {
      return try signal.takeFile(step)
    } catch {
      // The file could not be made, so the access did not begin.
      try self.step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(.reader, by: .foreign) }
      throw error
    }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    let (phase, content) = locked { ($0.machine.phase, $0.tag) }
    // Before the fence is taken: it would stand for the access to a newer frame.
    if let tag, tag != content { throw Self.stale(tag) }
    guard let sharedMemory, phase == .reading(.foreign) else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(phase.state.rawValue))")
    }
    try sharedMemory.signals.readerDone.put(fence)
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      try machine.end(.reader, by: .foreign)
    }
  }
}
