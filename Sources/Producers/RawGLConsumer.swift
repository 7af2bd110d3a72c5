internal import Logging
public import Capability
public import InteropDrivers
public import RawImport

/// Shows Vulkan's frames in an application's OpenGL context: for a GL compositor, a toolkit or a game that shows Vulkan
/// or WebGPU content.
///
/// It is the reverse of ``RawGLProducer``, with the same ring and the same rules.
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
/// The consumer owns a ring of images. Once each slot has carried a frame, it makes no more objects. GL and Vulkan
/// share memory where the drivers support it. Path `host-copy` always works: Vulkan copies to memory that the CPU sees,
/// and `glTexSubImage2D` uploads it when the frame is acquired.
///
/// Threads: ``nextTarget()`` and the targets work on any thread. The initialiser, ``poll()``, ``resize(to:)``,
/// ``contextWillBeDestroyed()`` and frames need the thread where the context is current; a call on another thread, or
/// with another context current, is an error and changes nothing. Release the consumer on that thread, too; otherwise
/// its remaining GL objects last until the context's end.
///
/// Each call restores the application's state and keeps the application's errors for it (``takeApplicationErrors()``).
/// Path `host-copy` in a compatibility profile has a precondition that the package does not check: `glPixelTransfer`
/// and `glPixelMap` have their initial values.
public final class RawGLConsumer: @unchecked Sendable {
  /// The application's context.
  public let context: GLContext
  /// The Vulkan device.
  public let host: VulkanHost
  /// The options that the application passed.
  public let options: ConsumerOptions
  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``, and where the probe learned nothing.
  public var capability: CapabilityMatrix? { selection.matrix }

  private let selection: PathSelection
  private let duties = ConsumerDuties()
  private let state: Mutex<State>

  private struct State {
    var ring: ConsumerRing
    /// Slots of earlier rings that a target, a frame or an API still uses.
    var retired: [ConsumerSlot] = []
    var number: UInt64 = 0
    /// The reason why the consumer makes no more frames.
    var end: InteropError?
    /// The combinations that failed while frames ran.
    var failed: Set<TransferConfiguration> = []
    var fellBackFrom: [TransferStatus.Fallback] = []
  }

  private var ring: ConsumerRing { state.withLock { $0.ring } }

  /// The size of later frames, in pixels.
  public var size: PixelSize { ring.size }
  /// What later frames use, and what was tried before.
  public var status: TransferStatus {
    state.withLock { state in
      let used = state.ring.configuration
      return TransferStatus(
        configuration: used, modifier: state.ring.modifier, readback: nil,
        ownershipQueue: selection.ownershipQueue(used, host), retiredSlotCount: state.retired.count,
        fellBackFrom: state.fellBackFrom, readbackRefusals: [], capabilityProblem: selection.problem)
    }
  }

