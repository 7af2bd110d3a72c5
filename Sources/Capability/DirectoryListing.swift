internal import Glibc

/// The names in a directory.
enum DirectoryListing {
  /// Sorted, because readdir's order is arbitrary; without hidden files; empty if the directory cannot be read.
  static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    return names(consuming: stream).sorted()
  }

  /// Reads a stream to its end and closes it. The corresponding C functions are `readdir` and `closedir`.
  static func names(consuming stream: OpaquePointer) -> [String] {
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = entry.pointer(to: \.d_name)!.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
