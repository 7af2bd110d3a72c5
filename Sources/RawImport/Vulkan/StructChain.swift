/// Memory for Vulkan structures that point at each other (`pNext`) and at arrays, freed together.
///
/// For set-up code. What runs per frame uses `withUnsafePointer` instead.
package struct StructChain: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []

  package init() {}

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// Keeps a copy of `value` at an address that stays good until the chain goes away.
  package mutating func add<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    blocks.append(pointer)
    return pointer
  }

  /// As ``add(_:)`` for the elements of an array.
  package mutating func add<Value: BitwiseCopyable>(contentsOf values: [Value]) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
    pointer.initialize(from: values, count: values.count)
    blocks.append(pointer)
    return pointer
  }

  /// C strings, and the array of pointers to them that Vulkan wants for extension names.
  package mutating func add(strings: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let pointers = strings.map { UnsafePointer(add(contentsOf: $0.utf8CString.map { $0 })) as UnsafePointer<CChar>? }
    return UnsafePointer(add(contentsOf: pointers))
  }
}
