import GLVulkanInterop

/// Frames of one producer, each compared by the CPU.
final class ProducerFrames {
  let producer: SurfacelessEGLProducer
  private let host: VulkanHost
  /// One landing per image, because the producer chooses the slot of its ring.
  private var landings: [(image: VkImage, landing: Landing)] = []

  init(_ producer: SurfacelessEGLProducer) {
    self.producer = producer
    host = producer.host
  }

  /// Waits before its landings are destroyed, whatever has failed.
  deinit { try? host.waitForQueues() }

  /// Renders a frame and lets Vulkan read it.
  ///
  /// - Parameter waits: whether to wait for its arrival; otherwise it is compared when its image is used again, or by
  ///   ``drain()``.
  func frame(_ number: UInt32, on queue: VulkanQueue, waits: Bool) throws {
    let frame = try producer.render { target in draw(number, target.gl) }
    let landing = try landing(frame.image)
    try frame.access(.transferSource, on: AccessQueues(queue), waitingUpTo: waits ? .seconds(10) : nil) {
      commands, image in
      landing.record(image, number, into: commands)
    }
    if waits { try landing.check() } else { try landing.throwIfWrong() }
  }

  func drain() throws {
    try host.waitForQueues()
    for (_, landing) in landings { try landing.check() }
  }

  private func landing(_ image: VkImage) throws -> Landing {
    for known in landings where known.image == image { return known.landing }
    let made = try Landing(host)
    landings.append((image, made))
    return made
  }
}

extension VulkanHost {
  /// Waits until all submissions are done. It does not use `vkDeviceWaitIdle`, during which no other thread may use any
  /// queue.
  func waitForQueues() throws(InteropError) {
    for queue in queues {
      try queue.lock.withLock { vk.vkQueueWaitIdle(queue.handle) }.check("vkQueueWaitIdle", "the device failed")
    }
  }
}
