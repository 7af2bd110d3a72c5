public import InteropDrivers
import Glibc

/// An EGL context of the package that draws into no window: on the surfaceless platform, on an EGL device, or on ANGLE.
///
/// `deinit` releases and destroys the context. The EGL display stays initialised until the process ends: EGL shares one
/// display among all users in the process, and `eglTerminate` would end their contexts too.
public final class SurfacelessContext: @unchecked Sendable {
  /// The EGL implementation and device of a context.
  public enum Platform: Sendable, Hashable {
    /// EGL_MESA_platform_surfaceless of the system's libEGL, requested by name: with some drivers a headless machine's
    /// default platform is another one (gfx-rs/wgpu#2339).
    case surfaceless
    /// The n-th device of EGL_EXT_device_enumeration.
    case device(Int)
    /// ANGLE's libEGL at this path, on its Vulkan backend.
    case angle(libraryPath: String)
  }

  /// The client API: desktop GL or GLES.
  public enum API: String, Sendable, Hashable, CaseIterable {
    /// Desktop OpenGL, core profile 3.3 or the version that the driver makes of it.
    case openGL = "gl"
    /// OpenGL ES 3.0 or later.
    case openGLES = "gles"
  }

  /// The functions of the libEGL that made the context.
  public let egl: EGLFunctions
  /// The EGL display, which stays initialised until the process ends.
  public let display: EGLDisplay
  /// The EGL context, which is destroyed with this object.
  public let context: EGLContext
  /// The platform that the caller requested.
  public let platform: Platform
  /// The API that the caller requested.
  public let api: API
  /// The functions and features of the context. It is current on the thread that made it, until ``release()``.
  public let gl: GLContext
  private let surface: EGLSurface?

  /// Makes a context and makes it current on this thread.
  ///
  /// - Parameters:
  ///   - platform: the EGL implementation and device.
  ///   - api: desktop GL or GLES; ANGLE has GLES only.
  ///   - egl: EGL functions already at hand; nil opens the platform's library.
  /// - Throws: ``InteropError/Code/driverMissing`` without libEGL, ``InteropError/Code/unsupported`` where EGL lacks
  ///   the platform, ``InteropError/Code/driverFailure`` with EGL's error.
  ///
  /// The corresponding C functions are `eglGetPlatformDisplayEXT`, `eglInitialize`, `eglCreateContext` and
  /// `eglMakeCurrent`.
  public init(platform: Platform = .surfaceless, api: API = .openGL, egl: EGLFunctions? = nil) throws(InteropError) {
    let table: EGLFunctions
    if let egl {
      table = egl
    } else if case .angle(let path) = platform {
      table = try EGLFunctions.open(path: path)
    } else {
      table = try EGLFunctions.open()
    }
    let display = try Self.openDisplay(platform, table)
    var major: EGLint = 0
    var minor: EGLint = 0
    guard table.eglInitialize(display, &major, &minor) == EGL_TRUE else {
      throw table.failure("eglInitialize", "EGL has no driver for \(platform)")
    }
    guard table.eglBindAPI(EGLenum(api == .openGL ? EGL_OPENGL_API : EGL_OPENGL_ES_API)) == EGL_TRUE else {
      throw InteropError(
        .unsupported, step: "eglBindAPI", reason: "this EGL has no \(api == .openGL ? "desktop OpenGL" : "OpenGL ES")",
        driverCode: .egl(table.eglGetError()), missing: [api == .openGL ? "EGL_OPENGL_API" : "EGL_OPENGL_ES_API"],
        advice: api == .openGL ? "Ask for OpenGL ES" : nil)
    }
    let names = Self.extensions(of: display, table)
    let needsSurface = !names.contains("EGL_KHR_surfaceless_context")
    let config = try Self.chooseConfig(display, api, pbuffer: needsSurface, table)
    let attributes: [EGLint] =
      api == .openGL
      ? [
        EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK,
        EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE,
      ] : [EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 0, EGL_NONE]
    guard let context = table.eglCreateContext(display, config, nil, attributes) else {
      throw table.failure("eglCreateContext", "no \(api == .openGL ? "OpenGL 3.3 core" : "OpenGL ES 3.0") context")
    }
    var surface: EGLSurface?
    do throws(InteropError) {
      if needsSurface {
        surface = table.eglCreatePbufferSurface(display, config, [EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE])
        guard surface != nil else { throw table.failure("eglCreatePbufferSurface", "no 1x1 surface to bind") }
      }
      guard table.eglMakeCurrent(display, surface, surface, context) == EGL_TRUE else {
        throw table.failure("eglMakeCurrent", "the new context cannot be made current")
      }
      do throws(InteropError) {
        let device = EGLDevice.device(of: display, table)
        gl = try GLContext(
          currentOf: table, identity: device.flatMap { EGLDevice.vulkanIdentity(of: $0, table) },
          renderNode: device.flatMap { EGLDevice.renderNode(of: $0, table) })
      } catch {
        _ = table.eglMakeCurrent(display, nil, nil, nil)
        throw error
      }
    } catch {
      if let surface { _ = table.eglDestroySurface(display, surface) }
      _ = table.eglDestroyContext(display, context)
      throw error
    }
    self.egl = table
    self.display = display
    self.context = context
    self.platform = platform
    self.api = api
    self.surface = surface
  }

