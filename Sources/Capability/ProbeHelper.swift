internal import CInteropProbe
internal import Glibc

/// Finds the helper program.
package enum ProbeHelper {
  package static let name = "gl-vulkan-interop-probe"
  /// The environment variable that names another helper, or `none`.
  package static let variable = "GL_VULKAN_INTEROP_PROBE"

  /// Finds the helper.
  ///
  /// It searches in this order: the environment variable; beside the running program, where SwiftPM puts it; `libexec`
  /// beside the program's folder, where `make install` puts it; the same for the library that contains this code, if
  /// there is one (libglvulkaninterop.so), also with a folder between, as in `lib/x86_64-linux-gnu`; the usual
  /// prefixes.
  ///
  /// - Returns: nil if there is none, or the variable says `none`. A setuid or setgid program ignores the variable.
  package static func locate() -> String? {
    // A program with more rights than its user must not start a program that the user names.
    let isTrusted = getuid() == geteuid() && getgid() == getegid()
    if isTrusted, let named = ProcessEnvironment.value(variable), !named.isEmpty {
      return isProgram(named) ? named : nil
    }
    let libexec = "/libexec/swift-gl-vulkan-interop"
    var folders: [String] = []
    if let program = readLink("/proc/self/exe"), let folder = parent(of: program) {
      folders.append(folder)
      if let up = parent(of: folder) { folders.append(up + libexec) }
    }
    if let library = libraryPath(), let folder = parent(of: library) {
      folders.append(folder)
      if let up = parent(of: folder) {
        folders.append(up + libexec)
        if let further = parent(of: up) { folders.append(further + libexec) }
      }
    }
    folders += ["/usr/local", "/usr"].map { $0 + libexec }
    return folders.map { $0 + "/" + name }.first(where: isProgram)
  }

  /// The parent folder; nil for a path at the top.
  private static func parent(of path: String) -> String? { path.lastIndex(of: "/").map { String(path[..<$0]) } }

  /// The library that contains this code, with links resolved; nil where its absolute path is not known.
  private static func libraryPath() -> String? {
    guard let found = system_own_file(), String(cString: found).hasPrefix("/"), let path = realpath(found, nil) else {
      return nil
    }
    defer { free(path) }
    return String(cString: path)
  }

  private static func isProgram(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  private static func readLink(_ path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
