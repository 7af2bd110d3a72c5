internal import InteropDrivers

/// The window system's side of an adopted context: the library it belongs to, and the answers of that library.
struct CurrentContext: @unchecked Sendable {
  enum Library {
    case egl(EGLFunctions, EGLDisplay)
    case glx(GLXFunctions)
  }

  let library: Library
  /// `EGLContext` or `GLXContext`.
  let handle: UnsafeRawPointer
  /// The library's path.
  let path: String

  /// The context that EGL reports as current on this thread.
  init?(_ binding: EGLBinding) {
    guard let context = binding.functions.eglGetCurrentContext() else { return nil }
    self.init(library: .egl(binding.functions, binding.display), handle: UnsafeRawPointer(context), path: "")
  }

  private init(library: Library, handle: UnsafeRawPointer, path: String) {
    self.library = library
    self.handle = handle
    self.path = path
  }

  /// Asks every libEGL and libGL in this process for its current context.
  ///
  /// Which libraries are loaded tells nothing, often both are. At most one context is current on a thread.
  ///
  /// - Returns: nil if no library has a context that is current on this thread.
  static func find(interposer: DriverInterposer? = nil) -> CurrentContext? {
    for path in LoadedLibraries.paths(beginningWith: "libEGL") {
      if let found = egl(path, interposer) { return found }
    }
    for prefix in ["libGLX.so", "libGL.so"] {
      for path in LoadedLibraries.paths(beginningWith: prefix) {
        if let found = glx(path, interposer) { return found }
      }
    }
    return nil
  }

  private static func egl(_ path: String, _ interposer: DriverInterposer?) -> CurrentContext? {
    guard let library = DynamicLibrary(loaded: path),
      let current: PFNEGLGETCURRENTCONTEXTPROC = library.resolver.optional("eglGetCurrentContext")
    else { return nil }
    // The cheap test comes first: glvnd's vendor libraries are called libEGL too, and have none of the functions.
    guard current() != nil, let egl = try? EGLFunctions(resolver: library.resolver, interposer: interposer),
      let display = egl.eglGetCurrentDisplay(), let context = egl.eglGetCurrentContext()
    else { return nil }
    return CurrentContext(library: .egl(egl, display), handle: UnsafeRawPointer(context), path: path)
  }

  private static func glx(_ path: String, _ interposer: DriverInterposer?) -> CurrentContext? {
    guard let library = DynamicLibrary(loaded: path),
      let current: GLXFunctions.CurrentContext = library.resolver.optional("glXGetCurrentContext"),
      let context = current(), let glx = try? GLXFunctions(resolver: library.resolver, interposer: interposer)
    else { return nil }
    return CurrentContext(library: .glx(glx), handle: UnsafeRawPointer(context), path: path)
  }

  var isCurrent: Bool {
    switch library {
    case .egl(let egl, _): UnsafeRawPointer(egl.eglGetCurrentContext()) == handle
    case .glx(let glx): UnsafeRawPointer(glx.glXGetCurrentContext()) == handle
    }
  }

  var resolver: FunctionResolver {
    switch library {
    case .egl(let egl, _): egl.glResolver
    case .glx(let glx): glx.glResolver
    }
  }

  var binding: EGLBinding? {
    if case .egl(let egl, let display) = library { EGLBinding(egl, display: display) } else { nil }
  }

  /// The size of the surface that the context draws to; nil without one.
  var surfaceSize: PixelSize? {
    switch library {
    case .egl(let egl, let display): return egl.drawnSurfaceSize(of: display)
    case .glx(let glx):
      let drawable = glx.glXGetCurrentDrawable()
      guard drawable != 0, let display = glx.glXGetCurrentDisplay() else { return nil }
      var (width, height): (UInt32, UInt32) = (0, 0)
      glx.glXQueryDrawable(display, drawable, Self.glxWidth, &width)
      glx.glXQueryDrawable(display, drawable, Self.glxHeight, &height)
      return PixelSize(width: Int(width), height: Int(height))
    }
  }

  // From <GL/glx.h>, which needs Xlib.
  private static let glxWidth: Int32 = 0x801D
  private static let glxHeight: Int32 = 0x801E
}
