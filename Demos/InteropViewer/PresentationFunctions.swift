internal import CInteropXCB
internal import GLVulkanInterop

/// Vulkan's functions for windows (VK_KHR_surface, VK_KHR_xcb_surface, VK_KHR_swapchain) and the blit into them.
struct PresentationFunctions {
  let vkCreateXcbSurfaceKHR: PFN_vkCreateXcbSurfaceKHR
  let vkDestroySurfaceKHR: PFN_vkDestroySurfaceKHR
  let vkGetPhysicalDeviceSurfaceSupportKHR: PFN_vkGetPhysicalDeviceSurfaceSupportKHR
  let vkGetPhysicalDeviceSurfaceCapabilitiesKHR: PFN_vkGetPhysicalDeviceSurfaceCapabilitiesKHR
  let vkGetPhysicalDeviceSurfaceFormatsKHR: PFN_vkGetPhysicalDeviceSurfaceFormatsKHR
  let vkCreateSwapchainKHR: PFN_vkCreateSwapchainKHR
  let vkDestroySwapchainKHR: PFN_vkDestroySwapchainKHR
  let vkGetSwapchainImagesKHR: PFN_vkGetSwapchainImagesKHR
  let vkAcquireNextImageKHR: PFN_vkAcquireNextImageKHR
  let vkQueuePresentKHR: PFN_vkQueuePresentKHR
  let vkCmdBlitImage: PFN_vkCmdBlitImage

  init(_ host: VulkanHost) throws(InteropError) {
    let instance = host.loader.resolver(instance: host.instance)
    vkCreateXcbSurfaceKHR = try instance.required("vkCreateXcbSurfaceKHR")
    vkDestroySurfaceKHR = try instance.required("vkDestroySurfaceKHR")
    vkGetPhysicalDeviceSurfaceSupportKHR = try instance.required("vkGetPhysicalDeviceSurfaceSupportKHR")
    vkGetPhysicalDeviceSurfaceCapabilitiesKHR = try instance.required("vkGetPhysicalDeviceSurfaceCapabilitiesKHR")
    vkGetPhysicalDeviceSurfaceFormatsKHR = try instance.required("vkGetPhysicalDeviceSurfaceFormatsKHR")
    let getDeviceProcAddr = host.instanceFunctions.vkGetDeviceProcAddr
    nonisolated(unsafe) let handle = host.device
    let device = FunctionResolver(source: "vkGetDeviceProcAddr") { name in
      unsafeBitCast(getDeviceProcAddr(handle, name), to: UnsafeMutableRawPointer?.self)
    }
    vkCreateSwapchainKHR = try device.required("vkCreateSwapchainKHR")
    vkDestroySwapchainKHR = try device.required("vkDestroySwapchainKHR")
    vkGetSwapchainImagesKHR = try device.required("vkGetSwapchainImagesKHR")
    vkAcquireNextImageKHR = try device.required("vkAcquireNextImageKHR")
    vkQueuePresentKHR = try device.required("vkQueuePresentKHR")
    vkCmdBlitImage = try device.required("vkCmdBlitImage")
  }
}

/// A semaphore between Vulkan's queue and the presentation engine.
final class BinarySemaphore {
  private let object: VulkanObject
  var handle: VkSemaphore { object.handle }

  init(on host: VulkanHost) throws(InteropError) {
    object = try host.makeObject(.semaphore, "vkCreateSemaphore", "no semaphore for presenting") { out in
      var info = VkSemaphoreCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
      return host.vk.vkCreateSemaphore(host.device, &info, nil, out)
    }
  }

  static func make(_ count: Int, on host: VulkanHost) throws(InteropError) -> [BinarySemaphore] {
    var made: [BinarySemaphore] = []
    for _ in 0..<count { made.append(try BinarySemaphore(on: host)) }
    return made
  }
}
