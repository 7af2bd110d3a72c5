import GLVulkanInterop
import InteropTestSupport
import Testing

/// Framebuffers of every format that a driver renders to, and attachments that are smaller than the application says.
@Suite("Framebuffers of all formats", .serialized) struct FramebufferFormatTests {
  static let size = PixelSize(width: 12, height: 7)

  /// A format and the components that it has.
  private struct Storage {
    let format: Int32
    let components: Int
    var isSigned = false
    var isFloat = false
    /// The largest error of a component, in 255ths.
    var tolerance = 1
  }

  private static let storages: [Storage] =
    [
      (GL_R8, 1), (GL_RG8, 2), (GL_RGB8, 3), (GL_RGBA8, 4), (GL_R16, 1), (GL_RG16, 2), (GL_RGB16, 3), (GL_RGBA16, 4),
      (GL_RGB10_A2, 4),
    ].map { Storage(format: $0.0, components: $0.1) }
    + [
      (GL_R8_SNORM, 1), (GL_RG8_SNORM, 2), (GL_RGB8_SNORM, 3), (GL_RGBA8_SNORM, 4), (GL_R16_SNORM, 1),
      (GL_RG16_SNORM, 2),
      (GL_RGB16_SNORM, 3), (GL_RGBA16_SNORM, 4),
    ].map { Storage(format: $0.0, components: $0.1, isSigned: true) }
    + [
      (GL_R16F, 1), (GL_RG16F, 2), (GL_RGB16F, 3), (GL_RGBA16F, 4), (GL_R32F, 1), (GL_RG32F, 2), (GL_RGB32F, 3),
      (GL_RGBA32F, 4),
    ].map { Storage(format: $0.0, components: $0.1, isSigned: true, isFloat: true) }
    + [
      Storage(format: GL_R11F_G11F_B10F, components: 3, isFloat: true, tolerance: 3),
      Storage(format: GL_RGB565, components: 3, tolerance: 5), Storage(format: GL_RGBA4, components: 4, tolerance: 9),
      Storage(format: GL_RGB5_A1, components: 4, tolerance: 5),
      // Desktop GL's, of sizes that no other format has.
      Storage(format: 0x2A10 /* GL_R3_G3_B2 */, components: 3, tolerance: 43),
      Storage(format: 0x804F /* GL_RGB4 */, components: 3, tolerance: 9),
      Storage(format: 0x8050 /* GL_RGB5 */, components: 3, tolerance: 5),
      Storage(format: GL_RGB10, components: 3), Storage(format: 0x8053 /* GL_RGB12 */, components: 3),
      Storage(format: 0x805A /* GL_RGBA12 */, components: 4),
      Storage(format: 0x8055 /* GL_RGBA2 */, components: 4, tolerance: 43),
    ]

  /// What arrives in eight bits: components that are not there are 0, alpha is 1, signs and more than 1 are cut off.
  private static func wanted(_ colour: [Float], _ storage: Storage) -> [Int] {
    (0..<4).map { place in
      guard place < storage.components else { return place == 3 ? 255 : 0 }
      return Int((max(0, min(1, colour[place])) * 255).rounded())
    }
  }

