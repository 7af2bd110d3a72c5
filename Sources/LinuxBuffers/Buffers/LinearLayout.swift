public import InteropBase
import Glibc

/// The layout of an image in rows, for an allocator: all planes of the format in one buffer, one after the other.
public struct LinearLayout: Sendable, Hashable {
  /// The description, with the modifier ``DRMModifier/linear`` and all planes in buffer 0.
  public let description: DMABufDescription
  /// The buffer's size in bytes, in whole pages.
  public let byteCount: UInt64

  /// Lays out rows one after the other, and planes one after the other.
  ///
  /// - Parameters:
  ///   - size: in pixels.
  ///   - format: the pixel format, which may be YUV.
  ///   - strideAlignment: a power of two that divides every stride and every plane's offset, in bytes. AMD's GPUs need
  ///     256, others less.
  /// - Throws: ``InteropError/Code/invalidArgument`` for an impossible size or alignment, or planes that begin past 31
  ///   bits; ``InteropError/Code/unsupported`` for a format this package does not know.
  public init(size: PixelSize, format: DRMFourCC, strideAlignment: Int = 256) throws(InteropError) {
    let step = "lay out the DMA-BUF"
    try size.validate(step)
    guard (1...1 << 16).contains(strideAlignment), strideAlignment.nonzeroBitCount == 1 else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the alignment of rows is \(strideAlignment) bytes",
        advice: "Give a power of two up to 65536")
    }
    guard let layouts = format.colorPlanes else {
      throw InteropError(
        .unsupported, step: step, reason: "\(format) is no pixel format of this package", missing: ["\(format)"],
        advice: "Known are \(DRMFourCC.known.map(\.description).joined(separator: ", "))")
    }
    func aligned(_ bytes: Int, to alignment: Int) -> Int { (bytes + alignment - 1) & ~(alignment - 1) }
    // Sides are below 2^20 and samples at most 8 bytes, so nothing overflows.
    var end = 0
    var planes: [DMABufDescription.Plane] = []
    for layout in layouts {
      let samples = layout.size(of: size)
      let stride = aligned(samples.width * layout.bytesPerSample, to: strideAlignment)
      planes.append(.init(offset: UInt64(end), stride: UInt64(stride)))
      end += stride * samples.height
    }
    byteCount = UInt64(aligned(end, to: sysconf(Int32(_SC_PAGESIZE))))
    description = DMABufDescription(size: size, format: format, modifier: .linear, planes: planes)
    try description.validate([DMABufObject(size: byteCount, inode: 0)])
  }
}
