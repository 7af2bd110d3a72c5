package import RawImport
package import InteropDrivers

/// Proves that a side waits, by holding the other one back: pixels do not tell, because a wait that is missing goes
/// unnoticed most of the time.
package enum WaitCheck {
  /// How long the side that must wait is watched, and how long it may take once it is let go.
  private static let held = Duration.milliseconds(60)
  private static let released = Duration.seconds(5)

  /// Who waited for Vulkan before GL's turn.
  package enum Waiter: Sendable {
    /// The thread that began GL's turn: with `cpu-wait`, and where a driver gives a sync file only once it is
    /// signalled.
    case cpu
    /// GL's queue.
    case gpu
  }

  /// Vulkan's turn is held back by a gate; GL's next turn must not begin.
  ///
  /// - Returns: who waited; nil if that does not show.
  /// - Throws: ``InteropError/Code/driverFailure`` if GL did not wait, or never went on.
  @discardableResult
  package static func glWaits(_ image: SharedImage) throws(InteropError) -> Waiter? {
    if image.sync == .cpuWait {
      try cpuWaits(image)
      return .cpu
    }
    var waiter: Waiter?
    // A call that came back some time after the gate was opened may just have been slow; then it is looked at for
    // longer.
    for patience in [held * 2, held * 10] where waiter == nil {
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
      try image.beginGLAccess()
      try image.endGLAccess()
    }
    try image.accessInVulkan(.general) { commands in gate.hold(commands) }
  }

  private static func cpuWaits(_ image: SharedImage) throws(InteropError) {
    let gate = try VulkanGate(image.host)
    try holdVulkanBack(image, gate)
    do throws(InteropError) {
      try image.waitForVulkan(timeout: held)
    } catch let error where error.code == .timeout {
      gate.open()
      try finish(image)
      return
    }
    // Vulkan still has the image, and the wait that would say when not is the one that lies.
    gate.open()
    waitOtherwise(image)
    throw didNotWait("the CPU", "vkWaitForFences")
  }

  /// On the GPU what comes after the wait in GL's queue must not be done while the gate is closed. A driver that waits
  /// on the CPU must not come back before it is opened, by another thread after `patience`.
  ///
  /// - Returns: who waited; nil if the CPU may have, and it does not show for what. Whatever it is, GL's turn has
  ///   ended.
  private static func whoWaits(
    _ image: SharedImage, _ patience: Duration
  ) throws(InteropError) -> Result<Waiter?, InteropError> {
    let gate = try VulkanGate(image.host)
    let gl = image.context.gl
    let step = image.sync == .syncFile ? "eglWaitSyncKHR" : "glWaitSemaphoreEXT"
    try holdVulkanBack(image, gate)
    let opening = try DelayedOpening(gate, after: patience)
    try image.beginGLAccess()
    let begun = ContinuousClock.now
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    defer { gl.glDeleteSync(fence) }
    let early = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), held.nanoseconds)
    let looked = ContinuousClock.now
    let openedAt = opening.callOff()
    gate.open()
    let late = gl.glClientWaitSync(fence, 0, released.nanoseconds)
    try image.endGLAccess()
    guard late == GLenum(GL_CONDITION_SATISFIED) || late == GLenum(GL_ALREADY_SIGNALED) else {
      return .failure(
        InteropError(.timeout, step: step, reason: "GL did not go on within \(released) of Vulkan's signal"))
    }
    let wasHeld = early == GLenum(GL_TIMEOUT_EXPIRED)
    guard let openedAt else { return wasHeld ? .success(.gpu) : .failure(didNotWait("GL", step)) }
    // What was over before the gate was opened has not waited for it.
    if looked < openedAt, !wasHeld { return .failure(didNotWait("GL", step)) }
    return .success(begun >= openedAt && begun - openedAt < held / 2 ? .cpu : nil)
  }

  /// GL is held back, through `holder`, an image of another device whose gate is closed; Vulkan's turn must not be
  /// done.
  ///
  /// - Returns: whether Vulkan was seen to wait; false if GL's or Vulkan's driver waits on the CPU, so that nothing can
  ///   be seen.
  package static func vulkanWaits(_ image: SharedImage, holder: SharedImage) throws(InteropError) -> Bool {
    let gate = try VulkanGate(holder.host)
    let glWrites = image.description.direction == .glToVulkan
    if holder.description.direction == .glToVulkan {
      try holder.beginGLAccess()
      try holder.endGLAccess()
    }
    if !glWrites {
      try image.accessInVulkan(.general) { (_) throws(InteropError) in }
    }
    try holder.accessInVulkan(.general) { commands in gate.hold(commands) }
    let opening = try DelayedOpening(gate, after: .milliseconds(500))
    // GL's queue stops here.
    try holder.beginGLAccess()
    try image.beginGLAccess()
    try image.endGLAccess()
    try image.accessInVulkan(.general) { (_) throws(InteropError) in }
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
    try holder.endGLAccess()
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

  /// Before the objects of a device go whose fences or semaphores cannot be trusted.
  private static func waitOtherwise(_ image: SharedImage) {
    let queue = image.host.queues[0]
    _ = queue.lock.withLock { image.host.vk.vkQueueWaitIdle(queue.handle) }
  }

  private static func didNotWait(_ side: String, _ step: String) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "\(side) did not wait for the other side's signal, which was held back")
  }
}
