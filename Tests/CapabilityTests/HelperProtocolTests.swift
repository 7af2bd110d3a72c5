import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Helpers that are none, helpers that another process ends, and programs that are hard on their children.
@Suite("Helpers of the probe", .serialized) final class HelperProtocolTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("helpers-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  struct NoHelper: CustomTestStringConvertible {
    let testDescription: String
    /// A path, or what to write into a program.
    var path: String?
    var script: String?
    let warning: String
  }

  static let noHelpers = [
    NoHelper(testDescription: "none", path: "none", warning: "the helper gl-vulkan-interop-probe was not found"),
    NoHelper(testDescription: "not there", path: "/nonexistent/helper", warning: "was not found"),
    NoHelper(testDescription: "true", path: "/bin/true", warning: "did not start as a helper: it exited with status 0"),
    NoHelper(testDescription: "cat", path: "/bin/cat", warning: "did not start as a helper: it exited with status 0"),
    NoHelper(
      testDescription: "fails and says why", script: "#!/bin/sh\necho no such library >&2\nexit 7\n",
      warning: "it exited with status 7; it wrote: no such library"),
    NoHelper(
      testDescription: "garbage", script: "#!/bin/sh\necho garbage >&3\nexec sleep 60\n",
      warning: "is no helper: what it says is something else"),
    NoHelper(
      testDescription: "no end of it", script: "#!/bin/sh\nexec cat /dev/zero >&3\n",
      warning: "is no helper: what it says is something else"),
    NoHelper(
      testDescription: "sleeps", script: "#!/bin/sh\nexec sleep 60\n",
      warning: "is no helper: it did not report within 3.0 seconds"),
    NoHelper(
      testDescription: "another version", script: "#!/bin/sh\necho '{\"version\":\"0.0.1\"}' >&3\nexec sleep 60\n",
      warning: "is of version 0.0.1, this library of"),
    NoHelper(testDescription: "no program", script: "not a program\n", warning: "cannot be started: Exec format error"),
  ]

  private func place(_ helper: NoHelper) throws -> String {
    if let path = helper.path { return path }
    let path = folder + "/helper"
    try helper.script?.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o755)
    return path
  }

  @Test(.onFirstStack, arguments: noHelpers) func whatIsNoHelperIsSaidAndDoneWithout(helper: NoHelper) throws {
    let path = try place(helper)
    var options = LyingProbe.options([.rgba8])
    options.timeout = .seconds(1)
    let start = ContinuousClock.now
    let without = LyingProbe.withLie("nothing", helper: path) { LyingProbe.matrix(options) }
    let took = ContinuousClock.now - start
    #expect(took < .seconds(5))
    #expect(without.probedIn == .nowhere)
    #expect(without.warnings.count == 1)
    let warning = without.warnings.first ?? ""
    #expect(warning.contains(helper.warning), "\(warning)")
    #expect(warning.hasSuffix(": nothing was tried"), "\(warning)")
    let tried = without.cells.filter { $0.verdict != .notTried || $0.reason != warning }.map(\.text)
    #expect(tried == [])
    #expect(without.choice == nil)

    options.isolation = .automatic
    let here = LyingProbe.withLie("nothing", helper: path) { LyingProbe.matrix(options) }
    #expect(here.probedIn == .thisProcess)
    let warningHere = here.warnings.first ?? ""
    #expect(warningHere.contains(helper.warning), "\(warningHere)")
    #expect(warningHere.hasSuffix(": tried in this process"), "\(warningHere)")
    let verified = here.cells.filter { $0.verdict == .verified }
    #expect(!verified.isEmpty)
  }

  // MARK: Ended by another process

  @Test func aHelperThatIsKilledAtWorkIsAVerdict() throws {
    let mine = getpid()
    let before = Processes.children(of: mine)
    let matrix = try withThread {
      let helper = Processes.wait { Processes.children(of: mine).subtracting(before).first }
      // By then it is in the call that hangs.
      usleep(700_000)
      if let helper { kill(helper, SIGKILL) }
    } during: {
      LyingProbe.withLie("hangs-at-start") { LyingProbe.matrix(LyingProbe.options()) }
    }
    let finding = Finding(step: "eglInitialize", reason: "crashed: SIGKILL in eglInitialize")
    let wrong = matrix.cells.filter { !$0.isFailed(finding) }.map(\.text)
    #expect(wrong == [])
  }

  @Test func aHelperThatIsKilledBetweenCellsCostsOneCell() {
    var options = LyingProbe.options([.rgba8, .r8, .rg8])
    options.directions = [.glToVulkan]
    let honest = LyingProbe.honest(options)
    let mine = getpid()
    let before = Processes.children(of: mine)
    options.progress = { progress in
      guard progress.done == 1 else { return }
      for helper in Processes.children(of: mine).subtracting(before) {
        kill(helper, SIGKILL)
        _ = Processes.wait { Processes.isRunning(helper) ? nil : true }
      }
    }
    let matrix = LyingProbe.withLie("nothing") { LyingProbe.matrix(options) }
    let wrong = zip(honest.cells, matrix.cells).enumerated().compactMap { index, pair -> String? in
      let (was, cell) = pair
      let isRight =
        index == 1
        ? cell.verdict == .failed && cell.reason?.hasPrefix("crashed: SIGKILL") == true : cell.verdict == was.verdict
      return isRight ? nil : cell.text
    }
    #expect(wrong == [])
  }

  /// The system then reaps children itself, and how they ended is not to be learnt.
  @Test func aProgramThatIgnoresItsChildrenGetsVerdicts() {
    let before = signal(SIGCHLD, SIG_IGN)
    defer { signal(SIGCHLD, before) }
    var options = LyingProbe.options([.rgba8])
    options.directions = [.glToVulkan]
    let honest = LyingProbe.honest(options)
    let matrix = LyingProbe.withLie("crashes") { LyingProbe.matrix(options) }
    let finding = Finding(
      step: "glTexStorageMem2DEXT", reason: "crashed: it ended, how is not known in glTexStorageMem2DEXT")
    let wrong = zip(honest.cells, matrix.cells).compactMap { was, cell -> String? in
      guard was.verdict == .verified else { return nil }
      return (was.isSharing ? cell.isFailed(finding) : cell.verdict == .verified) ? nil : cell.text
    }
    #expect(wrong == [])
    let verified = honest.cells.filter { $0.verdict == .verified }
    #expect(!verified.isEmpty)
  }

  /// In a driver that hangs it would never see that its program has ended.
  @Test func aHelperEndsWithTheProgramThatAsks() throws {
    // Nothing of this may be read from, or written to, the cache of the user who runs the tests.
    let cache = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"]
    setenv("XDG_CACHE_HOME", folder, 1)
    defer { if let cache { setenv("XDG_CACHE_HOME", cache, 1) } else { unsetenv("XDG_CACHE_HOME") } }
    // With both named no other helper lists the devices first.
    let platform = TestStack.eglLibrary.map { "angle:\($0)" } ?? "surfaceless"
    let arguments = [
      LyingProbe.program("interop-caps"), "--size", "7x5", "--gl", platform, "--vulkan-device", "0",
    ]
    var program: pid_t = 0
    var helper: pid_t?
    try LyingProbe.withLie("hangs-at-start") {
      program = try spawn(arguments)
      helper = Processes.wait {
        Processes.children(of: program).first { child in
          let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(child)/exe")
          return executable == LyingProbe.path
        }
      }
      usleep(500_000)
      let runs = helper.map { Processes.isRunning($0) }
      #expect(runs == true)
      kill(program, SIGKILL)
      waitpid(program, nil, 0)
    }
    let ended = helper.flatMap { helper in
      Processes.wait(atMost: .seconds(5)) { Processes.isRunning(helper) ? nil : true }
    }
    #expect(ended == true)
    if ended != true, let helper { kill(helper, SIGKILL) }
  }

  private func spawn(_ arguments: [String]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for number in 0..<Int32(3) { posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0) }
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, arguments[0], &actions, nil, &words, environ)
    try #require(code == 0)
    return process
  }
}
