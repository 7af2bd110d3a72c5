public import InteropDrivers
public import LinuxBuffers

extension GLContext {
  /// The window system interface that a context belongs to.
  public enum Kind: String, Sendable, Hashable {
    /// EGL: Mesa's, NVIDIA's, ANGLE's.
    case egl
    /// GLX, on an X server.
    case glx
    /// Any other, or not given: functions come from the caller's own `getProcAddress`.
    case unknown
  }

  /// The path of ANGLE's libEGL, for an ANGLE context that was found with ``current()``; nil for others.
  package var angleLibrary: String? { renderer.hasPrefix("ANGLE") && adopted?.binding != nil ? adopted?.path : nil }

  /// The window system interface of this context.
  public var kind: Kind { adopted.map { Kind($0) } ?? (egl == nil ? .unknown : .egl) }

  /// Describes the context that is current on this thread, whichever library made it: SDL, GLFW, GTK, an engine, Xlib.
  ///
  /// The package asks each libEGL and libGL in this process, ANGLE's too, for its current context; functions come from
  /// the library that has one. The application keeps owning the context: it calls ``contextWillBeDestroyed()`` before
  /// it destroys it.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if no context is current; otherwise as
  ///   ``init(resolver:identity:renderNode:egl:isCurrent:)``.
  ///
  /// The corresponding C functions are `eglGetCurrentContext` and `glXGetCurrentContext`.
  public static func current() throws(InteropError) -> GLContext { try current(resolver: nil, interposer: nil) }

  /// Describes the current context as ``current()`` does, with functions from the caller's own `getProcAddress`: an
  /// engine's loader, say.
  ///
  /// The resolver alone is enough where the context belongs to neither EGL nor GLX; the package then assumes that the
  /// context is only ever current on this thread.
  public static func current(resolver: FunctionResolver) throws(InteropError) -> GLContext {
    try current(resolver: resolver, interposer: nil)
  }

  /// - Parameter interposer: intercepts EGL's and GL's functions, for tests.
  package static func current(
    resolver: FunctionResolver?, interposer: DriverInterposer?
  ) throws(InteropError) -> GLContext {
    guard let found = CurrentContext.find(interposer: interposer) else {
      if let resolver { return try GLContext(resolver: resolver) }
      throw InteropError(
        .wrongThread, step: "find the current context", reason: "no EGL or GLX context is current on this thread",
        advice:
          "Make the context current first; if it belongs to neither EGL nor GLX, give its function for function addresses (resolver, get_proc_address)"
      )
    }
    let device = found.binding.flatMap { EGLDevice.device(of: $0.display, $0.functions) }
    return try GLContext(
      resolver: resolver ?? found.resolver,
      identity: found.binding.flatMap { egl in device.flatMap { EGLDevice.vulkanIdentity(of: $0, egl.functions) } },
      renderNode: found.binding.flatMap { egl in device.flatMap { EGLDevice.renderNode(of: $0, egl.functions) } },
      egl: found.binding, adopted: found)
  }

  /// Width and height of framebuffer 0 in pixels, as the window system reports them; nil without a surface, or for a
  /// context of neither EGL nor GLX.
  ///
  /// After a resize they may be ahead of the size that the next swap shows.
  ///
  /// The corresponding C functions are `eglQuerySurface` and `glXQueryDrawable`.
  public func defaultFramebufferSize() -> PixelSize? {
    isCurrent() ? windowSystem?.surfaceSize : nil
  }
}

extension GLContext.Kind {
  fileprivate init(_ context: CurrentContext) {
    switch context.library {
    case .egl: self = .egl
    case .glx: self = .glx
    }
  }
}
