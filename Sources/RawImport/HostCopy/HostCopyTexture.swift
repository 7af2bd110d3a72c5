package import InteropDrivers

/// Path `host-copy` from Vulkan to GL: copies an image of Vulkan's own into a texture of GL's own.
///
/// At the end of the Vulkan access the device copies the image to CPU-visible memory (`vkCmdCopyImageToBuffer`). At the
/// beginning of the GL access GL copies from there into the texture (`glTexSubImage2D`). Needs no extension of either
/// driver.
package final class HostCopyTexture: @unchecked Sendable {
  package let ownership: ImageOwnership
  package let size: PixelSize
  package let format: PixelFormat
  package let orientation: ImageOrientation
  /// The texture's alpha is 1, whatever Vulkan drew.
  package let isOpaque: Bool
  /// The usage of the image in Vulkan.
  package let usage: VkImageUsageFlags
  package var tiling: ImageTiling { .optimal }
  package var createFlags: VkImageCreateFlags { VulkanHost.uploadFlags }
  package var vkImage: VkImage { download.image.handle }
  package var glTexture: GLuint { texture.name }
  /// A framebuffer with the texture as its colour attachment; nil where reading it would exchange red and blue (BGRA in
  /// GLES), and where GL does not render into such a texture.
  package var glFramebuffer: GLuint? { exchanges ? nil : plainFramebuffer }
  /// The framebuffer, whatever its channel order. For checks.
  package var plainFramebuffer: GLuint? { framebuffer?.object.name }
  /// Whether the texture's red is the image's blue, which sampling undoes.
  package let exchanges: Bool
  package let context: GLContext
  package var life: ImageLifetime { download.image.life }

  package func view(format: VkFormat?, components: VkComponentMapping) throws(InteropError) -> VkImageView {
    try ViewedImage(
      image: vkImage, formats: self.format.viewFormats, usage: usage, tiling: VK_IMAGE_TILING_OPTIMAL, modifier: nil,
      host: ownership.host
    ).view(format, components, in: life)
  }

  private let download: Download
  private let framebuffer: Framebuffer?
  private let texture: GLObject
  private let transferFormat: GLenum

  /// A class, since optionals cannot lend noncopyable values.
  private final class Framebuffer {
    let object: GLObject
    init(_ object: consuming GLObject) { self.object = object }
  }

  /// - Parameter usage: nil for all that the device supports for an image of this format.
  package init(
    size: PixelSize, format: PixelFormat, orientation: ImageOrientation, isOpaque: Bool = false,
    usage: VkImageUsageFlags?,
    gl context: GLContext, host: VulkanHost
  ) throws(InteropError) {
    try context.enter("make a host-copy texture")
    let step = "check the texture's size"
    try size.validate(step)
    try size.check(step, within: [context.sizeLimit, host.sizeLimit])
    self.context = context
    self.size = size
    self.format = format
    self.orientation = orientation
    let isOpaque = isOpaque && format.hasAlpha
    self.isOpaque = isOpaque
    let isBGRA = format.channelOrder == .redBlueExchanged
    exchanges = isBGRA && context.isES
    transferFormat = isBGRA && !context.isES ? GLenum(GL_BGRA) : format.glTransferFormat
    let swizzles = exchanges
    texture = try context.preservingBindings { () throws(InteropError) in
      let texture = try context.makeTexture(format.glInternalFormat, size)
      try context.setPlainSampling(GLenum(GL_TEXTURE_2D))
      if swizzles { try context.exchangeRedAndBlueInSampling() }
      if isOpaque { try context.makeSamplingOpaque() }
      return texture
    }
    let name = texture.name
    framebuffer = try context.preservingBindings { () throws(InteropError) -> Framebuffer? in
      do throws(InteropError) {
        return Framebuffer(
          try context.makeFramebuffer(
            attaching: name, "make the framebuffer to read from", "GL does not render into \(format)"))
      } catch {
        // The texture is for sampling, so a missing framebuffer is no failure.
        guard case .framebufferStatus? = error.driverCode, context.takeError() == nil else { throw error }
        return nil
      }
    }
    let supported = try host.supportedDownloadUsage(size, format, asked: usage)
    self.usage = supported
    download = try Download(size, format, supported, host)
    ownership = ImageOwnership(
      host: host, image: download.image.handle, vulkanIsWriter: true, transport: .download(download))
    try ownership.makeCommands()
  }

  deinit {
    ownership.finishAll()
    life.end()
  }

  // MARK: GL access

  /// Waits for Vulkan's copy and brings the pixels into the texture.
  ///
  /// - Parameter tag: only if the content is still that frame.
  package func acquireForGL(tag: UInt64? = nil) throws(InteropError) {
    try context.enter("begin GL access")
    try ownership.acquireForGL(tag: tag) { before throws(InteropError) in
      try before.finishLast()
      guard let bytes = UnsafeRawPointer(download.landing.bytes.baseAddress) else {
        preconditionFailure("mapped memory")
      }
      try context.upload(bytes, to: texture.name, size, transferFormat, format.glTransferType)
      if isOpaque, let framebuffer = plainFramebuffer {
        try context.preservingBlitState { () throws(InteropError) in try context.clearAlpha(of: framebuffer) }
      }
    }
  }

  /// Ends the GL access without a signal: the texture is GL's own, and Vulkan waits for no drawing with it.
  package func releaseFromGL(naming tag: UInt64? = nil) throws(InteropError) {
    try context.enter("end GL access")
    try ownership.releaseFromGL(naming: tag) { () throws(InteropError) in }
  }

  /// Waits until GL has completed its work with the texture, on the GL thread. The corresponding C function is `glFinish`.
  package func finishGL() throws(InteropError) {
    context.gl.glFinish()
    try context.check("glFinish", "GL did not finish")
  }

  package func retire() throws(InteropError) {
    try context.enter("retire the host-copy texture")
    if ownership.current == .ready { try ownership.drop() }
    try ownership.retire()
    try ownership.waitForCopies()
  }
}

