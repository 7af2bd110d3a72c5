public import LinuxBuffers

/// What the numbers of a YUV image mean: nothing in the memory says so, a container, a camera or a decoder does.
///
/// The coded values are non-linear (gamma-encoded) Y'CbCr, and what comes out is non-linear R'G'B' of the same
/// primaries and transfer function: no conversion of the colour space takes place.
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

  /// Which codes are black and white (ITU-T H.273, VideoFullRangeFlag).
  public enum Range: String, Sendable, Hashable, Codable, CaseIterable {
    /// 16 to 235 for luma and 16 to 240 for chroma, of 8 bits. Codes outside are clamped after the conversion.
    case limited
    /// All codes, as JPEG has it.
    case full
  }

  /// Where along one axis the chroma samples lie (Vulkan: VkChromaLocation).
  public enum ChromaLocation: String, Sendable, Hashable, Codable, CaseIterable {
    /// On every second luma sample, beginning with the first (VK_CHROMA_LOCATION_COSITED_EVEN).
    case cosited
    /// Half-way between two luma samples (VK_CHROMA_LOCATION_MIDPOINT).
    case midpoint
  }

  /// How a pixel gets its chroma.
  public enum ChromaFilter: String, Sendable, Hashable, Codable, CaseIterable {
    /// That of its block of 2x2 pixels, whatever the siting.
    case nearest
    /// Interpolated between the four samples around it, by their places.
    case linear
  }

  /// Which matrix leads from RGB to YUV.
  public var matrix: Matrix
  /// Which codes stand for black and white.
  public var range: Range
  /// Where a chroma sample lies between the pixels of a row.
  public var horizontalSiting: ChromaLocation
  /// Where a chroma sample lies between the pixels of a column.
  public var verticalSiting: ChromaLocation
  /// How chroma is brought to the size of luma.
  public var chromaFilter: ChromaFilter

  /// - Parameters:
  ///   - matrix: see ``init(guessedFor:)`` if nobody says.
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

  /// For video of which nobody says how it is encoded: limited range, and BT.709 from 1280 columns or above 576 lines,
  /// BT.601 below. mpv guesses so (`mp_csp_guess_colorspace`); GStreamer does by the lines (`set_default_colorimetry`),
  /// but takes BT.2020 from 2160 lines on, which is wrong for most video of that size and never guessed here.
  public init(guessedFor size: PixelSize) {
    self.init(matrix: size.width >= 1280 || size.height > 576 ? .bt709 : .bt601)
  }
}
