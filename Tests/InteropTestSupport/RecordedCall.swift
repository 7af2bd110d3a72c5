import CInteropGraphics

/// One driver call of a recording.
public struct RecordedCall: Sendable {
  /// A Vulkan handle, an EGL object or a GLsync, as its bits.
  public typealias Handle = UInt64

  /// The call's place in its recording.
  public var index = 0
  /// The function: `vkCreateImage`.
  public var name: String
  /// The kernel's id of the calling thread.
  public var thread: UInt64 = 0
  /// The EGL context that was current on the thread, 0 outside EGL. GL names mean something in their context only.
  public var context: Handle = 0
  /// The call was made to fail, so the driver knows nothing of it.
  public var injectedFailure = false
  /// What the function returned, a pointer as its bits, 0 for void.
  public var result: Int64 = 0
  /// Of a call that gives a file descriptor to a driver or gets one: the file's inode, which tells buffers; else 0.
  public var inode: UInt64 = 0
  /// And the number under which a driver gave this file out, or a duplicate of it; -1 if none did.
  public var givenOutAs: Int32 = -1
  /// Arguments and results of the calls that make up an ownership transfer, copied when the call returned.
  public var details: Details?

  /// A call's arguments and results by kind of call; several functions share a kind where the name tells them apart.
  public enum Details: Sendable {
    // EGL.
    /// `eglCreateContext`.
    case createContext(context: Handle, shareContext: Handle)
    /// `eglCreateImageKHR`: of a DMA-BUF with its attributes, of a texture with its name.
    case createEGLImage(EGLImageCreation)
    /// `eglExportDMABUFImageMESA`: the first plane's.
    case exportEGLImage(image: Handle, descriptor: Int32)
    /// `glEGLImageTargetTexture2DOES`.
    case textureOfImage(target: UInt32, image: Handle)
    /// `eglCreateSyncKHR` with EGL_SYNC_NATIVE_FENCE_ANDROID: -1 for a fence of what the context was told so far.
    case nativeFence(sync: Handle, descriptor: Int32)
    /// `eglDupNativeFenceFDANDROID`.
    case duplicateFence(sync: Handle, descriptor: Int32)
    // Vulkan objects.
    /// `vkGetPhysicalDeviceQueueFamilyProperties`: the flags of each family.
    case queueFamilies([UInt32])
    /// `vkGetDeviceQueue`.
    case queue(queue: Handle, family: UInt32, device: Handle)
    /// `vkCreateImage`.
    case createImage(ImageCreation)
    /// `vkGetImageMemoryRequirements2`.
    case imageRequirements(ImageRequirements)
    /// `vkAllocateMemory`.
    case allocateMemory(MemoryAllocation)
    /// `vkBindImageMemory`.
    case bindImageMemory(image: Handle, memory: Handle, offset: UInt64)
    /// `vkBindImageMemory2`.
    case bindPlanes([PlaneBinding])
    /// `vkGetImageDrmFormatModifierPropertiesEXT`.
    case imageModifier(image: Handle, modifier: UInt64)
    /// `vkGetImageSubresourceLayout`.
    case planeLayout(image: Handle, aspect: UInt32, layout: PlaneLayout)
    /// `vkGetMemoryFdKHR`.
    case exportMemory(memory: Handle, handleType: UInt32, descriptor: Int32)
    /// `vkCreateSemaphore`.
    case createSemaphore(semaphore: Handle, exportHandleTypes: UInt32, isTimeline: Bool)
    /// `vkGetSemaphoreFdKHR`.
    case exportSemaphore(semaphore: Handle, handleType: UInt32, descriptor: Int32)
    /// `vkImportSemaphoreFdKHR`.
    case importVulkanSemaphore(semaphore: Handle, handleType: UInt32, flags: UInt32, descriptor: Int32)
    /// `vkDestroyImage`, `vkFreeMemory`, `vkDestroySemaphore`, `vkDestroyFence`: what was destroyed.
    case destroy(Handle)
    // Vulkan commands.
    /// `vkBeginCommandBuffer`, `vkEndCommandBuffer`, `vkResetCommandBuffer`.
    case commandBuffer(Handle)
    /// `vkCmdPipelineBarrier`.
    case barrier(Barrier)
    /// `vkCmdCopyImage`, `vkCmdCopyImageToBuffer`, `vkCmdCopyBufferToImage`, `vkCmdClearColorImage`.
    case useImages(commandBuffer: Handle, uses: [ImageUse])
    /// `vkQueueSubmit`.
    case submit(Submission)
    /// `vkWaitForFences`, `vkResetFences` and `vkGetFenceStatus`.
    case fences([Handle], waitAll: Bool)
    /// `vkQueueWaitIdle`, `vkDeviceWaitIdle`: the queue or the device.
    case waitIdle(Handle)
    // GL.
    /// `glGen…`, `glCreateMemoryObjectsEXT` and `glDelete…`.
    case names([UInt32])
    /// `glMemoryObjectParameterivEXT`.
    case memoryObjectParameter(memory: UInt32, name: UInt32, value: Int32)
    /// `glImportMemoryFdEXT`.
    case importMemory(memory: UInt32, size: UInt64, handleType: UInt32, descriptor: Int32)
    /// `glActiveTexture`.
    case activeTexture(UInt32)
    /// `glBindTexture`.
    case bindTexture(target: UInt32, texture: UInt32)
    /// `glTexParameteri`.
    case textureParameter(target: UInt32, name: UInt32, value: Int32)
    /// `glTexStorageMem2DEXT`.
    case textureStorage(TextureStorage)
    /// `glImportSemaphoreFdEXT`.
    case importSemaphore(semaphore: UInt32, handleType: UInt32, descriptor: Int32)
    /// `glSignalSemaphoreEXT` and `glWaitSemaphoreEXT`.
    case semaphore(UInt32, textures: [TextureLayout])
    /// `glFenceSync`, `glClientWaitSync`, `glDeleteSync`, `eglCreateSyncKHR`, `eglClientWaitSyncKHR`, `eglWaitSyncKHR`,
    /// `eglDestroySyncKHR`; a wait's `flags`.
    case sync(Handle, flags: UInt32)
    /// `glBindFramebuffer`.
    case bindFramebuffer(target: UInt32, framebuffer: UInt32)
    /// `glFramebufferTexture2D`.
    case framebufferTexture(target: UInt32, attachment: UInt32, texture: UInt32, level: Int32)
    /// `glBlitFramebuffer`: source and destination rectangle as x0, y0, x1, y1.
    case blit(source: [Int32], destination: [Int32], mask: UInt32, filter: UInt32)
    /// `glDrawArrays`.
    case draw(mode: UInt32, first: Int32, count: Int32)
    /// `glClear`, `glClearBufferfv`.
    case clear(mask: UInt32)
    /// `glReadPixels`.
    case readPixels(x: Int32, y: Int32, width: Int32, height: Int32, format: UInt32, type: UInt32)
  }

