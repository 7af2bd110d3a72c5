import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every pixel of converted YUV images, compared with the ITU's formulas.
@Suite("YUV conversion", .serialized) struct YUVConversionTests {
  static let formats: [DRMFourCC] = [.nv12, .p010, .yuv420]
  static let sizes: [PixelSize] = [
    PixelSize(width: 1, height: 1), PixelSize(width: 2, height: 2), PixelSize(width: 17, height: 13),
    PixelSize(width: 64, height: 48),
  ]

  /// The arrangements that this device has for pictures of even sizes; what is missing is said.
  static func arrangements(_ bench: YUVBench, _ format: DRMFourCC, _ encoding: YUVEncoding) throws -> [YUVImage
    .Arrangement]
  {
    do throws(InteropError) {
      _ = try YUVImage.allocate(
        PixelSize(width: 2, height: 2), format, encoding: encoding, arrangement: .multiPlanar, on: bench.host)
      return YUVImage.Arrangement.allCases
    } catch {
      let isExpected = error.code == .unsupported && !error.missing.isEmpty
      #expect(isExpected, "\(error)")
      TestStack.skip("multi-planar \(format), \(encoding.chromaFilter): \(error.missing.joined(separator: ", "))")
      return [.perPlane]
    }
  }

  /// Converts a picture and compares.
  ///
  /// - Returns: the largest difference, in 255ths.
  @discardableResult static func check(
    _ bench: YUVBench, _ picture: YUVPicture, _ encoding: YUVEncoding, _ arrangement: YUVImage.Arrangement
  ) throws -> Double {
    let image = try YUVImage.allocate(
      picture.size, picture.format, encoding: encoding, arrangement: arrangement, on: bench.host)
    try bench.upload(picture.planeBytes(), to: image)
    let (largest, text) = picture.difference(try bench.convert(image), encoding)
    let isRight = largest <= YUVTolerance.of(image)
    #expect(isRight, "\(arrangement.rawValue) \(picture.format) \(picture.size) \(encoding): \(text)")
    return largest
  }

  private static func bench() throws -> YUVBench {
    let (_, host) = try TestStack.open()
    return try YUVBench(host)
  }

  @Test(arguments: formats, YUVEncoding.Matrix.allCases)
  func nearestChroma(format: DRMFourCC, matrix: YUVEncoding.Matrix) throws {
    let bench = try Self.bench()
    for range in YUVEncoding.Range.allCases {
      let encoding = YUVEncoding(matrix: matrix, range: range)
      for arrangement in try Self.arrangements(bench, format, encoding) {
        var largest = 0.0
        for size in Self.sizes where arrangement == .perPlane || size.width % 2 == 0 {
          let pictures = [YUVPicture.known(size, format, encoding), .random(size, format, seed: 7)]
          for picture in pictures { largest = max(largest, try Self.check(bench, picture, encoding, arrangement)) }
        }
        YUVReport.note("\(format) \(matrix) \(range) nearest \(arrangement.rawValue)", largest)
      }
    }
  }

  @Test(arguments: formats) func linearChroma(format: DRMFourCC) throws {
    let bench = try Self.bench()
    for horizontal in YUVEncoding.ChromaLocation.allCases {
      for vertical in YUVEncoding.ChromaLocation.allCases {
        let encoding = YUVEncoding(
          matrix: .bt709, horizontalSiting: horizontal, verticalSiting: vertical, chromaFilter: .linear)
        for arrangement in try Self.arrangements(bench, format, encoding) {
          if arrangement == .multiPlanar, YUVTolerance.isGarbage(format, bench.host) { continue }
          var largest = 0.0
          for size in Self.sizes where arrangement == .perPlane || size.width % 2 == 0 {
            largest = max(
              largest, try Self.check(bench, .random(size, format, seed: 11), encoding, arrangement))
          }
          YUVReport.note("\(format) linear \(horizontal) \(vertical) \(arrangement.rawValue)", largest)
        }
      }
    }
  }

