import GLVulkanInterop
import InteropTestSupport
import Testing

/// Views that images own.
@Suite("Image views", .serialized) struct ImageViewTests {
  static let size = PixelSize(width: 19, height: 11)

  /// Both formats of the same bytes: half of the light through the sRGB view is 188, through the UNORM one 128.
  @Test(arguments: [PixelFormat.rgba8, .rgba8SRGB, .bgra8, .bgra8SRGB], [ImageTiling.optimal, .linear])
  func bothEncodingsOfTheSameBytes(format: PixelFormat, tiling: ImageTiling) throws {
    if tiling == .linear, !TestStack.abilities.hasLinearTiling {
      return TestStack.skip("views of linear images: GL takes none here")
    }
    let (context, host) = try TestStack.open()
    let image: SharedImage
    do throws(InteropError) {
      image = try SharedImage(
        SharedImageDescription(size: Self.size, format: format, tiling: tiling, mode: .blit), gl: context.gl, host: host
      )
    } catch {
      guard error.code == .unsupported else { throw error }
      return TestStack.skip("views of \(tiling.rawValue) \(format): \(error.reason)")
    }
    guard image.usage & UInt32(VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT.rawValue) != 0 else {
      return TestStack.skip("views of \(tiling.rawValue) \(format) as attachments: Vulkan has no such images here")
    }
    #expect(format.viewFormats.count == 2)
    for viewFormat in format.viewFormats {
      let cache = try ViewCache(host)
      let landing = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
      try image.acquireForGL()
      context.gl.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
      try image.releaseFromGL()
      try image.access(.colorAttachment) { commands throws(InteropError) in
        try cache.clear(
          image.imageID, { () throws(InteropError) in try image.view(format: viewFormat) }, viewFormat, Self.size,
          (0.5, 0, 1, 1), whole: true, into: commands)
        OwnershipTransferBarrier.transition(image.vkImage, from: .colorAttachment, to: .transferSource)
          .record(into: commands, host.vk)
        landing.recordCopy(
          from: image.vkImage, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
        OwnershipTransferBarrier.transition(image.vkImage, from: .transferSource, to: .colorAttachment)
          .record(into: commands, host.vk)
      }
      try image.waitForVulkan()
      let isSRGB = viewFormat == VK_FORMAT_R8G8B8A8_SRGB || viewFormat == VK_FORMAT_B8G8R8A8_SRGB
      let half: UInt8 = isSRGB ? 188 : 128
      let wanted: [UInt8] = format.channelOrder == .same ? [half, 0, 255, 255] : [255, 0, half, 255]
      let close = landing.bytes.enumerated().allSatisfy { abs(Int($0.element) - Int(wanted[$0.offset % 4])) <= 1 }
      #expect(close, "\(format) through \(viewFormat.rawValue): \(Array(landing.bytes.prefix(4)))")
      cache.drop(image.imageID)
    }
    let (first, second) = (try image.view(), try image.view(format: format.viewFormats[1]))
    let identity = try image.view(format: format.vkFormat, components: VkComponentMapping())
    let turned = try image.view(components: Self.opaque)
    #expect(identity == first && second != first)
    let turnedAgain = try image.view(components: Self.opaque)
    #expect(turned != first && turned == turnedAgain)
    try image.retire()
  }

  private static let opaque = VkComponentMapping(
    r: VK_COMPONENT_SWIZZLE_IDENTITY, g: VK_COMPONENT_SWIZZLE_IDENTITY, b: VK_COMPONENT_SWIZZLE_IDENTITY,
    a: VK_COMPONENT_SWIZZLE_ONE)

  /// Every format has its views, and no others.
  @Test(arguments: PixelFormat.all) func whatIsRefused(format: PixelFormat) throws {
    let (context, host) = try TestStack.open(traced: true)
    let before = LiveObjects.snapshot()
    do {
      let image = try SharedImage(
        SharedImageDescription(size: Self.size, format: format, mode: .blit), gl: context.gl, host: host)
      for viewFormat in format.viewFormats { _ = try image.view(format: viewFormat) }
      let made = LiveObjects.snapshot()["VkImageView"] - before["VkImageView"]
      #expect(made == format.viewFormats.count)
      let error = #expect(throws: InteropError.self) { try image.view(format: VK_FORMAT_R32_SFLOAT) }
      #expect(error?.code == .invalidArgument && error?.step == "make a view")
      try image.retire()
      let copied = try SharedImage(
        SharedImageDescription(
          size: Self.size, format: format, mode: .blit, usage: UInt32(VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue)),
        gl: context.gl, host: host)
      let refusal = #expect(throws: InteropError.self) { try copied.view() }
      #expect(refusal?.code == .unsupported)
      try copied.retire()
    }
    #expect(LiveObjects.snapshot()["VkImageView"] == before["VkImageView"], "destroyed with their images")
  }

  /// Asked for in every frame, a view costs nothing after the first of an image.
  @Test(arguments: TestStack.abilities.paths) func aViewIsMadeOnce(path: TransferPath) throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      var options = ProducerOptions(path: path)
      options.capability = .nowhere
      options.logger.logLevel = .critical
      let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
      func frames(_ count: Int) throws {
        for _ in 0..<count {
          let frame = try producer.render { $0.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT)) }
          _ = try frame.view()
          try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (_, _) throws(InteropError) in }
        }
      }
      try frames(6)
      let calls = try DriverTrace.record { try frames(6) }
      #expect(!calls.contains { $0.name == "vkCreateImageView" || $0.name.contains("FormatProperties") })
    }
  }
}
