internal import Glibc

/// Where the helper program is.
package enum ProbeHelper {
  package static let name = "gl-vulkan-interop-probe"
  /// Names another helper, or `none`.
  package static let variable = "GL_VULKAN_INTEROP_PROBE"

  /// Searched in this order: the environment variable; beside the running program, where SwiftPM puts it; `libexec` beside
  /// the program's folder, where `make install` puts it; the usual prefixes.
  ///
  /// - Returns: nil if there is none, or the variable says `none`. A setuid or setgid program does not follow the variable.
  package static func locate() -> String? {
    // A program that runs with more rights than its user must not start what the user names.
    let isTrusted = getuid() == geteuid() && getgid() == getegid()
    if isTrusted, let named = environment(variable), !named.isEmpty { return isProgram(named) ? named : nil }
    var folders: [String] = []
    if let program = readLink("/proc/self/exe"), let slash = program.lastIndex(of: "/") {
      let folder = String(program[..<slash])
      folders.append(folder)
      if let up = folder.lastIndex(of: "/") { folders.append(folder[..<up] + "/libexec/swift-gl-vulkan-interop") }
    }
    folders += ["/usr/local", "/usr"].map { $0 + "/libexec/swift-gl-vulkan-interop" }
    return folders.map { $0 + "/" + name }.first(where: isProgram)
  }

  private static func isProgram(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  private static func readLink(_ path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
