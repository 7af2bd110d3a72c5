package import InteropDrivers

/// Command buffers for one queue family with the fence that guards their reuse. One image's ownership transfers are
/// recorded into them again and again, without new objects.
///
/// One thread at a time records and submits, the one that holds the image; any thread may wait.
package final class VulkanCommands: @unchecked Sendable {
  /// Two, because an acquire and its release may be under way at once.
  package enum Buffer: Int { case first, second }

  package let queue: VulkanQueue
  private let host: VulkanHost
  private let pool: VulkanObject
  private let fence: VulkanObject
  private let buffers: [VkCommandBuffer]
  /// Under a lock, because both APIs may wait for it: a consumer for its result and GL for its access.
  private let work = Mutex(Work())

  private struct Work {
    /// A submission carried the fence, so it will signal or has signalled.
    var fenceIsPending = false
    /// Submitted without the fence, and no later submission to the queue carried it.
    var isUnfenced = false
    /// The commands of another queue, whose fence follows the unfenced submissions made here.
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
    // Pending work uses the pool; a lost device ends the wait too.
    try? finish()
  }

  /// Waits until all submitted work is done. The corresponding C function is `vkWaitForFences`.
  package func finish(timeout: Duration = .seconds(10)) throws(InteropError) {
    try work.withLock { (work) throws(InteropError) in
      try waitForFence(&work, timeout)
      // Covers form no cycle: the covering commands have just been finished, so nothing covers them.
      try work.cover?.finish(timeout: timeout)
      work.cover = nil
      guard work.isUnfenced else { return }
      // The access was cancelled after its first submission: submit the fence behind it.
      try submit(VkSubmitInfo(), count: 0, fence: fence.handle)
      (work.fenceIsPending, work.isUnfenced) = (true, false)
      try waitForFence(&work, timeout)
    }
  }

  /// Whether all submitted work is done, without waiting; false while another thread waits for it. The corresponding C
  /// function is `vkGetFenceStatus`.
  var isDone: Bool {
    work.withLockIfAvailable { work in
      guard !work.isUnfenced, work.cover == nil else { return false }
      return !work.fenceIsPending || host.vk.vkGetFenceStatus(host.device, fence.handle) == VK_SUCCESS
    } ?? false
  }

  /// Lets the fence of `other` stand for the unfenced submissions made here: a submission of `other` that carries its
  /// fence waits for them. `other` had no pending work before.
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

  /// Records `body` into a command buffer. Work recorded there before must be done, see ``finish(timeout:)``.
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
      // Leave the buffer in a state from which recording can begin again.
      _ = host.vk.vkResetCommandBuffer(commands, 0)
      throw error
    }
    return commands
  }

  /// Submits under the queue's lock. The corresponding C function is `vkQueueSubmit`.
  ///
  /// - Parameters:
  ///   - commands: nil submits no commands, only the fence or the semaphores.
  ///   - fenced: whether the submission signals the fence, which ``finish(timeout:)`` waits for.
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

  /// Adds the values of timeline semaphores to a submission that has any.
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
