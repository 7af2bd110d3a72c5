import GLVulkanInterop
import InteropTestSupport
import Testing

/// The usage that an application asks a producer's images for: what the frame says, what the image can do, what is
/// refused.
@Suite("Usage of frames") struct FrameUsageTests {
  private static let copies = UInt32(VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue)
  private static let sampling = UInt32(VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
  private static let storage = UInt32(VK_IMAGE_USAGE_STORAGE_BIT.rawValue)

  private func producer(
    _ path: TransferPath, _ edit: (inout ProducerOptions) -> Void
  ) throws -> SurfacelessEGLProducer {
    let (context, host) = try TestStack.open()
    var options = ProducerOptions(path: path)
    edit(&options)
    return try SurfacelessEGLProducer(
      size: PixelSize(width: 40, height: 24), host: host, context: context, options: options)
  }

  @Test(arguments: TestStack.abilities.paths) func noMoreThanIsAskedFor(path: TransferPath) throws {
    let wanted = Self.copies | Self.sampling
    let frame = try producer(path) { $0.usage = wanted }.render { _ in }
    // Uploads of path host-copy need a transfer's destination.
    let ours = path == .hostCopy ? UInt32(VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue) : 0
    #expect(frame.usage == wanted | ours)
    #expect(frame.createFlags == UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue))
    #expect((frame.tiling == .drmModifier) == (frame.dmaBuf != nil))
    #expect(frame.usage & Self.storage == 0)
  }

  /// A view for storage images is made of the frame, which the device allows for images of that usage only.
  @Test(arguments: TestStack.abilities.paths) func storageImages(path: TransferPath) throws {
    let wanted = Self.sampling | Self.storage
    let frame = try producer(path) { $0.usage = wanted }.render { target in
      target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0.2, 0, 1])
    }
    #expect(frame.usage & wanted == wanted)
    _ = try frame.view()
    let bytes = try frame.readPixels()
    #expect(stride(from: 0, to: bytes.count, by: 4).allSatisfy { Array(bytes[$0..<$0 + 4]) == [255, 51, 0, 255] })
  }

  /// sRGB images that shaders write: no device has them.
  @Test(arguments: TestStack.abilities.paths) func whatTheDeviceLacksIsSaid(path: TransferPath) throws {
    let error = #expect(throws: InteropError.self) {
      _ = try producer(path) {
        $0.format = .rgba8SRGB
        $0.usage = Self.storage
        $0.capability = .nowhere
      }
    }
    #expect(error?.code == .unsupported, "\(String(describing: error))")
  }
}
