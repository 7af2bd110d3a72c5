package import InteropDrivers

/// The kinds of Vulkan handles that this package makes on a device.
package enum VulkanObjectKind: Sendable {
  case image, memory, buffer, fence, semaphore, commandPool, event
}

/// A Vulkan handle with exactly one owner, destroyed when the owner goes away.
///
/// The owner must not go away while the device still uses the handle; classes that submit work wait for it first.
package struct VulkanObject: ~Copyable {
  package let handle: OpaquePointer
  private let kind: VulkanObjectKind
  private let host: VulkanHost

  package init(owning handle: OpaquePointer, _ kind: VulkanObjectKind, on host: VulkanHost) {
    self.handle = handle
    self.kind = kind
    self.host = host
  }

  deinit {
    let vk = host.vk
    let device = host.device
    switch kind {
    case .image: vk.vkDestroyImage(device, handle, nil)
    case .memory: vk.vkFreeMemory(device, handle, nil)
    case .buffer: vk.vkDestroyBuffer(device, handle, nil)
    case .fence: vk.vkDestroyFence(device, handle, nil)
    case .semaphore: vk.vkDestroySemaphore(device, handle, nil)
    case .commandPool: vk.vkDestroyCommandPool(device, handle, nil)
    case .event: vk.vkDestroyEvent(device, handle, nil)
    }
  }
}

extension VulkanHost {
  /// Runs a `vkCreate…` or `vkAllocate…` call and takes ownership of the handle it returns.
  package func makeObject(
    _ kind: VulkanObjectKind, _ step: StaticString, _ reason: @autoclosure () -> String,
    _ create: (UnsafeMutablePointer<OpaquePointer?>) -> VkResult
  ) throws(InteropError) -> VulkanObject {
    var handle: OpaquePointer?
    try create(&handle).check(step, reason())
    guard let handle else {
      throw InteropError(.driverFailure, step: step.description, reason: "the driver reported success and made nothing")
    }
    return VulkanObject(owning: handle, kind, on: self)
  }

  /// The corresponding C function is `vkGetImageMemoryRequirements2`.
  func memoryRequirements(of image: VkImage) -> VkMemoryRequirements {
    var info = VkImageMemoryRequirementsInfo2()
    info.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2
    info.image = image
    var answer = VkMemoryRequirements2()
    answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2
    vk.vkGetImageMemoryRequirements2(device, &info, &answer)
    return answer.memoryRequirements
  }

  /// Finds a memory type for images, device-local where there is one.
  func localMemoryType(allowedBy bits: UInt32) throws(InteropError) -> UInt32 {
    let local = UInt32(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue)
    if let type = memoryType(allowedBy: bits, with: local) ?? memoryType(allowedBy: bits, with: 0) { return type }
    throw InteropError(.driverFailure, step: "choose a memory type", reason: "the image allows no memory type")
  }

  /// Finds a memory type that the CPU sees without flushing; every device has one for buffers.
  func hostMemoryType(allowedBy bits: UInt32) throws(InteropError) -> UInt32 {
    let visible = UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue)
    if let type = memoryType(allowedBy: bits, with: visible) { return type }
    throw InteropError(
      .unsupported, step: "choose a memory type", reason: "\(info.deviceName) has no memory for it that the CPU sees",
      missing: ["a host-visible and host-coherent memory type"])
  }

  /// Allocates memory for an image that only Vulkan uses, and binds it.
  ///
  /// - Parameter seenByCPU: whether the memory can be mapped, for a linear image.
  package func allocateLocalMemory(for image: VkImage, seenByCPU: Bool = false) throws(InteropError) -> VulkanObject {
    let requirements = memoryRequirements(of: image)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.allocationSize = requirements.size
    if seenByCPU {
      allocate.memoryTypeIndex = try hostMemoryType(allowedBy: requirements.memoryTypeBits)
    } else {
      allocate.memoryTypeIndex = try localMemoryType(allowedBy: requirements.memoryTypeBits)
    }
    let memory = try makeObject(.memory, "vkAllocateMemory", "no \(requirements.size) bytes for an image") { out in
      vk.vkAllocateMemory(device, &allocate, nil, out)
    }
    try vk.vkBindImageMemory(device, image, memory.handle, 0).check(
      "vkBindImageMemory", "the memory does not fit the image")
    return memory
  }

  /// The corresponding C function is `vkMapMemory`.
  func map(_ memory: VkDeviceMemory) throws(InteropError) -> UnsafeMutableRawPointer {
    var mapped: UnsafeMutableRawPointer?
    try vk.vkMapMemory(device, memory, 0, VkDeviceSize(VK_WHOLE_SIZE_VALUE), 0, &mapped).check(
      "vkMapMemory", "the memory cannot be mapped")
    if let mapped { return mapped }
    throw InteropError(.driverFailure, step: "vkMapMemory", reason: "the driver gave no address")
  }

  package func makeFence() throws(InteropError) -> VulkanObject {
    try makeObject(.fence, "vkCreateFence", "no fence") { out in
      var info = VkFenceCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO
      return vk.vkCreateFence(device, &info, nil, out)
    }
  }

  /// Makes a binary semaphore for this device only.
  func makeSemaphore() throws(InteropError) -> VulkanObject {
    try makeObject(.semaphore, "vkCreateSemaphore", "no semaphore") { out in
      var info = VkSemaphoreCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
      return vk.vkCreateSemaphore(device, &info, nil, out)
    }
  }

  /// Waits for a fence, at most for `timeout`; polls before it blocks.
  ///
  /// - Parameter polling: how long it polls, ``fencePollingTime`` if nil.
  /// - Throws: ``InteropError/Code/timeout`` after `timeout`; ``InteropError/Code/driverFailure`` on a lost device.
  ///
  /// The corresponding C functions are `vkGetFenceStatus` and `vkWaitForFences`.
  package func wait(
    for fence: VkFence, timeout: Duration = .seconds(10), polling: Duration? = nil
  ) throws(InteropError) {
    if signals(fence, within: min(timeout, polling ?? fencePollingTime)) { return }
    var fence: VkFence? = fence
    let result = vk.vkWaitForFences(device, 1, &fence, 1, timeout.nanoseconds)
    if result == VK_TIMEOUT {
      throw InteropError(
        .timeout, step: "vkWaitForFences", reason: "the device did not finish within \(timeout)",
        driverCode: DriverCode(result),
        advice: "Look for a semaphore that is waited for and never signalled; a slow device may need a longer wait")
    }
    try result.check("vkWaitForFences", "the device failed")
  }

  /// Polls the fence. Returns false on a lost device, too: vkWaitForFences reports the loss.
  private func signals(_ fence: VkFence, within time: Duration) -> Bool {
    guard time > .zero else { return false }
    let start = ContinuousClock.now
    repeat {
      let status = vk.vkGetFenceStatus(device, fence)
      if status != VK_NOT_READY { return status == VK_SUCCESS }
    } while ContinuousClock.now - start < time
    return false
  }
}

extension Duration {
  /// How long a device may take for an image of `count` bytes: software drivers took 12 s for 1 GiB.
  package static func patience(forBytes count: Int) -> Duration { .seconds(10) + .seconds(count >> 24) }
}

// VK_WHOLE_SIZE is a `~` expression, which Swift does not import.
let VK_WHOLE_SIZE_VALUE = UInt64.max
