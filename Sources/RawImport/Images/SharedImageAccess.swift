public import InteropDrivers

// The two sides taking turns. `turns` knows whose turn it is and which signal is due; nothing here decides that again.

extension SharedImage {
  private var glIsWriter: Bool { description.direction == .glToVulkan }

  // MARK: GL's turn

  /// Starts GL's turn: GL waits until Vulkan is done with the image, on the GPU unless the sync is `cpu-wait`.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if it is not GL's turn; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/timeout`` if Vulkan does not finish (`cpu-wait`).
  public func beginGLAccess() throws(InteropError) { try beginGLAccess(tag: nil) }

  /// As ``beginGLAccess()``, only if the content is that frame still.
  package func beginGLAccess(tag: UInt64?) throws(InteropError) {
    try context.enter("begin GL access")
    let due = try turns.change(tag: tag) { slot throws(OwnershipStateMachine.Violation) in
      glIsWriter ? try slot.beginWriting() : try slot.beginReading()
    }
    do throws(InteropError) {
      switch sync {
      case .timelineSemaphore, .semaphoreFD, .syncFile: if let due { try consumeInGL(due) }
      case .cpuWait: try waitForVulkan()
      }
    } catch {
      // The wait was refused or timed out: it is still due.
      try turns.change { slot throws(OwnershipStateMachine.Violation) in
        if glIsWriter { try slot.abandonWriting(waited: false) } else { try slot.cancelReading() }
      }
      throw error
    }
  }

  /// Ends GL's turn: signals and flushes (`semaphore-fd`, `sync-file`), or finishes (`cpu-wait`: stalls this thread
  /// until the GPU has drawn). The corresponding C functions are `glSignalSemaphoreEXT` with `glFlush`,
  /// `eglDupNativeFenceFDANDROID`, and `glFinish`.
  public func endGLAccess() throws(InteropError) {
    try context.enter("end GL access")
    guard turns.current == (glIsWriter ? .writing : .reading) else {
      throw ImageOwnership.invalidState(
        "end GL access", "GL does not have the image (it is \(turns.current.rawValue))")
    }
    switch sync {
    case .timelineSemaphore, .semaphoreFD, .syncFile:
      // A semaphore's signal brings staged clears along, a fence need not.
      if sync == .syncFile, glIsWriter { try writeDeferredClears() }
      try turns.signal(glIsWriter ? .writerDone : .readerDone)?.signalInGL(context, texture: glTexture)
    case .cpuWait:
      if glIsWriter { try writeDeferredClears() }
      context.gl.glFinish()
      try context.check("glFinish", "GL did not finish")
    }
    try turns.change { slot throws(OwnershipStateMachine.Violation) in
      if glIsWriter { try slot.endWriting() } else { try slot.endReading() }
    }
  }

  /// Ends GL's turn without a hand-over: what was drawn is discarded and it is GL's turn again. For a writing GL.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if GL does not have the image, or reads it: end the turn then;
  ///   ``InteropError/Code/wrongThread``.
  public func abandonGLAccess() throws(InteropError) {
    let step = "abandon GL access"
    // `enter` asks GL for more than that, which this has no need of. It knows what to say.
    if !context.isCurrent() { try context.enter(step) }
    guard glIsWriter else {
      throw ImageOwnership.invalidState(
        step, "GL reads this image, and there is nothing to discard", "End it instead (endGLAccess, glvk_image_end_gl)")
    }
    try turns.change { slot throws(OwnershipStateMachine.Violation) in try slot.abandonWriting(waited: true) }
  }

  /// ``beginGLAccess()``, `body`, ``endGLAccess()``; if `body` throws, ``abandonGLAccess()`` (for a reading GL,
  /// ``endGLAccess()``) and the same error.
  public func withGLAccess<Result>(_ body: () throws -> Result) throws -> Result {
    try beginGLAccess()
    let result: Result
    do {
      result = try body()
    } catch {
      if glIsWriter { try abandonGLAccess() } else { try endGLAccess() }
      throw error
    }
    try endGLAccess()
    return result
  }

  // MARK: Vulkan's turn, for a host that submits itself

  /// Starts Vulkan's turn: what the host must put into its own submission before it uses the image.
  ///
  /// The host *must* submit it, or call ``cancelVulkanAccess()``; with a timeline semaphore that takes its value along,
  /// see ``OwnershipTransferBarrier/semaphoreValue``. Then release with ``releaseFromVulkan(_:)`` and say so with
  /// ``vulkanDidSubmitRelease()``.
  ///
  /// - Parameters:
  ///   - use: how the host uses the image.
  ///   - queue: where it submits; nil for the host's first queue.
  ///   - handoverQueue: takes the image from GL and gives it back, see ``accessInVulkan(_:queue:via:_:)``; nil lets
  ///     `queue` do it. With one, this submits to it, and the barrier and semaphore here are between the two queues.
  ///     They *must* then be submitted with the release's, or cancelled: a signal is pending.
  /// - Throws: ``InteropError/Code/invalidState`` if it is not Vulkan's turn; ``InteropError/Code/invalidArgument`` for
  ///   a use that is none, and a queue of another host; ``InteropError/Code/driverFailure`` if the hand-over queue
  ///   takes no work: it is still Vulkan's turn then.
  public func acquireForVulkan(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    try turns.acquire(use, queue: queue, via: handoverQueue, tag: nil)
  }

