public import Capability
public import InteropDrivers
public import Logging
public import RawImport

/// Says how a producer or consumer reacts when every slot of its ring is in use.
public enum BackPressure: Sendable, Hashable {
  /// Wait until a consumer releases a frame, at most this long.
  case wait(timeout: Duration)
  /// Drop the oldest frame that no consumer has acquired yet; wait only if all are acquired.
  case dropOldest(timeout: Duration)
  /// Throw ``InteropError/Code/ringExhausted`` at once.
  case fail
}

/// The meaning of the alpha channel.
public enum AlphaMode: String, Sendable, Hashable {
  /// Alpha has no meaning and is 1 for a reader.
  ///
  /// Sampling yields 1 (``Frame/componentMapping``, the texture of a ``GLFrame``), and a DMA-BUF states it by its
  /// fourcc (`XB24` for `AB24`).
  case opaque
  /// Colours are multiplied by alpha, as Wayland and most compositors expect.
  case premultiplied
  /// Colours are not multiplied by alpha.
  case straight
}

/// The meaning of the colour values.
public enum ColorSpace: String, Sendable, Hashable {
  /// sRGB primaries and transfer function, which applications without colour management produce.
  case srgb
  /// sRGB primaries, linear values (scRGB): usual with rgba16f.
  case linearSRGB = "linear-srgb"
  /// Primaries of Display P3 with the transfer function of sRGB.
  case displayP3 = "display-p3"
  /// Primaries of ITU-R BT.2020 with the transfer function of SMPTE ST 2084 (PQ).
  case bt2020PQ = "bt2020-pq"
}

/// A part of a frame, in pixels of the image, row 0 first.
public struct PixelRect: Sendable, Hashable {
  /// Pixels from the left.
  public var x: Int
  /// Pixels from row 0.
  public var y: Int
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int

  /// A rectangle, in pixels.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// Says where a producer or consumer learns what the drivers can do.
public enum CapabilitySource: Sendable {
  /// The cache on disk. A probe fills it the first time, which takes a tenth of a second, once for each pair of drivers
  /// and kind of ring: it ends at the first combination that works.
  case automatic
  /// A matrix that the application supplies.
  case matrix(CapabilityMatrix)
  /// No knowledge: the producer tries the combinations in turn in this process, and ownership transfers run on the
  /// device's first queue.
  case nowhere
}

/// Configures the ring of a producer or a consumer: what ``ProducerOptions`` and ``ConsumerOptions`` have in common.
///
/// The package makes every choice that is nil by trying.
public struct RingOptions: Sendable {
  /// Number of slots, 1 to 16. With three, the writer draws, a frame waits and the reader reads at the same time.
  public var framesInFlight = 3
  /// Pixel format of the images.
  public var format = PixelFormat.rgba8
  /// nil: the first of opaque-fd, dma-buf-import, dma-buf-export and host-copy that works. If a path is named here and
  /// does not work, making the ring throws.
  public var path: TransferPath?
  /// nil: semaphores where both APIs really support them (a timeline before a binary one), else sync files, else waits
  /// on the CPU.
  ///
  /// Sync files open and close one descriptor per access. Apart from that, the ring makes no objects once each slot has
  /// carried a frame.
  public var sync: SyncKind?
  /// nil: optimal where the memory is shared as opaque-fd, the tiling that the modifier implies where it is a DMA-BUF.
  ///
  /// A tiling that is named here excludes the paths that lack it. host-copy stays, because its layout cannot be chosen.
  public var tiling: ImageTiling?
  /// The modifiers that a DMA-BUF may have, for readers that share it further; nil for all that were verified.
  ///
  /// Other paths stay allowed. Where the frames must be DMA-BUFs, name a DMA-BUF path, or the tiling
  /// ``ImageTiling/drmModifier``.
  public var modifiers: [DRMModifier]?
  /// The usage that Vulkan needs of the images. A combination whose images lack it is not taken.
  ///
  /// nil: every usage that the device supports for such an image, see ``Frame/usage`` and ``VulkanTarget/usage``; on a
  /// producer's path host-copy, copies and sampling. What the package's own copies need is added: transfers on path
  /// host-copy, and while ``verifiesPixels`` is on.
  public var usage: VkImageUsageFlags?
  /// The end of the picture that row 0 of the images holds.
  ///
  /// GL draws bottom-up: a producer's ``ImageOrientation/topDown`` needs the mode blit (or host-copy), which flips the
  /// picture. A consumer flips nothing: the value states how Vulkan draws, and goes along with the frame to GL.
  public var orientation: ImageOrientation
  /// The reaction when every slot of the ring is in use.
  public var backPressure = BackPressure.wait(timeout: .seconds(5))
  /// The meaning of the alpha channel; ``AlphaMode/opaque`` makes alpha 1 for every reader that samples.
  public var alphaMode = AlphaMode.premultiplied
  /// The meaning of the colour values. The package hands this value to readers and converts nothing.
  public var colorSpace = ColorSpace.srgb
  /// Sends patterns across before the first frame and compares their pixels.
  ///
  /// A faulty driver pair yields garbage and no error. The check detects that and falls back. It compares every row,
  /// or bands of rows where the probe verified the same combination at another size, or one plain image where an image
  /// of this size passed on these drivers before. It costs a few milliseconds when the ring is made.
  public var verifiesPixels = true
  /// The source of the order of combinations and of the queue family.
  public var capability = CapabilitySource.automatic
  /// The order of preference of the combinations. A combination that an option above names is taken all the same.
  public var ranking = PathRanking.environment
  /// Where fallbacks and lost frames are reported.
  public var logger = Logger(label: "gl-vulkan-interop")

  init(orientation: ImageOrientation) { self.orientation = orientation }

  /// The usage to ask for, with that of the pixel check's copy.
  func usage(checkedBy copy: VkImageUsageFlagBits) -> VkImageUsageFlags? {
    verifiesPixels ? usage.map { $0 | UInt32(copy.rawValue) } : usage
  }
}
