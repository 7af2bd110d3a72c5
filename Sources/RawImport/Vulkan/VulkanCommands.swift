package import InteropDrivers

/// Command buffers for one queue family with the fence that guards their reuse: what one image's hand-overs are
/// recorded into, again and again, without a new object.
///
/// Recorded and submitted by one thread at a time, whoever holds the image; waited for by any.
package final class VulkanCommands: @unchecked Sendable {
  /// Two, because an acquire and its release may be under way at once.
  package enum Buffer: Int { case first, second }

  package let queue: VulkanQueue
  private let host: VulkanHost
  private let pool: VulkanObject
  private let fence: VulkanObject
  private let buffers: [VkCommandBuffer]
  /// Under a lock, because both sides may wait for it: a consumer for its result and GL for its turn.
  private let work = Mutex(Work())

  private struct Work {
    /// The fence will signal, or has: a submission carried it.
    var fenceIsPending = false
    /// Submitted without the fence, and no later submission to the queue carried it.
    var isUnfenced = false
    /// Another queue's, whose fence comes after what was submitted here without one.
    var cover: VulkanCommands?
  }

  package init(host: VulkanHost, queue: VulkanQueue) throws(InteropError) {
    var create = VkCommandPoolCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
    create.flags = UInt32(VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT.rawValue)
    create.queueFamilyIndex = queue.family
    pool = try host.makeObject(.commandPool, "vkCreateCommandPool", "no command pool for family \(queue.family)") {
      out in
      host.vk.vkCreateCommandPool(host.device, &create, nil, out)
    }
    fence = try host.makeFence()
    var allocate = VkCommandBufferAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
    allocate.commandPool = pool.handle
    allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
    allocate.commandBufferCount = 2
    var handles: [VkCommandBuffer?] = [nil, nil]
    try host.vk.vkAllocateCommandBuffers(host.device, &allocate, &handles)
      .check("vkAllocateCommandBuffers", "no command buffers")
    buffers = handles.compactMap { $0 }
    self.host = host
    self.queue = queue
  }

  deinit {
    // Work under way uses the pool; a lost device ends the wait too.
    try? finish()
  }

  /// Waits until everything submitted is done. The corresponding C function is `vkWaitForFences`.
  package func finish(timeout: Duration = .seconds(10)) throws(InteropError) {
    try work.withLock { (work) throws(InteropError) in
      try waitForFence(&work, timeout)
      // Covers make no circle: who covers has just been finished, so nobody covers it.
      try work.cover?.finish(timeout: timeout)
      work.cover = nil
      guard work.isUnfenced else { return }
      // A turn that was cancelled after its first submission: put the fence behind it.
      try submit(VkSubmitInfo(), count: 0, fence: fence.handle)
      (work.fenceIsPending, work.isUnfenced) = (true, false)
      try waitForFence(&work, timeout)
    }
  }

  /// Whether everything submitted is done, without waiting; false if somebody else waits for it at the moment. The
  /// corresponding C function is `vkGetFenceStatus`.
  var isDone: Bool {
    work.withLockIfAvailable { work in
      guard !work.isUnfenced, work.cover == nil else { return false }
      return !work.fenceIsPending || host.vk.vkGetFenceStatus(host.device, fence.handle) == VK_SUCCESS
    } ?? false
  }

  /// What was submitted here without the fence is done when `other` is: a submission of `other`'s that carries its
  /// fence waits for it. `other` had nothing under way before that.
  func isCovered(by other: VulkanCommands) {
    work.withLock { work in
      guard work.isUnfenced else { return }
      work.isUnfenced = false
      work.cover = other
    }
  }

  private func waitForFence(_ work: inout Work, _ timeout: Duration) throws(InteropError) {
    guard work.fenceIsPending else { return }
    try host.wait(for: fence.handle, timeout: timeout)
    var handle: VkFence? = fence.handle
    try host.vk.vkResetFences(host.device, 1, &handle).check("vkResetFences", "the fence cannot be reset")
    work.fenceIsPending = false
  }

  private func submit(_ info: VkSubmitInfo, count: UInt32, fence: VkFence?) throws(InteropError) {
    let result = withUnsafePointer(to: info) { info in
      queue.lock.withLock { host.vk.vkQueueSubmit(queue.handle, count, count == 0 ? nil : info, fence) }
    }
    try result.check("vkQueueSubmit", "the device takes no work on queue family \(queue.family)")
  }

  /// Records `body` into a command buffer. What was recorded there before must be done, see ``finish(timeout:)``.
  package func record(
    _ buffer: Buffer, _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) -> VkCommandBuffer {
    let commands = buffers[buffer.rawValue]
    var begin = VkCommandBufferBeginInfo()
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
    begin.flags = UInt32(VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT.rawValue)
    try host.vk.vkBeginCommandBuffer(commands, &begin).check("vkBeginCommandBuffer", "cannot record")
    do throws(InteropError) {
      try body(commands)
      try host.vk.vkEndCommandBuffer(commands).check("vkEndCommandBuffer", "cannot record")
    } catch {
      // Leave the buffer in a state from which it can begin again.
      _ = host.vk.vkResetCommandBuffer(commands, 0)
      throw error
    }
    return commands
  }

  /// Submits under the queue's lock. The corresponding C function is `vkQueueSubmit`.
  ///
  /// - Parameters:
  ///   - commands: nil submits no commands, for the fence's or the semaphores' sake.
  ///   - fenced: whether the fence is to signal, which ``finish(timeout:)`` waits for.
  package func submit(
    _ commands: VkCommandBuffer?, waitingFor waitPoint: SemaphorePoint? = nil,
    signalling signalPoint: SemaphorePoint? = nil, fenced: Bool = true
  ) throws(InteropError) {
    var wait: VkSemaphore? = waitPoint?.semaphore
    var signal: VkSemaphore? = signalPoint?.semaphore
    var commands: VkCommandBuffer? = commands
    var stage = UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue)
    try work.withLock { (work) throws(InteropError) in
      if fenced { try waitForFence(&work, .seconds(10)) }
      try withUnsafePointer(to: &wait) { (waits) throws(InteropError) in
        try withUnsafePointer(to: &signal) { (signals) throws(InteropError) in
          try withUnsafePointer(to: &commands) { (buffers) throws(InteropError) in
            try withUnsafePointer(to: &stage) { (stages) throws(InteropError) in
              var info = VkSubmitInfo()
              info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
              info.waitSemaphoreCount = waits.pointee == nil ? 0 : 1
              info.pWaitSemaphores = waits
              info.pWaitDstStageMask = stages
              info.commandBufferCount = buffers.pointee == nil ? 0 : 1
              info.pCommandBuffers = buffers
              info.signalSemaphoreCount = signals.pointee == nil ? 0 : 1
              info.pSignalSemaphores = signals
              try Self.withValues(waitPoint, signalPoint, info) { (info) throws(InteropError) in
                try submit(info, count: 1, fence: fenced ? fence.handle : nil)
              }
            }
          }
        }
      }
      if fenced { work.fenceIsPending = true }
      work.isUnfenced = !fenced
    }
  }

  /// Gives a submission the values of its timeline semaphores, if it has any.
  private static func withValues(
    _ wait: SemaphorePoint?, _ signal: SemaphorePoint?, _ info: VkSubmitInfo,
    _ submit: (VkSubmitInfo) throws(InteropError) -> Void
  ) throws(InteropError) {
    var waitValue = wait?.value ?? 0
    var signalValue = signal?.value ?? 0
    guard waitValue > 0 || signalValue > 0 else { return try submit(info) }
    try withUnsafePointer(to: &waitValue) { (waits) throws(InteropError) in
      try withUnsafePointer(to: &signalValue) { (signals) throws(InteropError) in
        var values = VkTimelineSemaphoreSubmitInfo()
        values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO
        values.waitSemaphoreValueCount = info.waitSemaphoreCount
        values.pWaitSemaphoreValues = waits
        values.signalSemaphoreValueCount = info.signalSemaphoreCount
        values.pSignalSemaphoreValues = signals
        try withUnsafePointer(to: &values) { (values) throws(InteropError) in
          var withValues = info
          withValues.pNext = UnsafeRawPointer(values)
          try submit(withValues)
        }
      }
    }
  }
}
