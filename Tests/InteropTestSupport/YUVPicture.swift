package import GLVulkanInterop

/// A YUV picture of the tests: codes in planes, and the RGB that the ITU's formulas make of them, in double precision
/// and written here from the recommendations, not taken from the library.
package struct YUVPicture {
  package let size: PixelSize
  package let format: DRMFourCC
  /// Luma, blue difference, red difference, row by row: 8 or 10 bits.
  package private(set) var codes: [[Int]]

  package var bitDepth: Int { format == .p010 ? 10 : 8 }
  package var chromaSize: PixelSize { PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2) }

  /// Every code at random, those outside of the limited range too.
  package static func random(_ size: PixelSize, _ format: DRMFourCC, seed: UInt64) -> YUVPicture {
    var picture = YUVPicture(size, format)
    var state = seed
    func next(below limit: Int) -> Int {
      // SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ z >> 31) % UInt64(limit))
    }
    for plane in 0..<3 {
      for index in picture.codes[plane].indices { picture.codes[plane][index] = next(below: 1 << picture.bitDepth) }
    }
    return picture
  }

  /// Blocks of 2x2 pixels: the eight corners of the RGB cube, the eight corners of the codes (which clamp), then a ramp
  /// of greys through all of the luma codes.
  package static func known(_ size: PixelSize, _ format: DRMFourCC, _ encoding: YUVEncoding) -> YUVPicture {
    var picture = YUVPicture(size, format)
    let top = 1 << picture.bitDepth
    let columns = picture.chromaSize.width
    let blocks = columns * picture.chromaSize.height
    for y in 0..<size.height {
      for x in 0..<size.width {
        let block = y / 2 * columns + x / 2
        let corner = [block & 1, block >> 1 & 1, block >> 2 & 1]
        let triple: [Int]
        switch block {
        case 0..<8:
          triple = YUVReference(encoding, bitDepth: picture.bitDepth).encode(corner.map(Double.init))
        case 8..<16: triple = corner.map { $0 * (top - 1) }
        default: triple = [(block - 16) * (top - 1) / max(blocks - 17, 1), top / 2, top / 2]
        }
        picture.codes[0][y * size.width + x] = triple[0]
        picture.codes[1][block] = triple[1]
        picture.codes[2][block] = triple[2]
      }
    }
    return picture
  }

  /// All pixels the same, for colours from the literature.
  package static func uniform(_ size: PixelSize, _ format: DRMFourCC, _ codes: [Int]) -> YUVPicture {
    var picture = YUVPicture(size, format)
    for plane in 0..<3 { picture.codes[plane] = picture.codes[plane].map { _ in codes[plane] } }
    return picture
  }

  private init(_ size: PixelSize, _ format: DRMFourCC) {
    self.size = size
    self.format = format
    codes = []
    let chroma = chromaSize
    codes = [
      [Int](repeating: 0, count: size.width * size.height), [Int](repeating: 0, count: chroma.width * chroma.height),
      [Int](repeating: 0, count: chroma.width * chroma.height),
    ]
  }

  /// The bytes of each memory plane, rows `strides` bytes apart; nil: tightly packed.
  ///
  /// - Parameter padding: the lower six bits of P010's words, which no reader may use.
  package func planeBytes(strides: [Int]? = nil, padding: Int = 0) -> [[UInt8]] {
    let chroma = chromaSize
    func word(_ code: Int) -> [UInt8] {
      guard format == .p010 else { return [UInt8(code)] }
      let word = code << 6 | padding
      return [UInt8(word & 255), UInt8(word >> 8)]
    }
    func plane(_ index: Int, _ size: PixelSize, _ samples: [[Int]]) -> [UInt8] {
      var bytes: [UInt8] = []
      for y in 0..<size.height {
        let start = bytes.count
        for x in 0..<size.width { for channel in samples { bytes += word(channel[y * size.width + x]) } }
        if let strides { bytes += [UInt8](repeating: 0xA5, count: strides[index] - (bytes.count - start)) }
      }
      return bytes
    }
    return format == .yuv420
      ? [plane(0, size, [codes[0]]), plane(1, chroma, [codes[1]]), plane(2, chroma, [codes[2]])]
      : [plane(0, size, [codes[0]]), plane(1, chroma, [codes[1], codes[2]])]
  }

  /// Red, green and blue of every pixel, 0 to 1.
  package func rgb(_ encoding: YUVEncoding) -> [[Double]] {
    let reference = YUVReference(encoding, bitDepth: bitDepth)
    var pixels: [[Double]] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        let luma = Double(codes[0][y * size.width + x])
        pixels.append(reference.decode(luma, chroma(1, x, y, encoding), chroma(2, x, y, encoding)))
      }
    }
    return pixels
  }

  private func chroma(_ plane: Int, _ x: Int, _ y: Int, _ encoding: YUVEncoding) -> Double {
    let chroma = chromaSize
    guard encoding.chromaFilter == .linear else { return Double(codes[plane][y / 2 * chroma.width + x / 2]) }
    // A tent over every chroma sample at its place in pixels; beyond the edges the outermost sample goes on.
    func weights(_ pixel: Int, _ count: Int, _ siting: YUVEncoding.ChromaLocation) -> [(Int, Double)] {
      (-1...count).compactMap { sample in
        let place = Double(sample * 2) + (siting == .midpoint ? 0.5 : 0)
        let weight = 1 - abs(place - Double(pixel)) / 2
        return weight > 0 ? (min(max(sample, 0), count - 1), weight) : nil
      }
    }
    var sum = 0.0
    for (row, vertical) in weights(y, chroma.height, encoding.verticalSiting) {
      for (column, horizontal) in weights(x, chroma.width, encoding.horizontalSiting) {
        sum += vertical * horizontal * Double(codes[plane][row * chroma.width + column])
      }
    }
    return sum
  }

  // MARK: Comparing

  /// The largest difference of 8-bit RGBA pixels to what they should be, in 255ths, with its place; alpha must be 255.
  package func difference(_ rgba: [UInt8], _ encoding: YUVEncoding) -> (largest: Double, text: String) {
    difference(rgba.map { Double($0) / 255 }, encoding)
  }

  /// As ``difference(_:_:)`` for half floats.
  package func difference(halves: [UInt8], _ encoding: YUVEncoding) -> (largest: Double, text: String) {
    let values = stride(from: 0, to: halves.count, by: 2).map {
      Double(Float16(bitPattern: UInt16(halves[$0]) | UInt16(halves[$0 + 1]) << 8))
    }
    return difference(values, encoding)
  }

  private func difference(_ rgba: [Double], _ encoding: YUVEncoding) -> (largest: Double, text: String) {
    let wanted = rgb(encoding)
    guard rgba.count == wanted.count * 4 else { return (.infinity, "\(rgba.count) values for \(wanted.count) pixels") }
    var (largest, text) = (-1.0, "")
    for (index, pixel) in wanted.enumerated() {
      let got = rgba[index * 4..<index * 4 + 4].map { $0 * 255 }
      let off = zip(got, pixel + [1]).map { abs($0 - $1 * 255) }.max() ?? .infinity
      guard off > largest else { continue }
      largest = off
      text = "pixel (\(index % size.width), \(index / size.width)) is \(got), not \(pixel.map { $0 * 255 })"
    }
    return (largest, text)
  }
}

