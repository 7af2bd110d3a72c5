import Glibc

/// The program's options.
struct Options {
  var context = "native"
  var gl = "compat"
  var width = 640
  var height = 480
  /// -1 until the window is closed.
  var frames = -1
  var checks = false

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { fail("\(option) needs a value") }
      switch option {
      case "--context": context = value
      case "--gl": gl = value
      case "--frames": frames = Int(value) ?? -1
      case "--check": (checks, frames) = (true, Int(value) ?? 100)
      case "--size":
        let parts = value.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2 else { fail("--size is WIDTHxHEIGHT") }
        (width, height) = (parts[0], parts[1])
      default: fail("unknown option \(option)")
      }
    }
  }
}

/// Ends the program with a message and status 1.
func fail(_ message: String) -> Never {
  var text = "glfw: \(message)\n"
  text.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  exit(1)
}
