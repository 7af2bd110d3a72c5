import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Bad input, devices that lack something, and every driver call failing once.
@Suite("YUV, what fails", .serialized) struct YUVFailureTests {
  private static let size = PixelSize(width: 16, height: 8)

  private func refusal(_ body: () throws -> Void) -> InteropError? {
    do { try body() } catch { return error as? InteropError }
    return nil
  }

  @Test func badInputIsRefused() throws {
    let bench = try YUVBench(TestStack.open().host)
    let host = bench.host
    let zero = refusal { _ = try YUVImage.allocate(PixelSize(width: 0, height: 4), .nv12, on: host) }
    #expect(zero?.code == .invalidArgument && zero?.reason == "the size is 0x4")
    let huge = refusal { _ = try YUVImage.allocate(PixelSize(width: 1 << 20, height: 4), .nv12, on: host) }
    #expect(huge?.code == .invalidArgument)
    let rgb = refusal { _ = try YUVImage.allocate(Self.size, .abgr8888, on: host) }
    #expect(rgb?.code == .unsupported && rgb?.missing == ["AB24"])

    let image = try YUVImage.allocate(Self.size, .nv12, on: host)
    let target = try YUVTarget(Self.size, VK_FORMAT_R8G8B8A8_UNORM, on: host)
    func conversion(
      _ format: VkFormat = VK_FORMAT_R8G8B8A8_UNORM, _ size: PixelSize = Self.size,
      _ layout: VkImageLayout = VK_IMAGE_LAYOUT_GENERAL
    ) -> InteropError? {
      refusal {
        _ = try bench.converter.makeConversion(from: image, in: layout, to: target.image.handle, format, size: size)
      }
    }
    let fits = conversion()
    #expect(fits == nil)
    let format = conversion(VK_FORMAT_B8G8R8A8_UNORM)
    #expect(format?.code == .unsupported)
    let otherSize = conversion(VK_FORMAT_R8G8B8A8_UNORM, PixelSize(width: 8, height: 8))
    #expect(otherSize?.code == .invalidArgument && otherSize?.reason == "the source is 16x8, the target 8x8")
    let layout = conversion(VK_FORMAT_R8G8B8A8_UNORM, Self.size, VK_IMAGE_LAYOUT_UNDEFINED)
    #expect(layout?.code == .invalidArgument)
    let other = try YUVConverter(host: TestStack.open().host)
    let elsewhere = refusal {
      _ = try other.makeConversion(from: image, to: target.image.handle, VK_FORMAT_R8G8B8A8_UNORM, size: Self.size)
    }
    #expect(elsewhere?.code == .invalidArgument && elsewhere?.reason == "the source is of another VulkanHost")
  }

  /// An engine's device that was made without the feature; and no multi-planar image has an odd size.
  @Test func theArrangementIsExplained() throws {
    let own = try TestStack.open().host
    let adopted = try VulkanHost(
      adopting: .init(
        instance: own.instance, physicalDevice: own.physicalDevice, device: own.device, apiVersion: own.apiVersion,
        queues: own.queues, enabledDeviceExtensions: own.enabledDeviceExtensions))
    #expect(!adopted.features.contains(.samplerYcbcrConversion))
    let image = try YUVImage.allocate(Self.size, .nv12, on: adopted)
    #expect(image.arrangement == .perPlane && image.images.count == 2 && image.sampler == nil)
    let explains = image.reason.contains("samplerYcbcrConversion")
    #expect(explains, "\(image.reason)")
    let forced = refusal { _ = try YUVImage.allocate(Self.size, .nv12, arrangement: .multiPlanar, on: adopted) }
    #expect(forced?.code == .unsupported && forced?.missing == ["samplerYcbcrConversion"])

    let odd = PixelSize(width: 17, height: 13)
    let chosen = try YUVImage.allocate(odd, .yuv420, on: own)
    #expect(chosen.arrangement == .perPlane && chosen.images.count == 3)
    #expect(chosen.planes.map(\.size) == [odd, PixelSize(width: 9, height: 7), PixelSize(width: 9, height: 7)])
    guard own.features.contains(.samplerYcbcrConversion) else {
      return TestStack.skip("multi-planar images: samplerYcbcrConversion")
    }
    let error = refusal { _ = try YUVImage.allocate(odd, .yuv420, arrangement: .multiPlanar, on: own) }
    #expect(error?.code == .unsupported)
    let names = error?.missing.first?.contains("VUID-VkImageCreateInfo-format-04712")
    #expect(names == true)
  }

