public import InteropDrivers

extension VulkanHost {
  /// Whether the device says that a binary semaphore imports and exports sync files.
  public var canShareSyncFiles: Bool {
    guard enabledDeviceExtensions.contains("VK_KHR_external_semaphore_fd"), vk.vkGetSemaphoreFdKHR != nil,
      vk.vkImportSemaphoreFdKHR != nil
    else { return false }
    let needed =
      VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT.rawValue | VK_EXTERNAL_SEMAPHORE_FEATURE_IMPORTABLE_BIT.rawValue
    return externalSemaphoreFeatures(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) & UInt32(needed) == UInt32(needed)
  }

  /// Lets a binary semaphore's next wait be for the fence of a sync file. After that wait the semaphore has its own
  /// payload again.
  ///
  /// - Parameters:
  ///   - syncFile: taken over, also if this throws.
  ///   - semaphore: nothing waits for it or signals it at the moment.
  /// - Throws: ``InteropError/Code/unsupported`` without VK_KHR_external_semaphore_fd; the driver's refusal.
  ///
  /// The corresponding C function is `vkImportSemaphoreFdKHR` with VK_SEMAPHORE_IMPORT_TEMPORARY_BIT.
  public func importSyncFile(_ syncFile: consuming SyncFile, into semaphore: VkSemaphore) throws(InteropError) {
    let descriptor = FileDescriptorOwner(owning: syncFile.handOver())
    try descriptor.withBorrowed { (number) throws(InteropError) in try importSyncFile(number, into: semaphore) }
    _ = descriptor.handOver()
  }

  /// Imports a descriptor.
  ///
  /// - Parameter number: the device's once this succeeded, still the caller's if it throws.
  func importSyncFile(_ number: Int32, into semaphore: VkSemaphore) throws(InteropError) {
    guard let function = vk.vkImportSemaphoreFdKHR else { throw missing("VK_KHR_external_semaphore_fd") }
    var info = VkImportSemaphoreFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR
    info.semaphore = semaphore
    info.flags = UInt32(VK_SEMAPHORE_IMPORT_TEMPORARY_BIT.rawValue)
    info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT
    info.fd = number
    try function(device, &info).check("vkImportSemaphoreFdKHR", "the device takes no sync file")
  }

  /// Exports the fence of the last submission that signals `semaphore`; the semaphore is unsignalled afterwards.
  ///
  /// - Parameter semaphore: made with VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT among its export types; the signal
  ///   has been submitted and nothing waits for it.
  /// - Returns: nil if the device says that it is done already.
  ///
  /// The corresponding C function is `vkGetSemaphoreFdKHR`.
  public func syncFile(of semaphore: VkSemaphore) throws(InteropError) -> SyncFile? {
    let number = try exportSyncFile(of: semaphore)
    return number < 0 ? nil : SyncFile(owning: FileDescriptorOwner(owning: number))
  }

  /// Exports a descriptor.
  ///
  /// - Returns: -1 if the device says that it is done already.
  func exportSyncFile(of semaphore: VkSemaphore) throws(InteropError) -> Int32 {
    guard let function = vk.vkGetSemaphoreFdKHR else { throw missing("VK_KHR_external_semaphore_fd") }
    var info = VkSemaphoreGetFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR
    info.semaphore = semaphore
    info.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT
    var number: Int32 = -1
    try function(device, &info, &number).check("vkGetSemaphoreFdKHR", "the device gives no sync file")
    return number
  }

  /// Lets a Vulkan fence's next wait be for the fence of a sync file.
  ///
  /// - Parameters:
  ///   - syncFile: taken over, also if this throws.
  ///   - fence: not in use.
  ///
  /// The corresponding C function is `vkImportFenceFdKHR` with VK_FENCE_IMPORT_TEMPORARY_BIT.
  public func importSyncFile(_ syncFile: consuming SyncFile, intoFence fence: VkFence) throws(InteropError) {
    guard let function = vk.vkImportFenceFdKHR else { throw missing("VK_KHR_external_fence_fd") }
    let descriptor = FileDescriptorOwner(owning: syncFile.handOver())
    var info = VkImportFenceFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_IMPORT_FENCE_FD_INFO_KHR
    info.fence = fence
    info.flags = UInt32(VK_FENCE_IMPORT_TEMPORARY_BIT.rawValue)
    info.handleType = VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT
    info.fd = descriptor.withBorrowed { $0 }
    try function(device, &info).check("vkImportFenceFdKHR", "the device takes no sync file")
    _ = descriptor.handOver()
  }

  /// Exports the fence of the submission behind `fence`; the Vulkan fence is unsignalled afterwards.
  ///
  /// - Parameter fence: made with VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT among its export types, and submitted.
  /// - Returns: nil if the device says that it is done already.
  ///
  /// The corresponding C function is `vkGetFenceFdKHR`.
  public func syncFile(ofFence fence: VkFence) throws(InteropError) -> SyncFile? {
    guard let function = vk.vkGetFenceFdKHR else { throw missing("VK_KHR_external_fence_fd") }
    var info = VkFenceGetFdInfoKHR()
    info.sType = VK_STRUCTURE_TYPE_FENCE_GET_FD_INFO_KHR
    info.fence = fence
    info.handleType = VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT
    var number: Int32 = -1
    try function(device, &info, &number).check("vkGetFenceFdKHR", "the device gives no sync file")
    return number < 0 ? nil : SyncFile(owning: FileDescriptorOwner(owning: number))
  }
}
