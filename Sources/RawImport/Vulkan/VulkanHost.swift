public import InteropDrivers

/// The Vulkan device that receives GL's images, with what this package must know of it.
///
/// Adopted from an engine
/// (``init(instance:physicalDevice:device:apiVersion:queues:enabledInstanceExtensions:enabledDeviceExtensions:enabledFeatures:loader:hasSamplerYcbcrConversion:hasTimelineSemaphores:)``),
/// in which case the engine keeps owning it and outlives this object, or made and owned (``create(_:)``). Objects made
/// on a host keep it alive.
///
/// Any thread may use it; queues are used under their locks.
public final class VulkanHost: @unchecked Sendable {
  /// The instance.
  public let instance: VkInstance
  /// What ``device`` was made from.
  public let physicalDevice: VkPhysicalDevice
  /// The logical device.
  public let device: VkDevice
  /// The version the device is used with: the lower of what the application asked for and the device has.
  public let apiVersion: UInt32
  /// At least one. The first is the one the package submits to where the caller names none.
  public let queues: [VulkanQueue]
  /// What the instance was made with.
  public let enabledInstanceExtensions: Set<String>
  /// What the device was made with.
  public let enabledDeviceExtensions: Set<String>
  /// The core features the device was made with.
  public let enabledFeatures: VkPhysicalDeviceFeatures
  /// Whether the device was made with `VkPhysicalDeviceSamplerYcbcrConversionFeatures.samplerYcbcrConversion`, without
  /// which no image of several YUV planes can be sampled as one.
  public let hasSamplerYcbcrConversion: Bool
  /// Whether the device was made with `VkPhysicalDeviceTimelineSemaphoreFeatures.timelineSemaphore`, which
  /// ``SyncKind/timelineSemaphore`` needs.
  public let hasTimelineSemaphores: Bool
  /// Where its functions come from.
  public let loader: VulkanLoader
  /// Of the instance, those functions that this package calls itself; any other by ``function(_:as:)``.
  public let instanceFunctions: VulkanInstanceFunctions
  /// Of the device, those functions that this package calls itself; any other by ``function(_:as:)``.
  public let vk: VulkanDeviceFunctions
  /// Name, driver and UUIDs.
  public let info: PhysicalDeviceInfo
  /// As ``PixelSize/check(_:within:)`` takes it.
  package var sizeLimit: (name: String, pixels: Int) { ("maxImageDimension2D", info.maximumImageSize) }
  package let memoryProperties: VkPhysicalDeviceMemoryProperties
  /// How long a wait for a fence polls before it blocks.
  package let fencePollingTime: Duration
  private let owned: Bool

  /// Who can do something about it: the engine that made the device. A device of our own has what the driver has.
  package func adviceForMissingExtensions(otherwise: String) -> String {
    guard owned else { return "Enable what is missing at vkCreateDevice, or \(otherwise)" }
    return "The driver lacks it, or the options for making the device left it out: \(otherwise)"
  }
  private let computeTable = Mutex<VulkanComputeFunctions?>(nil)
  /// What features found out about this device, or keep on it.
  package let featureCache = FeatureCache()

  /// Adopts an engine's device.
  ///
  /// - Parameters:
  ///   - instance: not owned, as `physicalDevice` and `device`: they outlive this object and everything made on it.
  ///   - physicalDevice: what `device` was made from.
  ///   - device: the engine's.
  ///   - apiVersion: `VkApplicationInfo.apiVersion` of the instance or the device's, whichever is lower; 1.1 at least.
  ///   - queues: one queue or several, of one or several families, each with the lock the engine uses it under. `flags`
  ///     of 0 asks the device for the family's. The package uses no others, and refuses to.
  ///   - enabledInstanceExtensions: what the instance was made with.
  ///   - enabledDeviceExtensions: what the device was made with; ``requiredDeviceExtensions(for:sync:apiVersion:)``
  ///     names those a path needs.
  ///   - enabledFeatures: what the device was made with.
  ///   - loader: the engine's `vkGetInstanceProcAddr`; nil opens libvulkan.so.1.
  ///   - hasSamplerYcbcrConversion: whether `samplerYcbcrConversion` was among the enabled features. Without it YUV
  ///     buffers become one image for each plane.
  ///   - hasTimelineSemaphores: whether `timelineSemaphore` was among the enabled features.
  /// - Throws: ``InteropError/Code/invalidArgument`` without a queue, for a family that the device lacks, or below
  ///   Vulkan 1.1; ``InteropError/Code/driverMissing`` where a function is not there.
  public convenience init(
    instance: VkInstance, physicalDevice: VkPhysicalDevice, device: VkDevice, apiVersion: UInt32, queues: [VulkanQueue],
    enabledInstanceExtensions: Set<String> = [], enabledDeviceExtensions: Set<String>,
    enabledFeatures: VkPhysicalDeviceFeatures = VkPhysicalDeviceFeatures(), loader: VulkanLoader? = nil,
    hasSamplerYcbcrConversion: Bool = false, hasTimelineSemaphores: Bool = false
  ) throws(InteropError) {
    let found = if let loader { loader } else { try VulkanLoader.open() }
    try self.init(
      instance: instance, physicalDevice: physicalDevice, device: device, apiVersion: apiVersion, queues: queues,
      enabledInstanceExtensions: enabledInstanceExtensions, enabledDeviceExtensions: enabledDeviceExtensions,
      enabledFeatures: enabledFeatures, loader: found, hasSamplerYcbcrConversion: hasSamplerYcbcrConversion,
      hasTimelineSemaphores: hasTimelineSemaphores, owned: false)
  }

