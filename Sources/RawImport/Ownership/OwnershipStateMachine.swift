/// The hand-over of one shared image between its writer and its reader, as a state machine without a driver.
///
/// ```
///            beginWriting        endWriting          beginReading         endReading
///   idle ───────────────▶ writing ─────────▶ ready ───────────────▶ reading ─────────▶ idle
///    ▲                       │                ▲                       │
///    ├──── abandonWriting ───┘                └──── cancelReading ────┤
///    └─────────────────────────── abandonReading ─────────────────────┘
/// ```
///
/// Ending a write or a read *signals*; the other side's next beginning *waits*. A binary semaphore allows one wait per
/// signal and no second signal before it (EXT_external_objects; a violation hangs GL on ANGLE for good). And the one
/// who waits is always the *other* side: a writer that consumed its own signal would race the reader's wait for the
/// next one, both pending on one semaphore (VUID-vkQueueSubmit-pWaitSemaphores-00068; on ANGLE 7 of 12 runs hung). So
/// there is no way from `ready` to `idle` but through the reader: a frame that is dropped is read by nobody, in a turn
/// of its own. A writer that waits for its own signal until that wait is *done* is the exception
/// (``abandonReading()``).
public struct OwnershipStateMachine: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Nobody uses the image; the writer may begin.
    case idle
    case writing
    /// Written, the reader may begin.
    case ready
    case reading
  }

  /// A signal that was submitted and has not been waited for.
  public enum Signal: String, Sendable, Hashable, CaseIterable {
    case writerDone, readerDone
  }

  public enum Violation: Error, Sendable, Hashable {
    case notAllowed(operation: String, state: State)
  }

  public private(set) var state: State = .idle
  public private(set) var pending: Signal?
  /// What the present writer was told to wait for: given back if it never submits that wait.
  private var consumedByWriter: Signal?

  /// - Parameter pending: `readerDone` where the reading side prepared the image and signalled.
  public init(pending: Signal? = nil) {
    precondition(pending != .writerDone, "a new image has not been written")
    self.pending = pending
  }

  /// - Returns: the signal the writer must wait for before it touches the image, nil for none.
  public mutating func beginWriting() throws(Violation) -> Signal? {
    try move(from: .idle, to: .writing, "begin writing")
    consumedByWriter = consume()
    return consumedByWriter
  }

  /// The writer signals `writerDone` with this.
  public mutating func endWriting() throws(Violation) {
    try move(from: .writing, to: .ready, "end writing")
    consumedByWriter = nil
    pending = .writerDone
  }

  /// The writer gave up before it signalled.
  ///
  /// - Parameter waited: whether the wait that ``beginWriting()`` asked for was submitted. If not, it is still due.
  public mutating func abandonWriting(waited: Bool) throws(Violation) {
    try move(from: .writing, to: .idle, "abandon writing")
    if !waited { pending = consumedByWriter }
    consumedByWriter = nil
  }

  /// - Returns: the signal the reader must wait for, always `writerDone`.
  public mutating func beginReading() throws(Violation) -> Signal? {
    try move(from: .ready, to: .reading, "begin reading")
    return consume()
  }

  /// The reader signals `readerDone` with this.
  public mutating func endReading() throws(Violation) {
    try move(from: .reading, to: .idle, "end reading")
    pending = .readerDone
  }

  /// The reader gave up before it *submitted* its wait: the writer's signal is pending again.
  public mutating func cancelReading() throws(Violation) {
    try move(from: .reading, to: .ready, "cancel reading")
    pending = .writerDone
  }

  /// Nobody has read, and nobody signals: for a writer that took its frame back. It has submitted the wait for its own
  /// signal, and looks that this is done before it begins again: then no other wait can be pending on the same
  /// semaphore.
  public mutating func abandonReading() throws(Violation) {
    try move(from: .reading, to: .idle, "abandon reading")
  }

  /// For destruction: the signal the writer must wait for first. Allowed while nobody uses the image and nothing is
  /// ready.
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
