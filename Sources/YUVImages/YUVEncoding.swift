public import LinuxBuffers

/// The meaning of a YUV image's numbers. The memory does not tell it; a container, a camera or a decoder does.
///
/// The coded values are non-linear (gamma-encoded) Y'CbCr, and the result is non-linear R'G'B' with the same primaries
/// and transfer function: the colour space is not converted.
public struct YUVEncoding: Sendable, Hashable, Codable {
  /// The luma coefficients (ITU-T H.273, MatrixCoefficients).
  public enum Matrix: String, Sendable, Hashable, Codable, CaseIterable {
    /// ITU-R BT.601: standard definition, JPEG, most cameras. H.273: 5 and 6.
    case bt601
    /// ITU-R BT.709: high definition. H.273: 1.
    case bt709
    /// ITU-R BT.2020 with non-constant luminance: ultra-high definition. H.273: 9.
    case bt2020
  }

  /// The codes of black and white (ITU-T H.273, VideoFullRangeFlag).
  public enum Range: String, Sendable, Hashable, Codable, CaseIterable {
    /// 16 to 235 for luma and 16 to 240 for chroma, of 8 bits. Codes outside are clamped after the conversion.
    case limited
    /// All codes, as in JPEG.
    case full
  }

  /// The positions of chroma samples along one axis (Vulkan: VkChromaLocation).
  public enum ChromaLocation: String, Sendable, Hashable, Codable, CaseIterable {
    /// On every second luma sample, beginning with the first (VK_CHROMA_LOCATION_COSITED_EVEN).
    case cosited
    /// Half-way between two luma samples (VK_CHROMA_LOCATION_MIDPOINT).
    case midpoint
  }

  /// The way a pixel gets its chroma.
  public enum ChromaFilter: String, Sendable, Hashable, Codable, CaseIterable {
    /// The chroma of the pixel's block of 2x2 pixels, regardless of the siting.
    case nearest
    /// The interpolation of the four nearest chroma samples, by their positions.
    case linear
  }

  /// The matrix that converts RGB to YUV.
  public var matrix: Matrix
  /// The codes that stand for black and white.
  public var range: Range
  /// The position of chroma samples in a row.
  public var horizontalSiting: ChromaLocation
  /// The position of chroma samples in a column.
  public var verticalSiting: ChromaLocation
  /// The way chroma is scaled to the size of luma.
  public var chromaFilter: ChromaFilter

  /// - Parameters:
  ///   - matrix: see ``init(guessedFor:)`` if it is unknown.
  ///   - range: limited is what video mostly has.
  ///   - horizontalSiting: with `verticalSiting`, the default is that of MPEG-2 and H.264 ("left", H.273
  ///     Chroma420SampleLocType 0). It matters with ``ChromaFilter/linear`` only.
  ///   - verticalSiting: see `horizontalSiting`.
  ///   - chromaFilter: nearest is the one that every driver has and on which all agree.
  public init(
    matrix: Matrix, range: Range = .limited, horizontalSiting: ChromaLocation = .cosited,
    verticalSiting: ChromaLocation = .midpoint, chromaFilter: ChromaFilter = .nearest
  ) {
    self.matrix = matrix
    self.range = range
    self.horizontalSiting = horizontalSiting
    self.verticalSiting = verticalSiting
    self.chromaFilter = chromaFilter
  }

  /// Guesses the encoding of a video from its size: limited range, and BT.709 from 1280 columns or above 576 lines,
  /// BT.601 below.
  ///
  /// mpv guesses the same (`mp_csp_guess_colorspace`). GStreamer guesses by the lines (`set_default_colorimetry`), but
  /// takes BT.2020 from 2160 lines on, which is wrong for most video of that size and never guessed here.
  public init(guessedFor size: PixelSize) {
    self.init(matrix: size.width >= 1280 || size.height > 576 ? .bt709 : .bt601)
  }
}
