package import InteropBase

/// What a feature keeps with a context or a device: one object of each type, made when it is asked for first.
///
/// A feature so remembers what it found out there, and neither the context nor the device names the feature.
package final class FeatureCache: Sendable {
  /// What can be kept: it starts empty, and locks what it keeps.
  package protocol Object: AnyObject, Sendable { init() }

  private let objects = Mutex<[ObjectIdentifier: any Object]>([:])

  package init() {}

  /// The object of this type.
  package func object<Kept: Object>(_ type: Kept.Type = Kept.self) -> Kept {
    objects.withLock { objects in
      if let known = objects[ObjectIdentifier(type)] as? Kept { return known }
      let made = Kept()
      objects[ObjectIdentifier(type)] = made
      return made
    }
  }
}

/// Answers of a driver, by what they depend on.
package final class Answers<Question: Hashable & Sendable>: FeatureCache.Object {
  private let known = Mutex<[Question: Result<Void, InteropError>]>([:])

  package init() {}

  /// The answer that is known, or that `ask` finds.
  ///
  /// Only what `lasts` is kept: a failure of the moment (out of memory) is no property of the driver.
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
