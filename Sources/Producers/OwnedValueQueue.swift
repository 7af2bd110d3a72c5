internal import InteropBase

/// A queue, first in, first out, for values that have one owner.
///
/// Closures cannot consume what they capture, so a value of this kind changes threads in this queue.
final class OwnedValueQueue<Element: ~Copyable & Sendable>: Sendable {
  private let storage: Mutex<Storage>
  private let signal = SlotSignal()

  private struct Storage: ~Copyable, @unchecked Sendable {
    // Arrays hold no noncopyable values, so they live in memory that the queue allocates, as a ring.
    let base: UnsafeMutablePointer<Element>
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

    mutating func push(_ element: consuming Element) {
      (base + (head + count) % capacity).initialize(to: element)
      count += 1
    }

    mutating func pop() -> Element? {
      guard count > 0 else { return nil }
      let element = (base + head).move()
      head = (head + 1) % capacity
      count -= 1
      return element
    }
  }

  init(capacity: Int) {
    precondition(capacity > 0, "a queue holds at least one frame")
    storage = Mutex(Storage(capacity: capacity))
  }

  /// Appends an element. If the queue is full, it drops its oldest element. If it is closed, it drops this one and
  /// returns false.
  func send(_ element: consuming Element) -> Bool {
    var incoming: Element? = consume element
    var isTaken = false
    let displaced: Element? = storage.withLock { storage in
      guard !storage.isClosed, let element = incoming.take() else { return nil }
      let displaced = storage.count == storage.capacity ? storage.pop() : nil
      storage.push(element)
      isTaken = true
      return displaced
    }
    // Dropped after the lock is released: dropping a frame wakes threads that wait for a slot.
    _ = consume displaced
    signal.notify()
    return isTaken
  }

  /// Removes and returns the oldest element; nil after `timeout`, or when the queue is closed and empty.
  func receive(timeout: Duration) -> Element? {
    while true {
      let isAvailable: Bool? = signal.wait(timeout: timeout) {
        storage.withLock { $0.count > 0 ? true : $0.isClosed ? false : nil }
      }
      guard isAvailable == true else { return nil }
      // Another receiver may have been faster; then wait again.
      if let element = storage.withLock({ $0.pop() }) { return element }
    }
  }

  func close() {
    storage.withLock { $0.isClosed = true }
    signal.notify()
  }
}
