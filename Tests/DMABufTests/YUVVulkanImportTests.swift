import GLVulkanInterop
import InteropTestSupport
import Testing

/// YUV DMA-BUFs in Vulkan: every pixel, in one image and in one per plane.
@Suite("YUV DMA-BUF in Vulkan", .serialized) struct YUVVulkanImportTests {
  static let formats: [DRMFourCC] = [.nv12, .p010, .yuv420]
  static let sizes = [PixelSize(width: 17, height: 13), PixelSize(width: 64, height: 48)]
  static let encodings: [YUVEncoding] =
    YUVEncoding.Matrix.allCases.flatMap { matrix in
      YUVEncoding.Range.allCases.map { YUVEncoding(matrix: matrix, range: $0) }
    } + [
      YUVEncoding(matrix: .bt709, chromaFilter: .linear),
      YUVEncoding(matrix: .bt601, horizontalSiting: .midpoint, chromaFilter: .linear),
      YUVEncoding(matrix: .bt601, verticalSiting: .cosited, chromaFilter: .linear),
      YUVEncoding(matrix: .bt601, horizontalSiting: .midpoint, verticalSiting: .cosited, chromaFilter: .linear),
    ]

  /// nil, and said, where there are no DMA-BUFs.
  static func open() throws -> YUVBench? {
    guard hasBuffers() else { return nil }
    var options = VulkanHost.CreateOptions(.index(0))
    options.handleTypes = [.opaqueFD, .dmaBuf]
    options.layers = TestStack.layers
    let host = try VulkanHost.create(options)
    guard
      TestStack.abilities.mustShareDMABufs || host.enabledDeviceExtensions.contains("VK_EXT_image_drm_format_modifier")
    else {
      TestStack.skip("YUV DMA-BUFs in Vulkan: \(host.info.deviceName) lacks VK_EXT_image_drm_format_modifier")
      return nil
    }
    return try YUVBench(host)
  }

  static func hasBuffers() -> Bool {
    do throws(InteropError) {
      _ = try UDMABuf()
      return true
    } catch {
      if TestStack.abilities.mustShareDMABufs { Issue.record("\(error)") }
      TestStack.skip("YUV DMA-BUFs: \(error.reason)")
      return false
    }
  }

  /// Imports, converts between acquire and release, and compares.
  private static func check(
    _ bench: YUVBench, _ picture: YUVPicture, _ buffer: DMABuf, _ encoding: YUVEncoding,
    _ arrangement: YUVImage.Arrangement?
  ) throws -> (image: YUVImage, largest: Double) {
    let image = try buffer.importYUVIntoVulkan(bench.host, encoding: encoding, arrangement: arrangement)
    let rgba = try bench.convert(
      image,
      before: { commands throws(InteropError) in
        for barrier in try image.acquireBarriers(queue: bench.queue) { barrier.record(into: commands, bench.host.vk) }
      },
      after: { commands throws(InteropError) in
        for barrier in try image.releaseBarriers(queue: bench.queue) { barrier.record(into: commands, bench.host.vk) }
      })
    let (largest, text) = picture.difference(rgba, encoding)
    let isRight = largest <= YUVTolerance.of(image)
    #expect(isRight, "\(image.arrangement.rawValue) \(picture.format) \(picture.size) \(encoding): \(text)")
    return (image, largest)
  }

