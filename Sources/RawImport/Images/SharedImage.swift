public import InteropDrivers

/// Memory that GL and Vulkan both see as an image, made once and used for many frames.
///
/// Vulkan allocates and exports the memory (VK_KHR_external_memory_fd), and GL imports it (GL_EXT_memory_object_fd); or
/// the memory is a DMA-BUF that GL, Vulkan or neither allocated. The two APIs have access alternately, the writer
/// first:
///
/// ```swift
/// let image = try SharedImage(.init(size: size), gl: context, host: host)
/// try image.accessInGL { … draw into image.glFramebuffer … }          // GL thread
/// try image.access(.fragmentSampling) { commands in … }         // any thread
/// ```
///
/// An application that submits itself calls ``acquireBarrier(_:on:)`` and ``releaseBarrier(_:)`` instead,
/// and puts their barriers and semaphores into its own submission.
///
/// Threads: GL calls where the context is current, Vulkan calls anywhere, one at a time. Ownership: the image owns the
/// objects of both APIs. Release it when the device has finished with it; it waits for the work that was submitted
/// through it.
public final class SharedImage: @unchecked Sendable {
  /// The description that the image was made from.
  public let description: SharedImageDescription
  /// The device the image is on.
  public let host: VulkanHost
  /// The GL context the image was made with.
  public let context: GLContext
  /// How the two APIs wait for each other.
  public let sync: SyncKind
  /// The usage the image was made with.
  public let usage: VkImageUsageFlags
  /// Size of the memory in bytes.
  public let memorySize: UInt64

  private let sides: SharedImageBacking

  package let ownership: ImageOwnership

  /// The image. It lives as long as this object.
  public var vkImage: VkImage { sides.vulkan.handle }
  /// The memory ``vkImage`` is bound to; the first of several.
  public var vkMemory: VkDeviceMemory { sides.vulkan.memory }
  /// Width and height in pixels.
  public var size: PixelSize { description.size }
  /// The tiling the image was made with (`VkImageCreateInfo.tiling`).
  public var tiling: ImageTiling { description.tiling }
  /// The flags the image was made with (`VkImageCreateInfo.flags`).
  public var createFlags: VkImageCreateFlags { description.createFlags }
  /// Pixel format of the image.
  public var format: PixelFormat { description.format }
  /// Which end of the picture row 0 is.
  public var orientation: ImageOrientation { description.orientation }

  /// Whether the image has an alpha channel without content, see ``SharedImageDescription/isOpaque``.
  public var isOpaque: Bool { description.hasPadding }
  /// The component mapping for a `VkImageView` that is sampled.
  ///
  /// Alpha is `VK_COMPONENT_SWIZZLE_ONE` where ``isOpaque``, every other component is itself. Views of attachments and
  /// storage images must have the identity. In C: `glvk_image_info`.
  public var componentMapping: VkComponentMapping { VkComponentMapping(isOpaque: isOpaque) }

  /// The GL texture, `GL_TEXTURE_2D`.
  ///
  /// In a mode that reaches a BGRA format through an alias, sampling gives the right colours (a texture swizzle; OpenGL
  /// ES 2.0 has none, and exchanges red and blue). Rendering into the texture would not: ``glFramebuffer`` is nil then.
  public var glTexture: GLuint { sides.texture }

  /// A framebuffer with the texture as `GL_COLOR_ATTACHMENT0`; nil where reading or writing it would exchange red and
  /// blue.
  ///
  /// Where the image ``isOpaque``, reading the framebuffer may give any alpha; sampling the texture gives 1.
  public var glFramebuffer: GLuint? {
    if case .native = description.glView { sides.framebuffer } else { nil }
  }

  /// The framebuffer, whatever its channel order. For the blitter.
  var aliasFramebuffer: GLuint { sides.framebuffer }

  /// The buffer of an image that is shared as DMA-BUF; nil for other handle types.
  ///
  /// Use ``DMABuf/duplicate()`` to pass it on, for scanout or to another process.
  public var dmaBuf: DMABuf? { sides.dmaBuf }
  /// The DRM format modifier of a DMA-BUF; nil for other handle types.
  public var modifier: DRMModifier? { dmaBuf?.modifier }
  /// The queue family that owns the image during a GL access: `VK_QUEUE_FAMILY_EXTERNAL`, or
  /// `VK_QUEUE_FAMILY_FOREIGN_EXT` for a DMA-BUF.
  public var outsideFamily: UInt32 {
    description.handleType == .dmaBuf ? host.dmaBufFamily : OwnershipTransferBarrier.externalFamily
  }

