internal import Logging
public import Capability
public import InteropDrivers
public import RawImport

/// Shows what Vulkan renders in an application's OpenGL context: for a GL compositor, a toolkit or a game that shows
/// Vulkan or WebGPU content. The reverse of ``RawGLProducer``, with the same ring and the same rules.
///
/// ```swift
/// // Once, with the application's context current:
/// let consumer = try RawGLConsumer(size: size, host: host)
/// // Where Vulkan renders, any thread:
/// let frame = try consumer.nextTarget().render(.colorAttachment) { commands, image in … }
/// queue.send(frame)
/// // In the GL loop:
/// if let frame = queue.receive(timeout: .zero) { try frame.access { texture in … } } else { try consumer.poll() }
/// ```
///
/// It owns a ring of images and, once the first frames have gone round, makes nothing more. Memory is shared where the
/// drivers can; path `host-copy` is always there (Vulkan copies to memory that the CPU sees, `glTexSubImage2D` when the
/// frame is acquired).
///
/// Threads: ``nextTarget()`` and what it gives on any thread. The initialiser, ``poll()``, ``resize(to:)``,
/// ``contextWillBeDestroyed()`` and frames where the context is current; another thread, or another context there, is
/// an error and changes nothing. Give it up there too, or what GL still has goes at the context's end.
///
/// The application's state is the same before and after each call, and its errors are kept for it
/// (``takeApplicationErrors()``). Precondition of path `host-copy` in a compatibility profile, which is not looked at:
/// `glPixelTransfer` and `glPixelMap` are as at the beginning.
public final class RawGLConsumer: @unchecked Sendable {
  /// The application's.
  public let context: GLContext
  /// The Vulkan device.
  public let host: VulkanHost
  /// As they were given.
  public let options: ConsumerOptions
  /// What is known of the drivers; nil with ``CapabilitySource/nowhere``, and where nothing could be found out.
  public let capability: CapabilityMatrix?
  /// Why nothing is known of the drivers, or less than a helper would have found out: there is no helper, or it could
  /// not be started, for want of file descriptors, say. nil where all was tried, or nothing was asked for. The ring was
  /// made by trying ways in turn where no matrix says which. The reason that `glvk_consumer_get_matrix` gives in C.
  public let capabilityProblem: String?

  private let selection: PathSelection
  private let duties = ConsumerDuties()
  private let state: Mutex<State>

  private struct State {
    var ring: ConsumerRing
    /// Slots of earlier rings that somebody still has.
    var retired: [ConsumerSlot] = []
    var number: UInt64 = 0
    /// Why there will be no more frames.
    var end: InteropError?
    /// Ways that failed while frames ran.
    var failed: Set<PathSelection.Candidate> = []
    var fellBackFrom: [(path: TransferPath, reason: String)] = []
  }

  private var ring: ConsumerRing { state.withLock { $0.ring } }

  /// Of the frames to come.
  public var size: PixelSize { ring.size }
  /// The path of frames to come. It changes when one fails while frames run.
  public var path: TransferPath { ring.candidate.path }
  /// How one side knows that the other is done, for frames to come.
  public var sync: SyncKind { ring.candidate.sync }
  /// How the pixels of the frames' DMA-BUFs lie in memory; nil on paths that share none.
  public var modifier: DRMModifier? { ring.modifier }
  /// Paths before the one in use that did not work, with the reason: at first, or later while frames ran.
  public var fellBackFrom: [(path: TransferPath, reason: String)] { state.withLock { $0.fellBackFrom } }
  /// The queue on which the package submits what nobody has named a queue for; the host's first unless a matrix has
  /// timed others as cheaper.
  public var handoverQueue: VulkanQueue { selection.handoverQueue(ring.candidate, host) }
  /// Memory of earlier sizes and ways that targets and frames still hold, in slots.
  public var retiredSlotCount: Int { state.withLock { $0.retired.count } }

