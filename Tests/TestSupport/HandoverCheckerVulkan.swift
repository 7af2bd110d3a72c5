import CGraphics

// Vulkan's objects and commands: how shared images are made, and who owns them in which layout as the queues go on.

extension HandoverWalk {
  static let opaqueFD = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue
  // VK_QUEUE_FAMILY_IGNORED and its neighbours are `~` expressions, which Swift does not import.
  static let ignoredFamily = ~UInt32(0)
  static let externalFamily = ~UInt32(1)
  static let foreignFamily = ~UInt32(2)

  mutating func takeVulkan(_ call: RecordedCall) {
    switch call.details {
    case .queue(let queue, let family, let device): queues[queue] = (family, device)
    case .createImage(let creation) where call.result == 0: create(creation, call)
    case .imageRequirements(let requirements): images[requirements.image]?.requirements = requirements
    case .allocateMemory(let allocation) where call.result == 0: allocations[allocation.memory] = allocation
    case .bindImageMemory(let image, let memory, let offset) where call.result == 0:
      bind(image, memory, offset, call)
    case .exportMemory(let memory, let handleType, let descriptor) where call.result == 0:
      exportMemory(memory, handleType, descriptor, call)
    case .destroy(let handle):
      if call.name == "vkDestroyImage" { images[handle] = nil }
      if call.name == "vkFreeMemory" { allocations[handle] = nil }
    case .commandBuffer(let buffer) where call.name != "vkEndCommandBuffer": commands[buffer] = []
    case .barrier(let barrier): commands[barrier.commandBuffer, default: []].append(call)
    case .useImages(let buffer, _): commands[buffer, default: []].append(call)
    case .submit(let submission) where call.result == 0: submit(submission, call)
    case .fences(let handles, let waitAll): takeFences(handles, waitAll, call)
    case .waitIdle(let handle) where call.result == 0:
      let isQueue = call.name == "vkQueueWaitIdle"
      settleVulkan { submitted, queues in
        // A queue that the recording does not know is taken for the device's.
        isQueue ? submitted.queue == handle : (queues[submitted.queue]?.device ?? handle) == handle
      }
    default: break
    }
  }

  // MARK: Making images

  private mutating func create(_ info: RecordedCall.ImageCreation, _ call: RecordedCall) {
    // A handle that comes again is another image.
    images[info.image] = nil
    guard info.externalHandleTypes & Self.opaqueFD != 0 else { return }
    images[info.image] = ExternalImage(creation: info)
    let rules: [(Bool, String)] = [
      (
        info.flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue != 0,
        "it is made without VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT, though GL may view it in other formats"
      ),
      (info.formatList != nil, "it is made without a VkImageFormatListCreateInfo"),
      (info.formatList?.contains(info.format) ?? true, "its format list lacks its own format \(info.format.rawValue)"),
      (info.imageType == VK_IMAGE_TYPE_2D && info.depth == 1, "it is not two-dimensional"),
      (info.samples == VK_SAMPLE_COUNT_1_BIT, "it has \(info.samples.rawValue) samples, not 1"),
      (info.mipLevels == 1, "it has \(info.mipLevels) mip levels, not 1"),
      (info.arrayLayers == 1, "it has \(info.arrayLayers) array layers, not 1"),
      (
        info.initialLayout == VK_IMAGE_LAYOUT_UNDEFINED,
        "its initial layout is \(name(info.initialLayout)), and external images start UNDEFINED"
      ),
      (info.usage != 0, "it has no usage"),
    ]
    for (holds, sentence) in rules where !holds { report(call, image: info.image, sentence) }
  }

  private mutating func bind(_ image: Handle, _ memory: Handle, _ offset: UInt64, _ call: RecordedCall) {
    guard let external = images[image] else { return }
    images[image]?.memory = memory
    guard let allocation = allocations[memory] else {
      return report(call, image: image, "its memory \(hex(memory)) was not allocated in the recording")
    }
    if offset != 0 { report(call, image: image, "it is bound at offset \(offset), and GL drivers ignore offsets") }
    if allocation.dedicatedImage != image {
      report(call, image: image, "its memory is not a dedicated allocation for it (VkMemoryDedicatedAllocateInfo)")
    }
    if let requirements = external.requirements {
      if allocation.size != requirements.size {
        report(call, image: image, "its memory has \(allocation.size) bytes, required are \(requirements.size)")
      }
    } else {
      report(call, image: image, "nobody asked how much memory it requires")
    }
    if allocation.importDescriptor == nil, allocation.exportHandleTypes != external.creation.externalHandleTypes {
      report(
        call, image: image,
        "its memory is exportable as \(hex(allocation.exportHandleTypes)), the image as"
          + " \(hex(external.creation.externalHandleTypes))")
    }
  }

