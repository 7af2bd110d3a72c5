import FoundationEssentials
import GLVulkanInterop
import Glibc
import Logging

/// What `--version` prints.
public let packageVersion = LibraryVersion.text

/// Where a program's words go: results to stdout, everything else to stderr.
///
/// Errors need nothing here: ArgumentParser prints them to stderr, an `InteropError` as its description, and exits with
/// 64 for wrong usage and 1 for anything else.
public enum ProgramOutput {
  /// Sends the library's log to stderr. Once, before the first logger is made.
  public static func logToStandardError() {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
  }

  /// A line for the person at the terminal.
  public static func tell(_ line: String) {
    // Not stdio's stderr, a variable that Swift takes for shared mutable state.
    write(line + "\n")
  }

  /// Text for the person at the terminal, as it is.
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  /// A result as JSON, keys in alphabetical order.
  public static func printJSON(_ value: some Encodable) throws { print(try json(value)) }

  /// As ``printJSON(_:)`` prints it.
  public static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Replaces a file.
  ///
  /// - Throws: ``InteropError`` with the path and what the system says.
  public static func write(_ text: String, to path: String) throws(InteropError) {
    let bytes = Array(text.utf8)
    let file = fopen(path, "we")
    let written = file.map { fwrite(bytes, 1, bytes.count, $0) } ?? 0
    guard let file, fclose(file) == 0, written == bytes.count else {
      throw InteropError(
        .invalidArgument, step: "write \(path)", reason: "it cannot be written", driverCode: .posix(errno))
    }
  }
}