  /// A `VkImageCreateInfo` with what hangs on it, and the image made.
  public struct ImageCreation: Sendable {
    public var image: Handle
    public var flags: UInt32
    public var imageType: VkImageType = VK_IMAGE_TYPE_2D
    public var format: VkFormat
    public var width: UInt32
    public var height: UInt32
    public var depth: UInt32 = 1
    public var mipLevels: UInt32 = 1
    public var arrayLayers: UInt32 = 1
    public var samples: VkSampleCountFlagBits = VK_SAMPLE_COUNT_1_BIT
    public var tiling: VkImageTiling = VK_IMAGE_TILING_OPTIMAL
    public var usage: UInt32
    public var sharingMode: VkSharingMode = VK_SHARING_MODE_EXCLUSIVE
    public var queueFamilies: [UInt32] = []
    public var initialLayout: VkImageLayout = VK_IMAGE_LAYOUT_UNDEFINED
    /// Of `VkExternalMemoryImageCreateInfo`, 0 without it.
    public var externalHandleTypes: UInt32 = 0
    /// Of `VkImageFormatListCreateInfo`, nil without it.
    public var formatList: [VkFormat]?
    /// Of `VkImageDrmFormatModifierListCreateInfoEXT`, nil without it.
    public var modifiers: [UInt64]?
    /// Of `VkImageDrmFormatModifierExplicitCreateInfoEXT`, nil without it.
    public var explicitModifier: UInt64?
    public var planes: [PlaneLayout] = []
  }

  /// Where a memory plane lies.
  public struct PlaneLayout: Sendable, Hashable {
    public var offset: UInt64
    public var stride: UInt64

    public init(offset: UInt64, stride: UInt64) {
      self.offset = offset
      self.stride = stride
    }
  }

