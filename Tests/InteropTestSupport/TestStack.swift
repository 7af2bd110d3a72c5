import Foundation
package import GLVulkanInterop

#if canImport(Testing)
  package import Testing
#endif

/// The driver stack the tests run on, as scripts/stack.sh set it up.
package enum TestStack {
  /// `llvmpipe`, `zink`, `angle`, `native`, or `vm` in the guest of scripts/vm.sh.
  package static let name = ProcessInfo.processInfo.environment["INTEROP_TEST_STACK"] ?? "native"
  /// ANGLE's libEGL on the stack angle.
  package static let eglLibrary = ProcessInfo.processInfo.environment["INTEROP_TEST_EGL_LIBRARY"]
  /// The folder of scripts/dawn.sh on the stack angle and in the guest of scripts/vm.sh; elsewhere, and where it cannot be had, nil.
  package static let dawnFolder: String? = {
    guard let answer = ProcessInfo.processInfo.environment["INTEROP_TEST_DAWN"], !answer.hasPrefix("!") else {
      return nil
    }
    return answer
  }()
  /// Why there is none.
  package static var dawnReason: String {
    ProcessInfo.processInfo.environment["INTEROP_TEST_DAWN"].map { String($0.dropFirst()) }
      ?? "Dawn runs on no Vulkan driver of this stack"
  }
  /// Whether Vulkan calls go through the Khronos validation layer, whose messages scripts/test.sh looks at.
  package static let validates = ProcessInfo.processInfo.environment["INTEROP_TEST_VALIDATION"] == "1"

  package static var platform: SurfacelessContext.Platform {
    eglLibrary.map { .angle(libraryPath: $0) } ?? .surfaceless
  }

  /// What the stack's drivers can do and must do.
  package static let abilities = StackAbilities(
    stack: name, mode: ProcessInfo.processInfo.environment["INTEROP_VM_MODE"], eglLibrary: eglLibrary)

  package static var layers: [String] { validates ? ["VK_LAYER_KHRONOS_validation"] : [] }

  /// A context, current on this thread, and a device that matches it.
  ///
  /// - Parameters:
  ///   - api: the first of the stack's, unless stated.
  ///   - pretendsQueues: see ``DriverTrace/pretendingQueues(_:)``; traced only.
  package static func open(
    _ api: SurfacelessContext.API = abilities.apis[0], traced: Bool = false, pretendsQueues: Bool = false
  ) throws -> (context: SurfacelessContext, host: VulkanHost) {
    let egl = traced ? try DriverTrace.eglFunctions(path: eglLibrary) : nil
    let context = try SurfacelessContext(platform: platform, api: api, egl: egl)
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = layers
    if traced { options.loader = try DriverTrace.vulkanLoader(path: nil) }
    guard pretendsQueues else { return (context, try VulkanHost.create(options)) }
    return (context, try DriverTrace.pretendingQueues { try VulkanHost.create(options) })
  }

  /// Whether only what a driver has a part in is tested: on all stacks of `make test` but the first.
  package static let isDriverOnly = ProcessInfo.processInfo.environment["INTEROP_TEST_DRIVER_ONLY"]?.isEmpty == false

  /// Says in the closing lines what this stack cannot run.
  package static func skip(_ what: String) {
    let isNew = skipped.withLock { $0.insert(what).inserted }
    if isNew { print("INTEROP-SKIP: \(what)") }
  }

  private static let skipped = Mutex<Set<String>>([])
}

// Swift's static libraries have no Testing: a build of everything with them leaves out what needs it.
#if canImport(Testing)
  extension Trait where Self == ConditionTrait {
    /// For a test in which no driver has a part: it runs on the first stack of `make test`.
    package static var onFirstStack: Self {
      .enabled("no driver has a part in it: run on the first stack") { !TestStack.isDriverOnly }
    }
  }
#endif
