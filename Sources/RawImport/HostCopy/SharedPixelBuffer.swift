internal import InteropDrivers

/// A buffer in Vulkan's memory that is also a GL buffer object: GL_EXT_memory_object_fd, OPAQUE_FD.
final class SharedPixelBuffer: @unchecked Sendable {
  // GL's objects go before the memory that Vulkan owns.
  private let glBuffer: GLObject
  private let memoryObject: GLObject
  private let buffer: VulkanObject
  private let memory: VulkanObject
  private let host: VulkanHost

  var glName: GLuint { glBuffer.name }
  var handle: VkBuffer { buffer.handle }

  /// - Parameter size: in bytes.
  /// - Throws: ``InteropError/Code/unsupported`` naming what either API lacks; the drivers' refusals.
  ///
  /// The corresponding C functions are `vkCreateBuffer`, `vkAllocateMemory`, `vkGetMemoryFdKHR`, `glImportMemoryFdEXT`
  /// and `glBufferStorageMemEXT`.
  init(size: Int, gl context: GLContext, host: VulkanHost) throws(InteropError) {
    let setStorage = try Self.check(context, host)
    let handleType = ExternalMemoryHandleType.opaqueFD
    guard let glToken = handleType.glToken else { preconditionFailure("GL knows OPAQUE_FD") }
    self.host = host
    var chain = StructChain()
    var external = VkExternalMemoryBufferCreateInfo()
    external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO
    external.handleTypes = UInt32(handleType.vkBit.rawValue)
    var create = VkBufferCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(external))
    create.size = UInt64(size + Self.slack)
    create.usage = Self.usage
    buffer = try host.makeObject(.buffer, "vkCreateBuffer", "no exportable buffer of \(size) bytes") { out in
      host.vk.vkCreateBuffer(host.device, &create, nil, out)
    }
    var requirements = VkMemoryRequirements()
    host.vk.vkGetBufferMemoryRequirements(host.device, buffer.handle, &requirements)
    var dedicated = VkMemoryDedicatedAllocateInfo()
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
    dedicated.buffer = buffer.handle
    var export = VkExportMemoryAllocateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO
    export.pNext = UnsafeRawPointer(chain.add(dedicated))
    export.handleTypes = UInt32(handleType.vkBit.rawValue)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(export))
    allocate.allocationSize = requirements.size
    // The device's own memory, so that the pixels do not leave it.
    allocate.memoryTypeIndex = try host.localMemoryType(allowedBy: requirements.memoryTypeBits)
    memory = try host.makeObject(.memory, "vkAllocateMemory", "no \(requirements.size) bytes of exportable memory") {
      out in
      host.vk.vkAllocateMemory(host.device, &allocate, nil, out)
    }
    try host.vk.vkBindBufferMemory(host.device, buffer.handle, memory.handle, 0)
      .check("vkBindBufferMemory", "the memory does not fit the buffer")
    let descriptor = try host.exportMemory(memory.handle, handleType)
    memoryObject = try context.importMemoryObject(descriptor, size: requirements.size, glToken)
    glBuffer = try context.makeObject(.buffer)
    let target = GLenum(GL_PIXEL_PACK_BUFFER)
    let saved = GLuint(context.integer(GL_PIXEL_PACK_BUFFER_BINDING))
    defer { context.gl.glBindBuffer(target, saved) }
    context.gl.glBindBuffer(target, glBuffer.name)
    setStorage(target, size, memoryObject.name, 0)
    try context.check("glBufferStorageMemEXT", "GL cannot see the memory as a buffer of \(size) bytes")
    // ANGLE (of Chromium 150) has the function, reports nothing and does nothing.
    var made: GLint = 0
    context.gl.glGetBufferParameteriv(target, GLenum(GL_BUFFER_SIZE), &made)
    guard made != 0 else {
      throw InteropError(
        .unsupported, step: "glBufferStorageMemEXT", reason: "\(context.renderer) reported success and made no storage",
        missing: ["buffers in memory objects"])
    }
  }

  /// Spare bytes behind the pixels: llvmpipe takes no memory for a buffer without 48 to spare (Mesa's lp_texture.c,
  /// `llvmpipe_resource_from_memobj`).
  private static let slack = 64

  private static var usage: VkBufferUsageFlags { UInt32(VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue) }

  /// Checks more strictly than for images, since the application's own process tries this: an import of memory that
  /// another build of a driver has exported crashes some drivers.
  private static func check(
    _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) -> PFNGLBUFFERSTORAGEMEMEXTPROC {
    let step = "make a shared buffer"
    var missing: [String] = []
    let setStorage = context.gl.glBufferStorageMemEXT
    if !context.hasMemoryObjectFD || setStorage == nil { missing.append("GL_EXT_memory_object_fd") }
    if !host.enabledDeviceExtensions.contains("VK_KHR_external_memory_fd") || host.vk.vkGetMemoryFdKHR == nil {
      missing.append("VK_KHR_external_memory_fd")
    }
    guard missing.isEmpty, let setStorage else {
      throw InteropError(
        .unsupported, step: step,
        reason: "\(context.renderer) and \(host.info.deviceName) share no memory as opaque-fd", missing: missing)
    }
    guard context.identity.match(host.info.identity) == .same else {
      throw InteropError(
        .unsupported, step: step,
        reason: "\(context.renderer) and \(host.info.deviceName) do not say that they are one device and one driver",
        missing: ["the same device and driver UUID on both sides"])
    }
    var query = VkPhysicalDeviceExternalBufferInfo()
    query.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO
    query.usage = usage
    query.handleType = ExternalMemoryHandleType.opaqueFD.vkBit
    var answer = VkExternalBufferProperties()
    answer.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES
    host.instanceFunctions.vkGetPhysicalDeviceExternalBufferProperties(host.physicalDevice, &query, &answer)
    let exportable = UInt32(VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT.rawValue)
    guard answer.externalMemoryProperties.externalMemoryFeatures & exportable != 0 else {
      throw InteropError(
        .unsupported, step: "vkGetPhysicalDeviceExternalBufferProperties",
        reason: "\(host.info.deviceName) exports no buffers as opaque-fd", missing: ["opaque-fd export of buffers"])
    }
    return setStorage
  }

  /// Lets Vulkan acquire the buffer from GL, or release it.
  ///
  /// The corresponding C function is `vkCmdPipelineBarrier`.
  ///
  /// - Parameter family: of the queue the commands are for.
  func recordOwnership(_ change: OwnershipChange, on family: UInt32, into commands: VkCommandBuffer) {
    let all = UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue)
    let copy = UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue)
    var barrier = VkBufferMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER
    barrier.buffer = handle
    barrier.size = VkDeviceSize(VK_WHOLE_SIZE_VALUE)
    switch change {
    case .acquire:
      barrier.srcQueueFamilyIndex = OwnershipTransferBarrier.externalFamily
      barrier.dstQueueFamilyIndex = family
      barrier.dstAccessMask = UInt32(VK_ACCESS_TRANSFER_READ_BIT.rawValue)
      host.vk.vkCmdPipelineBarrier(commands, all, copy, 0, 0, nil, 1, &barrier, 0, nil)
    case .release:
      barrier.srcQueueFamilyIndex = family
      barrier.dstQueueFamilyIndex = OwnershipTransferBarrier.externalFamily
      host.vk.vkCmdPipelineBarrier(commands, copy, all, 0, 0, nil, 1, &barrier, 0, nil)
    }
  }

  enum OwnershipChange { case acquire, release }
}

