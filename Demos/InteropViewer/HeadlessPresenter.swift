package import GLVulkanInterop

/// Presents without a window: Vulkan reads the first few pixels of each frame, which needs complete ownership
/// transfers.
package final class HeadlessPresenter: FramePresenter {
  package let queue: VulkanQueue
  package let followsClock = false
  private let size: PixelSize
  private var submissions: FrameSubmissionRing
  /// One for each submission, because several may be in flight.
  private let landings: [HostBuffer]

  /// - Parameters:
  ///   - host: the frames' device.
  ///   - queue: the queue on which the frames are used. It only copies, so the queue on which an ownership transfer
  ///     costs least is best.
  ///   - format: the frames'.
  ///   - size: of the frames that are wanted, in pixels.
  ///   - framesInFlight: the maximum number of frames in flight.
  package init(
    _ host: VulkanHost, queue: VulkanQueue, format: PixelFormat, size: PixelSize, framesInFlight: Int
  ) throws(InteropError) {
    self.queue = queue
    self.size = size
    submissions = try FrameSubmissionRing(framesInFlight, host: host, queue: queue)
    var made: [HostBuffer] = []
    for _ in 0..<framesInFlight {
      made.append(try HostBuffer(host: host, size: 4 * 4 * format.bytesPerPixel, .readback))
    }
    landings = made
  }

  package func beginFrame() throws -> FrameReadiness {
    try submissions.advance()
    return .ready(size)
  }

  package func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant {
    let landing = landings[submissions.index]
    let probed = PixelSize(width: min(frame.size.width, 4), height: min(frame.size.height, 4))
    try submissions.current.submit(frame) { commands, image in
      landing.recordCopy(from: image, probed, layout: VulkanAccess.transferSource.layout, into: commands)
      picture?.recordCopy(from: image, into: commands)
    }
    return .now
  }

  package func finish() throws { try submissions.finish() }

  package func report(_ text: String) {}
}
