public import CInteropGraphics

/// The Vulkan loader: `vkGetInstanceProcAddr`, the system's, an engine's or a test's.
public struct VulkanLoader: @unchecked Sendable {
  /// `vkGetInstanceProcAddr`.
  public let getInstanceProcAddr: PFN_vkGetInstanceProcAddr
  let interposer: DriverInterposer?

  /// Uses a `vkGetInstanceProcAddr` that the program already has.
  ///
  /// - Parameters:
  ///   - getInstanceProcAddr: valid for as long as the loader and what was made with it.
  ///   - interposer: stands before the functions of every table that is filled through this loader.
  public init(getInstanceProcAddr: @escaping PFN_vkGetInstanceProcAddr, interposer: DriverInterposer? = nil) {
    self.getInstanceProcAddr = getInstanceProcAddr
    self.interposer = interposer
  }

  /// Opens `libvulkan.so.1`.
  ///
  /// - Parameters:
  ///   - path: another loader; nil for the system's.
  ///   - interposer: as in ``init(getInstanceProcAddr:interposer:)``.
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it.
  public static func open(path: String? = nil, interposer: DriverInterposer? = nil) throws(InteropError) -> VulkanLoader
  {
    let library = try DynamicLibrary(path ?? "libvulkan.so.1", package: "libvulkan1")
    return VulkanLoader(
      getInstanceProcAddr: try library.resolver.required("vkGetInstanceProcAddr"), interposer: interposer)
  }

  /// The functions of `instance`, or the global ones for nil.
  public func resolver(instance: VkInstance?) -> FunctionResolver {
    let getInstanceProcAddr = getInstanceProcAddr
    nonisolated(unsafe) let instance = instance
    return FunctionResolver(source: "vkGetInstanceProcAddr") { name in
      unsafeBitCast(getInstanceProcAddr(instance, name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }
}

// The functions themselves are in VulkanFunctionTables.swift.

extension VulkanGlobalFunctions {
  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function: a Vulkan 1.0 loader has no
  ///   `vkEnumerateInstanceVersion`.
  package init(loader: VulkanLoader) throws(InteropError) {
    try fill(from: loader.resolver(instance: nil))
  }
}

extension VulkanInstanceFunctions {
  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  package init(loader: VulkanLoader, instance: VkInstance) throws(InteropError) {
    interposer = loader.interposer
    try fill(from: loader.resolver(instance: instance))
  }

  /// The functions of `device`, without the loader's dispatch in between.
  package func resolver(device: VkDevice) -> FunctionResolver {
    let getDeviceProcAddr = vkGetDeviceProcAddr
    nonisolated(unsafe) let device = device
    return FunctionResolver(source: "vkGetDeviceProcAddr") { name in
      unsafeBitCast(getDeviceProcAddr(device, name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }
}

extension VulkanDeviceFunctions {
  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  package init(instance: VulkanInstanceFunctions, device: VkDevice) throws(InteropError) {
    try fill(from: instance.resolver(device: device))
  }
}

extension VulkanComputeFunctions {
  /// - Throws: ``InteropError/Code/driverMissing`` naming the missing function.
  package init(instance: VulkanInstanceFunctions, device: VkDevice) throws(InteropError) {
    try fill(from: instance.resolver(device: device))
  }
}

extension VkResult {
  /// Throws ``InteropError/Code/driverFailure`` unless this is `VK_SUCCESS`.
  ///
  /// - Parameters:
  ///   - step: the function that returned it.
  ///   - reason: what could not be done.
  ///   - advice: what the caller can do about it.
  @inlinable
  public func check(_ step: StaticString, _ reason: @autoclosure () -> String, advice: String? = nil)
    throws(InteropError)
  {
    if self == VK_SUCCESS { return }
    throw InteropError(
      .driverFailure, step: step.description, reason: reason(), driverCode: DriverCode(self), advice: advice)
  }
}
