public import InteropDrivers

/// One half of an ownership transfer, for an application that records and submits its own commands: the barrier for the
/// command buffer, and the semaphore for the submission.
///
/// The image is transferred in `VK_IMAGE_LAYOUT_GENERAL` and belongs to `VK_QUEUE_FAMILY_EXTERNAL` between accesses, a
/// DMA-BUF to `VK_QUEUE_FAMILY_FOREIGN_EXT` (Vulkan 1.3, 7.7.4 "Queue Family Ownership Transfer").
public struct OwnershipTransferBarrier: @unchecked Sendable {
  /// For `vkCmdPipelineBarrier`, with ``sourceStage`` and ``destinationStage``.
  public let barrier: VkImageMemoryBarrier
  /// `srcStageMask` of `vkCmdPipelineBarrier`.
  public let sourceStage: VkPipelineStageFlags
  /// `dstStageMask` of `vkCmdPipelineBarrier`.
  public let destinationStage: VkPipelineStageFlags
  /// The semaphore of the submission that holds the barrier. Acquire: wait for it at ``sourceStage``. Release: signal
  /// it. nil where the sync is `cpu-wait`.
  public let semaphore: VkSemaphore?
  /// The value to wait for or signal, for `VkTimelineSemaphoreSubmitInfo`, where the sync is `timeline-semaphore`; 0
  /// for the binary semaphores of other syncs.
  public let semaphoreValue: UInt64

  init(
    barrier: VkImageMemoryBarrier, sourceStage: VkPipelineStageFlags, destinationStage: VkPipelineStageFlags,
    semaphore: SemaphorePoint?
  ) {
    self.barrier = barrier
    self.sourceStage = sourceStage
    self.destinationStage = destinationStage
    self.semaphore = semaphore?.semaphore
    semaphoreValue = semaphore?.value ?? 0
  }

  /// ``semaphore`` with ``semaphoreValue``.
  package var point: SemaphorePoint? { semaphore.map { SemaphorePoint($0, at: semaphoreValue) } }

  /// Records the barrier. The corresponding C function is `vkCmdPipelineBarrier`.
  public func record(into commands: VkCommandBuffer, _ vk: VulkanDeviceFunctions) {
    withUnsafePointer(to: barrier) {
      vk.vkCmdPipelineBarrier(commands, sourceStage, destinationStage, 0, 0, nil, 0, nil, 1, $0)
    }
  }
}

/// How the application uses an image between acquire and release.
public struct VulkanAccess: Sendable, Hashable {
  /// The layout of the image during the use.
  public var layout: VkImageLayout
  /// The pipeline stages of the use.
  public var stages: VkPipelineStageFlags
  /// Memory accesses of these stages.
  public var access: VkAccessFlags

  /// Describes a use of an image. See ``transferSource`` and its neighbours for the usual ones.
  public init(layout: VkImageLayout, stages: VkPipelineStageFlags, access: VkAccessFlags) {
    self.layout = layout
    self.stages = stages
    self.access = access
  }

  /// - Throws: ``InteropError/Code/invalidArgument`` for a layout, stages or accesses that no barrier can bring an
  ///   image to.
  func check() throws(InteropError) {
    guard layout != VK_IMAGE_LAYOUT_UNDEFINED, layout != VK_IMAGE_LAYOUT_PREINITIALIZED else {
      let name = layout == VK_IMAGE_LAYOUT_UNDEFINED ? "UNDEFINED" : "PREINITIALIZED"
      throw InteropError(
        .invalidArgument, step: "check use", reason: "no image can be brought into VK_IMAGE_LAYOUT_\(name)",
        advice: "Say how the image is used")
    }
    guard stages != 0 else {
      throw InteropError(
        .invalidArgument, step: "check use", reason: "stages is 0",
        advice: "Say how the image is used: VK_PIPELINE_STAGE_ALL_COMMANDS_BIT is always right")
    }
  }

  /// Any use, in the layout of the ownership transfer. Legal on every queue family.
  public static let general = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_GENERAL, stages: UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue),
    access: UInt32(VK_ACCESS_MEMORY_READ_BIT.rawValue | VK_ACCESS_MEMORY_WRITE_BIT.rawValue))
  /// Sampling in fragment shaders; graphics queues only.
  public static let fragmentSampling = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, stages: UInt32(VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT.rawValue),
    access: UInt32(VK_ACCESS_SHADER_READ_BIT.rawValue))
  /// Drawing into a colour attachment; graphics queues only.
  public static let colorAttachment = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
    stages: UInt32(VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT.rawValue),
    access: UInt32(VK_ACCESS_COLOR_ATTACHMENT_READ_BIT.rawValue | VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT.rawValue))
  /// Source of a copy or blit.
  public static let transferSource = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, stages: UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue),
    access: UInt32(VK_ACCESS_TRANSFER_READ_BIT.rawValue))
  /// Destination of a copy, blit or clear.
  public static let transferDestination = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, stages: UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue),
    access: UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue))
}

