public import InteropDrivers

extension GLContext {
  /// Looks up any function of the context by its registered name; ``gl`` holds those that this package calls itself.
  ///
  /// ```swift
  /// let uniform = try context.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self)
  /// ```
  ///
  /// It comes from the source of the context's functions: `eglGetProcAddress`, `glXGetProcAddressARB`, or the
  /// `getProcAddress` that the application gave. EGL's own functions (`eglQueryContext`) come from the context's EGL,
  /// GLX's (`glXSwapBuffers`) from its GLX.
  ///
  /// The context must be current on this thread, since some loaders answer for the current context only. The pointer is
  /// valid while this context lives, and is called where it is current; whether it works in another context of the same
  /// driver depends on the driver. Look it up once, not for each frame.
  ///
  /// A pointer does not mean that the driver implements the function: Mesa and glvnd return one for any name that
  /// begins with `gl`. Check ``version`` and ``extensions``.
  ///
  /// - Parameters:
  ///   - name: `glUniform1f`.
  ///   - type: its `PFN…PROC` type; calling through another type is undefined behaviour.
  /// - Throws: ``InteropError/Code/wrongThread`` where the context is not current; ``InteropError/Code/invalidState``
  ///   after its end; ``InteropError/Code/driverMissing`` naming the function; ``InteropError/Code/invalidArgument``
  ///   for a type that is no C function's.
  ///
  /// The corresponding C functions are `eglGetProcAddress` and `glXGetProcAddress`; `glvk_context_get_proc_address`.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try checkIsCurrent("look up \(name)")
    if name.hasPrefix("egl"), let egl { return try egl.functions.function(name, as: type) }
    if name.hasPrefix("glX"), case .glx(let glx)? = adopted?.library { return try glx.function(name, as: type) }
    return try resolver.function(name, as: type)
  }
}
