internal import InteropDrivers

/// The accesses to an image whose memory GL and Vulkan share, by the queue that uses it.
///
/// Between accesses the image belongs to the queue family `outside`. For accesses with an ownership queue of its own
/// see ``CrossQueueAccess``.
final class SharedMemoryAccess: OneQueueStrategy, @unchecked Sendable {
  private let image: VkImage
  /// VK_QUEUE_FAMILY_EXTERNAL, or FOREIGN for a DMA-BUF.
  let outside: UInt32
  let signals: ReleaseSignals
  let vk: VulkanDeviceFunctions
  private let end: any ReleaseSignal
  var endSignal: (any ReleaseSignal)? { end }

  init(_ image: VkImage, outside: UInt32, _ signals: ReleaseSignals, vulkanIsWriter: Bool, host: VulkanHost) {
    self.image = image
    self.outside = outside
    self.signals = signals
    vk = host.vk
    end = vulkanIsWriter ? signals.writerDone : signals.readerDone
  }

  var takesFromGL: Bool { true }
  var needsFence: Bool { end.needsFence }

  func begin(
    _ access: VulkanAccessInProgress, _ before: PreviousWork
  ) throws(InteropError) -> OwnershipTransferBarrier {
    try before.prepareWait()
    return .acquire(
      image, access.use, from: outside, to: access.commands.queue.family, semaphore: before.due?.waitInVulkan)
  }

  func release(_ access: VulkanAccessInProgress, after use: VulkanAccess) -> OwnershipTransferBarrier {
    .release(image, use, from: access.commands.queue.family, to: outside, semaphore: end.signalInVulkan)
  }
}

/// The signals of an image's two sides.
package struct ReleaseSignals: Sendable {
  package let writerDone: any ReleaseSignal
  package let readerDone: any ReleaseSignal

  package init(writerDone: any ReleaseSignal, readerDone: any ReleaseSignal) {
    self.writerDone = writerDone
    self.readerDone = readerDone
  }

  package subscript(_ signal: OwnershipStateMachine.Signal) -> any ReleaseSignal {
    signal == .writerDone ? writerDone : readerDone
  }
}

extension PreviousWork {
  /// Prepares a submission that waits for the signal that is due.
  func prepareWait() throws(InteropError) {
    // Where the signal needs it, the image's previous access has waited for the same semaphore. Without a signal the
    // CPU has mostly waited already, and this wait is for a dropped frame.
    if due?.needsFence ?? true { try finishLast() }
    try due?.prepareWaitInVulkan()
  }
}
