package import RawImport
package import Drivers

/// Proves that a side waits, by holding the other one back: pixels do not tell, because a wait that is missing goes
/// unnoticed most of the time.
package enum WaitCheck {
  /// How long the side that must wait is watched, and how long it may take once it is let go.
  private static let held = Duration.milliseconds(60)
  private static let released = Duration.seconds(5)

  /// Vulkan's turn is held back by a gate; GL's next turn must not begin.
  ///
  /// - Throws: ``InteropError/Code/driverFailure`` if GL did not wait, or never went on.
  package static func glWaits(_ image: SharedImage) throws(InteropError) {
    let gate = try VulkanGate(image.host)
    if image.description.direction == .glToVulkan {
      try image.beginGLAccess()
      try image.endGLAccess()
    }
    try image.accessInVulkan(.general) { commands in gate.hold(commands) }
    if image.sync == .cpuWait {
      do throws(InteropError) {
        try image.waitForVulkan(timeout: held)
      } catch where error.code == .timeout {
        gate.open()
        try finish(image)
        return
      }
      // Vulkan still has the image, and the wait that would say when not is the one that lies.
      gate.open()
      waitOtherwise(image)
      throw didNotWait("the CPU", "vkWaitForFences")
    }
    // On the GPU: what comes after the wait in GL's queue must not be done.
    try image.beginGLAccess()
    let gl = image.context.gl
    let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    defer { gl.glDeleteSync(fence) }
    let early = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), held.nanoseconds)
    gate.open()
    let late = gl.glClientWaitSync(fence, 0, released.nanoseconds)
    try image.endGLAccess()
    if image.description.direction == .glToVulkan { try image.drop() }
    try image.retire()
    guard late == GLenum(GL_CONDITION_SATISFIED) || late == GLenum(GL_ALREADY_SIGNALED) else {
      throw InteropError(
        .timeout, step: "glWaitSemaphoreEXT", reason: "GL did not go on within \(released) of Vulkan's signal")
    }
    guard early == GLenum(GL_TIMEOUT_EXPIRED) else { throw didNotWait("GL", "glWaitSemaphoreEXT") }
  }

  /// GL is held back, through `holder`, an image of another device whose gate is closed; Vulkan's turn must not be done.
  package static func vulkanWaits(_ image: SharedImage, holder: SharedImage) throws(InteropError) {
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
    // GL's queue stops here.
    try holder.beginGLAccess()
    try image.beginGLAccess()
    try image.endGLAccess()
    try image.accessInVulkan(.general) { (_) throws(InteropError) in }
    var waited = false
    do throws(InteropError) {
      try image.waitForVulkan(timeout: held)
    } catch where error.code == .timeout {
      waited = true
    }
    gate.open()
    try image.waitForVulkan(timeout: released)
    try holder.endGLAccess()
    if glWrites { try holder.drop() }
    try holder.retire()
    try finish(image)
    guard waited else {
      waitOtherwise(image)
      waitOtherwise(holder)
      throw didNotWait("Vulkan", "vkQueueSubmit")
    }
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