  @Test(arguments: StateContext.Kind.all) func allThatIsRenderedArrives(kind: StateContext.Kind) throws {
    let app = try StateContext(kind)
    let host = try app.makeHost()
    let gl = app.gl.gl
    let formats: [PixelFormat] = [.rgba8, .bgra8, .rgba8SRGB]
    let images = try formats.map {
      try SharedImage(SharedImageDescription(size: Self.size, format: $0, mode: .blit), gl: app.gl, host: host)
    }
    let halves = try SharedImage(
      SharedImageDescription(size: Self.size, format: .rgba16f, mode: .blit), gl: app.gl, host: host)
    let landing = try HostBuffer(host: host, size: images[0].byteCount, .readback)
    var tried = 0
    for storage in Self.storages {
      for samples in [0, 4] {
        guard let made = make(app, storage.format, samples) else { continue }
        defer { delete(app, made) }
        tried += 1
        let colours: [[Float]] =
          [[0.25, 0.5, 0.75, 1], [1, 0, 0.25, 1]]
          + (storage.isSigned ? [[-0.5, 0.5, 1, 1], [0.75, -1, -0.25, 1]] : [])
          + (storage.isFloat ? [[2, 0.5, 8, 1]] : [])
        let blitter = FramebufferBlitter(app.gl)
        for colour in colours {
          gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), made.framebuffer)
          gl.glClearBufferfv(GLenum(GL_COLOR), 0, colour)
          for orientation in [ImageOrientation.bottomUp, .topDown] {
            for (format, image) in zip(formats, images) {
              let what =
                "\(kind) 0x\(String(storage.format, radix: 16)) \(samples) samples to \(format) \(orientation) \(colour)"
              do {
                try image.accessInGL {
                  try blitter.copy(
                    from: GLFramebuffer(name: made.framebuffer, size: Self.size, orientation: orientation), to: image)
                }
              } catch {
                Issue.record("\(what): \(error)")
                try? image.retire()
                return
              }
              try image.readInVulkan(into: landing)
              let bytes = Array(landing.bytes)
              var pixel = bytes.prefix(4).map { Int($0) }
              if format.channelOrder != .same { pixel.swapAt(0, 2) }
              let expected = Self.wanted(colour, storage)
              let isRight = zip(pixel, expected).allSatisfy { abs($0 - $1) <= storage.tolerance }
              #expect(isRight, "\(what): \(pixel), not \(expected)")
              let isWhole = bytes.indices.allSatisfy { bytes[$0] == bytes[$0 % 4] }
              #expect(isWhole, "\(what)")
            }
          }
          // Halves keep the signs.
          try halves.accessInGL {
            try blitter.copy(from: GLFramebuffer(name: made.framebuffer, size: Self.size), to: halves)
          }
          let bytes = try halves.readInVulkan()
          let red = half(UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
          #expect(
            abs(red - colour[0]) <= Float(storage.tolerance) / 100,
            "\(kind) 0x\(String(storage.format, radix: 16)) \(colour): \(red)")
        }
        let imported = try importGLFramebufferVulkan(
          GLFramebuffer(name: made.framebuffer, size: Self.size), gl: app.gl, host: host, handleType: .opaqueFD)
        if storage.isSigned { #expect(imported.format == .rgba16f) }
        try imported.shared.retire()
        #expect(gl.glGetError() == GL_NO_ERROR)
      }
    }
    // Without samples and with: R8, RG8, RGBA8 and more everywhere.
    #expect(tried >= 12, "\(kind): \(tried)")
    for image in images + [halves] { try image.retire() }
  }

  private func half(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10) & 31, Float(bits & 1023))
    let value =
      exponent == 0
      ? fraction / 16_777_216 : (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    return bits & 0x8000 == 0 ? value : -value
  }

  // MARK: Sizes

  private typealias Made = (framebuffer: GLuint, texture: GLuint, renderbuffer: GLuint)

  /// - Returns: nil where the driver does not render to it.
  private func make(_ app: StateContext, _ format: Int32, _ samples: Int, _ size: PixelSize = size) -> Made? {
    let gl = app.gl.gl
    var made: Made = (0, 0, 0)
    gl.glGenFramebuffers(1, &made.framebuffer)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), made.framebuffer)
    let (width, height) = (GLsizei(size.width), GLsizei(size.height))
    if samples == 0 {
      gl.glGenTextures(1, &made.texture)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), made.texture)
      if app.gl.features.hasTextureStorage {
        gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, GLenum(format), width, height)
      } else {
        gl.glTexImage2D(
          GLenum(GL_TEXTURE_2D), 0, format, width, height, 0, GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), nil)
      }
      gl.glFramebufferTexture2D(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), made.texture, 0)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
    } else {
      gl.glGenRenderbuffers(1, &made.renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), made.renderbuffer)
      gl.glRenderbufferStorageMultisample(GLenum(GL_RENDERBUFFER), GLsizei(samples), GLenum(format), width, height)
      gl.glFramebufferRenderbuffer(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), made.renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), 0)
    }
    let isComplete = gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER)) == GLenum(GL_FRAMEBUFFER_COMPLETE)
    var failed = false
    while gl.glGetError() != GL_NO_ERROR { failed = true }
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    if isComplete, !failed { return made }
    delete(app, made)
    return nil
  }

  private func delete(_ app: StateContext, _ made: Made) {
    var made = made
    app.gl.gl.glDeleteFramebuffers(1, &made.framebuffer)
    app.gl.gl.glDeleteTextures(1, &made.texture)
    app.gl.gl.glDeleteRenderbuffers(1, &made.renderbuffer)
  }

  private func refusal(_ app: StateContext, _ host: VulkanHost, _ name: GLuint, _ size: PixelSize) throws
    -> InteropError?
  {
    do throws(InteropError) {
      try importGLFramebufferVulkan(
        GLFramebuffer(name: name, size: size), gl: app.gl, host: host, handleType: .opaqueFD
      ).shared.retire()
      return nil
    } catch {
      return error
    }
  }

  /// Layers, faces, levels, samples, another attachment that is smaller: whole, or an error.
  @Test(arguments: StateContext.Kind.all) func attachmentsThatAreTooSmallAreErrors(kind: StateContext.Kind) throws {
    typealias Storage3D = @convention(c) (GLenum, GLsizei, GLenum, GLsizei, GLsizei, GLsizei) -> Void
    typealias AttachLayer = @convention(c) (GLenum, GLenum, GLuint, GLint, GLint) -> Void
    typealias StorageSamples = @convention(c) (GLenum, GLsizei, GLenum, GLsizei, GLsizei, GLboolean) -> Void
    let app = try StateContext(kind)
    let host = try app.makeHost()
    let gl = app.gl.gl
    let storage3D: Storage3D = try #require(app.function("glTexStorage3D"))
    let attachLayer: AttachLayer = try #require(app.function("glFramebufferTextureLayer"))
    let storageSamples: StorageSamples? = app.function("glTexStorage2DMultisample")
    let (small, large) = (PixelSize(width: 20, height: 10), PixelSize(width: 32, height: 16))
    var attached = ["plain", "renderbuffer", "level", "layer", "volume", "face", "depth", "second"]
    if app.gl.isES ? app.gl.version >= (3, 1) : app.gl.version >= (4, 3) { attached.append("samples") }
    for what in attached {
      var (texture, framebuffer, renderbuffer): (GLuint, GLuint, GLuint) = (0, 0, 0)
      gl.glGenTextures(1, &texture)
      gl.glGenFramebuffers(1, &framebuffer)
      gl.glGenRenderbuffers(1, &renderbuffer)
      defer {
        gl.glDeleteFramebuffers(1, &framebuffer)
        gl.glDeleteTextures(1, &texture)
        gl.glDeleteRenderbuffers(1, &renderbuffer)
      }
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      let (fb, c0) = (GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0))
      let (w, h) = (GLsizei(small.width), GLsizei(small.height))
      let limit = what == "face" ? PixelSize(width: 20, height: 20) : small
      switch what {
      case "plain", "depth", "second":
        gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
        let own = what == "plain" ? small : large
        gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 1, GLenum(GL_RGBA8), GLsizei(own.width), GLsizei(own.height))
        gl.glFramebufferTexture2D(fb, c0, GLenum(GL_TEXTURE_2D), texture, 0)
        guard what != "plain" else { break }
        gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
        gl.glRenderbufferStorageMultisample(
          GLenum(GL_RENDERBUFFER), 0, GLenum(what == "depth" ? GL_DEPTH24_STENCIL8 : GL_RGBA8), w, h)
        gl.glFramebufferRenderbuffer(
          fb, what == "depth" ? GLenum(GL_DEPTH_ATTACHMENT) : c0 + 1, GLenum(GL_RENDERBUFFER), renderbuffer)
      case "renderbuffer":
        gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
        gl.glRenderbufferStorageMultisample(GLenum(GL_RENDERBUFFER), 0, GLenum(GL_RGBA8), w, h)
        gl.glFramebufferRenderbuffer(fb, c0, GLenum(GL_RENDERBUFFER), renderbuffer)
      case "level":
        gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
        gl.glTexStorage2D(GLenum(GL_TEXTURE_2D), 2, GLenum(GL_RGBA8), w * 2, h * 2)
        gl.glFramebufferTexture2D(fb, c0, GLenum(GL_TEXTURE_2D), texture, 1)
      case "layer", "volume":
        let target = GLenum(what == "layer" ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_3D)
        gl.glBindTexture(target, texture)
        storage3D(target, 1, GLenum(GL_RGBA8), w, h, 3)
        attachLayer(fb, c0, texture, 0, 1)
      case "face":
        gl.glBindTexture(GLenum(GL_TEXTURE_CUBE_MAP), texture)
        gl.glTexStorage2D(GLenum(GL_TEXTURE_CUBE_MAP), 1, GLenum(GL_RGBA8), w, w)
        gl.glFramebufferTexture2D(fb, c0, GLenum(GL_TEXTURE_CUBE_MAP_POSITIVE_X) + 3, texture, 0)
      default:
        gl.glBindTexture(GLenum(GL_TEXTURE_2D_MULTISAMPLE), texture)
        storageSamples?(GLenum(GL_TEXTURE_2D_MULTISAMPLE), 4, GLenum(GL_RGBA8), w, h, 1)
        gl.glFramebufferTexture2D(fb, c0, GLenum(GL_TEXTURE_2D_MULTISAMPLE), texture, 0)
      }
      let isComplete = gl.glCheckFramebufferStatus(fb) == GLenum(GL_FRAMEBUFFER_COMPLETE)
      while gl.glGetError() != GL_NO_ERROR {}
      guard isComplete else {
        TestStack.skip("a framebuffer with \(what) in \(kind)")
        continue
      }
      let larger = [
        PixelSize(width: limit.width + 1, height: limit.height),
        PixelSize(width: limit.width, height: limit.height + 1),
        PixelSize(width: limit.width * 2, height: limit.height * 2),
      ]
      for size in larger {
        let error = try refusal(app, host, framebuffer, size)
        #expect(error?.code == .invalidArgument, "\(kind) \(what) \(size): \(String(describing: error))")
      }
      let error = try refusal(app, host, framebuffer, limit)
      #expect(error == nil, "\(kind) \(what)")
      #expect(gl.glGetError() == GL_NO_ERROR)
    }
  }

  /// Storage under the same names that has become smaller, while the application goes on saying the old size.
  @Test(arguments: StateContext.Kind.all) func storageThatShrinksIsNoticed(kind: StateContext.Kind) throws {
    let app = try StateContext(kind)
    let host = try app.makeHost()
    let gl = app.gl.gl
    let (small, large) = (PixelSize(width: 20, height: 10), PixelSize(width: 32, height: 16))
    let image = try SharedImage(
      SharedImageDescription(size: large, format: .rgba8, mode: .blit), gl: app.gl, host: host)
    let blitter = FramebufferBlitter(app.gl)
    for isTexture in [true, false] {
      var (object, framebuffer): (GLuint, GLuint) = (0, 0)
      gl.glGenFramebuffers(1, &framebuffer)
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      if isTexture { gl.glGenTextures(1, &object) } else { gl.glGenRenderbuffers(1, &object) }
      for size in [large, large, small] {
        let (width, height) = (GLsizei(size.width), GLsizei(size.height))
        if isTexture {
          gl.glBindTexture(GLenum(GL_TEXTURE_2D), object)
          gl.glTexImage2D(
            GLenum(GL_TEXTURE_2D), 0, GL_RGBA8, width, height, 0, GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), nil)
          gl.glFramebufferTexture2D(
            GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), object, 0)
        } else {
          gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), object)
          gl.glRenderbufferStorageMultisample(GLenum(GL_RENDERBUFFER), 0, GLenum(GL_RGBA8), width, height)
          gl.glFramebufferRenderbuffer(
            GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), object)
        }
        var refused: InteropError?
        try image.acquireForGL()
        do throws(InteropError) {
          try blitter.copy(from: GLFramebuffer(name: framebuffer, size: large), to: image)
        } catch {
          refused = error
        }
        try image.releaseFromGL()
        _ = try image.readInVulkan()
        #expect(refused?.code == (size == small ? .invalidArgument : nil), "\(kind) \(isTexture) \(size)")
      }
      gl.glDeleteFramebuffers(1, &framebuffer)
      if isTexture { gl.glDeleteTextures(1, &object) } else { gl.glDeleteRenderbuffers(1, &object) }
    }
    #expect(gl.glGetError() == GL_NO_ERROR)
    try image.retire()
  }
}
