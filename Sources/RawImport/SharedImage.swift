public import Drivers

/// Memory that GL and Vulkan both see as an image: made once, used for many frames.
///
/// Vulkan allocates and exports it (VK_KHR_external_memory_fd), GL imports it (GL_EXT_memory_object_fd). The two sides
/// take turns, writer first:
///
/// ```swift
/// let image = try SharedImage(.init(size: size), gl: context, host: host)
/// try image.withGLAccess { … draw into image.glFramebuffer … }          // GL thread
/// try image.accessInVulkan(.fragmentSampling) { commands in … }         // any thread
/// ```
///
/// or, for a host that submits itself, ``acquireForVulkan(_:queue:via:)`` and ``releaseFromVulkan(_:)`` with the barriers
/// and semaphores to put into its own submission.
///
/// Threads: GL calls where the context is current, Vulkan calls anywhere, one at a time. Ownership: the image owns both
/// sides' objects. Give it up when the device has finished with it; it waits for what was submitted through it.
public final class SharedImage: @unchecked Sendable {
  public let description: SharedImageDescription
  public let host: VulkanHost
  public let context: GLContext
  /// How the two sides wait for each other.
  public let sync: SyncKind
  /// The usage the image was made with.
  public let usage: VkImageUsageFlags
  /// Size of the memory in bytes.
  public let memorySize: UInt64

  // Destroyed in this order: what uses something goes before it.
  private let framebuffer: GLObject
  private let texture: GLObject
  private let glMemory: GLObject
  private let image: VulkanObject
  private let memory: VulkanObject

  package let turns: HandoverTurns

  public var vkImage: VkImage { image.handle }
  public var vkMemory: VkDeviceMemory { memory.handle }
  public var size: PixelSize { description.size }
  public var format: PixelFormat { description.format }
  public var orientation: ImageOrientation { description.orientation }

  /// The GL texture, `GL_TEXTURE_2D`. For a BGRA format in a mode that reaches it through an alias, sampling gives the
  /// right colours (a texture swizzle) and rendering into it would not: ``glFramebuffer`` is nil then.
  public var glTexture: GLuint { texture.name }

  /// A framebuffer with the texture as `GL_COLOR_ATTACHMENT0`, nil where reading or writing it would exchange red and
  /// blue.
  public var glFramebuffer: GLuint? {
    if case .native = description.glView { framebuffer.name } else { nil }
  }

  /// The framebuffer whatever its channel order, for the blitter.
  var aliasFramebuffer: GLuint { framebuffer.name }

  /// Makes the memory and both sides' objects, on the GL context's thread.
  ///
  /// - Parameters:
  ///   - description: what to make.
  ///   - sync: how to hand over; nil takes ``SyncKind/semaphoreFD`` where both sides really have it, else
  ///     ``SyncKind/cpuWait``.
  ///   - handoverQueue: where the image is prepared, dropped and retired, turns in which nobody uses it; nil for the
  ///     host's first queue. On NVIDIA a transfer-only family does these in less time.
  /// - Throws: ``InteropError``: bad sizes before any driver call; what is missing, by name; the driver's refusal.
  ///
  /// The corresponding C functions are `vkCreateImage`, `vkAllocateMemory`, `vkGetMemoryFdKHR`, `glImportMemoryFdEXT`
  /// and `glTexStorageMem2DEXT`.
  public convenience init(
    _ description: SharedImageDescription, gl context: GLContext, host: VulkanHost, sync: SyncKind? = nil,
    handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try context.enter("make a shared image")
    try Self.check(description, context, host)
    if case .native(let format) = description.glView, format == GLenum(GL_BGRA8_EXT) {
      try TrueBGRA.verify(description, context, host)
    }
    try self.init(unverified: description, context, host, sync, handoverQueue: handoverQueue)
  }

