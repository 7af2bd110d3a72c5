package import InteropDrivers
internal import Glibc
package import RawImport

/// Pixels that show every usual mistake. Each corner has a colour of its own (a flip or a shift), red, green, blue and
/// alpha differ everywhere (exchanged channels), mid-grey 128 is there (an sRGB conversion makes 188 or 55 of it), and
/// no two variants agree in any pixel (a stale copy). Variant 2 is one colour.
///
/// The pattern consists of a few clears with a scissor, which every GL context draws identically, so that the pixels
/// that GL wrote are known without a query to GL.
package struct TestPattern: Sendable {
  package let size: PixelSize
  package let format: PixelFormat
  /// Whether alpha is 1 everywhere: any other alpha of an opaque image need not come across.
  package let isOpaque: Bool
  package let variant: Int
  /// The rows that are drawn and compared, in GL's numbers. Turned upside down, the picture has the same ones.
  package let rows: [Range<Int>]

  /// - Parameter rows: without overlaps; nil for all.
  package init(
    size: PixelSize, format: PixelFormat, isOpaque: Bool = false, variant: Int, rows: [Range<Int>]? = nil
  ) {
    self.size = size
    self.format = format
    self.isOpaque = isOpaque
    self.variant = variant
    self.rows = rows ?? [0..<size.height]
  }

  /// Bands of rows over the whole width: at both ends, at the quarters and in the middle. A wrong size, stride, offset
  /// or end of the memory shows in them, in a few per cent of the time that all rows take.
  ///
  /// All but the last are of 8 rows, so that each begins at a multiple of 8 texels in a buffer that holds them one after
  /// the other (`VkBufferImageCopy.bufferOffset`).
  ///
  /// - Returns: all rows of a small picture.
  package static func bands(of size: PixelSize) -> [Range<Int>] {
    let (height, band) = (size.height, 8)
    guard height > 10 * band else { return [0..<height] }
    let (quarter, middle) = (height / 4, height / 2 - band / 2)
    return [
      0..<band, quarter..<quarter + band, height - quarter - band..<height - quarter, height - band..<height,
      middle..<height - middle,
    ]
  }

  /// The number of rows that are drawn and compared.
  package var rowCount: Int { rows.reduce(0) { $0 + $1.count } }

  /// Whether the pattern is one colour, cleared without a scissor.
  private var isPlain: Bool { variant == 2 }

  /// The pattern's rectangles in GL's coordinates, later ones over earlier ones, with colours in 255ths.
  fileprivate var pieces: [(x: Int, y: Int, width: Int, height: Int, color: [UInt8])] {
    let w = size.width
    let h = size.height
    let halfW = max(w / 2, 1)
    let halfH = max(h / 2, 1)
    // The variants' colours differ in every channel.
    func shade(_ color: [UInt8]) -> [UInt8] { filled(variant % 2 == 0 ? color : color.map { 255 - $0 }) }
    func filled(_ color: [UInt8]) -> [UInt8] { isOpaque ? [color[0], color[1], color[2], 255] : color }
    if isPlain { return [(0, 0, w, h, filled([84, 148, 33, 110]))] }
    return [
      (0, 0, w, h, shade([128, 64, 191, 230])),
      (0, 0, halfW, halfH, shade([255, 26, 51, 204])),
      (w - halfW, 0, halfW, halfH, shade([38, 242, 77, 179])),
      (0, h - halfH, halfW, halfH, shade([13, 102, 255, 153])),
      (w - halfW, h - halfH, halfW, halfH, shade([128, 128, 128, 128])),
      (0, 0, 1, 1, shade([217, 166, 90, 64])),
    ]
  }

  /// Draws into a framebuffer, leaving the context's state as it was.
  package func draw(into framebuffer: GLuint, _ context: GLContext) throws(InteropError) {
    try context.preservingState { () throws(InteropError) in
      context.gl.glBindFramebuffer(
        GLenum(context.features.isES2 ? GL_FRAMEBUFFER : GL_DRAW_FRAMEBUFFER), framebuffer)
      try drawPieces(context)
      try context.check("glClearBufferfv", "GL cannot write the pattern")
    }
  }

  /// Clears the pieces into the bound framebuffer, in the neutral state of `preservingState`.
  private func drawPieces(_ context: GLContext) throws(InteropError) {
    let scale: Float = 255
    if isPlain { return context.clear(pieces[0].color.map { Float($0) / scale }) }
    // With even sides the corners meet and cover the ground.
    let hidesGround = size.width % 2 == 0 && size.height % 2 == 0
    try context.scissoring { setBox throws(InteropError) in
      for piece in hidesGround ? pieces.dropFirst() : pieces[...] {
        for part in rows.map({ $0.clamped(to: piece.y..<piece.y + piece.height) }) where !part.isEmpty {
          setBox(piece.x, part.lowerBound, piece.width, part.count)
          context.clear(piece.color.map { Float($0) / scale })
        }
      }
    }
  }

  /// The API whose byte order is meant.
  package enum Channels { case vulkan, gl }

  /// Compares tightly packed rows: those of ``rows``, in memory one after the other.
  ///
  /// - Parameters:
  ///   - flipped: whether row 0 is GL's top row.
  ///   - channels: the API whose order of red and blue the bytes have; GL's alias of a BGRA format has red first.
  package func compare(
    _ pixels: UnsafeRawBufferPointer, flipped: Bool, channels: Channels = .vulkan, step: String
  ) throws(InteropError) {
    let rowBytes = size.width * format.bytesPerPixel
    precondition(pixels.count >= rowBytes * rowCount, "as many rows as are compared")
    let content = PatternRows(self, channels)
    for (index, row) in rows.joined().enumerated() {
      let wanted = content[flipped ? size.height - 1 - row : row]
      let got = UnsafeRawBufferPointer(rebasing: pixels[index * rowBytes..<(index + 1) * rowBytes])
      let isEqual = wanted.withUnsafeBytes { memcmp($0.baseAddress!, got.baseAddress!, rowBytes) == 0 }
      if isEqual { continue }
      // A device that was not waited for may still be writing: the reported pixels must be the compared ones.
      let seen = [UInt8](got)
      guard let x = seen.withUnsafeBytes({ firstDifference(wanted, $0) }) else {
        if seen != wanted { continue }
        throw InteropError(
          .wrongPixels, step: step, reason: "row \(row) of \(size) \(format) changed while it was looked at")
      }
      let bytes = format.bytesPerPixel
      func text(_ row: [UInt8]) -> String {
        row.dropFirst(x * bytes).prefix(bytes).map(String.init).joined(separator: " ")
      }
      throw InteropError(
        .wrongPixels, step: step,
        reason: "pixel (\(x), \(row)) of \(size) \(format) is \(text(seen)), wanted \(text(wanted))")
    }
  }

  /// - Returns: the first pixel of a row that is wrong.
  private func firstDifference(_ wanted: [UInt8], _ got: UnsafeRawBufferPointer) -> Int? {
    let bytes = format.bytesPerPixel
    func word(_ row: UnsafeRawBufferPointer, _ x: Int) -> UInt64 {
      switch bytes {
      case 8: UInt64(littleEndian: row.loadUnaligned(fromByteOffset: x * 8, as: UInt64.self))
      case 4: UInt64(UInt32(littleEndian: row.loadUnaligned(fromByteOffset: x * 4, as: UInt32.self)))
      default: (0..<bytes).reduce(0) { $0 | UInt64(row[x * bytes + $1]) << (8 * UInt64($1)) }
      }
    }
    return wanted.withUnsafeBytes { wanted in
      // Rows have few colours: a pair of values that agreed a pixel ago is not compared again.
      var agreed: (UInt64, UInt64)?
      for x in 0..<size.width {
        let pair = (word(wanted, x), word(got, x))
        if pair.0 == pair.1 { continue }
        if let agreed, agreed == pair { continue }
        guard Self.agree(pair.0, pair.1, format) else { return x }
        agreed = pair
      }
      return nil
    }
  }

  package func compare(
    _ pixels: [UInt8], flipped: Bool, channels: Channels = .vulkan, step: String
  ) throws(InteropError) {
    // A closure of withUnsafeBytes cannot throw a typed error on every compiler this package is built with.
    let result = pixels.withUnsafeBytes { bytes in
      Result { () throws(InteropError) in try compare(bytes, flipped: flipped, channels: channels, step: step) }
    }
    try result.get()
  }

  /// Compares two pixels. 8-bit values are exact. Where the format does not have 255 steps, the driver that clears
  /// rounds freely (llvmpipe truncates to 10 bits), so a difference of one step is no error of the transfer.
  private static func agree(_ a: UInt64, _ b: UInt64, _ format: PixelFormat) -> Bool {
    func close(_ shift: UInt64, _ bits: UInt64) -> Bool {
      let mask: UInt64 = (1 << bits) - 1
      return abs(Int64(a >> shift & mask) - Int64(b >> shift & mask)) <= 1
    }
    switch format {
    case .rgb10a2: return close(0, 10) && close(10, 10) && close(20, 10) && close(30, 2)
    case .rgba16f: return (0..<4).allSatisfy { close($0 * 16, 16) }
    default: return false
    }
  }

  /// The bytes of a correct image's ``rows``, GL's row 0 first.
  package func bytes(_ channels: Channels) -> [UInt8] {
    let content = PatternRows(self, channels)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size.width * rowCount * format.bytesPerPixel)
    for y in rows.joined() { bytes += content[y] }
    return bytes
  }

  fileprivate static func encode(_ c: [UInt8], _ format: PixelFormat, exchanges: Bool) -> [UInt8] {
    switch format {
    case .r8: return [c[0]]
    case .rg8: return [c[0], c[1]]
    case .rgb10a2:
      func scaled(_ value: UInt8, _ maximum: Float) -> UInt32 { UInt32((Float(value) / 255 * maximum).rounded()) }
      let word = scaled(c[0], 1023) | scaled(c[1], 1023) << 10 | scaled(c[2], 1023) << 20 | scaled(c[3], 3) << 30
      return withUnsafeBytes(of: word.littleEndian) { Array($0) }
    case .rgba16f:
      return c.flatMap { value in withUnsafeBytes(of: HalfFloat.bits(Float(value) / 255).littleEndian) { Array($0) } }
    default:
      return exchanges ? [c[2], c[1], c[0], c[3]] : c
    }
  }
}