  /// Called once for each image of which a target was handed out, when it goes: after a change of size, when the next
  /// way takes over, at the consumer's or its context's end; of a target or frame that is out then, when that is over.
  /// Drop there what was made for the image: what is kept by ``VulkanTarget/imageID``.
  ///
  /// - When: nobody holds the image, no target and no frame of it either; GL and Vulkan are done with it as far as this
  ///   package knows; nothing of it is destroyed, its `VkImage`, its views and its texture still are there. A host that
  ///   submits itself has its submissions of the frame waited for, up to the release. What it has in flight besides it
  ///   waits for in the closure: nothing is destroyed before that returns. On a lost device the wait has ended with an
  ///   error, and it is called all the same.
  /// - On which thread: the one that lets the image go. That is the thread of a call of the consumer's or a frame's,
  ///   or, when the consumer has gone, of whoever let its last target or frame go.
  /// - In it: anything of Vulkan, GL where the context is current, and this object's properties. Not calls of the
  ///   consumer,
  ///   and no wait for a lock under which frames are let go.
  ///
  /// Images of which no target was handed out, those of a ring that could not be made among them, go without a word. It
  /// may be set at any time and on any thread: when that returns, the closure before is not running elsewhere and will
  /// not be called again. It is kept until the last frame of the consumer has gone, so it should not hold the consumer.
  ///
  /// The corresponding C function is `glvk_consumer_set_image_retired_callback`.
  public var onImageRetired: (@Sendable (ImageID) -> Void)? {
    get { duties.notice.current }
    set { duties.notice.set(newValue) }
  }
  package var notice: RetirementNotice { duties.notice }

  /// Adopts the context that is current on this thread.
  ///
  /// - Parameters:
  ///   - size: of the frames to come, in pixels.
  ///   - host: the Vulkan device that renders.
  ///   - context: nil describes the current one (``GLContext/current()``).
  ///   - options: see ``ConsumerOptions``. What is known of the drivers (``CapabilitySource/automatic``) comes from a
  ///     helper process; where there is none the ways are tried in turn here.
  /// - Throws: ``InteropError/Code/wrongThread`` without a current context; ``InteropError``: a size of 0, options that
  ///   exclude each other, a path that was asked for and does not work.
  public init(
    size: PixelSize, host: VulkanHost, context: GLContext? = nil, options: ConsumerOptions = ConsumerOptions()
  ) throws(InteropError) {
    try FrameRing.check(size, options.framesInFlight)
    let context = if let context { context } else { try GLContext.current() }
    try context.enter("make a consumer")
    self.context = context
    self.host = host
    self.options = options
    if let problem = PathRanking.environmentProblem { options.logger.warning("\(problem)") }
    var problem: ProbeProblem?
    switch options.capability {
    case .nowhere: capability = nil
    case .matrix(let matrix): capability = matrix
    case .automatic:
      capability = CapabilityProbe.matrix(
        ofAdopted: context, vulkan: host, options: Self.probeOptions(options), problem: &problem)
    }
    capabilityProblem = problem?.text
    ProducerCore.report(problem, capability, options.logger)
    selection = try PathSelection(
      PathWishes(options), capability, mismatch: SharedImage.deviceMismatch(gl: context, host: host))
    let (made, refusals) = try ConsumerRing.make(
      ConsumerRing.Plan(
        size: size, options: options, context: context, host: host, duties: duties, selection: selection))
    var initial = State(ring: made)
    PathRefusal.report(refusals, using: made.candidate.path, in: &initial.fellBackFrom, options.logger)
    state = Mutex(initial)
    duties.belong(to: self)
  }

  deinit {
    // Targets and frames that are out keep their slots, and may outlive the context.
    duties.end()
    let (ring, retired) = state.withLock { ($0.ring, $0.retired) }
    for slot in ring.slots + retired where slot.isIdle { try? slot.retire() }
  }

