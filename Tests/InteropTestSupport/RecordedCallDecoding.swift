import CDriverTrace
import CInteropGraphics

extension RecordedCall {
  /// Copies what the thunk saw. Valid only inside the trace's hook, while the caller's structures are there.
  init(_ call: trace_call) {
    name = String(cString: trace_function_name(call.function))
    thread = call.thread
    context = Handle(UInt(bitPattern: call.context))
    injectedFailure = call.injected
    result = call.result
    inode = call.inode
    givenOutAs = call.given_out_as
    details = Details(CallArguments(call))
  }
}

/// A call's arguments, read by their place in the parameter list.
private struct CallArguments {
  let function: trace_function
  let result: Int64
  /// Whether the outputs were written.
  let succeeded: Bool
  private let addresses: UnsafePointer<UnsafeMutableRawPointer?>

  init(_ call: trace_call) {
    function = call.function
    result = call.result
    succeeded = !call.injected && result == 0
    addresses = call.arguments
  }

  func value<Value>(_ index: Int, as type: Value.Type = Value.self) -> Value {
    guard let address = addresses[index] else { preconditionFailure("no argument \(index)") }
    return address.load(as: Value.self)
  }

  func handle(_ index: Int) -> RecordedCall.Handle { value(index) }

  /// The structure that a pointer argument points to.
  func structure<Value>(_ index: Int, as type: Value.Type = Value.self) -> Value {
    value(index, as: UnsafePointer<Value>.self).pointee
  }

  /// A handle that the call wrote, 0 if it failed.
  func output(_ index: Int) -> RecordedCall.Handle { succeeded ? structure(index) : 0 }

  /// A file descriptor that the call wrote, -1 if it failed.
  func descriptor(_ index: Int) -> Int32 { succeeded ? structure(index) : -1 }

  func array<Element>(_ index: Int, count: Int) -> [Element] {
    RecordedCallDecoding.array(value(index, as: UnsafePointer<Element>?.self), count: count)
  }
}

private enum RecordedCallDecoding {
  static func array<Element>(_ pointer: UnsafePointer<Element>?, count: Int) -> [Element] {
    Array(UnsafeBufferPointer(start: pointer, count: pointer == nil ? 0 : count))
  }

  /// Non-null handles have the same bits as ``RecordedCall/Handle``.
  static func handles(_ pointer: UnsafePointer<OpaquePointer?>?, count: UInt32) -> [RecordedCall.Handle] {
    array(pointer, count: Int(count)).map(handle)
  }

  static func handle(_ pointer: OpaquePointer?) -> RecordedCall.Handle {
    RecordedCall.Handle(UInt(bitPattern: pointer))
  }

  /// EGL's attributes up to EGL_NONE.
  static func attributes(_ list: UnsafePointer<Int32>?) -> [Int32: Int32] {
    var found: [Int32: Int32] = [:]
    var at = list
    while let pair = at, pair[0] != EGL_NONE {
      found[pair[0]] = pair[1]
      at = pair + 2
    }
    return found
  }

  /// The structure of that type in a pNext chain. The chain's links all start like `VkBaseInStructure`.
  static func chained<Value>(
    _ first: UnsafeRawPointer?, _ type: VkStructureType, as: Value.Type = Value.self
  ) -> Value? {
    var next = first
    while let link = next {
      let base = link.load(as: VkBaseInStructure.self)
      if base.sType == type { return link.load(as: Value.self) }
      next = UnsafeRawPointer(base.pNext)
    }
    return nil
  }
}

