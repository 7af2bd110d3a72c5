public import CInteropGraphics

/// What Vulkan does with one shared image, as a recording made by hand: for tests of ``OwnershipChecker``.
public struct HandMadeRecording {
  public typealias Handle = RecordedCall.Handle

  /// What each family can do.
  public var familyFlags: [UInt32]
  /// The family of each queue.
  public var queues: [Handle: UInt32]
  public var submissions: [Submission] = []

  public static let image: Handle = 0x10
  public static let allCommands = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue

  public init(familyFlags: [UInt32], queues: [Handle: UInt32]) {
    self.familyFlags = familyFlags
    self.queues = queues
  }

  /// A `vkQueueSubmit` of a command buffer of barriers.
  public struct Submission {
    public var queue: Handle
    public var waits: Handle?
    public var waitStages = allCommands
    public var barriers: [RecordedCall.ImageBarrier]
    /// Of each barrier.
    public var sourceStages = allCommands
    public var destinationStages = allCommands
    public var signals: Handle?

    public init(
      _ queue: Handle, waits: Handle? = nil, _ barriers: [RecordedCall.ImageBarrier], signals: Handle? = nil
    ) {
      self.queue = queue
      self.waits = waits
      self.barriers = barriers
      self.signals = signals
    }
  }

  public static func barrier(
    _ old: VkImageLayout, _ new: VkImageLayout, _ source: UInt32, _ destination: UInt32
  ) -> RecordedCall.ImageBarrier {
    RecordedCall.ImageBarrier(
      image: image, oldLayout: old, newLayout: new, sourceFamily: source, destinationFamily: destination)
  }

  /// The calls, those that make the queues, the semaphores and the image first.
  public var calls: [RecordedCall] {
    var made: [(String, RecordedCall.Details)] = [
      ("vkGetPhysicalDeviceQueueFamilyProperties", .queueFamilies(familyFlags))
    ]
    for (queue, family) in queues { made.append(("vkGetDeviceQueue", .queue(queue: queue, family: family, device: 1))) }
    for semaphore in Set(submissions.flatMap { [$0.waits, $0.signals] }.compactMap { $0 }).sorted() {
      let creation = RecordedCall.Details.createSemaphore(
        semaphore: semaphore, exportHandleTypes: 0, isTimeline: false)
      made.append(("vkCreateSemaphore", creation))
    }
    let creation = RecordedCall.ImageCreation(
      image: Self.image, flags: VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue, format: VK_FORMAT_R8G8B8A8_UNORM, width: 4,
      height: 4, usage: 1, externalHandleTypes: VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue,
      formatList: [VK_FORMAT_R8G8B8A8_UNORM])
    made.append(("vkCreateImage", .createImage(creation)))
    for (index, submission) in submissions.enumerated() {
      made += Self.calls(submission, buffer: Handle(0x100 + index))
    }
    return made.enumerated().map { index, call in
      var recorded = RecordedCall(name: call.0)
      recorded.index = index
      recorded.details = call.1
      return recorded
    }
  }

  private static func calls(_ submission: Submission, buffer: Handle) -> [(String, RecordedCall.Details)] {
    var made: [(String, RecordedCall.Details)] = [("vkBeginCommandBuffer", .commandBuffer(buffer))]
    for barrier in submission.barriers {
      let recorded = RecordedCall.Barrier(
        commandBuffer: buffer, sourceStages: submission.sourceStages,
        destinationStages: submission.destinationStages, images: [barrier])
      made.append(("vkCmdPipelineBarrier", .barrier(recorded)))
    }
    var batch = RecordedCall.Batch(commandBuffers: [buffer])
    if let semaphore = submission.waits {
      batch.waits = [RecordedCall.SemaphoreWait(semaphore: semaphore, stages: submission.waitStages)]
    }
    if let semaphore = submission.signals { batch.signals = [semaphore] }
    made.append(("vkQueueSubmit", .submit(RecordedCall.Submission(queue: submission.queue, batches: [batch]))))
    return made
  }
}
