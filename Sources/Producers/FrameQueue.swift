/// Hands frames from the thread that renders to the one that shows them, first in, first out.
///
/// A frame has one owner and closures cannot consume what they capture; this is the place where it changes threads.
public final class FrameQueue: Sendable {
  private let queue: OwnedValueQueue<Frame>

  /// - Parameter capacity: how many frames it holds at most; the producer's `framesInFlight` is always enough. One
  ///   at least, which is also what less than one gives.
  public init(capacity: Int = 16) { queue = OwnedValueQueue(capacity: max(capacity, 1)) }

  /// Appends a frame. If the queue is full the oldest one in it is dropped.
  ///
  /// - Returns: false if the queue is closed: then this frame is dropped.
  @discardableResult
  public func send(_ frame: consuming Frame) -> Bool { queue.send(frame) }

  /// The oldest frame.
  ///
  /// - Returns: nil after `timeout`, or when the queue is closed and empty.
  public func receive(timeout: Duration = .seconds(5)) -> Frame? { queue.receive(timeout: timeout) }

  /// No more frames will come: receivers get what is left and then nil.
  public func close() { queue.close() }
}

/// As ``FrameQueue``, from the thread that renders in Vulkan to the GL thread.
public final class GLFrameQueue: Sendable {
  private let queue: OwnedValueQueue<GLFrame>

  /// - Parameter capacity: how many frames it holds at most; the consumer's `framesInFlight` is always enough. One
  ///   at least, which is also what less than one gives.
  public init(capacity: Int = 16) { queue = OwnedValueQueue(capacity: max(capacity, 1)) }

  /// Appends a frame. If the queue is full the oldest one in it is dropped.
  ///
  /// - Returns: false if the queue is closed: then this frame is dropped.
  @discardableResult
  public func send(_ frame: consuming GLFrame) -> Bool { queue.send(frame) }

  /// The oldest frame. A GL thread that must not wait for it gives a timeout of zero.
  ///
  /// - Returns: nil after `timeout`, or when the queue is closed and empty.
  public func receive(timeout: Duration = .seconds(5)) -> GLFrame? { queue.receive(timeout: timeout) }

  /// No more frames will come: receivers get what is left and then nil.
  public func close() { queue.close() }
}
