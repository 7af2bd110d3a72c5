import BenchmarkReport
import FoundationEssentials
import Glibc
import InteropPrograms

/// Where the reports go.
struct OutputFolder {
  let path: String

  /// Makes it if need be.
  init(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    self.path = path
  }

  /// report.json, report.md and plot.svg.
  func write(_ report: Report) throws {
    try ProgramOutput.write(try report.json(), to: path + "/report.json")
    try ProgramOutput.write(report.markdown(), to: path + "/report.md")
    if !report.sizes.isEmpty { try ProgramOutput.write(report.plot(), to: path + "/plot.svg") }
    progress("written to \(path): report.json, report.md\(report.sizes.isEmpty ? "" : ", plot.svg")")
  }
}

/// - Returns: whether it was there.
func removeFile(_ path: String) -> Bool { unlink(path) == 0 }

/// A line for the person at the terminal.
func progress(_ line: String) { ProgramOutput.tell(line) }
