import GLVulkanInterop
import InteropTestSupport
import Testing

/// A buffer that is given away is taken for what it says by an importer that knows nothing else: fresh textures and
/// images, made by the description alone, show the colour that was drawn.
@Suite struct DescribedBytesTests {
  static let size = PixelSize(width: 16, height: 8)
  /// Orange, half there: no two channels alike.
  static let colour: [Float] = [1, Float(128) / 255, 0, Float(64) / 255]

  /// Red, green, blue, alpha in 255ths; of channels that are not there 0 and 255. As a texture or an image of the
  /// fourcc shows it.
  private static func channels(_ bytes: [UInt8], _ format: DRMFourCC) throws -> [Int] {
    func half(_ at: Int) -> Int {
      Int((Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)) * 255).rounded())
    }
    let alpha = format.hasPadding ? 255 : nil
    switch format.withAlpha {
    case .r8: return [Int(bytes[0]), 0, 0, 255]
    case .gr88: return [Int(bytes[0]), Int(bytes[1]), 0, 255]
    case .abgr8888: return [Int(bytes[0]), Int(bytes[1]), Int(bytes[2]), alpha ?? Int(bytes[3])]
    case .argb8888: return [Int(bytes[2]), Int(bytes[1]), Int(bytes[0]), alpha ?? Int(bytes[3])]
    case .abgr2101010:
      let word = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
      return [0, 10, 20].map { Int(word >> $0 & 0x3FF) * 255 / 1023 } + [alpha ?? Int(word >> 30) * 85]
    case .abgr16161616F: return [half(0), half(2), half(4), alpha ?? half(6)]
    default: throw InteropError(.unsupported, step: "read a pixel", reason: "\(format)")
    }
  }

  private static func wanted(_ format: PixelFormat, isOpaque: Bool) -> [Int] {
    switch format {
    case .r8: [255, 0, 0, 255]
    case .rg8: [255, 128, 0, 255]
    // The nearest of four alphas.
    case .rgb10a2: [255, 128, 0, isOpaque ? 255 : 85]
    default: [255, 128, 0, isOpaque ? 255 : 64]
    }
  }

  private static func close(_ a: [Int], _ b: [Int]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) <= 1 } }

  /// What a stranger sees.
  private static func expectSeen(
    _ buffer: DMABuf, _ format: PixelFormat, isOpaque: Bool, _ context: GLContext, _ host: VulkanHost,
    _ painter: TestPainter, _ what: String
  ) throws {
    let copy = try DMABuf(buffer.description, duplicating: buffer.withDescriptors { $0 })
    #expect(copy.size == size && copy.format == format.drmFourCC(isOpaque: isOpaque), "\(what): \(copy.format)")
    let wanted = wanted(format, isOpaque: isOpaque)
    let texture = try copy.importIntoGL(context, for: .sampling)
    // As 8 bits a channel: what a shader gets.
    let drawn = try AppFramebuffer(context, size, .rgba8)
    try painter.draw(texture: texture.texture, into: drawn.name, size)
    let sampled = try drawn.read(context).prefix(4).map { Int($0) }
    #expect(close(sampled, wanted), "\(what): GL samples \(sampled), wanted \(wanted)")
    let image = try copy.importIntoVulkan(host)
    let mapping = image.componentMapping.a == VK_COMPONENT_SWIZZLE_ONE
    #expect(mapping == (isOpaque && format.hasAlpha), "\(what)")
    let viewed = try channels(Array(try image.read().prefix(format.bytesPerPixel)), copy.format)
    #expect(close(viewed, wanted), "\(what): Vulkan sees \(viewed), wanted \(wanted)")
  }

  private static func make(
    _ options: ProducerOptions, _ context: SurfacelessContext, _ host: VulkanHost, mayFail: Bool
  ) throws -> SurfacelessEGLProducer? {
    do throws(InteropError) {
      return try SurfacelessEGLProducer(size: size, host: host, context: context, options: options)
    } catch {
      guard mayFail else { throw error }
      #expect(error.code == .unsupported)
      return nil
    }
  }

  struct FormatOfAPI: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let api: SurfacelessContext.API
    var testDescription: String { "\(format) \(api)" }
  }

  /// Two formats in every context, the others in one: the emulated processor is slow.
  private static let formats = PixelFormat.all.flatMap { format in
    TestStack.abilities.apis.prefix(format == .rgba8 || format == .bgra8 ? 2 : 1).map {
      FormatOfAPI(format: format, api: $0)
    }
  }

  @Test(arguments: formats, [SharedMemoryAllocator.gl, .vulkan])
  func whatGLDrew(test: FormatOfAPI, allocator: SharedMemoryAllocator) throws {
    let (format, api) = (test.format, test.api)
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let painter = try TestPainter(context.gl)
    for mode in TransferMode.allCases {
      for isOpaque in [false, true] {
        var options = ProducerOptions(
          format: format, path: allocator == .gl ? .dmaBufExport : .dmaBufImport, mode: mode)
        options.alphaMode = isOpaque ? .opaque : .premultiplied
        options.sync = .cpuWait
        // The emulated processor is slow, and what a stranger sees is looked at.
        options.verifiesPixels = false
        options.framesInFlight = 1
        options.capability = .nowhere
        options.logger.logLevel = .critical
        let what = "\(api) \(allocator) \(format) \(mode)\(isOpaque ? " opaque" : "")"
        let mustFail = allocator == .gl && mode == .direct && format.channelOrder == .redBlueExchanged
        guard let producer = try Self.make(options, context, host, mayFail: mustFail) else { continue }
        #expect(!mustFail, "\(what)")
        let frame = try producer.render { $0.gl.glClearBufferfv(GLenum(GL_COLOR), 0, Self.colour) }
        let dmaBuf = frame.dmaBuf
        let buffer = try #require(dmaBuf)
        try Self.expectSeen(buffer, format, isOpaque: isOpaque, context.gl, host, painter, what)
        frame.drop()
      }
    }
  }

  @Test(arguments: formats, [SharedMemoryAllocator.gl, .vulkan])
  func whatVulkanWrote(test: FormatOfAPI, allocator: SharedMemoryAllocator) throws {
    let (format, api) = (test.format, test.api)
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let painter = try TestPainter(context.gl)
    for mode in TransferMode.allCases {
      for isOpaque in [false, true] {
        let what = "\(api) \(allocator) \(format) \(mode)\(isOpaque ? " opaque" : "")"
        let image = try SharedImage(
          .init(
            size: Self.size, format: format, direction: .vulkanToGL, mode: mode, handleType: .dmaBuf,
            allocator: allocator, isOpaque: isOpaque), gl: context.gl, host: host, sync: .cpuWait)
        try image.writeInVulkan(Self.pixels(format))
        let buffer = try #require(image.dmaBuf)
        try Self.expectSeen(buffer, format, isOpaque: isOpaque, context.gl, host, painter, what)
        // And who is not a stranger.
        let drawn = try AppFramebuffer(context.gl, Self.size, .rgba8)
        try image.accessInGL { try painter.draw(texture: image.glTexture, into: drawn.name, Self.size) }
        let sampled = try drawn.read(context.gl).prefix(4).map { Int($0) }
        #expect(Self.close(sampled, Self.wanted(format, isOpaque: isOpaque)), "\(what): own texture \(sampled)")
        try image.retire()
      }
    }
  }

  /// Foreign buffers with padding: GL and Vulkan read alpha as 1, whichever API writes.
  @Test(arguments: PixelFormat.all.filter(\.hasAlpha), TestStack.abilities.apis)
  func paddingOfOthers(format: PixelFormat, api: SurfacelessContext.API) throws {
    guard RealBuffers.areThere(for: "buffers with padding") else { return }
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let painter = try TestPainter(context.gl)
    let buffer = try RealBuffers.make(format.drmFourCC.withoutAlpha, Self.size)
    let image = try buffer.importIntoVulkan(host)
    try image.write(Self.pixels(format))
    try Self.expectSeen(buffer, format, isOpaque: true, context.gl, host, painter, "\(api) \(format)")
    for direction in TransferDirection.allCases {
      let shared = try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host)
      #expect(shared.isOpaque)
      #expect(shared.dmaBuf?.format == buffer.format)
    }
  }

  /// GL_RGB8: what is in alpha's place is not the picture's, in either mode.
  @Test(arguments: TransferMode.allCases, TestStack.abilities.apis)
  func aFramebufferWithoutAlpha(mode: TransferMode, api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let painter = try TestPainter(context.gl)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8, internalFormat: GLenum(GL_RGB8))
    let gl = context.gl.gl
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, Float(128) / 255, 0, 0])
    let imported = try importGLFramebufferVulkan(
      app.framebuffer, gl: context.gl, host: host, handleType: .dmaBuf, options: ImportOptions(mode: mode))
    let alpha = imported.componentMapping.a
    #expect(alpha == VK_COMPONENT_SWIZZLE_ONE)
    let buffer = try #require(imported.shared.dmaBuf)
    try Self.expectSeen(buffer, .rgba8, isOpaque: true, context.gl, host, painter, "\(api) RGB8 \(mode)")
    if mode == .blit {
      let bytes = try imported.shared.readInVulkan()
      #expect(Array(bytes.prefix(4)) == [255, 128, 0, 255])
    }
    try imported.shared.retire()
  }

  /// The colour in every pixel, as Vulkan has it.
  private static func pixels(_ format: PixelFormat) -> [UInt8] {
    let pixel: [UInt8]
    switch format {
    case .r8: pixel = [255]
    case .rg8: pixel = [255, 128]
    case .bgra8, .bgra8SRGB: pixel = [0, 128, 255, 64]
    case .rgb10a2: pixel = withUnsafeBytes(of: UInt32(1023 | 514 << 10 | 1 << 30)) { Array($0) }
    case .rgba16f:
      pixel = colour.flatMap { value in withUnsafeBytes(of: Float16(value).bitPattern) { Array($0) } }
    default: pixel = [255, 128, 0, 64]
    }
    return (0..<size.width * size.height).flatMap { _ in pixel }
  }
}
