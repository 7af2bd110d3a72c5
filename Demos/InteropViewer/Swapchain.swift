internal import CInteropXCB
internal import GLVulkanInterop

/// A swapchain: the window's images at one size.
final class Swapchain {
  /// The size of the images.
  let size: PixelSize
  /// The size of the window when the swapchain was made.
  let windowSize: PixelSize
  private let surface: WindowSurface
  private let handle: VkSwapchainKHR
  private let images: [VkImage]
  /// One for each image. A semaphore can be reused when its image can be.
  private let renderFinished: [BinarySemaphore]

  /// An acquired image to draw into.
  struct Image {
    let index: UInt32
    let image: VkImage
    /// The submission that draws into the image signals it.
    let renderFinished: VkSemaphore
  }

  enum Acquisition {
    case image(Image)
    /// The window shows no new image at the moment.
    case notReady
    /// The window has changed and needs a new swapchain.
    case outOfDate
  }

  /// Whether a swapchain still fits its window.
  enum Fit { case current, outdated }

  init(
    _ surface: WindowSurface, extent: VkExtent2D, format: VkSurfaceFormatKHR, capabilities: VkSurfaceCapabilitiesKHR,
    replacing old: Swapchain?
  ) throws(InteropError) {
    let usage = UInt32(VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue)
    guard capabilities.supportedUsageFlags & usage != 0 else {
      throw InteropError(
        .unsupported, step: "vkCreateSwapchainKHR", reason: "nothing can be copied into this window's images",
        missing: ["VK_IMAGE_USAGE_TRANSFER_DST_BIT"])
    }
    var info = VkSwapchainCreateInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR
    info.surface = surface.handle
    // One image more than the presentation engine keeps, so that drawing need not wait for it. 0 means no limit.
    let most = capabilities.maxImageCount == 0 ? UInt32.max : capabilities.maxImageCount
    info.minImageCount = min(capabilities.minImageCount + 1, most)
    info.imageFormat = format.format
    info.imageColorSpace = format.colorSpace
    info.imageExtent = extent
    info.imageArrayLayers = 1
    info.imageUsage = usage
    info.imageSharingMode = VK_SHARING_MODE_EXCLUSIVE
    info.preTransform = capabilities.currentTransform
    info.compositeAlpha = VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR
    if capabilities.supportedCompositeAlpha & UInt32(VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR.rawValue) == 0 {
      info.compositeAlpha = VK_COMPOSITE_ALPHA_INHERIT_BIT_KHR
    }
    info.presentMode = VK_PRESENT_MODE_FIFO_KHR
    info.clipped = 1
    info.oldSwapchain = old?.handle
    let (host, functions) = (surface.host, surface.functions)
    var made: VkSwapchainKHR?
    try functions.vkCreateSwapchainKHR(host.device, &info, nil, &made)
      .check("vkCreateSwapchainKHR", "no \(extent.width)x\(extent.height) images for the window")
    guard let made else {
      throw InteropError(.driverFailure, step: "vkCreateSwapchainKHR", reason: "the driver gave no swapchain")
    }
    do throws(InteropError) {
      var count: UInt32 = 0
      try functions.vkGetSwapchainImagesKHR(host.device, made, &count, nil)
        .check("vkGetSwapchainImagesKHR", "the swapchain has no images")
      var handles = [VkImage?](repeating: nil, count: Int(count))
      try functions.vkGetSwapchainImagesKHR(host.device, made, &count, &handles)
        .check("vkGetSwapchainImagesKHR", "the swapchain has no images")
      images = handles.compactMap { $0 }
      renderFinished = try BinarySemaphore.make(images.count, on: host)
    } catch {
      functions.vkDestroySwapchainKHR(host.device, made, nil)
      throw error
    }
    handle = made
    size = PixelSize(width: Int(extent.width), height: Int(extent.height))
    windowSize = surface.window.size
    self.surface = surface
  }

  deinit {
    try? surface.waitUntilIdle()
    surface.functions.vkDestroySwapchainKHR(surface.host.device, handle, nil)
  }

