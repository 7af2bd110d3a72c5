public import Capability
public import InteropDrivers
public import Logging
public import RawImport

/// How a ``RawGLConsumer`` works. Every choice that is nil is made by trying.
public struct ConsumerOptions: Sendable {
  /// Number of slots, 1 to 16. Three let Vulkan draw, a frame wait and GL read at once.
  public var framesInFlight = 3
  /// Pixel format of the images.
  public var format = PixelFormat.rgba8
  /// nil: the first that works of opaque-fd, dma-buf-import, dma-buf-export and host-copy. A path named here is used or
  /// the consumer throws.
  public var path: TransferPath?
  /// nil: semaphores where both sides really have them (a timeline before a binary one), else sync files, else waiting
  /// on the CPU.
  public var sync: SyncKind?
  /// As ``ProducerOptions/tiling``.
  public var tiling: ImageTiling?
  /// As ``ProducerOptions/modifiers``.
  public var modifiers: [DRMModifier]?
  /// What Vulkan will do with the images; a way whose images cannot is not taken. nil: whatever the device supports,
  /// see ``VulkanTarget/usage``. `VK_IMAGE_USAGE_TRANSFER_DST_BIT` is added while ``verifiesPixels`` is on.
  public var usage: VkImageUsageFlags?
  /// What row 0 of the images is. Nothing is turned: it says how Vulkan draws, and goes along with the frame for GL.
  public var orientation = ImageOrientation.topDown
  /// What ``RawGLConsumer/nextTarget()`` does when every slot is in use.
  public var backPressure = BackPressure.wait(timeout: .seconds(5))
  /// What the alpha channel means; ``AlphaMode/opaque`` makes alpha 1 for whoever samples.
  public var alphaMode = AlphaMode.premultiplied
  /// What the numbers mean. The package passes it on and converts nothing.
  public var colorSpace = ColorSpace.srgb
  /// Send two patterns across before the first frame and compare every pixel.
  public var verifiesPixels = true
  /// Where the order of the ways comes from.
  public var capability = CapabilitySource.automatic
  /// Which ways are preferred; one that an option above names is taken all the same.
  public var ranking = PathRanking.environment
  /// Where fallbacks and lost frames are reported.
  public var logger = Logger(label: "gl-vulkan-interop")

  /// The defaults of each property.
  public init() {}

  /// For a literal with the usual choices.
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
