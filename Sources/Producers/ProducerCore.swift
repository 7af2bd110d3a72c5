internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// The common part of both producers: the ring, the combinations that were tried, and a frame's steps. Used on the GL
/// thread.
final class ProducerCore {
  let context: GLContext
  let host: VulkanHost
  let options: ProducerOptions
  /// The paths that failed before the one in use, each with the reason: when the ring was made, or later while frames
  /// ran.
  private var fellBackFrom: [TransferStatus.Fallback] = []

  private var blitter: FramebufferBlitter
  private let makesTarget: Bool
  /// Keeps the context's owner alive to the end, since a producer may release its own reference first.
  private let owner: AnyObject?
  /// The reason why the producer makes no more frames.
  private var end: InteropError?
  private let signal = SlotSignal()
  /// Calls the application's closure for images that retire. Frames that outlive the producer keep it.
  let notice = RetirementNotice()
  /// Whether slots are being released. The application's closure may be running in that time.
  private var isLettingGo = false
  private var ring: FrameRing
  /// Slots of earlier sizes whose frames the application still holds.
  private var retired: [FrameSlot] = []
  /// Whether a frame has begun and not ended. The application's code runs in that time.
  private var isDrawing = false
  private var depthStencil: DepthStencil?
  private var frameNumber: UInt64 = 0
  private var reportedModes: Set<TransferMode> = []
  private let selection: PathSelection
  /// The combinations that failed while frames ran.
  private var failed: Set<TransferConfiguration> = []
  /// The readback methods that failed while frames ran.
  private var failedReadbacks: Set<ReadbackMethod> = []

  var size: PixelSize { ring.size }
  var path: TransferPath { ring.path }
  var mode: TransferMode { ring.mode }
  /// The mode of the last frame.
  private(set) var frameMode: TransferMode?
  var sync: SyncKind { ring.sync }
  /// The readback methods that were tried before ``readback`` and failed, each with the reason: when the ring was made,
  /// or later while frames ran.
  private var readbackRefusals: [TransferStatus.ReadbackRefusal] = []
  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``.
  var capability: CapabilityMatrix? { selection.matrix }
  /// A queue of the family with the cheapest measured ownership transfer, else the device's first queue.
  ///
  /// The package uses it for its own submissions. An application that only copies the frames should acquire them on it.
  private var ownershipQueue: VulkanQueue { selection.ownershipQueue(ring.configuration, host) }

  /// - Parameter mode: that of the last frame, where it counts; nil for the ring's.
  func status(mode: TransferMode? = nil) -> TransferStatus {
    let used = ring.configuration
    return TransferStatus(
      configuration: TransferConfiguration(
        path: used.path, mode: mode ?? ring.mode, sync: used.sync, tiling: used.tiling),
      modifier: ring.modifier, readback: ring.readback, ownershipQueue: ownershipQueue,
      retiredSlotCount: retired.count, fellBackFrom: fellBackFrom, readbackRefusals: readbackRefusals,
      capabilityProblem: selection.problem)
  }

  /// - Parameters:
  ///   - owner: the context's owner, kept until the slots are released; nil where the application owns the context.
  ///   - makesTarget: whether the framebuffers that the application draws into are made at once; else one is made when
  ///     the application first needs it.
  ///   - probe: probes the drivers, on this thread, whenever more must be known of them.
  init(
    size: PixelSize, host: VulkanHost, context: GLContext, owner: AnyObject?, makesTarget: Bool,
    options: ProducerOptions, probe: @escaping (ProbeOptions) -> (CapabilityMatrix?, ProbeProblem?)
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
    let source: KnowledgeSource =
      switch options.capability {
      case .nowhere: .given(nil)
      case .matrix(let matrix): .given(matrix)
      case .automatic: .probe { probe(Self.probeOptions(options, $0)) }
      }
    selection = try PathSelection(
      PathWishes(options), source, mismatch: SharedImage.deviceMismatch(gl: context, host: host), options.logger)
    let plan = FramePlan(
      size: size, options: options, context: context, host: host, blitter: blitter, signal: signal, notice: notice,
      selection: selection, failedReadbacks: [], makesTarget: makesTarget)
    let (made, refusals) = try FrameRing.make(plan)
    ring = made
    report(refusals)
  }

