internal import Synchronization

/// Hands frames from the thread that renders to the one that shows them, first in, first out.
///
/// A frame has one owner and closures cannot consume what they capture; this is the place where it changes threads.
public final class FrameQueue: Sendable {
  private let slots: Mutex<Storage>
  private let signal = SlotSignal()

  private struct Storage: ~Copyable, @unchecked Sendable {
    // Frames are not copyable, so they live in memory of our own, as a ring.
    let base: UnsafeMutablePointer<Frame>
    let capacity: Int
    var head = 0
    var count = 0
    var isClosed = false

    init(capacity: Int) {
      base = .allocate(capacity: capacity)
      self.capacity = capacity
    }

    deinit {
      for offset in 0..<count { (base + (head + offset) % capacity).deinitialize(count: 1) }
      base.deallocate()
    }

    mutating func push(_ frame: consuming Frame) {
      (base + (head + count) % capacity).initialize(to: frame)
      count += 1
    }

    mutating func pop() -> Frame? {
      guard count > 0 else { return nil }
      let frame = (base + head).move()
      head = (head + 1) % capacity
      count -= 1
      return frame
    }
  }

  /// - Parameter capacity: how many frames it holds at most; the producer's `framesInFlight` is always enough.
  public init(capacity: Int = 16) {
    precondition(capacity > 0, "a queue holds at least one frame")
    slots = Mutex(Storage(capacity: capacity))
  }

  /// Appends a frame. If the queue is full the oldest one in it is dropped; if it is closed, this one.
  public func send(_ frame: consuming Frame) {
    var incoming: Frame? = consume frame
    let displaced: Frame? = slots.withLock { storage in
      guard !storage.isClosed, let frame = incoming.take() else { return nil }
      let displaced = storage.count == storage.capacity ? storage.pop() : nil
      storage.push(frame)
      return displaced
    }
    // Dropped outside the lock: giving a frame up wakes the producer.
    _ = consume displaced
    signal.notify()
  }

  /// The oldest frame.
  ///
  /// - Returns: nil after `timeout`, or when the queue is closed and empty.
  public func receive(timeout: Duration = .seconds(5)) -> Frame? {
    enum Look { case available, closed }
    while true {
      let look: Look? = signal.wait(timeout: timeout) {
        slots.withLock { $0.count > 0 ? Look.available : $0.isClosed ? .closed : nil }
      }
      guard look == .available else { return nil }
      // Another receiver may have been faster; then wait again.
      if let frame = slots.withLock({ $0.pop() }) { return frame }
    }
  }

  /// No more frames will come: receivers get what is left and then nil.
  public func close() {
    slots.withLock { $0.isClosed = true }
    signal.notify()
  }
}
