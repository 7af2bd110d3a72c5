internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// What both producers are made of: the ring, the ways that were tried, and a frame's steps. Used on the GL thread.
final class ProducerCore {
  let context: GLContext
  let host: VulkanHost
  let options: ProducerOptions
  /// Paths before the one in use that did not work, with the reason: at first, or later while frames ran.
  private(set) var fellBackFrom: [(path: TransferPath, reason: String)] = []

  private var blitter: FramebufferBlitter
  private let makesTarget: Bool
  /// Kept, because what it owns is needed to the end: a producer may let its own reference to it go first.
  private let owner: AnyObject?
  /// Why there will be no more frames.
  private var end: InteropError?
  private let signal = SlotSignal()
  /// Who is told of images that go. Frames that outlive this keep it.
  let notice = RetirementNotice()
  /// Slots are being let go, and somebody may be told of it at this moment.
  private var isLettingGo = false
  private var ring: FrameRing
  /// Slots of earlier sizes whose frames are still out.
  private var retired: [FrameSlot] = []
  /// Between a frame's beginning and its end, in which the application's code runs.
  private var isDrawing = false
  private var depthStencil: DepthStencil?
  private var frameNumber: UInt64 = 0
  private var reportedModes: Set<TransferMode> = []
  private let selection: PathSelection
  /// Ways that failed while frames ran.
  private var failed: Set<PathSelection.Candidate> = []
  /// Methods of reading back that failed while frames ran.
  private var failedReadbacks: Set<ReadbackMethod> = []

  var size: PixelSize { ring.size }
  var path: TransferPath { ring.path }
  var mode: TransferMode { ring.mode }
  /// Of the last frame.
  private(set) var frameMode: TransferMode?
  var sync: SyncKind { ring.sync }
  /// How the pixels of the frames' DMA-BUFs lie in memory; nil on paths that share none.
  var modifier: DRMModifier? { ring.modifier }
  /// How path `host-copy` gets the pixels to Vulkan; nil on paths that share memory.
  var readback: ReadbackMethod? { ring.readback }
  /// Methods of reading back that were tried before ``readback`` and did not work, with the reason; when the ring was
  /// made, and while frames ran.
  private(set) var readbackRefusals: [(method: ReadbackMethod, reason: String)] = []
  /// What is known of the drivers; nil with ``CapabilitySource/nowhere``.
  let capability: CapabilityMatrix?
  /// Why that is nil, or not all that a helper would have found out.
  let capabilityProblem: String?
  /// A queue of the family on which a hand-over was seen to cost least, else the host's first. The package uses it for
  /// what it submits itself; a host that only copies the frames does well to acquire them on it.
  var handoverQueue: VulkanQueue { selection.handoverQueue(ring.candidate, host) }

  /// - Parameters:
  ///   - owner: of the context; it lives until the slots are given up. nil where the application owns it.
  ///   - makesTarget: whether the application draws into framebuffers of ours; else one is made when it asks for it.
  ///   - capability: what is known of the drivers.
  init(
    size: PixelSize, host: VulkanHost, context: GLContext, owner: AnyObject?, makesTarget: Bool,
    options: ProducerOptions, capability: (ProducerOptions, inout ProbeProblem?) -> CapabilityMatrix?
  ) throws(InteropError) {
    try Self.check(size, options)
    try context.enter("make a producer")
    self.context = context
    self.host = host
    self.options = options
    self.makesTarget = makesTarget
    self.owner = owner
    blitter = FramebufferBlitter(context)
    if let problem = PathRanking.environmentProblem { options.logger.warning("\(problem)") }
    var problem: ProbeProblem?
    switch options.capability {
    case .nowhere: self.capability = nil
    case .matrix(let matrix): self.capability = matrix
    case .automatic: self.capability = capability(options, &problem)
    }
    capabilityProblem = problem?.text
    Self.report(problem, self.capability, options.logger)
    selection = try PathSelection(
      PathWishes(options), self.capability, mismatch: SharedImage.deviceMismatch(gl: context, host: host))
    let plan = FramePlan(
      size: size, options: options, context: context, host: host, blitter: blitter, signal: signal, notice: notice,
      selection: selection, readbacks: Self.readbacks(options, host, context, self.capability), makesTarget: makesTarget
    )
    let (made, refusals) = try FrameRing.make(plan)
    ring = made
    report(refusals)
  }

  /// A probe that was lost is no detail: ways that are better may go unused, and ones that are dangerous untold.
  static func report(_ problem: ProbeProblem?, _ matrix: CapabilityMatrix?, _ logger: Logger) {
    if let problem {
      if problem.isFailure { logger.warning("\(problem.text)") } else { logger.info("\(problem.text)") }
    }
    for warning in matrix?.warnings ?? [] where warning != problem?.text { logger.info("\(warning)") }
  }

