public import InteropDrivers

extension VulkanHost {
  /// The choice of a physical device.
  public enum DeviceChoice: Sendable {
    /// The device with this device UUID or DRM node, which the renderer of this name runs on; the only device where the
    /// identity is empty. See ``matching(_:)``.
    case same(DeviceIdentity, renderer: String)
    /// The n-th of `vkEnumeratePhysicalDevices`.
    case index(Int)
    /// The first whose name contains this text, regardless of case.
    case name(String)
    /// The one with this `VkPhysicalDeviceIDProperties.deviceUUID`.
    case uuid(DriverUUID)
  }

  /// Options for making a device for an application that has none.
  public struct CreateOptions: Sendable {
    /// Which physical device.
    public var choice: DeviceChoice
    /// How memory will be shared; the extensions for it are enabled.
    public var handleTypes: [ExternalMemoryHandleType] = [.opaqueFD, .dmaBuf]
    /// Further extensions that the application needs: VK_KHR_surface, say. A missing one is an error.
    public var instanceExtensions: [String] = []
    /// Further extensions that the application needs: VK_KHR_swapchain, say. A missing one is an error.
    public var deviceExtensions: [String] = []
    /// Instance layers: `VK_LAYER_KHRONOS_validation`.
    public var layers: [String] = []
    /// The loader; nil opens libvulkan.so.1.
    public var loader: VulkanLoader?
    /// Restricts the device to these extensions and queue families, to try what an application's device of the same
    /// kind can do.
    package var limits: Limits?

    package struct Limits: Sendable, Hashable, Codable {
      package var deviceExtensions: Set<String>
      package var queueFamilies: [UInt32]
      package var hasTimelineSemaphores: Bool

      package init(deviceExtensions: Set<String>, queueFamilies: [UInt32], hasTimelineSemaphores: Bool) {
        self.deviceExtensions = deviceExtensions
        self.queueFamilies = queueFamilies
        self.hasTimelineSemaphores = hasTimelineSemaphores
      }
    }

    /// Options for this choice, with everything that sharing can use.
    public init(_ choice: DeviceChoice) { self.choice = choice }
  }

  /// Makes an instance and a device with one queue of every family, and owns them.
  ///
  /// Extensions that sharing can use are enabled where the device has them.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` without libvulkan or any device; ``InteropError/Code/unsupported``
  ///   where no device matches (the error lists those there are) or a required extension is missing.
  ///
  /// The corresponding C functions are `vkCreateInstance` and `vkCreateDevice`.
  public static func create(_ options: CreateOptions) throws(InteropError) -> VulkanHost {
    let loader = if let given = options.loader { given } else { try VulkanLoader.open() }
    let (instance, version) = try makeInstance(options, loader)
    do throws(InteropError) {
      let functions = try VulkanInstanceFunctions(loader: loader, instance: instance)
      return try makeDevice(options, loader, instance, version, functions)
    } catch {
      if let functions = try? VulkanInstanceFunctions(loader: loader, instance: instance) {
        functions.vkDestroyInstance(instance, nil)
      }
      throw error
    }
  }

  /// Lists the physical devices with Vulkan 1.1 that a new instance reports, with their index in
  /// `vkEnumeratePhysicalDevices`.
  package static func listDevices(
    loader: VulkanLoader, layers: [String] = []
  ) throws(InteropError) -> [(index: Int, info: PhysicalDeviceInfo)] {
    var options = CreateOptions(.index(0))
    options.layers = layers
    let (instance, _) = try makeInstance(options, loader)
    let functions = try VulkanInstanceFunctions(loader: loader, instance: instance)
    defer { functions.vkDestroyInstance(instance, nil) }
    return try physicalDevices(instance, functions).enumerated()
      .map { (index: $0.offset, info: PhysicalDeviceInfo($0.element, functions)) }
      .filter { $0.info.apiVersion >= VulkanVersion.v1_1 }
  }

  static func bestMatches<Device>(_ wanted: DeviceIdentity, _ devices: [(Device, DeviceIdentity)]) -> [Device] {
    let order: [DeviceIdentity.Match] = [.same, .sameDeviceOtherDriver, .unknown]
    return order.flatMap { rank in devices.filter { wanted.match($0.1) == rank }.map(\.0) }
  }

