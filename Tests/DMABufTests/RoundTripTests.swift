import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every pixel of every leg: Vulkan allocates and GL imports, GL allocates and Vulkan imports, rendered into or
/// blitted, both ways round.
@Suite struct DMABufRoundTripTests {
  struct Transfer: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let direction: TransferDirection
    var testDescription: String { "\(format) \(direction.rawValue)" }
  }

  private static let transfers = PixelFormat.all.flatMap { format in
    TransferDirection.allCases.map { Transfer(format: format, direction: $0) }
  }

  @Test(arguments: TestStack.abilities.apis, transfers)
  func everyPixel(api: SurfacelessContext.API, transfer: Transfer) throws {
    let (format, direction) = (transfer.format, transfer.direction)
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let blitter = FramebufferBlitter(context.gl)
    let painter = try TestPainter(context.gl)
    for allocator in [SharedMemoryAllocator.vulkan, .gl] {
      for sync in TestStack.abilities.dmaBufSyncs(context.api) {
        for size in RoundTrip.sizes {
          for way in Self.ways(size, format, isFirst: api == TestStack.abilities.apis[0] && sync != .cpuWait) {
            let test = RoundTrip.Case(
              way,
              .init(size: size, format: format, direction: direction, handleType: .dmaBuf, allocator: allocator))
            try check(test, sync, context, host, blitter, painter)
          }
        }
      }
    }
  }

  /// The virtual machine's processor is emulated: one context and one sync go every way at one odd size and one way of
  /// each kind at the others, a large one among them; the other contexts and syncs go one way with two formats.
  private static func ways(_ size: PixelSize, _ format: PixelFormat, isFirst: Bool) -> [RoundTrip.Way] {
    guard isFirst else { return size.width == 17 && [.rgba8, .bgra8].contains(format) ? [.direct] : [] }
    if size.width > 1000 { return format == .rgba8 ? [.direct, .blitFlipped] : [] }
    return size.width == 17 ? RoundTrip.Way.allCases : [.direct, .blitFlipped]
  }

  private func check(
    _ test: RoundTrip.Case, _ sync: SyncKind, _ context: SurfacelessContext, _ host: VulkanHost,
    _ blitter: FramebufferBlitter, _ painter: TestPainter
  ) throws {
    let shared = test.shared
    let made = Result { () throws(InteropError) in
      try SharedImage(shared, gl: context.gl, host: host, sync: sync)
    }
    // GL has no BGRA textures of its own to render into: that must be said, and nothing else may be missing.
    let mustFail =
      shared.allocator == .gl && shared.format.channelOrder == .redBlueExchanged && shared.direction == .glToVulkan
      && shared.mode == .direct
    guard !mustFail else {
      let error = #expect(throws: InteropError.self) { try made.get() }
      #expect(error?.code == .unsupported)
      return
    }
    let image = try made.get()
    #expect(image.modifier != nil && image.modifier != .invalid)
    let difference = try RoundTrip.difference(test, image, blitter, painter: painter)
    #expect(difference == nil)
  }
}
