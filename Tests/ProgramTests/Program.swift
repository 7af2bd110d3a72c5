import Foundation

/// A program that was started: its output goes to files, and it does not outlive this object.
final class Program {
  struct Result {
    /// The exit status; 128 and the signal's number for one that a signal ended.
    let status: Int32
    let output: String
    let errors: String
  }

  struct NotStarted: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "\(path) cannot be started: \(String(cString: strerror(code)))" }
  }

  struct TimedOut: Error, CustomStringConvertible {
    let description: String
  }

  let process: pid_t
  private let path: String
  private let folder: TemporaryFolder
  private var status: Int32?

  /// - Parameters:
  ///   - path: a file, or a name that is looked up in PATH.
  ///   - environment: what differs from this process's; nil removes a variable.
  init(_ path: String, _ arguments: [String], environment: [String: String?] = [:]) throws {
    let folder = try TemporaryFolder()
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path("output"), create, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("errors"), create, 0o600)
    // The validation layer opens its log for each instance, without closing it for programs: a thousand of them are too
    // many for who counts descriptors (man).
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      if let descriptor = Int32(name), descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    }
    // The thread that runs a test may have signals blocked, and a program would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let (words, settings) = ([path] + arguments, variables.map { "\($0)=\($1)" })
    var process: pid_t = 0
    let code = withCStrings(words) { words in
      withCStrings(settings) { settings in posix_spawnp(&process, path, &actions, &attributes, words, settings) }
    }
    guard code == 0 else { throw NotStarted(path: path, code: code) }
    self.process = process
    self.path = path
    self.folder = folder
  }

  deinit {
    guard status == nil else { return }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  var output: String { folder.read("output") }
  var errors: String { folder.read("errors") }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Whether it has ended by now.
  func hasEnded() -> Bool {
    if status == nil {
      var found: Int32 = 0
      if waitpid(process, &found, WNOHANG) == process {
        // WIFEXITED and its kin are macros.
        status = found & 0x7F == 0 ? found >> 8 & 0xFF : 128 + found & 0x7F
      }
    }
    return status != nil
  }

  /// Waits for its end.
  func wait(atMost timeout: Duration = .seconds(60)) throws -> Result {
    guard waitUntil(atMost: timeout, { hasEnded() }), let status else {
      throw TimedOut(description: "\(path) did not end within \(timeout); it wrote: \(output) \(errors)")
    }
    return Result(status: status, output: output, errors: errors)
  }
}

/// Asks again and again, every few milliseconds.
///
/// - Returns: false if `condition` did not come true in time.
func waitUntil(atMost timeout: Duration, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + timeout
  while try !condition() {
    if ContinuousClock.now > deadline { return false }
    usleep(5_000)
  }
  return true
}

/// Goes away with what is in it.
final class TemporaryFolder {
  private let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("ProgramTests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { root + "/" + name }

  /// Empty for a file that is not there.
  func read(_ name: String) -> String { (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? "" }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] }
}

/// As `execve` wants them: an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
}
