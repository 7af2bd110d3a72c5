import GLVulkanInterop

/// Copies each frame into an image of the window's swapchain and presents that.
final class WindowPresenter: FramePresenter {
  var queue: VulkanQueue { surface.queue }
  let followsClock = true
  private let surface: WindowSurface
  private let host: VulkanHost
  private let format: PixelFormat
  private var submissions: FrameSubmissionRing
  /// One for each submission: signalled when the presentation engine has given an image back.
  private let imageAvailable: [BinarySemaphore]
  private var swapchain: Swapchain?
  private var acquired: Swapchain.Image?
  private var needsNewSwapchain = true

  init(_ surface: WindowSurface, producer: SurfacelessEGLProducer) throws(InteropError) {
    self.surface = surface
    host = producer.host
    format = producer.options.format
    let count = producer.options.framesInFlight
    submissions = try FrameSubmissionRing(count, host: host, queue: surface.queue)
    imageAvailable = try BinarySemaphore.make(count, on: host)
    surface.window.show()
  }

  func beginFrame() throws -> FrameReadiness {
    surface.window.handleEvents()
    try submissions.advance()
    if surface.window.isClosed { return .closed }
    // Twice at most: whoever drags the window's corner must not keep us here.
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
    // Minimised, or changing faster than we can follow.
    surface.window.waitForEvents(atMost: .milliseconds(50))
    return .hidden
  }

  func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant {
    guard let swapchain, let target = acquired.take() else {
      // The last frame of a window that is closed or hidden: only its pixels are wanted.
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
    let submitted = ContinuousClock.now
    needsNewSwapchain = try swapchain.present(target) != .current
    return submitted
  }

  func finish() throws {
    try submissions.finish()
    try surface.waitUntilIdle()
  }

  func report(_ producer: SurfacelessEGLProducer, framesPerSecond: Double) {
    surface.window.setTitle(
      "demo-raw-gl: \(framesPerSecond) fps, \(producer.path), \(producer.mode.rawValue), \(producer.sync.rawValue)")
  }
}