  private static func probeOptions(_ options: ConsumerOptions) -> CapabilityProbe.Options {
    var probe = CapabilityProbe.Options()
    probe.directions = [.vulkanToGL]
    probe.formats = [options.format]
    // The ring looks at pixels in its own size; this is for the order of the ways.
    probe.sizes = [PixelSize(width: 256, height: 256)]
    probe.ranking = options.ranking
    // Hand-overs are timed in the other direction only.
    probe.timing = .nothing
    return probe
  }

  // MARK: Vulkan's side

  /// A free image to draw the next frame into, on any thread.
  ///
  /// If none is free ``ConsumerOptions/backPressure`` decides; the frame that is dropped for it is the oldest that GL
  /// has not acquired. An image is free when GL has told everything that it does with the frame before, and Vulkan's
  /// turn then waits on the GPU until GL is done.
  ///
  /// - Throws: ``InteropError/Code/ringExhausted``; ``InteropError/Code/invalidState`` after
  ///   ``contextWillBeDestroyed()``.
  public func nextTarget() throws(InteropError) -> VulkanTarget {
    // An application of one thread has nobody else to do it.
    duties.perform(in: context)
    let (slot, number) = try duties.signal.slot(options.backPressure, of: ring.slots.count) { () throws(InteropError) in
      try takeSlot()
    }
    return VulkanTarget(slot: slot, number: number, options: options)
  }

  /// - Returns: nil if the caller has to wait.
  private func takeSlot() throws(InteropError) -> (ConsumerSlot, UInt64)? {
    enum Choice { case use(ConsumerSlot, UInt64), drop(ConsumerSlot, UInt64, number: UInt64) }
    // GL may acquire the frame that was to be dropped; then look again, at most once for each slot.
    for _ in 0..<options.framesInFlight {
      let choice = try state.withLock { (state) throws(InteropError) -> Choice? in
        if let end = state.end { throw end }
        let slots = state.ring.slots
        let decision = SlotSelection.choose(slots.lazy.map(\.policyView), options.backPressure)
        switch decision {
        case .wait: return nil
        case .fail: throw SlotSelection.exhausted(slots.count)
        case .use(let index), .dropAndUse(let index):
          let slot = slots[index]
          let old = slot.turns.tag
          slot.isTaken.store(true, ordering: .releasing)
          state.number += 1
          if case .use = decision { return .use(slot, state.number) }
          return .drop(slot, old, number: state.number)
        }
      }
      switch choice {
      case nil: return nil
      case .use(let slot, let number):
        slot.turns.setTag(number)
        slot.image.life.becomesKnown()
        return (slot, number)
      case .drop(let slot, let old, let number):
        do throws(InteropError) {
          try slot.turns.drop(tag: old)
        } catch {
          slot.isTaken.store(false, ordering: .releasing)
          if error.code == .invalidState { continue }
          throw error
        }
        slot.turns.setTag(number)
        return (slot, number)
      }
    }
    return nil
  }

  // MARK: GL's side

  /// What only the GL thread can do: gives back what other threads let go between acquire and release and what a resize
  /// left over, and takes the next way where one has failed. Frames and ``resize(to:)`` do it too; call it in a loop in
  /// which no frame came, or a Vulkan side that waits for its failed way to be replaced waits for ever.
  public func poll() throws(InteropError) {
    try context.enter("look after the ring")
    if let end = state.withLock({ $0.end }) { throw end }
    duties.perform(in: context)
  }