  /// - Parameter semaphore: signalled when the image is ready for drawing.
  func acquire(signalling semaphore: VkSemaphore) throws(InteropError) -> Acquisition {
    var index: UInt32 = 0
    // The wait has a limit: the user may close a window that shows no images.
    let timeout = Duration.milliseconds(500).nanoseconds
    let result = surface.functions.vkAcquireNextImageKHR(surface.host.device, handle, timeout, semaphore, nil, &index)
    switch result {
    // A suboptimal image can be used; presenting it reports that again.
    case VK_SUCCESS, VK_SUBOPTIMAL_KHR:
      return .image(Image(index: index, image: images[Int(index)], renderFinished: renderFinished[Int(index)].handle))
    case VK_TIMEOUT, VK_NOT_READY: return .notReady
    case VK_ERROR_OUT_OF_DATE_KHR: return .outOfDate
    default:
      try result.check("vkAcquireNextImageKHR", "the window gives no image")
      return .notReady
    }
  }

  /// Presents an image when its `renderFinished` is signalled.
  func present(_ image: Image) throws(InteropError) -> Fit {
    var semaphore: VkSemaphore? = image.renderFinished
    var swapchain: VkSwapchainKHR? = handle
    var index = image.index
    let result = withUnsafePointer(to: &semaphore) { semaphore in
      withUnsafePointer(to: &swapchain) { swapchain in
        withUnsafePointer(to: &index) { index in
          var info = VkPresentInfoKHR()
          info.sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR
          info.waitSemaphoreCount = 1
          info.pWaitSemaphores = semaphore
          info.swapchainCount = 1
          info.pSwapchains = swapchain
          info.pImageIndices = index
          return surface.queue.lock.withLock { surface.functions.vkQueuePresentKHR(surface.queue.handle, &info) }
        }
      }
    }
    if result == VK_SUBOPTIMAL_KHR || result == VK_ERROR_OUT_OF_DATE_KHR { return .outdated }
    try result.check("vkQueuePresentKHR", "the window takes no image")
    return .current
  }

  /// Records the copy of a frame, which is in the layout of a transfer source, into `target`. `target` is then ready to
  /// present.
  func recordBlit(
    from frame: VkImage, _ frameSize: PixelSize, _ orientation: ImageOrientation, to target: Image,
    into commands: VkCommandBuffer
  ) {
    let vk = surface.host.vk
    OwnershipTransferBarrier.transition(target.image, from: .acquiredImage, to: .transferDestination, discarding: true)
      .record(into: commands, vk)
    let layers = VkImageSubresourceLayers(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), mipLevel: 0, baseArrayLayer: 0, layerCount: 1)
    let (top, bottom) = (VkOffset3D(x: 0, y: 0, z: 0), Int32(size.height))
    var region = VkImageBlit()
    region.srcSubresource = layers
    region.srcOffsets = (top, VkOffset3D(x: Int32(frameSize.width), y: Int32(frameSize.height), z: 1))
    region.dstSubresource = layers
    // Reversed offsets flip the picture.
    region.dstOffsets =
      orientation == .topDown
      ? (top, VkOffset3D(x: Int32(size.width), y: bottom, z: 1))
      : (VkOffset3D(x: 0, y: bottom, z: 0), VkOffset3D(x: Int32(size.width), y: 0, z: 1))
    surface.functions.vkCmdBlitImage(
      commands, frame, VulkanAccess.transferSource.layout, target.image, VulkanAccess.transferDestination.layout, 1,
      &region, VK_FILTER_NEAREST)
    OwnershipTransferBarrier.transition(target.image, from: .transferDestination, to: .presentation).record(
      into: commands, vk)
  }
}

extension VulkanAccess {
  /// The state of an image that the presentation engine returned. The wait for the semaphore is at the same stage, so
  /// later commands run after it.
  fileprivate static let acquiredImage = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_UNDEFINED, stages: VulkanAccess.transferDestination.stages, access: 0)
  /// The state of an image that is ready to present. The semaphore makes the writes visible to the presentation engine.
  fileprivate static let presentation = VulkanAccess(
    layout: VK_IMAGE_LAYOUT_PRESENT_SRC_KHR, stages: UInt32(VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT.rawValue), access: 0)
}
