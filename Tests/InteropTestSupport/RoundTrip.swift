// Swift's static libraries have no Testing, see TestStack.
#if canImport(Testing)
  package import GLVulkanInterop
  internal import Testing

  /// Sends every pixel across shared memory and back, in every way that GL can get at it; two frames in the same
  /// memory, so that the second must replace the first.
  package enum RoundTrip {
    package static let sizes: [PixelSize] = [
      PixelSize(width: 1, height: 1), PixelSize(width: 17, height: 13), PixelSize(width: 113, height: 211),
      PixelSize(width: 1920, height: 1080),
    ]

    /// How the picture gets into (or out of) the shared image.
    package enum Way: String, CaseIterable, Sendable {
      case direct, blit, blitFlipped, resolve, resolveFlipped
      package var flips: Bool { self == .blitFlipped || self == .resolveFlipped }
      package var samples: Int { self == .resolve || self == .resolveFlipped ? 4 : 0 }
      package var mode: TransferMode { self == .direct ? .direct : .blit }
    }

    package struct Case: CustomStringConvertible {
      package let way: Way
      package private(set) var shared: SharedImageDescription

      package init(_ way: Way, _ shared: SharedImageDescription) {
        self.way = way
        self.shared = shared
        self.shared.mode = way.mode
        self.shared.orientation = way.flips ? .topDown : .bottomUp
      }

      var size: PixelSize { shared.size }
      var format: PixelFormat { shared.format }
      package var description: String {
        "\(shared.handleType) \(shared.allocator) \(shared.direction.rawValue) \(way) \(format) \(shared.tiling) \(size)"
      }
    }

    /// - Returns: what is wrong; nil if every pixel of both frames arrived.
    package static func difference(
      _ test: Case, _ image: SharedImage, _ blitter: FramebufferBlitter, painter: TestPainter? = nil
    ) throws -> String? {
      let painter = try painter ?? TestPainter(image.context)
      for frame in 1...2 {
        let pattern = PixelPattern(test.size, test.format, seed: UInt64(test.size.width * 2 + frame))
        let (got, wanted) =
          test.shared.direction == .glToVulkan
          ? try glToVulkan(test, image, pattern, image.context, blitter, painter)
          : try vulkanToGL(test, image, pattern, image.context, blitter, painter)
        if let difference = PixelPattern.difference(got, wanted, test.size, test.format) {
          return "\(test), frame \(frame): \(difference)"
        }
      }
      return nil
    }

    private static func glToVulkan(
      _ test: Case, _ image: SharedImage, _ pattern: PixelPattern, _ gl: GLContext, _ blitter: FramebufferBlitter,
      _ painter: TestPainter
    ) throws -> (got: [UInt8], wanted: [UInt8]) {
      try image.accessInGL {
        switch test.way {
        case .direct:
          let picture = TestGL.makeTexture(pattern.glBytes, test.size, test.format, gl)
          let framebuffer: GLuint = try #require(image.glFramebuffer)
          try painter.draw(texture: picture, into: framebuffer, test.size)
          delete(picture, gl)
        case .blit, .blitFlipped:
          let app = try AppFramebuffer(gl, test.size, test.format)
          app.upload(pattern.glBytes, gl)
          try blitter.copy(from: app.framebuffer, to: image)
        case .resolve, .resolveFlipped:
          // Drawn, since samples cannot be uploaded; in the alias format, so that drawing keeps the bytes.
          let app = try AppFramebuffer(
            gl, test.size, test.format, internalFormat: test.format.glInternalFormat, samples: 4)
          let picture = TestGL.makeTexture(pattern.glBytes, test.size, test.format, gl)
          try painter.draw(texture: picture, into: app.name, test.size)
          delete(picture, gl)
          try blitter.copy(from: app.framebuffer, to: image)
        }
      }
      let wanted = pattern.vulkanBytes
      return (try image.readInVulkan(), test.way.flips ? PixelPattern.flipped(wanted, test.size) : wanted)
    }

    private static func vulkanToGL(
      _ test: Case, _ image: SharedImage, _ pattern: PixelPattern, _ gl: GLContext, _ blitter: FramebufferBlitter,
      _ painter: TestPainter
    ) throws -> (got: [UInt8], wanted: [UInt8]) {
      try image.writeInVulkan(pattern.vulkanBytes)
      let wanted = test.way.flips ? PixelPattern.flipped(pattern.glBytes, test.size) : pattern.glBytes
      let got = try image.accessInGL { () -> [UInt8] in
        switch test.way {
        case .direct:
          if let framebuffer = image.glFramebuffer { return try gl.readPixels(framebuffer, test.size, test.format) }
          // An alias is right when it is sampled.
          let app = try AppFramebuffer(gl, test.size, test.format, internalFormat: test.format.glInternalFormat)
          try painter.draw(texture: image.glTexture, into: app.name, test.size)
          return try app.read(gl)
        case .blit, .blitFlipped:
          let app = try AppFramebuffer(gl, test.size, test.format)
          try blitter.copy(from: image, to: app.framebuffer)
          return try app.read(gl)
        case .resolve, .resolveFlipped:
          // Into the application's multisampled framebuffer, which the application then resolves.
          let storage = test.format.glInternalFormat
          let app = try AppFramebuffer(gl, test.size, test.format, internalFormat: storage, samples: 4)
          try blitter.copy(from: image, to: app.framebuffer)
          let resolved = try AppFramebuffer(gl, test.size, test.format, internalFormat: storage)
          try blitter.resolve(from: app.name, to: resolved.name, test.size)
          return try resolved.read(gl)
        }
      }
      return (got, wanted)
    }

    private static func delete(_ texture: GLuint, _ gl: GLContext) {
      var texture = texture
      gl.gl.glDeleteTextures(1, &texture)
    }
  }
#endif
