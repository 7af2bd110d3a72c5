import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every pixel, across and back, for every combination the issue names.
@Suite("Round trip") struct RoundTripTests {
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
    let blitter = FramebufferBlitter(context.gl)
    let painter = try TestPainter(context.gl)
    var verified = 0
    for size in RoundTrip.sizes {
      for tiling in ImageTiling.ofOpaqueFD {
        for way in RoundTrip.Way.allCases {
          let test = RoundTrip.Case(
            way, .init(size: size, format: format, tiling: tiling, direction: direction))
          if try run(test, context, host, blitter, painter) { verified += 1 }
        }
      }
    }
    // Only direct rendering into BGRA may be missing, and only where GL has no such texture.
    let missing =
      format.channelOrder == .redBlueExchanged && direction == .glToVulkan && !TestStack.abilities.hasTrueBGRA(api)
    let ways = missing ? RoundTrip.Way.allCases.count - 1 : RoundTrip.Way.allCases.count
    let tilings = TestStack.abilities.hasLinearTiling ? 2 : 1
    let expected = RoundTrip.sizes.count * tilings * ways
    #expect(verified == expected)
  }

  @Test(arguments: TestStack.abilities.apis, PixelFormat.all)
  func fourThousandSquare(api: SurfacelessContext.API, format: PixelFormat) throws {
    let (context, host) = try TestStack.open(api)
    let way: RoundTrip.Way = format.channelOrder == .same ? .direct : .blitFlipped
    let test = RoundTrip.Case(way, .init(size: PixelSize(width: 4096, height: 4096), format: format))
    let verified = try run(test, context, host, FramebufferBlitter(context.gl), TestPainter(context.gl))
    #expect(verified)
  }

  /// - Returns: false if the pair cannot do it, which it must say by name.
  private func run(
    _ test: RoundTrip.Case, _ context: SurfacelessContext, _ host: VulkanHost, _ blitter: FramebufferBlitter,
    _ painter: TestPainter
  ) throws -> Bool {
    let (shared, way) = (test.shared, test.way)
    let made = Result { () throws(InteropError) in try SharedImage(shared, gl: context.gl, host: host) }
    if case .failure(let error) = made, error.code == .unsupported {
      let lacksLinear = error.missing.first == "GL_LINEAR_TILING_EXT" && !TestStack.abilities.mustHaveLinearTiling
      let lacksBGRA =
        error.missing.first == "GL_BGRA8_EXT in glTexStorageMem2DEXT" && shared.format.channelOrder == .redBlueExchanged
        && way == .direct
      let isExpected = lacksLinear || lacksBGRA
      #expect(isExpected, "\(test): \(error)")
      TestStack.skip(
        lacksLinear
          ? "linear tiling: \(error.reason)" : "\(shared.direction.rawValue) direct \(shared.format): \(error.reason)")
      return false
    }
    if let difference = try RoundTrip.difference(test, made.get(), blitter, painter: painter) {
      Issue.record("\(difference)")
      return false
    }
    return true
  }
}
