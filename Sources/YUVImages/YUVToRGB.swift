/// The numbers of the conversion for the shaders, computed only here.
///
/// R'G'B' = rows * (Y, Cb, Cr, 1), of codes: integers of ``YUVFormat/bitDepth`` bits. 1 is white; the result may be
/// below 0 or above 1, and the shader that writes it clamps it.
struct YUVToRGB: Equatable {
  /// The rows of red, green and blue: the factors of Y, Cb and Cr, and the constant.
  let rows: [SIMD4<Double>]

  init(_ matrix: YUVEncoding.Matrix, _ range: YUVEncoding.Range, bitDepth: Int) {
    // ITU-R BT.601-7, 2.5.1; BT.709-6, 3.2; BT.2020-2, table 4 (non-constant luminance).
    let (kr, kb) =
      switch matrix {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .bt2020: (0.2627, 0.0593)
      }
    let kg = 1 - kr - kb
    // ITU-T H.273, 8.3: equations 20 to 24 for limited, 27 to 29 for full range.
    let steps = Double(1 << (bitDepth - 8))
    let top = Double(1 << bitDepth) - 1
    let chromaZero = 128 * steps
    let (lumaZero, lumaSpan, chromaSpan) =
      switch range {
      case .limited: (16 * steps, 219 * steps, 224 * steps)
      case .full: (0.0, top, top)
      }
    func row(_ blue: Double, _ red: Double) -> SIMD4<Double> {
      let (y, cb, cr) = (1 / lumaSpan, blue / chromaSpan, red / chromaSpan)
      return SIMD4(y, cb, cr, -y * lumaZero - (cb + cr) * chromaZero)
    }
    rows = [
      row(0, 2 * (1 - kr)), row(-2 * (1 - kb) * kb / kg, -2 * (1 - kr) * kr / kg), row(2 * (1 - kb), 0),
    ]
  }
}

extension YUVEncoding {
  func toRGB(_ format: YUVFormat) -> YUVToRGB { YUVToRGB(matrix, range, bitDepth: format.bitDepth) }
}

extension YUVEncoding.ChromaLocation {
  /// The offset of the chroma samples. Chroma sample c is at luma sample 2c + 2 * offset, so luma sample x is at chroma
  /// position x / 2 - offset.
  var offset: Float { self == .cosited ? 0 : 0.25 }
}
