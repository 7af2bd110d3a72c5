public import InteropDrivers

/// A pixel format with the same bytes in GL, Vulkan and DRM, and the name that each of them has for it.
///
/// ``all`` is the package's only table of formats: a new format is added there and nowhere else.
public struct PixelFormat: Sendable, Hashable {
  /// The name that programs use for the format: `rgba8`, `bgra8-srgb`.
  public let name: String
  /// The Vulkan format of the image.
  public let vkFormat: VkFormat
  /// The Vulkan formats a view of the image may have (`VkImageFormatListCreateInfo`), ``vkFormat`` first.
  public let viewFormats: [VkFormat]
  /// The sized GL internal format with the same bytes. For BGRA formats this is an *alias*: it keeps the bytes and so
  /// exchanges red and blue, see ``channelOrder``.
  public let glInternalFormat: GLenum
  /// The internal format of a texture that decodes and encodes sRGB; nil where the format is not sRGB.
  public let glSRGBInternalFormat: GLenum?
  /// The format of ``glInternalFormat``'s bytes for `glReadPixels` and `glTexSubImage2D`.
  public let glTransferFormat: GLenum
  /// The type that goes with ``glTransferFormat``.
  public let glTransferType: GLenum
  /// The DRM fourcc with the same bytes. DRM has none for sRGB, so the receiver of the bytes must be told.
  public let drmFourCC: DRMFourCC
  /// The number of bytes of one pixel.
  public let bytesPerPixel: Int
  /// The order of ``glInternalFormat``'s channels relative to ``vkFormat``.
  public let channelOrder: ChannelOrder
  /// Whether the bytes are sRGB-encoded. The APIs always exchange the encoded bytes.
  public let isSRGB: Bool

  /// The order of the GL alias's channels relative to the Vulkan format's.
  public enum ChannelOrder: String, Sendable, Hashable {
    /// GL's red is Vulkan's red.
    case same
    /// The alias's red is Vulkan's blue: writing needs a swizzling draw or GL_BGRA8_EXT, sampling needs a texture
    /// swizzle.
    case redBlueExchanged
  }

  /// Every format the package knows.
  public static let all: [PixelFormat] = [r8, rg8, rgba8, bgra8, rgba8SRGB, bgra8SRGB, rgb10a2, rgba16f]

  /// VK_FORMAT_R8_UNORM.
  public static let r8 = PixelFormat(
    "r8", VK_FORMAT_R8_UNORM, gl: GL_R8, transfer: GL_RED, GL_UNSIGNED_BYTE, fourCC: .r8, bytes: 1)
  /// VK_FORMAT_R8G8_UNORM.
  public static let rg8 = PixelFormat(
    "rg8", VK_FORMAT_R8G8_UNORM, gl: GL_RG8, transfer: GL_RG, GL_UNSIGNED_BYTE, fourCC: .gr88, bytes: 2)
  /// VK_FORMAT_R8G8B8A8_UNORM.
  public static let rgba8 = PixelFormat(
    "rgba8", VK_FORMAT_R8G8B8A8_UNORM, sibling: VK_FORMAT_R8G8B8A8_SRGB, gl: GL_RGBA8, transfer: GL_RGBA,
    GL_UNSIGNED_BYTE, fourCC: .abgr8888, bytes: 4)
  /// VK_FORMAT_B8G8R8A8_UNORM: blue first in memory.
  public static let bgra8 = PixelFormat(
    "bgra8", VK_FORMAT_B8G8R8A8_UNORM, sibling: VK_FORMAT_B8G8R8A8_SRGB, gl: GL_RGBA8, transfer: GL_RGBA,
    GL_UNSIGNED_BYTE, fourCC: .argb8888, bytes: 4, order: .redBlueExchanged)
  /// VK_FORMAT_R8G8B8A8_SRGB.
  public static let rgba8SRGB = PixelFormat(
    "rgba8-srgb", VK_FORMAT_R8G8B8A8_SRGB, sibling: VK_FORMAT_R8G8B8A8_UNORM, gl: GL_RGBA8, srgb: GL_SRGB8_ALPHA8,
    transfer: GL_RGBA, GL_UNSIGNED_BYTE, fourCC: .abgr8888, bytes: 4)
  /// VK_FORMAT_B8G8R8A8_SRGB: blue first in memory.
  public static let bgra8SRGB = PixelFormat(
    "bgra8-srgb", VK_FORMAT_B8G8R8A8_SRGB, sibling: VK_FORMAT_B8G8R8A8_UNORM, gl: GL_RGBA8, srgb: GL_SRGB8_ALPHA8,
    transfer: GL_RGBA, GL_UNSIGNED_BYTE, fourCC: .argb8888, bytes: 4, order: .redBlueExchanged)
  /// VK_FORMAT_A2B10G10R10_UNORM_PACK32.
  public static let rgb10a2 = PixelFormat(
    "rgb10a2", VK_FORMAT_A2B10G10R10_UNORM_PACK32, gl: GL_RGB10_A2, transfer: GL_RGBA,
    GL_UNSIGNED_INT_2_10_10_10_REV, fourCC: .abgr2101010, bytes: 4)
  /// VK_FORMAT_R16G16B16A16_SFLOAT.
  public static let rgba16f = PixelFormat(
    "rgba16f", VK_FORMAT_R16G16B16A16_SFLOAT, gl: GL_RGBA16F, transfer: GL_RGBA, GL_HALF_FLOAT, fourCC: .abgr16161616F,
    bytes: 8)

  /// Returns the DRM fourcc with the same bytes where alpha is padding; ``drmFourCC`` where the format has no alpha.
  ///
  /// - Parameter isOpaque: whether alpha is padding.
  public func drmFourCC(isOpaque: Bool) -> DRMFourCC { isOpaque ? drmFourCC.withoutAlpha : drmFourCC }

  /// Whether a pixel has an alpha channel.
  public var hasAlpha: Bool { drmFourCC.withoutAlpha != drmFourCC }

  /// Finds the format with this name; nil if there is none.
  public init?(named name: String) {
    guard let format = Self.all.first(where: { $0.name == name }) else { return nil }
    self = format
  }

  /// Converts GL enums, which Swift imports as signed here and unsigned there, in this one place.
  private init(
    _ name: String, _ vkFormat: VkFormat, sibling: VkFormat? = nil, gl: Int32, srgb: Int32? = nil, transfer: Int32,
    _ type: Int32, fourCC: DRMFourCC, bytes: Int, order: ChannelOrder = .same
  ) {
    self.name = name
    self.vkFormat = vkFormat
    viewFormats = [vkFormat] + (sibling.map { [$0] } ?? [])
    glInternalFormat = GLenum(gl)
    glSRGBInternalFormat = srgb.map { GLenum($0) }
    glTransferFormat = GLenum(transfer)
    glTransferType = GLenum(type)
    drmFourCC = fourCC
    bytesPerPixel = bytes
    channelOrder = order
    isSRGB = srgb != nil
  }
}

extension PixelFormat: CustomStringConvertible {
  public var description: String { name }
}
