import Glibc

/// A shared library opened at run time.
///
/// It stays open until the process ends: drivers start threads and register exit handlers, and unloading a driver that
/// is in use crashes.
package struct DynamicLibrary: @unchecked Sendable {
  /// The path that the library was opened with.
  package let path: String
  private let handle: UnsafeMutableRawPointer

  /// Opens a library.
  ///
  /// - Parameters:
  ///   - path: a file name, looked up as the dynamic linker does, or a path.
  ///   - package: the Debian package that has the library, for the error's advice.
  /// - Throws: ``InteropError/Code/driverMissing`` with the dynamic linker's message.
  ///
  /// The corresponding C function is `dlopen`.
  package init(_ path: String, package: String) throws(InteropError) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let message = dlerror().map { String(cString: $0) } ?? "unknown error"
      throw InteropError(
        .driverMissing, step: "dlopen \(path)", reason: message, missing: [path],
        advice: "Install it (Debian: apt-get install \(package))")
    }
    self.path = path
    self.handle = handle
  }

  init(path: String, handle: UnsafeMutableRawPointer) {
    self.path = path
    self.handle = handle
  }

  /// The library's exported functions. The corresponding C function is `dlsym`.
  package var resolver: FunctionResolver {
    FunctionResolver(source: path) { [self] name in dlsym(handle, name) }
  }
}
