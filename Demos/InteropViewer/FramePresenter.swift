package import GLVulkanInterop

/// A reader of frames in Vulkan: a window, or a headless one.
package protocol FramePresenter: AnyObject {
  /// The queue on which frames are used.
  var queue: VulkanQueue { get }
  /// Whether the triangle's angle depends on the time, as in a window. A headless run draws the same pictures each
  /// time.
  var followsClock: Bool { get }

  /// Waits until one of the frames in flight is done, whatever it returns.
  func beginFrame() throws -> FrameReadiness

  /// Submits Vulkan's use of the frame, without waiting for it.
  ///
  /// - Parameter picture: the whole frame is copied to it too, if it is not nil.
  /// - Returns: the time of the submission.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped meanwhile; another frame may be presented in
  ///   its place.
  func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant

  /// Waits until the device is done with all submissions.
  func finish() throws

  /// Shows a text in the window's title, if there is a window.
  func report(_ text: String)
}

package enum FrameReadiness: Equatable {
  /// A frame of this size can be presented.
  case ready(PixelSize)
  /// The window is hidden; ask again later.
  case hidden
  /// The user closed the window.
  case closed
}
