/// Under which of its names a function of GL is looked up: the look-up column of scripts/driver-functions.txt.
struct GLFunctionLookUp {
  private let resolver: FunctionResolver
  /// See ``GLFunctions/init(resolver:extensions:isES2:)``.
  private let extensions: Set<String>?
  private let isES2: Bool
  /// What ``later(_:orElse:)`` has not found.
  private(set) var missing: Set<String> = []

  init(resolver: FunctionResolver, extensions: Set<String>?, isES2: Bool) {
    self.resolver = resolver
    self.extensions = extensions
    self.isES2 = isES2
  }

  func required<Function>(_ name: String) throws(InteropError) -> Function { try resolver.required(name) }

  func optional<Function>(_ name: String) -> Function? { resolver.optional(name) }

  /// What came with GLES 3.0: under the name that an extension gives it in GLES 2.0, or else `stub`.
  mutating func later<Function>(_ name: String, orElse stub: Function) -> Function {
    if !isES2, let function: Function = resolver.optional(name) { return function }
    for (other, source) in others(name) where extensions?.contains(source) ?? true {
      if let function: Function = resolver.optional(other) { return function }
    }
    missing.insert(name)
    return stub
  }

  /// The extension's name only where the driver has no other.
  func plainFirst<Function>(_ name: String) -> Function? {
    if let function: Function = resolver.optional(name) { return function }
    for (other, _) in others(name) {
      if let function: Function = resolver.optional(other) { return function }
    }
    return nil
  }

  /// The name of an extension that the context has, since its plain name is an error there.
  func suffixedFirst<Function>(_ name: String) -> Function? {
    for (other, source) in others(name) where extensions?.contains(source) ?? false {
      if let function: Function = resolver.optional(other) { return function }
    }
    return resolver.optional(name)
  }

  /// The name of the first extension that a GLES 2.0 context has, and nothing in other contexts, which need it not.
  func suffixedInES2<Function>(_ name: String) -> Function? {
    let other = others(name).first { isES2 && extensions?.contains($0.source) ?? false }
    return other.flatMap { resolver.optional($0.name) }
  }

  private func others(_ name: String) -> [(name: String, source: String)] { GLFunctions.otherNames[name] ?? [] }
}
