import GLVulkanInterop

/// No window: Vulkan reads the first few pixels of each frame, which is enough to need the whole hand-over.
final class HeadlessPresenter: FramePresenter {
  let queue: VulkanQueue
  let followsClock = false
  private let size: PixelSize
  private let probed: PixelSize
  private var submissions: FrameSubmissionRing
  /// One for each submission: several may be under way.
  private let landings: [HostBuffer]

  init(_ producer: SurfacelessEGLProducer) throws(InteropError) {
    let host = producer.host
    // It only copies, so it takes the frames where that costs least.
    queue = producer.handoverQueue
    size = producer.size
    probed = PixelSize(width: min(size.width, 4), height: min(size.height, 4))
    submissions = try FrameSubmissionRing(producer.options.framesInFlight, host: host, queue: queue)
    var made: [HostBuffer] = []
    for _ in 0..<producer.options.framesInFlight {
      let byteCount = probed.width * probed.height * producer.options.format.bytesPerPixel
      made.append(try HostBuffer(host: host, size: byteCount, .readback))
    }
    landings = made
  }

  func beginFrame() throws -> FrameReadiness {
    try submissions.advance()
    return .ready(size)
  }

  func present(_ frame: consuming Frame, copyingTo picture: Picture?) throws -> ContinuousClock.Instant {
    let landing = landings[submissions.index]
    try submissions.current.submit(frame) { commands, image in
      landing.recordCopy(from: image, probed, layout: VulkanAccess.transferSource.layout, into: commands)
      picture?.recordCopy(from: image, into: commands)
    }
    return .now
  }

  func finish() throws { try submissions.finish() }

  func report(_ producer: SurfacelessEGLProducer, framesPerSecond: Double) {}
}
