import BenchmarkReport
import GLVulkanInterop

/// The Swift library's frames with one combination: through shared images (Layer 1) and through producers (Layer 2).
final class SwiftFrames {
  let side: SwiftSide
  let queue: VulkanQueue
  let size: PixelSize
  let images: [SharedImage]
  private let producer: ProducerFrames
  private let hostCopy: ProducerFrames
  private let landings: [Landing]

  /// Creates all objects, with the side's context current.
  init(_ side: SwiftSide, _ setup: Setup, size: PixelSize, inFlight: Int) throws {
    self.side = side
    self.size = size
    let queue = try side.queue(family: setup.queueFamily)
    self.queue = queue
    images = try (0..<inFlight).map { _ in
      try SharedImage(
        SharedImageDescription(size: size), gl: side.context.gl, host: side.host, sync: setup.sync,
        ownershipQueue: queue
      )
    }
    landings = try (0..<inFlight).map { _ in try Landing(side.host) }
    func frames(_ options: ProducerOptions) throws -> ProducerFrames {
      ProducerFrames(
        try SurfacelessEGLProducer(size: size, host: side.host, context: side.context, options: options))
    }
    producer = try frames(setup.options(.opaqueFD, .direct, setup.sync, framesInFlight: inFlight))
    hostCopy = try frames(setup.options(.hostCopy, nil, .cpuWait, framesInFlight: inFlight))
  }

  deinit { side.waitForDevice() }

  /// Consumes the signals that are due. Call it with the context current, before the object is destroyed.
  func close() throws {
    try drain()
    for image in images { try image.retire() }
  }

  func workloads() -> [Workload] {
    [
      Workload("swift-direct", "Swift, SharedImage: GL draws into the shared image", .direct, .swift) {
        try self.direct($0)
      },
      Workload("swift-producer", "Swift, SurfacelessEGLProducer: render, access", .direct, .swift) {
        try self.producer.frame($0, on: self.queue, waits: true)
      },
      Workload(
        "swift-direct-pipelined", "Swift, SharedImage, several frames in flight", .direct, .swift, isPipelined: true,
        drain: { _ in try self.drain() }
      ) { try self.submit($0) },
      Workload(
        "swift-producer-pipelined", "Swift, SurfacelessEGLProducer, several frames in flight", .direct, .swift,
        isPipelined: true, drain: { _ in try self.producer.drain() }
      ) { try self.producer.frame($0, on: self.queue, waits: false) },
      Workload(
        "swift-handover", "Swift, SharedImage: from GL's finished drawing to Vulkan's completion", .direct, .swift,
        prepare: { try self.prepareHandover($0) }
      ) { try self.handOver($0) },
      Workload("swift-host-copy", "Swift, SurfacelessEGLProducer with the path host-copy", .copied, .swift) {
        try self.hostCopy.frame($0, on: self.queue, waits: true)
      },
      Workload(
        "swift-host-copy-pipelined", "Swift, the path host-copy, several frames in flight", .copied, .swift,
        isPipelined: true, drain: { _ in try self.hostCopy.drain() }
      ) { try self.hostCopy.frame($0, on: self.queue, waits: false) },
    ]
  }

  // MARK: Frames of shared images

  private func direct(_ number: UInt32) throws {
    try submit(number)
    try finish(number)
  }

  private func submit(_ number: UInt32) throws {
    let image = images[Int(number) % images.count]
    try drawShared(number, into: image)
    try image.releaseFromGL()
    try access(number, image)
  }

  private func prepareHandover(_ number: UInt32) throws {
    try drawShared(number, into: images[Int(number) % images.count])
    side.context.gl.gl.glFinish()
  }

  private func handOver(_ number: UInt32) throws {
    let image = images[Int(number) % images.count]
    try image.releaseFromGL()
    try access(number, image)
    try finish(number)
  }

  /// GL's access, without its end.
  func drawShared(_ number: UInt32, into image: SharedImage) throws {
    let gl = side.context.gl.gl
    try image.acquireForGL()
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), image.glFramebuffer ?? 0)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    draw(number, gl)
  }

  private func access(_ number: UInt32, _ image: SharedImage) throws {
    let landing = landings[Int(number) % landings.count]
    try image.access(.transferSource, on: AccessQueues(queue)) { commands in
      landing.record(image.vkImage, number, into: commands)
    }
    try landing.throwIfWrong()
  }

  private func finish(_ number: UInt32) throws {
    let slot = Int(number) % images.count
    try images[slot].waitForVulkan()
    try landings[slot].check()
  }

  private func drain() throws {
    try side.host.waitForQueues()
    for landing in landings { try landing.check() }
  }
}
