internal import InteropDrivers

/// The objects of both APIs over one memory.
final class SharedImageBacking: Sendable {
  // GL's objects go before the memory that Vulkan may own.
  private let gl: any GLBacking
  let vulkan: VulkanImageMemory
  let viewed: ViewedImage
  var usage: VkImageUsageFlags { viewed.usage }
  /// The buffer, where the memory is shared as DMA-BUF.
  let dmaBuf: DMABuf?
  /// Whether Vulkan's image has no content to keep.
  let isNew: Bool

  var texture: GLuint { gl.texture }
  var framebuffer: GLuint { gl.framebuffer }

  private init(
    _ gl: any GLBacking, _ vulkan: VulkanImageMemory, _ viewed: ViewedImage, _ dmaBuf: DMABuf? = nil,
    isNew: Bool = true
  ) {
    self.gl = gl
    self.vulkan = vulkan
    self.viewed = viewed
    self.dmaBuf = dmaBuf
    self.isNew = isNew
  }

  private convenience init(
    _ gl: any GLBacking, _ image: DMABufImage, _ description: SharedImageDescription, isNew: Bool
  ) {
    var viewed = image.viewed
    viewed.components = description.viewComponents
    self.init(gl, image.parts, viewed, image.dmaBuf, isNew: isNew)
  }

  /// Makes memory as the description says.
  static func make(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    switch (description.handleType, description.allocator) {
    case (.dmaBuf, .gl): try exportedByGL(description, context, host)
    case (.dmaBuf, .vulkan): try importedByGL(description, context, host)
    default: try opaque(description, context, host)
    }
  }

  // MARK: OPAQUE_FD

  private static func opaque(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    do throws(InteropError) {
      return try shareOpaque(description, context, host)
    } catch let error where isRefusedMemory(error) {
      throw explained(error, description, context, host)
    }
  }

  private static func shareOpaque(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    let (vulkan, usage) = try exportable(description, host)
    let gl = try MemoryObjectTexture(description, memory: vulkan.memory, size: vulkan.size, context, host)
    let viewed = ViewedImage(
      image: vulkan.handle, formats: description.format.viewFormats, usage: usage, tiling: description.tiling.vkTiling,
      modifier: nil, host: host, components: description.viewComponents)
    return SharedImageBacking(gl, vulkan, viewed)
  }

  private static func exportable(
    _ description: SharedImageDescription, _ host: VulkanHost
  ) throws(InteropError) -> (VulkanImageMemory, VkImageUsageFlags) {
    let usage = try description.supportedUsage(on: host)
    var chain = StructChain()
    var create = description.createInfo(usage: usage, in: &chain)
    let image = try host.makeObject(.image, "vkCreateImage", "no exportable \(description.format) image") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    let requirements = host.memoryRequirements(of: image.handle)
    let memory = try host.allocateExportable(requirements, for: image.handle, description.handleType)
    return (VulkanImageMemory(image, [.init(memory)], size: requirements.size), usage)
  }

  /// Whether Mesa gives this error where the import failed, which it does not report itself.
  private static func isRefusedMemory(_ error: InteropError) -> Bool {
    error.step == "glTexStorageMem2DEXT" && error.driverCode == .gl(GLenum(GL_OUT_OF_MEMORY))
  }

  /// Explains a refusal. A try with 4x4 pixels tells whether memory is the cause: if that fails, GL cannot import it at
  /// all.
  private static func explained(
    _ refusal: InteropError, _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) -> InteropError {
    var small = description
    small.size = PixelSize(width: 4, height: 4)
    do throws(InteropError) {
      _ = try shareOpaque(small, context, host)
      return refusal
    } catch {
      // A failure of another kind does not explain this one.
      guard isRefusedMemory(error) else { return refusal }
    }
    // lavapipe of Mesa 26.2 backs OPAQUE_FD with a DMA-BUF wherever it may open /dev/udmabuf; llvmpipe of the same
    // version only takes the memfd that lavapipe uses elsewhere.
    let isDMABuf = exportsDMABuf(small, host)
    return InteropError(
      .unsupported, step: refusal.step,
      reason: "\(context.renderer) imports no memory that \(host.info.deviceName) exports as \(description.handleType)"
        + (isDMABuf ? ": here that is a DMA-BUF" : ", not even for \(small.size) pixels"),
      driverCode: refusal.driverCode, missing: ["GL_EXT_memory_object_fd for \(host.info.deviceName)'s memory"],
      advice: isDMABuf ? "Use dma-buf-import" : "Use another path")
  }

  private static func exportsDMABuf(_ description: SharedImageDescription, _ host: VulkanHost) -> Bool {
    do throws(InteropError) {
      let (image, _) = try exportable(description, host)
      let file = try host.exportMemory(image.memory, description.handleType)
      return try file.withBorrowed { DMABuf.askKernel($0) }.get().isDMABuf
    } catch {
      return false
    }
  }

  // MARK: DMA-BUF

