public import InteropDrivers

// The accesses of the two APIs. The verbs without a suffix are Vulkan's, as those of a frame and a target; GL's end in
// ForGL, FromGL and InGL. `ownership` keeps the state and the signal that is due; nothing here decides that again.

extension SharedImage {
  private var glIsWriter: Bool { description.direction == .glToVulkan }
  private var inGL: ImageInGL {
    ImageInGL(
      context: context, texture: glTexture, framebuffer: aliasFramebuffer, isFloat: format == .rgba16f,
      glIsWriter: glIsWriter)
  }

  // MARK: GL access

  /// Begins the GL access: GL waits until Vulkan is done with the image, on the GPU unless the sync is `cpu-wait`.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if GL may not have access now; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/timeout`` if Vulkan does not finish (`cpu-wait`).
  public func acquireForGL() throws(InteropError) { try acquireForGL(tag: nil) }

  /// Begins the GL access as ``acquireForGL()``, only if the content is still that frame.
  package func acquireForGL(tag: UInt64?) throws(InteropError) {
    try context.enter("begin GL access")
    try ownership.acquireForGL(tag: tag) { before throws(InteropError) in
      if let signal = before.due {
        try signal.waitInGL(inGL) { () throws(InteropError) in try before.finishLast() }
      } else if sync == .cpuWait {
        // The commands of a dropped frame may be under way.
        try before.finishLast()
      }
    }
  }

  /// Ends the GL access: signals and flushes (`timeline-semaphore`, `semaphore-fd`, `sync-file`), or finishes
  /// (`cpu-wait`: stalls this thread until the GPU has drawn).
  ///
  /// The corresponding C functions are `glSignalSemaphoreEXT` with `glFlush`, `eglDupNativeFenceFDANDROID`, and
  /// `glFinish`.
  public func releaseFromGL() throws(InteropError) { try releaseFromGL(naming: nil) }

  /// Ends the GL access as ``releaseFromGL()``, and names the content.
  package func releaseFromGL(naming tag: UInt64?) throws(InteropError) {
    try context.enter("end GL access")
    try ownership.releaseFromGL(naming: tag) { () throws(InteropError) in
      try ownership.signal(glIsWriter ? .writerDone : .readerDone)?.signalInGL(inGL)
    }
  }

  /// Waits until GL has completed its work with the image, on the GL thread.
  package func finishGL() throws(InteropError) { try inGL.finish() }

  /// Cancels the access of a writing GL: the drawing is discarded, and GL may begin again.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if GL does not have access, or reads the image: end the access then;
  ///   ``InteropError/Code/wrongThread``.
  public func cancelAcquireForGL() throws(InteropError) {
    let step = "cancel GL access"
    // `enter` also makes GL queries, which this does not need. It has the error's text.
    if !context.isCurrent() { try context.enter(step) }
    guard glIsWriter else {
      throw ImageOwnership.invalidState(
        step, "GL reads this image, and there is nothing to discard",
        "End it instead (releaseFromGL, glvk_image_release_from_gl)")
    }
    try ownership.cancelAcquireForGL()
  }

  /// Calls ``acquireForGL()``, `body` and ``releaseFromGL()``.
  ///
  /// If `body` throws, calls ``cancelAcquireForGL()`` (for a reading GL, ``releaseFromGL()``) and rethrows the error.
  public func accessInGL<Result>(_ body: () throws -> Result) throws -> Result {
    try acquireForGL()
    let result: Result
    do {
      result = try body()
    } catch {
      if glIsWriter { try cancelAcquireForGL() } else { try releaseFromGL() }
      throw error
    }
    try releaseFromGL()
    return result
  }

  // MARK: Vulkan access, submitted by the package

  /// Performs a whole Vulkan access in one submission: acquires, runs the commands that `body` records, releases,
  /// signals.
  ///
  /// Does not wait for the device; ``waitForVulkan(timeout:)`` does.
  ///
  /// - Parameters:
  ///   - use: how the commands use the image; at their end it is in the same layout again.
  ///   - queues: where the commands are submitted, and which queue takes the image from GL.
  ///   - body: records commands, for the queue that uses the image. If it throws, nothing is submitted, and Vulkan can
  ///     begin the access again.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan may not have access now;
  ///   ``InteropError/Code/driverFailure`` if a queue takes no work, ``InteropError/Code/timeout`` if the command
  ///   buffers of the previous access do not get free: Vulkan can begin the access again then. With an ownership queue
  ///   the commands may have run. What `body` throws.
  public func access(
    _ use: VulkanAccess, on queues: AccessQueues = .first, _ body: (VkCommandBuffer) throws -> Void
  ) throws {
    var thrown: (any Error)?
    do throws(InteropError) {
      try ownership.access(use, on: queues) { (commands) throws(InteropError) in
        do { try body(commands) } catch {
          thrown = error
          throw .ofClosure
        }
      }
    } catch {
      throw thrown ?? error
    }
  }

