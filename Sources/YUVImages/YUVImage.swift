public import InteropDrivers
public import RawImport

/// A picture of luma and chroma planes (NV12, P010 or three-plane 4:2:0) in Vulkan, with its encoding.
///
/// ``YUVConverter`` makes RGB of it. The application's own shader can, too: through ``sampler`` where the driver takes
/// all planes as one image, or from ``planes`` with the arithmetic of ``YUVEncoding``. The colours are the same in both
/// cases.
///
/// It owns its images, and must outlive the work that uses them. Any thread.
public final class YUVImage: @unchecked Sendable {
  /// The arrangement of the planes in Vulkan images.
  public enum Arrangement: String, Sendable, Hashable, Codable, CaseIterable {
    /// One image of a multi-planar format, sampled through VkSamplerYcbcrConversion.
    case multiPlanar = "multi-planar"
    /// One image of an ordinary format for each plane.
    case perPlane = "per-plane"
  }

  /// One plane of pixels.
  public struct Plane: @unchecked Sendable {
    /// The plane's own image, or the one that holds all planes.
    public let image: VkImage
    /// The aspect for copies: COLOR of a separate image, else PLANE_0, PLANE_1 or PLANE_2.
    public let aspect: VkImageAspectFlags
    /// The plane's format: R8, R8G8, R16 or R16G16, all UNORM. The codes of P010 are the upper 10 of 16 bits.
    public let format: VkFormat
    /// The plane's size in samples. Chroma has half the picture's size, rounded up.
    public let size: PixelSize
  }

  /// The size in pixels.
  public let size: PixelSize
  /// The format: NV12, P010 or YU12.
  public let format: DRMFourCC
  /// The meaning of the codes.
  public let encoding: YUVEncoding
  /// The arrangement: one image for all planes, or one for each.
  public let arrangement: Arrangement
  /// The reason for the arrangement, in a sentence without a full stop.
  public let reason: String
  /// The luma plane, then chroma: for P010 and NV12 both differences in one plane, else blue and then red.
  public let planes: [Plane]
  /// The device of the images.
  public let host: VulkanHost

  let layout: YUVFormat
  let ycbcr: YcbcrSampler?
  /// The number of pool descriptors that a combined image sampler with ``ycbcr`` takes.
  let samplerDescriptorCount: UInt32
  private let storage: [YUVImageStorage]
  package let life = ImageLifetime()

  /// Identifies the picture, for objects that a program keeps for it. Handles in ``images`` may be reused, this number
  /// is not.
  public var imageID: ImageID { life.id }

  /// Adds a handler that is called once, with ``imageID``, when this object goes away, before its images and views are
  /// destroyed: on the thread that releases it. See ``SharedImage/onImageRetired(_:)``.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { life.onEnd(handler) }

  /// The Vulkan images: one, or one for each plane.
  public var images: [VkImage] { storage.map(\.image) }
  /// The import of each of ``images``. Empty for images in Vulkan's own memory.
  public var dmaBufImages: [DMABufImage] { storage.compactMap { $0.owner as? DMABufImage } }
  /// The view of each of ``images``. The view of a multi-planar image needs ``sampler``.
  public var views: [VkImageView] { storage.map { $0.view.handle } }
  /// The converting sampler of a multi-planar image, for a combined image sampler with an immutable sampler; nil per
  /// plane.
  ///
  /// With ``YUVEncoding/ChromaFilter/nearest``, sample a quarter of a pixel inside each pixel: there every driver finds
  /// the chroma of the pixel's own block nearest.
  public var sampler: VkSampler? { ycbcr?.handle }
  /// The conversion that ``sampler`` and ``views`` of a multi-planar image were made with; nil per plane.
  public var samplerYcbcrConversion: VkSamplerYcbcrConversion? { ycbcr?.conversion }

  init(
    size: PixelSize, layout: YUVFormat, encoding: YUVEncoding, reason: String, multiPlanar image: YUVImageStorage,
    _ ycbcr: YcbcrSampler, samplerDescriptorCount: UInt32, host: VulkanHost
  ) {
    self.size = size
    format = layout.fourcc
    self.layout = layout
    self.encoding = encoding
    arrangement = .multiPlanar
    self.reason = reason
    self.ycbcr = ycbcr
    self.samplerDescriptorCount = samplerDescriptorCount
    storage = [image]
    let aspects = [VK_IMAGE_ASPECT_PLANE_0_BIT, VK_IMAGE_ASPECT_PLANE_1_BIT, VK_IMAGE_ASPECT_PLANE_2_BIT]
    planes = zip(layout.planes, aspects).map { plane, aspect in
      Plane(
        image: image.image, aspect: UInt32(aspect.rawValue), format: plane.vkFormat, size: plane.layout.size(of: size))
    }
    self.host = host
  }

