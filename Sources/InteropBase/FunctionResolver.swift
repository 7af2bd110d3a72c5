/// Where a table of driver functions gets its entries from: `dlsym`, `eglGetProcAddress`, `vkGetInstanceProcAddr`, an
/// engine's own loader, or a test's interposer.
///
/// This is the one seam between the package and every driver. Each call the package makes goes through a pointer that
/// came out of a resolver, so whoever supplies the resolver can record each call or make any of them fail, and in
/// production a call costs what an indirect call in C costs.
public struct FunctionResolver: Sendable {
  /// What to call this source in an error: `libEGL.so.1`, `eglGetProcAddress`.
  public let source: String
  private let lookup: @Sendable (String) -> UnsafeMutableRawPointer?

  /// - Parameters:
  ///   - source: the name errors use for this source.
  ///   - lookup: the address of the named function, or nil. Called only while a table is being filled.
  public init(source: String, lookup: @escaping @Sendable (String) -> UnsafeMutableRawPointer?) {
    self.source = source
    self.lookup = lookup
  }

  /// The function's address as the `PFN_…`/`PFN…PROC` type the caller names, or nil where the driver has none.
  public func optional<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    guard let address = lookup(name) else { return nil }
    precondition(
      MemoryLayout<Function>.size == MemoryLayout<UnsafeRawPointer>.size, "\(Function.self) is no C function")
    return unsafeBitCast(address, to: Function.self)
  }

  /// The function's address, or an error that names the function and the source.
  public func required<Function>(_ name: String, as type: Function.Type = Function.self) throws(InteropError)
    -> Function
  {
    if let function: Function = optional(name) { return function }
    throw InteropError(
      .driverMissing, step: "look up \(name)", reason: "\(source) does not have this function", missing: [name],
      advice: "Update the driver that provides \(source), or choose another one")
  }

  /// As ``required(_:as:)`` for a type that a caller names, which may be no C function's.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` then; ``InteropError/Code/driverMissing`` naming the function.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    guard MemoryLayout<Function>.size == MemoryLayout<UnsafeRawPointer>.size else {
      throw InteropError(
        .invalidArgument, step: "look up \(name)", reason: "\(Function.self) is no C function's type",
        advice: "Name its PFN_… or PFN…PROC type")
    }
    return try required(name)
  }

  /// A resolver that asks `self` first and `other` for what `self` lacks.
  public func falling(backTo other: FunctionResolver) -> FunctionResolver {
    FunctionResolver(source: source) { name in self.lookup(name) ?? other.lookup(name) }
  }

  /// A resolver that gives out what `interposer` puts in the place of each function that was found.
  public func interposed(by interposer: DriverInterposer?) -> FunctionResolver {
    guard let interposer else { return self }
    return FunctionResolver(source: source) { name in self.lookup(name).map { interposer.replacement(name, $0) } }
  }
}

/// Stands between the package and the drivers: told of each function as it is looked up, it gives out the function
/// itself or one of the same type that does something more. It lies at the seam that ``FunctionResolver`` is, for all
/// tables of a driver at once.
public struct DriverInterposer: Sendable {
  let replacement: @Sendable (String, UnsafeMutableRawPointer) -> UnsafeMutableRawPointer

  /// - Parameter replacement: given a function's name and address, what to call in its place.
  public init(_ replacement: @escaping @Sendable (String, UnsafeMutableRawPointer) -> UnsafeMutableRawPointer) {
    self.replacement = replacement
  }

  /// One that asks `self` first and hands what it got to `outer`, which so sees every call before `self` does.
  public func inside(_ outer: DriverInterposer) -> DriverInterposer {
    DriverInterposer { name, real in outer.replacement(name, self.replacement(name, real)) }
  }
}
