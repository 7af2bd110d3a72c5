public import Capability
public import InteropDrivers
public import Logging
public import RawImport

/// Configures a ``RawGLConsumer``.
///
/// The consumer makes every choice that is nil by trying.
public struct ConsumerOptions: Sendable {
  /// Number of slots, 1 to 16. With three, Vulkan draws, a frame waits and GL reads at the same time.
  public var framesInFlight = 3
  /// Pixel format of the images.
  public var format = PixelFormat.rgba8
  /// nil: the first of opaque-fd, dma-buf-import, dma-buf-export and host-copy that works. If a path is named here and
  /// does not work, the consumer throws.
  public var path: TransferPath?
  /// nil: semaphores where both APIs really support them (a timeline before a binary one), else sync files, else waits
  /// on the CPU.
  public var sync: SyncKind?
  /// As ``ProducerOptions/tiling``.
  public var tiling: ImageTiling?
  /// As ``ProducerOptions/modifiers``.
  public var modifiers: [DRMModifier]?
  /// The usage that Vulkan needs of the images. A combination whose images lack it is not taken.
  ///
  /// nil: every usage that the device supports, see ``VulkanTarget/usage``. `VK_IMAGE_USAGE_TRANSFER_DST_BIT` is added
  /// while ``verifiesPixels`` is on.
  public var usage: VkImageUsageFlags?
  /// The end of the picture that row 0 of the images holds. The package flips nothing: the value states how Vulkan
  /// draws, and goes along with the frame to GL.
  public var orientation = ImageOrientation.topDown
  /// The reaction of ``RawGLConsumer/nextTarget()`` when every slot is in use.
  public var backPressure = BackPressure.wait(timeout: .seconds(5))
  /// The meaning of the alpha channel; ``AlphaMode/opaque`` makes alpha 1 for every reader that samples.
  public var alphaMode = AlphaMode.premultiplied
  /// The meaning of the colour values. The package hands this value to readers and converts nothing.
  public var colorSpace = ColorSpace.srgb
  /// Sends two patterns across before the first frame and compares every pixel.
  public var verifiesPixels = true
  /// The source of the order of combinations.
  public var capability = CapabilitySource.automatic
  /// The order of preference of the combinations. A combination that an option above names is taken all the same.
  public var ranking = PathRanking.environment
  /// Where fallbacks and lost frames are reported.
  public var logger = Logger(label: "gl-vulkan-interop")

  /// Sets each property to its default.
  public init() {}

  /// Sets the most common properties in one expression.
  public init(
    framesInFlight: Int = 3, format: PixelFormat = .rgba8, path: TransferPath? = nil, sync: SyncKind? = nil,
    orientation: ImageOrientation = .topDown, backPressure: BackPressure = .wait(timeout: .seconds(5))
  ) {
    self.framesInFlight = framesInFlight
    self.format = format
    self.path = path
    self.sync = sync
    self.orientation = orientation
    self.backPressure = backPressure
  }
}
