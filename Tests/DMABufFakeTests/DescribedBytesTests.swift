import GLVulkanInterop
import InteropTestSupport
import Testing

/// A buffer is called what its bytes are, by a driver that tells of its own view of them.
@Suite("Fourccs of buffers that are given away", .serialized) struct DescribedBytesTests {
  static let size = PixelSize(width: 64, height: 16)
  static let layout = FakeLayout.nvidiaBlockLinear

  /// What the driver calls GL's texture for a format: of BGRA GL has an alias.
  private static func told(_ format: PixelFormat) -> DRMFourCC {
    format.channelOrder == .same ? format.drmFourCC : .abgr8888
  }

  @Test(arguments: PixelFormat.all, TransferDirection.allCases)
  func vulkansBytesAreNamed(format: PixelFormat, direction: TransferDirection) throws {
    for isOpaque in [false, true] {
      for padded in [false, true] {
        try FakeDRMDriver.eachAPI(
          [Self.layout], size: Self.size,
          { $0.export_fourcc = (padded ? Self.told(format).withoutAlpha : Self.told(format)).rawValue }
        ) { context, host in
          for allocator in [SharedMemoryAllocator.gl, .vulkan] {
            let image = try SharedImage(
              .init(
                size: Self.size, format: format, direction: direction, mode: .blit, handleType: .dmaBuf,
                allocator: allocator, isOpaque: isOpaque), gl: context.gl, host: host)
            let buffer = try #require(image.dmaBuf)
            let wanted = isOpaque ? format.drmFourCC.withoutAlpha : format.drmFourCC
            let what =
              "\(format) \(direction) \(allocator)\(isOpaque ? " opaque" : "")\(padded ? ", told as padded" : "")"
            #expect(buffer.format == wanted, "\(what)")
            let copy = try buffer.duplicate()
            #expect(copy.format == wanted && copy.size == Self.size && copy.planes == buffer.planes, "\(what)")
            let message = DMABufDescription(
              size: copy.size, format: copy.format, modifier: copy.modifier, planes: copy.planes)
            #expect(message == buffer.description, "\(what)")
            // Who knows nothing but the buffer gets the format of its bytes.
            let fresh = try copy.importIntoVulkan(host)
            let siblings = format.viewFormats.contains(fresh.vkFormat)
            #expect(siblings, "\(what): \(fresh.vkFormat)")
            let alpha = fresh.componentMapping.a
            let one = isOpaque && format.hasAlpha
            #expect(alpha == (one ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY), "\(what)")
            let same = image.componentMapping.a
            #expect(alpha == same, "\(what)")
          }
        }
      }
    }
  }

  /// Who imports a buffer with padding is told how to view it, on each side.
  @Test(arguments: DRMFourCC.known.filter { !$0.isYUV }) func importersAreTold(format: DRMFourCC) throws {
    try FakeDRMDriver.eachAPI([Self.layout], size: Self.size) { context, host in
      let buffer = try FakeDRMDriver.buffer(Self.layout, Self.size, format)
      let isPadded = ["XR24", "XB24", "XB30", "XB4H"].contains(format.description)
      #expect(format.hasPadding == isPadded)
      let image = try buffer.importIntoVulkan(host)
      let mapping = image.componentMapping
      #expect(mapping.a == (isPadded ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY))
      #expect(mapping.r == VK_COMPONENT_SWIZZLE_IDENTITY && mapping.g == mapping.r && mapping.b == mapping.r)
      for direction in TransferDirection.allCases where !["R16", "GR32"].contains(format.description.trimmed) {
        let shared = try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host)
        #expect(shared.isOpaque == isPadded && shared.componentMapping.a == mapping.a)
        #expect(shared.dmaBuf?.format == format)
        #expect(Self.alphaSwizzle(shared.glTexture, context.gl) == (isPadded ? GL_ONE : GL_ALPHA))
      }
      let texture = try buffer.importIntoGL(context.gl)
      #expect(texture.format == format)
      #expect(Self.alphaSwizzle(texture.texture, context.gl) == (isPadded ? GL_ONE : GL_ALPHA))
    }
  }

  /// A texture without alpha, which the driver keeps in four bytes and says so.
  @Test(arguments: [DRMFourCC.abgr8888, .xbgr8888]) func aTextureWithoutAlphaHasPadding(told: DRMFourCC) throws {
    try FakeDRMDriver.eachAPI([Self.layout], size: Self.size, { $0.export_fourcc = told.rawValue }) { context, host in
      let gl = context.gl
      for (storage, wanted) in [(GL_RGB8, DRMFourCC.xbgr8888), (GL_RGBA8, .abgr8888)] {
        let app = try AppFramebuffer(gl, Self.size, .rgba8, internalFormat: GLenum(storage))
        let exported = try DMABuf(exporting: app.texture, size: Self.size, gl: gl)
        #expect(exported.format == wanted)
        for mode in TransferMode.allCases {
          let imported = try importGLFramebufferVulkan(
            app.framebuffer, gl: gl, host: host, handleType: .dmaBuf, options: ImportOptions(mode: mode))
          let isOpaque = storage == GL_RGB8
          #expect(imported.shared.dmaBuf?.format == wanted, "\(mode)")
          #expect(
            imported.componentMapping.a == (isOpaque ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY),
            "\(mode)")
          try imported.shared.retire()
        }
      }
    }
  }

  private static func alphaSwizzle(_ texture: GLuint, _ context: GLContext) -> GLint {
    var value: GLint = 0
    context.gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    context.gl.glGetTexParameteriv(GLenum(GL_TEXTURE_2D), GLenum(GL_TEXTURE_SWIZZLE_A), &value)
    context.gl.glBindTexture(GLenum(GL_TEXTURE_2D), 0)
    return value
  }
}

extension String {
  fileprivate var trimmed: String { String(self.prefix { $0 != " " }) }
}
