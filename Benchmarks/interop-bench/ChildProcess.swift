import Glibc

/// Runs a program and waits for its end.
enum ChildProcess {
  struct Result {
    /// The exit status; 128 plus the signal's number if a signal ended the program.
    let status: Int32
    /// The output to stdout and stderr.
    let output: String
  }

  /// - Parameters:
  ///   - path: a file, or a name that is looked up in PATH.
  ///   - log: a file to which the output is written.
  ///   - timeout: in seconds. After it, the program and all processes that it started are killed.
  /// - Returns: nil if there is no such program, or it did not end in time.
  static func run(_ path: String, _ arguments: [String], log: String, timeout: Double = 60) -> Result? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // A process group of its own, so that the processes it starts can be killed with it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let start = now()
    guard posix_spawnp(&process, path, &actions, &attributes, &words, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      if microseconds(from: start, to: now()) > timeout * 1e6 {
        kill(-process, SIGKILL)
        waitpid(process, &status, 0)
        unlink(log)
        return nil
      }
      usleep(500)
    }
    let output = readFile(log)
    unlink(log)
    // WIFEXITED and the related names are macros.
    return Result(status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F, output: output)
  }

  /// Whether PATH has a program of this name.
  static func exists(_ name: String) -> Bool {
    guard let path = getenv("PATH") else { return false }
    return String(cString: path).split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  /// The path of this program.
  static var myself: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Returns the content of a file; empty for a file that cannot be read.
func readFile(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    guard count > 0 else { break }
    bytes += buffer.prefix(count)
  }
  return String(decoding: bytes, as: UTF8.self)
}
