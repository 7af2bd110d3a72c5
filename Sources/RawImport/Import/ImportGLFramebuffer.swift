public import InteropDrivers

/// Options of ``importGLFramebufferVulkan(_:gl:host:handleType:options:)``.
public struct ImportOptions: Sendable, Hashable {
  /// The image's format; nil for the one nearest to the framebuffer's.
  public var format: PixelFormat?
  /// Which end of the picture row 0 of the image is: ``ImageOrientation/topDown`` flips GL's picture.
  public var orientation: ImageOrientation
  /// The tiling of OPAQUE_FD memory; a DMA-BUF has ``modifiers``.
  public var tiling: ImageTiling
  /// How the pixels get into the image.
  ///
  /// `blit` copies the framebuffer's present content. `direct`, for DMA-BUFs, copies nothing: the image *is* the
  /// attached texture, and later drawing into it is seen, too.
  public var mode: TransferMode
  /// The modifiers that a DMA-BUF may have, in mode `blit`; nil for any that both APIs have.
  public var modifiers: [DRMModifier]?
  /// Vulkan usage; nil for all that the device supports.
  public var usage: VkImageUsageFlags?
  /// How the two APIs wait for each other; nil for the best that both have.
  public var sync: SyncKind?
  /// Whether the image's alpha channel has no content, see ``SharedImageDescription/isOpaque``.
  ///
  /// nil: it has none where the framebuffer is without alpha (`GL_RGB8`), whose picture GL takes for opaque, too.
  public var isOpaque: Bool?
  /// Whether to try even where GL and Vulkan report different devices.
  public var allowsDeviceMismatch: Bool

  /// Makes options; each default is that of the property.
  public init(
    format: PixelFormat? = nil, orientation: ImageOrientation = .bottomUp, tiling: ImageTiling = .optimal,
    mode: TransferMode = .blit, modifiers: [DRMModifier]? = nil, usage: VkImageUsageFlags? = nil, sync: SyncKind? = nil,
    isOpaque: Bool? = nil, allowsDeviceMismatch: Bool = false
  ) {
    self.format = format
    self.orientation = orientation
    self.tiling = tiling
    self.mode = mode
    self.modifiers = modifiers
    self.usage = usage
    self.sync = sync
    self.isOpaque = isOpaque
    self.allowsDeviceMismatch = allowsDeviceMismatch
  }
}

/// A framebuffer's content as a Vulkan image that is ready to be acquired.
///
/// Acquire it with ``SharedImage/acquireBarrier(_:on:)``, which returns the barrier and the semaphore, or with
/// ``SharedImage/access(_:on:_:)``. The image belongs to `VK_QUEUE_FAMILY_EXTERNAL` and is in
/// `VK_IMAGE_LAYOUT_GENERAL`. This owns the image and its memory and frees them when it goes away. Before you release
/// it, read or unread, call ``SharedImage/retire()`` on the GL thread: it waits for both APIs.
public struct ImportedImage: Sendable {
  /// The shared image behind it, for later accesses.
  public let shared: SharedImage

  /// The image on the Vulkan device. It lives as long as this object.
  public var image: VkImage { shared.vkImage }
  /// The memory ``image`` is bound to.
  public var memory: VkDeviceMemory { shared.vkMemory }
  /// Identifies the image, as ``SharedImage/imageID``; views are ``SharedImage/view(format:components:)``.
  public var imageID: ImageID { shared.imageID }
  /// Pixel format of the image.
  public var format: PixelFormat { shared.format }
  /// Size of ``image``.
  public var extent: VkExtent3D { shared.size.extent }
  /// Which end of the picture row 0 is.
  public var orientation: ImageOrientation { shared.orientation }
  /// The component mapping for a view that is sampled, see ``SharedImage/componentMapping``: where the framebuffer has
  /// no alpha, alpha is 1.
  public var componentMapping: VkComponentMapping { shared.componentMapping }
  /// The layout in which the image crosses to Vulkan.
  public var layout: VkImageLayout { VK_IMAGE_LAYOUT_GENERAL }
  /// The queue family to acquire from: `VK_QUEUE_FAMILY_EXTERNAL`, for a DMA-BUF `VK_QUEUE_FAMILY_FOREIGN_EXT`.
  public var queueFamily: UInt32 { shared.outsideFamily }
  /// How the two APIs wait for each other.
  public var sync: SyncKind { shared.sync }
}

