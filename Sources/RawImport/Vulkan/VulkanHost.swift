public import InteropDrivers

/// The Vulkan device that receives GL's images, with the facts that this package needs about it.
///
/// It either adopts an application's device
/// (``init(adopting:)``), which the application keeps owning and which must outlive this object, or makes a device and
/// owns it (``create(_:)``). Objects made on a `VulkanHost` keep it alive.
///
/// Any thread may use it; queues are used under their locks.
public final class VulkanHost: @unchecked Sendable {
  /// The instance.
  public let instance: VkInstance
  /// The physical device of ``device``.
  public let physicalDevice: VkPhysicalDevice
  /// The logical device.
  public let device: VkDevice
  /// The version the device is used with: the lower of the application's `apiVersion` and the device's.
  public let apiVersion: UInt32
  /// The queues, at least one. The package submits to the first where the caller names none.
  public let queues: [VulkanQueue]
  /// The extensions that the instance was made with.
  public let enabledInstanceExtensions: Set<String>
  /// The extensions that the device was made with.
  public let enabledDeviceExtensions: Set<String>
  /// The core features the device was made with.
  public let enabledFeatures: VkPhysicalDeviceFeatures
  /// Further features that the device was made with.
  public let features: Features
  /// The source of its functions.
  public let loader: VulkanLoader
  /// The functions of the instance that this package calls itself; ``function(_:as:)`` gets any other.
  package let instanceFunctions: VulkanInstanceFunctions
  /// The functions of the device that this package calls itself; ``function(_:as:)`` gets any other.
  public let vk: VulkanDeviceFunctions
  /// Name, driver and UUIDs.
  public let info: PhysicalDeviceInfo
  /// The largest image, in the form that ``PixelSize/check(_:within:)`` takes.
  package var sizeLimit: (name: String, pixels: Int) { ("maxImageDimension2D", info.maximumImageSize) }
  package let memoryProperties: VkPhysicalDeviceMemoryProperties
  /// How long a wait for a fence polls before it blocks.
  package let fencePollingTime: Duration
  private let owned: Bool

  /// Returns the advice for missing extensions, which only an application that made the device can enable. A device
  /// made by this package has all that the driver has.
  package func adviceForMissingExtensions(otherwise: String) -> String {
    guard owned else { return "Enable what is missing at vkCreateDevice, or \(otherwise)" }
    return "The driver lacks it, or the options for making the device left it out: \(otherwise)"
  }
  private let computeTable = Mutex<VulkanComputeFunctions?>(nil)
  /// Findings and objects that features keep with this device.
  package let featureCache = FeatureCache()

  /// Adopts an application's device.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` without a queue, for a family that the device lacks, or below
  ///   Vulkan 1.1; ``InteropError/Code/driverMissing`` where a function is missing.
  public convenience init(adopting device: AdoptedDevice) throws(InteropError) { try self.init(device, owned: false) }

  init(_ adopted: AdoptedDevice, owned: Bool, info given: PhysicalDeviceInfo? = nil) throws(InteropError) {
    let loader = if let loader = adopted.loader { loader } else { try VulkanLoader.open() }
    let (queues, apiVersion, physicalDevice) = (adopted.queues, adopted.apiVersion, adopted.physicalDevice)
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
    let instanceFunctions = try VulkanInstanceFunctions(loader: loader, instance: adopted.instance)
    let known = try Self.queues(queues, of: physicalDevice, instanceFunctions)
    self.instanceFunctions = instanceFunctions
    vk = try VulkanDeviceFunctions(instance: instanceFunctions, device: adopted.device)
    instance = adopted.instance
    self.physicalDevice = physicalDevice
    device = adopted.device
    self.apiVersion = apiVersion
    self.queues = known
    enabledInstanceExtensions = adopted.enabledInstanceExtensions
    enabledDeviceExtensions = adopted.enabledDeviceExtensions
    enabledFeatures = adopted.enabledFeatures
    features = adopted.features
    self.loader = loader
    info = given ?? PhysicalDeviceInfo(physicalDevice, instanceFunctions)
    fencePollingTime = Self.fencePollingTime(of: info.deviceType)
    var memory = VkPhysicalDeviceMemoryProperties()
    instanceFunctions.vkGetPhysicalDeviceMemoryProperties(physicalDevice, &memory)
    memoryProperties = memory
    self.owned = owned
  }

  /// Completes the queues with the flags that the device reports for their families.
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

  /// Returns the functions that conversion needs, looked up on the first call.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming a missing function.
  package func computeFunctions() throws(InteropError) -> VulkanComputeFunctions {
    try computeTable.withLock { (table) throws(InteropError) in
      if let table { return table }
      let made = try VulkanComputeFunctions(instance: instanceFunctions, device: device)
      table = made
      return made
    }
  }

  // MARK: Requirements of a path

  /// Instance extensions that sharing by these handle types needs. Empty on Vulkan 1.1, which has external memory in
  /// core; it exists so that an application's code stays right if that changes.
  public static func requiredInstanceExtensions(for handleTypes: [ExternalMemoryHandleType]) -> [String] { [] }

  /// Device extensions that an application must enable.
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

  /// Returns the queue of a family, nil if the application passed none.
  public func queue(family: UInt32) -> VulkanQueue? { queues.first { $0.family == family } }

  /// Returns this device's queue with the given handle, with the family and the lock it has here.
  ///
  /// - Parameters:
  ///   - queue: nil for none.
  ///   - name: the queue's name in the error.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a queue that this device does not have: submitting to a queue
  ///   of another device ends the process.
  package func known(_ queue: VulkanQueue?, _ name: String) throws(InteropError) -> VulkanQueue? {
    guard let queue else { return nil }
    return try known(queue.handle, name)
  }

  /// Finds a queue by its handle alone, as ``known(_:_:)`` does.
  package func known(_ handle: VkQueue, _ name: String) throws(InteropError) -> VulkanQueue {
    if let known = queues.first(where: { $0.handle == handle }) { return known }
    throw InteropError(
      .invalidArgument, step: "check \(name)",
      reason: "it is none of the host's queues (\(info.deviceName) has \(queues.count) here)",
      advice: "Name one of VulkanHost.queues, or adopt the device with all queues that are used (glvk_host_adopt)")
  }

  /// Returns the index of a memory type that `bits` allows (`VkMemoryRequirements.memoryTypeBits`) and that has all of
  /// `flags`; nil if there is none. Any thread.
  ///
  /// The corresponding C function is `vkGetPhysicalDeviceMemoryProperties`.
  public func memoryType(allowedBy bits: UInt32, with flags: VkMemoryPropertyFlags) -> UInt32? {
    withUnsafeBytes(of: memoryProperties.memoryTypes) { bytes in
      let types = bytes.assumingMemoryBound(to: VkMemoryType.self)
      return (0..<memoryProperties.memoryTypeCount).first { index in
        bits & (1 << index) != 0 && types[Int(index)].propertyFlags & flags == flags
      }
    }
  }

  /// How long a wait for a fence polls before it blocks.
  ///
  /// On a CPU device it does not poll, since the device needs the cores for its own work. On a GPU a thread that blocks
  /// wakes some 20 us after the fence signals (an H200 with NVIDIA 580), longer than a whole ownership transfer takes
  /// there; 100 us cover a transfer and the work submitted just before it.
  package static func fencePollingTime(of type: VkPhysicalDeviceType) -> Duration {
    type == VK_PHYSICAL_DEVICE_TYPE_CPU ? .zero : .microseconds(100)
  }
}
