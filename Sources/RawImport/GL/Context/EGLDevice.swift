import Glibc
internal import InteropDrivers

/// Queries of the device that an EGL display runs on.
enum EGLDevice {
  /// Returns the EGL device of a display (EGL_EXT_device_query), nil where EGL does not report it.
  static func device(of display: EGLDisplay, _ egl: EGLFunctions) -> EGLDeviceEXT? {
    var attribute: EGLAttrib = 0
    guard let query = egl.eglQueryDisplayAttribEXT, query(display, EGL_DEVICE_EXT, &attribute) == EGL_TRUE else {
      return nil
    }
    return EGLDeviceEXT(bitPattern: attribute)
  }

  /// Returns the Vulkan device that ANGLE runs on (EGL_ANGLE_device_vulkan), because ANGLE's GL UUID queries fail with
  /// GL_INVALID_ENUM. nil on other implementations, where GL reports it.
  static func vulkanIdentity(of device: EGLDeviceEXT, _ egl: EGLFunctions) -> DeviceIdentity? {
    guard let queryDevice = egl.eglQueryDeviceAttribEXT,
      let names = egl.eglQueryDeviceStringEXT?(device, EGL_EXTENSIONS),
      String(cString: names).split(separator: " ").contains("EGL_ANGLE_device_vulkan")
    else { return nil }
    func value(_ name: Int32) -> UnsafeMutableRawPointer? {
      var attribute: EGLAttrib = 0
      guard queryDevice(device, name, &attribute) == EGL_TRUE else { return nil }
      return UnsafeMutableRawPointer(bitPattern: attribute)
    }
    guard let instance = value(EGL_VULKAN_INSTANCE_ANGLE), let physical = value(EGL_VULKAN_PHYSICAL_DEVICE_ANGLE),
      let getProcAddr = value(EGL_VULKAN_GET_INSTANCE_PROC_ADDR)
    else { return nil }
    let loader = VulkanLoader(getInstanceProcAddr: unsafeBitCast(getProcAddr, to: PFN_vkGetInstanceProcAddr.self))
    guard
      let functions = try? VulkanInstanceFunctions(loader: loader, instance: OpaquePointer(instance))
    else { return nil }
    return PhysicalDeviceInfo(OpaquePointer(physical), functions).identity
  }

  /// Returns the DRM render node of an EGL device, where EGL_EXT_device_drm_render_node names one.
  static func renderNode(of device: EGLDeviceEXT, _ egl: EGLFunctions) -> DRMNode? {
    guard let path = egl.eglQueryDeviceStringEXT?(device, EGL_DRM_RENDER_NODE_FILE_EXT) else { return nil }
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return DRMNode(device: info.st_rdev)
  }
}