extension RecordedCall.Details {
  fileprivate init?(_ call: CallArguments) {
    switch call.function {
    case TRACE_eglCreateContext:
      self = .createContext(context: RecordedCall.Handle(bitPattern: call.result), shareContext: call.handle(2))
    case TRACE_eglCreateSyncKHR where call.value(1, as: UInt32.self) == UInt32(EGL_SYNC_NATIVE_FENCE_ANDROID):
      let attributes = RecordedCallDecoding.attributes(call.value(2))
      self = .nativeFence(
        sync: RecordedCall.Handle(bitPattern: call.result),
        descriptor: attributes[EGL_SYNC_NATIVE_FENCE_FD_ANDROID] ?? -1)
    case TRACE_eglCreateSyncKHR, TRACE_glFenceSync:
      self = .sync(RecordedCall.Handle(bitPattern: call.result), flags: 0)
    case TRACE_eglWaitSyncKHR, TRACE_eglDestroySyncKHR: self = .sync(call.handle(1), flags: 0)
    case TRACE_eglDupNativeFenceFDANDROID:
      self = .duplicateFence(sync: call.handle(1), descriptor: Int32(truncatingIfNeeded: call.result))
    case TRACE_eglCreateImageKHR:
      self = .createEGLImage(
        RecordedCall.EGLImageCreation(
          image: RecordedCall.Handle(bitPattern: call.result), target: call.value(2), buffer: call.handle(3),
          attributes: RecordedCallDecoding.attributes(call.value(4))))
    case TRACE_eglExportDMABUFImageMESA:
      let isExported = call.result == Int64(EGL_TRUE)
      self = .exportEGLImage(image: call.handle(1), descriptor: isExported ? call.structure(2) : -1)
    case TRACE_eglClientWaitSyncKHR: self = .sync(call.handle(1), flags: UInt32(bitPattern: call.value(2)))
    case TRACE_glClientWaitSync: self = .sync(call.handle(0), flags: call.value(1))
    case TRACE_glDeleteSync: self = .sync(call.handle(0), flags: 0)
    default:
      guard let details = Self.vulkanObject(call) ?? Self.vulkanCommand(call) ?? Self.gl(call) else { return nil }
      self = details
    }
  }

  private static func vulkanObject(_ call: CallArguments) -> Self? {
    switch call.function {
    case TRACE_vkGetPhysicalDeviceQueueFamilyProperties: queueFamilies(call)
    case TRACE_vkGetDeviceQueue: .queue(queue: call.structure(3), family: call.value(1), device: call.handle(0))
    case TRACE_vkCreateImage: .createImage(imageCreation(call))
    case TRACE_vkGetImageMemoryRequirements2: .imageRequirements(imageRequirements(call))
    case TRACE_vkAllocateMemory: .allocateMemory(memoryAllocation(call))
    case TRACE_vkBindImageMemory:
      .bindImageMemory(image: call.handle(1), memory: call.handle(2), offset: call.value(3))
    case TRACE_vkBindImageMemory2: .bindPlanes(planeBindings(call))
    case TRACE_vkGetImageDrmFormatModifierPropertiesEXT:
      .imageModifier(
        image: call.handle(1),
        modifier: call.structure(2, as: VkImageDrmFormatModifierPropertiesEXT.self).drmFormatModifier)
    case TRACE_vkGetImageSubresourceLayout:
      .planeLayout(
        image: call.handle(1), aspect: call.structure(2, as: VkImageSubresource.self).aspectMask,
        layout: planeLayout(call.structure(3)))
    case TRACE_vkGetMemoryFdKHR: exportedMemory(call)
    case TRACE_vkCreateSemaphore: createdSemaphore(call)
    case TRACE_vkGetSemaphoreFdKHR: exportedSemaphore(call)
    case TRACE_vkImportSemaphoreFdKHR: importedSemaphore(call)
    case TRACE_vkDestroyImage, TRACE_vkFreeMemory, TRACE_vkDestroySemaphore, TRACE_vkDestroyFence:
      .destroy(call.handle(1))
    default: nil
    }
  }

  /// nil where the caller only counts them.
  private static func queueFamilies(_ call: CallArguments) -> Self? {
    guard call.value(2, as: UnsafePointer<VkQueueFamilyProperties>?.self) != nil else { return nil }
    let families: [VkQueueFamilyProperties] = call.array(2, count: Int(call.structure(1, as: UInt32.self)))
    return .queueFamilies(families.map(\.queueFlags))
  }

