import BenchmarkReport
import FoundationEssentials
import Glibc
import InteropPrograms

/// The folder for the reports.
struct OutputFolder {
  let path: String

  /// Creates the folder if it does not exist.
  init(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    self.path = path
  }

  /// Writes report.json, report.md and plot.svg.
  func write(_ report: Report) throws {
    try ProgramOutput.write(try report.json(), to: path + "/report.json")
    try ProgramOutput.write(report.markdown(), to: path + "/report.md")
    if !report.sizes.isEmpty { try ProgramOutput.write(report.plot(), to: path + "/plot.svg") }
    progress("written to \(path): report.json, report.md\(report.sizes.isEmpty ? "" : ", plot.svg")")
  }
}

/// - Returns: whether the file existed.
func removeFile(_ path: String) -> Bool { unlink(path) == 0 }

/// Writes a line for the user at the terminal.
func progress(_ line: String) { ProgramOutput.tell(line) }
