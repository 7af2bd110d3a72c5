public import Drivers

/// The window system's side of a context that somebody else made: which library it belongs to, and what that knows of it.
struct CurrentContext: @unchecked Sendable {
  enum Library {
    case egl(EGLFunctions, EGLDisplay)
    case glx(GLXFunctions)
  }

  let library: Library
  /// `EGLContext` or `GLXContext`.
  let handle: UnsafeRawPointer
  /// Of the library.
  let path: String

  /// As EGL tells it of the context that is current on this thread.
  init?(_ binding: EGLBinding) {
    guard let context = binding.functions.eglGetCurrentContext() else { return nil }
    self.init(library: .egl(binding.functions, binding.display), handle: UnsafeRawPointer(context), path: "")
  }

  private init(library: Library, handle: UnsafeRawPointer, path: String) {
    self.library = library
    self.handle = handle
    self.path = path
  }

  /// Asks every libEGL and libGL in this process. Which of them are loaded says nothing, often both are; of one thread one
  /// context at most is current.
  ///
  /// - Returns: nil if none has a context that is current on this thread.
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
    // Cheap first: glvnd's vendor libraries are called libEGL too, and have none of the functions.
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

  var kind: GLContext.Kind {
    switch library {
    case .egl: .egl
    case .glx: .glx
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

  /// Of the surface that the context draws to; nil without one.
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

  // <GL/glx.h>, which needs Xlib.
  private static let glxWidth: Int32 = 0x801D
  private static let glxHeight: Int32 = 0x801E
}

extension GLContext {
  /// Which window system interface a context belongs to.
  public enum Kind: String, Sendable, Hashable {
    /// EGL: Mesa's, NVIDIA's, ANGLE's.
    case egl
    case glx
    /// Another, or of which nobody said so: functions come from the caller's own `getProcAddress`.
    case unknown
  }

  /// The libEGL of an ANGLE context that was found with ``current()``; nil for others.
  package var angleLibrary: String? { renderer.hasPrefix("ANGLE") && adopted?.kind == .egl ? adopted?.path : nil }

  /// What the context belongs to.
  public var kind: Kind { adopted?.kind ?? (egl == nil ? .unknown : .egl) }

  /// Describes the context that is current on this thread, whatever made it: SDL, GLFW, GTK, an engine, Xlib.
  ///
  /// Each libEGL and libGL that is in this process, ANGLE's too, is asked for its current context; functions come from the
  /// one that has it. The context stays the application's: call ``contextWillBeDestroyed()`` before it destroys it.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if none is current; else as
  ///   ``init(resolver:identity:renderNode:egl:isCurrent:)``.
  ///
  /// The corresponding C functions are `eglGetCurrentContext` and `glXGetCurrentContext`.
  public static func current() throws(InteropError) -> GLContext { try current(resolver: nil, interposer: nil) }

  /// As ``current()``, with functions from the caller's own `getProcAddress`: an engine's loader, say. It is enough alone,
  /// too, where the context belongs to neither EGL nor GLX; then this thread is taken as the only one that ever has it.
  public static func current(resolver: FunctionResolver) throws(InteropError) -> GLContext {
    try current(resolver: resolver, interposer: nil)
  }

  /// - Parameter interposer: stands before EGL's and GL's functions, for tests.
  package static func current(
    resolver: FunctionResolver?, interposer: DriverInterposer?
  ) throws(InteropError) -> GLContext {
    guard let found = CurrentContext.find(interposer: interposer) else {
      if let resolver { return try GLContext(resolver: resolver) }
      throw InteropError(
        .wrongThread, step: "find the current context", reason: "no EGL or GLX context is current on this thread",
        advice: "Make the context current first; if it belongs to neither EGL nor GLX, give its function for function addresses (resolver, get_proc_address)")
    }
    let device = found.binding.flatMap { SurfacelessContext.device(of: $0.display, $0.functions) }
    return try GLContext(
      resolver: resolver ?? found.resolver,
      identity: found.binding.flatMap { egl in device.flatMap { SurfacelessContext.vulkanIdentity(of: $0, egl.functions) } },
      renderNode: found.binding.flatMap { egl in device.flatMap { SurfacelessContext.renderNode(of: $0, egl.functions) } },
      egl: found.binding, adopted: found)
  }

  /// Width and height of framebuffer 0 in pixels, as the window system has them: after a resize they may be ahead of what
  /// the next swap shows. nil where there is no surface, or nobody tells (a context of neither EGL nor GLX).
  ///
  /// The corresponding C functions are `eglQuerySurface` and `glXQueryDrawable`.
  public func defaultFramebufferSize() -> PixelSize? {
    isCurrent() ? windowSystem?.surfaceSize : nil
  }

  /// Size of what is attached to a framebuffer, in pixels; of framebuffer 0, that of the surface.
  ///
  /// - Parameters:
  ///   - framebuffer: a name, or 0.
  ///   - colorAttachment: n of `GL_COLOR_ATTACHMENTn`.
  /// - Returns: nil where GL does not tell (textures before ES 3.1), or nothing is attached.
  public func size(ofFramebuffer framebuffer: GLuint, colorAttachment: Int = 0) throws(InteropError) -> PixelSize? {
    try enter("ask for a framebuffer's size")
    if framebuffer == 0 { return defaultFramebufferSize() }
    guard (0..<features.maximumColorAttachments).contains(colorAttachment) else {
      throw InteropError(
        .invalidArgument, step: "check framebuffer \(framebuffer)", reason: "there is no colour attachment \(colorAttachment)",
        advice: "Use 0 to \(features.maximumColorAttachments - 1)")
    }
    return try preservingBindings { () throws(InteropError) in
      guard gl.glIsFramebuffer(framebuffer) == GL_TRUE else { return nil }
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      let attachment = GLenum(GL_COLOR_ATTACHMENT0) + GLenum(colorAttachment)
      let size = try AttachmentStorage(attachment, Int(integer(GL_SAMPLES)), self).size(self)
      for _ in 0..<8 where takeError() == nil { break }
      return size
    }
  }
}
