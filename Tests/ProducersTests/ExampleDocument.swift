import Foundation
import InteropTestSupport
import Testing

/// A document whose examples are compiled: they stand between the lines `// EXAMPLE-BEGIN` and `// EXAMPLE-END` of a
/// test, and the document shows each of them as it is. Indentation does not count.
enum ExampleDocument {
  private static let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  private static let package = source.deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// nil where the sources are not on this machine, which is said.
  static func lines(_ path: String, of what: String) throws -> [String]? {
    guard FileManager.default.fileExists(atPath: source.path) else {
      TestStack.skip("\(what): the sources are not on this machine")
      return nil
    }
    return try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The blocks of a language in a Markdown file.
  static func blocks(_ language: String, _ lines: [String]) -> [[String]] {
    var found: [[String]] = []
    var current: [String]?
    for line in lines {
      if let block = current {
        if line == "```" {
          found.append(block)
          current = nil
        } else {
          current = block + [line]
        }
      } else if line == "```" + language {
        current = []
      }
    }
    return found
  }

  /// Every Swift block of `documents` is an example of the test, and every example is shown by one of them.
  ///
  /// - Parameter others: documents that show examples beside blocks of others.
  static func compare(
    _ documents: [String], beside others: [String] = [], with test: String, of what: String
  ) throws {
    guard let test = try lines(test, of: what) else { return }
    let examples = Set(
      test.split(separator: "// EXAMPLE-BEGIN").dropFirst().compactMap {
        $0.split(separator: "// EXAMPLE-END").first.map(Array.init)
      })
    #expect(!examples.isEmpty)
    var shown: Set<[String]> = []
    for path in others {
      for block in blocks("swift", try #require(try lines(path, of: what))) where examples.contains(block) {
        shown.insert(block)
      }
    }
    for path in documents {
      for block in blocks("swift", try #require(try lines(path, of: what))) {
        #expect(examples.contains(block), "\(path) shows what no test runs: \(block.prefix(3))")
        shown.insert(block)
      }
    }
    for example in examples { #expect(shown.contains(example), "no document shows \(example.prefix(3))") }
  }
}