  private mutating func exportMemory(
    _ memory: Handle, _ handleType: UInt32, _ descriptor: Int32, _ call: RecordedCall
  ) {
    exportedMemory[descriptor] = memory
    guard let image = self.image(of: memory), let types = images[image]?.creation.externalHandleTypes else { return }
    if handleType & types == 0 {
      report(call, image: image, "its memory is exported as \(hex(handleType)), it was made for \(hex(types))")
    }
  }

  /// The shared image that is bound to the memory.
  func image(of memory: Handle) -> Handle? {
    memory == 0 ? nil : images.first { $0.value.memory == memory }?.key
  }

  // MARK: Submissions

  private mutating func submit(_ submission: RecordedCall.Submission, _ call: RecordedCall) {
    for batch in submission.batches {
      batchCount += 1
      let submitted = Submitted(call: call.index, queue: submission.queue, order: batchCount)
      for wait in batch.waits { waitInVulkan(wait, submitted, call) }
      for buffer in batch.commandBuffers {
        for command in commands[buffer] ?? [] { execute(command, submitted, call) }
      }
      for semaphore in batch.signals { signalInVulkan(semaphore, submitted, call) }
    }
    if submission.fence != 0 {
      fences[submission.fence] = Submitted(call: call.index, queue: submission.queue, order: batchCount)
    }
  }

  private mutating func execute(_ command: RecordedCall, _ submitted: Submitted, _ submit: RecordedCall) {
    switch command.details {
    case .barrier(let barrier):
      for image in barrier.images {
        guard let external = images[image.image] else { continue }
        var step = BarrierStep(
          command: command, submit: submit, stages: barrier.sourceStages, barrier: image,
          family: queues[submitted.queue]?.family)
        images[image.image] = apply(&step, to: external, submitted)
        for sentence in step.sentences {
          report(command, image: image.image, "\(sentence) (submitted by #\(submit.index))")
        }
      }
    case .useImages(_, let uses):
      for use in uses { check(use, command, submitted, submit) }
    default: break
    }
  }

  /// A copy or clear: the queue's family must own the image, in the layout that the command names.
  private mutating func check(
    _ use: RecordedCall.ImageUse, _ command: RecordedCall, _ submitted: Submitted, _ submit: RecordedCall
  ) {
    guard let image = images[use.image] else { return }
    let suffix = " (submitted by #\(submit.index))"
    switch image.owner {
    case .family(let owner):
      if let family = queues[submitted.queue]?.family, owner != family, owner != Self.ignoredFamily {
        report(command, image: use.image, "queue family \(family) uses it and \(owner) owns it" + suffix)
      }
      if use.layout != image.layout {
        let sentence = "the command takes it for \(name(use.layout)), it is \(name(image.layout))"
        report(command, image: use.image, sentence + suffix)
      }
    case .nobody: report(command, image: use.image, "it is used before its first layout transition" + suffix)
    case .external: report(command, image: use.image, "it is used without having been acquired from GL" + suffix)
    case .moving(_, let to, _, _):
      report(command, image: use.image, "it is used before queue family \(to) acquired it" + suffix)
    }
  }

  // MARK: Barriers

  /// A barrier that a queue executes, and what is wrong with it.
  private struct BarrierStep {
    let command: RecordedCall
    let submit: RecordedCall
    let stages: UInt32
    let barrier: RecordedCall.ImageBarrier
    /// The queue's, nil if the recording does not tell.
    let family: UInt32?
    var sentences: [String] = []

