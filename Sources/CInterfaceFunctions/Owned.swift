internal import InteropDrivers

/// A value that has one owner (a frame, a target) behind a handle, until a call consumes it.
final class Owned<Value: ~Copyable & Sendable>: @unchecked Sendable {
  // Allocated memory, because the value is not copyable.
  private let storage = UnsafeMutablePointer<Value>.allocate(capacity: 1)
  private var isThere = true
  private let turnstile = Turnstile()
  private let name: String

  /// The error to throw, and whether it ended the value.
  struct Judgement {
    let error: InteropError
    let isOver: Bool
  }

  init(_ name: String, _ value: consuming Value) {
    self.name = name
    storage.initialize(to: value)
  }

  deinit {
    if isThere { storage.deinitialize(count: 1) }
    storage.deallocate()
  }

  /// Runs one call at a time, and only while the value exists.
  func use<Result: ~Copyable>(_ step: String, _ body: (borrowing Value) throws -> Result) throws -> Result {
    try turnstile.enter(step) {
      try check(step)
      return try body(storage.pointee)
    }
  }

  /// Runs `body`, which ends the value: after success, and after an error for which `judge` says so, it no longer
  /// exists.
  ///
  /// - Parameter isOver: called inside when the value has gone.
  func end(
    _ step: String, isOver: () -> Void, judge: (InteropError, borrowing Value) -> Judgement,
    _ body: (borrowing Value) throws(InteropError) -> Void
  ) throws {
    try turnstile.enter(step) {
      try attempt(step, isOver, judge, body)
      finish(isOver)
    }
  }

  /// Does the same as ``end(_:isOver:judge:_:)`` for a value that becomes another one after success.
  func exchange<Result: ~Copyable>(
    _ step: String, isOver: () -> Void, judge: (InteropError, borrowing Value) -> Judgement,
    _ body: (borrowing Value) throws(InteropError) -> Void, for next: (consuming Value) -> Result
  ) throws -> Result {
    try turnstile.enter(step) {
      try attempt(step, isOver, judge, body)
      isThere = false
      isOver()
      return next(storage.move())
    }
  }

  /// Moves the value out, to a new owner.
  func take(_ step: String, isOver: () -> Void) throws -> Value {
    try turnstile.enter(step) {
      try check(step)
      isThere = false
      isOver()
      return storage.move()
    }
  }

  private func attempt(
    _ step: String, _ isOver: () -> Void, _ judge: (InteropError, borrowing Value) -> Judgement,
    _ body: (borrowing Value) throws(InteropError) -> Void
  ) throws(InteropError) {
    try check(step)
    do throws(InteropError) {
      try body(storage.pointee)
    } catch {
      let judgement = judge(error, storage.pointee)
      if judgement.isOver { finish(isOver) }
      throw judgement.error
    }
  }

  private func finish(_ isOver: () -> Void) {
    isThere = false
    isOver()
    // Destroys the value, which has no effect on one that was released.
    storage.deinitialize(count: 1)
  }

  private func check(_ step: String) throws(InteropError) {
    guard isThere else {
      throw InteropError(.invalidHandle, step: step, reason: "the \(name) was ended by another thread")
    }
  }
}
