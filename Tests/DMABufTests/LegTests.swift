import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Buffers that neither GL nor Vulkan allocated, seen by both; and Vulkan's images given away.
@Suite struct LegTests {
  static let size = PixelSize(width: 113, height: 61)

  /// Of each allocator that this machine has.
  static func allocators() -> [(name: String, make: (PixelSize, DRMFourCC) throws(InteropError) -> DMABuf)] {
    var found: [(name: String, make: (PixelSize, DRMFourCC) throws(InteropError) -> DMABuf)] = []
    if let device = try? UDMABuf() {
      found.append(
        ("udmabuf", { (size, format) throws(InteropError) in try device.makeBuffer(size: size, format: format) }))
    }
    if let heap = try? DMAHeap() {
      found.append(
        ("dma_heap", { (size, format) throws(InteropError) in try heap.makeBuffer(size: size, format: format) }))
    }
    if found.isEmpty { TestStack.skip("buffers of /dev/udmabuf and /dev/dma_heap: the virtual machine has them") }
    return found
  }

  @Test(arguments: PixelFormat.all) func aBufferOfNeitherAPIIsSeenByBoth(format: PixelFormat) throws {
    let allocators = Self.allocators()
    guard !allocators.isEmpty else { return }
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let blitter = FramebufferBlitter(context.gl)
    for (name, make) in allocators {
      for direction in TransferDirection.allCases {
        for way in [RoundTrip.Way.direct, .blitFlipped] {
          let buffer = try make(Self.size, format.drmFourCC)
          let test = RoundTrip.Case(
            way, .init(size: Self.size, format: format, direction: direction, handleType: .dmaBuf, allocator: .neither))
          let image = try SharedImage(
            importing: buffer, format: format, direction: direction, mode: way.mode,
            orientation: test.shared.orientation, gl: context.gl, host: host)
          let difference = try RoundTrip.difference(test, image, blitter)
          #expect(difference == nil, "\(name)")
          // And the CPU finds in the buffer what the last one wrote.
          if direction == .vulkanToGL {
            let pattern = PixelPattern(Self.size, format, seed: UInt64(Self.size.width * 2 + 2))
            let rows = try buffer.map(for: .read) { planes in
              (0..<Self.size.height).flatMap { Array(planes[0].row($0)) }
            }
            let isEqual = rows == pattern.vulkanBytes
            #expect(isEqual, "\(name): the CPU sees other bytes")
          }
          try image.retire()
        }
      }
    }
  }

