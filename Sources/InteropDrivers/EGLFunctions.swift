public import CInteropGraphics

/// EGL's entry points that this package calls, filled once from a resolver. Others by ``function(_:as:)``.
public struct EGLFunctions: @unchecked Sendable {
  public let eglGetProcAddress: PFNEGLGETPROCADDRESSPROC
  public let eglGetError: PFNEGLGETERRORPROC
  public let eglQueryString: PFNEGLQUERYSTRINGPROC
  public let eglInitialize: PFNEGLINITIALIZEPROC
  public let eglTerminate: PFNEGLTERMINATEPROC
  public let eglBindAPI: PFNEGLBINDAPIPROC
  public let eglQueryAPI: PFNEGLQUERYAPIPROC
  public let eglChooseConfig: PFNEGLCHOOSECONFIGPROC
  public let eglCreateContext: PFNEGLCREATECONTEXTPROC
  public let eglDestroyContext: PFNEGLDESTROYCONTEXTPROC
  public let eglCreatePbufferSurface: PFNEGLCREATEPBUFFERSURFACEPROC
  public let eglDestroySurface: PFNEGLDESTROYSURFACEPROC
  public let eglMakeCurrent: PFNEGLMAKECURRENTPROC
  public let eglGetCurrentContext: PFNEGLGETCURRENTCONTEXTPROC
  public let eglGetCurrentDisplay: PFNEGLGETCURRENTDISPLAYPROC
  public let eglGetCurrentSurface: PFNEGLGETCURRENTSURFACEPROC
  public let eglQuerySurface: PFNEGLQUERYSURFACEPROC
  /// EGL_EXT_platform_base.
  public let eglGetPlatformDisplayEXT: PFNEGLGETPLATFORMDISPLAYEXTPROC?
  /// EGL_EXT_device_enumeration.
  public let eglQueryDevicesEXT: PFNEGLQUERYDEVICESEXTPROC?
  /// EGL_EXT_device_query.
  public let eglQueryDeviceStringEXT: PFNEGLQUERYDEVICESTRINGEXTPROC?
  public let eglQueryDisplayAttribEXT: PFNEGLQUERYDISPLAYATTRIBEXTPROC?
  public let eglQueryDeviceAttribEXT: PFNEGLQUERYDEVICEATTRIBEXTPROC?
  /// EGL_KHR_fence_sync.
  public let eglCreateSyncKHR: PFNEGLCREATESYNCKHRPROC?
  public let eglDestroySyncKHR: PFNEGLDESTROYSYNCKHRPROC?
  public let eglClientWaitSyncKHR: PFNEGLCLIENTWAITSYNCKHRPROC?
  /// EGL_KHR_wait_sync.
  public let eglWaitSyncKHR: PFNEGLWAITSYNCKHRPROC?
  /// EGL_ANDROID_native_fence_sync.
  public let eglDupNativeFenceFDANDROID: PFNEGLDUPNATIVEFENCEFDANDROIDPROC?
  /// EGL_KHR_image_base.
  public let eglCreateImageKHR: PFNEGLCREATEIMAGEKHRPROC?
  public let eglDestroyImageKHR: PFNEGLDESTROYIMAGEKHRPROC?
  /// EGL_EXT_image_dma_buf_import_modifiers.
  public let eglQueryDmaBufFormatsEXT: PFNEGLQUERYDMABUFFORMATSEXTPROC?
  public let eglQueryDmaBufModifiersEXT: PFNEGLQUERYDMABUFMODIFIERSEXTPROC?
  /// EGL_MESA_image_dma_buf_export.
  public let eglExportDMABUFImageQueryMESA: PFNEGLEXPORTDMABUFIMAGEQUERYMESAPROC?
  public let eglExportDMABUFImageMESA: PFNEGLEXPORTDMABUFIMAGEMESAPROC?
  private let interposer: DriverInterposer?
  private let library: FunctionResolver

