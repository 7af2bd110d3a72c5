public import InteropDrivers

/// The properties that a Vulkan physical device reports.
public struct PhysicalDeviceInfo: Sendable {
  /// `VkPhysicalDeviceProperties.deviceName`.
  public let deviceName: String
  /// `VkPhysicalDeviceDriverProperties.driverName`.
  public let driverName: String
  /// `VkPhysicalDeviceDriverProperties.driverInfo`.
  public let driverInfo: String
  /// `VkPhysicalDeviceProperties.apiVersion`.
  public let apiVersion: UInt32
  /// `VkPhysicalDeviceProperties.deviceType`.
  public let deviceType: VkPhysicalDeviceType
  /// UUIDs and DRM node of the device.
  public let identity: DeviceIdentity
  /// VkPhysicalDeviceLimits.maxImageDimension2D, in pixels.
  public let maximumImageSize: Int
  /// Device extensions that the driver lists.
  public let extensions: Set<String>

  /// Asks a device that supports Vulkan 1.1. The corresponding C function is `vkGetPhysicalDeviceProperties2`.
  package init(_ device: VkPhysicalDevice, _ functions: VulkanInstanceFunctions) {
    extensions = Self.extensions(device, functions)
    var chain = StructChain()
    var ids = VkPhysicalDeviceIDProperties()
    ids.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES
    var driver = VkPhysicalDeviceDriverProperties()
    driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES
    var drm = VkPhysicalDeviceDrmPropertiesEXT()
    drm.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRM_PROPERTIES_EXT
    let drmPointer = chain.add(drm)
    let driverPointer = chain.add(driver)
    let idPointer = chain.add(ids)
    var tail: UnsafeMutableRawPointer?
    // Only structures of supported extensions may be chained.
    if extensions.contains("VK_EXT_physical_device_drm") { tail = UnsafeMutableRawPointer(drmPointer) }
    if extensions.contains("VK_KHR_driver_properties") {
      driverPointer.pointee.pNext = tail
      tail = UnsafeMutableRawPointer(driverPointer)
    }
    idPointer.pointee.pNext = tail
    var properties = VkPhysicalDeviceProperties2()
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
    properties.pNext = UnsafeMutableRawPointer(idPointer)
    functions.vkGetPhysicalDeviceProperties2(device, &properties)

    deviceName = Self.text(properties.properties.deviceName)
    driverName = Self.text(driverPointer.pointee.driverName)
    driverInfo = Self.text(driverPointer.pointee.driverInfo)
    apiVersion = properties.properties.apiVersion
    deviceType = properties.properties.deviceType
    maximumImageSize = Int(properties.properties.limits.maxImageDimension2D)
    let node = drmPointer.pointee
    identity = DeviceIdentity(
      deviceUUIDs: [DriverUUID(withUnsafeBytes(of: idPointer.pointee.deviceUUID) { Array($0) })],
      driverUUID: DriverUUID(withUnsafeBytes(of: idPointer.pointee.driverUUID) { Array($0) }),
      renderNode: node.hasRender != 0
        ? DRMNode(
          major: UInt32(truncatingIfNeeded: node.renderMajor), minor: UInt32(truncatingIfNeeded: node.renderMinor))
        : nil)
  }

  /// The loader reads its layers' manifests at each call, so one call is made where it is enough: devices have up to
  /// some 250 extensions.
  private static func extensions(_ device: VkPhysicalDevice, _ functions: VulkanInstanceFunctions) -> Set<String> {
    var list = [VkExtensionProperties](repeating: VkExtensionProperties(), count: 512)
    while true {
      var count = UInt32(list.count)
      let result = functions.vkEnumerateDeviceExtensionProperties(device, nil, &count, &list)
      guard result == VK_INCOMPLETE else {
        return result == VK_SUCCESS ? Set(list.prefix(Int(count)).map { text($0.extensionName) }) : []
      }
      list = [VkExtensionProperties](repeating: VkExtensionProperties(), count: list.count * 2)
    }
  }

  /// A NUL-terminated C array of characters, imported as a tuple.
  static func text<Tuple: BitwiseCopyable>(_ characters: Tuple) -> String {
    withUnsafeBytes(of: characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
