internal import Glibc

/// The environment variables of this process.
package enum ProcessEnvironment {
  /// Copies all variables, including changes that `setenv` made since the start, as drivers see them. Of two variables
  /// of one name the first counts, as for `getenv`. As with `getenv`, no other thread may call `setenv` meanwhile.
  package static func current() -> [String: String] {
    // By its address, as Swift 6 treats the C variable itself as shared mutable state.
    guard let address = dlsym(nil, "environ"),
      var entry = address.assumingMemoryBound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self).pointee
    else { return [:] }
    var variables: [String: String] = [:]
    while let text = entry.pointee {
      entry += 1
      guard let equals = strchr(text, Int32(UInt8(ascii: "="))) else { continue }
      let name = String(
        decoding: UnsafeRawBufferPointer(start: text, count: UnsafeMutablePointer(equals) - text), as: UTF8.self)
      if variables[name] == nil { variables[name] = String(cString: equals + 1) }
    }
    return variables
  }

  /// The value of one variable; nil where it is not set. The corresponding C function is `getenv`.
  static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Whether the process runs as another user or group than the one who started it and set the variables (setuid,
  /// setgid).
  package static var isUntrusted: Bool { getuid() != geteuid() || getgid() != getegid() }
}
