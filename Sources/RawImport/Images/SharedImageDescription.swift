public import InteropDrivers

/// Describes a shared image for both APIs: the Vulkan create info and the GL texture's parameters are made from it
/// alone.
///
/// EXT_external_objects (issues 13, 17, 18) makes the layout a function of the create info. A difference between the
/// two APIs is garbage on a driver that computes the layout twice (iris) and goes unnoticed on one that does not
/// (llvmpipe).
public struct SharedImageDescription: Sendable, Hashable {
  /// Width and height in pixels.
  public var size: PixelSize
  /// Pixel format of the image.
  public var format: PixelFormat
  /// Memory layout. For a DMA-BUF its modifier decides.
  public var tiling: ImageTiling
  /// Which API writes and which reads.
  public var direction: TransferDirection
  /// How GL gets at the pixels. The mode decides how GL reaches a BGRA format, see ``PixelFormat/ChannelOrder``.
  public var mode: TransferMode
  /// The kind of handle that carries the memory.
  public var handleType: ExternalMemoryHandleType
  /// The API that allocates a DMA-BUF, if either does. Vulkan always allocates OPAQUE_FD memory.
  public var allocator: SharedMemoryAllocator
  /// The modifiers that a DMA-BUF may have; nil for any that both APIs have.
  public var modifiers: [DRMModifier]?
  /// Which end of the picture row 0 is. The drivers do not know it; the image carries it for its readers.
  public var orientation: ImageOrientation
  /// Vulkan usage; nil for everything the device supports for this format and tiling, as EXT_external_objects (issue
  /// 13) recommends.
  public var usage: VkImageUsageFlags?
  /// How GL interprets the bytes of an sRGB format.
  public var glEncoding: GLColorEncoding
  /// Whether the alpha channel has no content, so that a reader samples 1.
  ///
  /// Vulkan does that by ``SharedImage/componentMapping``, GL by a texture swizzle, and the receiver of the DMA-BUF by
  /// a fourcc with padding (`XB24`). Copies into the image write 1.
  public var isOpaque: Bool
  /// Whether to try even where GL and Vulkan report two devices, which crashes some drivers.
  public var allowsDeviceMismatch: Bool

  /// Makes a description.
  ///
  /// Each parameter is the property of its name; `tiling` nil is the usual one of the handle type: optimal, or what the
  /// modifier says.
  public init(
    size: PixelSize, format: PixelFormat = .rgba8, tiling: ImageTiling? = nil,
    direction: TransferDirection = .glToVulkan, mode: TransferMode = .direct,
    handleType: ExternalMemoryHandleType = .opaqueFD, allocator: SharedMemoryAllocator = .vulkan,
    modifiers: [DRMModifier]? = nil, orientation: ImageOrientation = .bottomUp,
    usage: VkImageUsageFlags? = nil, glEncoding: GLColorEncoding = .bytes, isOpaque: Bool = false,
    allowsDeviceMismatch: Bool = false
  ) {
    self.size = size
    self.format = format
    self.tiling = tiling ?? (handleType == .dmaBuf ? .drmModifier : .optimal)
    self.direction = direction
    self.mode = mode
    self.handleType = handleType
    self.allocator = allocator
    self.modifiers = modifiers
    self.orientation = orientation
    self.usage = usage
    self.glEncoding = glEncoding
    self.isOpaque = isOpaque
    self.allowsDeviceMismatch = allowsDeviceMismatch
  }

  /// The fourcc that names the image's DMA-BUF to other users: the bytes as Vulkan has them, whatever GL takes them
  /// for.
  var drmFourCC: DRMFourCC { format.drmFourCC(isOpaque: isOpaque) }

  /// Whether the format has an alpha channel, without content.
  var hasPadding: Bool { isOpaque && format.hasAlpha }

  /// How GL sees the memory.
  enum GLView: Hashable {
    /// A texture whose channels are the image's.
    case native(GLenum)
    /// An RGBA texture over BGRA bytes: a swizzling draw writes it, a texture swizzle samples it.
    case redBlueExchanged(GLenum)

    var internalFormat: GLenum {
      switch self {
      case .native(let format), .redBlueExchanged(let format): format
      }
    }

    /// The fourcc that GL exports an aliased texture as. The bytes are those of another format.
    var exportedFourCC: DRMFourCC? {
      if case .redBlueExchanged = self { .abgr8888 } else { nil }
    }
  }

  var glView: GLView {
    let encoded = glEncoding == .srgb ? format.glSRGBInternalFormat : nil
    switch format.channelOrder {
    case .same: return .native(encoded ?? format.glInternalFormat)
    case .redBlueExchanged:
      // EGL tells GL the order of the bytes.
      if handleType == .dmaBuf, allocator != .gl { return .native(GLenum(GL_BGRA8_EXT)) }
      // Rendering into the image needs a real BGRA texture. GL_BGRA8_EXT is one where the driver means it.
      if direction == .glToVulkan, mode == .direct { return .native(GLenum(GL_BGRA8_EXT)) }
      return .redBlueExchanged(encoded ?? format.glInternalFormat)
    }
  }

