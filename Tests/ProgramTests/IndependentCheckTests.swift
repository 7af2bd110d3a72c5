import Foundation
import InteropTestSupport
import Testing

extension ProgramTests {
  /// The matrix against a small C program that tries the same combinations with plain driver calls and knows nothing of
  /// the library (Tests/CapabilityCheck).
  @Suite("Independent check", .serialized) struct IndependentCheckTests {
    static let folder = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent()

    private struct Cell: Hashable {
      let path, direction, mode, pixelFormat, tiling, sync, size: String
    }

    private func arguments(_ api: String) -> [String] {
      var arguments = ["--size", "64x48", "--size", "33x17", "--gl-api", api]
      if let library = ProcessInfo.processInfo.environment["INTEROP_TEST_EGL_LIBRARY"] {
        arguments += ["--gl", "angle:\(library)"]
      }
      return arguments
    }

    private func check(_ api: String) throws -> [Cell: (verdict: String, reason: String)] {
      let result = try Program(Self.folder.appendingPathComponent("capability-check").path, arguments(api)).wait()
      #expect(result.status == 0, "\(result.errors)")
      var cells: [Cell: (String, String)] = [:]
      for line in result.output.split(separator: "\n") {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 9 else {
          Issue.record("capability-check wrote: \(line)")
          continue
        }
        let cell = Cell(
          path: words[0], direction: words[1], mode: words[2], pixelFormat: words[3], tiling: words[4], sync: words[5],
          size: words[6])
        cells[cell] = (words[7], words[8])
      }
      return cells
    }

    private func matrix(_ api: String) throws -> [Cell: (verdict: String, reason: String)] {
      let program = Self.folder.appendingPathComponent("interop-caps").path
      let result = try Program(program, ["--format", "json", "--no-cache"] + arguments(api)).wait()
      let object = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let pair = try #require((object["pairs"] as? [[String: Any]])?.first)
      #expect(pair["probedIn"] as? String == "child-process")
      var cells: [Cell: (String, String)] = [:]
      for entry in try #require(pair["cells"] as? [[String: Any]]) {
        func text(_ key: String) -> String { entry[key] as? String ?? "" }
        let cell = Cell(
          path: text("path"), direction: text("direction"), mode: text("mode"), pixelFormat: text("pixelFormat"),
          tiling: text("tiling"), sync: text("sync"), size: text("size"))
        // What there is once for each modifier is none of the check's.
        if text("tiling") == "drm-modifier" { continue }
        cells[cell] = (text("verdict"), text("reason"))
      }
      return cells
    }

    @Test func everyVerdictIsTheSame() throws {
      for api in TestStack.abilities.apis.map(\.rawValue) {
        let mine = try matrix(api)
        let theirs = try check(api)
        // The check in C knows opaque-fd and host-copy, semaphores and waiting on the CPU.
        #expect(Set(theirs.keys).count == 272)
        #expect(Set(theirs.keys).subtracting(mine.keys).isEmpty)
        let verified = theirs.keys.filter { mine[$0]?.verdict == "verified" }.count
        #expect(verified > 100, "there must be something to compare")
        for (cell, other) in theirs {
          let answer = mine[cell]
          let isSame = answer?.verdict == other.verdict
          #expect(isSame, "\(api) \(cell): the library says \(String(describing: answer)), the check \(other)")
        }
      }
    }
  }

  /// GL of one driver with Vulkan of another.
  @Suite("Wrong pairs", .serialized) struct WrongPairTests {
    private func pairs(_ arguments: [String], _ environment: [String: String?]) throws -> (
      [[String: Any]], Program.Result
    ) {
      let program = IndependentCheckTests.folder.appendingPathComponent("interop-caps").path
      let result = try Program(
        program, ["--format", "json", "--no-cache", "--size", "64x48"] + arguments, environment: environment
      ).wait()
      let object = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      return (try #require(object["pairs"] as? [[String: Any]]), result)
    }

    private func verifiedWithoutCopy(_ pair: [String: Any]) -> Int {
      let cells = pair["cells"] as? [[String: Any]] ?? []
      return cells.filter { $0["verdict"] as? String == "verified" && $0["path"] as? String != "host-copy" }.count
    }

    private static let lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"

    /// ANGLE's folder, with SwiftShader in it; nil on other stacks.
    private func angle() -> (library: String, driver: String)? {
      guard let library = ProcessInfo.processInfo.environment["INTEROP_TEST_EGL_LIBRARY"] else {
        TestStack.skip("wrong pairs of drivers: they need SwiftShader, and run on the stack angle")
        return nil
      }
      let folder = URL(fileURLWithPath: library).deletingLastPathComponent()
      return (library, folder.appendingPathComponent("vk_swiftshader_icd.json").path)
    }

    @Test func angleWithLavapipeIsNeverVerified() throws {
      guard let (library, driver) = angle() else { return }
      let both = "\(Self.lavapipe):\(driver)"
      let (pairs, result) = try pairs(
        ["--gl", "angle:\(library)"], ["VK_DRIVER_FILES": both, "VK_ICD_FILENAMES": both])
      #expect(pairs.count == 2)
      // The pair that belongs together comes first.
      #expect(pairs[0]["sameDevice"] as? Bool == true)
      #expect(verifiedWithoutCopy(pairs[0]) > 100)
      #expect(result.status == 0)
      #expect(pairs[1]["sameDevice"] as? Bool == false)
      #expect(verifiedWithoutCopy(pairs[1]) == 0)
      let warnings = pairs[1]["warnings"] as? [String] ?? []
      #expect(warnings.contains { $0.contains("two devices") })
      // It was tried, not only refused.
      let tried = (pairs[1]["cells"] as? [[String: Any]] ?? []).filter { $0["verdict"] as? String == "failed" }
      #expect(!tried.isEmpty)
    }

    @Test func llvmpipeWithSwiftShaderIsNeverVerified() throws {
      guard let (_, driver) = angle() else { return }
      let (pairs, result) = try pairs(
        ["--gl", "surfaceless"],
        [
          "VK_DRIVER_FILES": driver, "VK_ICD_FILENAMES": driver, "LIBGL_ALWAYS_SOFTWARE": "1",
          "GALLIUM_DRIVER": "llvmpipe",
        ])
      #expect(pairs.count == 1)
      #expect(pairs[0]["sameDevice"] as? Bool == false)
      #expect(verifiedWithoutCopy(pairs[0]) == 0)
      #expect(result.status == 3, "copying through the CPU works between any two")
      let choice = pairs[0]["choice"] as? [String: Any]
      #expect(choice?["path"] as? String == "host-copy")
    }
  }
}