  private static func imageCreation(_ call: CallArguments) -> RecordedCall.ImageCreation {
    let info: VkImageCreateInfo = call.structure(1)
    let external: VkExternalMemoryImageCreateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO)
    let formats: VkImageFormatListCreateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO)
    let list: VkImageDrmFormatModifierListCreateInfoEXT? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT)
    let explicit: VkImageDrmFormatModifierExplicitCreateInfoEXT? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT)
    return RecordedCall.ImageCreation(
      image: call.output(3), flags: info.flags, imageType: info.imageType, format: info.format,
      width: info.extent.width, height: info.extent.height, depth: info.extent.depth, mipLevels: info.mipLevels,
      arrayLayers: info.arrayLayers, samples: info.samples, tiling: info.tiling, usage: info.usage,
      sharingMode: info.sharingMode,
      queueFamilies: RecordedCallDecoding.array(info.pQueueFamilyIndices, count: Int(info.queueFamilyIndexCount)),
      initialLayout: info.initialLayout, externalHandleTypes: external?.handleTypes ?? 0,
      formatList: formats.map { RecordedCallDecoding.array($0.pViewFormats, count: Int($0.viewFormatCount)) },
      modifiers: list.map { RecordedCallDecoding.array($0.pDrmFormatModifiers, count: Int($0.drmFormatModifierCount)) },
      explicitModifier: explicit?.drmFormatModifier,
      planes: explicit.map {
        RecordedCallDecoding.array($0.pPlaneLayouts, count: Int($0.drmFormatModifierPlaneCount)).map(planeLayout)
      } ?? [])
  }

  private static func planeLayout(_ layout: VkSubresourceLayout) -> RecordedCall.PlaneLayout {
    RecordedCall.PlaneLayout(offset: layout.offset, stride: layout.rowPitch)
  }

  private static func planeBindings(_ call: CallArguments) -> [RecordedCall.PlaneBinding] {
    let infos: [VkBindImageMemoryInfo] = call.array(2, count: Int(call.value(1, as: UInt32.self)))
    return infos.map { info in
      let part: VkBindImagePlaneMemoryInfo? = RecordedCallDecoding.chained(
        info.pNext, VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO)
      return RecordedCall.PlaneBinding(
        image: RecordedCallDecoding.handle(info.image), memory: RecordedCallDecoding.handle(info.memory),
        offset: info.memoryOffset, aspect: part?.planeAspect.rawValue ?? 0)
    }
  }

  private static func imageRequirements(_ call: CallArguments) -> RecordedCall.ImageRequirements {
    let info: VkImageMemoryRequirementsInfo2 = call.structure(1)
    let answer: VkMemoryRequirements2 = call.structure(2)
    let dedicated: VkMemoryDedicatedRequirements? = RecordedCallDecoding.chained(
      UnsafeRawPointer(answer.pNext), VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS)
    return RecordedCall.ImageRequirements(
      image: RecordedCallDecoding.handle(info.image), size: answer.memoryRequirements.size,
      alignment: answer.memoryRequirements.alignment, memoryTypeBits: answer.memoryRequirements.memoryTypeBits,
      requiresDedicated: dedicated.map { $0.requiresDedicatedAllocation != 0 },
      prefersDedicated: dedicated.map { $0.prefersDedicatedAllocation != 0 })
  }

  private static func memoryAllocation(_ call: CallArguments) -> RecordedCall.MemoryAllocation {
    let info: VkMemoryAllocateInfo = call.structure(1)
    let export: VkExportMemoryAllocateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO)
    let imported: VkImportMemoryFdInfoKHR? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR)
    let dedicated: VkMemoryDedicatedAllocateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO)
    return RecordedCall.MemoryAllocation(
      memory: call.output(3), size: info.allocationSize, memoryType: info.memoryTypeIndex,
      exportHandleTypes: export?.handleTypes ?? 0, importHandleType: imported?.handleType.rawValue,
      importDescriptor: imported?.fd, dedicatedImage: RecordedCallDecoding.handle(dedicated?.image),
      dedicatedBuffer: RecordedCallDecoding.handle(dedicated?.buffer))
  }

  private static func exportedMemory(_ call: CallArguments) -> Self {
    let info: VkMemoryGetFdInfoKHR = call.structure(1)
    return .exportMemory(
      memory: RecordedCallDecoding.handle(info.memory), handleType: info.handleType.rawValue,
      descriptor: call.descriptor(2))
  }

  private static func createdSemaphore(_ call: CallArguments) -> Self {
    let info: VkSemaphoreCreateInfo = call.structure(1)
    let export: VkExportSemaphoreCreateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO)
    let type: VkSemaphoreTypeCreateInfo? = RecordedCallDecoding.chained(
      info.pNext, VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO)
    return .createSemaphore(
      semaphore: call.output(3), exportHandleTypes: export?.handleTypes ?? 0,
      isTimeline: type?.semaphoreType == VK_SEMAPHORE_TYPE_TIMELINE)
  }

  private static func exportedSemaphore(_ call: CallArguments) -> Self {
    let info: VkSemaphoreGetFdInfoKHR = call.structure(1)
    return .exportSemaphore(
      semaphore: RecordedCallDecoding.handle(info.semaphore), handleType: info.handleType.rawValue,
      descriptor: call.descriptor(2))
  }

  private static func importedSemaphore(_ call: CallArguments) -> Self {
    let info: VkImportSemaphoreFdInfoKHR = call.structure(1)
    return .importVulkanSemaphore(
      semaphore: RecordedCallDecoding.handle(info.semaphore), handleType: info.handleType.rawValue, flags: info.flags,
      descriptor: info.fd)
  }

  private static func vulkanCommand(_ call: CallArguments) -> Self? {
    switch call.function {
    case TRACE_vkBeginCommandBuffer, TRACE_vkEndCommandBuffer, TRACE_vkResetCommandBuffer:
      .commandBuffer(call.handle(0))
    case TRACE_vkCmdPipelineBarrier: .barrier(barrier(call))
    case TRACE_vkCmdCopyImageToBuffer:
      .useImages(commandBuffer: call.handle(0), uses: [use(call, image: 1, isWrite: false)])
    case TRACE_vkCmdCopyBufferToImage:
      .useImages(commandBuffer: call.handle(0), uses: [use(call, image: 2, isWrite: true)])
    case TRACE_vkCmdCopyImage:
      .useImages(
        commandBuffer: call.handle(0), uses: [use(call, image: 1, isWrite: false), use(call, image: 3, isWrite: true)])
    case TRACE_vkCmdClearColorImage:
      .useImages(commandBuffer: call.handle(0), uses: [use(call, image: 1, isWrite: true)])
    case TRACE_vkQueueSubmit: .submit(submission(call))
    case TRACE_vkWaitForFences:
      .fences(call.array(2, count: Int(call.value(1, as: UInt32.self))), waitAll: call.value(3, as: UInt32.self) != 0)
    case TRACE_vkResetFences: .fences(call.array(2, count: Int(call.value(1, as: UInt32.self))), waitAll: true)
    case TRACE_vkGetFenceStatus: .fences([call.handle(1)], waitAll: true)
    case TRACE_vkQueueWaitIdle, TRACE_vkDeviceWaitIdle: .waitIdle(call.handle(0))
    default: nil
    }
  }

  /// An image argument and the layout argument after it.
  private static func use(_ call: CallArguments, image: Int, isWrite: Bool) -> RecordedCall.ImageUse {
    RecordedCall.ImageUse(image: call.handle(image), layout: call.value(image + 1), isWrite: isWrite)
  }

  private static func barrier(_ call: CallArguments) -> RecordedCall.Barrier {
    let barriers: [VkImageMemoryBarrier] = call.array(9, count: Int(call.value(8, as: UInt32.self)))
    return RecordedCall.Barrier(
      commandBuffer: call.handle(0), sourceStages: call.value(1), destinationStages: call.value(2),
      images: barriers.map { barrier in
        let range = barrier.subresourceRange
        return RecordedCall.ImageBarrier(
          image: RecordedCallDecoding.handle(barrier.image), oldLayout: barrier.oldLayout, newLayout: barrier.newLayout,
          sourceFamily: barrier.srcQueueFamilyIndex, destinationFamily: barrier.dstQueueFamilyIndex,
          sourceAccess: barrier.srcAccessMask, destinationAccess: barrier.dstAccessMask, aspects: range.aspectMask,
          baseLevel: range.baseMipLevel, levelCount: range.levelCount, baseLayer: range.baseArrayLayer,
          layerCount: range.layerCount)
      }, buffers: bufferBarriers(call))
  }

  private static func bufferBarriers(_ call: CallArguments) -> [RecordedCall.BufferBarrier] {
    let barriers: [VkBufferMemoryBarrier] = call.array(7, count: Int(call.value(6, as: UInt32.self)))
    return barriers.map {
      RecordedCall.BufferBarrier(
        buffer: RecordedCallDecoding.handle($0.buffer), sourceFamily: $0.srcQueueFamilyIndex,
        destinationFamily: $0.dstQueueFamilyIndex)
    }
  }

  private static func submission(_ call: CallArguments) -> RecordedCall.Submission {
    let infos: [VkSubmitInfo] = call.array(2, count: Int(call.value(1, as: UInt32.self)))
    return RecordedCall.Submission(
      queue: call.handle(0),
      batches: infos.map { info in
        let semaphores = RecordedCallDecoding.handles(info.pWaitSemaphores, count: info.waitSemaphoreCount)
        let stages = RecordedCallDecoding.array(info.pWaitDstStageMask, count: semaphores.count)
        return RecordedCall.Batch(
          waits: zip(semaphores, stages).map { RecordedCall.SemaphoreWait(semaphore: $0, stages: $1) },
          commandBuffers: RecordedCallDecoding.handles(info.pCommandBuffers, count: info.commandBufferCount),
          signals: RecordedCallDecoding.handles(info.pSignalSemaphores, count: info.signalSemaphoreCount))
      },
      fence: call.handle(3))
  }

  private static func gl(_ call: CallArguments) -> Self? {
    switch call.function {
    case TRACE_glGenTextures, TRACE_glDeleteTextures, TRACE_glGenFramebuffers, TRACE_glDeleteFramebuffers,
      TRACE_glGenRenderbuffers, TRACE_glDeleteRenderbuffers, TRACE_glGenSemaphoresEXT, TRACE_glDeleteSemaphoresEXT,
      TRACE_glCreateMemoryObjectsEXT, TRACE_glDeleteMemoryObjectsEXT:
      .names(call.array(1, count: Int(call.value(0, as: Int32.self))))
    case TRACE_glMemoryObjectParameterivEXT:
      .memoryObjectParameter(memory: call.value(0), name: call.value(1), value: call.structure(2))
    case TRACE_glImportMemoryFdEXT:
      .importMemory(memory: call.value(0), size: call.value(1), handleType: call.value(2), descriptor: call.value(3))
    case TRACE_glEGLImageTargetTexture2DOES: .textureOfImage(target: call.value(0), image: call.handle(1))
    case TRACE_glActiveTexture: .activeTexture(call.value(0))
    case TRACE_glBindTexture: .bindTexture(target: call.value(0), texture: call.value(1))
    case TRACE_glTexParameteri: .textureParameter(target: call.value(0), name: call.value(1), value: call.value(2))
    case TRACE_glTexStorageMem2DEXT:
      .textureStorage(
        RecordedCall.TextureStorage(
          target: call.value(0), levels: call.value(1), internalFormat: call.value(2), width: call.value(3),
          height: call.value(4), memory: call.value(5), offset: call.value(6)))
    case TRACE_glImportSemaphoreFdEXT:
      .importSemaphore(semaphore: call.value(0), handleType: call.value(1), descriptor: call.value(2))
    case TRACE_glSignalSemaphoreEXT, TRACE_glWaitSemaphoreEXT: .semaphore(call.value(0), textures: textureLayouts(call))
    case TRACE_glBindFramebuffer: .bindFramebuffer(target: call.value(0), framebuffer: call.value(1))
    case TRACE_glFramebufferTexture2D:
      .framebufferTexture(
        target: call.value(0), attachment: call.value(1), texture: call.value(3), level: call.value(4))
    case TRACE_glBlitFramebuffer:
      .blit(
        source: (0..<4).map { call.value($0) }, destination: (4..<8).map { call.value($0) }, mask: call.value(8),
        filter: call.value(9))
    case TRACE_glDrawArrays: .draw(mode: call.value(0), first: call.value(1), count: call.value(2))
    case TRACE_glClear: .clear(mask: call.value(0))
    case TRACE_glClearBufferfv:
      .clear(mask: UInt32(call.value(0, as: Int32.self) == GL_COLOR ? GL_COLOR_BUFFER_BIT : GL_DEPTH_BUFFER_BIT))
    case TRACE_glReadPixels:
      .readPixels(
        x: call.value(0), y: call.value(1), width: call.value(2), height: call.value(3), format: call.value(4),
        type: call.value(5))
    default: nil
    }
  }

  private static func textureLayouts(_ call: CallArguments) -> [RecordedCall.TextureLayout] {
    let count = Int(call.value(3, as: UInt32.self))
    let textures: [UInt32] = call.array(4, count: count)
    let layouts: [UInt32] = call.array(5, count: count)
    return zip(textures, layouts).map { RecordedCall.TextureLayout(texture: $0, layout: $1) }
  }
}
