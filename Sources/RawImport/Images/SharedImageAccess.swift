public import InteropDrivers

// The accesses of the two APIs. `turns` keeps the state and the signal that is due; nothing here decides that again.

extension SharedImage {
  private var glIsWriter: Bool { description.direction == .glToVulkan }

  // MARK: GL access

  /// Begins the GL access: GL waits until Vulkan is done with the image, on the GPU unless the sync is `cpu-wait`.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if GL may not have access now; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/timeout`` if Vulkan does not finish (`cpu-wait`).
  public func beginGLAccess() throws(InteropError) { try beginGLAccess(tag: nil) }

  /// Begins the GL access as ``beginGLAccess()``, only if the content is still that frame.
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
      // The wait was refused or timed out, so it is still due.
      try turns.change { slot throws(OwnershipStateMachine.Violation) in
        if glIsWriter { try slot.abandonWriting(waited: false) } else { try slot.cancelReading() }
      }
      throw error
    }
  }

  /// Ends the GL access: signals and flushes (`semaphore-fd`, `sync-file`), or finishes (`cpu-wait`: stalls this thread
  /// until the GPU has drawn).
  ///
  /// The corresponding C functions are `glSignalSemaphoreEXT` with `glFlush`, `eglDupNativeFenceFDANDROID`, and
  /// `glFinish`.
  public func endGLAccess() throws(InteropError) {
    try context.enter("end GL access")
    guard turns.current == (glIsWriter ? .writing : .reading) else {
      throw ImageOwnership.invalidState(
        "end GL access", "GL does not have the image (it is \(turns.current.rawValue))")
    }
    switch sync {
    case .timelineSemaphore, .semaphoreFD, .syncFile:
      // A semaphore's signal executes deferred clears, a fence need not.
      if sync == .syncFile, glIsWriter { try completePendingWork() }
      try turns.signal(glIsWriter ? .writerDone : .readerDone)?.signalInGL(context, texture: glTexture)
    case .cpuWait: try finishGL()
    }
    try turns.change { slot throws(OwnershipStateMachine.Violation) in
      if glIsWriter { try slot.endWriting() } else { try slot.endReading() }
    }
  }

  /// Waits until GL has completed its work with the image, on the GL thread.
  ///
  /// The corresponding C function is `glFinish`, which does not wait for everything on some drivers.
  package func finishGL() throws(InteropError) {
    try completePendingWork()
    context.gl.glFinish()
    try context.check("glFinish", "GL did not finish")
  }

  private func completePendingWork() throws(InteropError) {
    try context.completePendingWork(of: aliasFramebuffer, isFloat: format == .rgba16f)
  }

  /// Abandons the access of a writing GL: the drawing is discarded, and GL may begin again.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if GL does not have access, or reads the image: end the access then;
  ///   ``InteropError/Code/wrongThread``.
  public func abandonGLAccess() throws(InteropError) {
    let step = "abandon GL access"
    // `enter` also makes GL queries, which this does not need. It has the error's text.
    if !context.isCurrent() { try context.enter(step) }
    guard glIsWriter else {
      throw ImageOwnership.invalidState(
        step, "GL reads this image, and there is nothing to discard", "End it instead (endGLAccess, glvk_image_end_gl)")
    }
    try turns.change { slot throws(OwnershipStateMachine.Violation) in try slot.abandonWriting(waited: true) }
  }

  /// Calls ``beginGLAccess()``, `body` and ``endGLAccess()``.
  ///
  /// If `body` throws, calls ``abandonGLAccess()`` (for a reading GL, ``endGLAccess()``) and rethrows the error.
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

  // MARK: Vulkan access, submitted by the application

  /// Begins the Vulkan access and returns the acquire operation for the application's own submission.
  ///
  /// The application *must* submit it before it uses the image, or call ``cancelVulkanAccess()``; with a timeline
  /// semaphore the submission names the value, see ``OwnershipTransferBarrier/semaphoreValue``. Then release with
  /// ``releaseFromVulkan(_:)``, and confirm the submission with ``vulkanDidSubmitRelease()``.
  ///
  /// - Parameters:
  ///   - use: how the application uses the image.
  ///   - queue: where it submits; nil for the device's first queue.
  ///   - handoverQueue: takes the image from GL and gives it back, see ``accessInVulkan(_:queue:via:_:)``; nil lets
  ///     `queue` do it. With one, this submits to it, and the barrier and semaphore here are between the two queues.
  ///     They *must* then be submitted with the release's, or cancelled: a signal is pending.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan may not have access now;
  ///   ``InteropError/Code/invalidArgument`` for an invalid use, and a queue of another device;
  ///   ``InteropError/Code/driverFailure`` if the hand-over queue takes no work: Vulkan can begin the access again
  ///   then.
  public func acquireForVulkan(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    try turns.acquire(use, queue: queue, via: handoverQueue, tag: nil)
  }

  /// Returns the release operation for the application's submission, after its last use, on the queue of the acquire.
  ///
  /// Call it once for each acquire: the semaphore is signalled once and waited for once.
  ///
  /// - Parameter use: as in ``acquireForVulkan(_:queue:via:)``, with the image's present layout.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have access, got it by
  ///   ``submitAcquire(_:queue:via:)``, or has the release already; ``InteropError/Code/invalidArgument`` for an
  ///   invalid use (layout UNDEFINED or PREINITIALIZED, no stages). The access continues unchanged.
  public func releaseFromVulkan(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    try turns.release(use)
  }

  /// Ends the Vulkan access: the application has submitted acquire and release on the queue of the acquire.
  ///
  /// With `cpu-wait` this submits a fence behind them, which GL's next access waits for. Where a hand-over queue took
  /// the image from GL, this submits the transfer back to GL.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have access, or ``releaseFromVulkan(_:)`` was not
  ///   called: GL would wait for a signal that never comes; ``InteropError/Code/driverFailure`` if the device takes no
  ///   work: the access has not ended then, and this can be repeated.
  public func vulkanDidSubmitRelease() throws(InteropError) { try turns.didSubmitRelease() }

  /// Cancels ``acquireForVulkan(_:queue:via:)``, so that Vulkan can begin the access again. Only while the application
  /// has submitted nothing of it.
  ///
  /// Where a hand-over queue took the image from GL, this submits the transfer back, to both queues, without waiting.
  ///
  /// - Throws: ``InteropError/Code/invalidState``; ``InteropError/Code/driverFailure`` if the device takes no work: the
  ///   access is cancelled all the same, and the transfer back is tried again before the image is used or retired.
  public func cancelVulkanAccess() throws(InteropError) { try turns.cancel() }

  // MARK: Vulkan access, submitted by the package

  /// Performs a whole Vulkan access in one submission: acquires, runs the commands that `body` records, releases,
  /// signals.
  ///
  /// Does not wait for the device; ``waitForVulkan(timeout:)`` does.
  ///
  /// - Parameters:
  ///   - use: how the commands use the image; at their end it is in the same layout again.
  ///   - queue: where to submit; nil for the device's first queue.
  ///   - handoverQueue: takes the image from `VK_QUEUE_FAMILY_EXTERNAL`, transfers it to `queue`, and transfers it back
  ///     to GL afterwards; any queue of the device, of the same family or another. nil, or `queue` itself, does
  ///     without. The access is then three submissions with two semaphores of the image's own, made at the first such
  ///     access (Vulkan 1.3, 7.7.4 "Queue Family Ownership Transfer"). For devices on which one family is slow to take
  ///     an image from GL.
  ///   - body: records commands, for `queue`. If it throws, nothing is submitted, and Vulkan can begin the access
  ///     again.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan may not have access now;
  ///   ``InteropError/Code/driverFailure`` if a queue takes no work, ``InteropError/Code/timeout`` if the command
  ///   buffers of the previous access do not get free: Vulkan can begin the access again then. With a hand-over queue
  ///   the commands may have run.
  public func accessInVulkan(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    try turns.access(use, queue: queue, via: handoverQueue, tag: nil, body)
  }

  /// Submits the acquire operation alone, for an application whose next submissions to the same queue use the image.
  ///
  /// - Parameters:
  ///   - use: the image's layout after the acquire.
  ///   - queue: where to submit; nil for the device's first queue.
  ///   - handoverQueue: as in ``accessInVulkan(_:queue:via:_:)``; ``submitRelease(_:)`` releases the image to GL by it.
  public func submitAcquire(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try turns.submitAcquire(use, queue: queue, via: handoverQueue, tag: nil)
  }

  /// Submits the release operation alone, after everything submitted to the queue since
  /// ``submitAcquire(_:queue:via:)``, and by the hand-over queue named there.
  ///
  /// If it throws, the access has not ended, and this can be repeated.
  ///
  /// - Parameter use: the image's present layout; nil for that of the acquire.
  public func submitRelease(_ use: VulkanAccess? = nil) throws(InteropError) { try turns.submitRelease(use) }

  /// Waits until Vulkan's last submitted access is done. The corresponding C function is `vkWaitForFences`.
  public func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    try turns.waitForVulkan(timeout: timeout)
  }

  // MARK: Dropping and retiring

  /// Drops the frame that GL wrote: Vulkan's access passes without a read, and GL may write again. For direction
  /// `gl-to-vulkan`.
  ///
  /// With `semaphore-fd` and `sync-file` this submits to the image's hand-over queue
  /// (``init(_:gl:host:sync:handoverQueue:)``), since no signal may stay pending without a wait.
  public func drop() throws(InteropError) {
    guard glIsWriter else {
      throw ImageOwnership.invalidState("drop", "Vulkan writes this image; GL drops a turn by beginning and ending it")
    }
    try turns.drop()
  }

  /// Which API has access, or may begin it.
  public var state: OwnershipStateMachine.State { turns.current }

  /// Prepares the image for destruction: drops a ready frame, consumes the last signal, on the GL thread, and waits for
  /// both APIs.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` during an access of either API.
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
    // The return of a cancelled access may still be under way, and its signal with it.
    if turns.current == .idle { try turns.finishUnfinished() }
    let due = try turns.change { slot throws(OwnershipStateMachine.Violation) in try slot.retire() }
    if sync != .cpuWait, let due {
      if glIsWriter { try consumeInGL(due) } else { try turns.consumeInVulkan(due) }
    }
    // A flush is not enough: Vulkan's submission is done when GL's wait is, and only then may its memory go.
    context.gl.glFinish()
    try waitForVulkan()
  }

  private func consumeInGL(_ signal: OwnershipStateMachine.Signal) throws(InteropError) {
    try turns.signal(signal)?.waitInGL(context, texture: glTexture)
  }
}
