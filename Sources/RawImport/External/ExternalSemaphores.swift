internal import InteropDrivers

/// The semaphores of a bundle in the taker's Vulkan device.
final class ExternalVulkanSemaphores: @unchecked Sendable {
  private let giver: VulkanObject
  private let taker: VulkanObject
  var giverDone: VkSemaphore { giver.handle }
  var takerDone: VkSemaphore { taker.handle }

  init(
    _ sync: SyncKind, giverDone: consuming FileDescriptorOwner, takerDone: consuming FileDescriptorOwner,
    _ host: VulkanHost
  ) throws(InteropError) {
    let type: VulkanHost.SemaphoreType = sync == .timelineSemaphore ? .timeline : .binary
    giver = try host.importSemaphore(giverDone, type)
    taker = try host.importSemaphore(takerDone, type)
  }
}

/// The semaphores of a bundle in the taker's GL context.
final class ExternalGLSemaphores: @unchecked Sendable {
  private let giver: GLObject
  private let taker: GLObject
  private let isTimeline: Bool
  private let context: GLContext

  init(
    _ sync: SyncKind, giverDone: consuming FileDescriptorOwner, takerDone: consuming FileDescriptorOwner,
    _ context: GLContext
  ) throws(InteropError) {
    isTimeline = sync == .timelineSemaphore
    self.context = context
    giver = try context.importExternalSemaphore(giverDone, isTimeline: isTimeline)
    taker = try context.importExternalSemaphore(takerDone, isTimeline: isTimeline)
  }

  /// The corresponding C function is `glWaitSemaphoreEXT`.
  func wait(_ value: UInt64, texture: GLuint) throws(InteropError) {
    try set(value, giver.name)
    var (texture, layout) = (texture, GLenum(GL_LAYOUT_GENERAL_EXT))
    context.gl.glWaitSemaphoreEXT?(giver.name, 0, nil, 1, &texture, &layout)
    try context.check("glWaitSemaphoreEXT", "GL cannot wait for the other side")
  }

  /// The corresponding C functions are `glSignalSemaphoreEXT` and `glFlush`, as for ``SharedSemaphore``.
  func signal(_ value: UInt64, texture: GLuint) throws(InteropError) {
    try set(value, taker.name)
    var (texture, layout) = (texture, GLenum(GL_LAYOUT_GENERAL_EXT))
    context.gl.glSignalSemaphoreEXT?(taker.name, 0, nil, 1, &texture, &layout)
    context.gl.glFlush()
    try context.check("glSignalSemaphoreEXT", "GL cannot signal the other side")
  }

  private func set(_ value: UInt64, _ name: GLuint) throws(InteropError) {
    guard isTimeline else { return }
    var value = value
    context.gl.glSemaphoreParameterui64vEXT?(name, GLenum(GL_TIMELINE_SEMAPHORE_VALUE_NV), &value)
    try context.check("glSemaphoreParameterui64vEXT", "GL takes no value of a timeline")
  }
}

extension GLContext {
  fileprivate func importExternalSemaphore(
    _ descriptor: consuming FileDescriptorOwner, isTimeline: Bool
  ) throws(InteropError) -> GLObject {
    guard isTimeline ? hasTimelineSemaphoreFD : hasSemaphoreFD else {
      throw InteropError(
        .unsupported, step: "glImportSemaphoreFdEXT", reason: "\(renderer) imports no such semaphores",
        missing: [isTimeline ? "GL_NV_timeline_semaphore" : "GL_EXT_semaphore_fd"],
        advice: "Give the image with sync-file or cpu-wait")
    }
    let semaphore = try makeObject(isTimeline ? .timelineSemaphore : .semaphore)
    if isTimeline {
      var type = GLint(GL_SEMAPHORE_TYPE_TIMELINE_NV)
      gl.glSemaphoreParameterivNV?(semaphore.name, GLenum(GL_SEMAPHORE_TYPE_NV), &type)
      try check("glSemaphoreParameterivNV", "GL makes no timeline semaphore")
    }
    try importSemaphore(descriptor, into: semaphore.name)
    return semaphore
  }
}

extension VulkanHost {
  /// Imports OPAQUE_FD memory for an image and binds it at offset 0. `description` has been checked.
  ///
  /// The corresponding C functions are `vkCreateImage`, `vkAllocateMemory` with `VkImportMemoryFdInfoKHR` and
  /// `vkBindImageMemory`.
  func importImage(
    _ description: ExternalImageDescription, _ descriptor: consuming FileDescriptorOwner
  ) throws(InteropError) -> VulkanImageMemory {
    try description.check(on: self)
    var chain = StructChain()
    var create = description.createInfo(in: &chain)
    let image = try makeObject(.image, "vkCreateImage", "no such image") { out in
      vk.vkCreateImage(device, &create, nil, out)
    }
    try description.check(memoryRequirements(of: image.handle), on: self)
    var dedicated = VkMemoryDedicatedAllocateInfo()
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
    dedicated.image = image.handle
    var info = VkImportMemoryFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR
    if description.isDedicated { info.pNext = UnsafeRawPointer(chain.add(dedicated)) }
    info.handleType = description.handleType.vkBit
    info.fd = descriptor.withBorrowed { $0 }
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(info))
    allocate.allocationSize = description.allocationSize
    allocate.memoryTypeIndex = description.memoryTypeIndex
    let memory = try makeObject(.memory, "vkAllocateMemory", "the device does not import the memory") { out in
      vk.vkAllocateMemory(device, &allocate, nil, out)
    }
    // A successful import takes ownership of the descriptor.
    _ = descriptor.handOver()
    try vk.vkBindImageMemory(device, image.handle, memory.handle, 0)
      .check("vkBindImageMemory", "the memory does not fit the image")
    return VulkanImageMemory(image, [.init(memory)], size: description.allocationSize)
  }
}