  /// What the host must put into its submission after it used the image, on the queue it acquired with.
  ///
  /// Once for each acquire: the semaphore is signalled once and waited for once.
  ///
  /// - Parameter use: as in ``acquireForVulkan(_:queue:via:)``, with the layout the image is in by then.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have the image, was given it by
  ///   ``submitAcquire(_:queue:via:)``, or has the release already; ``InteropError/Code/invalidArgument`` for a use
  ///   that is none (layout UNDEFINED or PREINITIALIZED, no stages). The turn goes on as it was.
  public func releaseFromVulkan(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    try turns.release(use)
  }

  /// Ends Vulkan's turn: the host has submitted acquire and release on the queue it acquired with.
  ///
  /// With `cpu-wait` this submits a fence behind them, which GL's next turn waits for. Where a hand-over queue took the
  /// image from GL, this submits its way back there.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have the image, or ``releaseFromVulkan(_:)`` was
  ///   not called: GL would wait for a signal that nobody gives; ``InteropError/Code/driverFailure`` if the device
  ///   takes no work: the turn has not ended then, and this can be repeated.
  public func vulkanDidSubmitRelease() throws(InteropError) { try turns.didSubmitRelease() }

  /// Takes ``acquireForVulkan(_:queue:via:)`` back: it is Vulkan's turn again. Only while the host has submitted
  /// nothing of it.
  ///
  /// Where a hand-over queue took the image from GL, this submits the way back, to both queues, without waiting.
  ///
  /// - Throws: ``InteropError/Code/invalidState``; ``InteropError/Code/driverFailure`` if the device takes no work: the
  ///   turn is taken back all the same, and the way back is tried again before the image is used or retired.
  public func cancelVulkanAccess() throws(InteropError) { try turns.cancel() }

  // MARK: Vulkan's turn, submitted here

  /// Vulkan's whole turn in one submission: acquires, runs what `body` records, releases, signals.
  ///
  /// Does not wait for the device; ``waitForVulkan(timeout:)`` does.
  ///
  /// - Parameters:
  ///   - use: how the commands use the image; at their end it is in the same layout again.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - handoverQueue: takes the image from `VK_QUEUE_FAMILY_EXTERNAL`, passes it on to `queue`, and goes the same way
  ///     back; any queue of the device, of the same family or another. nil, or `queue` itself, does without. The turn
  ///     is then three submissions with two semaphores of the image's own, made at the first such turn (Vulkan 1.3,
  ///     7.7.4 "Queue Family Ownership Transfer"). For devices on which one family is slow to take an image from GL.
  ///   - body: records commands, for `queue`. If it throws, nothing is submitted and it is still Vulkan's turn.
  /// - Throws: ``InteropError/Code/invalidState`` if it is not Vulkan's turn; ``InteropError/Code/driverFailure`` if a
  ///   queue takes no work, ``InteropError/Code/timeout`` if the command buffers of the turn before do not get free: it
  ///   is still Vulkan's turn then. With a hand-over queue the commands may have run.
  public func accessInVulkan(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    try turns.access(use, queue: queue, via: handoverQueue, tag: nil, body)
  }

  /// Acquires in a submission of its own, for a host whose next submissions to the same queue use the image.
  ///
  /// - Parameters:
  ///   - use: the layout the image is in then.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - handoverQueue: as in ``accessInVulkan(_:queue:via:_:)``; ``submitRelease(_:)`` goes back by it.
  public func submitAcquire(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try turns.submitAcquire(use, queue: queue, via: handoverQueue, tag: nil)
  }

  /// Releases in a submission of its own, after everything submitted to the queue since
  /// ``submitAcquire(_:queue:via:)``, and by the hand-over queue named there. If it throws the turn has not ended, and
  /// this can be repeated.
  ///
  /// - Parameter use: the layout the image is in by now; nil for that of the acquire.
  public func submitRelease(_ use: VulkanAccess? = nil) throws(InteropError) { try turns.submitRelease(use) }

  /// Waits until Vulkan's last submitted turn is done. The corresponding C function is `vkWaitForFences`.
  public func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    try turns.waitForVulkan(timeout: timeout)
  }

  // MARK: Giving up a turn

  /// What GL wrote will not be used: Vulkan's turn passes, and it is GL's again. For direction `gl-to-vulkan`.
  ///
  /// With `semaphore-fd` and `sync-file` this submits to the image's hand-over queue
  /// (``init(_:gl:host:sync:handoverQueue:)``): a signal that nobody waits for must not be left behind.
  public func drop() throws(InteropError) {
    guard glIsWriter else {
      throw ImageOwnership.invalidState("drop", "Vulkan writes this image; GL drops a turn by beginning and ending it")
    }
    try turns.drop()
  }

  /// Whose turn it is.
  public var state: OwnershipStateMachine.State { turns.current }

  /// Before the image is given up: drops what is ready, consumes the last signal, on the GL thread, and waits for both
  /// sides.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` while either side has the image.
  public func retire() throws(InteropError) {
    try context.enter("retire the shared image")
    if turns.current == .ready {
      if glIsWriter {
        try turns.drop()
      } else {
        try beginGLAccess()
        try endGLAccess()
      }
    }
    // A turn that was taken back may still be on its way, and the signal with it.
    if turns.current == .idle { try turns.finishUnfinished() }
    let due = try turns.change { slot throws(OwnershipStateMachine.Violation) in try slot.retire() }
    if sync != .cpuWait, let due {
      if glIsWriter { try consumeInGL(due) } else { try turns.consumeInVulkan(due) }
    }
    // Not only flushed: Vulkan's submission is done when GL's wait is, and then its memory may go.
    context.gl.glFinish()
    try waitForVulkan()
  }

  private func consumeInGL(_ signal: OwnershipStateMachine.Signal) throws(InteropError) {
    try turns.signal(signal)?.waitInGL(context, texture: glTexture)
  }
}