  /// A GPU's buffer by GBM.
  @Test(arguments: [PixelFormat.rgba8, .bgra8]) func aBufferOfGBMsIsSeenByBoth(format: PixelFormat) throws {
    guard let path = DRMDevice.nodes().last(where: { access($0, R_OK | W_OK) == 0 }) else {
      TestStack.skip("GBM's buffers in GL and Vulkan: no /dev/dri (the virtual machine has it, mode virtio-gpu)")
      return
    }
    let device = try GBMDevice(DRMDevice(path: path))
    let (context, host) = try TestStack.open()
    // XR24 is what scanout takes: the bytes of bgra8, and GL reads alpha as 1.
    let buffer = try device.makeBuffer(
      size: Self.size, format: format == .bgra8 ? .xrgb8888 : .abgr8888, modifiers: [.linear])
    let pattern = PixelPattern(Self.size, format, seed: 3)
    var wanted = pattern.glBytes
    if format == .bgra8 { for at in stride(from: 3, to: wanted.count, by: 4) { wanted[at] = 255 } }
    let image = try buffer.importIntoVulkan(host, format: format)
    try image.write(pattern.vulkanBytes)
    let texture = try buffer.importIntoGL(context.gl)
    let seen = try context.gl.readPixels(try #require(texture.renderFramebuffer), Self.size, format)
    #expect(PixelPattern.difference(seen, wanted, Self.size, format) == nil)
  }

  /// What the CPU wrote is kept by the import: GL and Vulkan read it without anybody writing first.
  @Test func whatABufferHoldsIsKept() throws {
    guard let (_, make) = Self.allocators().first else { return }
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let pattern = PixelPattern(Self.size, .rgba8, seed: 5)
    let buffer = try make(Self.size, .abgr8888)
    try buffer.map(for: .write) { planes in
      for row in 0..<Self.size.height {
        planes[0].row(row).copyBytes(from: pattern.glBytes[row * planes[0].rowBytes..<(row + 1) * planes[0].rowBytes])
      }
    }
    let texture = try buffer.importIntoGL(context.gl)
    let seenByGL = try context.gl.readPixels(try #require(texture.renderFramebuffer), Self.size, .rgba8)
    #expect(seenByGL == pattern.glBytes)
    let image = try buffer.importIntoVulkan(host)
    let seenByVulkan = try image.read()
    #expect(seenByVulkan == pattern.glBytes)
  }

  /// Reverse: Vulkan renders into memory that it exports, for scanout or another process; GL shows it.
  @Test(arguments: PixelFormat.all) func vulkansImageIsShownInGL(format: PixelFormat) throws {
    let (context, host) = try TestStack.open(.openGLES)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let image = try DMABufImage(size: Self.size, format: format, host: host)
    #expect(image.dmaBuf.format == format.drmFourCC)
    // As another process would have it.
    let given = try image.dmaBuf.duplicate()
    let texture = try given.importIntoGL(context.gl, for: .sampling)
    for seed in [UInt64(1), 2] {
      let pattern = PixelPattern(Self.size, format, seed: seed)
      try image.write(pattern.vulkanBytes, isNew: seed == 1)
      let app = try AppFramebuffer(context.gl, Self.size, format, internalFormat: format.glInternalFormat)
      try TestGL.draw(texture: texture.texture, into: app.name, Self.size, context.gl)
      let seen = try app.read(context.gl)
      #expect(PixelPattern.difference(seen, pattern.glBytes, Self.size, format) == nil)
    }
  }

  struct FormatAndMode: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let mode: TransferMode
    var testDescription: String { "\(format) \(mode)" }
  }

  private static let formatsAndModes = PixelFormat.all.flatMap { format in
    TransferMode.allCases.map { FormatAndMode(format: format, mode: $0) }
  }

  /// A framebuffer of the application's: a snapshot of it, and its texture itself.
  @Test(arguments: formatsAndModes, TestStack.abilities.apis)
  func aFramebufferIsImported(test: FormatAndMode, api: SurfacelessContext.API) throws {
    let (format, mode) = (test.format, test.mode)
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let gl = context.gl
    let first = PixelPattern(Self.size, format, seed: 1)
    let second = PixelPattern(Self.size, format, seed: 2)
    let app = try AppFramebuffer(gl, Self.size, format, internalFormat: format.glInternalFormat)
    app.upload(first.glBytes, gl)
    // An alias's texture has RGBA bytes.
    let wanted = mode == .direct && format.channelOrder == .redBlueExchanged ? PixelFormat.rgba8 : format
    let imported = try importGLFramebufferVulkan(
      app.framebuffer, gl: gl, host: host, handleType: .dmaBuf, options: ImportOptions(format: wanted, mode: mode))
    #expect(imported.queueFamily == OwnershipTransferBarrier.foreignFamily)
    let bytes = wanted == format ? first.vulkanBytes : first.glBytes
    let seen = try imported.shared.readInVulkan()
    #expect(PixelPattern.difference(seen, bytes, Self.size, wanted) == nil)
    // What is drawn later is seen where the image is the texture, and only there.
    try imported.shared.acquireForGL()
    app.upload(second.glBytes, gl)
    try imported.shared.releaseFromGL()
    let later = try imported.shared.readInVulkan()
    let isLive = PixelPattern.difference(later, second.glBytes, Self.size, wanted) == nil
    if mode == .direct { #expect(isLive) }
    if mode == .blit { #expect(PixelPattern.difference(later, bytes, Self.size, wanted) == nil) }
    try imported.shared.retire()
  }

  @Test func whatCannotBeExportedAsItIsIsNamed() throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let gl = context.gl
    func refusal(_ framebuffer: GLFramebuffer, _ options: ImportOptions, _ type: ExternalMemoryHandleType = .dmaBuf)
      -> InteropError?
    {
      do throws(InteropError) {
        _ = try importGLFramebufferVulkan(framebuffer, gl: gl, host: host, handleType: type, options: options)
        return nil
      } catch {
        return error
      }
    }
    let plain = try AppFramebuffer(gl, Self.size, .rgba8)
    let samples = try AppFramebuffer(gl, Self.size, .rgba8, samples: 4)
    let direct = ImportOptions(mode: .direct)
    let opaque = refusal(plain.framebuffer, direct, .opaqueFD)
    #expect(opaque?.missing == ["handle type dma-buf"])
    let multisampled = refusal(samples.framebuffer, direct)
    #expect(multisampled?.missing == ["a plain texture"])
    let turned = refusal(plain.framebuffer, ImportOptions(orientation: .topDown, mode: .direct))
    #expect(turned?.missing == ["orientation bottom-up"])
    let other = refusal(plain.framebuffer, ImportOptions(format: .rgb10a2, mode: .direct))
    #expect(other?.missing == ["a texture of rgb10a2"])
    var part = plain.framebuffer
    part.size = PixelSize(width: 16, height: 16)
    let smaller = refusal(part, direct)
    #expect(smaller?.missing == ["a texture of that size"])
    let tiled = refusal(plain.framebuffer, ImportOptions(modifiers: [DRMModifier(rawValue: 0x0300_0000_00E0_8014)]))
    #expect(tiled?.code == .unsupported)
  }
}
