// Made by scripts/generate-driver-tables.py of scripts/driver-functions.txt. Not to be edited.

package import CInteropGraphics

/// EGL's entry points that this package calls, filled once from a resolver. Others by ``function(_:as:)``.
public struct EGLFunctions: @unchecked Sendable {
  let interposer: DriverInterposer?
  let library: FunctionResolver

  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglGetProcAddress.xhtml>
  package private(set) var eglGetProcAddress: PFNEGLGETPROCADDRESSPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglGetError.xhtml>
  package private(set) var eglGetError: PFNEGLGETERRORPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglQueryString.xhtml>
  package private(set) var eglQueryString: PFNEGLQUERYSTRINGPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglInitialize.xhtml>
  package private(set) var eglInitialize: PFNEGLINITIALIZEPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglTerminate.xhtml>
  package private(set) var eglTerminate: PFNEGLTERMINATEPROC = notLookedUp()
  /// EGL 1.2. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglBindAPI.xhtml>
  package private(set) var eglBindAPI: PFNEGLBINDAPIPROC = notLookedUp()
  /// EGL 1.2. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglQueryAPI.xhtml>
  package private(set) var eglQueryAPI: PFNEGLQUERYAPIPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglChooseConfig.xhtml>
  package private(set) var eglChooseConfig: PFNEGLCHOOSECONFIGPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglCreateContext.xhtml>
  package private(set) var eglCreateContext: PFNEGLCREATECONTEXTPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglDestroyContext.xhtml>
  package private(set) var eglDestroyContext: PFNEGLDESTROYCONTEXTPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglCreatePbufferSurface.xhtml>
  package private(set) var eglCreatePbufferSurface: PFNEGLCREATEPBUFFERSURFACEPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglDestroySurface.xhtml>
  package private(set) var eglDestroySurface: PFNEGLDESTROYSURFACEPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglMakeCurrent.xhtml>
  package private(set) var eglMakeCurrent: PFNEGLMAKECURRENTPROC = notLookedUp()
  /// EGL 1.4. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglGetCurrentContext.xhtml>
  package private(set) var eglGetCurrentContext: PFNEGLGETCURRENTCONTEXTPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglGetCurrentDisplay.xhtml>
  package private(set) var eglGetCurrentDisplay: PFNEGLGETCURRENTDISPLAYPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglGetCurrentSurface.xhtml>
  package private(set) var eglGetCurrentSurface: PFNEGLGETCURRENTSURFACEPROC = notLookedUp()
  /// EGL 1.0. <https://registry.khronos.org/EGL/sdk/docs/man/html/eglQuerySurface.xhtml>
  package private(set) var eglQuerySurface: PFNEGLQUERYSURFACEPROC = notLookedUp()
  /// `EGL_EXT_platform_base`.
  package private(set) var eglGetPlatformDisplayEXT: PFNEGLGETPLATFORMDISPLAYEXTPROC?
  /// `EGL_EXT_device_base`, `EGL_EXT_device_enumeration`.
  package private(set) var eglQueryDevicesEXT: PFNEGLQUERYDEVICESEXTPROC?
  /// `EGL_EXT_device_base`, `EGL_EXT_device_query`.
  package private(set) var eglQueryDeviceStringEXT: PFNEGLQUERYDEVICESTRINGEXTPROC?
  /// `EGL_EXT_device_base`, `EGL_EXT_device_query`.
  package private(set) var eglQueryDisplayAttribEXT: PFNEGLQUERYDISPLAYATTRIBEXTPROC?
  /// `EGL_EXT_device_base`, `EGL_EXT_device_query`.
  package private(set) var eglQueryDeviceAttribEXT: PFNEGLQUERYDEVICEATTRIBEXTPROC?
  /// `EGL_KHR_fence_sync`, `EGL_KHR_reusable_sync`.
  package private(set) var eglCreateSyncKHR: PFNEGLCREATESYNCKHRPROC?
  /// `EGL_KHR_fence_sync`, `EGL_KHR_reusable_sync`.
  package private(set) var eglDestroySyncKHR: PFNEGLDESTROYSYNCKHRPROC?
  /// `EGL_KHR_fence_sync`, `EGL_KHR_reusable_sync`.
  package private(set) var eglClientWaitSyncKHR: PFNEGLCLIENTWAITSYNCKHRPROC?
  /// `EGL_KHR_wait_sync`.
  package private(set) var eglWaitSyncKHR: PFNEGLWAITSYNCKHRPROC?
  /// `EGL_ANDROID_native_fence_sync`.
  package private(set) var eglDupNativeFenceFDANDROID: PFNEGLDUPNATIVEFENCEFDANDROIDPROC?
  /// `EGL_KHR_image`, `EGL_KHR_image_base`.
  package private(set) var eglCreateImageKHR: PFNEGLCREATEIMAGEKHRPROC?
  /// `EGL_KHR_image`, `EGL_KHR_image_base`.
  package private(set) var eglDestroyImageKHR: PFNEGLDESTROYIMAGEKHRPROC?
  /// `EGL_EXT_image_dma_buf_import_modifiers`.
  package private(set) var eglQueryDmaBufFormatsEXT: PFNEGLQUERYDMABUFFORMATSEXTPROC?
  /// `EGL_EXT_image_dma_buf_import_modifiers`.
  package private(set) var eglQueryDmaBufModifiersEXT: PFNEGLQUERYDMABUFMODIFIERSEXTPROC?
  /// `EGL_MESA_image_dma_buf_export`.
  package private(set) var eglExportDMABUFImageQueryMESA: PFNEGLEXPORTDMABUFIMAGEQUERYMESAPROC?
  /// `EGL_MESA_image_dma_buf_export`.
  package private(set) var eglExportDMABUFImageMESA: PFNEGLEXPORTDMABUFIMAGEMESAPROC?

