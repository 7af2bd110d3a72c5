import CInteropGraphics

// Vulkan's objects and commands: how shared images are made, and who owns them in which layout as the queues go on.

extension OwnershipWalk {
  static let opaqueFD = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue
  static let dmaBuf = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT.rawValue
  // VK_QUEUE_FAMILY_IGNORED and its neighbours are `~` expressions, which Swift does not import.
  static let ignoredFamily = ~UInt32(0)
  static let externalFamily = ~UInt32(1)
  public static let foreignFamily = ~UInt32(2)

  mutating func takeVulkan(_ call: RecordedCall) {
    switch call.details {
    case .queueFamilies(let flags): familyFlags = flags
    case .queue(let queue, let family, let device): queues[queue] = (family, device)
    case .createImage(let creation) where call.result == 0: create(creation, call)
    case .imageRequirements(let requirements): images[requirements.image]?.requirements = requirements
    case .allocateMemory(let allocation) where call.result == 0:
      allocations[allocation.memory] = allocation
      memoryInodes[allocation.memory] = allocation.importDescriptor == nil ? nil : call.inode
    case .bindImageMemory(let image, let memory, let offset) where call.result == 0:
      bind(image, memory, offset, call)
    case .bindPlanes(let planes) where call.result == 0: bind(planes, call)
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
      for (queue, clock) in clocks {
        guard case .vulkan(let queue) = queue, !isQueue || queue == handle else { continue }
        hostClock.merge(clock)
      }
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
    guard info.externalHandleTypes & (Self.opaqueFD | Self.dmaBuf) != 0 else { return }
    images[info.image] = ExternalImage(creation: info)
    if info.externalHandleTypes & Self.dmaBuf != 0 { createDMABuf(info, call) }
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

  private mutating func createDMABuf(_ info: RecordedCall.ImageCreation, _ call: RecordedCall) {
    let hasModifier = info.tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT
    if hasModifier != ((info.modifiers != nil) != (info.explicitModifier != nil)) {
      report(call, image: info.image, "tiling \(info.tiling.rawValue) does not go with the modifiers it is given")
    }
    // What a buffer holds is there before Vulkan's image is.
    guard info.modifiers == nil else { return }
    images[info.image]?.owner = .external
    images[info.image]?.layout = VK_IMAGE_LAYOUT_GENERAL
  }

  /// The planes of a disjoint image.
  private mutating func bind(_ planes: [RecordedCall.PlaneBinding], _ call: RecordedCall) {
    for plane in planes {
      guard images[plane.image] != nil else { continue }
      images[plane.image]?.memory = plane.memory
      if let inode = memoryInodes[plane.memory] { images[plane.image]?.inodes.insert(inode) }
      if plane.offset != 0 { report(call, image: plane.image, "a plane is bound at offset \(plane.offset)") }
      if allocations[plane.memory]?.importHandleType != Self.dmaBuf {
        report(call, image: plane.image, "a plane's memory is not imported from a DMA-BUF")
      }
    }
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
      report(call, image: image, "its memory requirements were not queried")
    }
    if let inode = memoryInodes[memory] { images[image]?.inodes.insert(inode) }
    if let type = allocation.importHandleType, type & external.creation.externalHandleTypes == 0 {
      report(call, image: image, "its memory is imported as \(hex(type))")
    }
    if external.isDMABuf, (external.creation.modifiers == nil) != (allocation.importDescriptor != nil) {
      report(call, image: image, "its layout is not given by the side that allocated it")
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
    if handleType == Self.dmaBuf { images[image]?.inodes.insert(call.inode) }
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
      queueWaitStages = [:]
      learn(hostClock, on: .vulkan(submission.queue))
      _ = advance(.vulkan(submission.queue), to: batchCount)
      for wait in batch.waits { waitInVulkan(wait, submitted, call) }
      for buffer in batch.commandBuffers {
        for command in commands[buffer] ?? [] { execute(command, submitted, call) }
      }
      for semaphore in batch.signals { signalInVulkan(semaphore, submitted, call) }
    }
    if submission.fence != 0 {
      fences[submission.fence] = Submitted(call: call.index, queue: submission.queue, order: batchCount)
      fenceClocks[submission.fence] = clocks[.vulkan(submission.queue)]
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
        checkStages(barrier, &step)
        checkOrder(external, submitted, stages: barrier.sourceStages) { step.sentences.append($0) }
        images[image.image] = apply(&step, to: external, submitted)
        images[image.image]?.lastUse = submitted
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
    var disorder: [String] = []
    checkOrder(image, submitted, stages: nil) { disorder.append($0 + suffix) }
    for sentence in disorder { report(command, image: use.image, sentence) }
    images[use.image]?.lastUse = submitted
    switch image.owner {
    case .family(let owner):
      if let family = queues[submitted.queue]?.family, owner != family, owner != Self.ignoredFamily {
        report(command, image: use.image, "queue family \(family) uses it and \(owner) owns it" + suffix)
      }
      if use.layout != image.layout {
        let sentence = "the command takes it for \(name(use.layout)), it is \(name(image.layout))"
        report(command, image: use.image, sentence + suffix)
      }
    case .new: report(command, image: use.image, "it is used before its first layout transition" + suffix)
    case .external: report(command, image: use.image, "it is used without having been acquired from GL" + suffix)
    case .moving(_, let to, _, _):
      report(command, image: use.image, "it is used before queue family \(to) acquired it" + suffix)
    }
  }

  // MARK: Waiting for Vulkan on the CPU

  private mutating func takeFences(_ handles: [Handle], _ waitAll: Bool, _ call: RecordedCall) {
    guard call.result == 0 else { return }
    if call.name != "vkResetFences", waitAll || handles.count == 1 {
      for handle in handles { hostClock.merge(fenceClocks[handle] ?? Clock()) }
    }
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
