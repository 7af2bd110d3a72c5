package import RawImport
package import InteropDrivers

/// Proves that a side waits, by holding the other one back. Pixels do not prove it, because a missing wait goes
/// unnoticed most of the time.
package enum WaitCheck {
  /// The time for which the check watches a side that waits on the GPU.
  private static let held = Duration.milliseconds(60)
  /// The time for which the CPU must wait for a fence that is held back: a wait that is none returns at once, and an
  /// application's first start waits for this check.
  private static let heldOnCPU = Duration.milliseconds(30)
  /// The time that the waiting side may take after the release.
  private static let released = Duration.seconds(5)

  /// The side that waited for Vulkan before GL's access.
  package enum Waiter: Sendable {
    /// The thread that began GL's access: with `cpu-wait`, and where a driver returns a sync file only after it is
    /// signalled.
    case cpu
    /// GL's queue.
    case gpu
  }

  /// Checks that GL waits: a gate holds Vulkan's access back, and GL's next access must not begin.
  ///
  /// - Returns: the side that waited; nil if that does not show.
  /// - Throws: ``InteropError/Code/driverFailure`` if GL did not wait, or never continued.
  @discardableResult
  package static func glWaits(_ image: SharedImage) throws(InteropError) -> Waiter? {
    if image.sync == .cpuWait {
      try cpuWaits(image)
      return .cpu
    }
    var waiter: Waiter?
    // A call that returned some time after the gate was opened may just have been slow; then the check watches it for
    // longer, and leaves it more time after the gate: on a loaded machine threads wake late.
    for patience in [held * 2, held * 10, held * 20] where waiter == nil {
      let seen = try whoWaits(image, patience)
      if image.description.direction == .glToVulkan { try image.drop() }
      do throws(InteropError) {
        waiter = try seen.get()
      } catch {
        try image.retire()
        throw error
      }
    }
    try image.retire()
    return waiter
  }

  private static func holdVulkanBack(_ image: SharedImage, _ gate: VulkanGate) throws(InteropError) {
    if image.description.direction == .glToVulkan {
      try image.acquireForGL()
      try image.releaseFromGL()
    }
    try image.ownership.access(.general) { commands in gate.hold(commands) }
  }

  private static func cpuWaits(_ image: SharedImage) throws(InteropError) {
    let gate = try VulkanGate(image.host)
    try holdVulkanBack(image, gate)
    do throws(InteropError) {
      try image.waitForVulkan(timeout: heldOnCPU)
    } catch let error where error.code == .timeout {
      gate.open()
      try finish(image)
      return
    }
    // Vulkan still has the image, and the wait that should report its completion is the faulty one.
    gate.open()
    waitOtherwise(image)
    throw didNotWait("the CPU", "vkWaitForFences")
  }

  /// Finds the side that waits. On the GPU, the commands after the wait in GL's queue must not complete while the gate
  /// is closed. A driver that waits on the CPU must not return before another thread opens the gate after `patience`.
  ///
  /// - Returns: the side that waited; nil if the CPU may have waited, but the cause does not show. In each case GL's
  ///   access has ended.
  private static func whoWaits(
    _ image: SharedImage, _ patience: Duration
  ) throws(InteropError) -> Result<Waiter?, InteropError> {
    let gate = try VulkanGate(image.host)
    let gl = image.context.gl
    let step = image.sync == .syncFile ? "eglWaitSyncKHR" : "glWaitSemaphoreEXT"
    try holdVulkanBack(image, gate)
    let opening = try DelayedOpening(gate, after: patience)
    try image.acquireForGL()
    let begun = ContinuousClock.now
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    defer { gl.glDeleteSync(fence) }
    let early = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), held.nanoseconds)
    let looked = ContinuousClock.now
    let openedAt = opening.callOff()
    gate.open()
    let late = gl.glClientWaitSync(fence, 0, released.nanoseconds)
    try image.releaseFromGL()
    guard late == GLenum(GL_CONDITION_SATISFIED) || late == GLenum(GL_ALREADY_SIGNALED) else {
      return .failure(
        InteropError(.timeout, step: step, reason: "GL did not go on within \(released) of Vulkan's signal"))
    }
    let wasHeld = early == GLenum(GL_TIMEOUT_EXPIRED)
    guard let openedAt else { return wasHeld ? .success(.gpu) : .failure(didNotWait("GL", step)) }
    // A call that completed before the gate was opened did not wait for it.
    if looked < openedAt, !wasHeld { return .failure(didNotWait("GL", step)) }
    return .success(begun >= openedAt && begun - openedAt < max(held / 2, patience / 4) ? .cpu : nil)
  }

  /// Checks that Vulkan waits: `holder`, an image of another device whose gate is closed, holds GL back, and Vulkan's
  /// access must not complete.
  ///
  /// - Returns: whether Vulkan was seen to wait; false if GL's or Vulkan's driver waits on the CPU, so that nothing can
  ///   be seen.
  package static func vulkanWaits(_ image: SharedImage, holder: SharedImage) throws(InteropError) -> Bool {
    let gate = try VulkanGate(holder.host)
    let glWrites = image.description.direction == .glToVulkan
    if holder.description.direction == .glToVulkan {
      try holder.acquireForGL()
      try holder.releaseFromGL()
    }
    if !glWrites {
      try image.ownership.access(.general) { (_) throws(InteropError) in }
    }
    try holder.ownership.access(.general) { commands in gate.hold(commands) }
    let opening = try DelayedOpening(gate, after: .milliseconds(500))
    // GL's queue waits for the gate from here on.
    try holder.acquireForGL()
    try image.acquireForGL()
    try image.releaseFromGL()
    try image.ownership.access(.general) { (_) throws(InteropError) in }
    let isHeld = opening.callOff() == nil
    var waited = false
    if isHeld {
      do throws(InteropError) {
        try image.waitForVulkan(timeout: held)
      } catch let error where error.code == .timeout {
        waited = true
      }
    }
    gate.open()
    try image.waitForVulkan(timeout: released)
    try holder.releaseFromGL()
    if glWrites { try holder.drop() }
    try holder.retire()
    try finish(image)
    guard waited || !isHeld else {
      waitOtherwise(image)
      waitOtherwise(holder)
      throw didNotWait("Vulkan", "vkQueueSubmit")
    }
    return waited
  }

  private static func finish(_ image: SharedImage) throws(InteropError) {
    try image.waitForVulkan(timeout: released)
    try image.retire()
  }

  /// Waits for the queue before a device's objects are destroyed whose fences or semaphores cannot be trusted.
  private static func waitOtherwise(_ image: SharedImage) {
    let queue = image.host.queues[0]
    _ = queue.lock.withLock { image.host.vk.vkQueueWaitIdle(queue.handle) }
  }

  private static func didNotWait(_ side: String, _ step: String) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "\(side) did not wait for the other side's signal, which was held back")
  }
}
