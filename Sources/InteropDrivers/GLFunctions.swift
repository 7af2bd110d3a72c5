import Glibc

/// How ``GLFunctions`` is filled. The functions themselves are in GLFunctionTable.swift.
extension GLFunctions {
  /// - Throws: ``InteropError/Code/driverMissing`` naming the first function of those that are always there and is not.
  public init(resolver: FunctionResolver) throws(InteropError) {
    try self.init(resolver: resolver, extensions: nil, isES2: false)
  }

  /// - Parameters:
  ///   - extensions: of a GLES context below 3.2. What they bring is taken by the name that the extension gives it: the
  ///     plain functions may be there too, and are errors in such a context (ANGLE). nil takes plain names first.
  ///   - isES2: whether this goes for what came with GLES 3.0 as well.
  package init(resolver: FunctionResolver, extensions: Set<String>?, isES2: Bool) throws(InteropError) {
    var lookUp = GLFunctionLookUp(resolver: resolver, extensions: extensions, isES2: isES2)
    try fill(from: &lookUp)
    missing = lookUp.missing
  }

  // MARK: Functions that are not there

  // A context is current on one thread, so what belongs to the thread belongs to the context that it works with.
  private final class Calls {
    var missing: String?
    /// Whoever works on this thread, see ``beginCalls(of:)``.
    var owner: UInt64 = 0
  }

  /// Freed when the thread ends.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let error = pthread_key_create(&key) { pointer in
      if let pointer { Unmanaged<Calls>.fromOpaque(pointer).release() }
    }
    precondition(error == 0, "no key for what belongs to a thread: \(error)")
    return key
  }()

  /// Made for the first call of a function that is not there, or the first context that lacks one.
  private static var calls: Calls {
    if let known = pthread_getspecific(key) { return Unmanaged<Calls>.fromOpaque(known).takeUnretainedValue() }
    let made = Calls()
    pthread_setspecific(key, UnsafeRawPointer(Unmanaged.passRetained(made).toOpaque()))
    return made
  }

  /// What a function that is not there does.
  static func note(_ name: String) { calls.missing = name }

  static func note<Answer>(_ name: String, answering answer: Answer) -> Answer {
    calls.missing = name
    return answer
  }

  /// What is noted on this thread from now on is `owner`'s; what another owner has left is forgotten.
  ///
  /// - Parameter owner: not 0, and given once.
  package static func beginCalls(of owner: UInt64) {
    let calls = calls
    guard calls.owner != owner else { return }
    calls.owner = owner
    calls.missing = nil
  }

  /// The name of the last function that was called on this thread although ``missing`` lists it; nil if none was since
  /// the last time this was asked here. What other threads call, in contexts of their own, is theirs.
  public static func takeMissingCall() -> String? {
    guard let known = pthread_getspecific(key) else { return nil }
    let calls = Unmanaged<Calls>.fromOpaque(known).takeUnretainedValue()
    defer { calls.missing = nil }
    return calls.missing
  }
}
