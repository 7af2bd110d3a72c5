internal import Capability
internal import Drivers
internal import Logging
internal import RawImport

/// The slots of a producer at one size, and how they were made. Built by trying the paths in order.
final class FrameRing {
  let size: PixelSize
  let candidate: PathSelection.Candidate
  let slots: [FrameSlot]
  /// Methods of reading back that were tried before the one in use.
  let readbackRefusals: [ReadbackTrial.Refusal]

  var path: TransferPath { candidate.path }
  var mode: TransferMode { candidate.mode }
  var sync: SyncKind { candidate.sync }
  /// Of a DMA-BUF; all slots have the same.
  var modifier: DRMModifier? { slots.first?.image.dmaBuf?.modifier }

  /// Of path `host-copy`; all slots have the same.
  var readback: ReadbackMethod? { (slots.first?.image as? HostCopyImage)?.method }

  private init(
    size: PixelSize, candidate: PathSelection.Candidate, slots: [FrameSlot],
    readbackRefusals: [ReadbackTrial.Refusal] = []
  ) {
    self.readbackRefusals = readbackRefusals
    self.size = size
    self.candidate = candidate
    self.slots = slots
  }

  /// The same, with nothing in it: there will be no more frames.
  func emptied() -> FrameRing { FrameRing(size: size, candidate: candidate, slots: []) }

  /// - Throws: ``InteropError/Code/invalidArgument``.
  static func check(_ size: PixelSize, _ framesInFlight: Int) throws(InteropError) {
    try size.validate("check the frames' size")
    guard (1...16).contains(framesInFlight) else {
      throw InteropError(
        .invalidArgument, step: "check the frames in flight", reason: "\(framesInFlight) frames in flight",
        advice: "Use 1 to 16; 3 is usual")
    }
  }

  /// A way that did not work, and why.
  struct Refusal {
    let candidate: PathSelection.Candidate
    let error: InteropError

    /// Of several the one to mend: that of the best path and mode, whose last sync asks least.
    static func toMend(_ refusals: [Refusal]) -> InteropError? {
      guard let best = refusals.first?.candidate else { return nil }
      return refusals.last { $0.candidate.path == best.path && $0.candidate.mode == best.mode }?.error
    }

    /// Says each path that is not used once, in `fellBackFrom`, and the best one's reason in one line of the log: the others
    /// matter to nobody who mends that.
    static func report(
      _ refusals: [Refusal], using used: TransferPath, in fellBackFrom: inout [(path: TransferPath, reason: String)],
      _ logger: Logger
    ) {
      var said: [(path: TransferPath, error: InteropError)] = []
      for path in TransferPath.all where path != used && !fellBackFrom.contains(where: { $0.path == path }) {
        guard let last = refusals.last(where: { $0.candidate.path == path }) else { continue }
        fellBackFrom.append((path, last.error.description))
        said.append((path, last.error))
      }
      guard let best = said.first else { return }
      logger.warning("\(best.path) does not work here, using \(used): \(best.error)")
      for other in said.dropFirst() { logger.info("\(other.path) does not work here: \(other.error)") }
    }
  }

  /// What the ring is made of and for.
  struct Plan {
    let size: PixelSize
    let options: ProducerOptions
    let context: GLContext
    let host: VulkanHost
    let blitter: FramebufferBlitter
    let signal: SlotSignal
    let notice: RetirementNotice
    let selection: PathSelection
    /// How path `host-copy` may read back, best first.
    let readbacks: [ReadbackMethod]
    /// Whether the framebuffers that the application draws into are made at once.
    let makesTarget: Bool
  }

  /// The first way that works and passes the pixel check.
  ///
  /// - Parameter excluded: ways that failed while frames ran.
  /// - Returns: the ring and the ways that were refused before it.
  /// - Throws: a refusal, if nothing works or the caller's choice does not: that of the best way.
  static func make(
    _ plan: Plan, excluding excluded: Set<PathSelection.Candidate> = []
  ) throws(InteropError) -> (FrameRing, [Refusal]) {
    try plan.selection.firstThatWorks(excluding: excluded) { (candidate) throws(InteropError) in
      candidate.path == .hostCopy ? try hostCopy(plan, candidate) : try shared(plan, candidate)
    }
  }

  private static func shared(_ plan: Plan, _ candidate: PathSelection.Candidate) throws(InteropError) -> FrameRing {
    let options = plan.options
    let mode = candidate.mode
    var description = SharedImageDescription(
      size: plan.size, format: options.format, tiling: candidate.tiling, direction: .glToVulkan, mode: mode,
      handleType: candidate.path == .opaqueFD ? .opaqueFD : .dmaBuf,
      allocator: candidate.path.dmaBufAllocator ?? .vulkan, modifiers: plan.selection.modifiers(candidate),
      orientation: options.orientation, isOpaque: options.alphaMode == .opaque)
    try SharedImage.checkSupport(description, sync: candidate.sync, gl: plan.context, host: plan.host)
    // In mode blit the application draws into one framebuffer of ours, whichever slot comes next.
    let source = mode == .blit ? SlotTarget(plan) : nil
    if plan.makesTarget { _ = try source?.get() }
    var slots: [FrameSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try SharedImage(
        description, gl: plan.context, host: plan.host, sync: candidate.sync,
        handoverQueue: plan.selection.handoverQueue(candidate, plan.host))
      try plan.selection.check(image.modifier)
      if slots.isEmpty, options.verifiesPixels { try PixelCheck(plan.context, plan.host, blitter: plan.blitter).verify(image) }
      // Of the modifiers that work, the device and GL have chosen.
      if let modifier = image.modifier { description.modifiers = [modifier] }
      guard
        let target = source ?? image.glFramebuffer.map({ SlotTarget(DrawTarget(borrowing: $0), isOfImage: true) })
      else {
        preconditionFailure("an image of mode direct has a framebuffer")
      }
      slots.append(
        FrameSlot(image: image, target: target, notice: plan.notice, signal: plan.signal, logger: options.logger))
    }
    return FrameRing(size: plan.size, candidate: candidate, slots: slots)
  }

  private static func hostCopy(_ plan: Plan, _ candidate: PathSelection.Candidate) throws(InteropError) -> FrameRing {
    let options = plan.options
    let source = try ReadbackSource(
      size: plan.size, format: options.format, orientation: options.orientation,
      isOpaque: options.alphaMode == .opaque, gl: plan.context)
    let target = options.samples > 1 ? SlotTarget(plan) : SlotTarget(source.target)
    if plan.makesTarget { _ = try target.get() }
    let egl = plan.context.egl.map { ($0.functions, $0.display) }
    let pixelCheck = options.verifiesPixels ? PixelCheck(plan.context, plan.host, blitter: plan.blitter) : nil
    let (first, refusals) = try ReadbackTrial(plan.readbacks, pixelCheck: pixelCheck).run { (method) throws(InteropError) in
      try HostCopyImage(source, by: method, egl: egl, host: plan.host)
    }
    var slots: [FrameSlot] = []
    while slots.count < options.framesInFlight {
      let image = slots.isEmpty ? first : try HostCopyImage(source, by: first.method, egl: egl, host: plan.host)
      slots.append(
        FrameSlot(image: image, target: target, notice: plan.notice, signal: plan.signal, logger: options.logger))
    }
    return FrameRing(size: plan.size, candidate: candidate, slots: slots, readbackRefusals: refusals)
  }
}
