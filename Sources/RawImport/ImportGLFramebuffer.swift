public import Drivers

/// How ``importGLFramebufferVulkan(_:gl:host:handleType:options:)`` is to go about it.
public struct ImportOptions: Sendable, Hashable {
  /// The image's format; nil for the one nearest to the framebuffer's.
  public var format: PixelFormat?
  /// What row 0 of the image shall be: ``ImageOrientation/topDown`` flips what GL drew.
  public var orientation: ImageOrientation
  public var tiling: ImageTiling
  /// Vulkan usage; nil for all that the device supports.
  public var usage: VkImageUsageFlags?
  /// nil for the best that both sides have.
  public var sync: SyncKind?
  public var allowsDeviceMismatch: Bool

  public init(
    format: PixelFormat? = nil, orientation: ImageOrientation = .bottomUp, tiling: ImageTiling = .optimal,
    usage: VkImageUsageFlags? = nil, sync: SyncKind? = nil, allowsDeviceMismatch: Bool = false
  ) {
    self.format = format
    self.orientation = orientation
    self.tiling = tiling
    self.usage = usage
    self.sync = sync
    self.allowsDeviceMismatch = allowsDeviceMismatch
  }
}

/// What a framebuffer held, as a Vulkan image that waits to be acquired.
///
/// It is Vulkan's turn: ``SharedImage/acquireForVulkan(_:queue:via:)`` with the barrier and the semaphore, or
/// ``SharedImage/accessInVulkan(_:queue:via:_:)``. The image belongs to `VK_QUEUE_FAMILY_EXTERNAL` and is in
/// `VK_IMAGE_LAYOUT_GENERAL`; it and its memory are owned here and freed when this goes away. To give it up, read or unread,
/// call ``SharedImage/retire()`` on the GL thread first: it waits for both sides.
public struct ImportedImage: Sendable {
  public let shared: SharedImage

  public var image: VkImage { shared.vkImage }
  public var memory: VkDeviceMemory { shared.vkMemory }
  public var format: PixelFormat { shared.format }
  public var extent: VkExtent3D { shared.size.extent }
  public var orientation: ImageOrientation { shared.orientation }
  /// The layout at hand-over.
  public var layout: VkImageLayout { VK_IMAGE_LAYOUT_GENERAL }
  /// The queue family to acquire from: `VK_QUEUE_FAMILY_EXTERNAL`.
  public var queueFamily: UInt32 { VulkanHandover.externalFamily }
  public var sync: SyncKind { shared.sync }
}

/// What `framebuffer` holds now, as a Vulkan image in `host`: one GPU copy, none through the CPU.
///
/// For one picture. For every frame, keep a ``SharedImage`` (or a producer) and copy into it, or render into it: making
/// and importing memory costs far more than a frame does.
///
/// The application's GL state is as before, GL errors that were pending are in ``GLContext/takeApplicationErrors()``.
///
/// - Parameters:
///   - framebuffer: the name (0 for the default framebuffer), its size and colour attachment. Multisampled ones are
///     resolved.
///   - gl: the context current on this thread.
///   - host: the Vulkan device, the same GPU as GL's.
///   - handleType: how the memory is shared: ``ExternalMemoryHandleType/opaqueFD``.
///   - options: format, orientation, tiling, usage, sync.
/// - Throws: ``InteropError``. Nothing is left behind.
///
/// Sources: EXT_external_objects, EXT_external_objects_fd, VK_KHR_external_memory_fd. The corresponding C functions are
/// `vkGetMemoryFdKHR`, `glImportMemoryFdEXT`, `glTexStorageMem2DEXT` and `glBlitFramebuffer`.
public func importGLFramebufferVulkan(
  _ framebuffer: GLFramebuffer, gl context: GLContext, host: VulkanHost, handleType: ExternalMemoryHandleType,
  options: ImportOptions = ImportOptions()
) throws(InteropError) -> ImportedImage {
  try context.enter("importGLFramebufferVulkan")
  let contents = try context.preservingBindings { () throws(InteropError) in
    try FramebufferContents(framebuffer, context)
  }
  let image = try SharedImage(
    SharedImageDescription(
      size: framebuffer.size, format: options.format ?? contents.nearestFormat, tiling: options.tiling,
      direction: .glToVulkan, mode: .blit, handleType: handleType, orientation: options.orientation,
      usage: options.usage, allowsDeviceMismatch: options.allowsDeviceMismatch),
    gl: context, host: host, sync: options.sync)
  try image.beginGLAccess()
  do throws(InteropError) {
    try FramebufferBlitter(context).copy(from: framebuffer, to: image)
    try image.endGLAccess()
  } catch {
    // The image goes away; what was drawn into it must be done before its memory is.
    context.gl.glFinish()
    throw error
  }
  return ImportedImage(shared: image)
}