  // MARK: The application's own objects

  /// Identifies the image, for objects that an application keeps for it: views, descriptor sets, framebuffers.
  ///
  /// The drivers may use the handles of ``vkImage`` and ``glTexture`` again for another image. An ID is never used
  /// again.
  public var imageID: ImageID { life.id }
  package var life: ImageLifetime { sides.vulkan.life }

  /// Calls `handler` once, with ``imageID``, when the image goes.
  ///
  /// The call comes after the work that was submitted through the image is done, and before its views, its texture and
  /// the `VkImage` are destroyed. Destroy there the objects that were made for the image.
  ///
  /// The call comes on the thread that releases the last reference to the image, which need not be the GL thread. Work
  /// that the application submitted itself must be done: ``retire()`` waits for it; or wait for it in `handler`, since
  /// nothing is destroyed before that returns. `handler` must not use the image otherwise.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { life.onEnd(handler) }

  /// Returns a view of the image. The first call makes it; later calls return the same one.
  ///
  /// It is a 2D view of the whole image. Its usage is the image's ``usage``, as far as the device supports that for
  /// `format`. The view lives as long as the image, which destroys it. Any thread; only the first call reaches the
  /// driver.
  ///
  /// - Parameters:
  ///   - format: ``PixelFormat/vkFormat`` or another of ``PixelFormat/viewFormats``, the sRGB or UNORM one of the same
  ///     bytes; nil for the image's own.
  ///   - components: all `VK_COMPONENT_SWIZZLE_IDENTITY` for ``componentMapping`` of an image that Vulkan reads.
  ///     Attachments and storage images must have the identity: for an opaque image name each component,
  ///     `VK_COMPONENT_SWIZZLE_R` and so on.
  /// - Throws: ``InteropError/Code/invalidArgument`` for another format; ``InteropError/Code/unsupported`` where the
  ///   usage is one of copies only; the driver's refusal.
  ///
  /// The corresponding C function is `vkCreateImageView`.
  public func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView { try sides.viewed.view(format, components, in: life) }

  /// Makes an image as the public initialiser does, without the checks. The test for true BGRA uses it.
  convenience init(
    unverified description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    let sides = try SharedImageBacking.make(description, context, host)
    try self.init(sides, description, context, host, nil)
  }

  /// Imports a buffer that neither GL nor Vulkan allocated (GBM, a heap, another process) into both.
  ///
  /// The content is kept until the first write. The descriptors are lent. Other users may still use the buffer, but
  /// must not touch it during an access of either API.
  ///
  /// For a buffer with padding (`XR24`) the image ``isOpaque``.
  ///
  /// - Parameters:
  ///   - buffer: of a format with one plane of pixels.
  ///   - format: how both APIs interpret the bytes; nil for the one that the fourcc names.
  ///   - direction: who writes.
  ///   - mode: how GL gets at the pixels; a BGRA buffer is a true BGRA texture in either.
  ///   - orientation: which end of the picture row 0 is.
  ///   - usage: Vulkan's; nil for all that the device supports.
  ///   - implicitLayout: what to do without a modifier.
  ///   - context: current on this thread.
  ///   - host: the Vulkan device.
  ///   - sync: as in ``init(_:gl:host:sync:ownershipQueue:)``.
  ///   - ownershipQueue: as in ``init(_:gl:host:sync:ownershipQueue:)``.
  /// - Throws: as ``DMABuf/importIntoGL(_:for:)`` and ``DMABuf/importIntoVulkan(_:format:usage:implicitLayout:)``.
  public convenience init(
    importing buffer: DMABuf, format: PixelFormat? = nil, direction: TransferDirection = .glToVulkan,
    mode: TransferMode = .direct, orientation: ImageOrientation = .bottomUp, usage: VkImageUsageFlags? = nil,
    implicitLayout: ImplicitLayout = .refuse, gl context: GLContext, host: VulkanHost, sync: SyncKind? = nil,
    ownershipQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try context.enter("make a shared image")
    guard
      let format = format
        ?? PixelFormat.all.first(where: { buffer.format.vkFormats?.first == $0.vkFormat })
    else {
      throw InteropError(
        .unsupported, step: "make a shared image", reason: "\(buffer.format) is no pixel format that both sides write",
        missing: ["\(buffer.format)"], advice: "Import it into the side that reads it")
    }
    let description = SharedImageDescription(
      size: buffer.size, format: format, direction: direction, mode: mode, handleType: .dmaBuf, allocator: .neither,
      orientation: orientation, usage: usage, isOpaque: buffer.format.hasPadding)
    try Self.check(description, context, host)
    let sides = try SharedImageBacking.importing(buffer, description, implicitLayout, context, host)
    try self.init(sides, description, context, host, sync, ownershipQueue: ownershipQueue)
  }

