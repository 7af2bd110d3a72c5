import CInteropGraphics

// The barriers of shared images: acquired from GL, released to it, transferred between queue families, changed in
// layout.

extension OwnershipWalk {
  /// A barrier that a queue executes, and what is wrong with it.
  struct BarrierStep {
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

  func apply(_ step: inout BarrierStep, to image: ExternalImage, _ submitted: Submitted) -> ExternalImage {
    let barrier = step.barrier
    let remaining = ~UInt32(0)
    step.expect(
      barrier.aspects == VK_IMAGE_ASPECT_COLOR_BIT.rawValue && barrier.baseLevel == 0 && barrier.baseLayer == 0
        && [1, remaining].contains(barrier.levelCount) && [1, remaining].contains(barrier.layerCount),
      "the barrier does not cover exactly the colour aspect of level 0 and layer 0")
    step.expect(
      barrier.newLayout != VK_IMAGE_LAYOUT_UNDEFINED && barrier.newLayout != VK_IMAGE_LAYOUT_PREINITIALIZED,
      "the barrier's new layout is \(name(barrier.newLayout))")
    let far = [Self.externalFamily, Self.foreignFamily]
    let external = image.isDMABuf ? dmaBufFamily : Self.externalFamily
    step.expect(
      [barrier.sourceFamily, barrier.destinationFamily].allSatisfy { !far.contains($0) || $0 == external },
      "the barrier names \(name(family: far.first { $0 != external } ?? 0)), and the other side of"
        + " \(image.isDMABuf ? "a DMA-BUF" : "an OPAQUE_FD") is \(name(family: external))")
    var result = image
    switch (far.contains(barrier.sourceFamily), far.contains(barrier.destinationFamily)) {
    case (true, true): step.sentences.append("the barrier goes from one external family to another")
    case (true, false): acquire(&step, &result)
    case (false, true): release(&step, &result, submitted)
    case (false, false):
      if barrier.sourceFamily == barrier.destinationFamily { transition(&step, &result) } else { move(&step, &result) }
    }
    return result
  }

  private func name(family: UInt32) -> String {
    family == Self.externalFamily ? "VK_QUEUE_FAMILY_EXTERNAL" : "VK_QUEUE_FAMILY_FOREIGN_EXT"
  }

  private func acquire(_ step: inout BarrierStep, _ image: inout ExternalImage) {
    let barrier = step.barrier
    let stages = step.stages
    checkFamily(barrier.destinationFamily, &step, image, "acquires")
    switch image.owner {
    case .external: break
    case .new: step.sentences.append("it is acquired from GL, which never had it")
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
          "it is acquired though nothing says that GL is done: \(done), then neither a semaphore or sync file nor"
            + " glFinish or glClientWaitSync")
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
    case .new: break
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
    if image.owner == .new { image.owner = .family(step.family ?? Self.ignoredFamily) }
    image.layout = step.barrier.newLayout
  }

  /// Half of a transfer between two queue families: the first one met releases, the second acquires.
  private func move(_ step: inout BarrierStep, _ image: inout ExternalImage) {
    let barrier = step.barrier
    let family = step.family
    if let family {
      let isAcquire = family == barrier.destinationFamily
      step.expect(
        isAcquire ? barrier.sourceAccess == 0 : barrier.destinationAccess == 0,
        "the \(isAcquire ? "acquire" : "release") half of its transfer names access of the other queue, which is ignored"
      )
    }
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
    if let family, family == barrier.destinationFamily {
      step.sentences.append(
        "queue family \(family) acquires it and \(barrier.sourceFamily) has not released it to it: the other half is"
          + " missing, or came from other families")
    }
    switch image.owner {
    case .family(let owner):
      step.expect(
        owner == barrier.sourceFamily || owner == Self.ignoredFamily,
        "it is transferred from queue family \(barrier.sourceFamily) and \(owner) owns it")
    case .new, .external, .moving:
      step.sentences.append("it is transferred from queue family \(barrier.sourceFamily), which does not own it")
    }
    step.expect(
      (family ?? barrier.sourceFamily) == barrier.sourceFamily,
      "queue family \(family ?? 0) releases it for \(barrier.sourceFamily)")
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

  /// From UNDEFINED once, before anything has been written into it; else from the layout it is in.
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
}
