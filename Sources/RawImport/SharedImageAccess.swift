public import Drivers
import Synchronization

// The two sides taking turns. `slot` says whose turn it is and which signal is due; nothing here decides that again.

extension SharedImage {
  private var glIsWriter: Bool { description.direction == .glToVulkan }

  // MARK: GL's turn

  /// Starts GL's turn: GL waits until Vulkan is done with the image, on the GPU where the sync is `semaphore-fd`.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if it is not GL's turn; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/timeout`` if Vulkan does not finish (`cpu-wait`).
  public func beginGLAccess() throws(InteropError) {
    try context.enter("begin GL access")
    let due = try transition { slot throws(HandoverSlot.Violation) in
      glIsWriter ? try slot.beginWriting() : try slot.beginReading()
    }
    do throws(InteropError) {
      switch sync {
      case .semaphoreFD:
        if let due {
          semaphore(due)?.waitInGL(context, texture: glTexture)
          try context.check("glWaitSemaphoreEXT", "GL cannot wait for Vulkan")
        }
      case .cpuWait:
        try waitForVulkan()
      }
    } catch {
      // The wait was refused or timed out: it is still due.
      _ = try? transition { slot throws(HandoverSlot.Violation) in
        if glIsWriter { try slot.abandonWriting(waited: false) } else { try slot.cancelReading() }
      }
      throw error
    }
  }

  /// Ends GL's turn: signals and flushes (`semaphore-fd`), or finishes (`cpu-wait`: stalls this thread until the GPU has
  /// drawn). The corresponding C functions are `glSignalSemaphoreEXT` with `glFlush`, and `glFinish`.
  public func endGLAccess() throws(InteropError) {
    try context.enter("end GL access")
    guard slot.withLock({ $0.state == (glIsWriter ? .writing : .reading) }) else {
      throw invalidState("end GL access", "GL does not have the image (it is \(slot.withLock { $0.state }.rawValue))")
    }
    let signal = glIsWriter ? HandoverSlot.Signal.writerDone : .readerDone
    switch sync {
    case .semaphoreFD:
      semaphore(signal)?.signalInGL(context, texture: glTexture)
      try context.check("glSignalSemaphoreEXT", "GL cannot signal Vulkan")
    case .cpuWait:
      context.gl.glFinish()
      try context.check("glFinish", "GL did not finish")
    }
    try transition { slot throws(HandoverSlot.Violation) in
      if glIsWriter { try slot.endWriting() } else { try slot.endReading() }
    }
  }

