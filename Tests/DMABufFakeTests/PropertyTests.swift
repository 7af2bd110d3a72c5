import CFakeDRMDriver
import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// A million descriptions, most of them nearly right: what is accepted fits its buffers, what is imported breaks no
/// rule of a driver, and nothing is left.
@Suite("DMA-BUFs at random", .serialized) struct PropertyTests {
  /// Another one with INTEROP_TEST_SEED.
  static let seed = ProcessInfo.processInfo.environment["INTEROP_TEST_SEED"].flatMap { UInt64($0) } ?? 20_261_121
  static let descriptions = 900_000
  static let texts = 100_000
  /// Of the valid ones, one in so many is imported into each side.
  static let importsOneIn: UInt64 = 3

  static let layouts = (FakeLayout.all + [.fivePlanes]).map { layout in layout.with { $0.hasDisjoint = true } }

  @Test(.onFirstStack) func descriptions() throws {
    print("seed \(Self.seed)")
    let size = PixelSize(width: 64, height: 64)
    try FakeDRMDriver.run(Self.layouts, size: size, { $0.makes_no_objects = true }) {
      let (context, host) = try TestStack.open(traced: true)
      // What has no size of its own in the driver: a plane is as large as its rows.
      let bytes: [UInt64] = [1, 4096, 65536, 1 << 20, 1 << 24, 1 << 31, 1 << 33]
      try FakeDRMDriver.withBuffers(bytes) { numbers in
        let pool = try RandomDescriptions.Pool(numbers)
        var random = SplitMix64(seed: Self.seed)
        var (valid, imported, refused) = (0, 0, 0)
        let objects = fake_drm_live_objects()
        let files = OpenFiles.list()
        for index in 0..<Self.descriptions {
          let (description, chosen) = RandomDescriptions.description(pool, &random)
          let expected = Plausibility.accepts(description, chosen.map { pool.objects[$0] })
          let made = Result { () throws(InteropError) in
            try DMABuf(description, duplicating: chosen.map { pool.numbers[$0] })
          }
          guard case .success(let buffer) = made else {
            if expected { Issue.record("seed \(Self.seed), \(index): refuses \(description): \(made)") }
            continue
          }
          if !expected { Issue.record("seed \(Self.seed), \(index): accepts \(description) in \(buffer.objects)") }
          valid += 1
          let isDone = try Self.importEverywhere(buffer, context, host, &random)
          imported += isDone
          refused += 2 - isDone
        }
        #expect(fake_drm_violation_count() == 0, "seed \(Self.seed): \(FakeDRMDriver.violations.prefix(5))")
        #expect(fake_drm_live_objects() == objects)
        let opened = FailureInjection.leftOpen(since: files)
        #expect(opened.isEmpty)
        print("\(valid) of \(Self.descriptions) valid; \(imported) imports, \(refused) refused imports")
        // The inputs are worth something: many get as far as the drivers, and some are taken.
        #expect(valid > Self.descriptions / 10 && imported > Self.descriptions / 10 && refused > Self.descriptions / 20)
        #expect(fake_drm_imports() >= imported)
      }
    }
  }

  /// - Returns: how many of the two took it.
  private static func importEverywhere(
    _ buffer: DMABuf, _ context: SurfacelessContext, _ host: VulkanHost, _ random: inout SplitMix64
  ) throws -> Int {
    var done = 0
    let implicit: ImplicitLayout = [.refuse, .linear, .driversOwn][Int(random.below(3))]
    let usage: VkImageUsageFlags? = random.below(4) == 0 ? UInt32(VK_IMAGE_USAGE_SAMPLED_BIT.rawValue) : nil
    do throws(InteropError) {
      let image = try buffer.importIntoVulkan(host, usage: usage, implicitLayout: implicit)
      done += image.memorySize > 0 ? 1 : 0
    } catch {
      if error.code == .driverMissing || error.step.isEmpty { throw error }
    }
    do throws(InteropError) {
      let texture = try buffer.importIntoGL(context.gl, for: random.below(2) == 0 ? .rendering : .sampling)
      done += texture.texture != 0 ? 1 : 0
    } catch {
      if error.code == .driverMissing || error.step.isEmpty { throw error }
    }
    return done
  }

  /// Text as another process may send it: what is read is what would be written again, and nothing traps.
  @Test func texts() throws {
    print("seed \(Self.seed)")
    var random = SplitMix64(seed: Self.seed &+ 1)
    let pool = RandomDescriptions.Pool(
      objects: [4096, 65536, 1 << 20, 1 << 33].enumerated().map {
        DMABufObject(size: $1, inode: UInt64($0))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let decoder = JSONDecoder()
    var (read, accepted) = (0, 0)
    for index in 0..<Self.texts {
      let (description, chosen) = RandomDescriptions.description(pool, &random)
      var text = Array(try encoder.encode(description))
      let isMutated = random.below(8) != 0
      if isMutated { RandomDescriptions.mutate(&text, &random) }
      guard let decoded = try? decoder.decode(DMABufDescription.self, from: Data(text)) else {
        if !isMutated { Issue.record("seed \(Self.seed), \(index): cannot be read again: \(description)") }
        continue
      }
      read += 1
      if !isMutated, decoded != description {
        Issue.record("seed \(Self.seed), \(index): \(description) reads as \(decoded)")
      }
      let again = try decoder.decode(DMABufDescription.self, from: encoder.encode(decoded))
      if again != decoded { Issue.record("seed \(Self.seed), \(index): \(decoded) reads as \(again)") }
      let objects = chosen.map { pool.objects[$0] }
      let isValid = (try? decoded.validate(objects)) != nil
      if isValid != Plausibility.accepts(decoded, objects) {
        Issue.record("seed \(Self.seed), \(index): \(isValid ? "accepts" : "refuses") \(decoded) in \(objects)")
      }
      accepted += isValid ? 1 : 0
    }
    print("\(read) of \(Self.texts) texts read, \(accepted) valid")
    #expect(read > Self.texts / 5 && accepted > Self.texts / 50 && read < Self.texts * 9 / 10)
  }

  @Test func aNumberThatIsNoFourCCSurvives() throws {
    for number: UInt32 in [0, 1, 0x12, 0x123, 0x1234_5678, 0x8000_0000, .max, DRMFourCC.r8.rawValue, 0x3231_7830] {
      let format = DRMFourCC(rawValue: number)
      let back = DRMFourCC(format.description)
      #expect(back == format, "\(format)")
    }
    let texts = ["0x+1", "0x-0", "0x", "0x 1", "12", "0x1g", "0X1", "0x10000000000000000"]
    for text in texts { #expect(DRMModifier(hexadecimal: text) == nil, "\(text)") }
    #expect(DRMModifier(hexadecimal: "0x00ffffffffffffff") == .invalid)
  }
}