  static func physicalDevices(
    _ instance: VkInstance, _ functions: VulkanInstanceFunctions
  ) throws(InteropError) -> [VkPhysicalDevice] {
    // Each call goes through every driver, so the usual machine gets one.
    var devices = [VkPhysicalDevice?](repeating: nil, count: 16)
    while true {
      var count = UInt32(devices.count)
      let result = functions.vkEnumeratePhysicalDevices(instance, &count, &devices)
      if result == VK_INCOMPLETE {
        devices = [VkPhysicalDevice?](repeating: nil, count: devices.count * 2)
        continue
      }
      try result.check("vkEnumeratePhysicalDevices", "Vulkan does not list its devices")
      return devices.prefix(Int(count)).compactMap { $0 }
    }
  }

  private static func makeInstance(
    _ options: CreateOptions, _ loader: VulkanLoader
  ) throws(InteropError) -> (VkInstance, UInt32) {
    let global = try VulkanGlobalFunctions(loader: loader)
    var available: UInt32 = 0
    try global.vkEnumerateInstanceVersion(&available).check("vkEnumerateInstanceVersion", "Vulkan has no version")
    guard available >= VulkanVersion.v1_1 else {
      throw InteropError(
        .unsupported, step: "vkEnumerateInstanceVersion",
        reason: "the loader has Vulkan \(VulkanVersion.text(available))",
        missing: ["Vulkan 1.1"], advice: "Update libvulkan1")
    }
    let version = min(available, VulkanVersion.v1_3)
    try checkInstanceExtensions(options, global)
    var chain = StructChain()
    var application = VkApplicationInfo()
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
    application.apiVersion = version
    application.pEngineName = UnsafePointer(chain.add(contentsOf: "swift-gl-vulkan-interop".utf8CString.map { $0 }))
    var create = VkInstanceCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
    create.pApplicationInfo = UnsafePointer(chain.add(application))
    create.enabledLayerCount = UInt32(options.layers.count)
    create.ppEnabledLayerNames = chain.add(strings: options.layers)
    create.enabledExtensionCount = UInt32(options.instanceExtensions.count)
    create.ppEnabledExtensionNames = chain.add(strings: options.instanceExtensions)
    var instance: VkInstance?
    let result = global.vkCreateInstance(&create, nil, &instance)
    if result == VK_ERROR_INCOMPATIBLE_DRIVER {
      throw InteropError(
        .driverMissing, step: "vkCreateInstance", reason: "the Vulkan loader finds no driver",
        driverCode: DriverCode(result),
        missing: ["a Vulkan driver"],
        advice: "Install a Vulkan driver (Debian: mesa-vulkan-drivers) or check VK_DRIVER_FILES")
    }
    try result.check(
      "vkCreateInstance",
      "no instance with extensions [\(options.instanceExtensions.joined(separator: " "))]"
        + " and layers [\(options.layers.joined(separator: " "))]",
      advice: "Install a Vulkan driver (Debian: mesa-vulkan-drivers) or check VK_DRIVER_FILES")
    guard let instance else {
      throw InteropError(.driverFailure, step: "vkCreateInstance", reason: "the driver gave no instance")
    }
    return (instance, version)
  }