  /// Shares a texture of the application with its content. The image does not own the texture, which must outlive it.
  convenience init(
    borrowing texture: GLuint, framebuffer: GLuint, _ description: SharedImageDescription, gl context: GLContext,
    host: VulkanHost, sync: SyncKind?
  ) throws(InteropError) {
    try Self.check(description, context, host)
    let sides = try SharedImageBacking.borrowing(
      texture: texture, framebuffer: framebuffer, description, context, host)
    try self.init(sides, description, context, host, sync)
  }

  init(
    _ sides: SharedImageBacking, _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost,
    _ sync: SyncKind?, ownershipQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    let home = try host.known(ownershipQueue, "the ownership queue")
    self.description = description
    self.host = host
    self.context = context
    self.sides = sides
    (usage, memorySize) = (sides.usage, sides.vulkan.size)
    self.sync = sync ?? Self.bestSync(context, host)
    let signals = ReleaseSignals(
      writerDone: try Self.makeSignal(self.sync, context, host),
      readerDone: try Self.makeSignal(self.sync, context, host))
    // Where Vulkan reads, the reader prepares the image, and GL waits for that as for any reader. Foreign memory is not
    // prepared: the first acquire keeps its content.
    let signalled = description.direction == .glToVulkan && sides.isNew ? signals.readerDone : nil
    let outside = description.handleType == .dmaBuf ? host.dmaBufFamily : OwnershipTransferBarrier.externalFamily
    ownership = ImageOwnership(
      host: host, image: sides.vulkan.handle, vulkanIsWriter: description.direction == .vulkanToGL,
      transport: .sharedMemory(outside: outside, signals),
      pending: signalled == nil ? nil : .readerDone, homeQueue: home)
    if sides.isNew { try ownership.prepare(signalling: signalled) } else { try ownership.makeCommands() }
  }

  /// Waits for the work that was submitted here, since destroying an image in use is undefined.
  ///
  /// ``retire()`` waits for the application's own submissions and for GL's drawing.
  deinit {
    ownership.finishAll()
    life.end()
  }

  // MARK: Signals

  private static func bestSync(_ context: GLContext, _ host: VulkanHost) -> SyncKind {
    if (try? SharedTimeline.checkSupport(gl: context, host: host)) != nil { return .timelineSemaphore }
    if context.hasSemaphoreFD, host.canExportSemaphores { return .semaphoreFD }
    return (try? SyncFileSignal.checkSupport(gl: context, host: host)) == nil ? .cpuWait : .syncFile
  }

