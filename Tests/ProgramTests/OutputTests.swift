import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

extension ProgramTests {
  /// Results that cannot be written: a message and a status, whatever the result is and however it was asked for.
  @Suite("Results that are lost", .serialized) struct OutputTests {
    struct Call: CustomTestStringConvertible {
      let program: String
      let arguments: [String]
      var testDescription: String { ([program] + arguments).joined(separator: " ") }

      init(_ program: String, _ arguments: String...) {
        self.program = program
        self.arguments = arguments
      }

      /// With words of the shell behind it.
      func run(_ redirection: String) throws -> Program.Result {
        let path = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent().appendingPathComponent(program)
          .path
        var arguments = arguments
        if let library = TestStack.eglLibrary, arguments.contains("--headless") {
          arguments += ["--gl", "angle:\(library)"]
        }
        return try Program("bash", ["-c", redirection, "bash", path] + arguments).wait()
      }
    }

    static let calls = [
      Call("interop-caps", "--version"), Call("interop-caps", "--help"), Call("interop-caps", "--no-probe"),
      Call("interop-caps", "--generate-completion-script", "bash"),
      Call("interop-caps", "--no-probe", "--format", "json"),
      Call("interop-bench", "--help"), Call("interop-bench", "--generate-completion-script", "zsh"),
      Call("demo-raw-gl", "--version"), Call("demo-raw-gl", "--help"), Call("demo-raw-gl", "tap", "--help"),
      Call("demo-raw-gl", "--generate-completion-script", "fish"), Call("demo-raw-gl", "--headless", "--frames", "1"),
      Call("demo-raw-gl", "--headless", "--frames", "1", "--stats", "json"),
    ]

    @Test(arguments: calls) func aFullDiskIsAnError(call: Call) throws {
      let result = try call.run("exec \"$@\" > /dev/full")
      #expect(result.status == 1)
      #expect(result.errors.contains("Error: write stdout: "), "\(result.errors)")
      #expect(result.errors.contains("No space left on device"), "\(result.errors)")
    }

    @Test(arguments: calls) func aClosedStdoutIsAnError(call: Call) throws {
      let result = try call.run("exec \"$@\" >&-")
      #expect(result.status == 1)
      #expect(result.errors.contains("Error: write stdout: "), "\(result.errors)")
    }

    /// As `yes | head` ends. A program that ignores the signal gets the error.
    @Test(arguments: [calls[0], calls[1], calls[11]]) func aReaderThatIsGoneEndsItInSilence(call: Call) throws {
      let result = try call.run("{ sleep 0.3; exec \"$@\"; } | :; exit ${PIPESTATUS[0]}")
      #expect(result.status == 128 + SIGPIPE)
      // zink's Vulkan has something of its own to say (XDG_RUNTIME_DIR).
      let ours = result.errors.split(separator: "\n").filter { !$0.contains("XDG_RUNTIME_DIR") }
      #expect(ours.isEmpty, "\(result.errors)")
      let ignored = try call.run("trap '' PIPE; { sleep 0.3; exec \"$@\"; } | :; exit ${PIPESTATUS[0]}")
      #expect(ignored.status == 1)
      #expect(ignored.errors.contains("Broken pipe"), "\(ignored.errors)")
    }

    @Test(arguments: calls) func withoutStdinAndStderrItDoesWhatItDoes(call: Call) throws {
      let usual = try call.run("exec \"$@\"")
      let result = try call.run("exec \"$@\" <&- 2>&-")
      #expect(result.status == usual.status)
      // Times differ.
      #expect(result.output.split(separator: "\n").count == usual.output.split(separator: "\n").count)
    }

    @Test func aPictureThatCannotBeWrittenIsAnError() throws {
      let result = try Call("demo-raw-gl", "--headless", "--frames", "1", "--output", "/dev/full").run("exec \"$@\"")
      #expect(result.status == 1)
      #expect(result.errors.contains("write the picture: /dev/full"), "\(result.errors)")
    }

    /// What took long to measure goes to stdout all the same.
    @Test func aReportThatCannotBeWrittenIsAnError() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createSymbolicLink(atPath: folder.path("report.md"), withDestinationPath: "/dev/full")
      let path = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent().appendingPathComponent(
        "interop-bench"
      ).path
      var arguments = [
        "--size", "16x16", "--frames", "24", "--openings", "2", "--section", "frames", "--only", "c-render-only",
        "--output",
        folder.path(""),
      ]
      if let library = TestStack.eglLibrary { arguments += ["--gl", "angle:\(library)"] }
      let result = try Program(path, arguments).wait()
      #expect(result.status == 1)
      #expect(
        result.errors.contains("report.md: it cannot be written (errno 28: No space left on device)"),
        "\(result.errors)")
      #expect(result.output.contains("c-render-only"))
    }

    /// Few descriptors are few for the helper too; what it may not open is no output of the program's.
    @Test(arguments: [8, 20, 64]) func fewFilesAreNoReasonToTellAnythingElse(limit: Int) throws {
      let cache = try TemporaryFolder()
      let arguments = ["--size", "16x16", "--pixel-format", "rgba8", "--format", "json"]
      let path = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent().appendingPathComponent(
        "interop-caps"
      ).path
      let platform = TestStack.eglLibrary.map { ["--gl", "angle:\($0)"] } ?? []
      let result = try Program(
        "bash", ["-c", "ulimit -n \(limit); exec \"$@\"", "bash", path] + arguments + platform,
        environment: ["XDG_CACHE_HOME": cache.path("")]
      ).wait()
      #expect(!result.errors.contains("tries drivers for a program"), "\(result.errors)")
      #expect([0, 1, 3, 4].contains(result.status), "\(result.errors)")
      #expect(result.status == 0 || !result.errors.isEmpty || limit < 64)
      if limit == 64 {
        #expect(result.output.contains("\"probedIn\" : \"child-process\""))
        // zink's libraries take more of the descriptors than are left for a shared image.
        #expect(
          result.status == 0 || !TestStack.abilities.mustShareWithFewFiles && result.status == 3, "\(result.errors)")
      }
    }
  }
}
