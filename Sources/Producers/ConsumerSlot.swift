internal import InteropDrivers
internal import Logging
internal import RawImport

/// An image that Vulkan writes and GL reads.
protocol ShownImage: RingImage {
  var usage: VkImageUsageFlags { get }
  var glTexture: GLuint { get }
  /// nil where reading it would not give the picture.
  var glFramebuffer: GLuint? { get }

  /// Waits for Vulkan, on the GPU where possible; only if the content is frame `tag` still.
  func beginGLAccess(tag: UInt64?) throws(InteropError)
}

extension SharedImage: ShownImage {}
extension HostCopyTexture: ShownImage {
  var dmaBuf: DMABuf? { nil }
}

/// One place of a consumer's ring. Targets and frames keep their slot alive, so a resize cannot take the memory from
/// under them.
final class ConsumerSlot: Sendable {
  let image: any ShownImage
  let context: GLContext
  let candidate: PathSelection.Candidate
  let duties: ConsumerDuties
  let logger: Logger
  /// Whether a ``VulkanTarget`` has it.
  let isTaken = Atomic<Bool>(false)
  /// The frame that GL has; 0 for none. `reading` does not say so: Vulkan reads a frame that it takes back.
  private let acquired = Atomic<UInt64>(0)
  /// What went wrong on either side, for the consumer to draw its conclusion.
  let failure = Mutex<InteropError?>(nil)
  private let isRetired = Atomic<Bool>(false)

  init(
    _ image: any ShownImage, _ context: GLContext, _ candidate: PathSelection.Candidate, _ duties: ConsumerDuties,
    _ logger: Logger
  ) {
    image.life.belongs(to: duties.notice)
    self.image = image
    self.context = context
    self.candidate = candidate
    self.duties = duties
    self.logger = logger
  }

  /// Where GL's context went first nobody has waited for what a host submitted itself.
  deinit { if !isRetired.load(ordering: .acquiring) { image.turns.waitForQueue() } }

  var turns: ImageOwnership { image.turns }

  /// Of idle slots GL is known to be done with those that it has finished for.
  var policyView: SlotSelection.Slot {
    if isTaken.load(ordering: .acquiring) { return SlotSelection.Slot(state: .writing, frame: turns.tag) }
    return SlotSelection.Slot(
      state: turns.current, frame: turns.tag, isDone: candidate.sync == .cpuWait && turns.isVulkanDone)
  }

  /// Nobody has it any more. On the GL thread.
  func retire() throws(InteropError) {
    try image.retire()
    isRetired.store(true, ordering: .releasing)
  }

  /// Runs a step and remembers the failure of the way, as opposed to a misuse.
  func noting<Result>(_ step: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    do throws(InteropError) {
      return try step()
    } catch {
      if error.isTransferFailure {
        failure.withLock { $0 = error }
        duties.isDue.store(true, ordering: .releasing)
      }
      throw error
    }
  }

  // MARK: GL's turn

  /// On the GL thread.
  func beginShowing(_ number: UInt64) throws(InteropError) {
    duties.perform(in: context)
    do throws(InteropError) {
      try noting { () throws(InteropError) in try image.beginGLAccess(tag: number) }
      acquired.store(number, ordering: .releasing)
    } catch {
      // The next frame goes another way.
      duties.perform(in: context)
      throw error
    }
  }

  /// On the GL thread.
  func endShowing(_ number: UInt64) throws(InteropError) {
    try context.enter("release a frame")
    guard acquired.load(ordering: .acquiring) == number else {
      throw ImageOwnership.invalidState("release frame \(number)", "it has not been acquired, or was released already")
    }
    try end()
    isFree()
  }

  private func end() throws(InteropError) {
    // Before: the next frame's turn may begin at once.
    acquired.store(0, ordering: .releasing)
    let number = turns.tag
    do throws(InteropError) {
      try noting { () throws(InteropError) in try image.endGLAccess() }
    } catch {
      acquired.store(number, ordering: .releasing)
      throw error
    }
  }

  /// The holder of a frame went away without releasing it.
  func abandon(_ number: UInt64) {
    do throws(InteropError) {
      if acquired.load(ordering: .acquiring) == number {
        // GL has to say itself when it is done.
        guard context.isCurrent() else { return duties.leave(self, number) }
        try end()
      } else {
        guard turns.tag == number, turns.current == .ready else { return }
        try turns.drop(tag: number)
      }
      isFree()
    } catch let error where error.code == .invalidState {
      // Taken back by the Vulkan side meanwhile.
    } catch {
      logger.error("frame \(number) was let go, and its slot is not free yet: \(error)")
      duties.leave(self, number)
    }
  }

  /// Somebody may wait for it; without a consumer nobody does, and nobody else will retire it.
  private func isFree() {
    duties.signal.notify()
    if duties.hasConsumer || !context.isCurrent() { return }
    do throws(InteropError) { try retire() } catch { logger.error("a frame slot was not given back cleanly: \(error)") }
  }

  // MARK: Vulkan's turn

  /// A target was let go, and the image may be in the middle of its turn.
  func abandonTarget(_ number: UInt64) {
    switch turns.abandonWriting(tag: number) {
    case .nothingToDo, .dropped, .released:
      isTaken.store(false, ordering: .releasing)
      duties.signal.notify()
    case .lost:
      logger.error(
        "target \(number) was let go while its image was out (acquireBarrier, glvk_target_acquire_barrier): its slot is lost to the ring"
      )
    }
  }
}

/// Who does a ring's duties: the consumer, while it is there.
protocol ConsumerDutyHolder: AnyObject, Sendable {
  /// On the GL thread.
  func performDuties()
}

/// What frames and slots have to say to the consumer, and what only the GL thread can do.
final class ConsumerDuties: Sendable {
  /// Wakes who waits for a slot.
  let signal = SlotSignal()
  /// Who is told of images that go. Targets and frames that outlive the consumer keep it.
  let notice = RetirementNotice()
  /// Whether there is anything to do in GL.
  let isDue = Atomic<Bool>(false)
  private let consumer = Mutex(Consumer())
  private let left = Mutex<[(slot: ConsumerSlot, number: UInt64)]>([])

  private struct Consumer {
    weak var value: (any ConsumerDutyHolder)?
  }

  func belong(to consumer: any ConsumerDutyHolder) { self.consumer.withLock { $0.value = consumer } }

  var hasConsumer: Bool { consumer.withLock { $0.value != nil } }

  /// A frame that was let go where GL could not be told.
  func leave(_ slot: ConsumerSlot, _ number: UInt64) {
    left.withLock { $0.append((slot, number)) }
    isDue.store(true, ordering: .releasing)
    if !hasConsumer { end() }
  }

  /// Without a consumer nobody will do them.
  func end() {
    let frames = left.withLock { frames in
      defer { frames.removeAll() }
      return frames
    }
    _ = frames
  }

  /// Does what is due, if this is the GL thread.
  func perform(in context: GLContext) {
    guard isDue.load(ordering: .acquiring), context.isCurrent() else { return }
    isDue.store(false, ordering: .releasing)
    let frames = left.withLock { frames in
      defer { frames.removeAll() }
      return frames
    }
    for (slot, number) in frames { slot.abandon(number) }
    let consumer = consumer.withLock { $0.value }
    consumer?.performDuties()
  }
}