  /// Ends GL's turn without a hand-over: what was drawn is discarded and it is GL's turn again. For a writing GL.
  public func abandonGLAccess() throws(InteropError) {
    try transition { slot throws(HandoverSlot.Violation) in try slot.abandonWriting(waited: true) }
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
  /// The host *must* submit it, or call ``cancelVulkanAccess()``; then release with ``releaseFromVulkan(_:)`` and say so
  /// with ``vulkanDidSubmitRelease()``.
  ///
  /// - Parameters:
  ///   - use: how the host uses the image.
  ///   - queue: where it submits; nil for the host's first queue.
  /// - Throws: ``InteropError/Code/invalidState`` if it is not Vulkan's turn.
  public func acquireForVulkan(_ use: VulkanAccess, queue: VulkanQueue? = nil) throws(InteropError) -> VulkanHandover {
    let due = try beginVulkan(queue ?? host.queues[0])
    return .acquire(
      vkImage, use, family: (queue ?? host.queues[0]).family, semaphore: due.flatMap { semaphore($0) }?.vkSemaphore)
  }

  /// What the host must put into its submission after it used the image, on the queue it acquired with.
  ///
  /// - Parameter use: as in ``acquireForVulkan(_:queue:)``, with the layout the image is in by then.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan does not have the image.
  public func releaseFromVulkan(_ use: VulkanAccess) throws(InteropError) -> VulkanHandover {
    let commands = try currentCommands("release from Vulkan")
    let signal = glIsWriter ? HandoverSlot.Signal.readerDone : .writerDone
    return .release(vkImage, use, family: commands.queue.family, semaphore: semaphore(signal)?.vkSemaphore)
  }

  /// Ends Vulkan's turn: the host has submitted acquire and release on the queue it acquired with.
  ///
  /// With `cpu-wait` this submits a fence behind them, which GL's next turn waits for.
  public func vulkanDidSubmitRelease() throws(InteropError) {
    let commands = try currentCommands("end Vulkan access")
    if sync == .cpuWait { try commands.submit(nil) }
    try endVulkan(commands)
  }

  /// Takes ``acquireForVulkan(_:queue:)`` back. Only while nothing of it has been submitted.
  public func cancelVulkanAccess() throws(InteropError) {
    _ = try currentCommands("cancel Vulkan access")
    vulkanSide.withLock { $0.current = nil }
    try transition { slot throws(HandoverSlot.Violation) in
      if glIsWriter { try slot.cancelReading() } else { try slot.abandonWriting(waited: false) }
    }
  }

  // MARK: Vulkan's turn, submitted here

  /// Vulkan's whole turn in one submission: acquires, runs what `body` records, releases, signals.
  ///
  /// Does not wait for the device; ``waitForVulkan(timeout:)`` does.
  ///
  /// - Parameters:
  ///   - use: how the commands use the image; at their end it is in the same layout again.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - body: records commands. If it throws, nothing is submitted and it is still Vulkan's turn.
  public func accessInVulkan(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    let acquire = try acquireForVulkan(use, queue: queue)
    do throws(InteropError) {
      let release = try releaseFromVulkan(use)
      let commands = try currentCommands("access in Vulkan")
      try commands.finish()
      let buffer = try commands.record(.first) { buffer throws(InteropError) in
        acquire.record(into: buffer, host.vk)
        try body(buffer)
        release.record(into: buffer, host.vk)
      }
      try commands.submit(buffer, waitingFor: acquire.semaphore, signalling: release.semaphore)
    } catch {
      try cancelVulkanAccess()
      throw error
    }
    try endVulkan(try currentCommands("access in Vulkan"))
  }

  /// Acquires in a submission of its own, for a host whose next submissions to the same queue use the image.
  public func submitAcquire(_ use: VulkanAccess, queue: VulkanQueue? = nil) throws(InteropError) {
    let acquire = try acquireForVulkan(use, queue: queue)
    do throws(InteropError) {
      let commands = try currentCommands("submit the acquire")
      try commands.finish()
      let buffer = try commands.record(.first) { acquire.record(into: $0, host.vk) }
      // The release's fence covers this submission too: it comes later on the same queue.
      try commands.submit(buffer, waitingFor: acquire.semaphore, fenced: false)
    } catch {
      try cancelVulkanAccess()
      throw error
    }
  }

  /// Releases in a submission of its own, after everything submitted to the queue since ``submitAcquire(_:queue:)``.
  public func submitRelease(_ use: VulkanAccess) throws(InteropError) {
    let release = try releaseFromVulkan(use)
    let commands = try currentCommands("submit the release")
    let buffer = try commands.record(.second) { release.record(into: $0, host.vk) }
    try commands.submit(buffer, signalling: release.semaphore)
    try endVulkan(commands)
  }

  /// Waits until Vulkan's last submitted turn is done. The corresponding C function is `vkWaitForFences`.
  public func waitForVulkan(timeout: Duration = .seconds(10)) throws(InteropError) {
    guard let last = vulkanSide.withLock({ $0.last }) else { return }
    try last.finish(timeout: timeout)
  }

  // MARK: Giving up a turn

  /// A written image will not be read: it is the writer's turn again. Its signal stays due, and the writer's next
  /// beginning waits for it.
  public func drop() throws(InteropError) {
    try transition { slot throws(HandoverSlot.Violation) in try slot.drop() }
  }

  /// Whose turn it is.
  public var state: HandoverSlot.State { slot.withLock { $0.state } }

  /// Before the image is given up: consumes a signal that nobody has waited for, on the GL thread.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` while either side has the image.
  public func retire() throws(InteropError) {
    try context.enter("retire the shared image")
    let due = try transition { slot throws(HandoverSlot.Violation) in try slot.retire() }
    if sync == .semaphoreFD, let due {
      semaphore(due)?.waitInGL(context, texture: glTexture)
      context.gl.glFlush()
      try context.check("glWaitSemaphoreEXT", "GL cannot consume the last signal")
    }
    try waitForVulkan()
  }

  // MARK: Shared steps

  private func semaphore(_ signal: HandoverSlot.Signal) -> SharedSemaphore? {
    signal == .writerDone ? writerDone : readerDone
  }

  private func beginVulkan(_ queue: VulkanQueue) throws(InteropError) -> HandoverSlot.Signal? {
    let commands = try commands(for: queue)
    let due = try transition { slot throws(HandoverSlot.Violation) in
      glIsWriter ? try slot.beginReading() : try slot.beginWriting()
    }
    vulkanSide.withLock { $0.current = commands }
    return due
  }

  private func endVulkan(_ commands: VulkanCommands) throws(InteropError) {
    vulkanSide.withLock { side in
      side.current = nil
      side.last = commands
    }
    try transition { slot throws(HandoverSlot.Violation) in
      if glIsWriter { try slot.endReading() } else { try slot.endWriting() }
    }
  }

  private func commands(for queue: VulkanQueue) throws(InteropError) -> VulkanCommands {
    if let known = vulkanSide.withLock({ side in side.commands.first { $0.queue.handle == queue.handle } }) {
      return known
    }
    let made = try VulkanCommands(host: host, queue: queue)
    vulkanSide.withLock { $0.commands.append(made) }
    return made
  }

  private func currentCommands(_ step: String) throws(InteropError) -> VulkanCommands {
    guard let current = vulkanSide.withLock({ $0.current }) else {
      throw invalidState(step, "Vulkan does not have the image (it is \(state.rawValue))")
    }
    return current
  }

  private func invalidState(_ step: String, _ reason: String) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: reason,
      advice: "The sides take turns: the writer begins and ends, then the reader begins and ends")
  }

  @discardableResult
  private func transition<Result>(
    _ change: (inout HandoverSlot) throws(HandoverSlot.Violation) -> Result
  ) throws(InteropError) -> Result {
    do throws(HandoverSlot.Violation) {
      return try slot.withLock { (slot) throws(HandoverSlot.Violation) in try change(&slot) }
    } catch {
      switch error {
      case .notAllowed(let operation, let state):
        throw invalidState(operation, "the image is \(state.rawValue)")
      }
    }
  }
}
