public import InteropDrivers

extension VulkanHost.DeviceChoice {
  /// The device of this GL context, by device UUID or DRM node; the only device where GL reports neither.
  public static func matching(_ gl: GLContext) -> VulkanHost.DeviceChoice { .same(gl.identity, renderer: gl.renderer) }
}

extension VulkanHost {
  /// Returns the physical devices of an instance that this GL context may run on, best first: same device and driver,
  /// same device with another driver build, then those where one side reports no identity. A device known to differ is
  /// never among them.
  public static func physicalDevices(
    matching gl: GLContext, of instance: VkInstance, loader: VulkanLoader
  ) throws(InteropError) -> [VkPhysicalDevice] {
    let functions = try VulkanInstanceFunctions(loader: loader, instance: instance)
    let devices = try physicalDevices(instance, functions)
    return bestMatches(gl.identity, devices.map { ($0, PhysicalDeviceInfo($0, functions).identity) })
  }
}