  /// The flags of both the support query and the image.
  var createFlags: VkImageCreateFlags { UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue) }

  /// The create info with its `pNext` structures, whose memory `chain` owns.
  func createInfo(usage: VkImageUsageFlags, in chain: inout StructChain) -> VkImageCreateInfo {
    var list = formatList(in: &chain)
    var external = VkExternalMemoryImageCreateInfo()
    external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO
    external.handleTypes = UInt32(handleType.vkBit.rawValue)
    list.pNext = UnsafeRawPointer(chain.add(external))
    var info = VkImageCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    info.pNext = UnsafeRawPointer(chain.add(list))
    info.flags = createFlags
    info.imageType = VK_IMAGE_TYPE_2D
    info.format = format.vkFormat
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

  private func formatList(in chain: inout StructChain) -> VkImageFormatListCreateInfo {
    var list = VkImageFormatListCreateInfo()
    list.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO
    list.viewFormatCount = UInt32(format.viewFormats.count)
    list.pViewFormats = UnsafePointer(chain.add(contentsOf: format.viewFormats))
    return list
  }

  // MARK: Support

  /// The usage of the image: the requested one, or all that the device supports for such an exported image.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` naming the format, tiling and handle type.
  func supportedUsage(on host: VulkanHost) throws(InteropError) -> VkImageUsageFlags {
    if let usage {
      if try supports(usage, on: host) { return usage }
      throw unsupported(on: host, "with usage 0x" + String(usage, radix: 16))
    }
    var properties = VkFormatProperties()
    host.instanceFunctions.vkGetPhysicalDeviceFormatProperties(host.physicalDevice, format.vkFormat, &properties)
    let features = tiling == .optimal ? properties.optimalTilingFeatures : properties.linearTilingFeatures
    // The most dispensable last: SwiftShader refuses linear images with COLOR_ATTACHMENT, some drivers refuse exported
    // ones with STORAGE.
    let table: [(VkFormatFeatureFlagBits, VkImageUsageFlagBits)] = [
      (VK_FORMAT_FEATURE_TRANSFER_SRC_BIT, VK_IMAGE_USAGE_TRANSFER_SRC_BIT),
      (VK_FORMAT_FEATURE_TRANSFER_DST_BIT, VK_IMAGE_USAGE_TRANSFER_DST_BIT),
      (VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, VK_IMAGE_USAGE_SAMPLED_BIT),
      (VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT),
      (VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT, VK_IMAGE_USAGE_STORAGE_BIT),
    ]
    var candidates = table.filter { features & UInt32($0.0.rawValue) != 0 }.map { UInt32($0.1.rawValue) }
    while !candidates.isEmpty {
      let usage = candidates.reduce(0, |)
      if try supports(usage, on: host) { return usage }
      candidates.removeLast()
    }
    throw unsupported(on: host, "with any usage")
  }

  private func unsupported(on host: VulkanHost, _ detail: String) -> InteropError {
    InteropError(
      .unsupported, step: "vkGetPhysicalDeviceImageFormatProperties2",
      reason:
        "\(host.info.deviceName) cannot export a \(tiling.rawValue) \(format) image of \(size) as \(handleType) \(detail)",
      missing: ["\(format) \(tiling.rawValue) \(handleType) export"],
      advice: "Choose another pixel format or tiling")
  }

  private func supports(_ usage: VkImageUsageFlags, on host: VulkanHost) throws(InteropError) -> Bool {
    var chain = StructChain()
    var external = VkPhysicalDeviceExternalImageFormatInfo()
    external.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO
    external.handleType = handleType.vkBit
    var list = formatList(in: &chain)
    list.pNext = UnsafeRawPointer(chain.add(external))
    var info = VkPhysicalDeviceImageFormatInfo2()
    info.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2
    info.pNext = UnsafeRawPointer(chain.add(list))
    info.format = format.vkFormat
    info.type = VK_IMAGE_TYPE_2D
    info.tiling = tiling.vkTiling
    info.usage = usage
    info.flags = createFlags
    var externalAnswer = VkExternalImageFormatProperties()
    externalAnswer.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES
    let answerPointer = chain.add(externalAnswer)
    var answer = VkImageFormatProperties2()
    answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2
    answer.pNext = UnsafeMutableRawPointer(answerPointer)
    let result = host.instanceFunctions.vkGetPhysicalDeviceImageFormatProperties2(host.physicalDevice, &info, &answer)
    if result == VK_ERROR_FORMAT_NOT_SUPPORTED { return false }
    try result.check("vkGetPhysicalDeviceImageFormatProperties2", "the device does not say whether it has \(format)")
    let features = answerPointer.pointee.externalMemoryProperties.externalMemoryFeatures
    let limit = answer.imageFormatProperties.maxExtent
    return features & UInt32(VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT.rawValue) != 0
      && size.width <= Int(limit.width) && size.height <= Int(limit.height)
  }
}