  /// Changes the size of the targets to come. Targets and frames that are out keep their size and memory, which is
  /// given back when both sides are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) {
    try context.enter("resize the consumer")
    if let end = state.withLock({ $0.end }) { throw end }
    duties.perform(in: context)
    guard size != self.size else { return }
    try FrameRing.check(size, options.framesInFlight)
    let (made, refusals) = try makeRing(size)
    replaceRing(by: made)
    state.withLock { state in
      PathRefusal.report(refusals, using: made.candidate.path, in: &state.fellBackFrom, options.logger)
    }
  }

  /// GL errors that were pending when the package was called. `glGetError` clears them, so they are kept here for the
  /// application; taking them empties the list.
  public func takeApplicationErrors() -> [GLenum] { context.takeApplicationErrors() }

  /// The application is about to destroy its context: what was made in it is given back, now, on its thread. Frames
  /// that are out can no more be shown: acquiring one throws ``InteropError/Code/invalidState``. Targets that are out
  /// stay valid for Vulkan, so nothing that it does has to be stopped. Every later call throws the same; a second call
  /// does nothing.
  ///
  /// The context description is used up with it: consumers and producers that share one are told once each, the last
  /// one last.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if the context is not current.
  public func contextWillBeDestroyed() throws(InteropError) {
    if state.withLock({ $0.end != nil }) { return }
    try context.enter("leave the context")
    duties.perform(in: context)
    var slots = state.withLock { state in
      state.end = InteropError(
        .invalidState, step: "make a frame", reason: "the consumer's GL context was destroyed",
        advice: "Make a new consumer in the new context")
      let slots = state.ring.slots + state.retired
      state.ring = state.ring.emptied()
      state.retired = []
      return slots
    }
    duties.signal.notify()
    // What GL draws with frames that are out is over before their memory may go.
    context.gl.glFinish()
    while let slot = slots.popLast() {
      if slot.isIdle { giveBack(slot) }
    }
    context.contextWillBeDestroyed()
  }

  // MARK: The ring

  /// On the GL thread, with nothing of ours locked.
  func performDuties() {
    let current = ring
    var failure: InteropError?
    for slot in current.slots {
      slot.failure.withLock { found in
        if let found { failure = found }
        found = nil
      }
    }
    if let failure { fallBack(from: failure, current) }
    collectRetired()
  }

  private func makeRing(_ size: PixelSize) throws(InteropError) -> (ConsumerRing, [PathRefusal]) {
    try ConsumerRing.make(
      ConsumerRing.Plan(
        size: size, options: options, context: context, host: host, duties: duties, selection: selection),
      excluding: state.withLock { $0.failed })
  }

  private func replaceRing(by made: ConsumerRing) {
    state.withLock { state in
      state.retired += state.ring.slots
      state.ring = made
    }
    duties.signal.notify()
    collectRetired()
  }

  /// The next way takes over; where there is none, things stay as they are and the next frame may try again.
  private func fallBack(from failure: InteropError, _ before: ConsumerRing) {
    let number = state.withLock { state in
      state.failed.formUnion(selection.alike(before.candidate))
      return state.number
    }
    guard let (made, refusals) = try? makeRing(before.size) else {
      state.withLock { $0.failed.subtract(selection.alike(before.candidate)) }
      return
    }
    replaceRing(by: made)
    let reason = "failed after \(number) frames: \(failure)"
    options.logger.warning(
      "\(before.candidate.path), now \(made.candidate.path) \(made.candidate.sync.rawValue): \(reason)")
    state.withLock { state in
      state.fellBackFrom.append((before.candidate.path, reason))
      PathRefusal.report(
        refusals.filter { $0.candidate.path != before.candidate.path }, using: made.candidate.path,
        in: &state.fellBackFrom, options.logger)
    }
  }

  private func collectRetired() {
    var idle = state.withLock { state in
      let idle = state.retired.filter { $0.isIdle }
      state.retired.removeAll { slot in idle.contains { $0 === slot } }
      // The others are looked at again.
      if !state.retired.isEmpty { duties.isDue.store(true, ordering: .releasing) }
      return idle
    }
    // One after the other, with nothing locked: who is told of an image that goes may ask this object.
    while let slot = idle.popLast() { giveBack(slot) }
  }

  private func giveBack(_ slot: ConsumerSlot) {
    do throws(InteropError) {
      try slot.retire()
    } catch {
      options.logger.error("a frame slot was not given back cleanly: \(error)")
    }
  }
}

extension ConsumerSlot {
  /// Whether neither side has it, nor anything that the other side has not taken.
  fileprivate var isIdle: Bool { !isTaken.load(ordering: .acquiring) && turns.current == .idle }
}

extension RawGLConsumer: ConsumerDutyHolder {}
