public import Capability
public import Logging
public import RawImport

/// What a producer does when every slot of its ring is in use.
public enum BackPressure: Sendable, Hashable {
  /// Wait until a consumer is done with a frame, at most this long.
  case wait(timeout: Duration)
  /// Drop the oldest frame that no consumer has acquired yet; wait only if all are acquired.
  case dropOldest(timeout: Duration)
  /// Throw ``InteropError/Code/ringExhausted`` at once.
  case fail
}

/// What the alpha channel means.
public enum AlphaMode: String, Sendable, Hashable {
  /// Nothing: whoever samples takes 1 (``Frame/componentMapping``, the texture of a ``GLFrame``), and a DMA-BUF says so
  /// by its fourcc (`XB24` for `AB24`).
  case opaque
  /// Colours are multiplied by alpha, as Wayland and most compositors take them.
  case premultiplied
  /// Colours are not multiplied by alpha.
  case straight
}

/// What the colour values mean.
public enum ColorSpace: String, Sendable, Hashable {
  /// sRGB primaries and transfer function: what applications that never thought about it produce.
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

/// Where a producer gets its knowledge of the drivers from.
public enum CapabilitySource: Sendable {
  /// From the cache on disk, which a probe fills the first time: some tenths of a second, once for each pair of
  /// drivers.
  case automatic
  /// From a matrix that the program has.
  case matrix(CapabilityMatrix)
  /// From nowhere: the ways are tried in turn in this process, and the host's first queue hands over.
  case nowhere
}

/// How a producer works. Every choice that is nil is made by trying.
public struct ProducerOptions: Sendable {
  /// Number of slots, 1 to 16. Three let GL draw, a frame wait and Vulkan read at once.
  public var framesInFlight = 3
  /// Pixel format of the images.
  public var format = PixelFormat.rgba8
  /// nil: the first that works of opaque-fd, dma-buf-import, dma-buf-export and host-copy. A path named here is used or
  /// the producer throws.
  public var path: TransferPath?
  /// nil: direct where the driver can render into the image, else blit.
  public var mode: TransferMode?
  /// nil: semaphores where both sides really have them (a timeline before a binary one), else sync files, else waiting
  /// on the CPU. Sync files open and close a descriptor in each turn; nothing else is made once the first frames have
  /// gone round.
  public var sync: SyncKind?
  /// nil: optimal where the memory is shared as opaque-fd, what a modifier says where it is a DMA-BUF. One that is
  /// named leaves out the paths that do not have it; host-copy, whose layout is nobody's choice, stays.
  public var tiling: ImageTiling?
  /// The layouts that a DMA-BUF may have, for consumers that pass it on; nil for all that were seen to work. Asks
  /// nothing of other paths: name one, or the tiling ``ImageTiling/drmModifier``, where the frames must be DMA-BUFs.
  public var modifiers: [DRMModifier]?
  /// What row 0 of the frames shall be. GL draws bottom-up; ``ImageOrientation/topDown`` needs the mode blit (or
  /// host-copy), which turns it.
  public var orientation = ImageOrientation.bottomUp
  /// Samples per pixel of what the application draws into; above 1 needs the mode blit (or host-copy), which resolves.
  public var samples = 1
  /// Attach a 24-bit depth and 8-bit stencil buffer to what the application draws into.
  public var depthStencil = false
  /// What to do when consumers hold every image of the ring.
  public var backPressure = BackPressure.wait(timeout: .seconds(5))
  /// What the alpha channel means; ``AlphaMode/opaque`` makes alpha 1 for whoever samples.
  public var alphaMode = AlphaMode.premultiplied
  /// What the numbers mean. The package passes it on and converts nothing.
  public var colorSpace = ColorSpace.srgb
  /// Send two patterns across before the first frame and compare every pixel. A wrong driver pair gives garbage and no
  /// error; this finds it and falls back. Costs a few milliseconds when the producer is made.
  public var verifiesPixels = true
  /// Where the order of the ways and the queue family come from.
  public var capability = CapabilitySource.automatic
  /// Which ways are preferred; one that an option above names is taken all the same.
  public var ranking = PathRanking.environment
  /// Where fallbacks and lost frames are reported.
  public var logger = Logger(label: "gl-vulkan-interop")
  /// How path `host-copy` reads back, and no other way: for tests. nil takes the first that works.
  package var readback: ReadbackMethod?

  /// The defaults of each property.
  public init() {}

  /// For a literal with the usual choices.
  public init(
    framesInFlight: Int = 3, format: PixelFormat = .rgba8, path: TransferPath? = nil, mode: TransferMode? = nil,
    orientation: ImageOrientation = .bottomUp, backPressure: BackPressure = .wait(timeout: .seconds(5))
  ) {
    self.framesInFlight = framesInFlight
    self.format = format
    self.path = path
    self.mode = mode
    self.orientation = orientation
    self.backPressure = backPressure
  }
}
