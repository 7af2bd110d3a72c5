import FoundationEssentials
import Glibc

/// Where the reports go.
struct OutputFolder {
  let path: String

  /// Makes it if need be.
  init(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    self.path = path
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }
}

/// - Returns: whether it was there.
func removeFile(_ path: String) -> Bool { unlink(path) == 0 }

/// A line for the person at the terminal.
func progress(_ line: String) {
  // stderr itself is a mutable global, which Swift 6 does not let through.
  var line = line + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