  /// Submits the acquire operation alone, for an application whose next submissions to the same queue use the image.
  ///
  /// - Parameters:
  ///   - use: the image's layout after the acquire.
  ///   - queues: where it is submitted. With an ownership queue ``release(_:)`` gives the image back through that one.
  public func acquire(_ use: VulkanAccess, on queues: AccessQueues = .first) throws(InteropError) {
    try ownership.acquire(use, on: queues)
  }

  /// Submits the release operation alone, after everything submitted to the queue since ``acquire(_:on:)``.
  ///
  /// If it throws, the access has not ended, and this can be repeated.
  ///
  /// - Parameter use: the image's present layout; nil for that of the acquire.
  public func release(_ use: VulkanAccess? = nil) throws(InteropError) { try ownership.release(use) }

  /// Waits until Vulkan's last submitted access is done. The corresponding C function is `vkWaitForFences`.
  public func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    try ownership.waitForVulkan(timeout: timeout)
  }

  // MARK: Vulkan access, submitted by the application

  /// Begins the Vulkan access and returns the acquire operation for the application's own submission.
  ///
  /// The application *must* submit it before it uses the image, or call ``cancelAcquire()``; with a timeline semaphore
  /// the submission names the value, see ``OwnershipTransferBarrier/semaphoreValue``. Then release with
  /// ``releaseBarrier(_:)``, and confirm the submission with ``didSubmitRelease()``.
  ///
  /// - Parameters:
  ///   - use: how the application uses the image.
  ///   - queues: where it submits. With an ownership queue, this submits to that one, and the barrier and semaphore
  ///     here are between the two queues. They *must* then be submitted with the release's, or cancelled: a signal is
  ///     pending.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan may not have access now;
  ///   ``InteropError/Code/invalidArgument`` for an invalid use, and a queue of another device;
  ///   ``InteropError/Code/driverFailure`` if the ownership queue takes no work: Vulkan can begin the access again then.
  public func acquireBarrier(
    _ use: VulkanAccess, on queues: AccessQueues = .first
  ) throws(InteropError) -> OwnershipTransferBarrier {
    try ownership.acquireBarrier(use, on: queues)
  }

  /// Returns the release operation for the application's submission, after its last use, on the queue of the acquire.
  ///
  /// Call it once for each acquire: the semaphore is signalled once and waited for once.
  ///
  /// - Parameter use: as in ``acquireBarrier(_:on:)``, with the image's present layout.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have access, got it by ``acquire(_:on:)``, or has
  ///   the release already; ``InteropError/Code/invalidArgument`` for an invalid use (layout UNDEFINED or
  ///   PREINITIALIZED, no stages). The access continues unchanged.
  public func releaseBarrier(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    try ownership.releaseBarrier(use)
  }

  /// Ends the Vulkan access: the application has submitted acquire and release on the queue of the acquire.
  ///
  /// With `cpu-wait` this submits a fence behind them, which GL's next access waits for. Where an ownership queue took
  /// the image from GL, this submits the transfer back to GL.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have access, or ``releaseBarrier(_:)`` was not
  ///   called: GL would wait for a signal that never comes; ``InteropError/Code/driverFailure`` if the device takes no
  ///   work: the access has not ended then, and this can be repeated.
  public func didSubmitRelease() throws(InteropError) { try ownership.didSubmitRelease() }

  /// Cancels ``acquireBarrier(_:on:)``, so that Vulkan can begin the access again. Only while the application has
  /// submitted nothing of it.
  ///
  /// Where an ownership queue took the image from GL, this submits the transfer back, to both queues, without waiting.
  ///
  /// - Throws: ``InteropError/Code/invalidState``; ``InteropError/Code/driverFailure`` if the device takes no work: the
  ///   access is cancelled all the same, and the transfer back is tried again before the image is used or retired.
  public func cancelAcquire() throws(InteropError) { try ownership.cancelAcquire() }

  // MARK: Dropping and retiring

  /// Drops the frame that GL wrote: Vulkan's access passes without a read, and GL may write again. For direction
  /// `gl-to-vulkan`.
  ///
  /// With `semaphore-fd` and `sync-file` this submits to the image's ownership queue
  /// (``init(_:gl:host:sync:ownershipQueue:)``), since no signal may stay pending without a wait.
  public func drop() throws(InteropError) {
    guard glIsWriter else {
      throw ImageOwnership.invalidState(
        "drop", "Vulkan writes this image; GL drops a frame by beginning and ending its access")
    }
    try ownership.drop()
  }

  /// Which API has access, or may begin it.
  public var state: OwnershipState { ownership.current }

  /// Prepares the image for destruction: drops a ready frame, consumes the last signal, on the GL thread, and waits for
  /// both APIs.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` during an access of either API.
  public func retire() throws(InteropError) {
    try context.enter("retire the shared image")
    if ownership.current == .ready {
      if glIsWriter {
        try ownership.drop()
      } else {
        try acquireForGL()
        try releaseFromGL()
      }
    }
    try ownership.retire { signal throws(InteropError) in
      try signal.waitInGL(inGL) { () throws(InteropError) in try waitForVulkan() }
    }
    // A flush is not enough: Vulkan's submission is done when GL's wait is, and only then may its memory go.
    context.gl.glFinish()
    try waitForVulkan()
  }
}
