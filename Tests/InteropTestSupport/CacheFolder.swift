import Glibc

/// A directory for one test, deleted with everything in it at the end.
package final class CacheFolder {
  package let path: String

  package init() {
    var template = Array("/tmp/interop-cache-test.XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    precondition(!path.isEmpty, "mkdtemp works in /tmp")
  }

  deinit { remove(path) }

  private func remove(_ path: String) {
    var info = stat()
    guard lstat(path, &info) == 0 else { return }
    if info.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      for name in Self.names(in: path) { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// Runs `body` with this process's and its helpers' cache of probes in a new directory.
  package static func use(_ body: (CacheFolder) throws -> Void) rethrows {
    let folder = CacheFolder()
    let before = getenv("XDG_CACHE_HOME").map { String(cString: $0) }
    setenv("XDG_CACHE_HOME", folder.path, 1)
    // Mesa keeps to the place it saw first, and this one goes away.
    setenv("MESA_SHADER_CACHE_DIR", "/tmp", 0)
    defer { if let before { setenv("XDG_CACHE_HOME", before, 1) } else { unsetenv("XDG_CACHE_HOME") } }
    try body(folder)
  }

  /// All names but `.` and `..`, sorted.
  package static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = entry.pointer(to: \.d_name)!.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package func names() -> [String] { Self.names(in: path) }

  package static func read(_ path: String) -> [UInt8] {
    let file = open(path, O_RDONLY)
    precondition(file >= 0, "\(path) can be read")
    defer { close(file) }
    var info = stat()
    fstat(file, &info)
    var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
    precondition(Glibc.read(file, &bytes, bytes.count) == bytes.count)
    return bytes
  }

  package static func write(_ bytes: [UInt8], to path: String) {
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(file >= 0, "\(path) can be written")
    precondition(Glibc.write(file, bytes, bytes.count) == bytes.count)
    close(file)
  }

  /// Makes folders and an empty file.
  package func touch(_ name: String, seconds: Int? = nil) {
    let full = "\(path)/\(name)"
    for index in full.indices.dropFirst() where full[index] == "/" { mkdir(String(full[..<index]), 0o700) }
    let file = open(full, O_WRONLY | O_CREAT, 0o600)
    precondition(file >= 0, "\(full) can be made")
    close(file)
    if let seconds { age(name, seconds) }
  }

  /// Makes a file as old as that, in seconds.
  package func age(_ name: String, _ seconds: Int) {
    let time = timespec(tv_sec: Glibc.time(nil) - seconds, tv_nsec: 0)
    precondition(utimensat(AT_FDCWD, "\(path)/\(name)", [time, time], 0) == 0)
  }
}
