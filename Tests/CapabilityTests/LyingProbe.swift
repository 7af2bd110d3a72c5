import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// The probe with a helper of the tests' choice: lying-probe, whose driver tells the lie it is told to.
enum LyingProbe {
  static let path = program("lying-probe")
  static let size = PixelSize(width: 33, height: 17)

  /// Executables lie beside the one that runs the tests.
  static func program(_ name: String) -> String {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// One small size, no cache and no times: verdicts are what counts.
  static func options(_ formats: [PixelFormat] = [.rgba8, .bgra8]) -> ProbeOptions {
    var options = ProbeOptions()
    options.sizes = [size]
    options.formats = formats
    options.usesCache = false
    options.timing = .nothing
    options.isolation = .childProcess
    return options
  }

  static func matrix(_ options: ProbeOptions) -> CapabilityMatrix {
    // No validation layer: what liars do is not valid.
    CapabilityProbe(platform: TestStack.platform, api: TestStack.abilities.apis[0], options: options).run()
  }

  /// What a driver that tells no lie gets.
  static func honest(_ options: ProbeOptions) -> CapabilityMatrix {
    withLie("nothing") { matrix(options) }
  }

  /// Cells that an honest driver has verified and `finding` names must be failed like that; all others must be as they
  /// are with an honest driver.
  static func check(
    _ lie: String, _ options: ProbeOptions = options(), finding: (CapabilityMatrix.Cell) -> Finding?
  ) {
    let honest = honest(options)
    let lying = withLie(lie) { matrix(options) }
    #expect(lying.probedIn == .childProcess)
    var found = 0
    let wrong = zip(honest.cells, lying.cells).compactMap { was, cell -> String? in
      guard was.verdict == .verified, let finding = finding(was) else {
        return cell.verdict == was.verdict && cell.waits == was.waits ? nil : cell.text
      }
      found += 1
      return cell.isFailed(finding) ? nil : cell.text
    }
    #expect(wrong == [])
    #expect(found > 0, "no cell of this stack is concerned")
  }

  /// Sets what the helper reads, for this process and so for the helper; no test may run beside.
  ///
  /// - Parameters:
  ///   - lie: for lying-probe.
  ///   - helper: another helper, or `none`; nil for the library's own.
  static func withLie<Result>(
    _ lie: String, helper: String? = path, _ body: () throws -> Result
  ) rethrows -> Result {
    let variable = "GL_VULKAN_INTEROP_PROBE"
    let before = ProcessInfo.processInfo.environment[variable]
    let children = Processes.children(of: getpid())
    let files = OpenFiles.list()
    setenv("LYING_DRIVER", lie, 1)
    if let helper { setenv(variable, helper, 1) } else { unsetenv(variable) }
    defer {
      unsetenv("LYING_DRIVER")
      if let before { setenv(variable, before, 1) } else { unsetenv(variable) }
    }
    let result = try body()
    // A helper that was killed in a driver ends when the kernel lets it.
    let areGone = Processes.wait(atMost: .seconds(20)) {
      Processes.children(of: getpid()).subtracting(children).isEmpty ? true : nil
    }
    #expect(areGone == true, "a helper was left behind")
    // Drivers keep some files open, in the process that opened them.
    let opened = OpenFiles.opened(since: files).filter { $0.contains("gl-vulkan-interop") || $0.contains("socket:") }
    #expect(opened == [])
    return result
  }
}

/// What a lie makes of a cell.
struct Finding {
  /// How the step begins.
  var step: String
  /// What the reason says, among other things.
  var reason: String
}

extension CapabilityMatrix.Cell {
  func isFailed(_ finding: Finding) -> Bool {
    verdict == .failed && waits == nil && step?.hasPrefix(finding.step) == true
      && reason?.contains(finding.reason) == true
  }

  var isSharing: Bool { configuration.path == .opaqueFD }
  var isBuffer: Bool { configuration.path.rawValue.hasPrefix("dma-buf") }

  /// For messages of tests.
  var text: String {
    "\(configuration) \(direction.rawValue) \(format.name): \(verdict.rawValue),"
      + " \(step ?? "no step"), \(reason ?? "no reason")"
  }
}

/// The system's processes, from /proc.
enum Processes {
  /// Zombies too.
  static func children(of parent: pid_t) -> Set<pid_t> {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return Set(names.compactMap { pid_t($0) }.filter { status($0)?.parent == parent })
  }

  static func isRunning(_ process: pid_t) -> Bool {
    guard let status = status(process) else { return false }
    return status.state != "Z" && status.state != "X"
  }

  private static func status(_ process: pid_t) -> (state: Substring, parent: pid_t)? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return nil }
    // The name may have spaces and brackets.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
    return (fields[0], parent)
  }

  /// Asks again and again.
  static func wait<Value>(atMost timeout: Duration = .seconds(20), for value: () -> Value?) -> Value? {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      if let found = value() { return found }
      usleep(5_000)
    }
    return nil
  }
}
