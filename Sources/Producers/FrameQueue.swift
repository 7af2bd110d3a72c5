/// Moves frames from the thread that renders to the thread that shows them, first in, first out: ``Frame`` values from
/// GL's thread to Vulkan's, ``GLFrame`` values from Vulkan's thread to GL's.
///
/// A frame has one owner, and closures cannot consume what they capture. A frame changes threads in this queue.
public final class FrameQueue<Element: ~Copyable & Sendable>: Sendable {
  private let queue: OwnedValueQueue<Element>

  /// - Parameter capacity: the maximum number of frames in the queue; the `framesInFlight` of the producer or consumer
  ///   is always enough. A value less than one counts as one.
  public init(capacity: Int = 16) { queue = OwnedValueQueue(capacity: max(capacity, 1)) }

  /// Appends a frame. If the queue is full, it drops its oldest frame.
  ///
  /// - Returns: false if the queue is closed; it then drops this frame.
  @discardableResult
  public func send(_ frame: consuming Element) -> Bool { queue.send(frame) }

  /// Removes and returns the oldest frame. A thread that must not wait passes a timeout of zero.
  ///
  /// - Returns: nil after `timeout`, or when the queue is closed and empty.
  public func receive(timeout: Duration = .seconds(5)) -> Element? { queue.receive(timeout: timeout) }

  /// Closes the queue for new frames. Receivers get the remaining frames, and then nil.
  public func close() { queue.close() }
}
