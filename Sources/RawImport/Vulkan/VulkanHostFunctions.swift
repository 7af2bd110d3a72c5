public import InteropDrivers

extension VulkanHost {
  /// Any function of Vulkan's for this device, by its registered name; ``vk`` and ``instanceFunctions`` hold those that
  /// this package calls itself.
  ///
  /// ```swift
  /// let createSampler = try host.function("vkCreateSampler", as: PFN_vkCreateSampler.self)
  /// ```
  ///
  /// Functions of a device, its queues and command buffers come from `vkGetDeviceProcAddr` of ``device``, so one of an
  /// extension that the device was made without is missing, and calls go past the loader. Those of the instance and its
  /// physical devices come from the loader's `vkGetInstanceProcAddr` for ``instance``, those that need neither from the
  /// same for none.
  ///
  /// A pointer is valid until the device, or the instance, is destroyed: it must not be called after this host has
  /// gone, or the engine's own device. Look it up once, not for each frame. Any thread.
  ///
  /// - Parameters:
  ///   - name: `vkCreateImageView`.
  ///   - type: its `PFN_…` type; another one is undefined behaviour when it is called.
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

  /// Whose a function is. `vkGetInstanceProcAddr` cannot be asked instead: for what a device was made without it gives
  /// a pointer that must not be called with that device (Vulkan 1.3, 4.1).
  static func scope(of name: String) -> FunctionScope {
    if globalNames.contains(name) || name.hasPrefix("vkEnumerateInstance") { return .global }
    if instanceNames.contains(name) || instancePrefixes.contains(where: name.hasPrefix) { return .instance }
    // A VkSurfaceKHR is made and destroyed with the instance: vkCreateXlibSurfaceKHR, vkCreateHeadlessSurfaceEXT.
    if name.hasPrefix("vkCreate"), name.contains("Surface") { return .instance }
    return .device
  }

  /// Commands whose first parameter is a VkInstance or a VkPhysicalDevice, by what their names begin with.
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
