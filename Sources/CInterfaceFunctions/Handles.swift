internal import CInterface
internal import Capability
internal import InteropDrivers
internal import Producers
internal import RawImport

/// A handle of the header's.
protocol Handle {
  associatedtype Object: HandleObject
  var id: UInt64 { get }
  init(id: UInt64)
}

extension Handle {
  /// - Throws: ``InteropError/Code/invalidHandle``.
  func object() throws(InteropError) -> Object { try HandleTable.shared.get(id) }

  /// nil for 0.
  func optional() throws(InteropError) -> Object? { id == 0 ? nil : try object() }

  /// Takes the handle out of use.
  @discardableResult
  func remove() throws(InteropError) -> Object { try HandleTable.shared.remove(id) }
}

/// Makes an object and its handle, which is 0 when that fails.
func make<Made: Handle>(_ out: UnsafeMutablePointer<Made>?, _ body: () throws -> Made.Object) -> glvk_result {
  report {
    let out = try required(out, "out")
    out.pointee = Made(id: 0)
    out.pointee = Made(id: try HandleTable.shared.insert(body()))
  }
}

/// A pointer of the caller's that comes back to the caller's functions, wherever those are called.
struct UserData: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
}

/// Lets one thread at a time use what is not made for several, and tells the second instead of waiting: it may be the
/// first, in a callback.
final class Turnstile: Sendable {
  private let isTaken = Atomic<Bool>(false)

  /// - Throws: ``InteropError/Code/invalidState`` while somebody is inside; what `body` throws.
  func enter<Result: ~Copyable>(_ step: String, _ body: () throws -> Result) throws -> Result {
    guard !isTaken.exchange(true, ordering: .acquiring) else {
      throw InteropError(
        .invalidState, step: step, reason: "another call is using it",
        advice: "Use it from one thread at a time, and not from its own callbacks")
    }
    defer { isTaken.store(false, ordering: .releasing) }
    return try body()
  }
}
