public import InteropDrivers

extension VulkanHost {
  /// Features of the device that this package uses, beyond `VkPhysicalDeviceFeatures`.
  public struct Features: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `VkPhysicalDeviceSamplerYcbcrConversionFeatures.samplerYcbcrConversion`, without which no image of several YUV
    /// planes can be sampled as one: YUV buffers become one image for each plane.
    public static let samplerYcbcrConversion = Features(rawValue: 1 << 0)
    /// `VkPhysicalDeviceTimelineSemaphoreFeatures.timelineSemaphore`, which ``SyncKind/timelineSemaphore`` needs.
    public static let timelineSemaphore = Features(rawValue: 1 << 1)
  }

  /// An application's device, for ``VulkanHost/init(adopting:)``.
  ///
  /// The application says what it made its device with, because Vulkan has no query for that. The corresponding C type
  /// is `glvk_host_adoption`.
  public struct AdoptedDevice: @unchecked Sendable {
    /// The instance, not owned: it outlives the ``VulkanHost`` and everything made on it, like the next two.
    public var instance: VkInstance
    /// The physical device that ``device`` was made from.
    public var physicalDevice: VkPhysicalDevice
    /// The application's device.
    public var device: VkDevice
    /// `VkApplicationInfo.apiVersion` of the instance or the device's, whichever is lower; 1.1 at least.
    public var apiVersion: UInt32
    /// One queue or several, of one or several families, each with the lock that the application uses it under.
    ///
    /// With `flags` of 0 the package asks the device for the family's flags. The package uses no other queues and
    /// refuses them.
    public var queues: [VulkanQueue]
    /// The extensions that the instance was made with.
    public var enabledInstanceExtensions: Set<String> = []
    /// The extensions that the device was made with;
    /// ``VulkanHost/requiredDeviceExtensions(for:sync:apiVersion:)`` names those a path needs.
    public var enabledDeviceExtensions: Set<String>
    /// The core features that the device was made with.
    public var enabledFeatures = VkPhysicalDeviceFeatures()
    /// Further features that the device was made with.
    public var features: Features = []
    /// The source of the functions, from the application's `vkGetInstanceProcAddr`; nil opens libvulkan.so.1.
    public var loader: VulkanLoader?

    /// Describes a device, with the parts that every device has.
    public init(
      instance: VkInstance, physicalDevice: VkPhysicalDevice, device: VkDevice, apiVersion: UInt32,
      queues: [VulkanQueue], enabledDeviceExtensions: Set<String> = [], features: Features = []
    ) {
      self.instance = instance
      self.physicalDevice = physicalDevice
      self.device = device
      self.apiVersion = apiVersion
      self.queues = queues
      self.enabledDeviceExtensions = enabledDeviceExtensions
      self.features = features
    }
  }
}
