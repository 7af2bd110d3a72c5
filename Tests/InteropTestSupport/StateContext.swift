package import GLVulkanInterop

/// A GL context of each kind that applications have, with a default framebuffer of two or one buffers (a pbuffer), made
/// with plain EGL calls and none of the package's.
package final class StateContext {
  /// What to ask EGL for.
  package struct Kind: Sendable, Hashable, CustomStringConvertible {
    package enum API: Sendable, Hashable { case core, compatibility, es }
    package let api: API
    package let major: Int
    package let minor: Int
    package var isDebug = false
    package var isRobust = false
    package var samples = 0
    /// Truly ES 2.0: drivers make later versions of it unless they are told.
    package var isExact = false
    /// Of the surface: bits of alpha, just so many; encoded as sRGB.
    package var alpha = 8
    package var isSRGB = false

    package init(_ api: API, _ major: Int, _ minor: Int) { (self.api, self.major, self.minor) = (api, major, minor) }

    package static let core33 = Kind(.core, 3, 3)
    package static let core45 = Kind(.core, 4, 5)
    package static let compatibility = Kind(.compatibility, 0, 0)
    package static let es30 = Kind(.es, 3, 0)
    package static let es32 = Kind(.es, 3, 2)
    package static let es31 = Kind(.es, 3, 1)
    package static let es20 = {
      var kind = Kind(.es, 2, 0); kind.isExact = true; return kind
    }()

    package var description: String {
      "\(api) \(major).\(minor)" + (isDebug ? " debug" : "") + (isRobust ? " robust" : "")
        + (alpha == 8 ? "" : " alpha \(alpha)") + (isSRGB ? " sRGB" : "") + (samples == 0 ? "" : " samples \(samples)")
    }

    /// What this stack's driver has, of ES 2.0 apart.
    package static var all: [Kind] {
      TestStack.abilities.hasDesktopGL ? [.core33, .core45, .compatibility, .es30, .es32] : [.es30, .es31]
    }
  }

  package let kind: Kind
  package let egl: EGLFunctions
  package let display: EGLDisplay
  package let gl: GLContext
  package static let surfaceSize = PixelSize(width: 61, height: 37)
  private let context: EGLContext
  private let surface: EGLSurface
  private let config: EGLConfig
  /// Others, see ``makeCurrent(draw:read:)``.
  private var surfaces: [EGLSurface] = []

  /// - Parameter egl: nil opens the stack's.
  package init(_ kind: Kind, egl given: EGLFunctions? = nil) throws {
    self.kind = kind
    let egl = try given ?? EGLFunctions.open(path: TestStack.eglLibrary)
    self.egl = egl
    guard let getDisplay = egl.eglGetPlatformDisplayEXT else { throw Self.failure("eglGetPlatformDisplayEXT", egl) }
    let isANGLE = TestStack.eglLibrary != nil
    let platform = isANGLE ? EGL_PLATFORM_ANGLE_ANGLE : EGL_PLATFORM_SURFACELESS_MESA
    let attributes: [EGLint] =
      isANGLE
      ? [
        EGL_PLATFORM_ANGLE_TYPE_ANGLE, EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE,
        EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE, EGL_PLATFORM_SURFACELESS_MESA, EGL_NONE,
      ] : [EGL_NONE]
    guard let display = getDisplay(EGLenum(platform), nil, attributes),
      egl.eglInitialize(display, nil, nil) == EGL_TRUE,
      egl.eglBindAPI(EGLenum(kind.api == .es ? EGL_OPENGL_ES_API : EGL_OPENGL_API)) == EGL_TRUE
    else { throw Self.failure("eglInitialize", egl) }
    self.display = display
    let renderable = kind.api != .es ? EGL_OPENGL_BIT : kind.major == 2 ? EGL_OPENGL_ES2_BIT : EGL_OPENGL_ES3_BIT
    let wanted: [EGLint] = [
      EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, renderable, EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8,
      EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, EGLint(kind.alpha), EGL_DEPTH_SIZE, 24, EGL_STENCIL_SIZE, 8, EGL_SAMPLES,
      EGLint(kind.samples),
      EGL_NONE,
    ]
    var configs = [EGLConfig?](repeating: nil, count: 256)
    var count: EGLint = 0
    guard egl.eglChooseConfig(display, wanted, &configs, 256, &count) == EGL_TRUE, count > 0 else {
      throw Self.failure("eglChooseConfig", egl)
    }
    let getAttribute: (@convention(c) (EGLDisplay?, EGLConfig?, EGLint, UnsafeMutablePointer<EGLint>?) -> EGLBoolean)? =
      egl.glResolver.optional("eglGetConfigAttrib")
    let exact = configs.prefix(Int(count)).first { config in
      [(EGL_RED_SIZE, 8), (EGL_ALPHA_SIZE, EGLint(kind.alpha)), (EGL_SAMPLES, EGLint(kind.samples))].allSatisfy {
        var value: EGLint = -1
        _ = getAttribute?(display, config, $0.0, &value)
        return value == $0.1
      }
    }
    guard let config = kind.alpha == 8 && kind.samples == 0 ? configs[0] : exact ?? nil else {
      throw InteropError(.unsupported, step: "eglChooseConfig", reason: "EGL has no config for \(kind) here")
    }
    self.config = config
    var list: [EGLint] = []
    if kind.major > 0 {
      list += [EGL_CONTEXT_MAJOR_VERSION, EGLint(kind.major), EGL_CONTEXT_MINOR_VERSION, EGLint(kind.minor)]
    }
    if kind.api == .core { list += [EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT] }
    if kind.isDebug { list += [EGL_CONTEXT_OPENGL_DEBUG, 1] }
    if kind.isRobust {
      list += [
        EGL_CONTEXT_OPENGL_ROBUST_ACCESS, 1, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET,
      ]
    }
    // EGL_CONTEXT_OPENGL_BACKWARDS_COMPATIBLE_ANGLE
    if isANGLE, kind.isExact { list += [0x3483, 0] }
    guard let context = egl.eglCreateContext(display, config, nil, list + [EGL_NONE]) else {
      throw Self.failure("eglCreateContext", egl)
    }
    self.context = context
    surface = try Self.makeSurface(Self.surfaceSize, kind, egl, display, config)
    guard egl.eglMakeCurrent(display, surface, surface, context) == EGL_TRUE else {
      throw Self.failure("eglMakeCurrent", egl)
    }
    gl = try GLContext(currentOf: egl, identity: try Self.angleIdentity(egl))
  }

  private static func makeSurface(
    _ size: PixelSize, _ kind: Kind, _ egl: EGLFunctions, _ display: EGLDisplay, _ config: EGLConfig
  ) throws -> EGLSurface {
    let encoding: [EGLint] = kind.isSRGB ? [EGL_GL_COLORSPACE, EGL_GL_COLORSPACE_SRGB] : []
    let attributes = [EGL_WIDTH, EGLint(size.width), EGL_HEIGHT, EGLint(size.height)] + encoding + [EGL_NONE]
    guard let surface = egl.eglCreatePbufferSurface(display, config, attributes) else {
      throw failure("eglCreatePbufferSurface", egl)
    }
    return surface
  }

  /// Another pbuffer like the first.
  package func makeSurface(_ size: PixelSize) throws -> EGLSurface {
    let made = try Self.makeSurface(size, kind, egl, display, config)
    surfaces.append(made)
    return made
  }

  package func makeCurrent(draw: EGLSurface, read: EGLSurface) throws {
    guard egl.eglMakeCurrent(display, draw, read, context) == EGL_TRUE else {
      throw Self.failure("eglMakeCurrent", egl)
    }
  }

  /// ANGLE's GL does not say which device it is on; the package's own context asks ANGLE's EGL.
  private static func angleIdentity(_ egl: EGLFunctions) throws -> DeviceIdentity? {
    guard TestStack.eglLibrary != nil else { return nil }
    let (api, context, draw, display) = (
      egl.eglQueryAPI(), egl.eglGetCurrentContext(), egl.eglGetCurrentSurface(EGL_DRAW), egl.eglGetCurrentDisplay()
    )
    defer {
      _ = egl.eglBindAPI(api)
      _ = display.map { egl.eglMakeCurrent($0, draw, draw, context) }
    }
    return try SurfacelessContext(platform: TestStack.platform, api: .openGLES, egl: egl).gl.identity
  }

  private static func failure(_ step: String, _ egl: EGLFunctions) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "no context for the test", driverCode: .egl(egl.eglGetError()))
  }

  /// The Vulkan device that goes with it.
  package func makeHost() throws -> VulkanHost {
    var options = VulkanHost.CreateOptions(.matching(gl))
    options.layers = TestStack.layers
    return try VulkanHost.create(options)
  }

  deinit {
    if egl.eglGetCurrentContext() == context { _ = egl.eglMakeCurrent(display, nil, nil, nil) }
    gl.contextWillBeDestroyed()
    for surface in surfaces + [surface] { _ = egl.eglDestroySurface(display, surface) }
    _ = egl.eglDestroyContext(display, context)
  }

  /// A function that the package does not need.
  package func function<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    egl.glResolver.optional(name)
  }
}
