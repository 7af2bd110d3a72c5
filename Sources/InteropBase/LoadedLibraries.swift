import Glibc

/// The shared libraries that this process has loaded.
package enum LoadedLibraries {
  /// Lists the loaded libraries whose file name begins with `prefix`, in the dynamic linker's order.
  ///
  /// It loads nothing, because a context can be current only in a loaded library. It reads `/proc/self/maps`, because a
  /// library that was opened with `RTLD_LOCAL` (ANGLE's, an engine's own) is in no scope that `dlsym` would search.
  package static func paths(beginningWith prefix: String) -> [String] {
    guard let file = fopen("/proc/self/maps", "re") else { return [] }
    defer { fclose(file) }
    var found: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0 {
      guard let line, let slash = strchr(line, Int32(UInt8(ascii: "/"))) else { continue }
      guard let name = strrchr(slash, Int32(UInt8(ascii: "/"))), strncmp(name + 1, prefix, prefix.utf8.count) == 0
      else {
        continue
      }
      var path = String(cString: slash)
      if path.last == "\n" { path.removeLast() }
      if !found.contains(path) { found.append(path) }
    }
    return found
  }
}

extension DynamicLibrary {
  /// Opens a loaded library by a path from ``LoadedLibraries``; nil if it is not loaded. The corresponding C function
  /// is `dlopen` with `RTLD_NOLOAD`.
  package init?(loaded path: String) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) else { return nil }
    self.init(path: path, handle: handle)
  }
}
