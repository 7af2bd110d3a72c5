package import InteropDrivers

extension InteropError {
  /// Stands for an error of the application's closure inside calls that throw ``InteropError`` only.
  ///
  /// Calls with a closure of the application's throw `any Error`: what the closure throws, unchanged, or an
  /// ``InteropError``. All other calls throw ``InteropError`` only. Swift has no type for "either of two errors" that a
  /// `catch` could tell apart by type.
  package static var ofClosure: InteropError {
    InteropError(.invalidState, step: "run the closure", reason: "the closure threw an error")
  }
}
