package import Drivers
package import RawImport

/// Pixels that show every usual mistake: each corner has a colour of its own (a flip or a shift), red, green, blue and
/// alpha differ everywhere (exchanged channels), mid-grey 128 is there (an sRGB conversion makes 188 or 55 of it), and no
/// two variants agree in any pixel (a stale copy).
///
/// Made of a few clears with a scissor, which every GL context can do the same way, so that what GL wrote is known
/// without asking GL.
package struct TestPattern: Sendable {
  package let size: PixelSize
  package let format: PixelFormat
  package let variant: Int

  package init(size: PixelSize, format: PixelFormat, variant: Int) {
    self.size = size
    self.format = format
    self.variant = variant
  }

  /// Rectangles in GL's coordinates, later ones over earlier ones, with colours in 255ths.
  private var pieces: [(x: Int, y: Int, width: Int, height: Int, color: [UInt8])] {
    let w = size.width
    let h = size.height
    let halfW = max(w / 2, 1)
    let halfH = max(h / 2, 1)
    // The variants' colours differ in every channel.
    func shade(_ color: [UInt8]) -> [UInt8] { variant % 2 == 0 ? color : color.map { 255 - $0 } }
    return [
      (0, 0, w, h, shade([128, 64, 191, 230])),
      (0, 0, halfW, halfH, shade([255, 26, 51, 204])),
      (w - halfW, 0, halfW, halfH, shade([38, 242, 77, 179])),
      (0, h - halfH, halfW, halfH, shade([13, 102, 255, 153])),
      (w - halfW, h - halfH, halfW, halfH, shade([128, 128, 128, 128])),
      (0, 0, 1, 1, shade([217, 166, 90, 64])),
    ]
  }

  /// Clears the pieces into the framebuffer bound to `GL_DRAW_FRAMEBUFFER`.
  package func draw(_ gl: GLFunctions) {
    let scale: Float = 255
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    for piece in pieces {
      gl.glScissor(GLint(piece.x), GLint(piece.y), GLsizei(piece.width), GLsizei(piece.height))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, piece.color.map { Float($0) / scale })
    }
    gl.glDisable(GLenum(GL_SCISSOR_TEST))
  }

  /// Draws into a framebuffer, leaving the context's state as it was.
  package func draw(into framebuffer: GLuint, _ context: GLContext) throws(InteropError) {
    try context.preservingScissor { () throws(InteropError) in
      try context.preservingState { () throws(InteropError) in
        context.gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), framebuffer)
        draw(context.gl)
        try context.check("glClearBufferfv", "GL cannot write the pattern")
      }
    }
  }

  /// Draws into an image during GL's turn: straight, or through a framebuffer of its own that is then copied.
  package func draw(into image: SharedImage, blitter: FramebufferBlitter?) throws(InteropError) {
    let context = image.context
    if image.description.mode == .direct, let framebuffer = image.glFramebuffer {
      return try draw(into: framebuffer, context)
    }
    let source = try DrawTarget(format.glInternalFormat, size, samples: 1, context)
    try draw(into: source.framebuffer, context)
    try (blitter ?? FramebufferBlitter(context)).copy(
      from: GLFramebuffer(name: source.framebuffer, size: size), to: image)
  }

  /// Whose bytes.
  package enum Channels { case vulkan, gl }

  /// Compares tightly packed rows.
  ///
  /// - Parameters:
  ///   - flipped: whether row 0 is GL's top row.
  ///   - channels: whose order of red and blue the bytes are in; GL's alias of a BGRA format has red first.
  package func compare(
    _ pixels: [UInt8], flipped: Bool, channels: Channels = .vulkan, step: String
  ) throws(InteropError) {
    let expected = bytes(channels)
    let rowBytes = size.width * format.bytesPerPixel
    for row in 0..<size.height {
      let wanted = expected[(flipped ? size.height - 1 - row : row) * rowBytes..<(flipped ? size.height - row : row + 1) * rowBytes]
      let got = pixels[row * rowBytes..<(row + 1) * rowBytes]
      if wanted.elementsEqual(got) { continue }
      let bytes = format.bytesPerPixel
      func pixel(_ row: ArraySlice<UInt8>, _ x: Int) -> ArraySlice<UInt8> {
        row.dropFirst(x * bytes).prefix(bytes)
      }
      guard let x = (0..<size.width).first(where: { !Self.agree(pixel(wanted, $0), pixel(got, $0), format) }) else {
        continue
      }
      func text(_ pixel: ArraySlice<UInt8>) -> String { pixel.map(String.init).joined(separator: " ") }
      throw InteropError(
        .wrongPixels, step: step,
        reason: "pixel (\(x), \(row)) of \(size) \(format) is \(text(pixel(got, x))), wanted \(text(pixel(wanted, x)))")
    }
  }

  /// 8-bit values are exact. Where the format has other steps than 255, the driver that clears rounds as it likes
  /// (llvmpipe truncates to 10 bits), so one step up or down is no error of the way the pixel went.
  private static func agree(_ wanted: ArraySlice<UInt8>, _ got: ArraySlice<UInt8>, _ format: PixelFormat) -> Bool {
    if wanted.elementsEqual(got) { return true }
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    let (a, b) = (word(wanted), word(got))
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

  /// The bytes if all is right, GL's row 0 first.
  package func bytes(_ channels: Channels) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size.width * size.height * format.bytesPerPixel)
    for piece in pieces {
      let pixel = Self.encode(piece.color, format, exchanges: channels == .vulkan && format.channelOrder == .redBlueExchanged)
      for y in piece.y..<piece.y + piece.height {
        for x in piece.x..<piece.x + piece.width {
          let at = (y * size.width + x) * pixel.count
          for (offset, byte) in pixel.enumerated() { bytes[at + offset] = byte }
        }
      }
    }
    return bytes
  }

  private static func encode(_ c: [UInt8], _ format: PixelFormat, exchanges: Bool) -> [UInt8] {
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

extension GLContext {
  /// Puts the scissor rectangle back, which ``preservingState(_:)`` only disables.
  package func preservingScissor(_ body: () throws(InteropError) -> Void) throws(InteropError) {
    var box: (GLint, GLint, GLint, GLint) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &box) {
      gl.glGetIntegerv(GLenum(GL_SCISSOR_BOX), $0.bindMemory(to: GLint.self).baseAddress)
    }
    defer { gl.glScissor(box.0, box.1, box.2, box.3) }
    try body()
  }
}
