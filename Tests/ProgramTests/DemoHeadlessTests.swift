import Foundation
import GLVulkanInterop
import InteropPrograms
import Testing

extension ProgramTests {
  @Suite struct DemoHeadless {
    private func statistics(_ result: Program.Result) throws -> [String: Any] {
      try #require(result.status == 0, "\(result.errors)")
      return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test(arguments: ["auto", "host-copy"])
    func jsonFollowsTheContract(path: String) throws {
      let json = try statistics(
        try DemoProgram.run(["--headless", "--stats", "json", "--frames", "40", "--size", "320x240", "--path", path]))
      let found = try #require(json["path"] as? String)
      #expect(TransferPath.all.map(\.rawValue).contains(found))
      if path != "auto" { #expect(found == path) }
      #expect(TransferMode(rawValue: json["mode"] as? String ?? "") != nil)
      #expect(SyncKind(rawValue: json["sync"] as? String ?? "") != nil)
      #expect(json["queueFamily"] as? Int ?? -1 >= 0)
      if found.hasPrefix("dma-buf") {
        #expect((json["modifier"] as? String)?.hasPrefix("0x") == true)
      } else {
        #expect(json["modifier"] is NSNull, "what is unknown is written out")
      }
      #expect(json["pixelFormat"] as? String == "rgba8")
      #expect(json["size"] as? String == "320x240")
      #expect(json["frames"] as? Int == 40)
      let fallbacks = try #require(json["fellBackFrom"] as? [[String: String]])
      #expect(fallbacks.allSatisfy { Set($0.keys) == ["path", "reason"] })
      var medians: [Double] = []
      for key in ["frameMicroseconds", "handoverMicroseconds"] {
        let percentiles = try #require(json[key] as? [String: Double])
        let (p50, p99) = (try #require(percentiles["p50"]), try #require(percentiles["p99"]))
        #expect(p50 > 0 && p50 <= p99 && p99 < 30e6)
        medians.append(p50)
      }
      #expect(medians[1] <= medians[0], "an ownership transfer is part of a frame")
      let rate = try #require(json["framesPerSecond"] as? Double)
      #expect(rate > 0.5 && rate < 1e6)
      for key in ["gl", "vulkan"] { #expect(!(json[key] as? String ?? "").isEmpty) }
    }

    @Test func textIsTheDefaultAndAloneOnStandardOutput() throws {
      let result = try DemoProgram.run(["--headless", "--frames", "3", "--size", "64x48"])
      #expect(result.status == 0)
      #expect(result.output.contains("3 of 64x48 in rgba8"))
      let names = result.output.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
      #expect(names.prefix(4) == ["path", "frames", "frame", "hand-over"])
    }

    @Test(arguments: [1, 2, 16])
    func framesInFlight(count: Int) throws {
      let json = try statistics(
        try DemoProgram.run([
          "--headless", "--stats", "json", "--frames", "50", "--size", "64x64", "--frames-in-flight", "\(count)",
        ]))
      #expect(json["frames"] as? Int == 50)
    }

    @Test(arguments: [nil, ":4242"] as [String?])
    func withoutADisplayItGoesHeadlessAndSaysSo(display: String?) throws {
      let result = try DemoProgram.run(["--frames", "2", "--size", "64x64"], environment: ["DISPLAY": display])
      #expect(result.status == 0)
      #expect(result.errors.contains("running headless"))
      #expect(result.errors.contains(display.map { "DISPLAY is \($0)" } ?? "DISPLAY is not set"))
      #expect(result.output.contains("2 of 64x64"))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsItWithStatisticsAndThePicture(signal: Int32) throws {
      let folder = try TemporaryFolder()
      let demo = try DemoProgram.start([
        "--headless", "--stats", "json", "--frames", "100000000", "--size", "64x48", "--output",
        folder.path("last.png"),
      ])
      // Nothing tells when the frames begin; before that the signal is as good.
      usleep(700_000)
      demo.send(signal)
      let json = try statistics(try demo.wait())
      #expect(json["frames"] as? Int ?? 0 > 0)
      #expect(try Bitmap(png: folder.path("last.png")).size == PixelSize(width: 64, height: 48))
    }
  }
}
