package import InteropDrivers

/// The image of path `host-copy`: Vulkan's own, filled with the pixels that GL reads back by one of the methods of
/// ``ReadbackMethod``.
///
/// Where the method lets GL work on (``ReadbackMethod/sharedBuffer``, ``ReadbackMethod/pixelBuffer``), the acquire of
/// the frame waits for the readback, on any thread: an EGL fence sync needs no current context (EGL_KHR_fence_sync). On
/// a driver without it, the end of the GL access waits.
package final class HostCopyImage: @unchecked Sendable {
  package let ownership: ImageOwnership
  /// How the pixels get to the image.
  package let method: ReadbackMethod
  package var size: PixelSize { source.size }
  package var format: PixelFormat { source.format }
  package var orientation: ImageOrientation { source.orientation }
  package var isOpaque: Bool { source.isOpaque }
  package var vkImage: VkImage { image.handle }
  package let usage: VkImageUsageFlags
  package let tiling: ImageTiling
  package var createFlags: VkImageCreateFlags { VulkanHost.uploadFlags }
  package var life: ImageLifetime { image.life }
  /// The framebuffer that the frame is read from: one sample, in the format's GL alias.
  package var sourceFramebuffer: GLuint { source.target.framebuffer }

  package let source: ReadbackSource
  private let transfer: any HostCopyTransfer
  private let image: VulkanImageMemory
  private let viewed: ViewedImage

  package func view(format: VkFormat?, components: VkComponentMapping) throws(InteropError) -> VkImageView {
    try viewed.view(format, components, in: life)
  }

  /// - Parameters:
  ///   - source: the framebuffer, and the orientation of the image; may be shared with other images.
  ///   - method: this one, or the initialiser throws.
  ///   - usage: what the application needs besides copies and sampling; nil for no more.
  ///   - egl: for fences that any thread can wait for; nil where the context is not EGL's.
  /// - Throws: ``InteropError/Code/unsupported`` naming what the method needs and the drivers lack; their refusals.
  package init(
    _ source: ReadbackSource, by method: ReadbackMethod, usage: VkImageUsageFlags? = nil,
    egl: (EGLFunctions, EGLDisplay)?, host: VulkanHost
  ) throws(InteropError) {
    let usage = VulkanHost.uploadUsage | (usage ?? 0)
    try source.context.enter("make a host-copy image")
    try source.size.check("check the image's size", within: [host.sizeLimit])
    self.source = source
    self.method = method
    self.usage = usage
    tiling = method == .linearImage ? .linear : .optimal
    switch method {
    case .linearImage:
      let made = try LinearImageTransfer(source, usage: usage, host)
      transfer = made
      image = made.image
    case .sharedBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal, usage: usage)
      transfer = try SharedBufferTransfer(source, image, egl, host)
    case .stagingBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal, usage: usage)
      transfer = try StagingBufferTransfer(source, image, host)
    case .pixelBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal, usage: usage)
      transfer = try PixelBufferTransfer(source, image, egl, host)
    default:
      throw InteropError(
        .invalidArgument, step: "make a host-copy image", reason: "there is no readback method \(method)",
        advice: "Choose \(ReadbackMethod.all.map(\.rawValue).joined(separator: " or "))")
    }
    viewed = ViewedImage(
      image: image.handle, formats: source.format.viewFormats, usage: usage, tiling: tiling.vkTiling, modifier: nil,
      host: host,
      components: VkComponentMapping(isOpaque: source.isOpaque))
    ownership = ImageOwnership(host: host, image: image.handle, vulkanIsWriter: false, transport: .upload(transfer))
    try ownership.makeCommands()
  }

  deinit {
    ownership.finishAll()
    life.end()
  }

  package func acquireForGL() throws(InteropError) {
    try source.context.enter("begin GL access")
    try ownership.acquireForGL { before throws(InteropError) in
      // Vulkan may still read the memory that GL is going to write to.
      if transfer.isReadByVulkan { try before.finishAll() }
    }
  }

  package func releaseFromGL(naming tag: UInt64? = nil) throws(InteropError) {
    try source.context.enter("end GL access")
    try ownership.releaseFromGL(naming: tag) { () throws(InteropError) in try transfer.read() }
  }

  package func cancelAcquireForGL() throws(InteropError) { try ownership.cancelAcquireForGL() }

  /// Makes a frame that is in use independent of the GL context, on its thread.
  package func detach() throws(InteropError) { try transfer.detach() }

  package func retire() throws(InteropError) {
    try source.context.enter("retire the host-copy image")
    if ownership.current == .ready { try ownership.drop() }
    try ownership.retire()
    try ownership.waitForVulkan()
  }
}
