import Foundation
import InteropTestSupport
import Testing

extension ProgramTests {
  /// interop-caps as scripts parse it.
  @Suite("interop-caps", .serialized) struct CapsTests {
    static let path = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent()
      .appendingPathComponent("interop-caps").path

    private func run(_ arguments: [String], environment: [String: String?] = [:]) throws -> Program.Result {
      let test = ProcessInfo.processInfo.environment
      var arguments = arguments
      if let library = test["INTEROP_TEST_EGL_LIBRARY"], !arguments.contains("--gl") {
        arguments += ["--gl", "angle:\(library)"]
      }
      if test["INTEROP_TEST_VALIDATION"] == "1" { arguments += ["--vulkan-layer", "VK_LAYER_KHRONOS_validation"] }
      return try Program(Self.path, arguments, environment: environment).wait()
    }

    private func pair(_ result: Program.Result) throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect(object?["schema"] as? Int == 1)
      return try #require((object?["pairs"] as? [[String: Any]])?.first)
    }

    @Test func theJSONFollowsTheContract() throws {
      let result = try run(["--format", "json", "--size", "64x32", "--size", "17x13"])
      #expect(result.status == 0, "\(result.errors)")
      let pair = try pair(result)
      let gl = try #require(pair["gl"] as? [String: String])
      let glKeys: Set<String> = ["platform", "vendor", "renderer", "version", "deviceUUID", "driverUUID"]
      #expect(Set(gl.keys) == glKeys)
      #expect(gl["deviceUUID"]?.count == 32)
      let vulkan = try #require(pair["vulkan"] as? [String: String])
      let vulkanKeys: Set<String> = [
        "deviceName", "driverName", "driverInfo", "apiVersion", "deviceUUID", "driverUUID",
      ]
      #expect(Set(vulkan.keys) == vulkanKeys)
      #expect(pair["sameDevice"] as? Bool == true)
      let cells = try #require(pair["cells"] as? [[String: Any]])
      // Without DMA-BUFs, or with linear ones only.
      #expect(cells.count == 2 * 520 || !TestStack.abilities.mustHaveOneModifier)
      for cell in cells {
        let path = cell["path"] as? String ?? ""
        #expect((cell["tiling"] as? String == "drm-modifier") == path.hasPrefix("dma-buf"))
        if !path.hasPrefix("dma-buf") { #expect(cell["modifier"] is NSNull) }
      }
      let sizes = Set(cells.compactMap { $0["size"] as? String })
      #expect(sizes == ["64x32", "17x13"])
      let verdicts = Set(cells.compactMap { $0["verdict"] as? String })
      #expect(verdicts.isSubset(of: ["verified", "unsupported"]), "\(verdicts)")
      let choice = try #require(pair["choice"] as? [String: Any])
      let choiceKeys: Set<String> = [
        "path", "sync", "mode", "tiling", "modifiers", "queueFamily", "handoverMicroseconds", "reason",
      ]
      #expect(Set(choice.keys) == choiceKeys)
      #expect(choice["path"] as? String == "opaque-fd")
      #expect((choice["modifiers"] as? [String])?.isEmpty == true)
    }

    /// Where nothing is shared that way, the reason is: by name, for each way, and there is no picture of it.
    @Test(arguments: ["dma-buf-import", "dma-buf-export"]) func aPathThatIsNotThereSaysWhatIsMissing(path: String)
      throws
    {
      let arguments = ["--format", "json", "--pixel-format", "rgba8", "--size", "16x16"]
      let result = try run(arguments + ["--path", path])
      let pair = try pair(result)
      let cells = try #require(pair["cells"] as? [[String: Any]])
      let works = cells.contains { $0["verdict"] as? String == "verified" }
      #expect(result.status == (works ? 0 : 4))
      #expect((pair["choice"] is NSNull) != works)
      let explained = try run(["--explain", path, "--size", "16x16"])
      #expect(explained.status == (works ? 0 : 4))
      guard !works else { return }
      for cell in cells {
        #expect(cell["modifier"] is NSNull)
        #expect(cell["verdict"] as? String == "unsupported")
        let missing = cell["missing"] as? [String] ?? []
        let isNamed = missing.contains { $0.hasPrefix("VK_EXT_") }
        #expect(isNamed, "\(missing)")
      }
      #expect(explained.output.contains("VK_EXT_"))
    }

    @Test func onlyHostCopyIsStatusThree() throws {
      let result = try run(["--format", "json", "--path", "host-copy", "--pixel-format", "rgba8", "--size", "16x16"])
      #expect(result.status == 3)
      let cells = try #require(try pair(result)["cells"] as? [[String: Any]])
      #expect(cells.count == 1)
      #expect(cells[0]["path"] as? String == "host-copy")
    }

    private static let narrow = ["--format", "json", "--pixel-format", "rgba8", "--size", "16x16"]

    @Test func theOrderOfPreferenceDecidesTheChoice() throws {
      func choice(_ result: Program.Result) throws -> String? {
        (try pair(result)["choice"] as? [String: Any]).flatMap { "\($0["path"] ?? "") \($0["mode"] ?? "")" }
      }
      let blit = try run(Self.narrow + ["--prefer", "opaque-fd/blit"])
      #expect(try choice(blit) == "opaque-fd blit")
      let without = try run(Self.narrow + ["--prefer=-opaque-fd,-dma-buf-import,-dma-buf-export"])
      #expect(try choice(without) == "host-copy direct")
      #expect(without.status == 3)
      let variable = try run(Self.narrow, environment: ["GL_VULKAN_INTEROP_RANKING": "host-copy"])
      #expect(try choice(variable) == "host-copy direct")
      let unreadable = try run(Self.narrow, environment: ["GL_VULKAN_INTEROP_RANKING": "telepathy"])
      #expect(try choice(unreadable) == "opaque-fd direct")
      #expect(unreadable.errors.contains("GL_VULKAN_INTEROP_RANKING is ignored"))
    }

    @Test func whoTriedItIsSaid() throws {
      let here = try pair(try run(Self.narrow + ["--in-process", "--no-cache"]))
      #expect(here["probedIn"] as? String == "this-process")
      let without = try run(Self.narrow + ["--no-cache"], environment: ["GL_VULKAN_INTEROP_PROBE": "none"])
      #expect(try pair(without)["probedIn"] as? String == "this-process")
      #expect(without.errors.contains("gl-vulkan-interop-probe was not found"))
      let helped = try pair(try run(Self.narrow + ["--no-cache"]))
      #expect(helped["probedIn"] as? String == "child-process")
    }

    @Test func theSecondRunIsFromTheCache() throws {
      let folder = try TemporaryFolder()
      let environment = ["XDG_CACHE_HOME": folder.path("cache")]
      let first = try pair(try run(Self.narrow, environment: environment))
      #expect(first["cached"] as? Bool == false)
      let second = try pair(try run(Self.narrow, environment: environment))
      #expect(second["cached"] as? Bool == true)
      let anew = try pair(try run(Self.narrow + ["--no-cache"], environment: environment))
      #expect(anew["cached"] as? Bool == false)
    }

    @Test func explainingShowsEachStep() throws {
      let result = try run(["--explain", "opaque-fd", "--size", "16x16"])
      #expect(result.status == 0)
      for text in ["✓ make the shared image", "glImportMemoryFdEXT", "✓ frame 2: compare pixels", "✓ hold Vulkan back"]
      {
        #expect(result.output.contains(text), "no \(text)")
      }
      let long = result.output.split(separator: "\n").filter { $0.count > 100 }
      #expect(long.isEmpty, "\(long)")
      let nothing = try run(["--explain", "opaque-fd", "--vulkan-device", "99"])
      #expect(nothing.status == 1)
      #expect(nothing.output.isEmpty)
    }

    @Test func measuringFillsTheTimes() throws {
      let result = try run(
        ["--format", "json", "--measure", "--path", "opaque-fd", "--pixel-format", "rgba8", "--size", "64x64"])
      let cells = try #require(try pair(result)["cells"] as? [[String: Any]])
      let timed = cells.compactMap { ($0["handoverMicroseconds"] as? [String: Double])?["p50"] }
      #expect(!timed.isEmpty)
      let arePositive = timed.allSatisfy { $0 > 0 }
      #expect(arePositive)
    }

    @Test func theTableFitsAHundredColumns() throws {
      let result = try run(["--size", "33x17"])
      #expect(result.status == 0)
      let lines = result.output.split(separator: "\n")
      // One word, the path of ANGLE's library, may be longer than the line.
      let long = lines.filter { $0.count > 100 && !$0.contains("libEGL.so") }
      #expect(long.isEmpty, "\(long)")
      #expect(result.output.contains("✓"))
      #expect(result.output.contains("choice: opaque-fd"))
      #expect(!result.output.contains("\u{1B}"))
    }

    @Test(arguments: [
      ["--format", "xml"], ["--path", "telepathy"], ["--size", "0x0"], ["--size", "12"], ["--pixel-format", "cmyk"],
      ["--gl", "window"], ["--nonsense"], ["--prefer", "telepathy"], ["--full", "--size", "8x8"],
      ["--no-probe", "--explain", "opaque-fd"],
    ]) func wrongUsageIsStatus64(arguments: [String]) throws {
      let result = try run(arguments)
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("--help") || result.errors.contains("Usage"), "\(result.errors)")
    }

