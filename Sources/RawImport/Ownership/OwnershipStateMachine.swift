/// Tracks the ownership of one shared image between its writer and its reader, as a state machine without a driver.
///
/// ```
///            begin(.writer)       end(.writer)         begin(.reader)       end(.reader)
///   idle ───────────────▶ writing ─────────▶ ready ───────────────▶ reading ─────────▶ idle
///    ▲                       │                ▲                       │
///    ├── cancel(.writer) ────┘                └── cancel(.reader) ────┤
///    └───────────────────── abandonReading ───────────────────────────┘
/// ```
///
/// The end of a write or a read *signals*; the other side's next beginning *waits*. A binary semaphore allows one wait
/// per signal and no second signal before it (EXT_external_objects; a violation hangs GL on ANGLE for good). The side
/// that waits is always the *other* one: a writer that consumed its own signal would race the reader's wait for the
/// next one, both pending on one semaphore (VUID-vkQueueSubmit-pWaitSemaphores-00068; on ANGLE 7 of 12 runs hung). So
/// `ready` leads to `idle` only through the reader: a dropped frame passes through a reading access without a read. The
/// exception is a writer that waits for its own signal until that wait is *done* (``abandonReading()``).
///
/// An access has a ``Holder``, which decides what may end or cancel it:
///
/// | holder | begun by | goes on to | may end | may be cancelled |
/// |---|---|---|---|---|
/// | `gl` | GL's thread | | yes | yes |
/// | `call` | a call of the package that has not returned | `submitted`, `acquireGiven` | yes | yes |
/// | `drop` | a call that drops the frame | | yes | yes |
/// | `submitted` | | | yes | no: its wait has been submitted |
/// | `acquireGiven` | | `releaseGiven` | no | yes |
/// | `releaseGiven` | | `releaseSubmitted` | no | yes |
/// | `releaseSubmitted` | | | yes | no |
/// | `foreign` | a display, another process | | yes | yes, before the image was given away |
package struct OwnershipStateMachine: Sendable, Hashable {
  /// The two users of the image.
  package enum Side: Sendable, Hashable, CaseIterable { case writer, reader }

  /// Who has the access, and which call ends it.
  package enum Holder: UInt8, Sendable, Hashable, CaseIterable {
    /// GL, on its thread.
    case gl
    /// A call of the package, which ends the access before it returns, or has not returned yet.
    case call
    /// A call that passes the reader's access without a read.
    case drop
    /// The package has submitted the acquire. A submission of the package ends the access.
    case submitted
    /// The application has the acquire barrier and not yet the release barrier.
    case acquireGiven
    /// The application has both barriers. A second release would signal twice for one wait.
    case releaseGiven
    /// The application has submitted both, and the device refused the package's addition. The call can be repeated.
    case releaseSubmitted
    /// A foreign user, which is neither GL nor this Vulkan device.
    case foreign
  }

  package enum Phase: Sendable, Hashable {
    case idle
    case writing(Holder)
    case ready
    case reading(Holder)

    package var state: OwnershipState {
      switch self {
      case .idle: .idle
      case .writing: .writing
      case .ready: .ready
      case .reading: .reading
      }
    }

    package var holder: Holder? {
      switch self {
      case .writing(let holder), .reading(let holder): holder
      case .idle, .ready: nil
      }
    }

    package static func held(_ side: Side, by holder: Holder) -> Phase {
      side == .writer ? .writing(holder) : .reading(holder)
    }
  }

  /// A signal that was submitted and has not been waited for.
  package enum Signal: String, Sendable, Hashable, CaseIterable {
    /// The writer has ended; the reader waits for it.
    case writerDone
    /// The reader has ended; the writer waits for it.
    case readerDone
  }

  /// A step that the phase does not allow. Nothing has changed.
  package struct Violation: Error, Sendable, Hashable {
    package let operation: Operation
    package let phase: Phase
  }

  package enum Operation: String, Sendable, Hashable {
    case beginWriting = "begin writing"
    case endWriting = "end writing"
    case cancelWriting = "abandon writing"
    case beginReading = "begin reading"
    case endReading = "end reading"
    case cancelReading = "cancel reading"
    case abandonReading = "abandon reading"
    case passOn = "pass the access on"
    case retire
  }

  package private(set) var phase: Phase = .idle
  /// The signal that the next beginning waits for; nil for none.
  package private(set) var pending: Signal?
  /// Whether a cancelled access has not returned the image yet, because the device refused. The next access, or the
  /// retirement, completes that first.
  package private(set) var isRecovering = false
  /// The signal that the present holder has to wait for. It is pending again if the holder never submits that wait.
  private var consumed: Signal?

  package var state: OwnershipState { phase.state }

  /// - Parameter pending: `readerDone` where the reading side prepared the image and signalled.
  package init(pending: Signal? = nil) {
    precondition(pending != .writerDone, "a new image has not been written")
    self.pending = pending
  }

  // MARK: Accesses

  /// Begins an access.
  ///
  /// - Returns: the signal to wait for before the image is touched, nil for none. For a reader always `writerDone`.
  package mutating func begin(_ side: Side, by holder: Holder) throws(Violation) -> Signal? {
    guard phase == (side == .writer ? .idle : .ready) else {
      throw violation(side == .writer ? .beginWriting : .beginReading)
    }
    phase = .held(side, by: holder)
    consumed = pending
    pending = nil
    return consumed
  }

  /// Lets the call that began an access return: from now on `holder` has it.
  package mutating func pass(_ side: Side, from old: Holder, to holder: Holder) throws(Violation) {
    let isAllowed =
      switch (old, holder) {
      case (.call, .submitted), (.call, .acquireGiven), (.acquireGiven, .releaseGiven),
        (.releaseGiven, .releaseSubmitted):
        true
      default: false
      }
    guard isAllowed, phase == .held(side, by: old) else { throw violation(.passOn) }
    phase = .held(side, by: holder)
  }

  /// Ends an access. The side signals with this: `writerDone`, `readerDone`.
  package mutating func end(_ side: Side, by holder: Holder) throws(Violation) {
    let mayEnd =
      switch holder {
      case .gl, .call, .drop, .submitted, .releaseSubmitted, .foreign: true
      case .acquireGiven, .releaseGiven: false
      }
    guard mayEnd, phase == .held(side, by: holder) else {
      throw violation(side == .writer ? .endWriting : .endReading)
    }
    consumed = nil
    (phase, pending) = side == .writer ? (.ready, .writerDone) : (.idle, .readerDone)
  }

  /// Cancels an access before its holder has signalled: the side may begin it again.
  ///
  /// - Parameters:
  ///   - waited: whether the wait that ``begin(_:by:)`` asked for was submitted. If not, it is still due.
  ///   - isReturned: whether the image is where it was before the access; else the return is to be completed first
  ///     (``isRecovering``).
  package mutating func cancel(
    _ side: Side, by holder: Holder, waited: Bool = false, isReturned: Bool = true
  ) throws(Violation) {
    let mayCancel =
      switch holder {
      case .gl, .call, .drop, .acquireGiven, .releaseGiven, .foreign: true
      case .submitted, .releaseSubmitted: false
      }
    guard mayCancel, phase == .held(side, by: holder), side == .writer || !waited else {
      throw violation(side == .writer ? .cancelWriting : .cancelReading)
    }
    phase = side == .writer ? .idle : .ready
    if !waited { pending = consumed }
    consumed = nil
    if !isReturned { isRecovering = true }
  }

  /// Ends a read that reads and signals nothing, for a writer that drops its own frame.
  ///
  /// The writer has submitted the wait for its own signal, and makes sure that this wait is done before it begins
  /// again. Then no other wait can be pending on the same semaphore.
  package mutating func abandonReading() throws(Violation) {
    guard phase == .reading(.drop) else { throw violation(.abandonReading) }
    (phase, consumed) = (.idle, nil)
  }

  // MARK: The end

  /// Records that the return of a cancelled access is complete.
  package mutating func didRecover() { isRecovering = false }

  /// Retires the image. Allowed while the image is unused, no frame is ready and no return is due.
  ///
  /// - Returns: the signal to wait for before destruction; nil for none.
  package mutating func retire() throws(Violation) -> Signal? {
    guard phase == .idle, !isRecovering else { throw violation(.retire) }
    defer { pending = nil }
    return pending
  }

  private func violation(_ operation: Operation) -> Violation { Violation(operation: operation, phase: phase) }
}
