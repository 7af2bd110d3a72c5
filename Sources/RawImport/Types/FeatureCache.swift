package import InteropBase

/// Keeps one object of each type with a context or a device, made on first use.
///
/// A feature keeps its findings here, so that neither the context nor the device names the feature.
package final class FeatureCache: Sendable {
  /// An object of the cache: it starts empty and locks its own content.
  package protocol Object: AnyObject, Sendable { init() }

  private let objects = Mutex<[ObjectIdentifier: any Object]>([:])

  package init() {}

  /// Returns the object of this type, and makes it on the first call.
  package func object<Kept: Object>(_ type: Kept.Type = Kept.self) -> Kept {
    objects.withLock { objects in
      if let known = objects[ObjectIdentifier(type)] as? Kept { return known }
      let made = Kept()
      objects[ObjectIdentifier(type)] = made
      return made
    }
  }
}

/// Caches a driver's answers by the question asked.
package final class Answers<Question: Hashable & Sendable>: FeatureCache.Object {
  private let known = Mutex<[Question: Result<Void, InteropError>]>([:])

  package init() {}

  /// Returns the cached answer, or the one that `ask` finds.
  ///
  /// Only an answer that `lasts` is kept: a passing failure (out of memory) is not a property of the driver.
  ///
  /// - Throws: the answer, where it is a refusal.
  package func answer(
    to question: Question, lasts: (InteropError) -> Bool, ask: () throws(InteropError) -> Void
  ) throws(InteropError) {
    if let found = known.withLock({ $0[question] }) { return try found.get() }
    var answer = Result<Void, InteropError>.success(())
    do throws(InteropError) { try ask() } catch { answer = .failure(error) }
    if case .failure(let error) = answer, !lasts(error) { throw error }
    known.withLock { $0[question] = answer }
    try answer.get()
  }
}
