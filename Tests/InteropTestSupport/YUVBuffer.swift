package import GLVulkanInterop

/// DMA-BUFs with a picture in them, as a decoder or a camera hands them out.
package enum YUVBuffer {
  /// All planes in one buffer, rows padded.
  package static func make(_ picture: YUVPicture, padding: Int = 0) throws(InteropError) -> DMABuf {
    let buffer = try allocate(picture.size, picture.format)
    try fill(buffer, picture.planeBytes(padding: padding))
    return buffer
  }

  /// Each plane in a buffer of its own.
  package static func makeDisjoint(_ picture: YUVPicture) throws(InteropError) -> DMABuf {
    var sizes = [picture.size, picture.chromaSize]
    let formats: [DRMFourCC]
    switch picture.format {
    case .p010: formats = [.r16, .gr1616]
    case .nv12: formats = [.r8, .gr88]
    default:
      formats = [.r8, .r8, .r8]
      sizes.append(picture.chromaSize)
    }
    var parts: [DMABuf] = []
    for ((size, format), bytes) in zip(zip(sizes, formats), picture.planeBytes()) {
      let part = try allocate(size, format)
      try fill(part, [bytes])
      parts.append(part)
    }
    let planes = parts.map { part in
      DMABuf.PlaneDescriptor(
        descriptor: part.withDescriptors { $0[0] }, offset: part.planes[0].offset, stride: part.planes[0].stride)
    }
    return try withExtendedLifetime(parts) { () throws(InteropError) in
      try DMABuf(size: picture.size, format: picture.format, modifier: .linear, planes: planes)
    }
  }

  private static func allocate(_ size: PixelSize, _ format: DRMFourCC) throws(InteropError) -> DMABuf {
    try UDMABuf().makeBuffer(size: size, format: format)
  }

  /// Tightly packed planes, as ``YUVPicture/planeBytes(strides:padding:)`` has them.
  package static func fill(_ buffer: DMABuf, _ planes: [[UInt8]]) throws(InteropError) {
    try buffer.map(for: .write) { (mapped) throws(InteropError) in
      for (plane, bytes) in zip(mapped, planes) {
        for row in 0..<plane.rowCount {
          plane.row(row).copyBytes(from: bytes[row * plane.rowBytes..<(row + 1) * plane.rowBytes])
        }
      }
    }
  }
}