  /// Opens libEGL.
  ///
  /// - Parameters:
  ///   - path: another libEGL, ANGLE's for instance; nil for the system's `libEGL.so.1`.
  ///   - interposer: stands before EGL's functions and before GL's, see ``glResolver``.
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it.
  public static func open(path: String? = nil, interposer: DriverInterposer? = nil) throws(InteropError) -> EGLFunctions
  {
    try EGLFunctions(
      resolver: DynamicLibrary(path ?? "libEGL.so.1", package: "libegl1").resolver, interposer: interposer)
  }

  /// Fills the table: core functions from `resolver` itself, extensions through its `eglGetProcAddress`.
  public init(resolver: FunctionResolver, interposer: DriverInterposer? = nil) throws(InteropError) {
    self.interposer = interposer
    let resolver = resolver.interposed(by: interposer)
    library = resolver
    let getProcAddress: PFNEGLGETPROCADDRESSPROC = try resolver.required("eglGetProcAddress")
    eglGetProcAddress = getProcAddress
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
    let extensions = Self.resolver(getProcAddress, interposer)
    eglGetPlatformDisplayEXT = extensions.optional("eglGetPlatformDisplayEXT")
    eglQueryDevicesEXT = extensions.optional("eglQueryDevicesEXT")
    eglQueryDeviceStringEXT = extensions.optional("eglQueryDeviceStringEXT")
    eglQueryDisplayAttribEXT = extensions.optional("eglQueryDisplayAttribEXT")
    eglQueryDeviceAttribEXT = extensions.optional("eglQueryDeviceAttribEXT")
    eglCreateSyncKHR = extensions.optional("eglCreateSyncKHR")
    eglDestroySyncKHR = extensions.optional("eglDestroySyncKHR")
    eglClientWaitSyncKHR = extensions.optional("eglClientWaitSyncKHR")
    eglWaitSyncKHR = extensions.optional("eglWaitSyncKHR")
    eglDupNativeFenceFDANDROID = extensions.optional("eglDupNativeFenceFDANDROID")
    eglCreateImageKHR = extensions.optional("eglCreateImageKHR")
    eglDestroyImageKHR = extensions.optional("eglDestroyImageKHR")
    eglQueryDmaBufFormatsEXT = extensions.optional("eglQueryDmaBufFormatsEXT")
    eglQueryDmaBufModifiersEXT = extensions.optional("eglQueryDmaBufModifiersEXT")
    eglExportDMABUFImageQueryMESA = extensions.optional("eglExportDMABUFImageQueryMESA")
    eglExportDMABUFImageMESA = extensions.optional("eglExportDMABUFImageMESA")
  }

  /// GL functions as this libEGL hands them out, core ones included (EGL 1.5, or EGL_KHR_get_all_proc_addresses).
  public var glResolver: FunctionResolver { Self.resolver(eglGetProcAddress, interposer) }

  /// Any function of this EGL, by its registered name: `try egl.function("eglQueryContext", as:
  /// PFNEGLQUERYCONTEXTPROC.self)`. The library itself is asked, then its `eglGetProcAddress`.
  ///
  /// Valid for as long as the process: libraries are never closed. A pointer does not say that the display has the
  /// extension. Any thread, and no context need be current.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  ///
  /// The corresponding C function is `eglGetProcAddress`.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.falling(backTo: glResolver).function(name, as: type)
  }

  private static func resolver(
    _ getProcAddress: @escaping PFNEGLGETPROCADDRESSPROC, _ interposer: DriverInterposer?
  ) -> FunctionResolver {
    FunctionResolver(source: "eglGetProcAddress") { name in
      unsafeBitCast(getProcAddress(name), to: UnsafeMutableRawPointer?.self)
    }.interposed(by: interposer)
  }

  /// The error of the last EGL call on this thread, which it clears, as an ``InteropError``.
  public func failure(_ step: String, _ reason: String, advice: String? = nil) -> InteropError {
    InteropError(.driverFailure, step: step, reason: reason, driverCode: .egl(eglGetError()), advice: advice)
  }
}