  deinit {
    // EGL keeps a context that is current on a thread alive until its release, so release it at once.
    bindingAPI {
      guard egl.eglGetCurrentContext() == context else { return }
      gl.collectGarbage()
      _ = egl.eglMakeCurrent(display, nil, nil, nil)
    }
    gl.contextWillBeDestroyed()
    if let surface { _ = egl.eglDestroySurface(display, surface) }
    _ = egl.eglDestroyContext(display, context)
  }

  /// The binding is per thread; it decides which context eglGetCurrentContext and eglMakeCurrent(EGL_NO_CONTEXT) mean.
  private func bindAPI() { _ = egl.eglBindAPI(EGLenum(api == .openGL ? EGL_OPENGL_API : EGL_OPENGL_ES_API)) }

  /// Runs `body` with this context's API bound; the thread may be using EGL for another API.
  private func bindingAPI<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let previous = egl.eglQueryAPI()
    bindAPI()
    defer { _ = egl.eglBindAPI(previous) }
    try body()
  }

  /// Makes the context current on this thread. The corresponding C function is `eglMakeCurrent`.
  public func makeCurrent() throws(InteropError) {
    bindAPI()
    guard egl.eglMakeCurrent(display, surface, surface, context) == EGL_TRUE else {
      throw egl.failure(
        "eglMakeCurrent", "the context cannot be made current",
        advice: "Release it on the thread that has it current first (release(), glvk_context_release_current)")
    }
  }

  /// Releases the context from this thread, so that another one can make it current.
  public func release() throws(InteropError) {
    try bindingAPI { () throws(InteropError) in
      guard egl.eglGetCurrentContext() == context else { return }
      guard egl.eglMakeCurrent(display, nil, nil, nil) == EGL_TRUE else {
        throw egl.failure("eglMakeCurrent", "the context cannot be released")
      }
    }
  }

  // MARK: Displays and devices

  private static func openDisplay(_ platform: Platform, _ egl: EGLFunctions) throws(InteropError) -> EGLDisplay {
    let client = extensions(of: nil, egl)
    func require(_ names: [String]) throws(InteropError) -> PFNEGLGETPLATFORMDISPLAYEXTPROC {
      let missing = names.filter { !client.contains($0) }
      guard missing.isEmpty, let function = egl.eglGetPlatformDisplayEXT else {
        let all = ["surfaceless", "device:N", "angle:PATH of an ANGLE libEGL"]
        let others = all.filter { $0.prefix(5) != platform.description.prefix(5) }
        throw InteropError(
          .unsupported, step: "eglGetPlatformDisplayEXT", reason: "this EGL does not offer \(platform)",
          missing: missing.isEmpty ? ["eglGetPlatformDisplayEXT"] : missing,
          advice: "Choose another platform: \(others.joined(separator: " or "))")
      }
      return function
    }
    let display: EGLDisplay?
    switch platform {
    case .surfaceless:
      let getDisplay = try require(["EGL_EXT_platform_base", "EGL_MESA_platform_surfaceless"])
      display = getDisplay(EGLenum(EGL_PLATFORM_SURFACELESS_MESA), nil, [EGL_NONE])
    case .device(let index):
      let getDisplay = try require(["EGL_EXT_platform_base", "EGL_EXT_platform_device"])
      let devices = try devices(egl)
      guard devices.indices.contains(index) else {
        throw InteropError(
          .invalidArgument, step: "eglQueryDevicesEXT",
          reason: "there is no EGL device \(index), EGL has \(devices.count)",
          advice: devices.isEmpty ? nil : "Choose device 0 to \(devices.count - 1)")
      }
      display = getDisplay(EGLenum(EGL_PLATFORM_DEVICE_EXT), devices[index], [EGL_NONE])
    case .angle:
      let getDisplay = try require(["EGL_EXT_platform_base", "EGL_ANGLE_platform_angle_vulkan"])
      let vulkan = [EGL_PLATFORM_ANGLE_TYPE_ANGLE, EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE]
      // Without it, ANGLE connects to the X server that DISPLAY names, and fails where none answers. Old builds do not
      // know the value.
      let offscreen = [EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE, EGL_PLATFORM_SURFACELESS_MESA]
      display =
        getDisplay(EGLenum(EGL_PLATFORM_ANGLE_ANGLE), nil, vulkan + offscreen + [EGL_NONE])
        ?? getDisplay(EGLenum(EGL_PLATFORM_ANGLE_ANGLE), nil, vulkan + [EGL_NONE])
    }
    guard let display else { throw egl.failure("eglGetPlatformDisplayEXT", "EGL has no display for \(platform)") }
    return display
  }

  /// Returns the EGL devices of this machine, in EGL's order. The corresponding C function is `eglQueryDevicesEXT`.
  public static func devices(_ egl: EGLFunctions) throws(InteropError) -> [EGLDeviceEXT] {
    guard let query = egl.eglQueryDevicesEXT else {
      throw InteropError(
        .unsupported, step: "eglQueryDevicesEXT", reason: "this EGL does not list devices",
        missing: ["EGL_EXT_device_enumeration"])
    }
    var count: EGLint = 0
    guard query(0, nil, &count) == EGL_TRUE else {
      throw egl.failure("eglQueryDevicesEXT", "EGL does not count devices")
    }
    var devices = [EGLDeviceEXT?](repeating: nil, count: Int(count))
    guard query(count, &devices, &count) == EGL_TRUE else {
      throw egl.failure("eglQueryDevicesEXT", "EGL does not list its \(count) devices")
    }
    return devices.prefix(Int(count)).compactMap { $0 }
  }

  private static func extensions(of display: EGLDisplay?, _ egl: EGLFunctions) -> Set<String> {
    guard let text = egl.eglQueryString(display, EGL_EXTENSIONS) else {
      _ = egl.eglGetError()  // EGL 1.4 without EGL_EXT_client_extensions
      return []
    }
    return Set(String(cString: text).split(separator: " ").map(String.init))
  }

  private static func chooseConfig(
    _ display: EGLDisplay, _ api: API, pbuffer: Bool, _ egl: EGLFunctions
  ) throws(InteropError) -> EGLConfig {
    // Surface type 0 matches every config: a surfaceless platform may have none that can make pbuffers.
    let attributes: [EGLint] = [
      EGL_RENDERABLE_TYPE, api == .openGL ? EGL_OPENGL_BIT : EGL_OPENGL_ES3_BIT, EGL_SURFACE_TYPE,
      pbuffer ? EGL_PBUFFER_BIT : 0, EGL_NONE,
    ]
    var config: EGLConfig?
    var count: EGLint = 0
    guard egl.eglChooseConfig(display, attributes, &config, 1, &count) == EGL_TRUE, count > 0, let config else {
      throw egl.failure("eglChooseConfig", "EGL has no config for \(api == .openGL ? "OpenGL" : "OpenGL ES 3")")
    }
    return config
  }
}

extension SurfacelessContext.Platform: CustomStringConvertible {
  /// The platform, as the programs' `--gl` option takes it.
  public var description: String {
    switch self {
    case .surfaceless: "surfaceless"
    case .device(let index): "device:\(index)"
    case .angle(let path): "angle:\(path)"
    }
  }

  /// Reads `surfaceless`, `device:N` or `angle:PATH`; nil for anything else.
  public init?(_ text: String) {
    if text == "surfaceless" {
      self = .surfaceless
    } else if text.hasPrefix("device:"), let index = Int(text.dropFirst(7)), index >= 0 {
      self = .device(index)
    } else if text.hasPrefix("angle:"), text.count > 6 {
      self = .angle(libraryPath: String(text.dropFirst(6)))
    } else {
      return nil
    }
  }
}
