import GLVulkanInterop
import InteropTestSupport
import Testing

/// `alphaMode: .opaque` on every path: the frame says how to view it, and a copy writes 1.
@Suite("Opaque frames") struct OpaqueFrameTests {
  static let size = PixelSize(width: 18, height: 10)
  static let formats = PixelFormat.all.filter(\.hasAlpha)

  private func alphas(_ bytes: [UInt8], _ format: PixelFormat) -> Set<Int> {
    let step = format.bytesPerPixel
    return Set(
      stride(from: 0, to: bytes.count, by: step).map { at in
        switch format {
        case .rgb10a2: Int(bytes[at + 3] >> 6) * 85
        case .rgba16f: bytes[at + 6] == 0 && bytes[at + 7] == 0x3C ? 255 : 64
        default: Int(bytes[at + 3])
        }
      })
  }

  private func read(_ frame: consuming Frame, _ host: VulkanHost) throws -> [UInt8] {
    let size = frame.size
    let landing = try HostBuffer(host: host, size: size.width * size.height * frame.format.bytesPerPixel, .readback)
    try frame.access(.transferSource, waitingUpTo: .seconds(30)) { (commands, image) throws(InteropError) in
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    return Array(landing.bytes)
  }

  /// nil where GL has no BGRA textures to render into, as on most stacks.
  private func make(
    _ options: ProducerOptions, _ context: SurfacelessContext, _ host: VulkanHost, _ what: String
  ) throws -> SurfacelessEGLProducer? {
    do throws(InteropError) {
      return try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    } catch {
      guard error.code == .unsupported, options.mode == .direct else { throw error }
      #expect(options.format.channelOrder == .redBlueExchanged, "\(what): \(error)")
      return nil
    }
  }

  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func framesSayIt(
    api: SurfacelessContext.API, path: TransferPath
  )
    throws
  {
    let (context, host) = try TestStack.open(api)
    for format in Self.formats {
      for alphaMode in [AlphaMode.opaque, .premultiplied] {
        for mode in path == .hostCopy ? [TransferMode.direct] : TransferMode.allCases {
          var options = ProducerOptions(format: format, path: path, mode: path == .hostCopy ? nil : mode)
          options.alphaMode = alphaMode
          options.capability = .nowhere
          options.logger.logLevel = .critical
          let what = "\(api) \(path) \(format) \(mode) \(alphaMode)"
          guard let producer = try make(options, context, host, what) else { continue }
          let frame = try producer.render { $0.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, Float(64) / 255]) }
          let said = frame.alphaMode
          let mapping = frame.componentMapping
          let dmaBuf = frame.dmaBuf
          let (alpha, buffer) = (mapping.a, dmaBuf?.format)
          let isOpaque = alphaMode == .opaque
          #expect(said == alphaMode, "\(what)")
          #expect(alpha == (isOpaque ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY), "\(what)")
          if let buffer { #expect(buffer == format.drmFourCC(isOpaque: isOpaque), "\(what)") }
          let seen = alphas(try read(frame, host), format)
          if isOpaque, mode == .blit || path == .hostCopy {
            #expect(seen == [255], "\(what): alpha \(seen)")
          } else if !isOpaque {
            #expect(!seen.contains(255), "\(what): alpha \(seen)")
          }
        }
      }
    }
  }

  /// The application's framebuffer, whose alpha it left at 0.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func submittedOnesToo(
    api: SurfacelessContext.API, path: TransferPath
  ) throws {
    let (context, host) = try TestStack.open(api)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    for format in Self.formats {
      var options = ProducerOptions(format: format, path: path)
      options.alphaMode = .opaque
      options.capability = .nowhere
      options.logger.logLevel = .critical
      let producer = try RawGLProducer(size: Self.size, host: host, context: context.gl, options: options)
      context.gl.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
      context.gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 0])
      let frame = try producer.submit(app.framebuffer)
      let mapping = frame.componentMapping
      #expect(mapping.a == VK_COMPONENT_SWIZZLE_ONE)
      let seen = alphas(try read(frame, host), format)
      #expect(seen == [255], "\(api) \(path) \(format): alpha \(seen)")
      // What the application drew is its own.
      let mine = try app.read(context.gl)
      #expect(Array(mine.prefix(4)) == [255, 0, 0, 0])
    }
  }

  /// Vulkan left any alpha; GL samples 1.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths) func shownOnesToo(
    api: SurfacelessContext.API, path: TransferPath
  )
    throws
  {
    let (context, host) = try TestStack.open(api)
    let painter = try TestPainter(context.gl)
    for format in Self.formats {
      var options = ConsumerOptions()
      options.format = format
      options.path = path
      options.alphaMode = .opaque
      options.capability = .nowhere
      options.logger.logLevel = .critical
      let consumer = try RawGLConsumer(size: Self.size, host: host, context: context.gl, options: options)
      let pattern = PixelPattern(Self.size, format, seed: 9)
      let staging = try HostBuffer(host: host, size: pattern.glBytes.count, .upload)
      staging.bytes.copyBytes(from: pattern.vulkanBytes)
      let frame = try consumer.nextTarget().access(.transferDestination) { (commands, image) throws(InteropError) in
        staging.recordCopy(to: image, Self.size, layout: VulkanAccess.transferDestination.layout, into: commands)
      }
      let drawn = try AppFramebuffer(context.gl, Self.size, format, internalFormat: format.glInternalFormat)
      try frame.acquire()
      try painter.draw(texture: frame.texture, into: drawn.name, Self.size)
      let buffer = frame.dmaBuf
      try frame.release()
      if let buffer { #expect(buffer.format.hasPadding) }
      let seen = alphas(try drawn.read(context.gl), format)
      #expect(seen == [255], "\(api) \(path) \(format): alpha \(seen)")
      // The copy out of it may be under way where a semaphore tells GL.
      for queue in host.queues { _ = queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) } }
      withExtendedLifetime(staging) {}
    }
  }
}
