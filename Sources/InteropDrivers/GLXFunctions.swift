/// The few functions of GLX that tell which context and drawables are current, and exchange them; Xlib's types stay out
/// of it.
///
/// A display is a `Display *`, a drawable an XID.
public struct GLXFunctions: @unchecked Sendable {
  /// `glXGetCurrentContext`.
  public typealias CurrentContext = @convention(c) () -> OpaquePointer?
  /// `glXGetCurrentDisplay`.
  public typealias CurrentDisplay = @convention(c) () -> OpaquePointer?
  /// `glXGetCurrentDrawable`, `glXGetCurrentReadDrawable`.
  public typealias CurrentDrawable = @convention(c) () -> UInt
  /// `glXMakeContextCurrent`.
  public typealias MakeContextCurrent = @convention(c) (OpaquePointer?, UInt, UInt, OpaquePointer?) -> Int32
  /// `glXQueryDrawable`.
  public typealias QueryDrawable = @convention(c) (OpaquePointer?, UInt, Int32, UnsafeMutablePointer<UInt32>?) -> Void
  /// `glXGetProcAddressARB`.
  public typealias GetProcAddress = @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutableRawPointer?

  public let glXGetCurrentContext: CurrentContext
  /// GLX 1.2.
  public let glXGetCurrentDisplay: CurrentDisplay
  public let glXGetCurrentDrawable: CurrentDrawable
  /// GLX 1.3.
  public let glXGetCurrentReadDrawable: CurrentDrawable
  public let glXMakeContextCurrent: MakeContextCurrent
  public let glXQueryDrawable: QueryDrawable
  /// GLX_ARB_get_proc_address, under the name that the Linux OpenGL ABI promises.
  public let glXGetProcAddressARB: GetProcAddress
  private let interposer: DriverInterposer?
  private let library: FunctionResolver

  /// - Throws: ``InteropError/Code/driverMissing`` naming the first function that is not there.
  public init(resolver: FunctionResolver, interposer: DriverInterposer? = nil) throws(InteropError) {
    self.interposer = interposer
    library = resolver
    glXGetCurrentContext = try resolver.required("glXGetCurrentContext")
    glXGetCurrentDisplay = try resolver.required("glXGetCurrentDisplay")
    glXGetCurrentDrawable = try resolver.required("glXGetCurrentDrawable")
    glXGetCurrentReadDrawable = try resolver.required("glXGetCurrentReadDrawable")
    glXMakeContextCurrent = try resolver.required("glXMakeContextCurrent")
    glXQueryDrawable = try resolver.required("glXQueryDrawable")
    glXGetProcAddressARB = try resolver.required("glXGetProcAddressARB")
  }

  /// Any function of this GLX, by its registered name, as a C function type of the caller's. The library itself is
  /// asked, then its `glXGetProcAddressARB`. Valid for as long as the process. Any thread, and no context need be
  /// current.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.interposed(by: interposer).falling(backTo: glResolver).function(name, as: type)
  }

  /// GL functions as this GLX hands them out, core ones included.
  public var glResolver: FunctionResolver {
    let getProcAddress = glXGetProcAddressARB
    return FunctionResolver(source: "glXGetProcAddressARB") { name in getProcAddress(name) }.interposed(by: interposer)
  }
}
