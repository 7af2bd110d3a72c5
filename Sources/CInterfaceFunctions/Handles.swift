internal import CInterface
internal import Capability
internal import InteropDrivers
internal import Producers
internal import RawImport

/// A handle type of the header.
protocol Handle {
  associatedtype Object: HandleObject
  var id: UInt64 { get }
  init(id: UInt64)
}

extension Handle {
  /// - Throws: ``InteropError/Code/invalidHandle``.
  func object() throws(InteropError) -> Object { try HandleTable.shared.get(id) }

  /// The object of the handle; nil for 0.
  func optional() throws(InteropError) -> Object? { id == 0 ? nil : try object() }

  /// Removes the handle, which is invalid afterwards.
  @discardableResult
  func remove() throws(InteropError) -> Object { try HandleTable.shared.remove(id) }
}

/// Makes an object and its handle, which is 0 on failure.
func make<Made: Handle>(_ out: UnsafeMutablePointer<Made>?, _ body: () throws -> Made.Object) -> glvk_result {
  report {
    let out = try required(out, "out")
    out.pointee = Made(id: 0)
    out.pointee = Made(id: try HandleTable.shared.insert(body()))
  }
}

/// A pointer that the application gives and that the package passes to the application's callbacks, on any thread.
struct UserData: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
}

/// Admits one thread at a time to an object that is not made for several. It rejects a second call instead of blocking
/// it, because that call may come from the first thread, in a callback.
final class Turnstile: Sendable {
  private let isTaken = Atomic<Bool>(false)

  /// - Throws: ``InteropError/Code/invalidState`` while another call is inside; the errors of `body`.
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