  init(
    instance: VkInstance, physicalDevice: VkPhysicalDevice, device: VkDevice, apiVersion: UInt32, queues: [VulkanQueue],
    enabledInstanceExtensions: Set<String>, enabledDeviceExtensions: Set<String>,
    enabledFeatures: VkPhysicalDeviceFeatures, loader: VulkanLoader, hasSamplerYcbcrConversion: Bool,
    hasTimelineSemaphores: Bool, owned: Bool
  ) throws(InteropError) {
    guard !queues.isEmpty else {
      throw InteropError(
        .invalidArgument, step: "adopt VkDevice", reason: "no queue was given",
        advice: "Give at least one queue of the device")
    }
    guard apiVersion >= VulkanVersion.v1_1 else {
      throw InteropError(
        .invalidArgument, step: "adopt VkDevice",
        reason: "the device is used with Vulkan \(VulkanVersion.text(apiVersion))",
        missing: ["Vulkan 1.1"], advice: "Set VkApplicationInfo.apiVersion to 1.1 or later")
    }
    let instanceFunctions = try VulkanInstanceFunctions(loader: loader, instance: instance)
    let known = try Self.queues(queues, of: physicalDevice, instanceFunctions)
    self.instanceFunctions = instanceFunctions
    vk = try VulkanDeviceFunctions(instance: instanceFunctions, device: device)
    self.instance = instance
    self.physicalDevice = physicalDevice
    self.device = device
    self.apiVersion = apiVersion
    self.queues = known
    self.enabledInstanceExtensions = enabledInstanceExtensions
    self.enabledDeviceExtensions = enabledDeviceExtensions
    self.enabledFeatures = enabledFeatures
    self.hasSamplerYcbcrConversion = hasSamplerYcbcrConversion
    self.hasTimelineSemaphores = hasTimelineSemaphores
    self.loader = loader
    info = PhysicalDeviceInfo(physicalDevice, instanceFunctions)
    fencePollingTime = Self.fencePollingTime(of: info.deviceType)
    var memory = VkPhysicalDeviceMemoryProperties()
    instanceFunctions.vkGetPhysicalDeviceMemoryProperties(physicalDevice, &memory)
    memoryProperties = memory
    self.owned = owned
  }

