public import CInteropGraphics

/// The Vulkan loader: `vkGetInstanceProcAddr`, the system's, an engine's or a test's.
public struct VulkanLoader: @unchecked Sendable {
  /// `vkGetInstanceProcAddr`.
  public let getInstanceProcAddr: PFN_vkGetInstanceProcAddr
  let interposer: DriverInterposer?

  /// Uses a `vkGetInstanceProcAddr` that the program already has.
  ///
  /// - Parameters:
  ///   - getInstanceProcAddr: valid for as long as the loader and what was made with it.
  ///   - interposer: stands before the functions of every table that is filled through this loader.
  public init(getInstanceProcAddr: @escaping PFN_vkGetInstanceProcAddr, interposer: DriverInterposer? = nil) {
    self.getInstanceProcAddr = getInstanceProcAddr
    self.interposer = interposer
  }

  /// Opens `libvulkan.so.1`.
  ///
  /// - Parameters:
  ///   - path: another loader; nil for the system's.
  ///   - interposer: as in ``init(getInstanceProcAddr:interposer:)``.
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it.
  public static func open(path: String? = nil, interposer: DriverInterposer? = nil) throws(InteropError) -> VulkanLoader
  {
    let library = try DynamicLibrary(path ?? "libvulkan.so.1", package: "libvulkan1")
    return VulkanLoader(
      getInstanceProcAddr: try library.resolver.required("vkGetInstanceProcAddr"), interposer: interposer)
  }

