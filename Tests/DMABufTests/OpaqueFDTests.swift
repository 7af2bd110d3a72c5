import GLVulkanInterop
import InteropTestSupport
import Testing

/// OPAQUE_FD in the machine that has /dev/udmabuf, and in the one that has not.
///
/// lavapipe of Mesa 26.2 backs OPAQUE_FD memory with a DMA-BUF wherever it may open /dev/udmabuf, and llvmpipe of the
/// same version imports memfds only. So one of the two is always there, and which one is said.
@Suite("OPAQUE_FD beside DMA-BUF") struct OpaqueFDTests {
  private static let size = PixelSize(width: 17, height: 13)

  struct FormatOfAPI: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let api: SurfacelessContext.API
    var testDescription: String { "\(format) \(api)" }
  }

  /// One format in every context, the others in one: the emulated processor is slow.
  private static let formats = PixelFormat.all.flatMap { format in
    TestStack.abilities.apis.prefix(format == .rgba8 ? 2 : 1).map { FormatOfAPI(format: format, api: $0) }
  }

  @Test(arguments: formats, TransferDirection.allCases)
  func oneOfTheTwoCarriesEveryPixel(test: FormatOfAPI, direction: TransferDirection) throws {
    let (format, api) = (test.format, test.api)
    let (context, host) = try TestStack.open(api)
    let blitter = FramebufferBlitter(context.gl)
    let painter = try TestPainter(context.gl)
    for tiling in ImageTiling.ofOpaqueFD where tiling == .optimal || TestStack.abilities.hasLinearTiling {
      for way in [RoundTrip.Way.direct, .blitFlipped] {
        // Red and blue are exchanged in a draw where GL has no such texture.
        let isDrawn = way == .direct && format.channelOrder == .redBlueExchanged && direction == .glToVulkan
        guard !isDrawn else { continue }
        let opaque = RoundTrip.Case(
          way, SharedImageDescription(size: Self.size, format: format, tiling: tiling, direction: direction))
        let made = Result { () throws(InteropError) in try SharedImage(opaque.shared, gl: context.gl, host: host) }
        if case .failure(let error) = made, TestStack.abilities.sharesDMABufs(context.api) {
          Self.expectDMABufsToBeNamed(error)
        }
        let image = try made.flatMapError { error in
          guard TestStack.abilities.sharesDMABufs(context.api) else { return .failure(error) }
          let buffer = RoundTrip.Case(
            way, SharedImageDescription(size: Self.size, format: format, direction: direction, handleType: .dmaBuf))
          return Result { () throws(InteropError) in try SharedImage(buffer.shared, gl: context.gl, host: host) }
        }.get()
        let shared = RoundTrip.Case(way, image.description)
        let difference = try RoundTrip.difference(shared, image, blitter, painter: painter)
        #expect(difference == nil)
      }
    }
  }

  /// A picture of an application's framebuffer, and the producer's own choice: neither needs to know which of the two
  /// it is.
  @Test(arguments: TestStack.abilities.apis) func theLibraryFindsTheOneThatWorks(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    do throws(InteropError) {
      _ = try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    } catch {
      guard TestStack.abilities.sharesDMABufs(context.api) else { throw error }
      Self.expectDMABufsToBeNamed(error)
      _ = try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .dmaBuf)
    }
    var options = ProducerOptions()
    options.capability = .nowhere
    let producer = try RawGLProducer(size: Self.size, host: host, context: context.gl, options: options)
    #expect(
      producer.status.path == .opaqueFD || producer.status.path == .dmaBufImport, "\(producer.status.fellBackFrom)")
  }

  private static func expectDMABufsToBeNamed(_ error: InteropError) {
    #expect(error.code == .unsupported && error.step == "glTexStorageMem2DEXT", "\(error)")
    #expect(error.reason.hasSuffix("exports as opaque-fd: here that is a DMA-BUF"), "\(error)")
    #expect(error.advice == "Use dma-buf-import")
  }
}
