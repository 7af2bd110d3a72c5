package import InteropDrivers

/// Holds a queue back until the CPU says so: a VkEvent that commands wait for (vkCmdWaitEvents, Vulkan 1.3, 7.5).
///
/// A wait that is missing goes unnoticed most of the time. With the signalling side held back it is noticed every time,
/// so this is what proves that a wait really waits. Only for that: a gate that is never opened hangs its queue.
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
    // Whoever forgot to open it must not hang in the wait for its command buffers.
    open()
    // The event goes after every command that refers to it (VUID-vkDestroyEvent-event-01145). What GL or a semaphore
    // says of their end is not enough.
    for queue in host.queues { _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) } }
    kept = nil
  }

  /// Command buffers that hold the gate live as long as it does: giving them up waits for the device.
  package func keep(_ commands: VulkanCommands) { kept = commands }

  /// Records the wait.
  package func hold(_ commands: VkCommandBuffer) {
    var event: VkEvent? = event.handle
    host.vk.vkCmdWaitEvents(
      commands, 1, &event, UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
      UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue), 0, nil, 0, nil, 0, nil)
  }

  /// Lets the queue go on, for good. The corresponding C function is `vkSetEvent`.
  package func open() { _ = host.vk.vkSetEvent(host.device, event.handle) }
}