/// R'G'B' and codes, by the recommendations' own numbers.
package struct YUVReference {
  private let luma: (red: Double, green: Double, blue: Double)
  /// What (B - Y) and (R - Y) are divided by.
  private let divisors: (blue: Double, red: Double)
  private let isFull: Bool
  private let bitDepth: Int

  package init(_ encoding: YUVEncoding, bitDepth: Int) {
    switch encoding.matrix {
    // BT.601-7, 2.5.1 and 2.5.2.
    case .bt601: (luma, divisors) = ((0.299, 0.587, 0.114), (1.772, 1.402))
    // BT.709-6, items 3.2 and 3.3.
    case .bt709: (luma, divisors) = ((0.2126, 0.7152, 0.0722), (1.8556, 1.5748))
    // BT.2020-2, table 4.
    case .bt2020: (luma, divisors) = ((0.2627, 0.6780, 0.0593), (1.8814, 1.4746))
    }
    isFull = encoding.range == .full
    self.bitDepth = bitDepth
  }

  /// Codes to R'G'B', clamped.
  package func decode(_ y: Double, _ cb: Double, _ cr: Double) -> [Double] {
    let (white, half) = (Double((1 << bitDepth) - 1), Double(1 << (bitDepth - 1)))
    let scale = Double(1 << bitDepth) / 256
    let ey = isFull ? y / white : (y / scale - 16) / 219
    let ecb = isFull ? (cb - half) / white : (cb / scale - 128) / 224
    let ecr = isFull ? (cr - half) / white : (cr / scale - 128) / 224
    let red = ey + divisors.red * ecr
    let blue = ey + divisors.blue * ecb
    // Y = Kr R + Kg G + Kb B.
    let green = (ey - luma.red * red - luma.blue * blue) / luma.green
    return [red, green, blue].map { min(max($0, 0), 1) }
  }

  /// R'G'B' of 0 to 1 to the nearest codes.
  package func encode(_ rgb: [Double]) -> [Int] {
    let ey = luma.red * rgb[0] + luma.green * rgb[1] + luma.blue * rgb[2]
    let differences = [(rgb[2] - ey) / divisors.blue, (rgb[0] - ey) / divisors.red]
    let (white, half) = (Double((1 << bitDepth) - 1), Double(1 << (bitDepth - 1)))
    let scale = Double(1 << bitDepth) / 256
    func code(_ value: Double) -> Int { Int(min(max(value.rounded(), 0), white)) }
    return [code(isFull ? ey * white : (ey * 219 + 16) * scale)]
      + differences.map { code(isFull ? $0 * white + half : ($0 * 224 + 128) * scale) }
  }
}