/// The Vulkan side of a copy that takes the whole image in every access.
private final class Download: FrameDownload, @unchecked Sendable {
  let image: VulkanImageMemory
  let landing: HostBuffer
  private let size: PixelSize
  private let host: VulkanHost

  init(
    _ size: PixelSize, _ format: PixelFormat, _ usage: VkImageUsageFlags, _ host: VulkanHost
  ) throws(InteropError) {
    self.size = size
    self.host = host
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.flags = VulkanHost.uploadFlags
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = format.vkFormat
    create.extent = size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = VK_IMAGE_TILING_OPTIMAL
    create.usage = usage
    let made = try host.makeObject(.image, "vkCreateImage", "no \(format) image of \(size) to draw into") {
      host.vk.vkCreateImage(host.device, &create, nil, $0)
    }
    let bytes = host.memoryRequirements(of: made.handle).size
    let memory = try host.allocateLocalMemory(for: made.handle)
    image = VulkanImageMemory(made, [.init(memory)], size: bytes)
    landing = try HostBuffer(host: host, size: size.width * size.height * format.bytesPerPixel, .readback)
  }

  /// The content is discarded, so no queue family has to transfer ownership.
  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier {
    .transition(image.handle, from: .transferSource, to: use, discarding: true)
  }

  func release(after use: VulkanAccess) -> OwnershipTransferBarrier {
    .transition(image.handle, from: use, to: .transferSource)
  }

  func recordCopy(into commands: VkCommandBuffer) {
    landing.recordCopy(from: image.handle, size, layout: VulkanAccess.transferSource.layout, into: commands)
  }
}

extension VulkanHost {
  /// - Parameter usage: nil for all that the device supports.
  /// - Throws: ``InteropError/Code/unsupported`` for one that it does not.
  fileprivate func supportedDownloadUsage(
    _ size: PixelSize, _ format: PixelFormat, asked usage: VkImageUsageFlags?
  ) throws(InteropError) -> VkImageUsageFlags {
    let copied = UInt32(VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue)
    var properties = VkFormatProperties()
    instanceFunctions.vkGetPhysicalDeviceFormatProperties(physicalDevice, format.vkFormat, &properties)
    let table: [(VkFormatFeatureFlagBits, VkImageUsageFlagBits)] = [
      (VK_FORMAT_FEATURE_TRANSFER_DST_BIT, VK_IMAGE_USAGE_TRANSFER_DST_BIT),
      (VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT, VK_IMAGE_USAGE_SAMPLED_BIT),
      (VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT),
      (VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT, VK_IMAGE_USAGE_STORAGE_BIT),
    ]
    let all = table.filter { properties.optimalTilingFeatures & UInt32($0.0.rawValue) != 0 }
      .reduce(copied) { $0 | UInt32($1.1.rawValue) }
    let wanted = usage.map { $0 | copied } ?? all
    try checkHostCopyImage(size, format, tiling: .optimal, usage: wanted)
    return wanted
  }
}