    @Test func aMissingLibraryIsStatusOneAndASentence() throws {
      let result = try run(["--gl", "angle:/nowhere/libEGL.so"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("/nowhere/libEGL.so"))
    }

    @Test func noVulkanDriverIsToldNotCrashed() throws {
      let nowhere = "/nowhere/icd.json"
      let arguments = TestStack.abilities.givesProgramsItsGL ? [] : ["--gl", "surfaceless"]
      let result = try run(
        ["--format", "json"] + arguments, environment: ["VK_DRIVER_FILES": nowhere, "VK_ICD_FILENAMES": nowhere])
      // zink's GL needs Vulkan itself, so there EGL is the one to fail.
      let named =
        result.errors.contains("Vulkan") || (TestStack.abilities.drawsWithVulkan && result.errors.contains("egl"))
      #expect(named, "\(result.errors)")
      // ANGLE was named above, and what is named and not there is status 1.
      if !TestStack.abilities.givesProgramsItsGL { return #expect(result.status == 1) }
      #expect(result.status == 4)
      let cells = try #require(try pair(result)["cells"] as? [[String: Any]])
      let verdicts = Set(cells.compactMap { $0["verdict"] as? String })
      #expect(verdicts == [TestStack.abilities.drawsWithVulkan ? "failed" : "unsupported"])
      let missing = cells.first?["missing"] as? [String]
      if !TestStack.abilities.drawsWithVulkan { #expect(missing == ["a Vulkan driver"]) }
    }

    @Test func helpAndVersion() throws {
      let help = try run(["--help"])
      #expect(help.status == 0)
      for option in [
        "--format", "--gl", "--vulkan-device", "--path", "--pixel-format", "--size", "--no-probe", "--measure",
      ] {
        #expect(help.output.contains(option))
      }
      let version = try run(["--version"])
      #expect(version.output == "0.2.0\n")
    }
  }
}
