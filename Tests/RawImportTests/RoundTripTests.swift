import GLVulkanInterop
import TestSupport
import Testing

/// Every pixel, across and back, for every combination the issue names.
@Suite("Round trip") struct RoundTripTests {
  static let sizes: [PixelSize] = [
    PixelSize(width: 1, height: 1), PixelSize(width: 17, height: 13), PixelSize(width: 113, height: 211),
    PixelSize(width: 1920, height: 1080),
  ]

  /// How the picture gets into (or out of) the shared image.
  enum Way: String, CaseIterable {
    case direct, blit, blitFlipped, resolve, resolveFlipped
    var flips: Bool { self == .blitFlipped || self == .resolveFlipped }
    var samples: Int { self == .resolve || self == .resolveFlipped ? 4 : 0 }
    var mode: TransferMode { self == .direct ? .direct : .blit }
  }

  struct Case: CustomStringConvertible {
    let api: SurfacelessContext.API
    let format: PixelFormat
    let size: PixelSize
    let tiling: ImageTiling
    let way: Way
    let direction: TransferDirection
    var description: String { "\(api.rawValue) \(direction.rawValue) \(way) \(format) \(tiling) \(size)" }

    var shared: SharedImageDescription {
      SharedImageDescription(
        size: size, format: format, tiling: tiling, direction: direction, mode: way.mode,
        orientation: way.flips ? .topDown : .bottomUp)
    }
  }

  @Test(arguments: PixelFormat.all, TransferDirection.allCases)
  func everyPixel(format: PixelFormat, direction: TransferDirection) throws {
    for api in TestStack.apis {
      let (context, host) = try TestStack.open(api)
      let blitter = FramebufferBlitter(context.gl)
      var verified = 0
      for size in Self.sizes {
        for tiling in ImageTiling.allCases {
          for way in Way.allCases {
            let test = Case(
              api: api, format: format, size: size, tiling: tiling, way: way, direction: direction)
            if try run(test, context, host, blitter) { verified += 1 }
          }
        }
      }
      // Only direct rendering into BGRA may be missing, and only where GL has no such texture.
      let missing =
        format.channelOrder == .redBlueExchanged && direction == .glToVulkan && !TestStack.hasTrueBGRA(context, host)
      let ways = missing ? Way.allCases.count - 1 : Way.allCases.count
      let tilings = TestStack.hasLinearTiling ? 2 : 1
      let expected = Self.sizes.count * tilings * ways
      #expect(verified == expected)
    }
  }

  @Test(arguments: PixelFormat.all) func fourThousandSquare(format: PixelFormat) throws {
    for api in TestStack.apis {
      let (context, host) = try TestStack.open(api)
      let way: Way = format.channelOrder == .same ? .direct : .blitFlipped
      let test = Case(
        api: api, format: format, size: PixelSize(width: 4096, height: 4096), tiling: .optimal, way: way,
        direction: .glToVulkan)
      let verified = try run(test, context, host, FramebufferBlitter(context.gl))
      #expect(verified)
    }
  }

  /// - Returns: false if the pair cannot do it, which it must say by name.
  private func run(
    _ test: Case, _ context: SurfacelessContext, _ host: VulkanHost, _ blitter: FramebufferBlitter
  ) throws -> Bool {
    let made = Result { () throws(InteropError) in try SharedImage(test.shared, gl: context.gl, host: host) }
    if case .failure(let error) = made, error.code == .unsupported {
      let lacksLinear = error.missing.first == "GL_LINEAR_TILING_EXT" && TestStack.name == "native"
      let lacksBGRA =
        error.missing.first == "GL_BGRA8_EXT in glTexStorageMem2DEXT" && test.format.channelOrder == .redBlueExchanged
        && test.way == .direct
      let isExpected = lacksLinear || lacksBGRA
      #expect(isExpected, "\(test): \(error)")
      TestStack.skip(
        lacksLinear ? "linear tiling: \(error.reason)" : "\(test.direction.rawValue) direct \(test.format): \(error.reason)")
      return false
    }
    let image = try made.get()
    // Two frames in the same memory: the second must replace the first.
    for frame in 1...2 {
      let pattern = PixelPattern(test.size, test.format, seed: UInt64(test.size.width * 2 + frame))
      let (got, wanted) =
        test.direction == .glToVulkan
        ? try glToVulkan(test, image, pattern, context.gl, blitter)
        : try vulkanToGL(test, image, pattern, context.gl, blitter)
      if let difference = PixelPattern.difference(got, wanted, test.size, test.format) {
        Issue.record("\(test), frame \(frame): \(difference)")
        return false
      }
    }
    return true
  }

  private func glToVulkan(
    _ test: Case, _ image: SharedImage, _ pattern: PixelPattern, _ gl: GLContext, _ blitter: FramebufferBlitter
  ) throws -> (got: [UInt8], wanted: [UInt8]) {
    try image.withGLAccess {
      switch test.way {
      case .direct:
        let picture = TestGL.makeTexture(pattern.glBytes, test.size, test.format, gl)
        let framebuffer: GLuint = try #require(image.glFramebuffer)
        try TestGL.draw(texture: picture, into: framebuffer, test.size, gl)
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
        try TestGL.draw(texture: picture, into: app.name, test.size, gl)
        delete(picture, gl)
        try blitter.copy(from: app.framebuffer, to: image)
      }
    }
    let wanted = pattern.vulkanBytes
    return (try image.readInVulkan(), test.way.flips ? PixelPattern.flipped(wanted, test.size) : wanted)
  }

  private func vulkanToGL(
    _ test: Case, _ image: SharedImage, _ pattern: PixelPattern, _ gl: GLContext, _ blitter: FramebufferBlitter
  ) throws -> (got: [UInt8], wanted: [UInt8]) {
    try image.writeInVulkan(pattern.vulkanBytes)
    let wanted = test.way.flips ? PixelPattern.flipped(pattern.glBytes, test.size) : pattern.glBytes
    let got = try image.withGLAccess { () -> [UInt8] in
      switch test.way {
      case .direct:
        if let framebuffer = image.glFramebuffer { return try gl.readPixels(framebuffer, test.size, test.format) }
        // An alias is right when it is sampled.
        let app = try AppFramebuffer(gl, test.size, test.format, internalFormat: test.format.glInternalFormat)
        try TestGL.draw(texture: image.glTexture, into: app.name, test.size, gl)
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

  private func delete(_ texture: GLuint, _ gl: GLContext) {
    var texture = texture
    gl.gl.glDeleteTextures(1, &texture)
  }
}