/// ``ReadbackMethod/sharedBuffer``: GL packs the pixels into the buffer that Vulkan copies from.
final class SharedBufferTransfer: HostCopyTransfer, @unchecked Sendable {
  private let source: ReadbackSource
  private let transferFormat: GLenum
  private let image: UploadedImage
  private let buffer: SharedPixelBuffer
  private let fence: ReadbackFence

  init(
    _ source: ReadbackSource, _ image: VulkanImageMemory, _ egl: (EGLFunctions, EGLDisplay)?, _ host: VulkanHost
  ) throws(InteropError) {
    self.source = source
    self.image = UploadedImage(image, source.size, host)
    transferFormat = try source.arrangedFormat()
    buffer = try SharedPixelBuffer(size: source.byteCount, gl: source.context, host: host)
    fence = ReadbackFence(egl, source.context, host)
  }

  var isReadByVulkan: Bool { true }

  /// The corresponding C function is `glReadPixels` with a buffer bound to `GL_PIXEL_PACK_BUFFER`.
  func read() throws(InteropError) {
    fence.clear()
    try source.readArranged(into: buffer.glName, at: nil, as: transferFormat)
    // zink has no fence that tells the truth, and may have flushed the readback already.
    if source.context.isZink {
      try source.context.completePendingWork(of: source.target.framebuffer, isFloat: source.format == .rgba16f)
    }
    try fence.set(buffer.glName)
  }

  /// Waits for GL; the pixels are in Vulkan's memory then.
  func detach() throws(InteropError) { try fence.wait() }

  var copies: Bool { true }

  func fill() throws(InteropError) { try fence.wait() }

  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess) {
    buffer.recordOwnership(.acquire, on: family, into: commands)
    image.recordCopy(from: buffer.handle, into: commands, for: use)
    buffer.recordOwnership(.release, on: family, into: commands)
  }

  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier { image.acquire(for: use) }
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier { image.release(after: use) }
}