  mutating func fill(from resolver: EGLFunctionLookUp) throws(InteropError) {
    eglGetProcAddress = try resolver.required("eglGetProcAddress")
    eglGetError = try resolver.required("eglGetError")
    eglQueryString = try resolver.required("eglQueryString")
    eglInitialize = try resolver.required("eglInitialize")
    eglTerminate = try resolver.required("eglTerminate")
    eglBindAPI = try resolver.required("eglBindAPI")
    eglQueryAPI = try resolver.required("eglQueryAPI")
    eglChooseConfig = try resolver.required("eglChooseConfig")
    eglCreateContext = try resolver.required("eglCreateContext")
    eglDestroyContext = try resolver.required("eglDestroyContext")
    eglCreatePbufferSurface = try resolver.required("eglCreatePbufferSurface")
    eglDestroySurface = try resolver.required("eglDestroySurface")
    eglMakeCurrent = try resolver.required("eglMakeCurrent")
    eglGetCurrentContext = try resolver.required("eglGetCurrentContext")
    eglGetCurrentDisplay = try resolver.required("eglGetCurrentDisplay")
    eglGetCurrentSurface = try resolver.required("eglGetCurrentSurface")
    eglQuerySurface = try resolver.required("eglQuerySurface")
    eglGetPlatformDisplayEXT = resolver.optional("eglGetPlatformDisplayEXT")
    eglQueryDevicesEXT = resolver.optional("eglQueryDevicesEXT")
    eglQueryDeviceStringEXT = resolver.optional("eglQueryDeviceStringEXT")
    eglQueryDisplayAttribEXT = resolver.optional("eglQueryDisplayAttribEXT")
    eglQueryDeviceAttribEXT = resolver.optional("eglQueryDeviceAttribEXT")
    eglCreateSyncKHR = resolver.optional("eglCreateSyncKHR")
    eglDestroySyncKHR = resolver.optional("eglDestroySyncKHR")
    eglClientWaitSyncKHR = resolver.optional("eglClientWaitSyncKHR")
    eglWaitSyncKHR = resolver.optional("eglWaitSyncKHR")
    eglDupNativeFenceFDANDROID = resolver.optional("eglDupNativeFenceFDANDROID")
    eglCreateImageKHR = resolver.optional("eglCreateImageKHR")
    eglDestroyImageKHR = resolver.optional("eglDestroyImageKHR")
    eglQueryDmaBufFormatsEXT = resolver.optional("eglQueryDmaBufFormatsEXT")
    eglQueryDmaBufModifiersEXT = resolver.optional("eglQueryDmaBufModifiersEXT")
    eglExportDMABUFImageQueryMESA = resolver.optional("eglExportDMABUFImageQueryMESA")
    eglExportDMABUFImageMESA = resolver.optional("eglExportDMABUFImageMESA")
  }
}