  @Test(arguments: formats, sizes) func everyPixel(format: DRMFourCC, size: PixelSize) throws {
    guard let bench = try Self.open() else { return }
    for encoding in Self.encodings {
      let pictures = [YUVPicture.known(size, format, encoding), .random(size, format, seed: 5)]
      for (index, picture) in pictures.enumerated() {
        let buffer = try YUVBuffer.make(picture)
        let chosen = try Self.check(bench, picture, buffer, encoding, nil)
        let perPlane = try Self.check(bench, picture, buffer, encoding, .perPlane)
        #expect(perPlane.image.arrangement == .perPlane)
        #expect(perPlane.image.reason == "it was asked for")
        if encoding.chromaFilter == .linear || format == .p010 { #expect(chosen.image.arrangement == .perPlane) }
        guard index == 1 else { continue }
        YUVReport.note(
          "dma-buf \(format) \(size) \(encoding.matrix) \(encoding.range) \(encoding.chromaFilter)"
            + " \(encoding.horizontalSiting) \(encoding.verticalSiting) \(chosen.image.arrangement.rawValue)",
          chosen.largest)
      }
    }
  }

  /// What was asked for is what comes, or an error that names what is missing; and the choice agrees with it.
  @Test(arguments: formats) func theChoiceIsExplained(format: DRMFourCC) throws {
    guard let bench = try Self.open() else { return }
    let picture = YUVPicture.random(PixelSize(width: 64, height: 48), format, seed: 6)
    let encoding = YUVEncoding(matrix: .bt709)
    let buffer = try YUVBuffer.make(picture)
    let chosen = try Self.check(bench, picture, buffer, encoding, nil).image
    do throws(InteropError) {
      let image = try buffer.importYUVIntoVulkan(bench.host, encoding: encoding, arrangement: .multiPlanar)
      #expect(image.arrangement == .multiPlanar)
      #expect(image.images.count == 1 && image.sampler != nil && image.samplerYcbcrConversion != nil)
      // lavapipe's P010 is not exact.
      #expect(chosen.arrangement == (format == .p010 ? .perPlane : .multiPlanar))
    } catch {
      #expect(error.code == .unsupported)
      #expect(!error.missing.isEmpty)
      #expect(chosen.arrangement == .perPlane)
      // P010 goes per plane on lavapipe whether it could or not.
      let explains = chosen.reason.contains(format == .p010 ? "10 bits" : error.reason)
      #expect(explains, "\(chosen.reason)")
      TestStack.skip("multi-planar \(format) DMA-BUFs: \(error)")
    }
    YUVReport.note("dma-buf \(format): \(chosen.arrangement.rawValue), \(chosen.reason)", 0)
  }

  @Test(arguments: formats) func planesInSeveralBuffers(format: DRMFourCC) throws {
    guard let bench = try Self.open() else { return }
    for size in Self.sizes {
      let picture = YUVPicture.random(size, format, seed: 8)
      let buffer = try YUVBuffer.makeDisjoint(picture)
      #expect(buffer.description.isDisjoint)
      let (image, largest) = try Self.check(bench, picture, buffer, YUVEncoding(matrix: .bt601), nil)
      YUVReport.note("dma-buf disjoint \(format) \(size): \(image.arrangement.rawValue), \(image.reason)", largest)
    }
  }

  /// The buffer's next frame in the same images.
  @Test func whatIsWrittenLaterIsSeen() throws {
    guard let bench = try Self.open() else { return }
    let size = PixelSize(width: 32, height: 16)
    let encoding = YUVEncoding(matrix: .bt601)
    let buffer = try YUVBuffer.make(.random(size, .nv12, seed: 1))
    let image = try buffer.importYUVIntoVulkan(bench.host, encoding: encoding)
    for seed in 2...3 {
      let picture = YUVPicture.random(size, .nv12, seed: UInt64(seed))
      try YUVBuffer.fill(buffer, picture.planeBytes())
      let rgba = try bench.convert(
        image,
        before: { commands throws(InteropError) in
          for barrier in try image.acquireBarriers(queue: bench.queue) { barrier.record(into: commands, bench.host.vk) }
        },
        after: { commands throws(InteropError) in
          for barrier in try image.releaseBarriers(queue: bench.queue) { barrier.record(into: commands, bench.host.vk) }
        })
      let (largest, text) = picture.difference(rgba, encoding)
      let isRight = largest <= YUVTolerance.of(image)
      #expect(isRight, "frame \(seed): \(text)")
    }
  }

  @Test func anotherFormatIsRefused() throws {
    guard let bench = try Self.open() else { return }
    let buffer = try UDMABuf().makeBuffer(size: PixelSize(width: 8, height: 8), format: .abgr8888)
    let error = #expect(throws: InteropError.self) { try buffer.importYUVIntoVulkan(bench.host) }
    #expect(error?.code == .unsupported)
    #expect(error?.missing == ["AB24"])
  }
}
