public import Capability
public import Drivers
internal import Logging
public import RawImport

/// Renders frames with an OpenGL context of its own and hands them to Vulkan, without a window.
///
/// ```swift
/// let producer = try SurfacelessEGLProducer(size: PixelSize(width: 1920, height: 1080))
/// let frame = try producer.render { target in … GL calls … }
/// try frame.access(.transferSource) { commands, image in … Vulkan commands … }
/// ```
///
/// It owns a ring of images and, once the first frames have gone round, makes nothing more: no memory and no import per
/// frame, and no file descriptor but the two of a frame that goes by sync files (`sync-file`), which are closed again.
///
/// Threads: the producer is used on the thread that has its context current (``SurfacelessContext/release()`` and
/// ``SurfacelessContext/makeCurrent()`` move it). Frames go to any thread, see ``FrameQueue``.
public final class SurfacelessEGLProducer {
  public let context: SurfacelessContext
  public let host: VulkanHost
  public let options: ProducerOptions
  /// Paths before the one in use that did not work, with the reason: at first, or later while frames ran.
  public private(set) var fellBackFrom: [(path: TransferPath, reason: String)] = []

  private let blitter: FramebufferBlitter
  private let signal = SlotSignal()
  private var ring: FrameRing
  /// Slots of earlier sizes whose frames are still out.
  private var retired: [FrameSlot] = []
  private var depthStencil: DepthStencil?
  private var frameNumber: UInt64 = 0
  private var reportedModes: Set<TransferMode> = []
  private let selection: PathSelection
  /// Ways that failed while frames ran.
  private var failed: Set<PathSelection.Candidate> = []
  /// Methods of reading back that failed while frames ran.
  private var failedReadbacks: Set<ReadbackMethod> = []

  public var size: PixelSize { ring.size }
  public var path: TransferPath { ring.path }
  public var mode: TransferMode { ring.mode }
  public var sync: SyncKind { ring.sync }
  /// How the pixels of the frames' DMA-BUFs lie in memory; nil on paths that share none.
  public var modifier: DRMModifier? { ring.modifier }
  /// How path `host-copy` gets the pixels to Vulkan; nil on paths that share memory.
  public var readback: ReadbackMethod? { ring.readback }
  /// Methods of reading back that were tried before ``readback`` and did not work, with the reason; when the ring was made,
  /// and while frames ran.
  public private(set) var readbackRefusals: [(method: ReadbackMethod, reason: String)] = []
  /// What is known of the drivers; nil with ``CapabilitySource/nowhere``.
  public let capability: CapabilityMatrix?
  /// A queue of the family on which a hand-over was seen to cost least, else the host's first. The package uses it for what
  /// it submits itself; a host that only copies the frames does well to acquire them on it.
  public var handoverQueue: VulkanQueue { selection.handoverQueue(ring.candidate, host) }
  /// The context's functions, for set-up outside ``render(presentationTime:damage:_:)``.
  public var gl: GLFunctions { context.gl.gl }