  private static func readbacks(
    _ options: ProducerOptions, _ host: VulkanHost, _ context: GLContext, _ matrix: CapabilityMatrix?,
    without failed: Set<ReadbackMethod> = []
  ) -> [ReadbackMethod] {
    if let method = options.readback { return [method] }
    return ReadbackTrial.methods(host, context, matrix).filter { !failed.contains($0) }
  }

  deinit {
    // Frames that are out keep their slots, and may outlive the context.
    giveUpSlots()
  }

  static func check(_ size: PixelSize, _ options: ProducerOptions) throws(InteropError) {
    try FrameRing.check(size, options.framesInFlight)
    guard (1...64).contains(options.samples) else {
      throw InteropError(
        .invalidArgument, step: "check samples", reason: "\(options.samples) samples per pixel",
        advice: "Use 1, 2, 4 or 8")
    }
  }

  /// What a producer wants to know of the drivers.
  static func probeOptions(_ options: ProducerOptions) -> CapabilityProbe.Options {
    var probe = CapabilityProbe.Options()
    probe.directions = [.glToVulkan]
    probe.formats = [options.format]
    // The ring looks at pixels in its own size; this is for the order of the ways and the queue family.
    probe.sizes = [PixelSize(width: 256, height: 256)]
    probe.ranking = options.ranking
    return probe
  }

  // MARK: Frames

  /// Of a framebuffer of the application's; nil where nobody tells.
  func size(ofFramebuffer name: GLuint, _ colorAttachment: Int) throws(InteropError) -> PixelSize? {
    if let end { throw end }
    return name == 0
      ? try blitter.defaultFramebufferSize() : try context.size(ofFramebuffer: name, colorAttachment: colorAttachment)
  }

  /// The application draws a frame now.
  func render(
    presentationTime: Duration?, damage: [PixelRect]?, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try produce(step: "render a frame", presentationTime, damage, isSubmitted: false) { slot, number in
      var target: DrawTarget?
      let failure = try step { () throws(InteropError) in
        let made = try slot.target.get()
        try bind(made)
        target = made
      }
      guard let target else { return failure }
      try draw(
        RenderTarget(
          framebuffer: target.framebuffer, size: size, frameNumber: number, imageID: slot.targetID, context: context))
      return try step { () throws(InteropError) in try transfer(slot) }
    }
  }