  /// Codes as the literature has them, so that the reference is not wrong in the same way as the library.
  @Test(arguments: [
    (
      YUVEncoding(matrix: .bt601), [[81, 90, 240], [145, 54, 34], [41, 240, 110], [235, 128, 128], [16, 128, 128]]
    ),
    (
      YUVEncoding(matrix: .bt709),
      [[63, 102, 240], [173, 42, 26], [32, 240, 118], [235, 128, 128], [16, 128, 128]]
    ),
    // JFIF.
    (
      YUVEncoding(matrix: .bt601, range: .full),
      [[76, 85, 255], [150, 44, 21], [29, 255, 107], [255, 128, 128], [0, 128, 128]]
    ),
  ])
  func publishedColors(encoding: YUVEncoding, codes: [[Int]]) throws {
    let bench = try Self.bench()
    let colors: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]
    let size = PixelSize(width: 2, height: 2)
    for (code, color) in zip(codes, colors) {
      for arrangement in try Self.arrangements(bench, .nv12, encoding) {
        let image = try YUVImage.allocate(size, .nv12, encoding: encoding, arrangement: arrangement, on: bench.host)
        try bench.upload(YUVPicture.uniform(size, .nv12, code).planeBytes(), to: image)
        let pixel = Array(try bench.convert(image).prefix(3))
        // The codes are rounded, which can be seen by 2 of 255.
        let isNear = zip(pixel, color).allSatisfy { abs(Int($0) - Int($1)) <= 2 }
        #expect(isNear, "\(encoding) \(arrangement.rawValue) \(code): \(pixel), not \(color)")
      }
    }
  }

  /// The conversion ignores the six bits below P010's codes, and sixteen-bit float keeps all ten.
  @Test func tenBits() throws {
    let bench = try Self.bench()
    let encoding = YUVEncoding(matrix: .bt2020)
    let size = PixelSize(width: 64, height: 48)
    for arrangement in try Self.arrangements(bench, .p010, encoding) {
      let picture = YUVPicture.random(size, .p010, seed: 3)
      let image = try YUVImage.allocate(size, .p010, encoding: encoding, arrangement: arrangement, on: bench.host)
      // Drivers' samplers may take the padding for part of the number (Mesa, SwiftShader: G10X6 is 16 bits to them).
      try bench.upload(picture.planeBytes(padding: arrangement == .perPlane ? 63 : 0), to: image)
      let halves = try bench.convert(image, to: VK_FORMAT_R16G16B16A16_SFLOAT)
      let (largest, text) = picture.difference(halves: halves, encoding)
      // A half float's step below 1 is an eighth of a 255th. Mesa: see YUVTolerance.
      let limit = arrangement == .perPlane ? 0.13 : 0.13 + 0.6
      let isRight = largest <= limit
      #expect(isRight, "\(arrangement.rawValue): \(text)")
      YUVReport.note("p010 to rgba16f \(arrangement.rawValue)", largest)
    }
  }

  /// Both layouts that can be sampled, and recording the same conversion twice for two frames.
  @Test(arguments: [VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, VK_IMAGE_LAYOUT_GENERAL])
  func aConversionServesManyFrames(layout: VkImageLayout) throws {
    let bench = try Self.bench()
    let size = PixelSize(width: 32, height: 16)
    let encoding = YUVEncoding(guessedFor: size)
    let image = try YUVImage.allocate(size, .nv12, on: bench.host)
    for seed in 1...2 {
      let picture = YUVPicture.random(size, .nv12, seed: UInt64(seed))
      try bench.upload(picture.planeBytes(), to: image)
      let general = VulkanAccess(
        layout: layout, stages: VulkanAccess.computeSampling.stages, access: VulkanAccess.computeSampling.access)
      let rgba = try bench.convert(
        image, in: layout,
        before: { commands in
          for handle in image.images {
            OwnershipTransferBarrier.transition(handle, from: .computeSampling, to: general)
              .record(into: commands, bench.host.vk)
          }
        })
      let (largest, text) = picture.difference(rgba, encoding)
      let isRight = largest <= 1
      #expect(isRight, "frame \(seed): \(text)")
    }
  }
}