/// The rows of a pattern, GL's row 0 first. An image has millions of pixels and few different rows.
private struct PatternRows {
  /// The index in `rows` of each row's content.
  private var kinds: [Int: Int] = [:]
  private var rows: [[UInt8]] = []

  init(_ pattern: TestPattern, _ channels: TestPattern.Channels) {
    let pieces = pattern.pieces
    let exchanges = channels == .vulkan && pattern.format.channelOrder == .redBlueExchanged
    let pixels = pieces.map { TestPattern.encode($0.color, pattern.format, exchanges: exchanges) }
    var known: [[Bool]: Int] = [:]
    for y in pattern.rows.joined() {
      let covers = pieces.map { $0.y <= y && y < $0.y + $0.height }
      if let kind = known[covers] {
        kinds[y] = kind
        continue
      }
      var row = [UInt8](repeating: 0, count: pattern.size.width * pattern.format.bytesPerPixel)
      for (piece, pixel) in zip(pieces, pixels).enumerated().lazy.filter({ covers[$0.offset] }).map(\.element) {
        for x in piece.x..<piece.x + piece.width {
          for (offset, byte) in pixel.enumerated() { row[x * pixel.count + offset] = byte }
        }
      }
      known[covers] = rows.count
      kinds[y] = rows.count
      rows.append(row)
    }
  }

  subscript(y: Int) -> [UInt8] {
    guard let kind = kinds[y] else { preconditionFailure("row \(y) is none of the pattern's") }
    return rows[kind]
  }
}

/// IEEE 754 binary16, which Swift does not have on x86.
package enum HalfFloat {
  /// The nearest half of a value in 0...1, ties to even.
  package static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let exponent = Int(bits >> 23 & 0xFF) - 127 + 15
    guard exponent > 0 else { return UInt16((value * 16_777_216).rounded(.toNearestOrEven)) }  // subnormal: 2^-24
    let mantissa = bits & 0x7F_FFFF
    var half = UInt32(exponent) << 10 | mantissa >> 13
    let rest = mantissa & 0x1FFF
    if rest > 0x1000 || (rest == 0x1000 && half & 1 == 1) { half += 1 }
    return UInt16(half)
  }
}
