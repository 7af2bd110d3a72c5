package import GLVulkanInterop

/// What Vulkan does with the frames.
package protocol FramePresenter: AnyObject {
  /// The queue frames are used on.
  var queue: VulkanQueue { get }
  /// What the angle follows: a window shows time, a headless run is the same each time.
  var followsClock: Bool { get }

  /// Makes room for the next frame, whatever it answers: waits until one of those under way is done.
  func beginFrame() throws -> FrameReadiness

  /// Submits Vulkan's use of the frame, without waiting for it.
  ///
  /// - Parameter picture: takes the whole frame too, if given.
  /// - Returns: when the submission was made.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped meanwhile; another may be presented in its
  ///   place.
  func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant

  /// Waits until the device is done with everything.
  func finish() throws

  /// For the window's title, if there is one.
  func report(_ text: String)
}

package enum FrameReadiness: Equatable {
  /// A frame of this size can be presented.
  case ready(PixelSize)
  /// Nothing can be seen now; ask again.
  case hidden
  /// The user wants no more.
  case closed
}