  /// Names the missing extension, which `vkCreateInstance` does not.
  private static func checkInstanceExtensions(
    _ options: CreateOptions, _ global: VulkanGlobalFunctions
  ) throws(InteropError) {
    guard !options.instanceExtensions.isEmpty else { return }
    var count: UInt32 = 0
    try global.vkEnumerateInstanceExtensionProperties(nil, &count, nil)
      .check("vkEnumerateInstanceExtensionProperties", "Vulkan does not count its instance extensions")
    var list = [VkExtensionProperties](repeating: VkExtensionProperties(), count: Int(count))
    try global.vkEnumerateInstanceExtensionProperties(nil, &count, &list)
      .check("vkEnumerateInstanceExtensionProperties", "Vulkan does not list its instance extensions")
    let available = Set(list.prefix(Int(count)).map { PhysicalDeviceInfo.text($0.extensionName) })
    let missing = options.instanceExtensions.filter { !available.contains($0) }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "vkCreateInstance", reason: "the Vulkan loader and its drivers lack instance extensions",
        missing: missing)
    }
  }

  private static func makeDevice(
    _ options: CreateOptions, _ loader: VulkanLoader, _ instance: VkInstance, _ version: UInt32,
    _ functions: VulkanInstanceFunctions
  ) throws(InteropError) -> VulkanHost {
    let (physical, info) = try choose(options.choice, try physicalDevices(instance, functions), functions)
    let apiVersion = min(version, info.apiVersion)
    var wanted = requiredDeviceExtensions(for: options.handleTypes, sync: .cpuWait, apiVersion: apiVersion)
    wanted = wanted.filter(info.extensions.contains)  // a path without its extension is refused when it is used
    for name in options.deviceExtensions {
      guard info.extensions.contains(name) else {
        throw InteropError(
          .unsupported, step: "vkCreateDevice", reason: "\(info.deviceName) lacks an extension", missing: [name])
      }
      wanted.append(name)
    }
    wanted += ["VK_KHR_external_semaphore_fd", "VK_KHR_external_fence_fd"].filter(info.extensions.contains)
    if let limits = options.limits { wanted = wanted.filter(limits.deviceExtensions.contains) }
    wanted = Array(Set(wanted)).sorted()

    var count: UInt32 = 0
    functions.vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, nil)
    var families = [VkQueueFamilyProperties](repeating: VkQueueFamilyProperties(), count: Int(count))
    functions.vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, &families)
    // Sparse-only and video families cannot record the barriers; a family with no queues provides none.
    let usable = families.indices.filter { index in
      families[index].queueCount > 0
        && options.limits?.queueFamilies.contains(UInt32(index)) ?? true
        && families[index].queueFlags
          & UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue | VK_QUEUE_COMPUTE_BIT.rawValue | VK_QUEUE_TRANSFER_BIT.rawValue) != 0
    }
    var chain = StructChain()
    let priority = chain.add(Float(1))
    let queueInfos = usable.map { family in
      var info = VkDeviceQueueCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
      info.queueFamilyIndex = UInt32(family)
      info.queueCount = 1
      info.pQueuePriorities = UnsafePointer(priority)
      return info
    }
    var create = VkDeviceCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
    create.queueCreateInfoCount = UInt32(queueInfos.count)
    create.pQueueCreateInfos = UnsafePointer(chain.add(contentsOf: queueInfos))
    create.enabledExtensionCount = UInt32(wanted.count)
    create.ppEnabledExtensionNames = chain.add(strings: wanted)
    let convertsYUV = hasSamplerYcbcrConversion(physical, functions)
    if convertsYUV {
      var feature = VkPhysicalDeviceSamplerYcbcrConversionFeatures()
      feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES
      feature.samplerYcbcrConversion = 1
      create.pNext = UnsafeRawPointer(chain.add(feature))
    }
    let hasTimelines =
      options.limits?.hasTimelineSemaphores ?? true && apiVersion >= VulkanVersion.v1_2
      && hasTimelineSemaphores(physical, functions)
    if hasTimelines {
      var feature = VkPhysicalDeviceTimelineSemaphoreFeatures()
      feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES
      feature.timelineSemaphore = 1
      feature.pNext = UnsafeMutableRawPointer(mutating: create.pNext)
      create.pNext = UnsafeRawPointer(chain.add(feature))
    }
    var handle: VkDevice?
    try functions.vkCreateDevice(physical, &create, nil, &handle)
      .check("vkCreateDevice", "no device on \(info.deviceName) with [\(wanted.joined(separator: " "))]")
    guard let device = handle else {
      throw InteropError(.driverFailure, step: "vkCreateDevice", reason: "the driver gave no device")
    }
    do throws(InteropError) {
      let vk = try VulkanDeviceFunctions(instance: functions, device: device)
      var queues: [VulkanQueue] = []
      for family in usable {
        var queue: VkQueue?
        vk.vkGetDeviceQueue(device, UInt32(family), 0, &queue)
        guard let queue else {
          throw InteropError(.driverFailure, step: "vkGetDeviceQueue", reason: "family \(family) gave no queue")
        }
        queues.append(VulkanQueue(handle: queue, family: UInt32(family), flags: families[family].queueFlags))
      }
      guard !queues.isEmpty else {
        throw InteropError(
          .unsupported, step: "vkCreateDevice", reason: "\(info.deviceName) has no queue family that can transfer",
          missing: ["a graphics, compute or transfer queue"])
      }
      // A queue that can draw comes first, as applications expect. With limits, the order of the device that is tried.
      if let order = options.limits?.queueFamilies {
        queues = order.compactMap { family in queues.first { $0.family == family } }
      } else {
        queues = queues.filter(\.canDraw) + queues.filter { !$0.canDraw }
      }
      var made = AdoptedDevice(
        instance: instance, physicalDevice: physical, device: device, apiVersion: apiVersion, queues: queues,
        enabledDeviceExtensions: Set(wanted))
      made.enabledInstanceExtensions = Set(options.instanceExtensions)
      made.loader = loader
      if convertsYUV { made.features.insert(.samplerYcbcrConversion) }
      if hasTimelines { made.features.insert(.timelineSemaphore) }
      return try VulkanHost(made, owned: true, info: info)
    } catch {
      if let vk = try? VulkanDeviceFunctions(instance: functions, device: device) { vk.vkDestroyDevice(device, nil) }
      throw error
    }
  }

  /// An optional feature of Vulkan 1.1. The corresponding C function is `vkGetPhysicalDeviceFeatures2`.
  private static func hasSamplerYcbcrConversion(_ device: VkPhysicalDevice, _ functions: VulkanInstanceFunctions)
    -> Bool
  {
    var feature = VkPhysicalDeviceSamplerYcbcrConversionFeatures()
    feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES
    withUnsafeMutablePointer(to: &feature) { feature in
      var features = VkPhysicalDeviceFeatures2()
      features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
      features.pNext = UnsafeMutableRawPointer(feature)
      functions.vkGetPhysicalDeviceFeatures2(device, &features)
    }
    return feature.samplerYcbcrConversion != 0
  }

  /// An optional feature of Vulkan 1.2. The corresponding C function is `vkGetPhysicalDeviceFeatures2`.
  private static func hasTimelineSemaphores(_ device: VkPhysicalDevice, _ functions: VulkanInstanceFunctions) -> Bool {
    var feature = VkPhysicalDeviceTimelineSemaphoreFeatures()
    feature.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES
    withUnsafeMutablePointer(to: &feature) { feature in
      var features = VkPhysicalDeviceFeatures2()
      features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
      features.pNext = UnsafeMutableRawPointer(feature)
      functions.vkGetPhysicalDeviceFeatures2(device, &features)
    }
    return feature.timelineSemaphore != 0
  }

  private static func choose(
    _ choice: DeviceChoice, _ devices: [VkPhysicalDevice], _ functions: VulkanInstanceFunctions
  ) throws(InteropError) -> (VkPhysicalDevice, PhysicalDeviceInfo) {
    let all = devices.map { ($0, PhysicalDeviceInfo($0, functions)) }
    let usable = all.filter { $0.1.apiVersion >= VulkanVersion.v1_1 }
    let list = all.enumerated().map { "\($0.offset) \($0.element.1.deviceName)" }.joined(separator: ", ")
    guard !usable.isEmpty else {
      throw InteropError(
        .driverMissing, step: "vkEnumeratePhysicalDevices",
        reason: all.isEmpty ? "Vulkan has no device" : "no device has Vulkan 1.1: \(list)",
        missing: all.isEmpty ? ["a Vulkan driver"] : ["Vulkan 1.1"],
        advice: "Install a Vulkan driver (Debian: mesa-vulkan-drivers) or check VK_DRIVER_FILES")
    }
    switch choice {
    case .same(let identity, let renderer):
      let best = bestMatches(identity, usable.map { ($0.0, $0.1.identity) }).first
      if let found = usable.first(where: { $0.0 == best }) { return found }
      throw InteropError(
        .unsupported, step: "match GL and Vulkan devices",
        reason: "no Vulkan device is the one GL runs on (\(renderer),"
          + " UUID \(identity.deviceUUIDs.map(\.description).joined(separator: " "))); Vulkan has: \(list)",
        missing: ["a Vulkan driver for GL's device"],
        advice: "Install the Vulkan driver of that device, or make the GL context on one of these")
    case .index(let index):
      guard all.indices.contains(index) else {
        throw InteropError(
          .invalidArgument, step: "choose Vulkan device",
          reason: "there is no Vulkan device \(index); there are: \(list)")
      }
      return all[index]
    case .uuid(let uuid):
      guard let found = usable.first(where: { $0.1.identity.deviceUUIDs.contains(uuid) }) else {
        throw InteropError(
          .invalidArgument, step: "choose Vulkan device",
          reason: "no Vulkan device has the UUID \(uuid); there are: \(list)")
      }
      return found
    case .name(let name):
      guard let found = usable.first(where: { $0.1.deviceName.lowercased().contains(name.lowercased()) }) else {
        throw InteropError(
          .invalidArgument, step: "choose Vulkan device",
          reason: "no Vulkan device is called \(name); there are: \(list)")
      }
      return found
    }
  }
}
