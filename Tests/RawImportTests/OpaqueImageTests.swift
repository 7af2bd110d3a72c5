import GLVulkanInterop
import InteropTestSupport
import Testing

/// The alpha channel of an opaque image holds no picture: copies write 1, sampling gives 1, and the image says so.
@Suite("Opaque images") struct OpaqueImageTests {
  static let size = PixelSize(width: 19, height: 11)
  /// Red, green, blue and alpha, all different.
  static let colour: [Float] = [1, Float(128) / 255, 0, Float(64) / 255]

  /// The pixel in Vulkan's bytes.
  static func pixel(_ format: PixelFormat, alpha: Bool) -> [UInt8] {
    switch format {
    case .rgba8, .rgba8SRGB: [255, 128, 0, alpha ? 64 : 255]
    case .bgra8, .bgra8SRGB: [0, 128, 255, alpha ? 64 : 255]
    default: []
    }
  }

  /// The alpha of each pixel in 255ths; nothing of formats that have none.
  static func alphas(_ bytes: [UInt8], _ format: PixelFormat) -> Set<Int> {
    guard format.hasAlpha else { return [] }
    let step = format.bytesPerPixel
    return Set(
      stride(from: 0, to: bytes.count, by: step).map { at in
        switch format {
        case .rgb10a2: Int(bytes[at + 3] >> 6) * 85
        case .rgba16f:
          Int((Float(Float16(bitPattern: UInt16(bytes[at + 6]) | UInt16(bytes[at + 7]) << 8)) * 255).rounded())
        default: Int(bytes[at + 3])
        }
      })
  }

  @Test(arguments: PixelFormat.all, TestStack.abilities.apis) func copiesIntoTheImageWriteOne(
    format: PixelFormat, api: SurfacelessContext.API
  ) throws {
    let (context, host) = try TestStack.open(api)
    let blitter = FramebufferBlitter(context.gl)
    let app = try AppFramebuffer(context.gl, Self.size, format, internalFormat: format.glInternalFormat)
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      for isOpaque in [true, false] {
        let image = try SharedImage(
          .init(size: Self.size, format: format, mode: .blit, orientation: orientation, isOpaque: isOpaque),
          gl: context.gl, host: host)
        #expect(image.isOpaque == (isOpaque && format.hasAlpha))
        #expect(
          image.componentMapping.a
            == (isOpaque && format.hasAlpha ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY))
        let gl = context.gl.gl
        gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
        gl.glClearBufferfv(GLenum(GL_COLOR), 0, Self.colour)
        // The application's mask is neither obeyed nor lost.
        gl.glColorMask(1, 0, 1, 0)
        try image.accessInGL { try blitter.copy(from: app.framebuffer, to: image) }
        var mask: (GLboolean, GLboolean, GLboolean, GLboolean) = (9, 9, 9, 9)
        withUnsafeMutableBytes(of: &mask) {
          gl.glGetBooleanv(GLenum(GL_COLOR_WRITEMASK), $0.bindMemory(to: GLboolean.self).baseAddress)
        }
        #expect(mask == (1, 0, 1, 0))
        gl.glColorMask(1, 1, 1, 1)
        let bytes = try image.readInVulkan()
        let alphas = Self.alphas(bytes, format)
        let close = alphas.allSatisfy { isOpaque ? $0 == 255 : abs($0 - 64) <= 22 }
        #expect(close, "\(api) \(format) \(orientation) \(isOpaque): alpha \(alphas)")
        let wanted = Self.pixel(format, alpha: !isOpaque)
        if !wanted.isEmpty { #expect(Array(bytes.prefix(4)) == wanted, "\(api) \(format)") }
        try image.retire()
        #expect(gl.glGetError() == GL_NO_ERROR)
      }
    }
  }

  @Test(arguments: PixelFormat.all, TestStack.abilities.apis) func whatVulkanWroteIsOpaqueInGL(
    format: PixelFormat, api: SurfacelessContext.API
  ) throws {
    let (context, host) = try TestStack.open(api)
    let blitter = FramebufferBlitter(context.gl)
    let painter = try TestPainter(context.gl)
    for mode in TransferMode.allCases {
      let image = try SharedImage(
        .init(size: Self.size, format: format, direction: .vulkanToGL, mode: mode, isOpaque: true),
        gl: context.gl, host: host)
      let pattern = PixelPattern(Self.size, format, seed: 3)
      let storage = format.glInternalFormat
      let drawn = try AppFramebuffer(context.gl, Self.size, format, internalFormat: storage)
      let copied = try AppFramebuffer(context.gl, Self.size, format, internalFormat: storage)
      try image.writeInVulkan(pattern.vulkanBytes)
      try image.accessInGL {
        try painter.draw(texture: image.glTexture, into: drawn.name, Self.size)
        try blitter.copy(from: image, to: copied.framebuffer)
      }
      for (what, bytes) in [("sampled", try drawn.read(context.gl)), ("copied", try copied.read(context.gl))] {
        let alphas = Self.alphas(bytes, format)
        #expect(alphas.isSubset(of: [255]), "\(api) \(format) \(mode) \(what): alpha \(alphas)")
        // The colours came across.
        if format.bytesPerPixel == 4, format != .rgb10a2 {
          let colours = (0..<bytes.count).filter { $0 % 4 != 3 }.allSatisfy { bytes[$0] == pattern.glBytes[$0] }
          #expect(colours, "\(api) \(format) \(mode) \(what)")
        }
      }
      try image.retire()
    }
  }

  /// A framebuffer without alpha is opaque in GL, and in Vulkan.
  @Test(arguments: TestStack.abilities.apis) func aFramebufferWithoutAlphaIsOpaque(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    for (storage, isOpaque) in [(GL_RGB8, true), (GL_RGB565, true), (GL_RGBA8, false), (GL_RGB5_A1, false)] {
      let app = try AppFramebuffer(context.gl, Self.size, .rgba8, internalFormat: GLenum(storage))
      let gl = context.gl.gl
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 0])
      let imported = try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
      let alpha = imported.componentMapping.a
      #expect(alpha == (isOpaque ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY), "\(api) \(storage)")
      let bytes = try imported.shared.readInVulkan()
      #expect(Array(bytes.prefix(4)) == [255, 0, 0, isOpaque ? 255 : 0], "\(api) \(storage)")
      // Who knows better says so.
      let said = try importGLFramebufferVulkan(
        app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD, options: ImportOptions(isOpaque: true))
      let filled = try said.shared.readInVulkan()
      #expect(said.shared.isOpaque && Array(filled.prefix(4)) == [255, 0, 0, 255], "\(api) \(storage)")
    }
  }

  @Test func everyFormatHasItsTwin() {
    let twins = Dictionary(
      uniqueKeysWithValues: PixelFormat.all.map { ($0.name, $0.drmFourCC(isOpaque: true).description) })
    #expect(
      twins == [
        "r8": "R8  ", "rg8": "GR88", "rgba8": "XB24", "bgra8": "XR24", "rgba8-srgb": "XB24", "bgra8-srgb": "XR24",
        "rgb10a2": "XB30", "rgba16f": "XB4H",
      ])
    for format in PixelFormat.all {
      #expect(format.drmFourCC(isOpaque: false) == format.drmFourCC)
      #expect(format.drmFourCC(isOpaque: true).withAlpha == format.drmFourCC)
      #expect(!format.drmFourCC.hasPadding && format.drmFourCC(isOpaque: true).hasPadding == format.hasAlpha)
    }
  }
}
