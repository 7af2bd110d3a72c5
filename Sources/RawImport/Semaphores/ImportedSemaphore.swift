internal import InteropDrivers

extension VulkanHost {
  /// Imports a semaphore for good: from then on the handle names the exporter's payload.
  ///
  /// The corresponding C functions are `vkCreateSemaphore` and `vkImportSemaphoreFdKHR`.
  func importSemaphore(
    _ descriptor: consuming FileDescriptorOwner, _ type: SemaphoreType
  ) throws(InteropError) -> VulkanObject {
    guard let importFD = vk.vkImportSemaphoreFdKHR else {
      throw missing("VK_KHR_external_semaphore_fd", "import a semaphore")
    }
    guard type == .binary || features.contains(.timelineSemaphore) else {
      throw InteropError(
        .unsupported, step: "import a semaphore", reason: "\(info.deviceName) was made without timeline semaphores",
        missing: ["the feature timelineSemaphore"])
    }
    let semaphore = try makeExportableSemaphore(type)
    var info = VkImportSemaphoreFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR
    info.semaphore = semaphore.handle
    info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT
    info.fd = descriptor.withBorrowed { $0 }
    try importFD(device, &info).check("vkImportSemaphoreFdKHR", "the device refuses the semaphore")
    _ = descriptor.handOver()
    return semaphore
  }
}
