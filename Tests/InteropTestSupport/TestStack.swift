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
  /// Whether Vulkan calls go through the Khronos validation layer, whose messages scripts/test.sh looks at.
  package static let validates = ProcessInfo.processInfo.environment["INTEROP_TEST_VALIDATION"] == "1"

  package static var platform: SurfacelessContext.Platform {
    eglLibrary.map { .angle(libraryPath: $0) } ?? .surfaceless
  }

  /// ANGLE has no desktop GL.
  package static var apis: [SurfacelessContext.API] { eglLibrary == nil ? [.openGL, .openGLES] : [.openGLES] }

  /// Whether GL takes linear textures over shared memory: every software stack does, NVIDIA 580 does not.
  package static let hasLinearTiling: Bool = {
    guard name == "native", let (context, host) = try? open(apis[0]) else { return true }
    let description = SharedImageDescription(size: PixelSize(width: 4, height: 4), tiling: .linear)
    return (try? SharedImage(description, gl: context.gl, host: host)) != nil
  }()

  /// Whether GL renders into true BGRA memory. The software stacks are known; of a real GPU the answer is taken from
  /// the library (NVIDIA 580: in GLES, not in desktop GL).
  package static func hasTrueBGRA(_ context: SurfacelessContext, _ host: VulkanHost) -> Bool {
    guard name == "native" else { return name == "angle" }
    let description = SharedImageDescription(size: PixelSize(width: 4, height: 4), format: .bgra8)
    return (try? SharedImage(description, gl: context.gl, host: host)) != nil
  }

  package static var layers: [String] { validates ? ["VK_LAYER_KHRONOS_validation"] : [] }

  /// A context, current on this thread, and a device that matches it.
  ///
  /// - Parameter pretendsQueues: see ``DriverTrace/pretendingQueues(_:)``; traced only.
  package static func open(
    _ api: SurfacelessContext.API, traced: Bool = false, pretendsQueues: Bool = false
  ) throws -> (context: SurfacelessContext, host: VulkanHost) {
    let egl = traced ? try DriverTrace.eglFunctions(path: eglLibrary) : nil
    let context = try SurfacelessContext(platform: platform, api: api, egl: egl)
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = layers
    if traced { options.loader = try DriverTrace.vulkanLoader(path: nil) }
    guard pretendsQueues else { return (context, try VulkanHost.create(options)) }
    return (context, try DriverTrace.pretendingQueues { try VulkanHost.create(options) })
  }

  /// Whether GL and Vulkan can be ordered by `sync` here.
  package static func supports(_ sync: SyncKind, _ context: SurfacelessContext, _ host: VulkanHost) -> Bool {
    supports(sync, context.gl, host)
  }

  package static func supports(_ sync: SyncKind, _ context: GLContext, _ host: VulkanHost) -> Bool {
    let description = SharedImageDescription(size: PixelSize(width: 16, height: 16))
    return (try? SharedImage.checkSupport(description, sync: sync, gl: context, host: host)) != nil
  }

  /// As ``supports(_:_:_:)``, and says so in the closing lines where not.
  package static func shares(_ sync: SyncKind, _ context: SurfacelessContext, _ host: VulkanHost) -> Bool {
    shares(sync, context.gl, host)
  }

  package static func shares(_ sync: SyncKind, _ context: GLContext, _ host: VulkanHost) -> Bool {
    if supports(sync, context, host) { return true }
    skip("waits between GPUs by \(sync.rawValue): GL and Vulkan share none here")
    return false
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