  init(
    size: PixelSize, layout: YUVFormat, encoding: YUVEncoding, reason: String, perPlane images: [YUVImageStorage],
    host: VulkanHost
  ) {
    self.size = size
    format = layout.fourcc
    self.layout = layout
    self.encoding = encoding
    arrangement = .perPlane
    self.reason = reason
    ycbcr = nil
    samplerDescriptorCount = 0
    storage = images
    planes = zip(layout.planes, images).map { plane, image in
      Plane(
        image: image.image, aspect: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), format: plane.vkFormat,
        size: plane.layout.size(of: size))
    }
    self.host = host
  }

  deinit { life.end() }

  // MARK: Choosing the arrangement

  /// Makes a multi-planar image where the driver supports it, else one per plane, and explains the choice. Where this
  /// package's own arithmetic is more exact, it prefers one per plane, see ``reasonForPlanes(_:_:_:)``.
  ///
  /// - Parameter wanted: the requested arrangement, or nil to choose. An impossible request is an error.
  static func choose(
    _ wanted: Arrangement?, _ layout: YUVFormat, for encoding: YUVEncoding, on host: VulkanHost,
    multiPlanar: (_ reason: String) throws(InteropError) -> YUVImage,
    perPlane: (_ reason: String) throws(InteropError) -> YUVImage
  ) throws(InteropError) -> YUVImage {
    func make(_ arrangement: Arrangement, _ reason: String) throws(InteropError) -> YUVImage {
      switch arrangement {
      case .multiPlanar: try multiPlanar(reason)
      case .perPlane: try perPlane(reason)
      }
    }
    if let wanted { return try make(wanted, "it was asked for") }
    let reason = reasonForPlanes(layout, encoding, host)
    let (first, second): (Arrangement, Arrangement) =
      reason != nil ? (.perPlane, .multiPlanar) : (.multiPlanar, .perPlane)
    let obstacle: InteropError
    do throws(InteropError) {
      return try make(first, reason ?? "the driver samples all planes as one image")
    } catch {
      obstacle = error
    }
    do throws(InteropError) {
      return try make(second, "\(first.rawValue) cannot be had: \(obstacle)")
    } catch {
      var error = error
      error.reason += "; nor can \(first.rawValue) be had: \(obstacle)"
      throw error
    }
  }

  /// Returns the reason to convert with this package's arithmetic, if there is one. Drivers interpolate chroma with few
  /// bits (lavapipe is up to 3 of 255 off), and some do it wrong (that of Mesa 26.2 gives garbage for P010). Also,
  /// lavapipe takes P010's 10 bits for 16, which puts white up to 0.55 of 255 off.
  private static func reasonForPlanes(_ layout: YUVFormat, _ encoding: YUVEncoding, _ host: VulkanHost) -> String? {
    if encoding.chromaFilter == .linear { return "chroma is interpolated here, more exactly than by drivers" }
    guard layout.fourcc == .p010, host.info.driverName == "llvmpipe" else { return nil }
    return "\(host.info.driverName) takes the 10 bits of \(layout.fourcc) for 16"
  }

  /// Checks the requirements of both kinds of multi-planar images.
  static func checkMultiPlanar(_ layout: YUVFormat, _ size: PixelSize, _ host: VulkanHost) throws(InteropError) {
    guard host.features.contains(.samplerYcbcrConversion) else {
      throw InteropError(
        .unsupported, step: "sample as one image", reason: "the device was made without a feature",
        missing: ["samplerYcbcrConversion"],
        advice: host.adviceForMissingExtensions(otherwise: "use one image for each plane"))
    }
    guard size.width % 2 == 0, size.height % 2 == 0 else {
      throw InteropError(
        .unsupported, step: "sample as one image",
        reason: "an image of \(layout.multiPlanar.registeredName) has an even width and height, the picture is \(size)",
        missing: ["odd sizes of 4:2:0 images (VUID-VkImageCreateInfo-format-04712)"],
        advice: "Use one image for each plane")
    }
  }
}

/// One of a YUV image's Vulkan images, with its view. Its parts are in the order of their release.
final class YUVImageStorage {
  let view: VulkanComputeObject
  let image: VkImage
  /// The image and its memory.
  let owner: AnyObject

  init(_ image: VkImage, ownedBy owner: AnyObject, view: consuming VulkanComputeObject) {
    self.view = view
    self.image = image
    self.owner = owner
  }
}