  /// Called once for each image of which a target was handed out, when the image retires.
  ///
  /// An image retires after a change of size, after a fallback to the next combination, or at the end of the consumer
  /// or its context. If the application still holds a target or frame of the image then, the image retires with it.
  /// Drop there what was made for the image and is kept by ``VulkanTarget/imageID``.
  ///
  /// - When: the application holds neither the image nor a target or frame of it, and GL and Vulkan are done with it as
  ///   far as this package knows. Nothing of it is destroyed yet: its `VkImage`, its views and its texture still exist.
  ///   Where the application submits a frame's work itself, the package has waited for those submissions, up to the
  ///   release. For anything else it has in flight, the application waits in the closure: nothing is destroyed before
  ///   the closure returns. On a lost device the wait has ended with an error, and the closure is called all the same.
  /// - On which thread: the one that lets the image go. That is the thread of a call of the consumer or a frame, or,
  ///   after the consumer's end, the thread that discards its last target or frame.
  /// - In it: anything of Vulkan, GL where the context is current, and this object's properties. Do not call the
  ///   consumer, and do not wait for a lock under which frames are discarded.
  ///
  /// The closure is not called for images of which no target was handed out, including those of a ring that could not
  /// be made. It may be set at any time and on any thread: when the setter returns, the previous closure is not running
  /// on another thread and is not called again. The closure is kept until the last frame of the consumer has ended, so
  /// it should not hold the consumer.
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
  ///   - size: of the first frames, in pixels.
  ///   - host: the Vulkan device that renders.
  ///   - context: nil describes the current one (``GLContext/current()``).
  ///   - options: see ``ConsumerOptions``. A helper process probes the drivers (``CapabilitySource/automatic``).
  ///     Without a helper the consumer tries the combinations in turn here.
  /// - Throws: ``InteropError/Code/wrongThread`` without a current context; ``InteropError``: a size of 0, options that
  ///   exclude each other, a named path that does not work.
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
    let source: KnowledgeSource =
      switch options.capability {
      case .nowhere: .given(nil)
      case .matrix(let matrix): .given(matrix)
      case .automatic:
        .probe { CapabilityProbe.matrix(ofAdopted: context, vulkan: host, options: Self.probeOptions(options, $0)) }
      }
    selection = try PathSelection(
      PathWishes(options), source, mismatch: SharedImage.deviceMismatch(gl: context, host: host), options.logger)
    let (made, refusals) = try ConsumerRing.make(
      ConsumerRing.Plan(
        size: size, options: options, context: context, host: host, duties: duties, selection: selection))
    var initial = State(ring: made)
    PathRefusal.report(refusals, using: made.configuration.path, in: &initial.fellBackFrom, options.logger)
    state = Mutex(initial)
    duties.belong(to: self)
  }

  deinit {
    // Targets and frames that the application holds keep their slots, and may outlive the context.
    duties.end()
    let (ring, retired) = state.withLock { ($0.ring, $0.retired) }
    for slot in ring.slots + retired where slot.isIdle { try? slot.retire() }
  }

  private static func probeOptions(_ options: ConsumerOptions, _ goal: ProbeGoal?) -> ProbeOptions {
    var probe = ProbeOptions()
    probe.goal = goal
    probe.directions = [.vulkanToGL]
    probe.formats = [options.format]
    // The ring checks pixels in its own size; the probe only orders the combinations.
    probe.sizes = [PixelSize(width: 256, height: 256)]
    probe.ranking = options.ranking
    // Ownership transfers are timed in the other direction only.
    probe.timing = .nothing
    return probe
  }

  // MARK: Vulkan's side

  /// Returns a free image to draw the next frame into, on any thread.
  ///
  /// If no image is free, ``RingOptions/backPressure`` decides. It drops the oldest frame that GL has not acquired.
  /// An image is free once GL has issued all its commands for the previous frame. Vulkan's access then waits on the GPU
  /// until GL has executed them.
  ///
  /// - Throws: ``InteropError/Code/ringExhausted``; ``InteropError/Code/invalidState`` after
  ///   ``contextWillBeDestroyed()``.
  public func nextTarget() throws(InteropError) -> VulkanTarget {
    // In an application with one thread no other call does this.
    duties.perform(in: context)
    let (slot, number) = try duties.signal.slot(options.backPressure, of: ring.slots.count) { () throws(InteropError) in
      try takeSlot()
    }
    return VulkanTarget(slot: slot, number: number, options: options)
  }

  /// - Returns: nil if the caller has to wait.
  private func takeSlot() throws(InteropError) -> (ConsumerSlot, UInt64)? {
    enum Choice { case use(ConsumerSlot, UInt64), drop(ConsumerSlot, UInt64, number: UInt64) }
    // GL may acquire the frame that was to be dropped. Then look again, at most once per slot.
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
          let old = slot.ownership.tag
          slot.isTaken.store(true, ordering: .releasing)
          state.number += 1
          if case .use = decision { return .use(slot, state.number) }
          return .drop(slot, old, number: state.number)
        }
      }
      switch choice {
      case nil: return nil
      case .use(let slot, let number):
        slot.image.life.becomesKnown()
        return (slot, number)
      case .drop(let slot, let old, let number):
        do throws(InteropError) {
          try slot.ownership.drop(tag: old)
        } catch {
          slot.isTaken.store(false, ordering: .releasing)
          if error.code == .invalidState { continue }
          throw error
        }
        return (slot, number)
      }
    }
    return nil
  }

  // MARK: GL's side

  /// Does the consumer's work that only the GL thread can do.
  ///
  /// It ends the accesses of frames that other threads discarded between acquire and release, frees the slots that a
  /// resize left over, and falls back to the next combination where one has failed. Frames and ``resize(to:)`` do the
  /// same. Call it in each pass of a loop in which no frame came. Otherwise a Vulkan thread that waits for a failed
  /// combination to be replaced waits for ever.
  public func poll() throws(InteropError) {
    try context.enter("look after the ring")
    if let end = state.withLock({ $0.end }) { throw end }
    duties.perform(in: context)
  }

  /// Changes the size of later targets. Targets and frames that the application holds keep their size and memory, which
  /// is freed when both APIs are done with it.
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
      PathRefusal.report(refusals, using: made.configuration.path, in: &state.fellBackFrom, options.logger)
    }
  }

  /// Returns the GL errors that were pending when the package was called, and empties the list.
  ///
  /// `glGetError` clears errors, so the package keeps them here for the application.
  public func takeApplicationErrors() -> [GLenum] { context.takeApplicationErrors() }

  /// Releases everything that was made in the application's context, which the application is about to destroy.
  ///
  /// Call it on the context's thread; everything is released before it returns. Frames that the application holds can
  /// no longer be shown: acquiring one throws ``InteropError/Code/invalidState``. Targets that it holds stay valid for
  /// Vulkan, so Vulkan's work need not stop. Every later call throws the same; a second call of this method does
  /// nothing.
  ///
  /// It ends the context description, too: where consumers and producers share one, call each of them once, and the
  /// last one last.
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
    // GL must finish drawing with the frames that the application holds before their memory may be freed.
    for slot in slots {
      do throws(InteropError) {
        try slot.image.finishGL()
      } catch {
        options.logger.error("GL did not finish with a frame before its context goes: \(error)")
      }
    }
    while let slot = slots.popLast() {
      if slot.isIdle { giveBack(slot) }
    }
    context.contextWillBeDestroyed()
  }

  // MARK: The ring

  /// Does the consumer's due work, on the GL thread and with none of the package's locks held.
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

  /// Falls back to the next combination. If none works, the ring stays as it is and the next frame may try again.
  private func fallBack(from failure: InteropError, _ before: ConsumerRing) {
    let number = state.withLock { state in
      state.failed.formUnion(selection.alike(before.configuration))
      return state.number
    }
    guard let (made, refusals) = try? makeRing(before.size) else {
      state.withLock { $0.failed.subtract(selection.alike(before.configuration)) }
      return
    }
    replaceRing(by: made)
    let reason = "failed after \(number) frames: \(failure)"
    options.logger.warning(
      "\(before.configuration.path), now \(made.configuration.path) \(made.configuration.sync.rawValue): \(reason)")
    state.withLock { state in
      state.fellBackFrom.append(.init(path: before.configuration.path, reason: reason))
      PathRefusal.report(
        refusals.filter { $0.candidate.path != before.configuration.path }, using: made.configuration.path,
        in: &state.fellBackFrom, options.logger)
    }
  }

  private func collectRetired() {
    var idle = state.withLock { state in
      let idle = state.retired.filter { $0.isIdle }
      state.retired.removeAll { slot in idle.contains { $0 === slot } }
      // The next call checks the others again.
      if !state.retired.isEmpty { duties.isDue.store(true, ordering: .releasing) }
      return idle
    }
    // Slots retire one after the other with no lock held: the application's closure for a retired image may call this
    // object's properties.
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
  /// Whether neither API uses the slot, and no frame in it waits for a reader.
  fileprivate var isIdle: Bool { !isTaken.load(ordering: .acquiring) && ownership.current == .idle }
}

extension RawGLConsumer: ConsumerDutyHolder {}