  /// Makes the context, the device if none is given, and the ring. The context is current on this thread afterwards.
  ///
  /// - Parameters:
  ///   - size: width and height of the frames in pixels.
  ///   - host: the Vulkan device; nil makes one on the GL context's GPU.
  ///   - platform: which EGL implementation and device.
  ///   - api: desktop GL or GLES; ANGLE has GLES only.
  ///   - options: see ``ProducerOptions``.
  /// - Throws: ``InteropError``: no EGL or Vulkan, a size of 0, options that exclude each other, a path that was asked
  ///   for and does not work.
  public convenience init(
    size: PixelSize, host: VulkanHost? = nil, platform: SurfacelessContext.Platform = .surfaceless,
    api: SurfacelessContext.API = .openGL, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try Self.check(size, options)
    let context = try SurfacelessContext(platform: platform, api: api)
    let device = if let host { host } else { try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl))) }
    try self.init(size: size, host: device, context: context, options: options)
  }

  /// As above, on a context that exists and is current on this thread.
  public init(
    size: PixelSize, host: VulkanHost, context: SurfacelessContext, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try Self.check(size, options)
    try context.gl.enter("make a producer")
    self.context = context
    self.host = host
    self.options = options
    blitter = FramebufferBlitter(context.gl)
    if let problem = PathRanking.environmentProblem { options.logger.warning("\(problem)") }
    capability = Self.capability(context, host, options)
    for warning in capability?.warnings ?? [] { options.logger.info("\(warning)") }
    selection = try PathSelection(options, capability)
    let plan = FrameRing.Plan(
      size: size, options: options, context: context.gl, egl: (context.egl, context.display), host: host,
      blitter: blitter, signal: signal, selection: selection, readbacks: Self.readbacks(options, host, capability))
    let (made, refusals) = try FrameRing.make(plan)
    ring = made
    report(refusals)
  }

  private static func readbacks(
    _ options: ProducerOptions, _ host: VulkanHost, _ matrix: CapabilityMatrix?, without failed: Set<ReadbackMethod> = []
  ) -> [ReadbackMethod] {
    if let method = options.readback { return [method] }
    return ReadbackTrial.methods(host, matrix).filter { !failed.contains($0) }
  }

  deinit {
    // Frames that are out keep their slots, and may outlive the context.
    for slot in ring.slots + retired {
      if slot.turns.current == .idle { try? slot.image.retire() } else { try? slot.image.detach() }
    }
  }

  private static func check(_ size: PixelSize, _ options: ProducerOptions) throws(InteropError) {
    guard (1...1 << 20).contains(size.width), (1...1 << 20).contains(size.height) else {
      throw InteropError(
        .invalidArgument, step: "check the producer's size", reason: "the size is \(size)",
        advice: "Give a width and height of at least 1")
    }
    guard (1...16).contains(options.framesInFlight) else {
      throw InteropError(
        .invalidArgument, step: "check framesInFlight", reason: "\(options.framesInFlight) frames in flight",
        advice: "Use 1 to 16; 3 is usual")
    }
    guard (1...64).contains(options.samples) else {
      throw InteropError(
        .invalidArgument, step: "check samples", reason: "\(options.samples) samples per pixel", advice: "Use 1, 2, 4 or 8")
    }
  }

  private static func capability(
    _ context: SurfacelessContext, _ host: VulkanHost, _ options: ProducerOptions
  ) -> CapabilityMatrix? {
    switch options.capability {
    case .nowhere: return nil
    case .matrix(let matrix): return matrix
    case .automatic:
      var probe = CapabilityProbe.Options()
      probe.directions = [.glToVulkan]
      probe.formats = [options.format]
      // The ring looks at pixels in its own size; this is for the order of the ways and the queue family.
      probe.sizes = [PixelSize(width: 256, height: 256)]
      probe.ranking = options.ranking
      return CapabilityProbe(gl: context, vulkan: host, options: probe).run()
    }
  }

  // MARK: Frames

  /// Renders one frame.
  ///
  /// If the way to Vulkan fails on the way, the next one takes over, with a line in the log and an entry in
  /// ``fellBackFrom``, and the frame is drawn again: `draw` may be called more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound. What the slot held before is undefined. If it
  ///     throws, no frame is handed over and the same error is thrown.
  /// - Returns: the frame; letting it go drops it.
  /// - Throws: ``InteropError/Code/ringExhausted`` or what ``BackPressure`` says if all slots are in use;
  ///   ``InteropError/Code/wrongThread``; the driver's refusal, when no way is left.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try context.gl.enter("render a frame")
    while true {
      collectRetired()
      // Where nothing can take over, the consumer has had its error and this frame goes its way.
      if let failure = takeConsumerFailure() { try? fallBack(from: failure) }
      let slot = try freeSlot()
      let number = frameNumber + 1
      if let failure = try attempt(slot, number, draw) {
        try fallBack(from: failure)
        continue
      }
      frameNumber = number
      return Frame(
        slot: slot, number: number, path: path, mode: mode, sync: sync, alphaMode: options.alphaMode,
        colorSpace: options.colorSpace, presentationTime: presentationTime, damage: damage)
    }
  }

  /// Draws into a slot and hands it over.
  ///
  /// - Returns: why the way to Vulkan did not work; nil if it did.
  /// - Throws: what is not the way's fault.
  private func attempt(
    _ slot: FrameSlot, _ number: UInt64, _ draw: (RenderTarget) throws -> Void
  ) throws -> InteropError? {
    func step(_ body: () throws(InteropError) -> Void) throws -> InteropError? {
      do throws(InteropError) {
        try body()
        return nil
      } catch {
        if error.isFailureOfTheWay { return error }
        throw error
      }
    }
    if let failure = try step({ () throws(InteropError) in try slot.image.beginGLAccess() }) { return failure }
    do {
      if let failure = try step({ () throws(InteropError) in try bind(slot.target) }) {
        try? slot.image.abandonGLAccess()
        return failure
      }
      try draw(RenderTarget(framebuffer: slot.target.framebuffer, size: size, frameNumber: number, gl: gl))
      let failure = try step { () throws(InteropError) in
        try transfer(slot)
        slot.turns.setTag(number)
        try slot.image.endGLAccess()
      }
      if failure != nil, slot.turns.current == .writing { try? slot.image.abandonGLAccess() }
      return failure
    } catch {
      if slot.turns.current == .writing { try slot.image.abandonGLAccess() }
      throw error
    }
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

  /// Changes the size of the frames to come. Frames that are out keep their size and memory, which is given back when
  /// both sides are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) {
    guard size != ring.size else { return }
    try Self.check(size, options)
    try context.gl.enter("resize the producer")
    let (made, refusals) = try FrameRing.make(plan(size), excluding: failed)
    retired += ring.slots
    ring = made
    depthStencil = nil
    report(refusals)
    collectRetired()
  }

  private func plan(_ size: PixelSize) -> FrameRing.Plan {
    FrameRing.Plan(
      size: size, options: options, context: context.gl, egl: (context.egl, context.display), host: host,
      blitter: blitter, signal: signal, selection: selection,
      readbacks: Self.readbacks(options, host, capability, without: failedReadbacks))
  }

  /// Memory of earlier sizes that frames still hold, in slots.
  public var retiredSlotCount: Int { retired.count }

  // MARK: Steps of a frame

  private func freeSlot() throws(InteropError) -> FrameSlot {
    if let slot = try pickSlot() { return slot }
    let timeout =
      switch options.backPressure {
      case .wait(let timeout), .dropOldest(let timeout): timeout
      case .fail: Duration.zero
      }
    let found: Result<FrameSlot, InteropError>? = signal.wait(timeout: timeout) {
      do throws(InteropError) {
        return try pickSlot().map { .success($0) }
      } catch {
        return .failure(error)
      }
    }
    guard let found else { throw exhausted(" since \(timeout)") }
    return try found.get()
  }

  /// - Returns: nil if the caller has to wait.
  private func pickSlot() throws(InteropError) -> FrameSlot? {
    // A consumer may take the frame that was to be dropped; then look again, at most once for each slot.
    for _ in ring.slots {
      switch RingPolicy.choose(ring.slots.lazy.map(\.policyView), options.backPressure) {
      case .use(let index): return ring.slots[index]
      case .wait: return nil
      case .fail: throw exhausted("")
      case .dropAndUse(let index):
        let slot = ring.slots[index]
        do throws(InteropError) {
          try slot.turns.drop(tag: slot.turns.tag)
          return slot
        } catch where error.code == .invalidState {
          continue
        }
      }
    }
    return nil
  }

  private func exhausted(_ since: String) -> InteropError {
    InteropError(
      .ringExhausted, step: "find a free slot",
      reason: "all \(ring.slots.count) frames are held by consumers\(since)",
      advice: "Release or drop frames, or use more framesInFlight")
  }

  private func bind(_ target: DrawTarget) throws(InteropError) {
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), target.framebuffer)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    guard options.depthStencil else { return }
    if depthStencil == nil { depthStencil = try DepthStencil(size, samples: options.samples, context.gl) }
    try depthStencil?.attach(to: target.framebuffer)
  }

  /// From what the application drew into to what Vulkan gets, where these differ.
  private func transfer(_ slot: FrameSlot) throws(InteropError) {
    if let image = slot.image as? SharedImage {
      guard mode == .blit else { return }
      try blitter.copy(from: GLFramebuffer(name: slot.target.framebuffer, size: size), to: image)
    } else if let image = slot.image as? HostCopyImage, options.samples > 1 {
      try blitter.resolve(from: slot.target.framebuffer, to: image.sourceFramebuffer, size)
    }
  }

  private func collectRetired() {
    guard !retired.isEmpty else { return }
    retired.removeAll { slot in
      guard slot.turns.current == .idle else { return false }
      do throws(InteropError) {
        try slot.image.retire()
      } catch {
        options.logger.error("a retired frame slot was not given back cleanly: \(error)")
      }
      return true
    }
  }

  private func report(_ refusals: [FrameRing.Refusal]) {
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
    for path in TransferPath.all where path != ring.path && !fellBackFrom.contains(where: { $0.path == path }) {
      guard let last = refusals.last(where: { $0.candidate.path == path }) else { continue }
      fellBackFrom.append((path, last.error.description))
      options.logger.warning("\(path) does not work here, using \(ring.path): \(last.error)")
    }
  }
}
