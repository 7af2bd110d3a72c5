/// The layout of a buffer's pixels in memory, as DRM numbers it (drm_fourcc.h, "Format Modifiers").
public struct DRMModifier: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Rows one after the other, `stride` bytes apart (DRM_FORMAT_MOD_LINEAR).
  public static let linear = DRMModifier(rawValue: 0)
  /// No known modifier: only the driver that made the buffer knows the layout (DRM_FORMAT_MOD_INVALID). It is *not*
  /// linear, and never goes into a Vulkan structure (Smithay/smithay#1157, #1842).
  public static let invalid = DRMModifier(rawValue: 0x00FF_FFFF_FFFF_FFFF)

  /// The vendor that defines the other 56 bits (drm_fourcc.h, DRM_FORMAT_MOD_VENDOR_…).
  var vendor: UInt8 { UInt8(rawValue >> 56) }

  /// The number as `0x300000000e08014`, the form of the capability matrix.
  public var hexadecimal: String { "0x" + String(rawValue, radix: 16) }

  /// Parses the form of ``hexadecimal``.
  public init?(hexadecimal text: some StringProtocol) {
    // Digits only: UInt64 would accept a sign.
    guard text.hasPrefix("0x"), text.dropFirst(2).utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt64(text.dropFirst(2), radix: 16)
    else { return nil }
    self.init(rawValue: value)
  }
}

extension DRMModifier: CustomStringConvertible {
  /// `linear`, `invalid`, or the number with its vendor.
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

  /// Encodes as text: not every JSON reader keeps all 64 bits of a number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hexadecimal)
  }
}
