package import InteropDrivers

// Gives the reader's access to a foreign user, which is neither GL nor this Vulkan device: a display, another process.
// The foreign user gets the buffer and a fence, and returns a fence.

extension ImageOwnership {
  /// - Returns: the fence that the reader has to wait for; nil if the writer is done.
  package func acquireForForeign(tag: UInt64?) throws(InteropError) -> SyncFile? {
    let signal = try foreignSignal(Self.givingAway)
    guard sharedMemory?.outside == host.dmaBufFamily || signal.waitInVulkan == nil else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
        missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
    }
    try beginForeign(tag)
    do throws(InteropError) {
      return try signal.takeFile(Self.givingAway)
    } catch {
      try cancelForeign()
      throw error
    }
  }

  /// - Returns: what the taker of a bundle waits for.
  package func acquireForExternal(tag: UInt64?) throws(InteropError) -> ExternalPoint {
    let signal = try foreignSignal(Self.givingAway)
    try beginForeign(tag)
    do throws(InteropError) {
      let point = try signal.takePoint(Self.givingAway)
      switch consume point {
      case .done: return .done
      case .semaphore: return .semaphore
      case .syncFile(let file): return .syncFile(file)
      case .timeline(let value, _):
        // The reader's timeline has gone on with every other reader: preparing the image, this process's Vulkan.
        return .timeline(value, next: sharedMemory?.signals.readerDone.nextValue ?? 1)
      }
    } catch {
      try cancelForeign()
      throw error
    }
  }

  private static let givingAway = "give the image away"

  private func foreignSignal(_ step: String) throws(InteropError) -> any ReleaseSignal {
    guard let sharedMemory, !vulkanIsWriter else {
      throw InteropError(
        .unsupported, step: step, reason: "the image is no memory that GL writes and others can have",
        missing: ["a DMA-BUF that GL writes"], advice: "Use dma-buf-import or dma-buf-export")
    }
    return sharedMemory.signals.writerDone
  }

  private func beginForeign(_ tag: UInt64?) throws(InteropError) {
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      _ = try machine.begin(.reader, by: .foreign)
    }
  }

  /// The signal could not be taken, so the access did not begin.
  private func cancelForeign() throws(InteropError) {
    try step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(.reader, by: .foreign) }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    try foreignReader(tag).put(fence)
    try endForeign(tag)
  }

  /// - Parameter point: what the taker of a bundle returned.
  package func releaseFromExternal(after point: consuming ExternalPoint, tag: UInt64?) throws(InteropError) {
    try foreignReader(tag).put(point)
    try endForeign(tag)
  }

  /// The signal of a reader that has the image. Checked before its point is taken, which would stand for the access to a
  /// newer frame.
  private func foreignReader(_ tag: UInt64?) throws(InteropError) -> any ReleaseSignal {
    let (phase, content) = locked { ($0.machine.phase, $0.tag) }
    if let tag, tag != content { throw Self.stale(tag) }
    guard let sharedMemory, phase == .reading(.foreign) else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(phase.state.rawValue))")
    }
    return sharedMemory.signals.readerDone
  }

  private func endForeign(_ tag: UInt64?) throws(InteropError) {
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      try machine.end(.reader, by: .foreign)
    }
  }
}
