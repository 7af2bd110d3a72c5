public import InteropDrivers

/// What another implementation has to know to use an image's memory: how the image was created and its memory
/// allocated, on which device, and how the two sides order their accesses.
///
/// Nothing is implied. The image is 2D with one mip level, one array layer and one sample, `VK_SHARING_MODE_EXCLUSIVE`
/// and `VK_IMAGE_LAYOUT_UNDEFINED` as its initial layout; an importer creates its `VkImage` with exactly these
/// parameters and the external handle type (VUID-VkImageCreateInfo-pNext-00990, "Memory Handle Compatibility").
///
/// The corresponding C type is `VkImageCreateInfo`.
public struct ExternalImageDescription: Sendable, Hashable {
  // MARK: VkImageCreateInfo

  /// Width and height in pixels (`extent`).
  public var size: PixelSize
  /// `format`.
  public var vkFormat: VkFormat
  /// `flags`.
  public var flags: VkImageCreateFlags
  /// `VkImageFormatListCreateInfo.pViewFormats`; empty where the structure is not chained.
  public var viewFormats: [VkFormat]
  /// `tiling`.
  public var tiling: ImageTiling
  /// `usage`.
  public var usage: VkImageUsageFlags

  // MARK: Memory

  /// The kind of handle.
  public var handleType: ExternalMemoryHandleType
  /// `VkMemoryAllocateInfo.allocationSize`, in bytes.
  public var allocationSize: UInt64
  /// `VkMemoryAllocateInfo.memoryTypeIndex`: the importer's, too, since the device is the same. Not used for a DMA-BUF.
  public var memoryTypeIndex: UInt32
  /// Whether the memory is a dedicated allocation (`VkMemoryDedicatedAllocateInfo`), which both sides declare.
  public var isDedicated: Bool
  /// Where the image begins in the memory, in bytes. Only 0 is taken: llvmpipe, zink and ANGLE ignore another one
  /// without an error.
  public var offset: UInt64

  // MARK: Device

  /// `VkPhysicalDeviceIDProperties.deviceUUID`; nil where it is not known. OPAQUE_FD needs it.
  public var deviceUUID: DriverUUID?
  /// `VkPhysicalDeviceIDProperties.driverUUID`; nil where it is not known. OPAQUE_FD needs it.
  public var driverUUID: DriverUUID?

  // MARK: Hand-over

  /// The layout of the image when it changes hands.
  public var layout: VkImageLayout
  /// The queue family that owns the image when it changes hands: `VK_QUEUE_FAMILY_EXTERNAL`, or
  /// `VK_QUEUE_FAMILY_FOREIGN_EXT` for a DMA-BUF.
  public var queueFamily: UInt32
  /// How one side waits for the other: by the two semaphores of the bundle, a sync file for each access, or on the CPU.
  public var sync: SyncKind

  // MARK: Picture

  /// The end of the picture that row 0 is.
  public var orientation: ImageOrientation
  /// Whether the alpha channel has no content, so that a view has alpha `VK_COMPONENT_SWIZZLE_ONE`.
  public var isOpaque: Bool

  /// Describes an image as this package makes them: optimal tiling, a dedicated allocation at offset 0,
  /// `VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT` with a format list, layout GENERAL, family EXTERNAL.
  ///
  /// Each parameter is the property of its name.
  public init(
    size: PixelSize, format: PixelFormat, usage: VkImageUsageFlags, handleType: ExternalMemoryHandleType = .opaqueFD,
    allocationSize: UInt64, memoryTypeIndex: UInt32, deviceUUID: DriverUUID?, driverUUID: DriverUUID?, sync: SyncKind
  ) {
    self.size = size
    vkFormat = format.vkFormat
    flags = UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue)
    viewFormats = format.viewFormats
    tiling = handleType == .dmaBuf ? .drmModifier : .optimal
    self.usage = usage
    self.handleType = handleType
    self.allocationSize = allocationSize
    self.memoryTypeIndex = memoryTypeIndex
    isDedicated = true
    offset = 0
    self.deviceUUID = deviceUUID
    self.driverUUID = driverUUID
    layout = VK_IMAGE_LAYOUT_GENERAL
    queueFamily =
      handleType == .dmaBuf ? OwnershipTransferBarrier.foreignFamily : OwnershipTransferBarrier.externalFamily
    self.sync = sync
    orientation = .bottomUp
    isOpaque = false
  }

  /// The pixel format; nil for a Vulkan format that the package does not know.
  public var format: PixelFormat? { PixelFormat.all.first { $0.vkFormat == vkFormat } }

  /// The create info with its `pNext` structures, whose memory `chain` owns. The corresponding C type is
  /// `VkImageCreateInfo`.
  package func createInfo(in chain: inout StructChain) -> VkImageCreateInfo {
    var external = VkExternalMemoryImageCreateInfo()
    external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO
    external.handleTypes = UInt32(handleType.vkBit.rawValue)
    external.pNext = formatList(in: &chain)
    var info = VkImageCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    info.pNext = UnsafeRawPointer(chain.add(external))
    info.flags = flags
    info.imageType = VK_IMAGE_TYPE_2D
    info.format = vkFormat
    info.extent = size.extent
    info.mipLevels = 1
    info.arrayLayers = 1
    info.samples = VK_SAMPLE_COUNT_1_BIT
    info.tiling = tiling.vkTiling
    info.usage = usage
    info.sharingMode = VK_SHARING_MODE_EXCLUSIVE
    info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED
    return info
  }

  private func formatList(in chain: inout StructChain) -> UnsafeRawPointer? {
    guard !viewFormats.isEmpty else { return nil }
    var list = VkImageFormatListCreateInfo()
    list.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO
    list.viewFormatCount = UInt32(viewFormats.count)
    list.pViewFormats = UnsafePointer(chain.add(contentsOf: viewFormats))
    return UnsafeRawPointer(chain.add(list))
  }
}