extension OwnershipTransferBarrier {
  /// Makes a barrier for the whole image.
  static func barrier(_ image: VkImage) -> VkImageMemoryBarrier {
    var barrier = VkImageMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER
    barrier.image = image
    barrier.subresourceRange = VkImageSubresourceRange(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
      layerCount: 1)
    return barrier
  }

  private static let allCommands = UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue)
  // These are `~` expressions, which Swift does not import: VK_QUEUE_FAMILY_EXTERNAL, VK_QUEUE_FAMILY_FOREIGN_EXT,
  // VK_QUEUE_FAMILY_IGNORED.
  package static let externalFamily = ~UInt32(1)
  package static let foreignFamily = ~UInt32(2)
  package static let ignoredFamily = ~UInt32(0)

  /// Transfers from `outside` (EXTERNAL or FOREIGN) to `family`, from the layout in which it crosses and never from
  /// UNDEFINED, which would discard the picture.
  static func acquire(
    _ image: VkImage, _ use: VulkanAccess, from outside: UInt32, to family: UInt32,
    layout: VkImageLayout = VK_IMAGE_LAYOUT_GENERAL, semaphore: SemaphorePoint?
  ) -> OwnershipTransferBarrier {
    var barrier = barrier(image)
    barrier.oldLayout = layout
    barrier.newLayout = use.layout
    barrier.srcQueueFamilyIndex = outside
    barrier.dstQueueFamilyIndex = family
    barrier.dstAccessMask = use.access
    // The source stage is the one the semaphore wait blocks, so that the barrier happens after the wait.
    return OwnershipTransferBarrier(
      barrier: barrier, sourceStage: allCommands, destinationStage: use.stages, semaphore: semaphore)
  }

  /// Transfers from `family` to `outside`, into layout GENERAL.
  static func release(
    _ image: VkImage, _ use: VulkanAccess, from family: UInt32, to outside: UInt32, semaphore: SemaphorePoint?
  ) -> OwnershipTransferBarrier {
    var barrier = barrier(image)
    barrier.oldLayout = use.layout
    barrier.newLayout = VK_IMAGE_LAYOUT_GENERAL
    barrier.srcQueueFamilyIndex = family
    barrier.dstQueueFamilyIndex = outside
    barrier.srcAccessMask = use.access
    return OwnershipTransferBarrier(
      barrier: barrier, sourceStage: use.stages, destinationStage: allCommands, semaphore: semaphore)
  }

  /// Transfers a new image without content to `outside`, into layout GENERAL: the only transition from UNDEFINED.
  static func prepare(
    _ image: VkImage, from family: UInt32, to outside: UInt32, semaphore: SemaphorePoint?
  ) -> OwnershipTransferBarrier {
    var barrier = barrier(image)
    barrier.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED
    barrier.newLayout = VK_IMAGE_LAYOUT_GENERAL
    barrier.srcQueueFamilyIndex = family
    barrier.dstQueueFamilyIndex = outside
    return OwnershipTransferBarrier(
      barrier: barrier, sourceStage: UInt32(VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT.rawValue), destinationStage: allCommands,
      semaphore: semaphore)
  }

  /// Changes the layout within one queue family.
  package static func transition(
    _ image: VkImage, from old: VulkanAccess, to new: VulkanAccess, discarding: Bool = false
  ) -> OwnershipTransferBarrier {
    var barrier = barrier(image)
    barrier.oldLayout = discarding ? VK_IMAGE_LAYOUT_UNDEFINED : old.layout
    barrier.newLayout = new.layout
    barrier.srcQueueFamilyIndex = ignoredFamily
    barrier.dstQueueFamilyIndex = ignoredFamily
    barrier.srcAccessMask = old.access
    barrier.dstAccessMask = new.access
    return OwnershipTransferBarrier(
      barrier: barrier, sourceStage: old.stages, destinationStage: new.stages, semaphore: nil)
  }
}
