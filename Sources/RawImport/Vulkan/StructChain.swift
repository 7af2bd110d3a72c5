/// Allocates Vulkan structures that point to each other (`pNext`) and to arrays, and frees them together.
///
/// For set-up code. Per-frame code uses `withUnsafePointer` instead.
package struct StructChain: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []

  package init() {}

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// Copies `value` to an address that stays valid until the chain goes away.
  package mutating func add<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    blocks.append(pointer)
    return pointer
  }

  /// Copies the elements of an array, as ``add(_:)`` does.
  package mutating func add<Value: BitwiseCopyable>(contentsOf values: [Value]) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
    pointer.initialize(from: values, count: values.count)
    blocks.append(pointer)
    return pointer
  }

  /// Copies C strings and makes the array of pointers to them that Vulkan takes for extension names.
  package mutating func add(strings: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let pointers = strings.map { UnsafePointer(add(contentsOf: $0.utf8CString.map { $0 })) as UnsafePointer<CChar>? }
    return UnsafePointer(add(contentsOf: pointers))
  }
}