  @Test(arguments: YUVImage.Arrangement.allCases) func everyCallFailsOnce(arrangement: YUVImage.Arrangement) throws {
    let host = try TestStack.open(traced: true).host
    let picture = YUVPicture.random(Self.size, .yuv420, seed: 1)
    func body() throws {
      let bench = try YUVBench(host)
      let image = try YUVImage.allocate(Self.size, .yuv420, arrangement: arrangement, on: host)
      try bench.upload(picture.planeBytes(), to: image)
      _ = try bench.convert(image)
    }
    if let error = refusal(body), error.code == .unsupported {
      return TestStack.skip("multi-planar YU12: \(error.missing.joined(separator: ", "))")
    }
    var n = 0
    while true {
      n += 1
      let objects = LiveObjects.snapshot()
      let (error, failed) = DriverTrace.failingCall(n, on: .current, body)
      guard let failed else {
        if let error { throw error }
        break
      }
      let isOurs = error is InteropError
      #expect(isOurs, "\(failed) gives \(String(describing: error))")
      let left = LiveObjects.snapshot().changes(since: objects)
      #expect(left.isEmpty, "\(failed) failing (call \(n)) leaves \(left)")
    }
    #expect(n > 20, "only \(n) calls that can fail")
    let untraced = DriverTrace.untracedNames
    #expect(untraced.isEmpty, "calls past the seam: \(untraced)")
  }

  /// Recording is for every frame: it makes nothing.
  @Test func recordingMakesNothing() throws {
    let host = try TestStack.open(traced: true).host
    let bench = try YUVBench(host)
    let image = try YUVImage.allocate(Self.size, .nv12, on: host)
    let target = try YUVTarget(Self.size, VK_FORMAT_R8G8B8A8_UNORM, on: host)
    let conversion = try bench.converter.makeConversion(
      from: image, in: VK_IMAGE_LAYOUT_GENERAL, to: target.image.handle, VK_FORMAT_R8G8B8A8_UNORM, size: Self.size)
    let commands = try VulkanCommands(host: host, queue: bench.queue)
    let recording = try DriverTrace.record(on: .current) {
      _ = try commands.record(.first) { (recording) throws(InteropError) in conversion.record(into: recording) }
    }
    let names = recording.map(\.name)
    #expect(
      names == [
        "vkBeginCommandBuffer", "vkCmdBindPipeline", "vkCmdBindDescriptorSets", "vkCmdPushConstants", "vkCmdDispatch",
        "vkEndCommandBuffer",
      ])
  }

  @Test func encodings() throws {
    func guess(_ width: Int, _ height: Int) -> YUVEncoding.Matrix {
      YUVEncoding(guessedFor: PixelSize(width: width, height: height)).matrix
    }
    #expect(guess(720, 576) == .bt601 && guess(640, 480) == .bt601)
    #expect(guess(1280, 534) == .bt709 && guess(1024, 600) == .bt709 && guess(3840, 2160) == .bt709)
    let encoding = YUVEncoding(matrix: .bt2020, range: .full, horizontalSiting: .midpoint, chromaFilter: .linear)
    let json = try JSONEncoder().encode(encoding)
    let back = try JSONDecoder().decode(YUVEncoding.self, from: json)
    #expect(back == encoding)
    let plain = YUVEncoding(matrix: .bt709)
    #expect(plain.range == .limited && plain.chromaFilter == .nearest)
    #expect(plain.horizontalSiting == .cosited && plain.verticalSiting == .midpoint)
  }

  /// The words of the shaders are those of their source.
  @Test func shadersAreCompiledFromTheirSource() throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/compile-shaders.sh").standardized
    guard FileManager.default.isExecutableFile(atPath: script.path) else {
      return TestStack.skip("compiling the shaders again: the sources are not here")
    }
    let process = Process()
    process.executableURL = script
    process.arguments = ["--check"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 77 { return TestStack.skip("compiling the shaders again: \(text)") }
    let status = process.terminationStatus
    #expect(status == 0, "\(text)")
  }
}
