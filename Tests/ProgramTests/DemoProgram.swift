import Foundation
import Testing

/// demo-raw-gl on the driver stack of this run (scripts/stack.sh).
enum DemoProgram {
  /// Executables lie beside the one that runs the tests.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("demo-raw-gl").path
  }()

  static func start(_ arguments: [String], environment: [String: String?] = [:]) throws -> Program {
    let test = ProcessInfo.processInfo.environment
    var arguments = arguments
    if let library = test["INTEROP_TEST_EGL_LIBRARY"] { arguments += ["--gl", "angle:\(library)"] }
    // An option, as VK_INSTANCE_LAYERS would put the layer into the Vulkan instances of ANGLE and zink too.
    if test["INTEROP_TEST_VALIDATION"] == "1" { arguments += ["--vulkan-layer", "VK_LAYER_KHRONOS_validation"] }
    return try Program(path, arguments, environment: environment)
  }

  static func run(_ arguments: [String], environment: [String: String?] = [:]) throws -> Program.Result {
    try start(arguments, environment: environment).wait()
  }

  /// Runs it headless and gives back the picture of its last frame.
  static func picture(_ arguments: [String]) throws -> Bitmap {
    let folder = try TemporaryFolder()
    let result = try run(["--headless", "--output", folder.path("frame.png")] + arguments)
    try #require(result.status == 0, "\(arguments): \(result.errors)")
    return try Bitmap(png: folder.path("frame.png"))
  }
}
