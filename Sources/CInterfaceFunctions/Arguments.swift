internal import CInterface
internal import InteropDrivers
internal import Glibc

// These functions check values from C before any other use of them.

func invalidArgument(_ step: String, _ reason: String, _ advice: String? = nil) -> InteropError {
  InteropError(.invalidArgument, step: step, reason: reason, advice: advice)
}

/// Checks the pointer that receives the result.
func required<Value>(_ out: UnsafeMutablePointer<Value>?, _ name: String) throws(InteropError) -> UnsafeMutablePointer<
  Value
> {
  guard let out else { throw invalidArgument("check \(name)", "\(name) is NULL") }
  return out
}

/// Checks a function pointer that the application must give.
func required<Function>(_ function: Function?, _ name: String) throws(InteropError) -> Function {
  guard let function else { throw invalidArgument("check \(name)", "\(name) is NULL") }
  return function
}

/// A structure that has grown since its first version: applications that were compiled against that version give a
/// smaller `struct_size`.
protocol GrownStruct {
  /// The offset of the first member that the first version lacks.
  static var firstAddition: Int? { get }
}

/// Structures that begin with `size_t struct_size`.
enum SizedStruct {
  /// The largest `struct_size` that is accepted. No structure of this interface comes near it; a larger number means
  /// that the member was never set.
  private static let limit = 1 << 16

  /// Reads the application's structure in this version's layout. Members that the application's version lacks are 0;
  /// members that this version does not know must be 0.
  ///
  /// - Returns: nil for NULL.
  static func read<Value>(_ pointer: UnsafePointer<Value>?, _ name: String) throws(InteropError) -> Value? {
    guard let pointer else { return nil }
    let size = try size(pointer, Value.self, name)
    let known = MemoryLayout<Value>.size
    if size > known {
      let tail = UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer) + known, count: size - known)
      guard tail.allSatisfy({ $0 == 0 }) else {
        throw invalidArgument(
          "check \(name)", "it has members of a later version, which are not 0",
          "Use a libglvulkaninterop.so of that version")
      }
    }
    return withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer in
      let raw = UnsafeMutableRawPointer(buffer.baseAddress!)
      memset(raw, 0, known)
      memcpy(raw, pointer, min(size, known))
      return buffer[0]
    }
  }

  /// Does the same as ``read(_:_:)`` for a structure that must be given.
  static func readRequired<Value>(_ pointer: UnsafePointer<Value>?, _ name: String) throws(InteropError) -> Value {
    guard let value = try read(pointer, name) else { throw invalidArgument("check \(name)", "\(name) is NULL") }
    return value
  }

  /// Checks, before any work is done, that the result will fit.
  static func checkOut<Value>(
    _ pointer: UnsafeMutablePointer<Value>?, _ name: String
  ) throws(InteropError) -> UnsafeMutablePointer<Value> {
    let pointer = try required(pointer, name)
    _ = try size(UnsafePointer(pointer), Value.self, name)
    return pointer
  }

  /// Writes the members of the result that the application's version knows.
  static func write<Value>(_ value: Value, to pointer: UnsafeMutablePointer<Value>) {
    let raw = UnsafeMutableRawPointer(pointer)
    let size = raw.load(as: Int.self)
    let known = MemoryLayout<Value>.size
    withUnsafeBytes(of: value) { bytes in _ = memcpy(raw, bytes.baseAddress!, min(size, known)) }
    if size > known { memset(raw + known, 0, size - known) }
    raw.storeBytes(of: size, as: Int.self)
  }

  private static func size<Value>(
    _ pointer: UnsafePointer<Value>, _ type: Value.Type, _ name: String
  ) throws(InteropError) -> Int {
    guard UInt(bitPattern: pointer) % UInt(MemoryLayout<Value>.alignment) == 0 else {
      throw invalidArgument("check \(name)", "its address is not aligned")
    }
    let size = UnsafeRawPointer(pointer).load(as: UInt.self)
    // The size in the first version: no application has a smaller structure.
    let smallest = (Value.self as? any GrownStruct.Type)?.firstAddition ?? MemoryLayout<Value>.size
    guard size >= smallest, size <= limit else {
      throw invalidArgument(
        "check \(name)", "struct_size is \(size), not \(MemoryLayout<Value>.size)", "Begin with GLVK_INIT(structure)")
    }
    return Int(size)
  }
}

/// Reads an array that the application lends.
func array<Element>(
  _ pointer: UnsafePointer<Element>?, _ count: UInt32, _ name: String
) throws(InteropError) -> [Element] {
  guard count > 0 else { return [] }
  guard count <= 1 << 20 else { throw invalidArgument("check \(name)", "there are \(count) of them") }
  guard let pointer else { throw invalidArgument("check \(name)", "\(count) are announced and the pointer is NULL") }
  return Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
}

/// Reads an array of strings that the application lends.
func strings(
  _ pointer: UnsafePointer<UnsafePointer<CChar>?>?, _ count: UInt32, _ name: String
) throws(InteropError) -> [String] {
  var result: [String] = []
  for (index, element) in try array(pointer, count, name).enumerated() {
    guard let element else { throw invalidArgument("check \(name)", "entry \(index) is NULL") }
    result.append(String(cString: element))
  }
  return result
}

/// Writes a list into the application's array; with capacity 0, only its count.
func put<Element>(
  _ elements: [Element], _ pointer: UnsafeMutablePointer<Element>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?,
  _ name: String
) throws(InteropError) {
  let count = try required(count, "count")
  guard capacity != 0 else { return count.pointee = elements.count }
  guard let pointer else { throw invalidArgument("check \(name)", "\(name) is NULL and the capacity \(capacity)") }
  count.pointee = elements.count
  guard capacity < 0 || elements.count <= capacity else {
    throw InteropError(
      .bufferTooSmall, step: "write \(name)", reason: "there are \(elements.count), and room for \(capacity)",
      advice: "Call with capacity 0 to learn how many there are")
  }
  for (index, element) in elements.enumerated() { pointer[index] = element }
}

/// Writes a text and its terminating 0 into a fixed array of a structure, truncated at a whole character.
func copy<Characters>(_ text: String, into array: inout Characters) {
  withUnsafeMutableBytes(of: &array) { bytes in
    memset(bytes.baseAddress!, 0, bytes.count)
    copy(text, into: bytes)
  }
}

/// Does the same for a buffer; the bytes behind the 0 stay as they are. An empty buffer gets nothing.
func copy(_ text: String, into bytes: UnsafeMutableRawBufferPointer) {
  guard bytes.count > 0 else { return }
  var at = 0
  for character in text.unicodeScalars {
    let encoded = UTF8.encode(character)!
    guard at + encoded.count < bytes.count else { break }
    for byte in encoded {
      bytes[at] = byte
      at += 1
    }
  }
  bytes[at] = 0
}

/// Copies 16 bytes into a fixed array of a structure.
func copy<Bytes>(_ uuid: [UInt8], into array: inout Bytes) {
  withUnsafeMutableBytes(of: &array) { $0.copyBytes(from: uuid.prefix($0.count)) }
}

extension Duration {
  /// Larger numbers become the longest duration.
  init(nanoseconds: UInt64) { self = .nanoseconds(Int64(clamping: nanoseconds)) }

  /// The duration in nanoseconds, clamped to the range of the type.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow2) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || overflow2 ? (seconds < 0 ? .min : .max) : sum
  }
}

func flag(_ value: Bool) -> UInt32 { value ? 1 : 0 }
