/// A table of text; columns of words are left-aligned, numbers right-aligned.
package struct Table {
  private let header: [String]
  private let rows: [[String]]
  private let words: Set<Int>

  /// - Parameter words: the columns of words, besides the first.
  package init(_ header: [String], words: Set<Int> = [], _ rows: [[String]]) {
    self.header = header
    self.rows = rows
    self.words = words.union([0])
  }

  package func text() -> [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return words.contains(column) ? cell + padding : padding + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  package func markdown() -> [String] {
    let rule = header.indices.map { words.contains($0) ? "---" : "---:" }
    return ([header, rule] + rows).map { row in
      "| "
        + row.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
        .joined(separator: " | ") + " |"
    }
  }
}

/// Formats a number with the given number of decimals. (String(format:) would need all of Foundation.)
package func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return "-" }
  let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value.magnitude * Double(scale)).rounded())
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard digits > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % scale)
  return sign + String(scaled / scale) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}