  /// A `VkBindImageMemoryInfo`; the aspect of its `VkBindImagePlaneMemoryInfo`, 0 without one.
  public struct PlaneBinding: Sendable, Hashable {
    public var image: Handle
    public var memory: Handle
    public var offset: UInt64
    public var aspect: UInt32
  }

  /// An `eglCreateImageKHR`.
  public struct EGLImageCreation: Sendable {
    public var image: Handle
    public var target: UInt32
    /// The client buffer: a texture's name.
    public var buffer: Handle
    public var attributes: [Int32: Int32]
  }

  /// The answer of `vkGetImageMemoryRequirements2`.
  public struct ImageRequirements: Sendable {
    public var image: Handle
    public var size: UInt64
    public var alignment: UInt64 = 0
    public var memoryTypeBits: UInt32 = 0
    /// Of `VkMemoryDedicatedRequirements`, nil if the caller did not ask.
    public var requiresDedicated: Bool?
    public var prefersDedicated: Bool?
  }

  /// A `VkMemoryAllocateInfo` with what hangs on it, and the memory made.
  public struct MemoryAllocation: Sendable {
    public var memory: Handle
    public var size: UInt64
    public var memoryType: UInt32 = 0
    /// Of `VkExportMemoryAllocateInfo`, 0 without it.
    public var exportHandleTypes: UInt32 = 0
    /// Of `VkImportMemoryFdInfoKHR`, nil without it.
    public var importHandleType: UInt32?
    public var importDescriptor: Int32?
    /// Of `VkMemoryDedicatedAllocateInfo`, 0 without it.
    public var dedicatedImage: Handle = 0
    public var dedicatedBuffer: Handle = 0
  }

  /// The images and buffers of a `vkCmdPipelineBarrier`.
  public struct Barrier: Sendable {
    public var commandBuffer: Handle
    public var sourceStages: UInt32
    public var destinationStages: UInt32
    public var images: [ImageBarrier]
    public var buffers: [BufferBarrier] = []
  }

  /// A `VkBufferMemoryBarrier`.
  public struct BufferBarrier: Sendable {
    public var buffer: Handle
    public var sourceFamily: UInt32
    public var destinationFamily: UInt32
  }

  /// A `VkImageMemoryBarrier`.
  public struct ImageBarrier: Sendable {
    public var image: Handle
    public var oldLayout: VkImageLayout
    public var newLayout: VkImageLayout
    public var sourceFamily: UInt32
    public var destinationFamily: UInt32
    public var sourceAccess: UInt32 = 0
    public var destinationAccess: UInt32 = 0
    public var aspects: UInt32 = VK_IMAGE_ASPECT_COLOR_BIT.rawValue
    public var baseLevel: UInt32 = 0
    public var levelCount: UInt32 = 1
    public var baseLayer: UInt32 = 0
    public var layerCount: UInt32 = 1
  }

  /// An image that a command reads or writes, and the layout the command names.
  public struct ImageUse: Sendable {
    public var image: Handle
    public var layout: VkImageLayout
    public var isWrite: Bool
  }

  /// A `vkQueueSubmit`.
  public struct Submission: Sendable {
    public var queue: Handle
    public var batches: [Batch]
    public var fence: Handle = 0
  }

  /// A `VkSubmitInfo`.
  public struct Batch: Sendable {
    public var waits: [SemaphoreWait] = []
    public var commandBuffers: [Handle] = []
    public var signals: [Handle] = []
  }

  /// A semaphore a batch waits for, and the stages that wait.
  public struct SemaphoreWait: Sendable {
    public var semaphore: Handle
    public var stages: UInt32
  }

  /// A `glTexStorageMem2DEXT`.
  public struct TextureStorage: Sendable {
    public var target: UInt32
    public var levels: Int32
    public var internalFormat: UInt32
    public var width: Int32
    public var height: Int32
    public var memory: UInt32
    public var offset: UInt64
  }

  /// A texture in the list of a GL semaphore operation.
  public struct TextureLayout: Sendable {
    public var texture: UInt32
    public var layout: UInt32
  }
}

extension RecordedCall: CustomStringConvertible {
  public var description: String {
    var text = "#\(index) \(name)"
    if let details { text += " \(details)" }
    text += result == 0 ? "" : " = \(result)"
    return injectedFailure ? text + " (made to fail)" : text
  }
}
