internal import InteropDrivers

extension VulkanHost {
  /// Allocates dedicated memory of exactly the required size and binds it at offset 0.
  ///
  /// Always dedicated: NVIDIA needs it, radeonsi takes a non-dedicated memory object for LINEAR
  /// (vulkano-rs/vulkano#1734), and llvmpipe, zink and ANGLE ignore an offset other than 0 without an error.
  func allocateExportable(
    _ requirements: VkMemoryRequirements, for image: VkImage, _ handleType: ExternalMemoryHandleType
  ) throws(InteropError) -> VulkanObject {
    let type = try localMemoryType(allowedBy: requirements.memoryTypeBits)
    var chain = StructChain()
    var dedicated = VkMemoryDedicatedAllocateInfo()
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
    dedicated.image = image
    var export = VkExportMemoryAllocateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO
    export.pNext = UnsafeRawPointer(chain.add(dedicated))
    export.handleTypes = UInt32(handleType.vkBit.rawValue)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(export))
    allocate.allocationSize = requirements.size
    allocate.memoryTypeIndex = type
    let memory = try makeObject(.memory, "vkAllocateMemory", "no \(requirements.size) bytes of exportable memory") {
      out in
      vk.vkAllocateMemory(device, &allocate, nil, out)
    }
    try vk.vkBindImageMemory(device, image, memory.handle, 0)
      .check("vkBindImageMemory", "the memory does not fit the image")
    return memory
  }

  /// The corresponding C function is `vkGetMemoryFdKHR`.
  func exportMemory(
    _ memory: VkDeviceMemory, _ handleType: ExternalMemoryHandleType
  ) throws(InteropError) -> FileDescriptorOwner {
    guard let getFD = vk.vkGetMemoryFdKHR else {
      throw InteropError(
        .unsupported, step: "vkGetMemoryFdKHR", reason: "the device was made without it",
        missing: ["VK_KHR_external_memory_fd"])
    }
    var get = VkMemoryGetFdInfoKHR()
    get.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR
    get.memory = memory
    get.handleType = handleType.vkBit
    var number: Int32 = -1
    try getFD(device, &get, &number).check("vkGetMemoryFdKHR", "the memory cannot be exported")
    guard number >= 0 else {
      throw InteropError(
        .driverFailure, step: "vkGetMemoryFdKHR", reason: "the driver reported success and gave no descriptor")
    }
    return FileDescriptorOwner(owning: number)
  }
}
