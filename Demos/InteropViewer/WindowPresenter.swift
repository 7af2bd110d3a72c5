package import GLVulkanInterop

/// Copies each frame into an image of the window's swapchain and presents that.
package final class WindowPresenter: FramePresenter {
  package var queue: VulkanQueue { surface.queue }
  package let followsClock = true
  private let surface: WindowSurface
  private let host: VulkanHost
  private let format: PixelFormat
  private var submissions: FrameSubmissionRing
  /// One for each submission: signalled when the presentation engine has returned an image.
  private let imageAvailable: [BinarySemaphore]
  private var swapchain: Swapchain?
  private var acquired: Swapchain.Image?
  private var needsNewSwapchain = true

  /// Shows the window.
  ///
  /// - Parameters:
  ///   - surface: of the frames' device.
  ///   - format: the frames'.
  ///   - framesInFlight: the maximum number of frames in flight.
  package init(_ surface: WindowSurface, format: PixelFormat, framesInFlight: Int) throws(InteropError) {
    self.surface = surface
    host = surface.host
    self.format = format
    submissions = try FrameSubmissionRing(framesInFlight, host: host, queue: surface.queue)
    imageAvailable = try BinarySemaphore.make(framesInFlight, on: host)
    surface.window.show()
  }

  package func beginFrame() throws -> FrameReadiness {
    surface.window.handleEvents()
    try submissions.advance()
    if surface.window.isClosed { return .closed }
    // At most twice: a user who drags the window's corner must not block this function.
    for _ in 0..<2 where !surface.window.isMinimised {
      if needsNewSwapchain || swapchain?.windowSize != surface.window.size {
        swapchain = try surface.makeSwapchain(for: format, replacing: swapchain)
        needsNewSwapchain = swapchain == nil
      }
      guard let swapchain else { break }
      switch try swapchain.acquire(signalling: imageAvailable[submissions.index].handle) {
      case .image(let image):
        acquired = image
        return .ready(swapchain.size)
      case .notReady: return .hidden
      case .outOfDate: needsNewSwapchain = true
      }
    }
    // The window is minimised, or its size changes faster than new swapchains are made.
    surface.window.waitForEvents(atMost: .milliseconds(50))
    return .hidden
  }

  package func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant {
    guard let swapchain, let target = acquired else {
      // For the last frame of a closed or hidden window, only its pixels are needed.
      try submissions.current.submit(frame) { commands, image in picture?.recordCopy(from: image, into: commands) }
      return .now
    }
    let (size, orientation) = (frame.size, frame.orientation)
    let available = FrameSubmission.Wait(
      semaphore: imageAvailable[submissions.index].handle, stage: VulkanAccess.transferDestination.stages)
    try submissions.current.submit(frame, waitingFor: available, signalling: target.renderFinished) { commands, image in
      swapchain.recordBlit(from: image, size, orientation, to: target, into: commands)
      picture?.recordCopy(from: image, into: commands)
    }
    // Not cleared earlier: an image for which no frame came is used for the next one.
    acquired = nil
    let submitted = ContinuousClock.now
    needsNewSwapchain = try swapchain.present(target) != .current
    return submitted
  }

  package func finish() throws {
    try submissions.finish()
    try surface.waitUntilIdle()
  }

  package func report(_ text: String) { surface.window.setTitle(text) }
}
