// Made by scripts/generate-driver-tables.py of scripts/driver-functions.txt. Not to be edited.

public import CInteropGraphics

/// Functions that need no instance, as far as this package calls them; others by ``VulkanLoader/resolver(instance:)``
/// with nil.
package struct VulkanGlobalFunctions: @unchecked Sendable {
  /// Vulkan 1.0.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkEnumerateInstanceExtensionProperties.html>
  package private(set) var vkEnumerateInstanceExtensionProperties: PFN_vkEnumerateInstanceExtensionProperties =
    notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkEnumerateInstanceVersion.html>
  package private(set) var vkEnumerateInstanceVersion: PFN_vkEnumerateInstanceVersion = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateInstance.html>
  package private(set) var vkCreateInstance: PFN_vkCreateInstance = notLookedUp()

  mutating func fill(from resolver: FunctionResolver) throws(InteropError) {
    vkEnumerateInstanceExtensionProperties = try resolver.required("vkEnumerateInstanceExtensionProperties")
    vkEnumerateInstanceVersion = try resolver.required("vkEnumerateInstanceVersion")
    vkCreateInstance = try resolver.required("vkCreateInstance")
  }
}

/// Functions of an instance and its physical devices that this package calls, Vulkan 1.1. Others by
/// ``VulkanLoader/resolver(instance:)``, or `VulkanHost.function(_:as:)`.
package struct VulkanInstanceFunctions: @unchecked Sendable {
  let interposer: DriverInterposer?

  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyInstance.html>
  package private(set) var vkDestroyInstance: PFN_vkDestroyInstance = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkEnumeratePhysicalDevices.html>
  package private(set) var vkEnumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceProperties.html>
  package private(set) var vkGetPhysicalDeviceProperties: PFN_vkGetPhysicalDeviceProperties = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceProperties2.html>
  package private(set) var vkGetPhysicalDeviceProperties2: PFN_vkGetPhysicalDeviceProperties2 = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceFeatures2.html>
  package private(set) var vkGetPhysicalDeviceFeatures2: PFN_vkGetPhysicalDeviceFeatures2 = notLookedUp()
  /// Vulkan 1.0.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceQueueFamilyProperties.html>
  package private(set) var vkGetPhysicalDeviceQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties =
    notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceMemoryProperties.html>
  package private(set) var vkGetPhysicalDeviceMemoryProperties: PFN_vkGetPhysicalDeviceMemoryProperties = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceFormatProperties.html>
  package private(set) var vkGetPhysicalDeviceFormatProperties: PFN_vkGetPhysicalDeviceFormatProperties = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceFormatProperties2.html>
  package private(set) var vkGetPhysicalDeviceFormatProperties2: PFN_vkGetPhysicalDeviceFormatProperties2 =
    notLookedUp()
  /// Vulkan 1.1.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceImageFormatProperties2.html>
  package private(set) var vkGetPhysicalDeviceImageFormatProperties2: PFN_vkGetPhysicalDeviceImageFormatProperties2 =
    notLookedUp()
  /// Vulkan 1.1.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceExternalBufferProperties.html>
  package private(set) var vkGetPhysicalDeviceExternalBufferProperties:
    PFN_vkGetPhysicalDeviceExternalBufferProperties =
      notLookedUp()
  /// Vulkan 1.1.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetPhysicalDeviceExternalSemaphoreProperties.html>
  package private(set) var vkGetPhysicalDeviceExternalSemaphoreProperties:
    PFN_vkGetPhysicalDeviceExternalSemaphoreProperties =
      notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkEnumerateDeviceExtensionProperties.html>
  package private(set) var vkEnumerateDeviceExtensionProperties: PFN_vkEnumerateDeviceExtensionProperties =
    notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateDevice.html>
  package private(set) var vkCreateDevice: PFN_vkCreateDevice = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetDeviceProcAddr.html>
  package private(set) var vkGetDeviceProcAddr: PFN_vkGetDeviceProcAddr = notLookedUp()

  mutating func fill(from resolver: FunctionResolver) throws(InteropError) {
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
}

/// Functions of a device and its queues that this package calls, without the loader's dispatch in between. Others by
/// `VulkanHost.function(_:as:)`.
///
/// Functions of an extension are nil where the device was made without it.
public struct VulkanDeviceFunctions: @unchecked Sendable {
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyDevice.html>
  public private(set) var vkDestroyDevice: PFN_vkDestroyDevice = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetDeviceQueue.html>
  public private(set) var vkGetDeviceQueue: PFN_vkGetDeviceQueue = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDeviceWaitIdle.html>
  public private(set) var vkDeviceWaitIdle: PFN_vkDeviceWaitIdle = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkQueueSubmit.html>
  public private(set) var vkQueueSubmit: PFN_vkQueueSubmit = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkQueueWaitIdle.html>
  public private(set) var vkQueueWaitIdle: PFN_vkQueueWaitIdle = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateImage.html>
  public private(set) var vkCreateImage: PFN_vkCreateImage = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyImage.html>
  public private(set) var vkDestroyImage: PFN_vkDestroyImage = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetImageMemoryRequirements2.html>
  public private(set) var vkGetImageMemoryRequirements2: PFN_vkGetImageMemoryRequirements2 = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkBindImageMemory.html>
  public private(set) var vkBindImageMemory: PFN_vkBindImageMemory = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkBindImageMemory2.html>
  public private(set) var vkBindImageMemory2: PFN_vkBindImageMemory2 = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetImageSubresourceLayout.html>
  public private(set) var vkGetImageSubresourceLayout: PFN_vkGetImageSubresourceLayout = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateBuffer.html>
  public private(set) var vkCreateBuffer: PFN_vkCreateBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyBuffer.html>
  public private(set) var vkDestroyBuffer: PFN_vkDestroyBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetBufferMemoryRequirements.html>
  public private(set) var vkGetBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkBindBufferMemory.html>
  public private(set) var vkBindBufferMemory: PFN_vkBindBufferMemory = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkAllocateMemory.html>
  public private(set) var vkAllocateMemory: PFN_vkAllocateMemory = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkFreeMemory.html>
  public private(set) var vkFreeMemory: PFN_vkFreeMemory = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkMapMemory.html>
  public private(set) var vkMapMemory: PFN_vkMapMemory = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkUnmapMemory.html>
  public private(set) var vkUnmapMemory: PFN_vkUnmapMemory = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkFlushMappedMemoryRanges.html>
  public private(set) var vkFlushMappedMemoryRanges: PFN_vkFlushMappedMemoryRanges = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkInvalidateMappedMemoryRanges.html>
  public private(set) var vkInvalidateMappedMemoryRanges: PFN_vkInvalidateMappedMemoryRanges = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateCommandPool.html>
  public private(set) var vkCreateCommandPool: PFN_vkCreateCommandPool = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyCommandPool.html>
  public private(set) var vkDestroyCommandPool: PFN_vkDestroyCommandPool = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkAllocateCommandBuffers.html>
  public private(set) var vkAllocateCommandBuffers: PFN_vkAllocateCommandBuffers = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkResetCommandBuffer.html>
  public private(set) var vkResetCommandBuffer: PFN_vkResetCommandBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkBeginCommandBuffer.html>
  public private(set) var vkBeginCommandBuffer: PFN_vkBeginCommandBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkEndCommandBuffer.html>
  public private(set) var vkEndCommandBuffer: PFN_vkEndCommandBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdPipelineBarrier.html>
  public private(set) var vkCmdPipelineBarrier: PFN_vkCmdPipelineBarrier = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdCopyImageToBuffer.html>
  public private(set) var vkCmdCopyImageToBuffer: PFN_vkCmdCopyImageToBuffer = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdCopyBufferToImage.html>
  public private(set) var vkCmdCopyBufferToImage: PFN_vkCmdCopyBufferToImage = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdCopyImage.html>
  public private(set) var vkCmdCopyImage: PFN_vkCmdCopyImage = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdClearColorImage.html>
  public private(set) var vkCmdClearColorImage: PFN_vkCmdClearColorImage = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateFence.html>
  public private(set) var vkCreateFence: PFN_vkCreateFence = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyFence.html>
  public private(set) var vkDestroyFence: PFN_vkDestroyFence = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkWaitForFences.html>
  public private(set) var vkWaitForFences: PFN_vkWaitForFences = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkResetFences.html>
  public private(set) var vkResetFences: PFN_vkResetFences = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetFenceStatus.html>
  public private(set) var vkGetFenceStatus: PFN_vkGetFenceStatus = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateSemaphore.html>
  public private(set) var vkCreateSemaphore: PFN_vkCreateSemaphore = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroySemaphore.html>
  public private(set) var vkDestroySemaphore: PFN_vkDestroySemaphore = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateEvent.html>
  public private(set) var vkCreateEvent: PFN_vkCreateEvent = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyEvent.html>
  public private(set) var vkDestroyEvent: PFN_vkDestroyEvent = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkSetEvent.html>
  public private(set) var vkSetEvent: PFN_vkSetEvent = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdWaitEvents.html>
  public private(set) var vkCmdWaitEvents: PFN_vkCmdWaitEvents = notLookedUp()
  /// Vulkan 1.2. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkWaitSemaphores.html>
  public private(set) var vkWaitSemaphores: PFN_vkWaitSemaphores?
  /// `VK_KHR_external_memory_fd`. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetMemoryFdKHR.html>
  public private(set) var vkGetMemoryFdKHR: PFN_vkGetMemoryFdKHR?
  /// `VK_KHR_external_memory_fd`.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetMemoryFdPropertiesKHR.html>
  public private(set) var vkGetMemoryFdPropertiesKHR: PFN_vkGetMemoryFdPropertiesKHR?
  /// `VK_KHR_external_semaphore_fd`.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetSemaphoreFdKHR.html>
  public private(set) var vkGetSemaphoreFdKHR: PFN_vkGetSemaphoreFdKHR?
  /// `VK_KHR_external_semaphore_fd`.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkImportSemaphoreFdKHR.html>
  public private(set) var vkImportSemaphoreFdKHR: PFN_vkImportSemaphoreFdKHR?
  /// `VK_KHR_external_fence_fd`. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetFenceFdKHR.html>
  public private(set) var vkGetFenceFdKHR: PFN_vkGetFenceFdKHR?
  /// `VK_KHR_external_fence_fd`. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkImportFenceFdKHR.html>
  public private(set) var vkImportFenceFdKHR: PFN_vkImportFenceFdKHR?
  /// `VK_EXT_image_drm_format_modifier`.
  /// <https://registry.khronos.org/vulkan/specs/latest/man/html/vkGetImageDrmFormatModifierPropertiesEXT.html>
  public private(set) var vkGetImageDrmFormatModifierPropertiesEXT: PFN_vkGetImageDrmFormatModifierPropertiesEXT?

  mutating func fill(from resolver: FunctionResolver) throws(InteropError) {
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

/// Functions of a device that only views and the conversion of YUV images need: views, samplers, descriptors, compute
/// pipelines.
///
/// A table of its own, filled when the first such object is made, so that a program that makes none needs none of them.
/// All are core functions of Vulkan 1.1.
package struct VulkanComputeFunctions: @unchecked Sendable {
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateImageView.html>
  package private(set) var vkCreateImageView: PFN_vkCreateImageView = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyImageView.html>
  package private(set) var vkDestroyImageView: PFN_vkDestroyImageView = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateSampler.html>
  package private(set) var vkCreateSampler: PFN_vkCreateSampler = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroySampler.html>
  package private(set) var vkDestroySampler: PFN_vkDestroySampler = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateSamplerYcbcrConversion.html>
  package private(set) var vkCreateSamplerYcbcrConversion: PFN_vkCreateSamplerYcbcrConversion = notLookedUp()
  /// Vulkan 1.1. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroySamplerYcbcrConversion.html>
  package private(set) var vkDestroySamplerYcbcrConversion: PFN_vkDestroySamplerYcbcrConversion = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateDescriptorSetLayout.html>
  package private(set) var vkCreateDescriptorSetLayout: PFN_vkCreateDescriptorSetLayout = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyDescriptorSetLayout.html>
  package private(set) var vkDestroyDescriptorSetLayout: PFN_vkDestroyDescriptorSetLayout = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateDescriptorPool.html>
  package private(set) var vkCreateDescriptorPool: PFN_vkCreateDescriptorPool = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyDescriptorPool.html>
  package private(set) var vkDestroyDescriptorPool: PFN_vkDestroyDescriptorPool = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkAllocateDescriptorSets.html>
  package private(set) var vkAllocateDescriptorSets: PFN_vkAllocateDescriptorSets = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkUpdateDescriptorSets.html>
  package private(set) var vkUpdateDescriptorSets: PFN_vkUpdateDescriptorSets = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateShaderModule.html>
  package private(set) var vkCreateShaderModule: PFN_vkCreateShaderModule = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyShaderModule.html>
  package private(set) var vkDestroyShaderModule: PFN_vkDestroyShaderModule = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreatePipelineLayout.html>
  package private(set) var vkCreatePipelineLayout: PFN_vkCreatePipelineLayout = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyPipelineLayout.html>
  package private(set) var vkDestroyPipelineLayout: PFN_vkDestroyPipelineLayout = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCreateComputePipelines.html>
  package private(set) var vkCreateComputePipelines: PFN_vkCreateComputePipelines = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkDestroyPipeline.html>
  package private(set) var vkDestroyPipeline: PFN_vkDestroyPipeline = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdBindPipeline.html>
  package private(set) var vkCmdBindPipeline: PFN_vkCmdBindPipeline = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdBindDescriptorSets.html>
  package private(set) var vkCmdBindDescriptorSets: PFN_vkCmdBindDescriptorSets = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdPushConstants.html>
  package private(set) var vkCmdPushConstants: PFN_vkCmdPushConstants = notLookedUp()
  /// Vulkan 1.0. <https://registry.khronos.org/vulkan/specs/latest/man/html/vkCmdDispatch.html>
  package private(set) var vkCmdDispatch: PFN_vkCmdDispatch = notLookedUp()

  mutating func fill(from resolver: FunctionResolver) throws(InteropError) {
    vkCreateImageView = try resolver.required("vkCreateImageView")
    vkDestroyImageView = try resolver.required("vkDestroyImageView")
    vkCreateSampler = try resolver.required("vkCreateSampler")
    vkDestroySampler = try resolver.required("vkDestroySampler")
    vkCreateSamplerYcbcrConversion = try resolver.required("vkCreateSamplerYcbcrConversion")
    vkDestroySamplerYcbcrConversion = try resolver.required("vkDestroySamplerYcbcrConversion")
    vkCreateDescriptorSetLayout = try resolver.required("vkCreateDescriptorSetLayout")
    vkDestroyDescriptorSetLayout = try resolver.required("vkDestroyDescriptorSetLayout")
    vkCreateDescriptorPool = try resolver.required("vkCreateDescriptorPool")
    vkDestroyDescriptorPool = try resolver.required("vkDestroyDescriptorPool")
    vkAllocateDescriptorSets = try resolver.required("vkAllocateDescriptorSets")
    vkUpdateDescriptorSets = try resolver.required("vkUpdateDescriptorSets")
    vkCreateShaderModule = try resolver.required("vkCreateShaderModule")
    vkDestroyShaderModule = try resolver.required("vkDestroyShaderModule")
    vkCreatePipelineLayout = try resolver.required("vkCreatePipelineLayout")
    vkDestroyPipelineLayout = try resolver.required("vkDestroyPipelineLayout")
    vkCreateComputePipelines = try resolver.required("vkCreateComputePipelines")
    vkDestroyPipeline = try resolver.required("vkDestroyPipeline")
    vkCmdBindPipeline = try resolver.required("vkCmdBindPipeline")
    vkCmdBindDescriptorSets = try resolver.required("vkCmdBindDescriptorSets")
    vkCmdPushConstants = try resolver.required("vkCmdPushConstants")
    vkCmdDispatch = try resolver.required("vkCmdDispatch")
  }
}
