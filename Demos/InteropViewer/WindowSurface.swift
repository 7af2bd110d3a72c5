internal import CInteropXCB
package import GLVulkanInterop

/// A window as a surface to which Vulkan presents.
package final class WindowSurface {
  package static let instanceExtensions = ["VK_KHR_surface", "VK_KHR_xcb_surface"]
  package static let deviceExtensions = ["VK_KHR_swapchain"]

  package let window: XWindow
  let host: VulkanHost
  let functions: PresentationFunctions
  /// A queue that can blit, and present to this window.
  let queue: VulkanQueue
  let handle: VkSurfaceKHR

  /// - Parameter host: a device made with ``instanceExtensions`` and ``deviceExtensions``.
  /// - Throws: ``InteropError/Code/unsupported`` if no queue can present to the window.
  package init(_ window: XWindow, host: VulkanHost) throws(InteropError) {
    let functions = try PresentationFunctions(host)
    var info = VkXcbSurfaceCreateInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_XCB_SURFACE_CREATE_INFO_KHR
    info.connection = window.connection
    info.window = window.window
    var handle: VkSurfaceKHR?
    try functions.vkCreateXcbSurfaceKHR(host.instance, &info, nil, &handle)
      .check("vkCreateXcbSurfaceKHR", "no surface for the window")
    guard let handle else {
      throw InteropError(.driverFailure, step: "vkCreateXcbSurfaceKHR", reason: "the driver gave no surface")
    }
    let queue = host.queues.first { queue in
      var supported: VkBool32 = 0
      let result = functions.vkGetPhysicalDeviceSurfaceSupportKHR(host.physicalDevice, queue.family, handle, &supported)
      // Blits need a graphics queue.
      return queue.canDraw && result == VK_SUCCESS && supported != 0
    }
    guard let queue else {
      functions.vkDestroySurfaceKHR(host.instance, handle, nil)
      throw InteropError(
        .unsupported, step: "vkGetPhysicalDeviceSurfaceSupportKHR",
        reason: "no queue of \(host.info.deviceName) presents to this window")
    }
    self.window = window
    self.host = host
    self.functions = functions
    self.queue = queue
    self.handle = handle
  }

  deinit { functions.vkDestroySurfaceKHR(host.instance, handle, nil) }

  /// Waits for all submissions and presentations on the queue.
  func waitUntilIdle() throws(InteropError) {
    try queue.lock.withLock { host.vk.vkQueueWaitIdle(queue.handle) }.check("vkQueueWaitIdle", "the device failed")
  }

  /// - Parameters:
  ///   - format: the frames' format.
  ///   - old: not used any more after this call.
  /// - Returns: nil while the window has no pixels, because it is minimised.
  func makeSwapchain(for format: PixelFormat, replacing old: Swapchain?) throws(InteropError) -> Swapchain? {
    // Submissions in flight use the old swapchain's images and semaphores, and no other call tells when presenting is
    // done.
    try waitUntilIdle()
    var capabilities = VkSurfaceCapabilitiesKHR()
    try functions.vkGetPhysicalDeviceSurfaceCapabilitiesKHR(host.physicalDevice, handle, &capabilities)
      .check("vkGetPhysicalDeviceSurfaceCapabilitiesKHR", "the window is gone")
    var extent = capabilities.currentExtent
    // The surface takes the swapchain's size in this case, not the window's.
    if extent.width == .max {
      extent = VkExtent2D(width: UInt32(window.size.width), height: UInt32(window.size.height))
    }
    guard extent.width > 0, extent.height > 0 else { return nil }
    return try Swapchain(
      self, extent: extent, format: try chooseFormat(for: format), capabilities: capabilities, replacing: old)
  }

  /// Chooses a format with the same encoding as the frames, because a blit converts between sRGB and other formats.
  private func chooseFormat(for format: PixelFormat) throws(InteropError) -> VkSurfaceFormatKHR {
    var count: UInt32 = 0
    try functions.vkGetPhysicalDeviceSurfaceFormatsKHR(host.physicalDevice, handle, &count, nil)
      .check("vkGetPhysicalDeviceSurfaceFormatsKHR", "the window has no formats")
    var formats = [VkSurfaceFormatKHR](repeating: VkSurfaceFormatKHR(), count: Int(count))
    try functions.vkGetPhysicalDeviceSurfaceFormatsKHR(host.physicalDevice, handle, &count, &formats)
      .check("vkGetPhysicalDeviceSurfaceFormatsKHR", "the window has no formats")
    let wanted =
      format.isSRGB
      ? [VK_FORMAT_B8G8R8A8_SRGB, VK_FORMAT_R8G8B8A8_SRGB] : [VK_FORMAT_B8G8R8A8_UNORM, VK_FORMAT_R8G8B8A8_UNORM]
    let usable = formats.filter { $0.colorSpace == VK_COLOR_SPACE_SRGB_NONLINEAR_KHR && wanted.contains($0.format) }
    guard let chosen = usable.first, supports(chosen.format, VK_FORMAT_FEATURE_BLIT_DST_BIT),
      supports(format.vkFormat, VK_FORMAT_FEATURE_BLIT_SRC_BIT)
    else {
      throw InteropError(
        .unsupported, step: "choose the swapchain's format",
        reason: "\(host.info.deviceName) cannot blit \(format) into this window",
        missing: ["a surface format with the encoding of \(format)"], advice: "Use --headless or another --pixel-format"
      )
    }
    return chosen
  }

  private func supports(_ format: VkFormat, _ feature: VkFormatFeatureFlagBits) -> Bool {
    var properties = VkFormatProperties()
    host.instanceFunctions.vkGetPhysicalDeviceFormatProperties(host.physicalDevice, format, &properties)
    return properties.optimalTilingFeatures & UInt32(feature.rawValue) != 0
  }
}
