import FoundationEssentials
import GLVulkanInterop
import Glibc
import Logging

/// The output of `--version`.
public let packageVersion = LibraryVersion.text

/// A program's output: results to stdout, everything else to stderr.
///
/// A result that cannot be written is an error, on stderr and in the exit status. A pipe without a reader ends the
/// program by SIGPIPE, as usual, unless its parent process made it ignore that signal.
public enum ProgramOutput {
  /// Sends the library's log to stderr. Call it once, before the first logger is made.
  public static func logToStandardError() {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
  }

  /// Writes a line for the user at the terminal.
  public static func tell(_ line: String) { write(line + "\n") }

  /// Writes text for the user at the terminal, unchanged. An error here cannot be reported and is ignored.
  public static func write(_ text: String) {
    // Not stdio's stderr, a variable that Swift takes for shared mutable state.
    _ = writeAll(text, to: STDERR_FILENO)
  }

  // MARK: Results

  /// Writes a result and a line end to stdout, without buffering: the text is written when this returns.
  ///
  /// - Throws: ``InteropError`` with the system's error, for a full disk or a closed stdout, for example.
  ///
  /// The corresponding C function is `write`.
  public static func result(_ text: String) throws(InteropError) {
    if let code = writeAll(text + "\n", to: STDOUT_FILENO) { throw cannotWrite("stdout", code) }
  }

  /// Writes a result as JSON, with keys in alphabetical order.
  public static func result(json value: some Encodable) throws { try result(json(value)) }

  /// Returns the JSON that ``result(json:)`` writes.
  public static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Flushes stdout, for libraries that use stdio too, and closes a copy of its descriptor: file systems may report a
  /// write error only at a close.
  static func finish() throws(InteropError) {
    if fflush(nil) != 0 { throw cannotWrite("stdout", errno) }
    let copy = dup(STDOUT_FILENO)
    guard copy >= 0 else { return }
    if close(copy) != 0 { throw cannotWrite("stdout", errno) }
  }

  // MARK: Files

  /// Replaces a file.
  ///
  /// - Throws: ``InteropError`` with the path and the system's error. A file that could not be written completely is
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

  /// Removes the regular file that a failed write has left; devices and other kinds of files stay.
  static func removeFile(_ path: String) {
    var info = stat()
    if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG { unlink(path) }
  }

  private static func cannotWrite(_ path: String, _ code: Int32) -> InteropError {
    InteropError(.invalidArgument, step: "write \(path)", reason: "it cannot be written", driverCode: .posix(code))
  }

  /// - Returns: the system's error; nil if everything was written.
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
          // Another program has set the terminal or the pipe to non-blocking.
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
