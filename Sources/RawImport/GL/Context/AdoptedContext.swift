public import InteropDrivers
public import LinuxBuffers

extension GLContext {
  /// Which window system interface a context belongs to.
  public enum Kind: String, Sendable, Hashable {
    /// EGL: Mesa's, NVIDIA's, ANGLE's.
    case egl
    /// GLX, on an X server.
    case glx
    /// Another, or of which nobody said so: functions come from the caller's own `getProcAddress`.
    case unknown
  }

  /// The libEGL of an ANGLE context that was found with ``current()``; nil for others.
  package var angleLibrary: String? { renderer.hasPrefix("ANGLE") && adopted?.binding != nil ? adopted?.path : nil }

  /// What the context belongs to.
  public var kind: Kind { adopted.map { Kind($0) } ?? (egl == nil ? .unknown : .egl) }

  /// Describes the context that is current on this thread, whatever made it: SDL, GLFW, GTK, an engine, Xlib.
  ///
  /// Each libEGL and libGL that is in this process, ANGLE's too, is asked for its current context; functions come from
  /// the one that has it. The context stays the application's: call ``contextWillBeDestroyed()`` before it destroys it.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if none is current; else as
  ///   ``init(resolver:identity:renderNode:egl:isCurrent:)``.
  ///
  /// The corresponding C functions are `eglGetCurrentContext` and `glXGetCurrentContext`.
  public static func current() throws(InteropError) -> GLContext { try current(resolver: nil, interposer: nil) }

  /// As ``current()``, with functions from the caller's own `getProcAddress`: an engine's loader, say. It is enough
  /// alone, too, where the context belongs to neither EGL nor GLX; then this thread is taken as the only one that ever
  /// has it.
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

  /// Width and height of framebuffer 0 in pixels, as the window system has them: after a resize they may be ahead of
  /// what the next swap shows. nil where there is no surface, or nobody tells (a context of neither EGL nor GLX).
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
