package import InteropDrivers

/// Holds a queue back until the CPU opens the gate: a VkEvent that commands wait for (vkCmdWaitEvents, Vulkan 1.3,
/// 7.5).
///
/// A missing wait goes unnoticed most of the time. With the signalling queue held back it shows every time, so the gate
/// proves that a wait really waits. It has no other use: a gate that stays closed hangs its queue.
package final class VulkanGate {
  private let host: VulkanHost
  private let event: VulkanObject
  private var kept: VulkanCommands?

  package init(_ host: VulkanHost) throws(InteropError) {
    var info = VkEventCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_EVENT_CREATE_INFO
    event = try host.makeObject(.event, "vkCreateEvent", "no event") { out in
      host.vk.vkCreateEvent(host.device, &info, nil, out)
    }
    self.host = host
  }

  deinit {
    // A caller that forgot to open the gate must not hang in the wait for its command buffers.
    open()
    // The event is destroyed after every command that refers to it (VUID-vkDestroyEvent-event-01145). A signal of GL or
    // of a semaphore that the commands ended is not enough.
    for queue in host.queues { _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) } }
    kept = nil
  }

  /// Keeps the command buffers that hold the gate for as long as the gate lives: releasing them waits for the device.
  package func keep(_ commands: VulkanCommands) { kept = commands }

  /// Records the wait.
  package func hold(_ commands: VkCommandBuffer) {
    var event: VkEvent? = event.handle
    host.vk.vkCmdWaitEvents(
      commands, 1, &event, UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
      UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue), 0, nil, 0, nil, 0, nil)
  }

  /// Opens the gate for good, so that the queue continues. The corresponding C function is `vkSetEvent`.
  package func open() { _ = host.vk.vkSetEvent(host.device, event.handle) }
}
