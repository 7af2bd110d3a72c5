import GLVulkanInterop
import InteropTestSupport
import Testing

/// Bundles whose memory is a DMA-BUF: another device and another context take every frame.
@Suite("External images in DMA-BUFs", .serialized) struct ExternalBufferTests {
  static let size = PixelSize(width: 40, height: 24)

  @Test(arguments: [SharedMemoryAllocator.vulkan, .gl]) func everyFrame(allocator: SharedMemoryAllocator) throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = TestStack.layers
    let other = try VulkanHost.create(options)
    for sync in TestStack.abilities.dmaBufSyncs(context.api) {
      let image = try SharedImage(
        SharedImageDescription(size: Self.size, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host,
        sync: sync)
      let inVulkan = try ExternalImage(importing: try image.externalBundle(), host: other)
      let bundle = try image.externalBundle()
      let second = try SurfacelessContext(platform: TestStack.platform, api: TestStack.abilities.apis[0])
      let inGL = try ExternalImage(importing: bundle, gl: second.gl)
      try context.makeCurrent()
      let vkImage = try #require(inVulkan.vkImage)
      let framebuffer = try #require(inGL.glFramebuffer)
      let landing = try HostBuffer(host: other, size: Self.size.width * Self.size.height * 4, .readback)
      for frame in 0..<10 {
        let colour = [UInt8(frame * 20 + 5), 100, UInt8(250 - frame), 255]
        try image.accessInGL { try TestGL.fill(image, colour.map { Float($0) / 255 }) }
        let first = try inVulkan.access(.transferSource, after: try image.acquireForExternal()) { commands in
          landing.recordCopy(from: vkImage, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
        }
        let queue = other.queues[0]
        _ = queue.lock.withLock { other.vk.vkQueueWaitIdle(queue.handle) }
        try image.releaseFromExternal(after: first)
        #expect(PixelPattern.difference(Array(landing.bytes), Self.filled(colour), Self.size, .rgba8) == nil)

        try image.accessInGL { try TestGL.fill(image, colour.reversed().map { Float($0) / 255 }) }
        let point = try image.acquireForExternal()
        try second.makeCurrent()
        try inGL.acquireForGL(after: point)
        let bytes = try second.gl.readPixels(framebuffer, Self.size, .rgba8)
        let done = try inGL.releaseFromGL()
        try context.makeCurrent()
        try image.releaseFromExternal(after: done)
        #expect(PixelPattern.difference(bytes, Self.filled(colour.reversed()), Self.size, .rgba8) == nil)
      }
      try second.makeCurrent()
      withExtendedLifetime(inGL) {}
      try context.makeCurrent()
    }
  }

  private static func filled(_ colour: [UInt8]) -> [UInt8] {
    (0..<size.width * size.height).flatMap { _ in colour }
  }
}
