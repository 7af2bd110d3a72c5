import GLVulkanInterop
import InteropTestSupport
import Testing

/// What software drivers forgive is asserted on the recorded calls: create info equal on both sides, dedicated flag,
/// exact size, tiling, and the layouts, families and semaphores of every ownership transfer.
@Suite("Recorded ownership transfers", .serialized) struct RecordedTransferTests {
  static let checker = OwnershipChecker(
    internalFormats: Dictionary(
      PixelFormat.all.map { format in
        var names: Set<GLenum> = [format.glInternalFormat]
        if let srgb = format.glSRGBInternalFormat { names.insert(srgb) }
        if format.channelOrder == .redBlueExchanged { names.insert(GLenum(GL_BGRA8_EXT)) }
        return (format.vkFormat, names)
      }, uniquingKeysWith: { $0.union($1) }))

  private func expectClean(_ calls: [RecordedCall], _ what: String) {
    let violations = Self.checker.violations(in: calls)
    #expect(violations.isEmpty, "\(what): \(violations.joined(separator: "; "))")
    let barriers = calls.filter { $0.name == "vkCmdPipelineBarrier" }.count
    #expect(barriers > 0, "\(what): no ownership transfer was recorded")
  }

  struct TiledFormat: CustomTestStringConvertible, Sendable {
    let format: PixelFormat
    let tiling: ImageTiling
    var testDescription: String { "\(format) \(tiling.rawValue)" }
  }

  private static let tiledFormats = PixelFormat.all.flatMap { format in
    ImageTiling.ofOpaqueFD.map { TiledFormat(format: format, tiling: $0) }
  }

  /// Tiling by modifier is a DMA-BUF's: DMABufFakeTests.
  @Test(arguments: TestStack.abilities.apis, tiledFormats)
  func sharedImagesInBothDirections(api: SurfacelessContext.API, test: TiledFormat) throws {
    let (format, tiling) = (test.format, test.tiling)
    guard tiling == .optimal || TestStack.abilities.hasLinearTiling else { return TestStack.skip("linear tiling") }
    let (context, host) = try TestStack.open(api, traced: true)
    for direction in TransferDirection.allCases {
      let calls = try DriverTrace.record(on: .current) {
        let image = try SharedImage(
          .init(
            size: PixelSize(width: 33, height: 21), format: format, tiling: tiling, direction: direction, mode: .blit,
            orientation: .topDown),
          gl: context.gl, host: host)
        let blitter = FramebufferBlitter(context.gl)
        let app = try AppFramebuffer(context.gl, image.size, format)
        let bytes = PixelPattern(image.size, format, seed: 3).vulkanBytes
        for _ in 0..<3 {
          if direction == .glToVulkan {
            try image.accessInGL { try blitter.copy(from: app.framebuffer, to: image) }
            _ = try image.readInVulkan()
          } else {
            try image.writeInVulkan(bytes)
            try image.accessInGL { try blitter.copy(from: image, to: app.framebuffer) }
          }
        }
        try image.retire()
      }
      expectClean(calls, "\(api.rawValue) \(format) \(tiling.rawValue) \(direction.rawValue)")
    }
  }

  @Test(arguments: TestStack.abilities.apis) func framesThatAreUsedDroppedAbandonedAndResized(
    api: SurfacelessContext.API
  ) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    struct Refused: Error {}
    let calls = try DriverTrace.record(on: .current) {
      var options = ProducerOptions(framesInFlight: 3, path: .opaqueFD)
      options.backPressure = .dropOldest(timeout: .seconds(1))
      let producer = try SurfacelessEGLProducer(
        size: PixelSize(width: 40, height: 30), host: host, context: context, options: options)
      for round in 0..<12 {
        let frame = try producer.render { target in
          target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, 0, 1])
        }
        switch round % 4 {
        case 0: try frame.access(.transferSource) { (_, _) throws(InteropError) in }
        case 1:
          try frame.acquire(.general)
          try frame.release()
        case 2: frame.drop()
        default:
          // Acquired by an application that then does not submit.
          _ = try frame.acquireBarrier(.general)
          try frame.cancelAcquire()
        }
        #expect(throws: Refused.self) { _ = try producer.render { _ in throw Refused() } }
        if round == 6 { try producer.resize(to: PixelSize(width: 20, height: 10)) }
      }
    }
    expectClean(calls, "\(api.rawValue) producer")
  }

  @Test(arguments: TestStack.abilities.apis) func aHostThatSubmitsItself(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let calls = try DriverTrace.record(on: .current) {
      let image = try SharedImage(.init(size: PixelSize(width: 9, height: 9)), gl: context.gl, host: host)
      let commands = try VulkanCommands(host: host, queue: host.queues[0])
      for _ in 0..<3 {
        try image.accessInGL {}
        let acquire = try image.acquireBarrier(.general)
        let release = try image.releaseBarrier(.general)
        try commands.finish()
        let buffer = try commands.record(.first) { buffer in
          acquire.record(into: buffer, host.vk)
          release.record(into: buffer, host.vk)
        }
        try commands.submit(buffer, waitingFor: acquire.point, signalling: release.point)
        try image.didSubmitRelease()
      }
      try commands.finish()
      try image.retire()
    }
    expectClean(calls, "\(api.rawValue) application")
  }

  /// On cpu-wait stacks the wait is the recorded call: GL must not begin before Vulkan's fence was waited for.
  @Test(arguments: TestStack.abilities.apis) func theCPUWaitsWhereNoSemaphoreDoes(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let image = try SharedImage(
      .init(size: PixelSize(width: 9, height: 9)), gl: context.gl, host: host, sync: .cpuWait)
    let calls = try DriverTrace.record(on: .current) {
      try image.accessInGL { context.gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 0, 0, 0]) }
      try image.access(.general) { (_) throws(InteropError) in }
      try image.accessInGL { context.gl.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 1, 1, 1]) }
    }
    let names = calls.map(\.name)
    let clears = names.indices.filter { names[$0] == "glClearBufferfv" }
    let submit = try #require(names.firstIndex(of: "vkQueueSubmit"))
    let finished = names[clears[0]..<submit].contains("glFinish")
    let waited = names[submit..<clears[1]].contains("vkWaitForFences")
    #expect(finished)
    #expect(waited)
  }
}