  /// As the public initialiser, without the checks: the test for true BGRA makes its image with this.
  init(
    unverified description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost, _ sync: SyncKind?,
    handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    self.description = description
    self.host = host
    self.context = context
    usage = try description.supportedUsage(on: host)
    image = try Self.makeImage(description, usage, host)
    let requirements = host.memoryRequirements(of: image.handle)
    memorySize = requirements.size
    memory = try Self.allocate(requirements, for: image.handle, description.handleType, host)
    let descriptor = try Self.export(memory.handle, description.handleType, host)
    glMemory = try Self.importMemory(descriptor, size: memorySize, description.handleType, context)
    let glMemoryName = glMemory.name
    texture = try context.preservingBindings { () throws(InteropError) in
      try Self.makeTexture(description, memory: glMemoryName, context)
    }
    let textureName = texture.name
    framebuffer = try context.preservingBindings { () throws(InteropError) in
      try Self.makeFramebuffer(description, texture: textureName, context)
    }
    let supportsSemaphores = context.hasSemaphoreFD && host.canExportSemaphores
    self.sync = sync ?? (supportsSemaphores ? .semaphoreFD : .cpuWait)
    let shared = self.sync == .semaphoreFD
    let writerDone = shared ? try SharedSemaphore(gl: context, host: host) : nil
    let readerDone = shared ? try SharedSemaphore(gl: context, host: host) : nil
    // Where Vulkan reads, it is the reader that prepares the image, and GL waits for that like for any reader.
    let signalled = description.direction == .glToVulkan ? readerDone : nil
    turns = HandoverTurns(
      host: host, image: image.handle, vulkanIsWriter: description.direction == .vulkanToGL,
      transport: .sharedMemory(writerDone: writerDone, readerDone: readerDone),
      pending: signalled == nil ? nil : .readerDone, homeQueue: handoverQueue)
    try turns.prepare(signalling: signalled?.vkSemaphore)
  }

  /// Destroying an image in use is undefined: wait for what was submitted here. What a host submitted itself, and what GL
  /// still draws, is for ``retire()`` to wait for.
  deinit { turns.finishAll() }

  // MARK: Making it

