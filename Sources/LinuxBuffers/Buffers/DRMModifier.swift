/// How the pixels of a buffer lie in memory, as DRM numbers it (drm_fourcc.h, "Format Modifiers").
public struct DRMModifier: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Rows one after the other, `stride` bytes apart (DRM_FORMAT_MOD_LINEAR).
  public static let linear = DRMModifier(rawValue: 0)
  /// No modifier is known: the layout is a secret of the driver that made the buffer (DRM_FORMAT_MOD_INVALID). It is
  /// *not* linear, and never goes into a Vulkan structure (Smithay/smithay#1157, #1842).
  public static let invalid = DRMModifier(rawValue: 0x00FF_FFFF_FFFF_FFFF)

  /// Who defines the other 56 bits (drm_fourcc.h, DRM_FORMAT_MOD_VENDOR_…).
  var vendor: UInt8 { UInt8(rawValue >> 56) }

  /// `0x300000000e08014`, as the capability matrix writes it.
  public var hexadecimal: String { "0x" + String(rawValue, radix: 16) }

  /// Reads what ``hexadecimal`` writes.
  public init?(hexadecimal text: some StringProtocol) {
    // Digits only: UInt64 reads a sign too.
    guard text.hasPrefix("0x"), text.dropFirst(2).utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt64(text.dropFirst(2), radix: 16)
    else { return nil }
    self.init(rawValue: value)
  }
}

extension DRMModifier: CustomStringConvertible {
  /// `linear`, `invalid`, or the number and whose it is.
  public var description: String {
    switch self {
    case .linear: return "linear"
    case .invalid: return "invalid"
    default:
      let vendors: [UInt8: String] = [
        1: "Intel", 2: "AMD", 3: "NVIDIA", 4: "Samsung", 5: "Qualcomm", 6: "Vivante", 7: "Broadcom", 8: "Arm",
        9: "Allwinner", 10: "Amlogic", 11: "MediaTek", 12: "Apple",
      ]
      return hexadecimal + (vendors[vendor].map { " (\($0))" } ?? "")
    }
  }
}

extension DRMModifier: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let modifier = DRMModifier(hexadecimal: text) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "\"\(text)\" is no modifier: write 0x and hexadecimal digits"))
    }
    self = modifier
  }

  /// As text: 64 bits do not survive every JSON reader as a number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hexadecimal)
  }
}