  /// With what the device says of their families.
  private static func queues(
    _ queues: [VulkanQueue], of device: VkPhysicalDevice, _ functions: VulkanInstanceFunctions
  ) throws(InteropError) -> [VulkanQueue] {
    var count: UInt32 = 0
    functions.vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nil)
    var families = [VkQueueFamilyProperties](repeating: VkQueueFamilyProperties(), count: Int(count))
    functions.vkGetPhysicalDeviceQueueFamilyProperties(device, &count, &families)
    families.removeLast(families.count - Int(count))
    var result: [VulkanQueue] = []
    for (index, queue) in queues.enumerated() {
      guard families.indices.contains(Int(queue.family)) else {
        throw InteropError(
          .invalidArgument, step: "check queues[\(index)]",
          reason: "the device has \(families.count) queue families, and family is \(queue.family)",
          advice: "Give the family that the queue was made of")
      }
      guard queue.flags == 0 else {
        result.append(queue)
        continue
      }
      result.append(
        VulkanQueue(
          handle: queue.handle, family: queue.family, flags: families[Int(queue.family)].queueFlags, lock: queue.lock))
    }
    return result
  }

  deinit {
    guard owned else { return }
    _ = vk.vkDeviceWaitIdle(device)
    vk.vkDestroyDevice(device, nil)
    instanceFunctions.vkDestroyInstance(instance, nil)
  }

  /// What converting needs, looked up when it is asked for the first time.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming a function that is not there.
  package func computeFunctions() throws(InteropError) -> VulkanComputeFunctions {
    try computeTable.withLock { (table) throws(InteropError) in
      if let table { return table }
      let made = try VulkanComputeFunctions(instance: instanceFunctions, device: device)
      table = made
      return made
    }
  }

  // MARK: What a path needs

  /// Instance extensions that sharing by these handle types needs. Empty on Vulkan 1.1, which has external memory in
  /// core; here so that a host can write code that stays right.
  public static func requiredInstanceExtensions(for handleTypes: [ExternalMemoryHandleType]) -> [String] { [] }

  /// Device extensions a host must enable.
  ///
  /// - Parameters:
  ///   - handleTypes: how memory will be shared.
  ///   - sync: all but ``SyncKind/cpuWait`` add VK_KHR_external_semaphore_fd. ``SyncKind/timelineSemaphore`` needs the
  ///     feature `timelineSemaphore` besides, and below 1.2 VK_KHR_timeline_semaphore.
  ///   - apiVersion: below 1.2, VK_KHR_image_format_list is an extension.
  public static func requiredDeviceExtensions(
    for handleTypes: [ExternalMemoryHandleType], sync: SyncKind, apiVersion: UInt32
  ) -> [String] {
    var names: [String] = []
    if !handleTypes.isEmpty { names.append("VK_KHR_external_memory_fd") }
    if handleTypes.contains(.dmaBuf) {
      names += ["VK_EXT_external_memory_dma_buf", "VK_EXT_image_drm_format_modifier", "VK_EXT_queue_family_foreign"]
    }
    if sync != .cpuWait { names.append("VK_KHR_external_semaphore_fd") }
    if apiVersion < VulkanVersion.v1_2 {
      names.append("VK_KHR_image_format_list")
      if sync == .timelineSemaphore { names.append("VK_KHR_timeline_semaphore") }
    }
    return names
  }

  /// The queue of a family, nil if the host gave none.
  public func queue(family: UInt32) -> VulkanQueue? { queues.first { $0.family == family } }

  /// The host's own of this handle, with the family and the lock that it has here.
  ///
  /// - Parameters:
  ///   - queue: nil for none.
  ///   - name: what it is called in the error.
  /// - Throws: ``InteropError/Code/invalidArgument`` for one that this host does not have: what is submitted to a queue
  ///   of another device ends the process.
  package func known(_ queue: VulkanQueue?, _ name: String) throws(InteropError) -> VulkanQueue? {
    guard let queue else { return nil }
    return try known(queue.handle, name)
  }

  /// As ``known(_:_:)`` for the handle alone.
  package func known(_ handle: VkQueue, _ name: String) throws(InteropError) -> VulkanQueue {
    if let known = queues.first(where: { $0.handle == handle }) { return known }
    throw InteropError(
      .invalidArgument, step: "check \(name)",
      reason: "it is none of the host's queues (\(info.deviceName) has \(queues.count) here)",
      advice: "Name one of VulkanHost.queues, or adopt the device with all queues that are used (glvk_host_adopt)")
  }

  /// The index of a memory type that `bits` allows and that has `flags`.
  package func memoryType(allowedBy bits: UInt32, with flags: VkMemoryPropertyFlags) -> UInt32? {
    withUnsafeBytes(of: memoryProperties.memoryTypes) { bytes in
      let types = bytes.assumingMemoryBound(to: VkMemoryType.self)
      return (0..<memoryProperties.memoryTypeCount).first { index in
        bits & (1 << index) != 0 && types[Int(index)].propertyFlags & flags == flags
      }
    }
  }

  /// How long a wait for a fence polls before it blocks. On a device that is the CPU not at all, since it needs the
  /// cores for its own work. On a GPU a thread that blocks wakes some 20 us after the fence signals (an H200 with
  /// NVIDIA 580), longer than a whole hand-over takes there; 100 us cover a hand-over and what was submitted just
  /// before it.
  package static func fencePollingTime(of type: VkPhysicalDeviceType) -> Duration {
    type == VK_PHYSICAL_DEVICE_TYPE_CPU ? .zero : .microseconds(100)
  }
}
