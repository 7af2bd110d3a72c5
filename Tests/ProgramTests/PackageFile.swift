import Foundation
import InteropTestSupport

/// A file of the repository that the tests look at.
enum PackageFile {
  /// - Returns: nil, and a word in the closing lines, where the tests run without the sources.
  static func path(_ name: String) -> String? {
    let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    guard FileManager.default.fileExists(atPath: source.path) else {
      TestStack.skip("\(name) against the programs: the sources are not on this machine")
      return nil
    }
    let package = source.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return package.appendingPathComponent(name).path
  }
}