/// Imports the present content of `framebuffer` as a Vulkan image in `host`: with one GPU copy at most, and none
/// through the CPU.
///
/// For one picture. For every frame, keep a ``SharedImage`` (or a producer) and copy into it, or render into it: making
/// and importing memory costs far more than a frame does.
///
/// As DMA-BUF, mode `blit` copies into memory that Vulkan allocated with a modifier that both APIs have; where that
/// does not work, into a texture of GL's that is exported. Mode `direct` exports the texture that is attached to the
/// framebuffer.
///
/// The application's GL state is as before, GL errors that were pending are in ``GLContext/takeApplicationErrors()``.
///
/// - Parameters:
///   - framebuffer: the name (0 for the default framebuffer), its size and colour attachment. Multisampled ones are
///     resolved.
///   - context: the one that is current on this thread.
///   - host: the Vulkan device, for ``ExternalMemoryHandleType/opaqueFD`` the same GPU as GL's.
///   - handleType: how the memory is shared.
///   - options: format, orientation, mode, tiling or modifiers, usage, sync.
/// - Throws: ``InteropError``. Nothing is left behind.
///
/// Sources: EXT_external_objects, EXT_external_objects_fd, VK_KHR_external_memory_fd; EGL_EXT_image_dma_buf_import,
/// EGL_MESA_image_dma_buf_export, VK_EXT_external_memory_dma_buf, VK_EXT_image_drm_format_modifier. The corresponding C
/// functions are `vkGetMemoryFdKHR`, `glImportMemoryFdEXT`, `glTexStorageMem2DEXT` and `glBlitFramebuffer`;
/// `eglCreateImageKHR` and `eglExportDMABUFImageMESA`.
public func importGLFramebufferVulkan(
  _ framebuffer: GLFramebuffer, gl context: GLContext, host: VulkanHost, handleType: ExternalMemoryHandleType,
  options: ImportOptions = ImportOptions()
) throws(InteropError) -> ImportedImage {
  try context.enter("importGLFramebufferVulkan")
  let contents = try context.preservingBindings { () throws(InteropError) in
    try FramebufferContents(framebuffer, context)
  }
  var description = SharedImageDescription(
    size: framebuffer.size, format: options.format ?? contents.nearestFormat,
    tiling: handleType == .dmaBuf ? nil : options.tiling, direction: .glToVulkan, mode: options.mode,
    handleType: handleType, modifiers: options.modifiers, orientation: options.orientation, usage: options.usage,
    isOpaque: options.isOpaque ?? !contents.hasAlpha, allowsDeviceMismatch: options.allowsDeviceMismatch)
  if options.mode == .direct {
    description.allocator = .gl
    let image = try attachment(of: framebuffer, contents, description, context, host, options.sync)
    // Ends the GL access to the drawing so far, so that Vulkan can acquire it.
    try image.acquireForGL()
    try image.releaseFromGL()
    return ImportedImage(shared: image)
  }
  let image = try snapshotImage(description, context, host, options.sync)
  try image.acquireForGL()
  do throws(InteropError) {
    try FramebufferBlitter(context).copy(from: framebuffer, to: image)
    try image.releaseFromGL()
  } catch {
    // The image goes away, and GL's drawing into it must be done before its memory goes.
    context.gl.glFinish()
    throw error
  }
  return ImportedImage(shared: image)
}

/// Makes an image to copy into. As DMA-BUF, Vulkan's memory is tried first: its layout can be chosen.
private func snapshotImage(
  _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost, _ sync: SyncKind?
) throws(InteropError) -> SharedImage {
  do throws(InteropError) {
    return try SharedImage(description, gl: context, host: host, sync: sync)
  } catch let error
    where description.handleType == .dmaBuf && description.modifiers == nil && error.code != .invalidArgument
  {
    var exported = description
    exported.allocator = .gl
    do throws(InteropError) {
      return try SharedImage(exported, gl: context, host: host, sync: sync)
    } catch let second {
      var both = error
      both.reason += "; and GL's own memory cannot be exported: \(second.step): \(second.reason)"
      throw both
    }
  }
}

/// Shares the attached texture with its content.
private func attachment(
  of framebuffer: GLFramebuffer, _ contents: FramebufferContents, _ description: SharedImageDescription,
  _ context: GLContext, _ host: VulkanHost, _ sync: SyncKind?
) throws(InteropError) -> SharedImage {
  func unsupported(_ reason: String, missing: String) -> InteropError {
    InteropError(
      .unsupported, step: "export the framebuffer's texture", reason: reason, missing: [missing],
      advice: "Use mode blit")
  }
  guard description.handleType == .dmaBuf else {
    throw unsupported("GL's own memory cannot be shared as \(description.handleType)", missing: "handle type dma-buf")
  }
  guard let texture = contents.texture, contents.samples == 0 else {
    throw unsupported(
      "attachment \(framebuffer.colorAttachment) is not level 0 of a texture with one sample",
      missing: "a plain texture")
  }
  guard texture.size ?? framebuffer.size == framebuffer.size else {
    throw unsupported(
      "the texture is \(texture.size ?? framebuffer.size), the framebuffer \(framebuffer.size)",
      missing: "a texture of that size")
  }
  guard framebuffer.orientation == description.orientation else {
    throw unsupported("a texture as it is cannot be turned", missing: "orientation \(framebuffer.orientation.rawValue)")
  }
  guard contents.format.hasBytesOfNearest, description.format.channelOrder == .same,
    description.format.drmFourCC == contents.nearestFormat.drmFourCC
  else {
    throw unsupported(
      contents.format.hasBytesOfNearest
        ? "the texture's bytes are those of \(contents.nearestFormat)" : "the texture has \(contents.format)",
      missing: "a texture of \(description.format)")
  }
  return try SharedImage(
    borrowing: texture.name, framebuffer: framebuffer.name, description, gl: context, host: host, sync: sync)
}
