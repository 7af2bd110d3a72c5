package import InteropDrivers

/// The plan of a Vulkan access that takes two queues: which submission waits for what, holds which barriers and signals
/// what.
///
/// The *ownership queue* takes the image from GL and gives it back. The *using queue* uses it. The plan
/// consists of plain values, without a driver.
///
/// Between two families, ownership goes EXTERNAL → ownership family → using family and back. Each transfer
/// between the two is two barriers with the same layouts and families: a release operation on one queue, an acquire
/// operation on the other, and a semaphore in between (Vulkan 1.3, 7.7.4 "Queue Family Ownership Transfer"). That pair
/// also changes the layout to that of the use. Within one family, no ownership changes between the two queues, and the
/// using queue changes the layout.
///
/// | submission | queue | waits for | barriers | signals |
/// |---|---|---|---|---|
/// | ``takeOver(for:)`` | ownership | GL | EXTERNAL → O, release half of O → U | `passedOn` |
/// | ``acquire(for:)`` | using | `passedOn` | acquire half of O → U | |
/// | ``release(after:)`` | using | | release half of U → O | `handedBack` |
/// | ``giveBack(after:)`` | ownership | `handedBack` | acquire half of U → O, O → EXTERNAL | GL |
package struct CrossQueueBarriers: Sendable, Hashable {
  /// The family that takes the image from GL and gives it back (O).
  package let ownershipFamily: UInt32
  /// The family of the queue that uses the image (U).
  package let usingFamily: UInt32
  /// The owner during a GL access: VK_QUEUE_FAMILY_EXTERNAL, or FOREIGN for a DMA-BUF.
  package let outsideFamily: UInt32

  package init(
    ownershipFamily: UInt32, usingFamily: UInt32, outsideFamily: UInt32 = OwnershipTransferBarrier.externalFamily
  ) {
    self.ownershipFamily = ownershipFamily
    self.usingFamily = usingFamily
    self.outsideFamily = outsideFamily
  }

  package enum QueueRole: Sendable, Hashable { case ownership, using }

  /// The semaphores that a submission waits for or signals, all binary.
  package enum Semaphore: Sendable, Hashable {
    /// Shared with GL: the one that is due, or the one that tells GL. Absent where the sync is `cpu-wait`.
    case gl
    /// Signalled on the ownership queue, waited for on the using queue: the image may be used.
    case passedOn
    /// Signalled on the using queue, waited for on the ownership queue: the image has been used.
    case handedBack
  }

  /// A `VkImageMemoryBarrier` in a `vkCmdPipelineBarrier` of its own.
  package struct Barrier: Sendable, Hashable {
    package var oldLayout: VkImageLayout
    package var newLayout: VkImageLayout
    package var sourceFamily: UInt32
    package var destinationFamily: UInt32
    package var sourceStages: VkPipelineStageFlags
    package var destinationStages: VkPipelineStageFlags
    package var sourceAccess: VkAccessFlags
    package var destinationAccess: VkAccessFlags
  }

  /// A submission, or the part of one that transfers ownership.
  package struct Submission: Sendable, Hashable {
    package var queue: QueueRole
    /// Waited for at ALL_COMMANDS, which is the first barrier's source stage, so the barrier comes after the wait.
    package var waits: Semaphore?
    /// In order: each barrier comes after the one before.
    package var barriers: [Barrier]
    package var signals: Semaphore?
  }

  // MARK: The four parts

  /// Acquires the image from GL and releases it to the using queue.
  package func takeOver(for use: VulkanAccess) -> Submission {
    let fromGL = barrier(general, general, from: outsideFamily, to: ownershipFamily)
    var barriers = [fromGL]
    if isTransfer {
      barriers.append(releaseHalf(from: ownershipFamily, to: usingFamily, general, use.layout, after: Self.anything))
    }
    return Submission(queue: .ownership, waits: .gl, barriers: barriers, signals: .passedOn)
  }

  /// Acquires the image before the application's first use.
  package func acquire(for use: VulkanAccess) -> Submission {
    var step = barrier(
      general, use.layout, from: OwnershipTransferBarrier.ignoredFamily, to: OwnershipTransferBarrier.ignoredFamily)
    if isTransfer { (step.sourceFamily, step.destinationFamily) = (ownershipFamily, usingFamily) }
    // The source access of an acquire operation is ignored, and the semaphore has made all writes available.
    step.sourceAccess = 0
    step.destinationStages = use.stages
    step.destinationAccess = use.access
    return Submission(queue: .using, waits: .passedOn, barriers: [step], signals: nil)
  }

  /// Releases the image after the application's last use.
  package func release(after use: VulkanAccess) -> Submission {
    let step =
      isTransfer
      ? releaseHalf(from: usingFamily, to: ownershipFamily, use.layout, general, after: use)
      : releaseHalf(
        from: OwnershipTransferBarrier.ignoredFamily, to: OwnershipTransferBarrier.ignoredFamily, use.layout, general,
        after: use)
    return Submission(queue: .using, waits: nil, barriers: [step], signals: .handedBack)
  }

  /// Acquires the image from the using queue and releases it to GL.
  ///
  /// - Parameter use: that of ``release(after:)``: both halves of the pair name its layout.
  package func giveBack(after use: VulkanAccess) -> Submission {
    var barriers: [Barrier] = []
    if isTransfer { barriers.append(barrier(use.layout, general, from: usingFamily, to: ownershipFamily)) }
    barriers.append(
      releaseHalf(from: ownershipFamily, to: outsideFamily, general, general, after: Self.anything))
    return Submission(queue: .ownership, waits: .handedBack, barriers: barriers, signals: .gl)
  }

  /// Returns an unused image: the using queue acquires it and releases it at once.
  package func turnBack(for use: VulkanAccess) -> Submission {
    let there = acquire(for: use)
    let back = release(after: use)
    return Submission(
      queue: .using, waits: there.waits, barriers: there.barriers + back.barriers, signals: back.signals)
  }

  // MARK: Barriers

  /// Whether the two queues are of different families, so that ownership changes between them.
  private var isTransfer: Bool { ownershipFamily != usingFamily }
  private var general: VkImageLayout { VK_IMAGE_LAYOUT_GENERAL }
  /// Legal on every family, also a transfer-only one: the ownership queue only transfers the image.
  private static let anything = VulkanAccess.general

  /// The first barrier of a submission: after its wait, before its commands.
  private func barrier(
    _ old: VkImageLayout, _ new: VkImageLayout, from source: UInt32, to destination: UInt32
  ) -> Barrier {
    Barrier(
      oldLayout: old, newLayout: new, sourceFamily: source, destinationFamily: destination,
      sourceStages: Self.anything.stages, destinationStages: Self.anything.stages, sourceAccess: 0,
      destinationAccess: Self.anything.access)
  }

  /// The last barrier of a submission: after `use`, before its signal, which comes after all commands.
  ///
  /// The destination access of a release operation is ignored: the acquire operation makes the writes visible.
  private func releaseHalf(
    from source: UInt32, to destination: UInt32, _ old: VkImageLayout, _ new: VkImageLayout, after use: VulkanAccess
  ) -> Barrier {
    Barrier(
      oldLayout: old, newLayout: new, sourceFamily: source, destinationFamily: destination, sourceStages: use.stages,
      destinationStages: Self.anything.stages, sourceAccess: use.access, destinationAccess: 0)
  }
}

extension CrossQueueBarriers.Submission {
  /// The barriers for the driver, one each, in order.
  func transfers(of image: VkImage, semaphore: SemaphorePoint? = nil) -> [OwnershipTransferBarrier] {
    barriers.map { step in
      var barrier = OwnershipTransferBarrier.barrier(image)
      barrier.oldLayout = step.oldLayout
      barrier.newLayout = step.newLayout
      barrier.srcQueueFamilyIndex = step.sourceFamily
      barrier.dstQueueFamilyIndex = step.destinationFamily
      barrier.srcAccessMask = step.sourceAccess
      barrier.dstAccessMask = step.destinationAccess
      return OwnershipTransferBarrier(
        barrier: barrier, sourceStage: step.sourceStages, destinationStage: step.destinationStages, semaphore: semaphore
      )
    }
  }
}
