import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

extension ProgramTests {
  /// demo-raw-gl over DMA-BUFs, where GL and Vulkan share them.
  @Suite struct DemoBuffers {
    @Test(arguments: [TransferPath.dmaBufImport, .dmaBufExport])
    func thePictureIsTheSameAsOfHostCopy(path: TransferPath) throws {
      guard TestStack.abilities.paths.contains(path) else {
        let refused = try DemoProgram.run(["--headless", "--frames", "2", "--size", "64x48", "--path", path.rawValue])
        #expect(refused.status == 1)
        #expect(refused.output.isEmpty)
        #expect(refused.errors.contains("missing: VK_EXT_"), "\(refused.errors)")
        return
      }
      let folder = try TemporaryFolder()
      let arguments = ["--headless", "--frames", "20", "--size", "66x48", "--stats", "json"]
      var statistics: [[String: Any]] = []
      for name in ["host-copy", path.rawValue] {
        let result = try DemoProgram.run(arguments + ["--path", name, "--output", folder.path(name)])
        try #require(result.status == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        statistics.append(try #require(object))
      }
      #expect(try folder.bytes(path.rawValue) == folder.bytes("host-copy"))
      try Bitmap(png: folder.path(path.rawValue)).expectTriangle(degrees: 19)
      #expect(statistics[0]["modifier"] is NSNull)
      #expect((statistics[1]["modifier"] as? String)?.hasPrefix("0x") == true)
      #expect(statistics[1]["path"] as? String == path.rawValue)
    }
  }
}
