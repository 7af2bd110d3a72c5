public import InteropDrivers

extension VulkanHost.DeviceChoice {
  /// The device this GL context runs on, by device UUID or DRM node; the only one there is where GL does not say.
  public static func matching(_ gl: GLContext) -> VulkanHost.DeviceChoice { .same(gl.identity, renderer: gl.renderer) }
}

extension VulkanHost {
  /// The physical devices of an instance that this GL context may run on, best first: same device and driver, same
  /// device with another driver build, then those of which one side does not tell. Never one that is known to differ.
  public static func physicalDevices(
    matching gl: GLContext, of instance: VkInstance, loader: VulkanLoader
  ) throws(InteropError) -> [VkPhysicalDevice] {
    let functions = try VulkanInstanceFunctions(loader: loader, instance: instance)
    let devices = try physicalDevices(instance, functions)
    return bestMatches(gl.identity, devices.map { ($0, PhysicalDeviceInfo($0, functions).identity) })
  }
}
