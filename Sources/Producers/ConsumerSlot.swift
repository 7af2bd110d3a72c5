internal import InteropDrivers
internal import Logging
internal import RawImport

/// An image that Vulkan writes and GL reads.
protocol ShownImage: RingImage {
  var glTexture: GLuint { get }
  /// The framebuffer on the texture; nil where reading from it would not yield the picture.
  var glFramebuffer: GLuint? { get }

  /// Waits for Vulkan, on the GPU where possible; fails unless the content is still frame `tag`.
  func acquireForGL(tag: UInt64?) throws(InteropError)
  /// Waits until GL has completed its work with the image, on the GL thread.
  func finishGL() throws(InteropError)
}

extension SharedImage: ShownImage {}
extension HostCopyTexture: ShownImage {
  var dmaBuf: DMABuf? { nil }
  func externalBundle() throws(InteropError) -> ExternalImageBundle { throw Self.noBundle }
}

/// One slot of a consumer's ring. Targets and frames keep their slot alive, so a resize cannot free the memory in use.
final class ConsumerSlot: Sendable {
  let image: any ShownImage
  let context: GLContext
  let configuration: TransferConfiguration
  let duties: ConsumerDuties
  let logger: Logger
  /// Whether a ``VulkanTarget`` holds the slot.
  let isTaken = Atomic<Bool>(false)
  /// The number of the frame that GL has acquired; 0 for none. State `reading` does not tell: a frame that Vulkan is
  /// dropping is in that state, too.
  private let acquired = Atomic<UInt64>(0)
  /// The last failure of the combination on either side, for the consumer to act on.
  let failure = Mutex<InteropError?>(nil)
  private let isRetired = Atomic<Bool>(false)

  init(
    _ image: any ShownImage, _ context: GLContext, _ configuration: TransferConfiguration, _ duties: ConsumerDuties,
    _ logger: Logger
  ) {
    image.life.belongs(to: duties.notice)
    self.image = image
    self.context = context
    self.configuration = configuration
    self.duties = duties
    self.logger = logger
  }

  /// If the GL context ended first, no call has waited for the application's own submissions.
  deinit { if !isRetired.load(ordering: .acquiring) { image.ownership.waitForQueue() } }

  var ownership: ImageOwnership { image.ownership }

  /// The slot as the selection sees it. GL is known to be done with an idle slot only where the CPU has waited for GL.
  var policyView: SlotSelection.Slot {
    if isTaken.load(ordering: .acquiring) { return SlotSelection.Slot(state: .writing, frame: ownership.tag) }
    return SlotSelection.Slot(
      state: ownership.current, frame: ownership.tag, isDone: configuration.sync == .cpuWait && ownership.isVulkanDone)
  }

  /// Retires the image, which neither API uses any more. On the GL thread.
  func retire() throws(InteropError) {
    try image.retire()
    isRetired.store(true, ordering: .releasing)
  }

  /// Runs a step and remembers a failure of the combination, as opposed to a misuse.
  func noting<Result: ~Copyable>(_ step: () throws(InteropError) -> Result) throws(InteropError) -> Result {
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

  // MARK: GL's access

  /// Begins GL's access to a frame, on the GL thread.
  func beginShowing(_ number: UInt64) throws(InteropError) {
    duties.perform(in: context)
    let isOutermost = try context.beginCall("begin GL access")
    defer { if isOutermost { context.endCall() } }
    do throws(InteropError) {
      try noting { () throws(InteropError) in try image.acquireForGL(tag: number) }
      acquired.store(number, ordering: .releasing)
    } catch {
      // The next frame uses another combination.
      duties.perform(in: context)
      throw error
    }
  }

  /// Ends GL's access to a frame, on the GL thread.
  func endShowing(_ number: UInt64) throws(InteropError) {
    let isOutermost = try context.beginCall("release a frame")
    defer { if isOutermost { context.endCall() } }
    guard acquired.load(ordering: .acquiring) == number else {
      throw ImageOwnership.invalidState("release frame \(number)", "it has not been acquired, or was released already")
    }
    try end()
    isFree()
  }

  private func end() throws(InteropError) {
    // Stored before the end of the access, because the next access may begin at once.
    acquired.store(0, ordering: .releasing)
    let number = ownership.tag
    do throws(InteropError) {
      try noting { () throws(InteropError) in try image.releaseFromGL(naming: nil) }
    } catch {
      acquired.store(number, ordering: .releasing)
      throw error
    }
  }

  /// Ends or drops a frame that its holder discarded without a release.
  func abandon(_ number: UInt64) {
    do throws(InteropError) {
      if acquired.load(ordering: .acquiring) == number {
        // Only the GL thread can signal the end of GL's access.
        guard context.isCurrent() else { return duties.leave(self, number) }
        try end()
      } else {
        guard ownership.tag == number, ownership.current == .ready else { return }
        try ownership.drop(tag: number)
      }
      isFree()
    } catch let error where error.code == .invalidState {
      // The Vulkan side has dropped the frame meanwhile.
    } catch {
      logger.error("frame \(number) was let go, and its slot is not free yet: \(error)")
      duties.leave(self, number)
    }
  }

  /// Wakes threads that wait for a slot. Without a consumer no thread waits, and the slot retires here.
  private func isFree() {
    duties.signal.notify()
    if duties.hasConsumer || !context.isCurrent() { return }
    do throws(InteropError) { try retire() } catch { logger.error("a frame slot was not given back cleanly: \(error)") }
  }

  // MARK: Vulkan's access

  /// Frees the slot of a discarded target, whose access may have begun.
  func abandonTarget(_ number: UInt64) {
    switch ownership.abandonWriting(tag: number) {
    case .nothingToDo, .dropped, .released:
      isTaken.store(false, ordering: .releasing)
      duties.signal.notify()
    case .lost:
      logger.error(
        "target \(number) was let go while its image was out (acquireBarrier, acquireForExternal; glvk_target_acquire_barrier, glvk_target_acquire_for_external): its slot is lost to the ring"
      )
    }
  }
}

/// Does a ring's due work. The consumer adopts it.
protocol ConsumerDutyHolder: AnyObject, Sendable {
  /// Does the due work, on the GL thread.
  func performDuties()
}

/// Collects the reports of frames and slots for the consumer, and the work that only the GL thread can do.
final class ConsumerDuties: Sendable {
  /// Wakes threads that wait for a slot.
  let signal = SlotSignal()
  /// Calls the application's closure for images that retire. Targets and frames that outlive the consumer keep it.
  let notice = RetirementNotice()
  /// Whether work is due on the GL thread.
  let isDue = Atomic<Bool>(false)
  private let consumer = Mutex(Consumer())
  private let left = Mutex<[(slot: ConsumerSlot, number: UInt64)]>([])

  private struct Consumer {
    weak var value: (any ConsumerDutyHolder)?
  }

  func belong(to consumer: any ConsumerDutyHolder) { self.consumer.withLock { $0.value = consumer } }

  var hasConsumer: Bool { consumer.withLock { $0.value != nil } }

  /// Keeps the slot of a frame that was discarded on a thread where GL could not be told, until the GL thread ends the
  /// access.
  func leave(_ slot: ConsumerSlot, _ number: UInt64) {
    left.withLock { $0.append((slot, number)) }
    isDue.store(true, ordering: .releasing)
    if !hasConsumer { end() }
  }

  /// Releases the slots that wait for the GL thread, since without a consumer no call ends their accesses.
  func end() {
    let frames = left.withLock { frames in
      defer { frames.removeAll() }
      return frames
    }
    _ = frames
  }

  /// Does the due work, if this is the GL thread.
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
