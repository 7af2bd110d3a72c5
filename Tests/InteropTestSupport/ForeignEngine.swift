package import GLVulkanInterop

/// An implementation that allocates an image, its memory and its semaphores by itself, in plain Vulkan, and gives them
/// away. It writes the image by a copy.
package final class ForeignEngine {
  private let host: VulkanHost
  private let size: PixelSize
  private let sync: SyncKind
  private let commands: VulkanCommands
  private let staging: HostBuffer
  private let giver: Semaphore?
  private let taker: Semaphore?
  private let memory: VulkanObject
  private let image: VulkanObject
  private let requirements: VkMemoryRequirements
  private var value: UInt64 = 0
  private var due: SemaphorePoint?
  private var isNew = true
  private let flags: VkImageCreateFlags
  /// Holds the writes back, if there is one.
  package var gate: VulkanGate?

  /// An optional holds no noncopyable value that is lent.
  private final class Semaphore {
    let object: VulkanObject
    var handle: VkSemaphore { object.handle }
    init(_ object: consuming VulkanObject) { self.object = object }
  }

  package static let usage = UInt32(
    VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
      | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue | VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT.rawValue)

  package init(
    _ host: VulkanHost, _ size: PixelSize, _ sync: SyncKind, flags: VkImageCreateFlags = 0
  ) throws(InteropError) {
    self.host = host
    self.flags = flags
    self.size = size
    self.sync = sync
    commands = try VulkanCommands(host: host, queue: host.queues[0])
    staging = try HostBuffer(host: host, size: size.width * size.height * 4, .upload)
    var external = VkExternalMemoryImageCreateInfo()
    external.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO
    external.handleTypes = UInt32(VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue)
    var chain = StructChain()
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(external))
    create.flags = flags
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = VK_FORMAT_R8G8B8A8_UNORM
    create.extent = VkExtent3D(width: UInt32(size.width), height: UInt32(size.height), depth: 1)
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = VK_IMAGE_TILING_OPTIMAL
    create.usage = Self.usage
    image = try host.makeObject(.image, "vkCreateImage", "no image") {
      host.vk.vkCreateImage(host.device, &create, nil, $0)
    }
    var needs = VkMemoryRequirements()
    var about = VkImageMemoryRequirementsInfo2()
    about.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2
    about.image = image.handle
    var answer = VkMemoryRequirements2()
    answer.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2
    host.vk.vkGetImageMemoryRequirements2(host.device, &about, &answer)
    needs = answer.memoryRequirements
    requirements = needs
    var dedicated = VkMemoryDedicatedAllocateInfo()
    dedicated.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO
    dedicated.image = image.handle
    var export = VkExportMemoryAllocateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO
    export.pNext = UnsafeRawPointer(chain.add(dedicated))
    export.handleTypes = UInt32(VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.pNext = UnsafeRawPointer(chain.add(export))
    allocate.allocationSize = needs.size
    allocate.memoryTypeIndex = UInt32(needs.memoryTypeBits.trailingZeroBitCount)
    memory = try host.makeObject(.memory, "vkAllocateMemory", "no memory") {
      host.vk.vkAllocateMemory(host.device, &allocate, nil, $0)
    }
    try host.vk.vkBindImageMemory(host.device, image.handle, memory.handle, 0).check("vkBindImageMemory", "no binding")
    switch sync {
    case .semaphoreFD:
      giver = try Self.semaphore(host, isTimeline: false)
      taker = try Self.semaphore(host, isTimeline: false)
    case .timelineSemaphore:
      giver = try Self.semaphore(host, isTimeline: true)
      taker = try Self.semaphore(host, isTimeline: true)
    default:
      giver = nil
      taker = nil
    }
  }

  private static func semaphore(_ host: VulkanHost, isTimeline: Bool) throws(InteropError) -> Semaphore {
    var chain = StructChain()
    var type = VkSemaphoreTypeCreateInfo()
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
    var export = VkExportSemaphoreCreateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO
    export.handleTypes = UInt32(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue)
    if isTimeline { export.pNext = UnsafeRawPointer(chain.add(type)) }
    var create = VkSemaphoreCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(export))
    return Semaphore(
      try host.makeObject(.semaphore, "vkCreateSemaphore", "no semaphore") {
        host.vk.vkCreateSemaphore(host.device, &create, nil, $0)
      })
  }

  /// What the engine says of its image, as an engine would.
  package var description: ExternalImageDescription {
    let identity = host.info.identity
    var made = ExternalImageDescription(
      size: size, format: .rgba8, usage: Self.usage, allocationSize: requirements.size,
      memoryTypeIndex: UInt32(requirements.memoryTypeBits.trailingZeroBitCount),
      deviceUUID: identity.deviceUUIDs.first, driverUUID: identity.driverUUID, sync: sync)
    made.flags = flags
    made.viewFormats = []
    return made
  }

  /// The memory as a new descriptor.
  package func memoryDescriptor() throws(InteropError) -> FileDescriptorOwner {
    var get = VkMemoryGetFdInfoKHR()
    get.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR
    get.memory = memory.handle
    get.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT
    var number: Int32 = -1
    guard let function = host.vk.vkGetMemoryFdKHR else { preconditionFailure("the device exports memory") }
    try function(host.device, &get, &number).check("vkGetMemoryFdKHR", "no descriptor")
    return FileDescriptorOwner(owning: number)
  }

  package func bundle() throws(InteropError) -> ExternalImageBundle {
    var made = ExternalImageBundle(description, memory: .opaqueFD(try memoryDescriptor()))
    if let giver { made.giverDone = try export(giver.handle) }
    if let taker { made.takerDone = try export(taker.handle) }
    return made
  }

  private func export(_ semaphore: VkSemaphore) throws(InteropError) -> FileDescriptorOwner {
    var get = VkSemaphoreGetFdInfoKHR()
    get.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR
    get.semaphore = semaphore
    get.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT
    var number: Int32 = -1
    guard let function = host.vk.vkGetSemaphoreFdKHR else { preconditionFailure("the device exports semaphores") }
    try function(host.device, &get, &number).check("vkGetSemaphoreFdKHR", "no descriptor")
    return FileDescriptorOwner(owning: number)
  }

  /// Writes the image and gives it away.
  package func write(_ bytes: [UInt8]) throws(InteropError) -> ExternalPoint {
    try commands.finish()
    staging.bytes.copyBytes(from: bytes)
    let family = commands.queue.family
    let (outside, general) = (~UInt32(1), VK_IMAGE_LAYOUT_GENERAL)
    var barrier = VkImageMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER
    barrier.image = image.handle
    barrier.subresourceRange = VkImageSubresourceRange(
      aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
      layerCount: 1)
    let all = UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue)
    let recorded = try commands.record(.first) { (buffer) throws(InteropError) in
      gate?.hold(buffer)
      barrier.oldLayout = isNew ? VK_IMAGE_LAYOUT_UNDEFINED : general
      barrier.newLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL
      barrier.srcQueueFamilyIndex = isNew ? ~0 : outside
      barrier.dstQueueFamilyIndex = isNew ? ~0 : family
      barrier.dstAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
      host.vk.vkCmdPipelineBarrier(buffer, all, all, 0, 0, nil, 0, nil, 1, &barrier)
      staging.recordCopy(to: image.handle, size, layout: VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, into: buffer)
      barrier.oldLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL
      barrier.newLayout = general
      barrier.srcQueueFamilyIndex = family
      barrier.dstQueueFamilyIndex = outside
      barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
      barrier.dstAccessMask = 0
      host.vk.vkCmdPipelineBarrier(buffer, all, all, 0, 0, nil, 0, nil, 1, &barrier)
    }
    isNew = false
    value += 1
    var signal: SemaphorePoint?
    if let giver {
      signal = SemaphorePoint(giver.handle, at: sync == .timelineSemaphore ? value : 0)
    }
    try commands.submit(recorded, waitingFor: due, signalling: signal)
    due = nil
    switch sync {
    case .semaphoreFD: return .semaphore
    case .timelineSemaphore: return .timeline(value)
    default:
      try commands.finish()
      return .done
    }
  }

  /// Takes the image back: the next write waits for the taker.
  package func takeBack(_ point: consuming ExternalPoint) throws(InteropError) {
    switch consume point {
    case .semaphore: if let taker { due = SemaphorePoint(taker.handle) }
    case .timeline(let value, _): if let taker { due = SemaphorePoint(taker.handle, at: value) }
    default: due = nil
    }
  }
}
