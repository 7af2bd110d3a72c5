import FoundationEssentials
import GLVulkanInterop
import Glibc
import Logging

/// What `--version` prints.
public let packageVersion = LibraryVersion.text

/// Where a program's words go: results to stdout, everything else to stderr.
///
/// A result that cannot be written is an error, on stderr and in the exit status. A pipe that nobody reads ends a
/// program by SIGPIPE, as it does others, unless whoever started it has that signal ignored.
public enum ProgramOutput {
  /// Sends the library's log to stderr. Once, before the first logger is made.
  public static func logToStandardError() {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
  }

  /// A line for the person at the terminal.
  public static func tell(_ line: String) { write(line + "\n") }

  /// Text for the person at the terminal, as it is. What cannot be written there cannot be told anybody.
  public static func write(_ text: String) {
    // Not stdio's stderr, a variable that Swift takes for shared mutable state.
    _ = writeAll(text, to: STDERR_FILENO)
  }

  // MARK: Results

  /// A result and the end of its line, to stdout, past all buffers: what was written is out when this returns.
  ///
  /// - Throws: ``InteropError`` with what the system says, for a disk that is full, say, or a stdout that is closed.
  ///
  /// The corresponding C function is `write`.
  public static func result(_ text: String) throws(InteropError) {
    if let code = writeAll(text + "\n", to: STDOUT_FILENO) { throw cannotWrite("stdout", code) }
  }

  /// A result as JSON, keys in alphabetical order.
  public static func result(json value: some Encodable) throws { try result(json(value)) }

  /// As ``result(json:)`` writes it.
  public static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// What stdout still has to say, from libraries that use stdio too; file systems may tell as late as at the last
  /// close that nothing was kept.
  static func finish() throws(InteropError) {
    if fflush(nil) != 0 { throw cannotWrite("stdout", errno) }
    let copy = dup(STDOUT_FILENO)
    guard copy >= 0 else { return }
    if close(copy) != 0 { throw cannotWrite("stdout", errno) }
  }

  // MARK: Files

  /// Replaces a file.
  ///
  /// - Throws: ``InteropError`` with the path and what the system says. A file that could not be written to its end is
  ///   removed.
  ///
  /// The corresponding C functions are `open`, `write` and `close`.
  public static func write(_ text: String, to path: String) throws(InteropError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw cannotWrite(path, errno) }
    var code = writeAll(text, to: file)
    if close(file) != 0, code == nil { code = errno }
    guard let code else { return }
    removeFile(path)
    throw cannotWrite(path, code)
  }

  /// Removes what a failed write has left; devices and what else has that name stay.
  static func removeFile(_ path: String) {
    var info = stat()
    if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG { unlink(path) }
  }

  private static func cannotWrite(_ path: String, _ code: Int32) -> InteropError {
    InteropError(.invalidArgument, step: "write \(path)", reason: "it cannot be written", driverCode: .posix(code))
  }

  /// - Returns: the system's error; nil when all is written.
  private static func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count > 0 {
          written += count
        } else if count == 0 {
          return ENOSPC
        } else if errno == EAGAIN {
          // Another program has made the terminal, or the pipe, one that does not wait.
          var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = Glibc.poll(&poll, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}
