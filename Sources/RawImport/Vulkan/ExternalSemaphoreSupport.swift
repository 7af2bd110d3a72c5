internal import InteropDrivers

extension VulkanHost {
  /// Whether Vulkan can export a binary semaphore as OPAQUE_FD.
  ///
  /// The package asks the device, because some devices that list VK_KHR_external_semaphore_fd support SYNC_FD only.
  public var canExportSemaphores: Bool {
    guard enabledDeviceExtensions.contains("VK_KHR_external_semaphore_fd"), vk.vkGetSemaphoreFdKHR != nil else {
      return false
    }
    return externalSemaphoreFeatures(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT)
      & UInt32(VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT.rawValue) != 0
  }

  /// Whether Vulkan can export a timeline semaphore as OPAQUE_FD, see ``canExportSemaphores``.
  public var canExportTimelineSemaphores: Bool {
    guard features.contains(.timelineSemaphore), canExportSemaphores else { return false }
    var type = Self.timelineType
    return withUnsafePointer(to: &type) { type in
      externalSemaphoreFeatures(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT, next: type)
        & UInt32(VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT.rawValue) != 0
    }
  }

  func externalSemaphoreFeatures(
    _ handleType: VkExternalSemaphoreHandleTypeFlagBits, next: UnsafePointer<VkSemaphoreTypeCreateInfo>? = nil
  ) -> VkExternalSemaphoreFeatureFlags {
    var query = VkPhysicalDeviceExternalSemaphoreInfo()
    query.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO
    query.pNext = UnsafeRawPointer(next)
    query.handleType = handleType
    var properties = VkExternalSemaphoreProperties()
    properties.sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES
    instanceFunctions.vkGetPhysicalDeviceExternalSemaphoreProperties(physicalDevice, &query, &properties)
    return properties.externalSemaphoreFeatures
  }

  static var timelineType: VkSemaphoreTypeCreateInfo {
    var type = VkSemaphoreTypeCreateInfo()
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
    return type
  }

  func missing(_ name: String, _ step: String = "share a sync file") -> InteropError {
    InteropError(
      .unsupported, step: step, reason: "the device was made without it", missing: [name],
      advice: adviceForMissingExtensions(otherwise: "use cpu-wait"))
  }
}