  /// A frame is in a framebuffer of the application's.
  ///
  /// - Parameter isSizeKnown: whether its size was just asked for.
  func submit(
    _ source: GLFramebuffer, isSizeKnown: Bool, presentationTime: Duration?, damage: [PixelRect]?
  ) throws(InteropError) -> Frame {
    do {
      return try produce(step: "submit a framebuffer", presentationTime, damage, isSubmitted: true) { slot, _ in
        let failure = try step { () throws(InteropError) in try blit(source, isSizeKnown, slot) }
        // A framebuffer that cannot be copied is not the way's fault, and no other way could.
        if let failure, failure.code == .unsupported { throw failure }
        return failure
      }
    } catch let error as InteropError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown where nobody's code is called: \(error)")
    }
  }

  /// Puts one frame into a slot and hands it over, by the next way if one fails.
  ///
  /// - Parameter fill: returns why the way to Vulkan did not work, nil if it did; throws what is not the way's fault.
  private func produce(
    step: String, _ presentationTime: Duration?, _ damage: [PixelRect]?, isSubmitted: Bool,
    _ fill: (FrameSlot, UInt64) throws -> InteropError?
  ) throws -> Frame {
    try checkIsOpen(step)
    try checkNotDrawing(step)
    try context.enter(step)
    isDrawing = true
    defer { isDrawing = false }
    while true {
      collectRetired()
      // Where nothing can take over, the consumer has had its error and this frame goes its way.
      if let failure = takeConsumerFailure() { try? fallBack(from: failure) }
      let slot = try freeSlot()
      let number = frameNumber + 1
      if let failure = try attempt(slot, number, fill) {
        try fallBack(from: failure)
        continue
      }
      frameNumber = number
      slot.image.life.becomesKnown()
      let mode = isSubmitted ? .blit : self.mode
      frameMode = mode
      return Frame(
        slot: slot, number: number, path: path, mode: mode, sync: sync,
        alphaMode: options.alphaMode, colorSpace: options.colorSpace, presentationTime: presentationTime, damage: damage
      )
    }
  }

  /// Fills a slot and hands it over. Returns and throws as `fill`.
  private func attempt(
    _ slot: FrameSlot, _ number: UInt64, _ fill: (FrameSlot, UInt64) throws -> InteropError?
  ) throws -> InteropError? {
    if let failure = try step({ () throws(InteropError) in try slot.image.beginGLAccess() }) { return failure }
    do {
      var failure = try fill(slot, number)
      if failure == nil {
        failure = try step { () throws(InteropError) in
          slot.turns.setTag(number)
          try slot.image.endGLAccess()
        }
      }
      if failure != nil, slot.turns.current == .writing { try? slot.image.abandonGLAccess() }
      return failure
    } catch {
      if slot.turns.current == .writing { try slot.image.abandonGLAccess() }
      throw error
    }
  }

  /// Tells a failure of the way, which is returned, from others.
  private func step(_ body: () throws(InteropError) -> Void) throws -> InteropError? {
    do throws(InteropError) {
      try body()
      return nil
    } catch {
      if error.isTransferFailure { return error }
      throw error
    }
  }

  /// A frame in the middle of another would have its number, and a resize would take the slot from under it.
  private func checkNotDrawing(_ step: String) throws(InteropError) {
    // Of another thread the step says that it is the wrong one.
    guard isDrawing, context.isCurrent() else { return }
    throw InteropError(
      .invalidState, step: step, reason: "a frame of this producer is being drawn",
      advice: "Use it from one thread at a time, and not from its own callbacks")
  }

  private func takeConsumerFailure() -> InteropError? {
    for slot in ring.slots {
      let failure = slot.consumerFailure.withLock { failure in
        defer { failure = nil }
        return failure
      }
      if let failure { return failure }
    }
    return nil
  }

  /// The next way takes over.
  ///
  /// - Throws: `failure`, when none is left or the caller has chosen the way.
  private func fallBack(from failure: InteropError) throws(InteropError) {
    let before = ring.candidate
    let method = ring.readback
    let (failedBefore, readbacksBefore) = (failed, failedReadbacks)
    // host-copy goes on by its next method; those before it have been refused.
    let methods = plan(size).readbacks
    if let method, let index = methods.firstIndex(of: method) { failedReadbacks.formUnion(methods[...index]) }
    if plan(size).readbacks.isEmpty || method == nil || options.readback != nil {
      failed.formUnion(selection.alike(before))
    }
    guard let (made, refusals) = try? FrameRing.make(plan(size), excluding: failed) else {
      // Nothing took over; the next frame may try this way again.
      (failed, failedReadbacks) = (failedBefore, readbacksBefore)
      throw failure
    }
    retired += ring.slots
    ring = made
    depthStencil = nil
    let reason = "failed after \(frameNumber) frames: \(failure)"
    if let method, let next = ring.readback {
      options.logger.warning("\(before.path) by \(method), now by \(next): \(reason)")
      readbackRefusals.append((method, reason))
      report(refusals)
      return collectRetired()
    }
    options.logger.warning(
      "\(before.path) \(before.mode.rawValue), now \(ring.path) \(ring.mode.rawValue) \(ring.sync.rawValue): \(reason)")
    fellBackFrom.append((before.path, reason))
    report(refusals.filter { $0.candidate.path != before.path })
    collectRetired()
  }

  func resize(to size: PixelSize) throws(InteropError) {
    try checkIsOpen("resize the producer")
    try checkNotDrawing("resize the producer")
    guard size != ring.size else { return }
    try Self.check(size, options)
    try context.enter("resize the producer")
    let (made, refusals) = try FrameRing.make(plan(size), excluding: failed)
    retired += ring.slots
    ring = made
    depthStencil = nil
    report(refusals)
    collectRetired()
  }

  private func plan(_ size: PixelSize) -> FramePlan {
    FramePlan(
      size: size, options: options, context: context, host: host, blitter: blitter, signal: signal, notice: notice,
      selection: selection, readbacks: Self.readbacks(options, host, context, capability, without: failedReadbacks),
      makesTarget: makesTarget)
  }

  /// Memory of earlier sizes that frames still hold, in slots.
  var retiredSlotCount: Int { retired.count }

  // MARK: Steps of a frame

  private func freeSlot() throws(InteropError) -> FrameSlot {
    try signal.slot(options.backPressure, of: ring.slots.count) { () throws(InteropError) in try pickSlot() }
  }

  /// - Returns: nil if the caller has to wait.
  private func pickSlot() throws(InteropError) -> FrameSlot? {
    // A consumer may take the frame that was to be dropped; then look again, at most once for each slot.
    for _ in ring.slots {
      switch SlotSelection.choose(ring.slots.lazy.map(\.policyView), options.backPressure) {
      case .use(let index): return ring.slots[index]
      case .wait: return nil
      case .fail: throw SlotSelection.exhausted(ring.slots.count)
      case .dropAndUse(let index):
        let slot = ring.slots[index]
        do throws(InteropError) {
          try slot.turns.drop(tag: slot.turns.tag)
          return slot
        } catch let error where error.code == .invalidState {
          continue
        }
      }
    }
    return nil
  }

  private func bind(_ target: DrawTarget) throws(InteropError) {
    context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), target.framebuffer)
    context.setViewport(size)
    guard options.depthStencil else { return }
    if depthStencil == nil { depthStencil = try DepthStencil(size, samples: options.samples, context) }
    try depthStencil?.attach(to: target.framebuffer)
  }

  /// From what the application drew into to what Vulkan gets, where these differ.
  private func transfer(_ slot: FrameSlot) throws(InteropError) {
    let framebuffer = try slot.target.get().framebuffer
    if let image = slot.image as? SharedImage {
      guard mode == .blit else { return }
      try blitter.copy(from: GLFramebuffer(name: framebuffer, size: size), to: image)
    } else if let image = slot.image as? HostCopyImage, options.samples > 1 {
      try blitter.resolve(from: framebuffer, to: image.sourceFramebuffer, size)
    }
  }

  /// From the application's framebuffer to what Vulkan gets.
  private func blit(_ source: GLFramebuffer, _ isSizeKnown: Bool, _ slot: FrameSlot) throws(InteropError) {
    if let image = slot.image as? SharedImage {
      try blitter.copy(from: source, to: image, isSizeKnown: isSizeKnown)
    } else if let image = slot.image as? HostCopyImage {
      try blitter.copy(from: source, to: image.source.target, image.size, isSizeKnown: isSizeKnown)
    }
  }

  /// The context goes away. Frames that are out stay as they are: their memory is Vulkan's.
  func contextWillBeDestroyed() throws(InteropError) {
    guard end == nil else { return }
    try checkIsOpen("leave the context")
    try checkNotDrawing("leave the context")
    try context.enter("leave the context")
    end = InteropError(
      .invalidState, step: "make a frame", reason: "the producer's GL context was destroyed",
      advice: "Make a new producer in the new context")
    giveUpSlots()
    depthStencil = nil
    blitter = FramebufferBlitter(context)
    context.contextWillBeDestroyed()
  }

  /// With the context current their names are deleted now.
  private func giveUpSlots() {
    var slots = ring.slots + retired
    ring = ring.emptied()
    retired = []
    letGo(&slots) { slot in
      if slot.turns.current == .idle { try? slot.retire() } else { try? slot.image.detach() }
    }
  }

  private func collectRetired() {
    guard !retired.isEmpty else { return }
    var idle = retired.filter { $0.turns.current == .idle }
    guard !idle.isEmpty else { return }
    retired.removeAll { slot in idle.contains { $0 === slot } }
    letGo(&idle) { slot in
      do throws(InteropError) {
        try slot.retire()
      } catch {
        options.logger.error("a retired frame slot was not given back cleanly: \(error)")
      }
    }
  }

  /// One after the other, with nothing of this object's in use: who is told of an image that goes may ask this object.
  private func letGo(_ slots: inout [FrameSlot], _ prepare: (FrameSlot) -> Void) {
    isLettingGo = true
    defer { isLettingGo = false }
    while let slot = slots.popLast() { prepare(slot) }
  }

  private func checkIsOpen(_ step: String) throws(InteropError) {
    if let end { throw end }
    guard !isLettingGo else {
      throw InteropError(
        .invalidState, step: step, reason: "it is called while the producer tells of an image that retires",
        advice: "Drop what was made for the image there, and do the rest later")
    }
  }

  private func report(_ refusals: [PathRefusal]) {
    for refusal in ring.readbackRefusals where !readbackRefusals.contains(where: { $0.method == refusal.method }) {
      readbackRefusals.append((refusal.method, refusal.error.description))
      options.logger.debug("host-copy: \(refusal.method) does not work here: \(refusal.error)")
    }
    // Of several refusals of one mode or path the last is said: the first may be that of a sync that nobody misses.
    let mine = refusals.filter { $0.candidate.path == ring.path && $0.candidate.mode != ring.mode }
    if let last = mine.last, reportedModes.insert(last.candidate.mode).inserted {
      options.logger.notice(
        "mode \(last.candidate.mode.rawValue) does not work here, using \(ring.mode.rawValue): \(last.error)")
    }
    PathRefusal.report(refusals, using: ring.path, in: &fellBackFrom, options.logger)
  }
}
