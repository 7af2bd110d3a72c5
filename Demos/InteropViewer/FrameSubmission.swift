internal import GLVulkanInterop

/// One frame's commands in Vulkan, submitted as an application does that submits itself: the frame's acquire barrier,
/// the commands, the frame's release barrier, in one `vkQueueSubmit`. It is reused.
final class FrameSubmission {
  private let host: VulkanHost
  private let queue: VulkanQueue
  private let pool: VulkanObject
  private let fence: VulkanObject
  private let commands: VkCommandBuffer
  private var isPending = false

  init(host: VulkanHost, queue: VulkanQueue) throws(InteropError) {
    self.host = host
    self.queue = queue
    pool = try host.makeObject(.commandPool, "vkCreateCommandPool", "no command pool for family \(queue.family)") {
      out in
      var info = VkCommandPoolCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
      info.flags = UInt32(VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT.rawValue)
      info.queueFamilyIndex = queue.family
      return host.vk.vkCreateCommandPool(host.device, &info, nil, out)
    }
    fence = try host.makeFence()
    var info = VkCommandBufferAllocateInfo()
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
    info.commandPool = pool.handle
    info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
    info.commandBufferCount = 1
    var handle: VkCommandBuffer?
    try host.vk.vkAllocateCommandBuffers(host.device, &info, &handle)
      .check("vkAllocateCommandBuffers", "no command buffer")
    guard let handle else {
      throw InteropError(.driverFailure, step: "vkAllocateCommandBuffers", reason: "the driver gave no command buffer")
    }
    commands = handle
  }

  deinit { try? finish() }

  /// Waits until the last submission is done.
  func finish() throws(InteropError) {
    guard isPending else { return }
    try host.wait(for: fence.handle)
    var handle: VkFence? = fence.handle
    try host.vk.vkResetFences(host.device, 1, &handle).check("vkResetFences", "the fence cannot be reset")
    isPending = false
  }

  /// A semaphore that a submission waits for, from a stage on.
  struct Wait {
    let semaphore: VkSemaphore
    let stage: VkPipelineStageFlags
    /// The value of a timeline semaphore.
    var value: UInt64 = 0
  }
  private struct Signal {
    let semaphore: VkSemaphore
    /// The value of a timeline semaphore.
    var value: UInt64 = 0
  }

  /// Submits the frame's commands. Call it after ``finish()``.
  ///
  /// - Parameters:
  ///   - wait: a semaphore that the commands wait for besides the frame's own.
  ///   - signal: a semaphore that is signalled after the commands, besides the frame's own.
  ///   - record: records commands that read the image, which is in the layout of a transfer source.
  func submit(
    _ frame: consuming Frame, waitingFor wait: Wait? = nil, signalling signal: VkSemaphore? = nil,
    _ record: (VkCommandBuffer, VkImage) -> Void
  ) throws(InteropError) {
    let acquire = try frame.acquireBarrier(.transferSource, on: AccessQueues(queue))
    do throws(InteropError) {
      let release = try frame.releaseBarrier(.transferSource)
      var begin = VkCommandBufferBeginInfo()
      begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
      begin.flags = UInt32(VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT.rawValue)
      try host.vk.vkBeginCommandBuffer(commands, &begin).check("vkBeginCommandBuffer", "cannot record")
      acquire.record(into: commands, host.vk)
      record(commands, frame.image)
      release.record(into: commands, host.vk)
      try host.vk.vkEndCommandBuffer(commands).check("vkEndCommandBuffer", "cannot record")
      let frameWait = acquire.semaphore.map {
        Wait(semaphore: $0, stage: acquire.sourceStage, value: acquire.semaphoreValue)
      }
      let frameSignal = release.semaphore.map { Signal(semaphore: $0, value: release.semaphoreValue) }
      try submit(
        waits: [frameWait, wait].compactMap { $0 },
        signals: [frameSignal, signal.map { Signal(semaphore: $0) }].compactMap { $0 })
    } catch {
      try frame.cancelAcquire()
      throw error
    }
    try frame.didSubmitRelease()
  }

  private func submit(waits: [Wait], signals: [Signal]) throws(InteropError) {
    var chain = StructChain()
    var info = VkSubmitInfo()
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
    info.waitSemaphoreCount = UInt32(waits.count)
    info.pWaitSemaphores = UnsafePointer(chain.add(contentsOf: waits.map { $0.semaphore as VkSemaphore? }))
    info.pWaitDstStageMask = UnsafePointer(chain.add(contentsOf: waits.map(\.stage)))
    info.commandBufferCount = 1
    info.pCommandBuffers = UnsafePointer(chain.add(commands as VkCommandBuffer?))
    info.signalSemaphoreCount = UInt32(signals.count)
    info.pSignalSemaphores = UnsafePointer(chain.add(contentsOf: signals.map { $0.semaphore as VkSemaphore? }))
    // If one of them is a timeline semaphore, each needs a value; Vulkan ignores those of binary semaphores.
    if waits.contains(where: { $0.value > 0 }) || signals.contains(where: { $0.value > 0 }) {
      var values = VkTimelineSemaphoreSubmitInfo()
      values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO
      values.waitSemaphoreValueCount = UInt32(waits.count)
      values.pWaitSemaphoreValues = UnsafePointer(chain.add(contentsOf: waits.map(\.value)))
      values.signalSemaphoreValueCount = UInt32(signals.count)
      values.pSignalSemaphoreValues = UnsafePointer(chain.add(contentsOf: signals.map(\.value)))
      info.pNext = UnsafeRawPointer(chain.add(values))
    }
    let result = queue.lock.withLock { host.vk.vkQueueSubmit(queue.handle, 1, &info, fence.handle) }
    try result.check("vkQueueSubmit", "the device takes no work on queue family \(queue.family)")
    isPending = true
  }
}

/// A ring of submissions, as many as there may be frames in flight.
struct FrameSubmissionRing {
  private let submissions: [FrameSubmission]
  private(set) var index = 0

  init(_ count: Int, host: VulkanHost, queue: VulkanQueue) throws(InteropError) {
    var made: [FrameSubmission] = []
    for _ in 0..<count { made.append(try FrameSubmission(host: host, queue: queue)) }
    submissions = made
  }

  /// The submission to use now. ``advance()`` has waited for it.
  var current: FrameSubmission { submissions[index] }

  /// Moves to the submission that was used longest ago, and waits until it is done.
  mutating func advance() throws(InteropError) {
    index = (index + 1) % submissions.count
    try current.finish()
  }

  func finish() throws(InteropError) {
    for submission in submissions { try submission.finish() }
  }
}
