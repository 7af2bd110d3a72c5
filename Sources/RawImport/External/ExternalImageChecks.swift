import Glibc
package import InteropDrivers

// What a bundle says is compared with what the importer's drivers and the kernel say, before a driver gets the memory:
// drivers trust the description, and a wrong one is undefined behaviour.

extension ExternalImageDescription {
  static let step = "check the external image"

  /// Checks what needs no driver.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for values that contradict each other;
  ///   ``InteropError/Code/unsupported`` for what no importer of this package takes.
  package func check() throws(InteropError) {
    try size.validate(Self.step)
    guard let format else {
      throw unsupported(
        "VkFormat \(vkFormat.rawValue) is none of this package's formats", "VkFormat \(vkFormat.rawValue)")
    }
    guard flags & ~UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue) == 0 else {
      throw unsupported(
        "flags 0x\(String(flags, radix: 16)) hold more than VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT", "these image flags")
    }
    let isMutable = flags != 0
    guard viewFormats.allSatisfy({ format.viewFormats.contains($0) }),
      viewFormats.isEmpty || viewFormats.contains(vkFormat),
      Set(viewFormats.map(\.rawValue)).count == viewFormats.count,
      isMutable || viewFormats.count <= 1
    else { throw invalid("the format list does not belong to \(format)") }
    guard usage != 0, usage & ~Self.knownUsage == 0 else {
      throw invalid("usage 0x\(String(usage, radix: 16)) is none that an image of colour can have")
    }
    guard (handleType == .dmaBuf) == (tiling == .drmModifier) else {
      throw invalid("\(handleType) memory has no \(tiling.rawValue) tiling")
    }
    guard offset == 0 else {
      throw unsupported(
        "the image begins at byte \(offset) of its memory, and drivers ignore an offset without an error", "offset 0")
    }
    guard layout == VK_IMAGE_LAYOUT_GENERAL else {
      throw unsupported(
        "the image changes hands in layout \(layout.rawValue); GL's semaphores take it in GENERAL",
        "VK_IMAGE_LAYOUT_GENERAL")
    }
    let families = [OwnershipTransferBarrier.externalFamily, OwnershipTransferBarrier.foreignFamily]
    guard families.contains(queueFamily), handleType == .dmaBuf || queueFamily == families[0] else {
      throw invalid("family \(queueFamily) is not the one that \(handleType) memory belongs to between accesses")
    }
    let least = UInt64(size.width) * UInt64(size.height) * UInt64(format.bytesPerPixel)
    guard allocationSize >= least || handleType == .dmaBuf else {
      throw invalid("\(allocationSize) bytes cannot hold \(size) pixels of \(format), which take \(least)")
    }
  }

  private static let knownUsage = UInt32(
    VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
      | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue | VK_IMAGE_USAGE_STORAGE_BIT.rawValue
      | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT.rawValue | VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT.rawValue)

  /// Compares the picture with the buffer's.
  func check(_ buffer: borrowing DMABuf) throws(InteropError) {
    guard handleType == .dmaBuf, buffer.size == size else {
      throw invalid("the DMA-BUF holds \(buffer.size) pixels, and \(size) as \(handleType) are stated")
    }
  }

  /// Compares the device with the importer's: memory of another one is garbage, or ends some drivers.
  func check(_ identity: DeviceIdentity, of importer: String) throws(InteropError) {
    guard handleType == .opaqueFD else { return }
    guard let deviceUUID, let driverUUID else {
      throw invalid("OPAQUE_FD memory comes without the UUIDs of its device and driver")
    }
    guard identity.deviceUUIDs.isEmpty || identity.deviceUUIDs.contains(deviceUUID) else {
      throw unsupported(
        "the memory is of device \(deviceUUID), \(importer) is \(identity.deviceUUIDs.map(\.description).joined(separator: " "))",
        "the same device on both sides")
    }
    guard identity.driverUUID == nil || identity.driverUUID == driverUUID else {
      throw unsupported(
        "the memory is of driver \(driverUUID), \(importer) is of \(identity.driverUUID?.description ?? "")",
        "the same driver on both sides")
    }
  }

  /// Compares what the kernel knows of the memory with the description.
  ///
  /// Memory is a file (memfd), a buffer (DMA-BUF), or an open device (NVIDIA's OPAQUE_FD, of whose size the kernel knows
  /// nothing). Mesa reads from what it is given, for ever where that is a pipe.
  package func check(memory descriptor: Int32) throws(InteropError) {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      throw invalid("descriptor \(descriptor) is not open", .posix(errno))
    }
    let type = information.st_mode & S_IFMT
    // NV_MAJOR_DEVICE_NUMBER of NVIDIA's kernel module, with /dev/nvidiactl.
    if type == S_IFCHR, information.st_rdev >> 8 & 0xFFF == 195 { return }
    // An anonymous inode, as a DMA-BUF has, is of no type.
    guard type == S_IFREG || type == 0 && information.st_size > 0 else {
      throw invalid("the descriptor is no memory")
    }
    guard UInt64(information.st_size) >= allocationSize else {
      throw invalid("the memory has \(information.st_size) bytes, not the \(allocationSize) that are stated")
    }
  }

  /// Asks the device whether it imports such an image, and what memory it takes.
  func check(on host: VulkanHost) throws(InteropError) {
    guard Int(memoryTypeIndex) < Int(host.memoryProperties.memoryTypeCount) else {
      throw invalid(
        "memory type \(memoryTypeIndex) is none of \(host.info.deviceName)'s \(host.memoryProperties.memoryTypeCount)")
    }
    var chain = StructChain()
    var external = VkPhysicalDeviceExternalImageFormatInfo()
    external.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO
    external.handleType = handleType.vkBit
    var info = VkPhysicalDeviceImageFormatInfo2()
    info.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2
    info.pNext = UnsafeRawPointer(chain.add(external))
    info.format = vkFormat
    info.type = VK_IMAGE_TYPE_2D
    info.tiling = tiling.vkTiling
    info.usage = usage
    info.flags = flags
    var externalAnswer = VkExternalImageFormatProperties()
    externalAnswer.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES
    let answerPointer = chain.add(externalAnswer)
    var answer = VkImageFormatProperties2()
    answer.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2
    answer.pNext = UnsafeMutableRawPointer(answerPointer)
    let result = host.instanceFunctions.vkGetPhysicalDeviceImageFormatProperties2(host.physicalDevice, &info, &answer)
    if result != VK_ERROR_FORMAT_NOT_SUPPORTED {
      try result.check(
        "vkGetPhysicalDeviceImageFormatProperties2", "the device does not say whether it has such an image")
    }
    let features = answerPointer.pointee.externalMemoryProperties.externalMemoryFeatures
    let limit = answer.imageFormatProperties.maxExtent
    guard result == VK_SUCCESS, features & UInt32(VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT.rawValue) != 0,
      size.width <= Int(limit.width), size.height <= Int(limit.height)
    else {
      throw unsupported(
        "\(host.info.deviceName) imports no \(tiling.rawValue) image of \(size), VkFormat \(vkFormat.rawValue), usage"
          + " 0x\(String(usage, radix: 16)), as \(handleType)", "\(handleType) import")
    }
  }

  /// Compares the memory that the importer's image takes with the stated one. A different size means another image.
  func check(_ requirements: VkMemoryRequirements, on host: VulkanHost) throws(InteropError) {
    guard requirements.size == allocationSize else {
      throw invalid(
        "such an image takes \(requirements.size) bytes on \(host.info.deviceName), and \(allocationSize) are stated")
    }
    guard requirements.memoryTypeBits & 1 << memoryTypeIndex != 0 else {
      throw invalid("such an image cannot be in memory type \(memoryTypeIndex) on \(host.info.deviceName)")
    }
  }

  func invalid(_ reason: String, _ code: DriverCode? = nil) -> InteropError {
    InteropError(
      .invalidArgument, step: Self.step, reason: reason, driverCode: code,
      advice: "State the values with which the image was created and its memory allocated")
  }

  func unsupported(_ reason: String, _ missing: String) -> InteropError {
    InteropError(.unsupported, step: Self.step, reason: reason, missing: [missing])
  }
}
