import Foundation
import InteropTestSupport
import Testing

@Suite("Function tables") struct FunctionTableTests {
  /// No line of them was changed by hand, and none of the list is left to be made.
  @Test(.onFirstStack) func tablesAreMadeOfTheListAndTheRegistries() throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/generate-driver-tables.py").standardized
    guard FileManager.default.isExecutableFile(atPath: script.path) else {
      return TestStack.skip("making the tables of driver functions again: the sources are not here")
    }
    let process = Process()
    process.executableURL = script
    process.arguments = ["--check"]
    let errors = Pipe()
    process.standardError = errors
    do { try process.run() } catch {
      return TestStack.skip("making the tables of driver functions again: \(error)")
    }
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let status = process.terminationStatus
    // 127: env has found no python3.
    if status == 77 || status == 127 { return TestStack.skip("making the tables of driver functions again: \(text)") }
    #expect(status == 0, "\(text)")
  }
}
