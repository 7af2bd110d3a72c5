package import InteropDrivers

// Gives Vulkan's side of an image to a foreign user, which is neither GL nor this Vulkan device: a display, another
// process, an engine with a device of its own. The user gets the memory and what it waits for, and returns what GL waits
// for.

extension ImageOwnership {
  // MARK: A reader with a fence

  /// - Returns: the fence that the reader has to wait for; nil if the writer is done.
  package func acquireForForeign(tag: UInt64?) throws(InteropError) -> SyncFile? {
    guard let sharedMemory, !vulkanIsWriter else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "the image is no memory that GL writes and others can have",
        missing: ["a DMA-BUF that GL writes"], advice: "Use dma-buf-import or dma-buf-export")
    }
    let signal = sharedMemory.signals.writerDone
    guard sharedMemory.outside == host.dmaBufFamily || signal.waitInVulkan == nil else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
        missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
    }
    _ = try beginForeign(tag)
    return try takingSignal { () throws(InteropError) in try signal.takeFile(Self.givingAway) }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    try foreignEnd(tag).put(fence)
    try endForeign(tag)
  }

  // MARK: The taker of a bundle

  /// - Parameter tag: the frame that a reader comes for, and the name of the frame that a writer writes.
  /// - Returns: what the taker waits for.
  package func acquireForExternal(tag: UInt64?) throws(InteropError) -> ExternalPoint {
    guard let sharedMemory else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "on path host-copy Vulkan's image is not shared",
        missing: ["memory that GL and Vulkan share"], advice: "Use another path")
    }
    // Nothing is due before the first write: the image has been prepared, and nobody has read it.
    guard let due = try beginForeign(tag) else { return .done }
    return try takingSignal { () throws(InteropError) in
      switch try sharedMemory.signals[due].takePoint(Self.givingAway) {
      case .done: .done
      case .semaphore: .semaphore
      case .syncFile(let file): .syncFile(file)
      // The taker's timeline has gone on with every other user: preparing the image, this process's Vulkan.
      case .timeline(let value, _): .timeline(value, next: takerSignal(sharedMemory).nextValue)
      }
    }
  }

  /// - Parameter point: what the taker of a bundle returned.
  package func releaseFromExternal(after point: consuming ExternalPoint, tag: UInt64?) throws(InteropError) {
    try foreignEnd(tag).put(point)
    try endForeign(tag)
  }

  // MARK: Steps

  private static let givingAway = "give the image away"

  /// The signal by which Vulkan's side ends.
  private func takerSignal(_ memory: SharedMemoryAccess) -> any ReleaseSignal {
    vulkanIsWriter ? memory.signals.writerDone : memory.signals.readerDone
  }

  private func beginForeign(_ tag: UInt64?) throws(InteropError) -> OwnershipStateMachine.Signal? {
    let due = try locked { (state) throws(InteropError) in
      let due = try Self.step(&state, vulkanIsWriter ? nil : tag) { machine throws(OwnershipStateMachine.Violation) in
        try machine.begin(vulkanSide, by: .foreign)
      }
      if vulkanIsWriter, let tag { state.tag = tag }
      return due
    }
    do throws(InteropError) {
      // A cancelled access may not have returned the image yet.
      try finishReturn()
      return due
    } catch {
      try cancelForeign()
      throw error
    }
  }

  /// The image or its signal could not be taken, so the access did not begin.
  private func cancelForeign() throws(InteropError) {
    try step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(vulkanSide, by: .foreign) }
  }

  /// Takes the signal of an access that has begun. If that fails, the access has not begun.
  private func takingSignal<Taken: ~Copyable>(
    _ take: () throws(InteropError) -> Taken
  ) throws(InteropError) -> Taken {
    do throws(InteropError) {
      return try take()
    } catch {
      try cancelForeign()
      throw error
    }
  }

  /// The signal of a user that has the image. Checked before its point is taken, which would stand for the access to a
  /// newer frame.
  private func foreignEnd(_ tag: UInt64?) throws(InteropError) -> any ReleaseSignal {
    let (phase, content) = locked { ($0.machine.phase, $0.tag) }
    if let tag, tag != content { throw Self.stale(tag) }
    guard let sharedMemory, phase == .held(vulkanSide, by: .foreign) else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(phase.state.rawValue))")
    }
    return takerSignal(sharedMemory)
  }

  private func endForeign(_ tag: UInt64?) throws(InteropError) {
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      try machine.end(vulkanSide, by: .foreign)
    }
  }
}
