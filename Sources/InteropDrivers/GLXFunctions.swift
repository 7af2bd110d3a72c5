/// The types of ``GLXFunctions``, whose header needs Xlib's, and how it is filled. The functions themselves are in
/// GLXFunctionTable.swift.
extension GLXFunctions {
  /// `glXGetCurrentContext`.
  package typealias CurrentContext = @convention(c) () -> OpaquePointer?
  /// `glXGetCurrentDisplay`.
  package typealias CurrentDisplay = @convention(c) () -> OpaquePointer?
  /// `glXGetCurrentDrawable`, `glXGetCurrentReadDrawable`.
  package typealias CurrentDrawable = @convention(c) () -> UInt
  /// `glXMakeContextCurrent`.
  package typealias MakeContextCurrent = @convention(c) (OpaquePointer?, UInt, UInt, OpaquePointer?) -> Int32
  /// `glXQueryDrawable`.
  package typealias QueryDrawable = @convention(c) (OpaquePointer?, UInt, Int32, UnsafeMutablePointer<UInt32>?) -> Void
  /// `glXGetProcAddressARB`.
  package typealias GetProcAddress = @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutableRawPointer?

  /// - Throws: ``InteropError/Code/driverMissing`` naming the first function that is not there.
  package init(resolver: FunctionResolver, interposer: DriverInterposer? = nil) throws(InteropError) {
    self.interposer = interposer
    library = resolver
    try fill(from: resolver)
  }

  /// Any function of this GLX, by its registered name, as a C function type of the caller's. The library itself is
  /// asked, then its `glXGetProcAddressARB`. Valid for as long as the process. Any thread, and no context need be
  /// current.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  package func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.interposed(by: interposer).falling(backTo: glResolver).function(name, as: type)
  }

  /// GL functions as this GLX hands them out, core ones included.
  package var glResolver: FunctionResolver {
    let getProcAddress = glXGetProcAddressARB
    return FunctionResolver(source: "glXGetProcAddressARB") { name in getProcAddress(name) }.interposed(by: interposer)
  }
}