    mutating func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
      if !condition { sentences.append(sentence()) }
    }
  }

  private func apply(_ step: inout BarrierStep, to image: ExternalImage, _ submitted: Submitted) -> ExternalImage {
    let barrier = step.barrier
    let remaining = ~UInt32(0)
    step.expect(
      barrier.aspects == VK_IMAGE_ASPECT_COLOR_BIT.rawValue && barrier.baseLevel == 0 && barrier.baseLayer == 0
        && [1, remaining].contains(barrier.levelCount) && [1, remaining].contains(barrier.layerCount),
      "the barrier does not cover exactly the colour aspect of level 0 and layer 0")
    step.expect(
      barrier.newLayout != VK_IMAGE_LAYOUT_UNDEFINED && barrier.newLayout != VK_IMAGE_LAYOUT_PREINITIALIZED,
      "the barrier's new layout is \(name(barrier.newLayout))")
    step.expect(
      barrier.sourceFamily != Self.foreignFamily && barrier.destinationFamily != Self.foreignFamily,
      "the barrier names VK_QUEUE_FAMILY_FOREIGN_EXT, and the other side of an OPAQUE_FD is EXTERNAL")
    var result = image
    let far = [Self.externalFamily, Self.foreignFamily]
    switch (far.contains(barrier.sourceFamily), far.contains(barrier.destinationFamily)) {
    case (true, true): step.sentences.append("the barrier goes from outside Vulkan to outside Vulkan")
    case (true, false): acquire(&step, &result)
    case (false, true): release(&step, &result, submitted)
    case (false, false):
      if barrier.sourceFamily == barrier.destinationFamily { transition(&step, &result) } else { move(&step, &result) }
    }
    return result
  }

  private func acquire(_ step: inout BarrierStep, _ image: inout ExternalImage) {
    let barrier = step.barrier
    let stages = step.stages
    checkFamily(barrier.destinationFamily, &step, image, "acquires")
    switch image.owner {
    case .external: break
    case .nobody: step.sentences.append("it is acquired from GL, which never had it")
    case .family, .moving: step.sentences.append("it is acquired from GL twice, without a release in between")
    }
    if barrier.oldLayout == VK_IMAGE_LAYOUT_UNDEFINED {
      step.sentences.append("it is acquired from UNDEFINED, which discards what GL drew")
    } else if image.owner == .external {
      step.expect(
        barrier.oldLayout == image.layout,
        "it is acquired from \(name(barrier.oldLayout)) and was released in \(name(image.layout))")
    }
    for access in image.accesses {
      let done = "\(place(access.call)) \(access.isWrite ? "wrote" : "read") it"
      switch access.settled {
      case .cpu: break
      case nil:
        step.sentences.append(
          "it is acquired though nothing says that GL is done: \(done), then neither a semaphore nor glFinish or"
            + " glClientWaitSync")
      case .semaphore(let waiting):
        step.expect(
          Self.chains(waiting, with: stages),
          "the acquire's source stages \(hex(stages)) have none of the stages \(hex(waiting)) that wait for GL's"
            + " semaphore, so it need not come after \(done)")
      }
    }
    image.owner = .family(image.isConcurrent ? Self.ignoredFamily : barrier.destinationFamily)
    image.layout = barrier.newLayout
    image.accesses = []
    image.isReported = false
    image.release = nil
    image.settled = .in([])
  }

  private func release(_ step: inout BarrierStep, _ image: inout ExternalImage, _ submitted: Submitted) {
    let barrier = step.barrier
    checkFamily(barrier.sourceFamily, &step, image, "releases")
    switch image.owner {
    case .external: step.sentences.append("it is released to GL twice, without an acquire in between")
    case .moving(_, let to, _, _): step.sentences.append("it is released to GL before queue family \(to) acquired it")
    case .family(let owner):
      step.expect(
        barrier.sourceFamily == owner || owner == Self.ignoredFamily,
        "queue family \(barrier.sourceFamily) releases it and \(owner) owns it")
    case .nobody: break
    }
    if image.owner != .external { checkOldLayout(&step, image) }
    step.expect(
      barrier.newLayout == VK_IMAGE_LAYOUT_GENERAL,
      "it is released to GL in \(name(barrier.newLayout)), agreed is GENERAL")
    image.owner = .external
    image.layout = barrier.newLayout
    image.release = submitted
    image.settled = .in([])
    image.isReported = false
  }

  /// A layout transition within the queue family.
  private func transition(_ step: inout BarrierStep, _ image: inout ExternalImage) {
    if image.owner == .external {
      step.sentences.append("its layout is changed while GL has it")
      return
    }
    checkOldLayout(&step, image)
    if image.owner == .nobody { image.owner = .family(step.family ?? Self.ignoredFamily) }
    image.layout = step.barrier.newLayout
  }

  /// Half of a transfer between two queue families: the first one met releases, the second acquires.
  private func move(_ step: inout BarrierStep, _ image: inout ExternalImage) {
    let barrier = step.barrier
    let family = step.family
    let half = Owner.moving(
      from: barrier.sourceFamily, to: barrier.destinationFamily, oldLayout: barrier.oldLayout,
      newLayout: barrier.newLayout)
    if case .moving(let from, let to, _, _) = image.owner, from == barrier.sourceFamily, to == barrier.destinationFamily
    {
      step.expect(half == image.owner, "the two halves of its transfer from family \(from) to \(to) differ in layouts")
      step.expect((family ?? to) == to, "queue family \(family ?? to) acquires it for \(to)")
      image.owner = .family(to)
      image.layout = barrier.newLayout
      return
    }
    switch image.owner {
    case .family(let owner):
      step.expect(
        owner == barrier.sourceFamily || owner == Self.ignoredFamily,
        "it is passed on from queue family \(barrier.sourceFamily) and \(owner) owns it")
    case .nobody, .external, .moving:
      step.sentences.append("it is passed on from queue family \(barrier.sourceFamily), which does not own it")
    }
    step.expect(
      (family ?? barrier.sourceFamily) == barrier.sourceFamily,
      "queue family \(family ?? 0) passes it on for \(barrier.sourceFamily)")
    checkOldLayout(&step, image)
    image.owner = half
  }

  /// Vulkan's family in an acquire or release: the submitting queue's, or none for a concurrent image.
  private func checkFamily(
    _ family: UInt32, _ step: inout BarrierStep, _ image: ExternalImage, _ verb: String
  ) {
    if image.isConcurrent {
      step.expect(
        family == Self.ignoredFamily, "family \(family) \(verb) it, though it is CONCURRENT: VK_QUEUE_FAMILY_IGNORED")
    } else if family == Self.ignoredFamily {
      step.sentences.append("VK_QUEUE_FAMILY_IGNORED \(verb) it, though it is EXCLUSIVE")
    } else if let own = step.family {
      step.expect(family == own, "queue family \(own) \(verb) it in the name of \(family)")
    }
  }

  /// From UNDEFINED once, while nobody has put anything into it; else from the layout it is in.
  private func checkOldLayout(_ step: inout BarrierStep, _ image: ExternalImage) {
    let old = step.barrier.oldLayout
    if old == VK_IMAGE_LAYOUT_UNDEFINED {
      step.expect(
        image.layout == VK_IMAGE_LAYOUT_UNDEFINED,
        "its content is discarded by a transition from UNDEFINED, it is in \(name(image.layout))")
      if let write = image.accesses.first(where: \.isWrite) {
        step.sentences.append("its content is discarded after \(place(write.call)) wrote it")
      }
    } else {
      step.expect(old == image.layout, "the barrier takes it for \(name(old)), it is \(name(image.layout))")
    }
  }

  /// Whether a barrier with these source stages comes after a semaphore wait at those stages: the two must have one in
  /// common (Vulkan 1.3, 7.1, dependency chains). As a source, TOP_OF_PIPE is no stage at all.
  static func chains(_ waiting: UInt32, with source: UInt32) -> Bool {
    let top = VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT.rawValue
    let bottom = VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT.rawValue
    let all = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue
    let graphics = VK_PIPELINE_STAGE_ALL_GRAPHICS_BIT.rawValue
    // DRAW_INDIRECT to COLOR_ATTACHMENT_OUTPUT.
    let graphicsStages = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT.rawValue * 2 - 2
    func expanded(_ stages: UInt32, everything: UInt32) -> UInt32 {
      if stages & (all | everything) != 0 { return ~0 }
      return stages & graphics == 0 ? stages : stages | graphicsStages
    }
    return expanded(waiting, everything: top) & expanded(source & ~top, everything: bottom) != 0
  }

  // MARK: Waiting for Vulkan on the CPU

  private mutating func takeFences(_ handles: [Handle], _ waitAll: Bool, _ call: RecordedCall) {
    guard call.result == 0 else { return }
    if call.name == "vkResetFences" {
      for handle in handles { fences[handle] = nil }
      return
    }
    // Which of several fences ended a wait for any of them, the call does not say.
    guard waitAll || handles.count == 1 else { return }
    let done = handles.compactMap { fences[$0] }
    settleVulkan { submitted, _ in
      done.contains { $0.queue == submitted.queue && $0.order >= submitted.order }
    }
  }

  private mutating func settleVulkan(
    where isDone: (Submitted, [Handle: (family: UInt32, device: Handle)]) -> Bool
  ) {
    for (handle, image) in images {
      if let release = image.release, isDone(release, queues) { images[handle]?.settled = .everywhere }
    }
    for index in semaphores.indices {
      guard let submitted = semaphores[index].lastWait?.submitted, isDone(submitted, queues) else { continue }
      semaphores[index].lastWait?.isDone = true
    }
  }
}