  deinit {
    // Frames that the application holds keep their slots, and may outlive the context.
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

  /// Returns the options for the probe of the drivers.
  private static func probeOptions(_ options: ProducerOptions, _ goal: ProbeGoal?) -> ProbeOptions {
    var probe = ProbeOptions()
    probe.goal = goal
    probe.directions = [.glToVulkan]
    probe.formats = [options.format]
    // The ring checks pixels in its own size; the probe only orders the combinations and chooses the queue family.
    probe.sizes = [PixelSize(width: 256, height: 256)]
    probe.ranking = options.ranking
    return probe
  }

  // MARK: Frames

  /// Returns the size of one of the application's framebuffers; nil where neither GL nor the window system reports it.
  func size(ofFramebuffer name: GLuint, _ colorAttachment: Int) throws(InteropError) -> PixelSize? {
    if let end { throw end }
    return name == 0
      ? try blitter.defaultFramebufferSize() : try context.size(ofFramebuffer: name, colorAttachment: colorAttachment)
  }

  /// Lets the application draw a frame.
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
      let drawn = RenderTarget(
        framebuffer: target.framebuffer, size: size, frameNumber: number, imageID: slot.targetID, context: context)
      try context.callingOut("end a frame") { try draw(drawn) }
      return try step { () throws(InteropError) in try transfer(slot) }
    }
  }

  /// Makes a frame from one of the application's framebuffers.
  ///
  /// - Parameter isSizeKnown: whether the caller has just asked for its size.
  func submit(
    _ source: GLFramebuffer, isSizeKnown: Bool, presentationTime: Duration?, damage: [PixelRect]?
  ) throws(InteropError) -> Frame {
    do {
      return try produce(step: "submit a framebuffer", presentationTime, damage, isSubmitted: true) { slot, _ in
        let failure = try step { () throws(InteropError) in try blit(source, isSizeKnown, slot) }
        // A framebuffer that cannot be copied is no failure of the combination, and no other one could copy it.
        if let failure, failure.code == .unsupported { throw failure }
        return failure
      }
    } catch let error as InteropError {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown where no code of the application is called: \(error)")
    }
  }

  /// Puts one frame into a slot and transfers it to Vulkan, with the next combination if one fails.
  ///
  /// - Parameter fill: returns the failure of the combination, or nil on success; throws any other error.
  private func produce(
    step: String, _ presentationTime: Duration?, _ damage: [PixelRect]?, isSubmitted: Bool,
    _ fill: (FrameSlot, UInt64) throws -> InteropError?
  ) throws -> Frame {
    try checkIsOpen(step)
    try checkNotDrawing(step)
    let isOutermost = try context.beginCall(step)
    isDrawing = true
    defer {
      isDrawing = false
      if isOutermost { context.endCall() }
    }
    while true {
      collectRetired()
      // The consumer has already had this error. If no other combination works, this frame uses the same one again.
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

  /// Fills a slot and transfers it to Vulkan. Returns and throws as `fill`.
  private func attempt(
    _ slot: FrameSlot, _ number: UInt64, _ fill: (FrameSlot, UInt64) throws -> InteropError?
  ) throws -> InteropError? {
    if let failure = try step({ () throws(InteropError) in try slot.image.acquireForGL() }) { return failure }
    do {
      var failure = try fill(slot, number)
      if failure == nil {
        failure = try step { () throws(InteropError) in
          try slot.image.releaseFromGL(naming: number)
        }
      }
      if failure != nil, slot.ownership.current == .writing { try? slot.ownership.cancelAcquireForGL() }
      return failure
    } catch {
      // Also where the application's code has made another context current: the slot is not lost.
      if slot.ownership.current == .writing { try slot.ownership.cancelAcquireForGL() }
      throw error
    }
  }

  /// Runs a step. Returns a failure of the combination, and throws any other error.
  private func step(_ body: () throws(InteropError) -> Void) throws -> InteropError? {
    do throws(InteropError) {
      try body()
      return nil
    } catch {
      if error.isTransferFailure { return error }
      throw error
    }
  }

  /// Refuses a call during a frame: a second frame would have the same number, and a resize would retire the slot in
  /// use.
  private func checkNotDrawing(_ step: String) throws(InteropError) {
    // On another thread, the step itself reports the wrong thread.
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

  /// Falls back to the next combination.
  ///
  /// - Throws: `failure`, when none is left or the caller has named the combination.
  private func fallBack(from failure: InteropError) throws(InteropError) {
    let before = ring.configuration
    let method = ring.readback
    let (failedBefore, readbacksBefore) = (failed, failedReadbacks)
    // host-copy continues with its next readback method; those before it have been refused.
    let methods = plan(size).readbacks
    if let method, let index = methods.firstIndex(of: method) { failedReadbacks.formUnion(methods[...index]) }
    if plan(size).readbacks.isEmpty || method == nil || options.readback != nil {
      failed.formUnion(selection.alike(before))
    }
    guard let (made, refusals) = try? FrameRing.make(plan(size), excluding: failed) else {
      // No combination took over. The next frame may try this one again.
      (failed, failedReadbacks) = (failedBefore, readbacksBefore)
      throw failure
    }
    retired += ring.slots
    ring = made
    depthStencil = nil
    let reason = "failed after \(frameNumber) frames: \(failure)"
    if let method, let next = ring.readback {
      options.logger.warning("\(before.path) by \(method), now by \(next): \(reason)")
      readbackRefusals.append(.init(method: method, reason: reason))
      report(refusals)
      return collectRetired()
    }
    options.logger.warning(
      "\(before.path) \(before.mode.rawValue), now \(ring.path) \(ring.mode.rawValue) \(ring.sync.rawValue): \(reason)")
    fellBackFrom.append(.init(path: before.path, reason: reason))
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
      selection: selection, failedReadbacks: failedReadbacks, makesTarget: makesTarget)
  }

  // MARK: Steps of a frame

  private func freeSlot() throws(InteropError) -> FrameSlot {
    try signal.slot(options.backPressure, of: ring.slots.count) { () throws(InteropError) in try pickSlot() }
  }

  /// - Returns: nil if the caller has to wait.
  private func pickSlot() throws(InteropError) -> FrameSlot? {
    // A consumer may acquire the frame that was to be dropped. Then look again, at most once per slot.
    for _ in ring.slots {
      switch SlotSelection.choose(ring.slots.lazy.map(\.policyView), options.backPressure) {
      case .use(let index): return ring.slots[index]
      case .wait: return nil
      case .fail: throw SlotSelection.exhausted(ring.slots.count)
      case .dropAndUse(let index):
        let slot = ring.slots[index]
        do throws(InteropError) {
          try slot.ownership.drop(tag: slot.ownership.tag)
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

  /// Copies from the framebuffer that the application drew into to the image for Vulkan, where the two differ.
  private func transfer(_ slot: FrameSlot) throws(InteropError) {
    let framebuffer = try slot.target.get().framebuffer
    if let image = slot.image as? SharedImage {
      guard mode == .blit else { return }
      try blitter.copy(from: GLFramebuffer(name: framebuffer, size: size), to: image)
    } else if let image = slot.image as? HostCopyImage, options.samples > 1 {
      try blitter.resolve(from: framebuffer, to: image.sourceFramebuffer, size)
    }
  }

  /// Copies from the application's framebuffer to the image for Vulkan.
  private func blit(_ source: GLFramebuffer, _ isSizeKnown: Bool, _ slot: FrameSlot) throws(InteropError) {
    if let image = slot.image as? SharedImage {
      try blitter.copy(from: source, to: image, isSizeKnown: isSizeKnown)
    } else if let image = slot.image as? HostCopyImage {
      try blitter.copy(from: source, to: image.source.target, image.size, isSizeKnown: isSizeKnown)
    }
  }

  /// Releases the ring before the context ends. Frames that the application holds stay valid: their memory is Vulkan's.
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

  /// Retires idle slots and detaches the others from the context. Where the context is current, GL deletes their names
  /// now.
  private func giveUpSlots() {
    var slots = ring.slots + retired
    ring = ring.emptied()
    retired = []
    letGo(&slots) { slot in
      if slot.ownership.current == .idle { try? slot.retire() } else { try? slot.image.detach() }
    }
  }

  private func collectRetired() {
    guard !retired.isEmpty else { return }
    var idle = retired.filter { $0.ownership.current == .idle }
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

  /// Releases slots one after the other, while no property of this object is in use: the application's closure for a
  /// retired image may read this object.
  private func letGo(_ slots: inout [FrameSlot], _ prepare: (FrameSlot) -> Void) {
    isLettingGo = true
    defer {
      isLettingGo = false
      // The closures may have made another context current.
      context.endCall()
    }
    while let slot = slots.popLast() { prepare(slot) }
  }

  func checkIsOpen(_ step: String) throws(InteropError) {
    if let end { throw end }
    guard !isLettingGo else {
      throw InteropError(
        .invalidState, step: step, reason: "it is called while the producer tells of an image that retires",
        advice: "Drop what was made for the image there, and do the rest later")
    }
  }

  private func report(_ refusals: [PathRefusal]) {
    for refusal in ring.readbackRefusals where !readbackRefusals.contains(where: { $0.method == refusal.method }) {
      readbackRefusals.append(.init(method: refusal.method, reason: refusal.error.description))
      options.logger.debug("host-copy: \(refusal.method) does not work here: \(refusal.error)")
    }
    // Logs the last of several refusals of a mode: the first may concern a sync that the application does not need.
    let mine = refusals.filter { $0.candidate.path == ring.path && $0.candidate.mode != ring.mode }
    if let last = mine.last, reportedModes.insert(last.candidate.mode).inserted {
      options.logger.notice(
        "mode \(last.candidate.mode.rawValue) does not work here, using \(ring.mode.rawValue): \(last.error)")
    }
    PathRefusal.report(refusals, using: ring.path, in: &fellBackFrom, options.logger)
  }
}
