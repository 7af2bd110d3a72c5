internal import InteropBase
internal import FoundationEssentials

/// The part of a socket message beside the descriptors: 8 bytes, then JSON. The bytes are `DMB1` and the JSON's length,
/// 32 bits little-endian.
struct DMABufMessage: Codable {
  var image: DMABufDescription
  /// The number of buffer descriptors, which ``DMABufDescription/Plane/object`` indexes.
  var buffers: Int
  /// Whether a sync_file follows them.
  var fence: Bool

  static let headerLength = 8
  /// Four planes take some 400 bytes.
  static let longestBody = 4096
  /// One buffer for each plane, and the fence.
  static let mostDescriptors = DMABufDescription.maximumPlanes + 1
  private static let magic: [UInt8] = Array("DMB1".utf8)

  /// Encodes header and body.
  func encoded() throws(InteropError) -> [UInt8] {
    let body: Data
    do { body = try JSONEncoder().encode(self) } catch {
      throw InteropError(
        .invalidArgument, step: "send the DMA-BUF", reason: "the description cannot be written: \(error)")
    }
    guard body.count <= Self.longestBody else {
      throw InteropError(
        .invalidArgument, step: "send the DMA-BUF", reason: "the description takes \(body.count) bytes")
    }
    let length = UInt32(body.count)
    return Self.magic + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + body
  }

  /// Reads the body's length from a header.
  static func bodyLength(_ header: some Collection<UInt8>) throws(InteropError) -> Int {
    let bytes = Array(header)
    guard bytes.count == headerLength, bytes.starts(with: magic) else {
      throw refusal("what came is no DMA-BUF", "Is the sender another program, or did an earlier message fail?")
    }
    let length = bytes[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard (1...longestBody).contains(length) else {
      throw refusal("a description of \(length) bytes was announced")
    }
    return length
  }

  init(image: DMABufDescription, buffers: Int, fence: Bool) {
    self.image = image
    self.buffers = buffers
    self.fence = fence
  }

  init(body: some Collection<UInt8>) throws(InteropError) {
    do { self = try JSONDecoder().decode(Self.self, from: Data(body)) } catch {
      throw Self.refusal("the description cannot be read")
    }
  }

  static func refusal(_ reason: String, _ advice: String? = nil) -> InteropError {
    InteropError(
      .invalidArgument, step: "receive the DMA-BUF", reason: reason,
      advice: advice ?? "Close the socket: its other end does not keep to the protocol")
  }
}
