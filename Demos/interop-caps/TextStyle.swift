import Glibc

/// Coloured text where the user wants colour, and lines of at most 100 columns.
struct TextStyle {
  let isColored: Bool

  /// True on a terminal that is not dumb, unless NO_COLOR is set (no-color.org).
  static var terminalHasColor: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    if let none = getenv("NO_COLOR"), none.pointee != 0 { return false }
    return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }

  func good(_ text: String) -> String { paint(text, 32) }
  func bad(_ text: String) -> String { paint(text, 31) }
  func dim(_ text: String) -> String { paint(text, 2) }
  func bold(_ text: String) -> String { paint(text, 1) }

  private func paint(_ text: String, _ code: Int) -> String { isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

  /// Wraps text between words. The first line keeps its leading spaces; the others begin with `indent`.
  static func wrap(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = String(text.prefix { $0 == " " })
    for word in text.split(separator: " ") {
      let isEmpty = line.allSatisfy { $0 == " " }
      if !isEmpty, line.count + word.count + 1 > 100 {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += isEmpty ? String(word) : " " + word
      }
    }
    return lines + [line]
  }
}
