internal import InteropBase

/// A pixel format's name in DRM and EGL: four characters, the bytes little-endian (drm_fourcc.h).
public struct DRMFourCC: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Parses the form of ``description``: four characters (`AB24`, `R8  `), or 0x and eight hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.count == 10, text.hasPrefix("0x"), text.dropFirst(2).allSatisfy(\.isHexDigit),
      let number = UInt32(text.dropFirst(2), radix: 16)
    {
      self.init(rawValue: number)
      return
    }
    guard bytes.count == 4 else { return nil }
    self.init(rawValue: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Makes a constant from text of four characters.
  private init(constant text: StaticString) {
    self.init(rawValue: "\(text)".utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Red, 8 bits.
  public static let r8 = DRMFourCC(constant: "R8  ")
  /// Red first in memory, 8 bits.
  public static let gr88 = DRMFourCC(constant: "GR88")
  /// Red, 16 bits.
  public static let r16 = DRMFourCC(constant: "R16 ")
  /// Red first in memory, 16 bits.
  public static let gr1616 = DRMFourCC(constant: "GR32")
  /// Red first in memory.
  public static let abgr8888 = DRMFourCC(constant: "AB24")
  /// Blue first in memory.
  public static let argb8888 = DRMFourCC(constant: "AR24")
  /// As ``abgr8888``, alpha is padding and reads as 1.
  public static let xbgr8888 = DRMFourCC(constant: "XB24")
  /// As ``argb8888``, alpha is padding and reads as 1.
  public static let xrgb8888 = DRMFourCC(constant: "XR24")
  /// Red in the lowest ten bits of a little-endian word of 32 bits.
  public static let abgr2101010 = DRMFourCC(constant: "AB30")
  /// As ``abgr2101010``, alpha is padding and reads as 1.
  public static let xbgr2101010 = DRMFourCC(constant: "XB30")
  /// Red first in memory, half floats.
  public static let abgr16161616F = DRMFourCC(constant: "AB4H")
  /// As ``abgr16161616F``, alpha is padding and reads as 1.
  public static let xbgr16161616F = DRMFourCC(constant: "XB4H")
  /// Luma, then blue and red difference together at half width and height, 8 bits.
  public static let nv12 = DRMFourCC(constant: "NV12")
  /// As ``nv12`` with 10 bits in the upper end of 16.
  public static let p010 = DRMFourCC(constant: "P010")
  /// Luma, blue difference, red difference in three planes, 8 bits.
  public static let yuv420 = DRMFourCC(constant: "YU12")

  /// The formats whose layout this package knows.
  public static let known: [DRMFourCC] = layouts.map(\.format)
}

// MARK: Layout in memory

extension DRMFourCC {
  /// The layout of one format: ``layouts`` is the package's only table.
  private struct Layout: Sendable {
    let format: DRMFourCC
    /// The format with an alpha channel and the same bytes, if alpha is padding in this one.
    var padded: DRMFourCC?
    /// The planes, as they lie in linear memory.
    let planes: [ColorPlane]
    var isYUV = false
  }

  private static let layouts: [Layout] = {
    func plane(_ bytes: Int, by subsampling: Int = 1) -> ColorPlane {
      ColorPlane(bytesPerSample: bytes, horizontalSubsampling: subsampling, verticalSubsampling: subsampling)
    }
    func one(_ format: DRMFourCC, _ bytes: Int) -> Layout { Layout(format: format, planes: [plane(bytes)]) }
    /// Makes the layouts of a format with alpha and of its variant with padding.
    func two(_ format: DRMFourCC, _ padded: DRMFourCC, _ bytes: Int) -> [Layout] {
      [one(format, bytes), Layout(format: padded, padded: format, planes: [plane(bytes)])]
    }
    return [one(.r8, 1), one(.gr88, 2), one(.r16, 2), one(.gr1616, 4)]
      + two(.abgr8888, .xbgr8888, 4) + two(.argb8888, .xrgb8888, 4) + two(.abgr2101010, .xbgr2101010, 4)
      + two(.abgr16161616F, .xbgr16161616F, 8)
      + [
        Layout(format: .nv12, planes: [plane(1), plane(2, by: 2)], isYUV: true),
        Layout(format: .p010, planes: [plane(2), plane(4, by: 2)], isYUV: true),
        Layout(format: .yuv420, planes: [plane(1), plane(1, by: 2), plane(1, by: 2)], isYUV: true),
      ]
  }()

  private var layout: Layout? { Self.layouts.first { $0.format == self } }

  /// Whether alpha is padding (`XB24`, `XR24`, `XB30`, `XB4H`): a reader that samples such a buffer must use 1 for
  /// alpha, regardless of the bytes.
  public var hasPadding: Bool { layout?.padded != nil }

  /// The format with the same bytes and alpha as padding; the format itself where it has no alpha.
  public var withoutAlpha: DRMFourCC { Self.layouts.first { $0.padded == self }?.format ?? self }

  /// The format with the same bytes and the padding as alpha; the format itself where it has no padding.
  public var withAlpha: DRMFourCC { layout?.padded ?? self }
}

extension DRMFourCC: CustomStringConvertible {
  /// The four characters, or the number where they are not printable. The number always has eight digits, because four
  /// characters would read as a fourcc.
  public var description: String {
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) }
    return bytes.allSatisfy { (0x20...0x7E).contains($0) }
      ? String(decoding: bytes, as: UTF8.self)
      : "0x" + String(repeating: "0", count: rawValue.leadingZeroBitCount / 4 - (rawValue == 0 ? 1 : 0))
        + String(rawValue, radix: 16)
  }
}

extension DRMFourCC: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let format = DRMFourCC(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is no fourcc: write four characters"))
    }
    self = format
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension DRMFourCC {
  /// One plane of pixels of a format, as it lies in linear memory.
  package struct ColorPlane: Sendable, Hashable {
    /// The bytes of one sample: of both channels if the plane is interleaved.
    package let bytesPerSample: Int
    /// The number of pixels in a row that one sample covers.
    package let horizontalSubsampling: Int
    package let verticalSubsampling: Int

    /// Returns the plane's size in samples; a last odd pixel has a sample of its own.
    package func size(of picture: PixelSize) -> PixelSize {
      PixelSize(
        width: (picture.width + horizontalSubsampling - 1) / horizontalSubsampling,
        height: (picture.height + verticalSubsampling - 1) / verticalSubsampling)
    }
  }

  /// The format's planes; nil for a format this package does not know.
  package var colorPlanes: [ColorPlane]? { layout?.planes }

  /// Whether the planes hold luma and colour differences.
  public var isYUV: Bool { layout?.isYUV ?? false }
}
