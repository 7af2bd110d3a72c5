public import InteropDrivers

extension VulkanHost {
  /// Looks up any Vulkan function for this device by its registered name; ``vk`` holds those
  /// that this package calls itself.
  ///
  /// ```swift
  /// let createSampler = try host.function("vkCreateSampler", as: PFN_vkCreateSampler.self)
  /// ```
  ///
  /// Functions of a device, its queues and command buffers come from `vkGetDeviceProcAddr` of ``device``. So calls
  /// bypass the loader, and functions of an extension that the device was made without are missing. Functions of the
  /// instance and its physical devices come from the loader's `vkGetInstanceProcAddr` for ``instance``, global
  /// functions from the same with no instance.
  ///
  /// A pointer is valid until the device or the instance is destroyed: do not call it after this object, or the
  /// application's own device, is gone. Look it up once, not for each frame. Any thread.
  ///
  /// - Parameters:
  ///   - name: `vkCreateImageView`.
  ///   - type: its `PFN_…` type; calling through another type is undefined behaviour.
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function where the device, or the loader, does not have
  ///   it; ``InteropError/Code/invalidArgument`` for a type that is no C function's.
  ///
  /// The corresponding C functions are `vkGetDeviceProcAddr` and `vkGetInstanceProcAddr`.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    switch Self.scope(of: name) {
    case .global: try loader.resolver(instance: nil).function(name, as: type)
    case .instance: try loader.resolver(instance: instance).function(name, as: type)
    case .device: try instanceFunctions.resolver(device: device).function(name, as: type)
    }
  }

  enum FunctionScope { case global, instance, device }

  /// Tells whether a function belongs to the device, the instance or neither. `vkGetInstanceProcAddr` cannot tell: for
  /// functions that the device was made without it returns a pointer that must not be called with that device (Vulkan
  /// 1.3, 4.1).
  static func scope(of name: String) -> FunctionScope {
    if globalNames.contains(name) || name.hasPrefix("vkEnumerateInstance") { return .global }
    if instanceNames.contains(name) || instancePrefixes.contains(where: name.hasPrefix) { return .instance }
    // A VkSurfaceKHR is made and destroyed with the instance: vkCreateXlibSurfaceKHR, vkCreateHeadlessSurfaceEXT.
    if name.hasPrefix("vkCreate"), name.contains("Surface") { return .instance }
    return .device
  }

  /// Name prefixes of the commands whose first parameter is a VkInstance or a VkPhysicalDevice.
  private static let instancePrefixes = [
    "vkGetPhysicalDevice", "vkEnumerate", "vkCreateDebug", "vkDestroyDebug", "vkGetDisplay", "vkCreateDisplay",
  ]
  private static let globalNames: Set<String> = ["vkGetInstanceProcAddr", "vkCreateInstance"]
  private static let instanceNames: Set<String> = [
    "vkDestroyInstance", "vkCreateDevice", "vkGetDeviceProcAddr", "vkDestroySurfaceKHR", "vkDebugReportMessageEXT",
    "vkSubmitDebugUtilsMessageEXT", "vkReleaseDisplayEXT", "vkAcquireXlibDisplayEXT", "vkGetRandROutputDisplayEXT",
    "vkAcquireDrmDisplayEXT", "vkGetDrmDisplayEXT", "vkAcquireWinrtDisplayNV", "vkGetWinrtDisplayNV",
  ]
}
