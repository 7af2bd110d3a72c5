import GLVulkanInterop
import InteropTestSupport
import Testing

/// Drivers without DMA-BUFs: each step is refused with a reason, and a producer goes another way by itself. Where there
/// are DMA-BUFs the other suites say so.
@Suite("Availability: refusals") struct RefusalTests {
  private static let size = PixelSize(width: 32, height: 16)

  /// - Returns: nil where GL and Vulkan share DMA-BUFs.
  private static func withoutSharing() throws -> (context: SurfacelessContext, host: VulkanHost, error: InteropError)? {
    let (context, host) = try TestStack.open()
    do throws(InteropError) {
      _ = try SharedImage(.init(size: size, handleType: .dmaBuf), gl: context.gl, host: host)
      TestStack.skip("drivers without DMA-BUFs: these have them")
      return nil
    } catch {
      return (context, host, error)
    }
  }

  @Test(arguments: [SharedMemoryAllocator.vulkan, .gl]) func aSharedImageIsRefused(allocator: SharedMemoryAllocator)
    throws
  {
    guard let (context, host, _) = try Self.withoutSharing() else { return }
    let error = #expect(throws: InteropError.self) {
      try SharedImage(
        .init(size: Self.size, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host)
    }
    print("\(allocator): \(error.map(\.description) ?? "")")
    #expect(error?.code == .unsupported)
    let missing = error?.missing ?? []
    #expect(!missing.isEmpty)
    let lists = host.info.extensions.contains("VK_EXT_external_memory_dma_buf")
    // NVIDIA without a DRM node lists VK_EXT_image_drm_format_modifier and not this.
    if !lists { #expect(missing.contains("VK_EXT_external_memory_dma_buf")) }
  }

  @Test func anExportIsRefused() throws {
    guard let (context, host, _) = try Self.withoutSharing() else { return }
    let gl = context.gl
    let texture = try gl.preservingBindings { () throws(InteropError) in try gl.makeTexture(GLenum(GL_RGBA8), Self.size)
    }
    let files = OpenFiles.list()
    let error = #expect(throws: InteropError.self) { try DMABuf(exporting: texture.name, size: Self.size, gl: gl) }
    print("export: \(error.map(\.description) ?? "")")
    if host.info.driverName.contains("NVIDIA") {
      // Listed, and the query answers; then EGL_BAD_MATCH.
      #expect(error?.step == "eglExportDMABUFImageMESA")
      #expect(error?.driverCode == .egl(EGL_BAD_MATCH))
    } else {
      let isNamed = error?.code == .unsupported || error?.driverCode != nil
      #expect(isNamed)
    }
    #expect(OpenFiles.opened(since: files).isEmpty)
  }

  @Test func aProducerGoesAnotherWay() throws {
    guard let (context, host, _) = try Self.withoutSharing() else { return }
    var options = ProducerOptions()
    options.capability = .nowhere
    options.ranking = try PathRanking("dma-buf-import,dma-buf-export")
    let producer = try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    let path = producer.status.path
    #expect(path == .opaqueFD || path == .hostCopy)
    let left = producer.status.fellBackFrom.map(\.path)
    #expect(left.contains(.dmaBufImport) && left.contains(.dmaBufExport))
    for left in producer.status.fellBackFrom { print("fell back from \(left.path): \(left.reason)") }
    let frame = try producer.render { target in
      target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, 0, 1])
    }
    let landing = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
    try frame.access(.transferSource, waitingUpTo: .seconds(10)) { commands, image in
      landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    #expect(Array(landing.bytes.prefix(4)) == [255, 0, 0, 255])
  }

  @Test func aPathThatWasNamedIsAnError() throws {
    guard let (context, host, refusal) = try Self.withoutSharing() else { return }
    var options = ProducerOptions()
    options.capability = .nowhere
    options.path = .dmaBufImport
    let error = #expect(throws: InteropError.self) {
      try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
    }
    #expect(error?.step == refusal.step)
  }

  @Test func aFramebufferIsRefused() throws {
    guard let (context, host, _) = try Self.withoutSharing() else { return }
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    for mode in TransferMode.allCases {
      let error = #expect(throws: InteropError.self) {
        try importGLFramebufferVulkan(
          app.framebuffer, gl: context.gl, host: host, handleType: .dmaBuf, options: ImportOptions(mode: mode))
      }
      #expect(error?.missing.isEmpty == false)
    }
  }
}