  private static func makeSignal(
    _ sync: SyncKind, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> any ReleaseSignal {
    switch sync {
    case .cpuWait: CPUWaitSignal()
    case .timelineSemaphore: try SharedTimeline(gl: context, host: host)
    case .semaphoreFD: try SharedSemaphore(gl: context, host: host)
    case .syncFile: try SyncFileSignal(gl: context, host: host)
    }
  }

  // MARK: Checks before anything is made

  /// Checks whether such an image would be refused before anything is made: sizes, extensions, two devices. The making
  /// may still fail after that.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` naming what is missing, of the memory first, then of the sync.
  package static func checkSupport(
    _ description: SharedImageDescription, sync: SyncKind, gl context: GLContext, host: VulkanHost
  ) throws(InteropError) {
    try check(description, context, host)
    switch sync {
    case .cpuWait: break
    case .timelineSemaphore: try SharedTimeline.checkSupport(gl: context, host: host)
    case .semaphoreFD: try SharedSemaphore.checkSupport(gl: context, host: host)
    case .syncFile: try SyncFileSignal.checkSupport(gl: context, host: host)
    }
  }

  /// The error where GL and Vulkan run on two devices, which cannot share this memory; nil where they may be on one.
  package static func deviceMismatch(gl context: GLContext, host: VulkanHost) -> InteropError? {
    guard context.identity.match(host.info.identity) == .different else { return nil }
    return InteropError(
      .unsupported, step: "compare device UUIDs",
      reason: "GL runs on \(context.renderer), Vulkan on \(host.info.deviceName): two devices cannot share memory as"
        + " \(ExternalMemoryHandleType.opaqueFD)",
      missing: ["the same device on both sides"],
      advice: "Choose the Vulkan device of GL's UUID (VulkanHost.create, glvk_host_create), or use host-copy")
  }

  static func check(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    let sizeStep = "check the shared image's size"
    try description.size.validate(sizeStep)
    try description.size.check(sizeStep, within: [context.sizeLimit, host.sizeLimit])
    if description.handleType == .dmaBuf { return try checkDMABuf(description, context, host) }
    var missing: [String] = []
    if !context.hasMemoryObjectFD { missing.append("GL_EXT_memory_object_fd") }
    let missingOfGL = missing.count
    if !host.enabledDeviceExtensions.contains("VK_KHR_external_memory_fd") || host.vk.vkGetMemoryFdKHR == nil {
      missing.append("VK_KHR_external_memory_fd")
    }
    if host.apiVersion < VulkanVersion.v1_2, !host.enabledDeviceExtensions.contains("VK_KHR_image_format_list") {
      missing.append("VK_KHR_image_format_list")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "make a shared image",
        reason: "\(context.renderer) and \(host.info.deviceName) share no memory as \(description.handleType)",
        missing: missing,
        advice: missingOfGL == 0
          ? host.adviceForMissingExtensions(otherwise: "use host-copy")
          : context.features.isES2 ? "Use a context of OpenGL ES 3 or OpenGL, or host-copy" : "Use host-copy")
    }
    if !description.allowsDeviceMismatch, let mismatch = deviceMismatch(gl: context, host: host) { throw mismatch }
    if description.format.channelOrder == .redBlueExchanged, description.glEncoding == .srgb,
      description.direction == .glToVulkan
    {
      throw InteropError(
        .unsupported, step: "choose the GL format",
        reason: "GL has no sRGB format with \(description.format)'s channel order to render into",
        missing: ["an sRGB form of GL_BGRA8_EXT"],
        advice: "Use rgba8-srgb, or let GL write bytes (glEncoding .bytes, GLVK_GL_ENCODING_BYTES)")
    }
  }

  /// Checks a DMA-BUF. Two devices may share one, so this compares no devices; a modifier that both have is found
  /// later.
  private static func checkDMABuf(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    let step = "make a shared image"
    try host.checkDMABufs(step)
    guard description.tiling == .drmModifier else {
      throw InteropError(
        .invalidArgument, step: step, reason: "a DMA-BUF has no \(description.tiling.rawValue) tiling",
        advice: "Leave the tiling out; the modifier DRM_FORMAT_MOD_LINEAR alone makes it linear")
    }
    guard description.glEncoding == .bytes else {
      throw InteropError(
        .unsupported, step: step, reason: "EGL imports bytes, DRM has no sRGB formats", missing: ["an sRGB fourcc"],
        advice:
          "Let GL write bytes (glEncoding .bytes, GLVK_GL_ENCODING_BYTES); Vulkan sees sRGB through the image's format")
    }
    var missing: [String] = []
    if let egl = context.egl {
      let needed =
        description.allocator == .gl ? "EGL_MESA_image_dma_buf_export" : "EGL_EXT_image_dma_buf_import"
      if !egl.extensions.contains(needed) { missing.append(needed) }
      if description.allocator != .gl, context.gl.glEGLImageTargetTexture2DOES == nil {
        missing.append("GL_OES_EGL_image")
      }
    } else {
      missing.append("a context of EGL's")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) shares no memory as dma-buf", missing: missing,
        advice: "Use another path")
    }
    if description.allocator == .gl, description.format.channelOrder == .redBlueExchanged,
      description.direction == .glToVulkan, description.mode == .direct
    {
      throw InteropError(
        .unsupported, step: "choose the GL format",
        reason: "GL makes no textures of its own with \(description.format)'s channel order",
        missing: ["an export of \(description.format.drmFourCC)"], advice: "Use dma-buf-import, or mode blit")
    }
  }
}