  private static func check(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    try description.size.validate("check the shared image's size")
    let limit = min(context.maximumTextureSize, host.info.maximumImageSize)
    guard description.size.width <= limit, description.size.height <= limit else {
      throw InteropError(
        .unsupported, step: "check the shared image's size",
        reason: "\(description.size) is more than the \(limit) pixels a side that both drivers have",
        missing: ["images of \(description.size)"], advice: "Choose a smaller size")
    }
    var missing: [String] = []
    if !context.hasMemoryObjectFD { missing.append("GL_EXT_memory_object_fd") }
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
        missing: missing, advice: "Enable the Vulkan extensions at vkCreateDevice, or use host-copy")
    }
    if context.identity.match(host.info.identity) == .different, !description.allowsDeviceMismatch {
      throw InteropError(
        .unsupported, step: "compare device UUIDs",
        reason: "GL runs on \(context.renderer), Vulkan on \(host.info.deviceName): two devices cannot share memory as"
          + " \(description.handleType)",
        missing: ["the same device on both sides"],
        advice: "Choose the Vulkan device with VulkanHost.create(.init(.matching(context)))")
    }
    if description.format.channelOrder == .redBlueExchanged, description.glEncoding == .srgb,
      description.direction == .glToVulkan
    {
      throw InteropError(
        .unsupported, step: "choose the GL format",
        reason: "GL has no sRGB format with \(description.format)'s channel order to render into",
        missing: ["an sRGB form of GL_BGRA8_EXT"], advice: "Use rgba8-srgb, or the encoding .bytes")
    }
  }

  private static func makeImage(
    _ description: SharedImageDescription, _ usage: VkImageUsageFlags, _ host: VulkanHost
  ) throws(InteropError) -> VulkanObject {
    var chain = StructChain()
    var create = description.createInfo(usage: usage, in: &chain)
    return try host.makeObject(.image, "vkCreateImage", "no exportable \(description.format) image") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
  }

  /// A dedicated allocation of exactly the required size, bound at offset 0. Always dedicated: NVIDIA needs it, radeonsi
  /// takes a non-dedicated memory object for LINEAR (vulkano-rs/vulkano#1734), and an offset other than 0 is ignored
  /// without an error by llvmpipe, zink and ANGLE.
  private static func allocate(
    _ requirements: VkMemoryRequirements, for image: VkImage, _ handleType: ExternalMemoryHandleType, _ host: VulkanHost
  ) throws(InteropError) -> VulkanObject {
    let type = try host.localMemoryType(allowedBy: requirements.memoryTypeBits)
    var chain = StructChain()
    var dedicated = VkMemoryDedicatedAllocateInfo()
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
    dedicated.image = image
    var export = VkExportMemoryAllocateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO
    export.pNext = UnsafeRawPointer(chain.add(dedicated))
    export.handleTypes = UInt32(handleType.vkBit.rawValue)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(export))
    allocate.allocationSize = requirements.size
    allocate.memoryTypeIndex = type
    let memory = try host.makeObject(.memory, "vkAllocateMemory", "no \(requirements.size) bytes of exportable memory") {
      out in host.vk.vkAllocateMemory(host.device, &allocate, nil, out)
    }
    try host.vk.vkBindImageMemory(host.device, image, memory.handle, 0)
      .check("vkBindImageMemory", "the memory does not fit the image")
    return memory
  }

  private static func export(
    _ memory: VkDeviceMemory, _ handleType: ExternalMemoryHandleType, _ host: VulkanHost
  ) throws(InteropError) -> FileDescriptorOwner {
    guard let getFD = host.vk.vkGetMemoryFdKHR else {
      throw InteropError(
        .unsupported, step: "vkGetMemoryFdKHR", reason: "the device was made without it",
        missing: ["VK_KHR_external_memory_fd"])
    }
    var get = VkMemoryGetFdInfoKHR()
    get.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR
    get.memory = memory
    get.handleType = handleType.vkBit
    var number: Int32 = -1
    try getFD(host.device, &get, &number).check("vkGetMemoryFdKHR", "the memory cannot be exported")
    return FileDescriptorOwner(owning: number)
  }

  private static func importMemory(
    _ descriptor: consuming FileDescriptorOwner, size: UInt64, _ handleType: ExternalMemoryHandleType,
    _ context: GLContext
  ) throws(InteropError) -> GLObject {
    let gl = context.gl
    guard let setParameter = gl.glMemoryObjectParameterivEXT, let importFD = gl.glImportMemoryFdEXT else {
      throw InteropError(
        .unsupported, step: "glImportMemoryFdEXT", reason: "\(context.renderer) lacks it",
        missing: ["GL_EXT_memory_object_fd"])
    }
    let memory = try context.makeObject(.memoryObject)
    let name = memory.name
    var dedicated: GLint = 1
    setParameter(name, GLenum(GL_DEDICATED_MEMORY_OBJECT_EXT), &dedicated)
    try context.check("glMemoryObjectParameterivEXT", "GL takes no dedicated memory")
    descriptor.withBorrowed { importFD(name, size, handleType.glToken, $0) }
    // Mesa reports nothing whatever it was given; the framebuffer check below is what tells.
    try context.check("glImportMemoryFdEXT", "GL refuses Vulkan's memory")
    _ = descriptor.handOver()
    return memory
  }

  private static func makeTexture(
    _ description: SharedImageDescription, memory: GLuint, _ context: GLContext
  ) throws(InteropError) -> GLObject {
    let gl = context.gl
    let target = GLenum(GL_TEXTURE_2D)
    let texture = try context.makeObject(.texture)
    gl.glBindTexture(target, texture.name)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_TILING_EXT), GLint(description.tiling.glTiling))
    if let error = context.takeError() {
      // NVIDIA 580 has optimal tiling only. Asked by trying: GL_TILING_TYPES_EXT gives GL_INVALID_ENUM in GLES.
      throw InteropError(
        .unsupported, step: "glTexParameteri(GL_TEXTURE_TILING_EXT)",
        reason: "\(context.renderer) takes no textures of \(description.tiling.rawValue) tiling", driverCode: .gl(error),
        missing: [description.tiling == .linear ? "GL_LINEAR_TILING_EXT" : "GL_OPTIMAL_TILING_EXT"],
        advice: "Use the other tiling")
    }
    gl.glTexStorageMem2DEXT?(
      target, 1, description.glView.internalFormat, GLsizei(description.size.width), GLsizei(description.size.height),
      memory, 0)
    try context.check(
      "glTexStorageMem2DEXT",
      "GL cannot see the memory as a \(description.tiling.rawValue) \(description.format) image of \(description.size)",
      advice: description.format.channelOrder == .redBlueExchanged && description.mode == .direct
        ? "Use the mode blit, which exchanges red and blue in a draw" : nil)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAG_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_S), GL_CLAMP_TO_EDGE)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_T), GL_CLAMP_TO_EDGE)
    if case .redBlueExchanged = description.glView {
      gl.glTexParameteri(target, GLenum(GL_TEXTURE_SWIZZLE_R), GL_BLUE)
      gl.glTexParameteri(target, GLenum(GL_TEXTURE_SWIZZLE_B), GL_RED)
    }
    try context.check("glTexParameteri", "the shared texture takes no sampling parameters")
    return texture
  }

  /// Complete, or Mesa's silent import failure comes to light here (glImportMemoryFdEXT of /dev/null gives no error).
  private static func makeFramebuffer(
    _ description: SharedImageDescription, texture: GLuint, _ context: GLContext
  ) throws(InteropError) -> GLObject {
    let framebuffer = try context.makeObject(.framebuffer)
    context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
    context.gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
    try context.checkFramebuffer(
      GL_FRAMEBUFFER, "check the shared framebuffer",
      "GL imported the memory without an error and cannot render into it as \(description.tiling.rawValue)"
        + " \(description.format)")
    try context.check("glFramebufferTexture2D", "the shared texture cannot be attached")
    return framebuffer
  }
}
