import GLVulkanInterop
import InteropTestSupport
import Testing

/// A producer's frames, taken by an implementation with a device of its own.
@Suite("Frames for others", .serialized) struct ExternalFrameTests {
  static let syncs: [SyncKind] = [.cpuWait, .semaphoreFD, .timelineSemaphore, .syncFile]

  /// The taker: it imports each image once, and forgets it when it goes.
  private final class Taker {
    let host: VulkanHost
    private var images: [ImageID: ExternalImage] = [:]
    private(set) var imported = 0

    init(_ host: VulkanHost) { self.host = host }

    /// - Returns: every pixel.
    func take(_ frame: consuming Frame) throws -> [UInt8] {
      if images[frame.imageID] == nil {
        images[frame.imageID] = try ExternalImage(importing: try frame.externalBundle(), host: host)
        imported += 1
      }
      let image = try #require(images[frame.imageID])
      let vkImage = try #require(image.vkImage)
      let size = frame.size
      let landing = try HostBuffer(host: host, size: size.width * size.height * 4, .readback)
      let done = try image.access(.transferSource, after: try frame.acquireForExternal()) { commands in
        landing.recordCopy(from: vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      let queue = host.queues[0]
      _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }
      try frame.releaseFromExternal(after: done)
      return Array(landing.bytes)
    }

    func forgetAll() { images = [:] }
  }

  @Test(arguments: syncs) func everyFrameOfARing(sync: SyncKind) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.shares(sync, context.api) else { return }
    var options = ProducerOptions(path: .opaqueFD)
    options.sync = sync
    let producer = try SurfacelessEGLProducer(
      size: PixelSize(width: 64, height: 40), host: host, context: context, options: options)
    var choice = VulkanHost.CreateOptions(.matching(context.gl))
    choice.layers = TestStack.layers
    let taker = Taker(try VulkanHost.create(choice))
    for number in 0..<300 {
      if number == 150 {
        try producer.resize(to: PixelSize(width: 48, height: 56))
        taker.forgetAll()
      }
      let colour = [UInt8(number % 251), UInt8(number / 2), 7, 255]
      let frame = try producer.render { target in
        target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, colour.map { Float($0) / 255 })
      }
      let bytes = try taker.take(frame)
      let isRight = stride(from: 0, to: bytes.count, by: 4).allSatisfy { Array(bytes[$0..<$0 + 4]) == colour }
      #expect(isRight, "frame \(number)")
    }
    // The slots of a ring of two sizes, each once.
    #expect((2...6).contains(taker.imported))
  }

  /// The reverse: it draws into the images of a consumer's ring, which an application's GL shows.
  @Test(arguments: syncs) func everyFrameDrawnByAnother(sync: SyncKind) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.shares(sync, context.api) else { return }
    var options = ConsumerOptions(path: .opaqueFD)
    options.sync = sync
    let consumer = try RawGLConsumer(
      size: PixelSize(width: 64, height: 40), host: host, context: context.gl, options: options)
    var choice = VulkanHost.CreateOptions(.matching(context.gl))
    choice.layers = TestStack.layers
    let other = try VulkanHost.create(choice)
    var images: [ImageID: ExternalImage] = [:]
    for number in 0..<300 {
      if number == 150 {
        try other.waitIdle()
        images = [:]
        try consumer.resize(to: PixelSize(width: 48, height: 56))
      }
      let target = try consumer.nextTarget()
      if images[target.imageID] == nil {
        images[target.imageID] = try ExternalImage(importing: try target.externalBundle(), host: other)
      }
      let image = try #require(images[target.imageID])
      let vkImage = try #require(image.vkImage)
      let colour = [UInt8(number % 251), UInt8(number / 2), 7, 255]
      let done = try image.access(.transferDestination, after: try target.acquireForExternal()) { commands in
        var clear = VkClearColorValue()
        clear.float32 = (Float(colour[0]) / 255, Float(colour[1]) / 255, 7 / 255, 1)
        var range = VkImageSubresourceRange(
          aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
          layerCount: 1)
        try other.function("vkCmdClearColorImage", as: PFN_vkCmdClearColorImage.self)(
          commands, vkImage, VulkanAccess.transferDestination.layout, &clear, 1, &range)
      }
      let size = target.size
      let frame = try target.releaseFromExternal(after: done)
      // Now and then GL does not want one.
      if number % 7 == 3 { continue }
      try frame.acquire()
      let framebuffer = frame.framebuffer
      let bytes = try context.gl.readPixels(try #require(framebuffer), size, .rgba8)
      try frame.release()
      let isRight = stride(from: 0, to: bytes.count, by: 4).allSatisfy { Array(bytes[$0..<$0 + 4]) == colour }
      #expect(isRight, "frame \(number)")
    }
    try other.waitIdle()
  }

  /// On path host-copy there is no memory to give.
  @Test func hostCopyHasNoBundle() throws {
    let (context, host) = try TestStack.open()
    let producer = try SurfacelessEGLProducer(
      size: PixelSize(width: 16, height: 16), host: host, context: context, options: ProducerOptions(path: .hostCopy))
    let frame = try producer.render { _ in }
    let error = #expect(throws: InteropError.self) { _ = try frame.externalBundle() }
    #expect(error?.code == .unsupported)
    #expect(error?.missing == ["memory that GL and Vulkan share"])
  }
}
