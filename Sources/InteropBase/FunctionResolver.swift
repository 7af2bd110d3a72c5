/// The source of a table of driver functions: `dlsym`, `eglGetProcAddress`, `vkGetInstanceProcAddr`, an application's
/// own loader, or a test's interposer.
///
/// Each call of the package to a driver goes through a pointer from a resolver. So the supplier of the resolver can
/// record each call or make any of them fail, and in production a call costs as much as an indirect call in C.
public struct FunctionResolver: Sendable {
  /// The name of this source in errors: `libEGL.so.1`, `eglGetProcAddress`.
  public let source: String
  private let lookup: @Sendable (String) -> UnsafeMutableRawPointer?

  /// - Parameters:
  ///   - source: the name errors use for this source.
  ///   - lookup: the address of the named function, or nil. Called only while a table is being filled.
  public init(source: String, lookup: @escaping @Sendable (String) -> UnsafeMutableRawPointer?) {
    self.source = source
    self.lookup = lookup
  }

  /// Returns the function as the `PFN_…`/`PFN…PROC` type that the caller names, or nil where the driver has none.
  public func optional<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    guard let address = lookup(name) else { return nil }
    precondition(
      MemoryLayout<Function>.size == MemoryLayout<UnsafeRawPointer>.size, "\(Function.self) is no C function")
    return unsafeBitCast(address, to: Function.self)
  }

  /// Returns the function, or throws an error that names the function and the source.
  public func required<Function>(_ name: String, as type: Function.Type = Function.self) throws(InteropError)
    -> Function
  {
    if let function: Function = optional(name) { return function }
    throw InteropError(
      .driverMissing, step: "look up \(name)", reason: "\(source) does not have this function", missing: [name],
      advice: "Update the driver that provides \(source), or choose another one")
  }

  /// Returns the function as ``required(_:as:)`` does, and checks that the caller's type is a C function's.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` if it is not; ``InteropError/Code/driverMissing`` naming the
  ///   function.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    guard MemoryLayout<Function>.size == MemoryLayout<UnsafeRawPointer>.size else {
      throw InteropError(
        .invalidArgument, step: "look up \(name)", reason: "\(Function.self) is no C function's type",
        advice: "Name its PFN_… or PFN…PROC type")
    }
    return try required(name)
  }

  /// Returns a resolver that asks `self` first, and `other` for functions that `self` lacks.
  public func falling(backTo other: FunctionResolver) -> FunctionResolver {
    FunctionResolver(source: source) { name in self.lookup(name) ?? other.lookup(name) }
  }

  /// Returns a resolver that passes each function it finds to `interposer` and returns the replacement.
  public func interposed(by interposer: DriverInterposer?) -> FunctionResolver {
    guard let interposer else { return self }
    return FunctionResolver(source: source) { name in self.lookup(name).map { interposer.replacement(name, $0) } }
  }
}

/// Intercepts the functions of drivers: for each function that is looked up, it returns the function itself or a
/// replacement of the same type. It applies to all tables of a driver at once, through ``FunctionResolver``.
public struct DriverInterposer: Sendable {
  let replacement: @Sendable (String, UnsafeMutableRawPointer) -> UnsafeMutableRawPointer

  /// - Parameter replacement: takes a function's name and address and returns the address to call instead.
  public init(_ replacement: @escaping @Sendable (String, UnsafeMutableRawPointer) -> UnsafeMutableRawPointer) {
    self.replacement = replacement
  }

  /// Returns an interposer that passes the result of `self` to `outer`, so that `outer` sees each call before `self`
  /// does.
  public func inside(_ outer: DriverInterposer) -> DriverInterposer {
    DriverInterposer { name, real in outer.replacement(name, self.replacement(name, real)) }
  }
}