  /// Lets Vulkan allocate with a modifier that EGL lists, and GL import the buffer.
  ///
  /// Where GL refuses a modifier, the next one is tried: a listed modifier may fail at some sizes
  /// (KhronosGroup/EGL-Registry#201), and NVIDIA renders into no linear buffer.
  private static func importedByGL(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    let format = description.format
    guard let egl = context.egl else { preconditionFailure("checked by SharedImage") }
    // For a format with padding the one without will do, see importIntoWritingGL.
    var uses = description.hasPadding ? (try? egl.modifiers(of: description.drmFourCC)) ?? [] : []
    if uses.isEmpty || description.direction == .glToVulkan { uses = try egl.modifiers(of: format.drmFourCC) }
    let listed = uses.filter { !$0.isExternalOnly }.map(\.modifier)
    var left = listed.filter { description.modifiers?.contains($0) ?? true }
    var refusal: InteropError?
    while true {
      let image: DMABufImage
      do throws(InteropError) {
        image = try DMABufImage(
          size: description.size, format: format, isOpaque: description.isOpaque, modifiers: left,
          usage: description.usage, host: host)
      } catch {
        // GL's refusal of the last modifier says more than that none is left.
        throw refusal ?? error
      }
      do throws(InteropError) {
        return SharedImageBacking(
          try texture(of: image.dmaBuf, description, context), image, description, isNew: true)
      } catch {
        if refusal == nil { refusal = error }
        left.removeAll { $0 == image.modifier }
      }
    }
  }

  private static func texture(
    of buffer: DMABuf, _ description: SharedImageDescription, _ context: GLContext
  ) throws(InteropError) -> DMABufTexture {
    description.direction == .glToVulkan
      ? try buffer.importIntoWritingGL(context) : try buffer.importIntoGL(context)
  }

  /// Lets GL allocate, and Vulkan import the layout that EGL reports.
  private static func exportedByGL(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    let texture = try ExportedTexture(description, context)
    return try exported(texture, description, context, host)
  }

  /// Exports the application's own texture, with its content.
  static func borrowing(
    texture: GLuint, framebuffer: GLuint, _ description: SharedImageDescription, _ context: GLContext,
    _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    try exported(ExportedTexture(borrowing: texture, framebuffer: framebuffer), description, context, host)
  }

  private static func exported(
    _ texture: ExportedTexture, _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    let exported = try DMABuf(exporting: texture.texture, size: description.size, gl: context)
    let format = description.format
    let bytes = description.glView.exportedFourCC ?? format.drmFourCC
    guard exported.format.withAlpha == bytes else {
      throw InteropError(
        .unsupported, step: "eglExportDMABUFImageQueryMESA",
        reason: "GL's texture for \(format) is exported as \(exported.format), not as \(bytes)",
        missing: ["an export of \(bytes)"], advice: "Use dma-buf-import")
    }
    guard exported.modifier != .invalid else {
      throw InteropError(
        .unsupported, step: "eglExportDMABUFImageQueryMESA", reason: "GL does not say how its texture lies in memory",
        missing: ["a DRM format modifier"], advice: "Use dma-buf-import")
    }
    // GL reports its own view of the bytes: for BGRA through an alias, RGBA.
    let image = try exported.named(description.drmFourCC).importIntoVulkan(
      host, formats: format.viewFormats, usage: description.usage, implicitLayout: .refuse)
    return SharedImageBacking(texture, image, description, isNew: false)
  }

  /// Imports a buffer that neither API allocated.
  static func importing(
    _ buffer: DMABuf, _ description: SharedImageDescription, _ implicitLayout: ImplicitLayout, _ context: GLContext,
    _ host: VulkanHost
  ) throws(InteropError) -> SharedImageBacking {
    let texture = try texture(of: buffer, description, context)
    let image = try buffer.importIntoVulkan(
      host, format: description.format, usage: description.usage, implicitLayout: implicitLayout)
    return SharedImageBacking(texture, image, description, isNew: false)
  }
}

extension SharedImageDescription {
  /// The component mapping of views made without a request of their own. Vulkan draws into attachments, which must have
  /// the identity.
  fileprivate var viewComponents: VkComponentMapping {
    VkComponentMapping(isOpaque: hasPadding && direction == .glToVulkan)
  }
}

extension DMABufTexture: GLBacking {
  var framebuffer: GLuint { renderFramebuffer ?? 0 }
}

/// A GL texture whose memory is exported.
private final class ExportedTexture: GLBacking, @unchecked Sendable {
  let texture: GLuint
  let framebuffer: GLuint
  private let owned: Owned?

  private final class Owned {
    let framebuffer: GLObject
    let texture: GLObject
    init(_ framebuffer: consuming GLObject, _ texture: consuming GLObject) {
      self.framebuffer = framebuffer
      self.texture = texture
    }
  }

  /// Borrows the application's objects.
  init(borrowing texture: GLuint, framebuffer: GLuint) {
    self.texture = texture
    self.framebuffer = framebuffer
    owned = nil
  }

  init(_ description: SharedImageDescription, _ context: GLContext) throws(InteropError) {
    let made = try context.preservingBindings { () throws(InteropError) -> Owned in
      let texture = try context.makeTexture(description.glView.internalFormat, description.size)
      try context.setPlainSampling(GLenum(GL_TEXTURE_2D))
      try context.setSwizzle(of: description)
      let framebuffer = try context.makeFramebuffer(texture: texture, "make the framebuffer to export")
      return Owned(framebuffer, texture)
    }
    owned = made
    texture = made.texture.name
    framebuffer = made.framebuffer.name
  }
}
