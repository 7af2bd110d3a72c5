import CInteropGraphics

/// How ``EGLFunctions`` is filled, and what else an EGL gives. The functions themselves are in EGLFunctionTable.swift.
extension EGLFunctions {
  /// Opens libEGL.
  ///
  /// - Parameters:
  ///   - path: another libEGL, ANGLE's for instance; nil for the system's `libEGL.so.1`.
  ///   - interposer: stands before EGL's functions and before GL's, see ``glResolver``.
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it.
  public static func open(path: String? = nil, interposer: DriverInterposer? = nil) throws(InteropError) -> EGLFunctions
  {
    try EGLFunctions(
      resolver: DynamicLibrary(path ?? "libEGL.so.1", package: "libegl1").resolver, interposer: interposer)
  }

  /// Fills the table: core functions from `resolver` itself, extensions through its `eglGetProcAddress`.
  public init(resolver: FunctionResolver, interposer: DriverInterposer? = nil) throws(InteropError) {
    self.interposer = interposer
    library = resolver.interposed(by: interposer)
    let extensions = Self.resolver(try library.required("eglGetProcAddress"), interposer)
    try fill(from: EGLFunctionLookUp(library: library, extensions: extensions))
  }

  /// GL functions as this libEGL hands them out, core ones included (EGL 1.5, or EGL_KHR_get_all_proc_addresses).
  public var glResolver: FunctionResolver { Self.resolver(eglGetProcAddress, interposer) }

  /// Any function of this EGL, by its registered name: `try egl.function("eglQueryContext", as:
  /// PFNEGLQUERYCONTEXTPROC.self)`. The library itself is asked, then its `eglGetProcAddress`.
  ///
  /// Valid for as long as the process: libraries are never closed. A pointer does not say that the display has the
  /// extension. Any thread, and no context need be current.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  ///
  /// The corresponding C function is `eglGetProcAddress`.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.falling(backTo: glResolver).function(name, as: type)
  }

  private static func resolver(
    _ getProcAddress: @escaping PFNEGLGETPROCADDRESSPROC, _ interposer: DriverInterposer?
  ) -> FunctionResolver {
    FunctionResolver(source: "eglGetProcAddress") { name in
      unsafeBitCast(getProcAddress(name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }

  /// The error of the last EGL call on this thread, which it clears, as an ``InteropError``.
  public func failure(_ step: String, _ reason: String, advice: String? = nil) -> InteropError {
    InteropError(.driverFailure, step: step, reason: reason, driverCode: .egl(eglGetError()), advice: advice)
  }
}

/// Where ``EGLFunctions`` are looked up: the look-up column of scripts/driver-functions.txt.
struct EGLFunctionLookUp {
  let library: FunctionResolver
  let extensions: FunctionResolver

  /// A function of every EGL 1.4, which `eglGetProcAddress` need not know.
  func required<Function>(_ name: String) throws(InteropError) -> Function { try library.required(name) }

  /// A function of an extension.
  func optional<Function>(_ name: String) -> Function? { extensions.optional(name) }
}
