import GLVulkanInterop
import InteropTestSupport
import Testing

/// The capability matrix where GL and Vulkan share buffers: each cell of both DMA-BUF paths, and what is chosen.
@Suite("DMA-BUF in the matrix", .serialized) struct DMABufMatrixTests {
  typealias Cell = CapabilityMatrix.Cell

  private static let shared = Result { try probe() }

  private static func probe() throws -> CapabilityMatrix? {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return nil }
    var options = ProbeOptions()
    options.paths = [.dmaBufImport, .dmaBufExport, .hostCopy]
    options.sizes = [PixelSize(width: 18, height: 16)]
    options.timedTransfers = 3
    options.usesCache = false
    options.layers = TestStack.layers
    return CapabilityProbe(gl: context, vulkan: host, options: options).run()
  }

  private func requirements(
    _ formats: [PixelFormat] = [.rgba8], _ ranking: String = ""
  ) throws -> CapabilityMatrix.Requirements {
    .init(formats: formats, crossesProcesses: true, ranking: try PathRanking(ranking))
  }

  @Test func everyCellHasItsVerdict() throws {
    guard let matrix = try Self.shared.get() else { return }
    #expect(matrix.warnings.isEmpty)
    #expect(matrix.probedIn == .childProcess)
    let buffers = matrix.cells.filter { $0.configuration.path != .hostCopy }
    guard TestStack.abilities.mustShareDMABufs else {
      let works = buffers.contains { $0.verdict == .verified }
      #expect(works)
      return
    }
    // lavapipe has one modifier.
    #expect(buffers.count == 256)
    for cell in buffers {
      let configuration = cell.configuration
      let text = "\(configuration) \(cell.direction) \(cell.format.name): \(cell.reason ?? "")"
      #expect(configuration.tiling == .drmModifier, "\(text)")
      if configuration.sync == .timelineSemaphore, !isGLsBGRA(cell) {
        #expect(cell.verdict == .unsupported, "\(text)")
        #expect(cell.missing.contains("GL_NV_timeline_semaphore"), "\(text)")
        continue
      }
      if configuration.sync == .semaphoreFD || isGLsBGRA(cell) {
        #expect(cell.verdict == .unsupported, "\(text)")
        let missing = isGLsBGRA(cell) ? "an export of AR24" : "GL_EXT_semaphore_fd"
        #expect(cell.missing.contains(missing), "\(text)")
        #expect(
          cell.quirks.contains(isGLsBGRA(cell) ? "mesa-bgra-export-exchanged" : "llvmpipe-no-gl-semaphores"), "\(text)")
        #expect(cell.modifier == (configuration.path == .dmaBufImport ? .linear : nil), "nothing was made: \(text)")
        continue
      }
      #expect(cell.verdict == .verified, "\(text)")
      #expect(cell.modifier == .linear, "\(text)")
      // lavapipe waits in vkGetSemaphoreFdKHR, on the CPU: that is seen, and nothing can hold GL back.
      #expect(cell.waits?.gl == .heldBack, "\(text)")
      #expect(cell.waits?.vulkan == .recordedOnly, "\(text)")
      #expect(cell.quirks == (configuration.sync == .syncFile ? ["lavapipe-sync-files-signalled"] : []), "\(text)")
    }
  }

  /// GL's own BGRA memory, to render into.
  private func isGLsBGRA(_ cell: Cell) -> Bool {
    cell.configuration.path == .dmaBufExport && cell.direction == .glToVulkan && cell.configuration.mode == .direct
      && cell.format.name.hasPrefix("bgra8")
  }

  @Test func thePathToAnotherProcessIsABuffer() throws {
    guard let matrix = try Self.shared.get(), TestStack.abilities.mustShareDMABufs else { return }
    let all = try #require(matrix.bestPath(for: try requirements(PixelFormat.all)))
    #expect(all.configuration.path == .dmaBufImport)
    #expect(all.configuration.mode == .direct)
    #expect(all.configuration.sync == .syncFile)
    #expect(all.configuration.tiling == .drmModifier)
    #expect(all.modifiers == [.linear])
    let exported = try #require(matrix.bestPath(for: try requirements([.rgba8], "-dma-buf-import")))
    #expect(exported.configuration.path == .dmaBufExport)
    #expect(exported.configuration.mode == .direct)
    #expect(exported.modifiers == [.linear])
    let bgra = matrix.bestPath(for: try requirements([.bgra8], "-dma-buf-import"))
    #expect(bgra?.configuration.mode == .blit)
    var tiled = try requirements()
    tiled.modifiers = [DRMModifier(rawValue: 0x0100_0000_0000_0001)]
    #expect(matrix.bestPath(for: tiled) == nil)
    // What was chosen was timed.
    let choice = try #require(matrix.choice)
    #expect(choice.configuration.path == .dmaBufImport)
    #expect(choice.transferMicroseconds?.p50 ?? 0 > 0)
  }

  /// What a machine sees that may not open /dev/udmabuf.
  @Test func withoutUdmabufTheReasonIsKnown() throws {
    guard TestStack.abilities.isWithoutUDMABuf else {
      return TestStack.skip("a machine without /dev/udmabuf: mode bare of the virtual machine")
    }
    let (context, host) = try TestStack.open()
    var options = ProbeOptions()
    options.sizes = [PixelSize(width: 16, height: 16)]
    options.formats = [.rgba8]
    options.usesCache = false
    options.timing = .nothing
    let matrix = CapabilityProbe(gl: context, vulkan: host, options: options).run()
    let buffers = matrix.cells.filter { $0.configuration.path.rawValue.hasPrefix("dma-buf") }
    #expect(buffers.count == 24)
    for cell in buffers {
      #expect(cell.verdict == .unsupported)
      // lavapipe of Mesa 25 lists VK_EXT_external_memory_dma_buf there all the same.
      #expect(cell.missing == ["VK_EXT_image_drm_format_modifier"])
      #expect(cell.modifier == nil)
      #expect(cell.quirks.contains("lavapipe-dma-buf-needs-udmabuf"))
    }
    #expect(matrix.choice?.configuration.path == .opaqueFD)
  }
}
