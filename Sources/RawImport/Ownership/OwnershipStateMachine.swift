/// Tracks the ownership of one shared image between its writer and its reader, as a state machine without a driver.
///
/// ```
///            beginWriting        endWriting          beginReading         endReading
///   idle ───────────────▶ writing ─────────▶ ready ───────────────▶ reading ─────────▶ idle
///    ▲                       │                ▲                       │
///    ├──── abandonWriting ───┘                └──── cancelReading ────┤
///    └─────────────────────────── abandonReading ─────────────────────┘
/// ```
///
/// The end of a write or a read *signals*; the other side's next beginning *waits*. A binary semaphore allows one wait
/// per signal and no second signal before it (EXT_external_objects; a violation hangs GL on ANGLE for good). The side
/// that waits is always the *other* one: a writer that consumed its own signal would race the reader's wait for the
/// next one, both pending on one semaphore (VUID-vkQueueSubmit-pWaitSemaphores-00068; on ANGLE 7 of 12 runs hung). So
/// `ready` leads to `idle` only through the reader: a dropped frame passes through a reading access without a read. The
/// exception is a writer that waits for its own signal until that wait is *done* (``abandonReading()``).
public struct OwnershipStateMachine: Sendable, Hashable {
  /// The user of the image, or the next one.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// The image is unused; the writer may begin.
    case idle
    /// The writer has the image.
    case writing
    /// The image is written; the reader may begin.
    case ready
    /// The reader has the image.
    case reading
  }

  /// A signal that was submitted and has not been waited for.
  public enum Signal: String, Sendable, Hashable, CaseIterable {
    /// The writer has ended; the reader waits for it.
    case writerDone
    /// The reader has ended; the writer waits for it.
    case readerDone
  }

  /// Why a step was refused.
  public enum Violation: Error, Sendable, Hashable {
    /// The state does not allow the step.
    case notAllowed(operation: String, state: State)
  }

  /// The present state.
  public private(set) var state: State = .idle
  /// The signal that the next beginning waits for; nil for none.
  public private(set) var pending: Signal?
  /// The signal that the present writer has to wait for. It is pending again if the writer never submits that wait.
  private var consumedByWriter: Signal?

  /// - Parameter pending: `readerDone` where the reading side prepared the image and signalled.
  public init(pending: Signal? = nil) {
    precondition(pending != .writerDone, "a new image has not been written")
    self.pending = pending
  }

  /// Begins the writer's access.
  ///
  /// - Returns: the signal the writer must wait for before it touches the image, nil for none.
  public mutating func beginWriting() throws(Violation) -> Signal? {
    try move(from: .idle, to: .writing, "begin writing")
    consumedByWriter = consume()
    return consumedByWriter
  }

  /// Ends the writer's access. The writer signals `writerDone` with this.
  public mutating func endWriting() throws(Violation) {
    try move(from: .writing, to: .ready, "end writing")
    consumedByWriter = nil
    pending = .writerDone
  }

  /// Abandons the writer's access before the writer has signalled.
  ///
  /// - Parameter waited: whether the wait that ``beginWriting()`` asked for was submitted. If not, it is still due.
  public mutating func abandonWriting(waited: Bool) throws(Violation) {
    try move(from: .writing, to: .idle, "abandon writing")
    if !waited { pending = consumedByWriter }
    consumedByWriter = nil
  }

  /// Begins the reader's access.
  ///
  /// - Returns: the signal the reader must wait for, always `writerDone`.
  public mutating func beginReading() throws(Violation) -> Signal? {
    try move(from: .ready, to: .reading, "begin reading")
    return consume()
  }

  /// Ends the reader's access. The reader signals `readerDone` with this.
  public mutating func endReading() throws(Violation) {
    try move(from: .reading, to: .idle, "end reading")
    pending = .readerDone
  }

  /// Cancels the reader's access before the reader has *submitted* its wait: the writer's signal is pending again.
  public mutating func cancelReading() throws(Violation) {
    try move(from: .reading, to: .ready, "cancel reading")
    pending = .writerDone
  }

  /// Ends a read that reads and signals nothing, for a writer that drops its own frame.
  ///
  /// The writer has submitted the wait for its own signal, and makes sure that this wait is done before it begins
  /// again. Then no other wait can be pending on the same semaphore.
  public mutating func abandonReading() throws(Violation) {
    try move(from: .reading, to: .idle, "abandon reading")
  }

  /// Retires the image. Allowed while the image is unused and no frame is ready.
  ///
  /// - Returns: the signal the writer must wait for before destruction; nil for none.
  public mutating func retire() throws(Violation) -> Signal? {
    try move(from: .idle, to: .idle, "retire")
    return consume()
  }

  private mutating func move(from: State, to: State, _ operation: String) throws(Violation) {
    guard state == from else { throw .notAllowed(operation: operation, state: state) }
    state = to
  }

  private mutating func consume() -> Signal? {
    defer { pending = nil }
    return pending
  }
}
