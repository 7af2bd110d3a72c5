package import GLVulkanInterop

/// No window: Vulkan reads the first few pixels of each frame, which is enough to need the whole hand-over.
package final class HeadlessPresenter: FramePresenter {
  package let queue: VulkanQueue
  package let followsClock = false
  private let size: PixelSize
  private var submissions: FrameSubmissionRing
  /// One for each submission: several may be under way.
  private let landings: [HostBuffer]

  /// - Parameters:
  ///   - host: the frames'.
  ///   - queue: where they are used. It only copies, so the queue where a hand-over costs least does well.
  ///   - format: the frames'.
  ///   - size: of the frames that are wanted, in pixels.
  ///   - framesInFlight: how many may be under way at once.
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