  /// The functions of `instance`, or the global ones for nil.
  public func resolver(instance: VkInstance?) -> FunctionResolver {
    let getInstanceProcAddr = getInstanceProcAddr
    nonisolated(unsafe) let instance = instance
    return FunctionResolver(source: "vkGetInstanceProcAddr") { name in
      unsafeBitCast(getInstanceProcAddr(instance, name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }
}

/// Functions that need no instance, as far as this package calls them; others by ``VulkanLoader/resolver(instance:)``
/// with nil.
public struct VulkanGlobalFunctions: @unchecked Sendable {
  public let vkEnumerateInstanceExtensionProperties: PFN_vkEnumerateInstanceExtensionProperties
  public let vkEnumerateInstanceVersion: PFN_vkEnumerateInstanceVersion
  public let vkCreateInstance: PFN_vkCreateInstance

  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function: a Vulkan 1.0 loader has no
  ///   `vkEnumerateInstanceVersion`.
  public init(loader: VulkanLoader) throws(InteropError) {
    let resolver = loader.resolver(instance: nil)
    vkEnumerateInstanceExtensionProperties = try resolver.required("vkEnumerateInstanceExtensionProperties")
    vkEnumerateInstanceVersion = try resolver.required("vkEnumerateInstanceVersion")
    vkCreateInstance = try resolver.required("vkCreateInstance")
  }
}

/// Functions of an instance and its physical devices that this package calls, Vulkan 1.1. Others by
/// ``VulkanLoader/resolver(instance:)``, or `VulkanHost.function(_:as:)`.
public struct VulkanInstanceFunctions: @unchecked Sendable {
  public let vkDestroyInstance: PFN_vkDestroyInstance
  public let vkEnumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices
  public let vkGetPhysicalDeviceProperties: PFN_vkGetPhysicalDeviceProperties
  public let vkGetPhysicalDeviceProperties2: PFN_vkGetPhysicalDeviceProperties2
  public let vkGetPhysicalDeviceFeatures2: PFN_vkGetPhysicalDeviceFeatures2
  public let vkGetPhysicalDeviceQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties
  public let vkGetPhysicalDeviceMemoryProperties: PFN_vkGetPhysicalDeviceMemoryProperties
  public let vkGetPhysicalDeviceFormatProperties: PFN_vkGetPhysicalDeviceFormatProperties
  public let vkGetPhysicalDeviceFormatProperties2: PFN_vkGetPhysicalDeviceFormatProperties2
  public let vkGetPhysicalDeviceImageFormatProperties2: PFN_vkGetPhysicalDeviceImageFormatProperties2
  public let vkGetPhysicalDeviceExternalBufferProperties: PFN_vkGetPhysicalDeviceExternalBufferProperties
  public let vkGetPhysicalDeviceExternalSemaphoreProperties: PFN_vkGetPhysicalDeviceExternalSemaphoreProperties
  public let vkEnumerateDeviceExtensionProperties: PFN_vkEnumerateDeviceExtensionProperties
  public let vkCreateDevice: PFN_vkCreateDevice
  public let vkGetDeviceProcAddr: PFN_vkGetDeviceProcAddr
  let interposer: DriverInterposer?

  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  public init(loader: VulkanLoader, instance: VkInstance) throws(InteropError) {
    interposer = loader.interposer
    let resolver = loader.resolver(instance: instance)
    vkDestroyInstance = try resolver.required("vkDestroyInstance")
    vkEnumeratePhysicalDevices = try resolver.required("vkEnumeratePhysicalDevices")
    vkGetPhysicalDeviceProperties = try resolver.required("vkGetPhysicalDeviceProperties")
    vkGetPhysicalDeviceProperties2 = try resolver.required("vkGetPhysicalDeviceProperties2")
    vkGetPhysicalDeviceFeatures2 = try resolver.required("vkGetPhysicalDeviceFeatures2")
    vkGetPhysicalDeviceQueueFamilyProperties = try resolver.required("vkGetPhysicalDeviceQueueFamilyProperties")
    vkGetPhysicalDeviceMemoryProperties = try resolver.required("vkGetPhysicalDeviceMemoryProperties")
    vkGetPhysicalDeviceFormatProperties = try resolver.required("vkGetPhysicalDeviceFormatProperties")
    vkGetPhysicalDeviceFormatProperties2 = try resolver.required("vkGetPhysicalDeviceFormatProperties2")
    vkGetPhysicalDeviceImageFormatProperties2 = try resolver.required("vkGetPhysicalDeviceImageFormatProperties2")
    vkGetPhysicalDeviceExternalBufferProperties = try resolver.required("vkGetPhysicalDeviceExternalBufferProperties")
    vkGetPhysicalDeviceExternalSemaphoreProperties = try resolver.required(
      "vkGetPhysicalDeviceExternalSemaphoreProperties")
    vkEnumerateDeviceExtensionProperties = try resolver.required("vkEnumerateDeviceExtensionProperties")
    vkCreateDevice = try resolver.required("vkCreateDevice")
    vkGetDeviceProcAddr = try resolver.required("vkGetDeviceProcAddr")
  }

  /// The functions of `device`, without the loader's dispatch in between.
  public func resolver(device: VkDevice) -> FunctionResolver {
    let getDeviceProcAddr = vkGetDeviceProcAddr
    nonisolated(unsafe) let device = device
    return FunctionResolver(source: "vkGetDeviceProcAddr") { name in
      unsafeBitCast(getDeviceProcAddr(device, name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }
}

/// Functions of a device and its queues that this package calls, without the loader's dispatch in between. Others by
/// `VulkanHost.function(_:as:)`.
public struct VulkanDeviceFunctions: @unchecked Sendable {
  public let vkDestroyDevice: PFN_vkDestroyDevice
  public let vkGetDeviceQueue: PFN_vkGetDeviceQueue
  public let vkDeviceWaitIdle: PFN_vkDeviceWaitIdle
  public let vkQueueSubmit: PFN_vkQueueSubmit
  public let vkQueueWaitIdle: PFN_vkQueueWaitIdle
  public let vkCreateImage: PFN_vkCreateImage
  public let vkDestroyImage: PFN_vkDestroyImage
  public let vkGetImageMemoryRequirements2: PFN_vkGetImageMemoryRequirements2
  public let vkBindImageMemory: PFN_vkBindImageMemory
  public let vkBindImageMemory2: PFN_vkBindImageMemory2
  public let vkGetImageSubresourceLayout: PFN_vkGetImageSubresourceLayout
  public let vkCreateBuffer: PFN_vkCreateBuffer
  public let vkDestroyBuffer: PFN_vkDestroyBuffer
  public let vkGetBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements
  public let vkBindBufferMemory: PFN_vkBindBufferMemory
  public let vkAllocateMemory: PFN_vkAllocateMemory
  public let vkFreeMemory: PFN_vkFreeMemory
  public let vkMapMemory: PFN_vkMapMemory
  public let vkUnmapMemory: PFN_vkUnmapMemory
  public let vkFlushMappedMemoryRanges: PFN_vkFlushMappedMemoryRanges
  public let vkInvalidateMappedMemoryRanges: PFN_vkInvalidateMappedMemoryRanges
  public let vkCreateCommandPool: PFN_vkCreateCommandPool
  public let vkDestroyCommandPool: PFN_vkDestroyCommandPool
  public let vkAllocateCommandBuffers: PFN_vkAllocateCommandBuffers
  public let vkResetCommandBuffer: PFN_vkResetCommandBuffer
  public let vkBeginCommandBuffer: PFN_vkBeginCommandBuffer
  public let vkEndCommandBuffer: PFN_vkEndCommandBuffer
  public let vkCmdPipelineBarrier: PFN_vkCmdPipelineBarrier
  public let vkCmdCopyImageToBuffer: PFN_vkCmdCopyImageToBuffer
  public let vkCmdCopyBufferToImage: PFN_vkCmdCopyBufferToImage
  public let vkCmdCopyImage: PFN_vkCmdCopyImage
  public let vkCmdClearColorImage: PFN_vkCmdClearColorImage
  public let vkCreateFence: PFN_vkCreateFence
  public let vkDestroyFence: PFN_vkDestroyFence
  public let vkWaitForFences: PFN_vkWaitForFences
  public let vkResetFences: PFN_vkResetFences
  public let vkGetFenceStatus: PFN_vkGetFenceStatus
  public let vkCreateSemaphore: PFN_vkCreateSemaphore
  public let vkDestroySemaphore: PFN_vkDestroySemaphore
  public let vkCreateEvent: PFN_vkCreateEvent
  public let vkDestroyEvent: PFN_vkDestroyEvent
  public let vkSetEvent: PFN_vkSetEvent
  public let vkCmdWaitEvents: PFN_vkCmdWaitEvents
  /// Vulkan 1.2.
  public let vkWaitSemaphores: PFN_vkWaitSemaphores?
  /// VK_KHR_external_memory_fd; nil where the device was made without it.
  public let vkGetMemoryFdKHR: PFN_vkGetMemoryFdKHR?
  public let vkGetMemoryFdPropertiesKHR: PFN_vkGetMemoryFdPropertiesKHR?
  /// VK_KHR_external_semaphore_fd; nil where the device was made without it.
  public let vkGetSemaphoreFdKHR: PFN_vkGetSemaphoreFdKHR?
  public let vkImportSemaphoreFdKHR: PFN_vkImportSemaphoreFdKHR?
  /// VK_KHR_external_fence_fd; nil where the device was made without it.
  public let vkGetFenceFdKHR: PFN_vkGetFenceFdKHR?
  public let vkImportFenceFdKHR: PFN_vkImportFenceFdKHR?
  /// VK_EXT_image_drm_format_modifier; nil where the device was made without it.
  public let vkGetImageDrmFormatModifierPropertiesEXT: PFN_vkGetImageDrmFormatModifierPropertiesEXT?

  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  public init(instance: VulkanInstanceFunctions, device: VkDevice) throws(InteropError) {
    let resolver = instance.resolver(device: device)
    vkDestroyDevice = try resolver.required("vkDestroyDevice")
    vkGetDeviceQueue = try resolver.required("vkGetDeviceQueue")
    vkDeviceWaitIdle = try resolver.required("vkDeviceWaitIdle")
    vkQueueSubmit = try resolver.required("vkQueueSubmit")
    vkQueueWaitIdle = try resolver.required("vkQueueWaitIdle")
    vkCreateImage = try resolver.required("vkCreateImage")
    vkDestroyImage = try resolver.required("vkDestroyImage")
    vkGetImageMemoryRequirements2 = try resolver.required("vkGetImageMemoryRequirements2")
    vkBindImageMemory = try resolver.required("vkBindImageMemory")
    vkBindImageMemory2 = try resolver.required("vkBindImageMemory2")
    vkGetImageSubresourceLayout = try resolver.required("vkGetImageSubresourceLayout")
    vkCreateBuffer = try resolver.required("vkCreateBuffer")
    vkDestroyBuffer = try resolver.required("vkDestroyBuffer")
    vkGetBufferMemoryRequirements = try resolver.required("vkGetBufferMemoryRequirements")
    vkBindBufferMemory = try resolver.required("vkBindBufferMemory")
    vkAllocateMemory = try resolver.required("vkAllocateMemory")
    vkFreeMemory = try resolver.required("vkFreeMemory")
    vkMapMemory = try resolver.required("vkMapMemory")
    vkUnmapMemory = try resolver.required("vkUnmapMemory")
    vkFlushMappedMemoryRanges = try resolver.required("vkFlushMappedMemoryRanges")
    vkInvalidateMappedMemoryRanges = try resolver.required("vkInvalidateMappedMemoryRanges")
    vkCreateCommandPool = try resolver.required("vkCreateCommandPool")
    vkDestroyCommandPool = try resolver.required("vkDestroyCommandPool")
    vkAllocateCommandBuffers = try resolver.required("vkAllocateCommandBuffers")
    vkResetCommandBuffer = try resolver.required("vkResetCommandBuffer")
    vkBeginCommandBuffer = try resolver.required("vkBeginCommandBuffer")
    vkEndCommandBuffer = try resolver.required("vkEndCommandBuffer")
    vkCmdPipelineBarrier = try resolver.required("vkCmdPipelineBarrier")
    vkCmdCopyImageToBuffer = try resolver.required("vkCmdCopyImageToBuffer")
    vkCmdCopyBufferToImage = try resolver.required("vkCmdCopyBufferToImage")
    vkCmdCopyImage = try resolver.required("vkCmdCopyImage")
    vkCmdClearColorImage = try resolver.required("vkCmdClearColorImage")
    vkCreateFence = try resolver.required("vkCreateFence")
    vkDestroyFence = try resolver.required("vkDestroyFence")
    vkWaitForFences = try resolver.required("vkWaitForFences")
    vkResetFences = try resolver.required("vkResetFences")
    vkGetFenceStatus = try resolver.required("vkGetFenceStatus")
    vkCreateSemaphore = try resolver.required("vkCreateSemaphore")
    vkDestroySemaphore = try resolver.required("vkDestroySemaphore")
    vkCreateEvent = try resolver.required("vkCreateEvent")
    vkDestroyEvent = try resolver.required("vkDestroyEvent")
    vkSetEvent = try resolver.required("vkSetEvent")
    vkCmdWaitEvents = try resolver.required("vkCmdWaitEvents")
    vkWaitSemaphores = resolver.optional("vkWaitSemaphores")
    vkGetMemoryFdKHR = resolver.optional("vkGetMemoryFdKHR")
    vkGetMemoryFdPropertiesKHR = resolver.optional("vkGetMemoryFdPropertiesKHR")
    vkGetSemaphoreFdKHR = resolver.optional("vkGetSemaphoreFdKHR")
    vkImportSemaphoreFdKHR = resolver.optional("vkImportSemaphoreFdKHR")
    vkGetFenceFdKHR = resolver.optional("vkGetFenceFdKHR")
    vkImportFenceFdKHR = resolver.optional("vkImportFenceFdKHR")
    vkGetImageDrmFormatModifierPropertiesEXT = resolver.optional("vkGetImageDrmFormatModifierPropertiesEXT")
  }
}

extension VkResult {
  /// Throws ``InteropError/Code/driverFailure`` unless this is `VK_SUCCESS`.
  ///
  /// - Parameters:
  ///   - step: the function that returned it.
  ///   - reason: what could not be done.
  ///   - advice: what the caller can do about it.
  @inlinable
  public func check(_ step: StaticString, _ reason: @autoclosure () -> String, advice: String? = nil)
    throws(InteropError)
  {
    if self == VK_SUCCESS { return }
    throw InteropError(
      .driverFailure, step: step.description, reason: reason(), driverCode: DriverCode(self), advice: advice)
  }
}
