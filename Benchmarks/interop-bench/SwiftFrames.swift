import GLVulkanInterop

/// The Swift library's frames: through shared images (Layer 1) and through producers (Layer 2), on one GL context and
/// one Vulkan device.
final class SwiftFrames {
  let context: SurfacelessContext
  let host: VulkanHost
  let queue: VulkanQueue
  let size: PixelSize
  let images: [SharedImage]
  let producer: SurfacelessEGLProducer
  let hostCopy: SurfacelessEGLProducer
  private let imageLandings: [Landing]
  private let producerLandings: [Landing]
  private let hostCopyLandings: [Landing]

  /// Where 4x4 pixels of a frame arrive for the CPU, and which frame that will be.
  private final class Landing {
    static let size = PixelSize(width: 4, height: 4)
    private let buffer: HostBuffer
    private var expected: UInt32?

    init(_ host: VulkanHost) throws(InteropError) {
      buffer = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
    }

    func record(_ image: VkImage, _ number: UInt32, into commands: VkCommandBuffer) {
      expected = number
      buffer.recordCopy(from: image, Self.size, layout: VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, into: commands)
    }

    /// When the device is done.
    func check() throws {
      guard let expected else { return }
      let bytes = buffer.bytes
      let found = (bytes[0], bytes[1], bytes[2], bytes[3])
      guard found == frameColor(expected) else {
        throw BenchmarkError(description: "frame \(expected) has the colour \(found) instead of \(frameColor(expected))")
      }
    }
  }

  /// Makes everything; the context is current afterwards.
  ///
  /// - Parameter queueFamily: of the queue that acquires frames; nil for the host's first.
  init(
    size: PixelSize, inFlight: Int, platform: SurfacelessContext.Platform, queueFamily: UInt32?
  ) throws {
    self.size = size
    let api: SurfacelessContext.API = if case .angle = platform { .openGLES } else { .openGL }
    let context = try SurfacelessContext(platform: platform, api: api)
    let host = try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl)))
    let found = queueFamily.map { host.queue(family: $0) } ?? host.queues[0]
    guard let found else {
      let families = host.queues.map { String($0.family) }.joined(separator: ", ")
      throw BenchmarkError(description: "there is no queue family \(queueFamily ?? 0); there are: \(families)")
    }
    self.context = context
    self.host = host
    queue = found
    images = try (0..<inFlight).map { _ in
      try SharedImage(SharedImageDescription(size: size), gl: context.gl, host: host)
    }
    producer = try SurfacelessEGLProducer(
      size: size, host: host, context: context,
      options: ProducerOptions(framesInFlight: inFlight, path: .opaqueFD, mode: .direct))
    hostCopy = try SurfacelessEGLProducer(
      size: size, host: host, context: context, options: ProducerOptions(framesInFlight: inFlight, path: .hostCopy))
    func landings() throws -> [Landing] { try (0..<inFlight).map { _ in try Landing(host) } }
    imageLandings = try landings()
    producerLandings = try landings()
    hostCopyLandings = try landings()
  }

  /// Before this goes away, with the context current: consumes the signals that are due.
  func close() throws {
    try drain()
    for image in images { try image.retire() }
  }

  func workloads(pipelined: Bool) -> [Workload] {
    let direct = [
      Workload("swift-direct", "Swift, SharedImage: GL draws into the shared image", .swift) { try self.direct($0) },
      Workload("swift-producer", "Swift, SurfacelessEGLProducer: render, access", .swift) {
        try self.produce(self.producer, self.producerLandings, $0, waits: true)
      },
    ]
    let several = [
      Workload(
        "swift-direct-pipelined", "Swift, SharedImage, several frames in flight", .swift, isPipelined: true,
        drain: drain
      ) { try self.submit($0) },
      Workload(
        "swift-producer-pipelined", "Swift, SurfacelessEGLProducer, several frames in flight", .swift,
        isPipelined: true, drain: drain
      ) { try self.produce(self.producer, self.producerLandings, $0, waits: false) },
    ]
    let copied = Workload("swift-host-copy", "Swift, SurfacelessEGLProducer with the path host-copy", .swift) {
      try self.produce(self.hostCopy, self.hostCopyLandings, $0, waits: true)
    }
    return direct + (pipelined ? several : []) + [copied]
  }

  // MARK: Frames

  @inline(__always)
  private func draw(_ number: UInt32, _ gl: GLFunctions) {
    let color = frameColor(number)
    gl.glClearColor(Float(color.0) / 255, Float(color.1) / 255, Float(color.2) / 255, Float(color.3) / 255)
    gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
  }

  private func direct(_ number: UInt32) throws {
    try submit(number)
    let slot = Int(number) % images.count
    try images[slot].waitForVulkan()
    try imageLandings[slot].check()
  }

  private func submit(_ number: UInt32) throws {
    let slot = Int(number) % images.count
    let image = images[slot]
    let landing = imageLandings[slot]
    let gl = context.gl.gl
    try image.beginGLAccess()
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), image.glFramebuffer ?? 0)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    draw(number, gl)
    try image.endGLAccess()
    try image.accessInVulkan(.transferSource, queue: queue) { commands in
      landing.record(image.vkImage, number, into: commands)
    }
  }

  private func produce(
    _ producer: SurfacelessEGLProducer, _ landings: [Landing], _ number: UInt32, waits: Bool
  ) throws {
    let landing = landings[Int(number) % landings.count]
    let frame = try producer.render { target in draw(number, target.gl) }
    try frame.access(.transferSource, queue: queue, waitingUpTo: waits ? .seconds(10) : nil) { commands, image in
      landing.record(image, number, into: commands)
    }
    if waits { try landing.check() }
  }

  private func drain() throws {
    let result = host.vk.vkDeviceWaitIdle(host.device)
    try result.check("vkDeviceWaitIdle", "the device failed")
    for landing in imageLandings + producerLandings + hostCopyLandings { try landing.check() }
  }
}
