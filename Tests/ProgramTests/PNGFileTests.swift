import GLVulkanInterop
import InteropPrograms
import Testing

extension ProgramTests {
  @Suite struct PNGFiles {
    /// Two rows of two pixels of a format, as Vulkan has them in memory, and what they look like.
    struct Sample: CustomTestStringConvertible {
      let format: PixelFormat
      let pixels: [UInt8]
      let expected: [UInt8]
      var testDescription: String { format.name }
    }

    private static let rgba: [UInt8] = [255, 0, 1, 2, 3, 4, 5, 255, 6, 7, 8, 9, 10, 11, 12, 13]
    private static let bgra: [UInt8] = [1, 0, 255, 2, 5, 4, 3, 255, 8, 7, 6, 9, 12, 11, 10, 13]

    // Red, green, blue, then a bit of each.
    private static let tenBits: [UInt32] = [0x0000_03FF, 0x400F_FC00, 0xBFF0_0000, 0xC014_0200]
    private static let tenBitsExpected: [UInt8] = [255, 0, 0, 0, 0, 255, 0, 85, 0, 0, 255, 170, 128, 64, 0, 255]
    private static let halves: [Float16] = [
      0, 0.5, 1, 1, -1, 2, 65504, 0.25, .nan, .infinity, -.infinity, 1, 0.75, 0.0001, -0.0, 1,
    ]
    private static let halvesExpected: [UInt8] = [0, 128, 255, 255, 0, 255, 255, 64, 0, 255, 0, 255, 191, 0, 0, 255]
    private static let greys: [UInt8] = [0, 0, 0, 255, 1, 1, 1, 255, 128, 128, 128, 255, 255, 255, 255, 255]
    private static let redGreens: [UInt8] = [0, 1, 0, 255, 2, 3, 0, 255, 4, 5, 0, 255, 255, 254, 0, 255]

    static let samples = [
      Sample(format: .rgba8, pixels: rgba, expected: rgba),
      Sample(format: .rgba8SRGB, pixels: rgba, expected: rgba),
      Sample(format: .bgra8, pixels: bgra, expected: rgba),
      Sample(format: .bgra8SRGB, pixels: bgra, expected: rgba),
      Sample(format: .r8, pixels: [0, 1, 128, 255], expected: greys),
      Sample(format: .rg8, pixels: [0, 1, 2, 3, 4, 5, 255, 254], expected: redGreens),
      Sample(format: .rgb10a2, pixels: tenBits.withUnsafeBytes(Array.init), expected: tenBitsExpected),
      Sample(format: .rgba16f, pixels: halves.withUnsafeBytes(Array.init), expected: halvesExpected),
    ]

    @Test(arguments: samples)
    func everyFormatIsConverted(sample: Sample) throws {
      let folder = try TemporaryFolder()
      let size = PixelSize(width: 2, height: 2)
      try PNGFile.write(
        sample.pixels, size: size, format: sample.format, orientation: .topDown, to: folder.path("a.png"))
      #expect(try Bitmap(png: folder.path("a.png")).bytes == sample.expected)
      try PNGFile.write(
        sample.pixels, size: size, format: sample.format, orientation: .bottomUp, to: folder.path("a.png"))
      #expect(try Bitmap(png: folder.path("a.png")).bytes == Array(sample.expected[8...] + sample.expected[..<8]))
    }

    @Test func everyFormatOfThePackageHasASample() {
      #expect(Set(Self.samples.map(\.format)) == Set(PixelFormat.all))
    }

    @Test func bytesThatAreNoPictureAreRefused() throws {
      let folder = try TemporaryFolder()
      #expect(throws: InteropError.self) {
        try PNGFile.write(
          [1, 2, 3], size: PixelSize(width: 2, height: 2), format: .rgba8, orientation: .topDown,
          to: folder.path("a.png"))
      }
      #expect(folder.contents.isEmpty)
    }
  }
}
