import Glibc
package import GLVulkanInterop

/// Pixels without any symmetry: each byte is a hash of its place, so that a flip, a shift, exchanged channels, a wrong
/// stride, a conversion or a stale copy differs almost everywhere. Made here and not by the library, which has a
/// pattern of its own for its checks.
package struct PixelPattern {
  package let size: PixelSize
  package let format: PixelFormat
  /// As `glReadPixels` with the format's transfer format gives them, GL's row 0 first.
  package let glBytes: [UInt8]

  package init(_ size: PixelSize, _ format: PixelFormat, seed: UInt64) {
    self.size = size
    self.format = format
    let count = size.width * size.height * format.bytesPerPixel
    glBytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
      func next() -> UInt64 {
        // splitmix64
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
      }
      if format == .rgba16f {
        // Halves between 1/16 and 1: finite, normal, exact in float.
        for index in 0..<count / 2 {
          let half = UInt16(0x2C00) + UInt16(next() % 0x1000)
          buffer[index * 2] = UInt8(half & 0xFF)
          buffer[index * 2 + 1] = UInt8(half >> 8)
        }
      } else {
        for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: next()) }
      }
      // A known first pixel: mid-grey where one channel is, else four different ones.
      if format.bytesPerPixel == 4, format != .rgb10a2 {
        for (index, byte) in [UInt8(128), 64, 200, 255].enumerated() { buffer[index] = byte }
      }
      initialized = count
    }
  }

  /// The same pixels in the Vulkan image's channel order.
  package var vulkanBytes: [UInt8] {
    guard format.channelOrder == .redBlueExchanged else { return glBytes }
    var bytes = glBytes
    for at in stride(from: 0, to: bytes.count, by: 4) { bytes.swapAt(at, at + 2) }
    return bytes
  }

  /// Rows in the opposite order.
  package static func flipped(_ bytes: [UInt8], _ size: PixelSize) -> [UInt8] {
    let row = bytes.count / size.height
    return (0..<size.height).reversed().flatMap { bytes[$0 * row..<($0 + 1) * row] }
  }

  /// The first difference in words, nil if there is none.
  package static func difference(_ got: [UInt8], _ wanted: [UInt8], _ size: PixelSize, _ format: PixelFormat) -> String?
  {
    guard got.count == wanted.count else { return "\(got.count) bytes instead of \(wanted.count)" }
    // memcmp over the whole picture; only a difference is looked for byte by byte.
    if got.withUnsafeBytes({ a in wanted.withUnsafeBytes { b in memcmp(a.baseAddress!, b.baseAddress!, a.count) } })
      == 0
    {
      return nil
    }
    let bytes = format.bytesPerPixel
    let wrong = stride(from: 0, to: got.count, by: bytes).filter { at in
      got[at..<at + bytes] != wanted[at..<at + bytes]
    }
    let at = wrong[0]
    return "\(wrong.count) of \(size.width * size.height) pixels differ, first (\(at / bytes % size.width),"
      + " \(at / bytes / size.width)): \(Array(got[at..<at + bytes])) instead of \(Array(wanted[at..<at + bytes]))"
  }
}
