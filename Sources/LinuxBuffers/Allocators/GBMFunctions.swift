public import CInteropGBM
public import InteropBase

/// GBM's entry points (gbm.h) that this package calls, filled once from a resolver; others by ``function(_:as:)``.
/// Mesa's library loads the vendor's backend by itself.
///
/// The library has no lock: calls on one device and its buffers are made one at a time.
public struct GBMFunctions: @unchecked Sendable {
  /// `struct gbm_device *`.
  public typealias Device = OpaquePointer
  /// `struct gbm_bo *`.
  public typealias Buffer = OpaquePointer

  /// A device over an open DRM node; it does not own the descriptor.
  public let gbm_create_device: @convention(c) (_ descriptor: Int32) -> Device?
  /// Destroys a device.
  public let gbm_device_destroy: @convention(c) (Device) -> Void
  /// The descriptor of a device.
  public let gbm_device_get_fd: @convention(c) (Device) -> Int32
  /// Name of the backend, `drm`.
  public let gbm_device_get_backend_name: @convention(c) (Device) -> UnsafePointer<CChar>?
  /// Whether buffers of a format and use can be had.
  public let gbm_device_is_format_supported: @convention(c) (Device, _ format: UInt32, _ usage: UInt32) -> Int32
  /// A buffer in a layout of the device's own choice.
  public let gbm_bo_create:
    @convention(c) (Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ usage: UInt32) -> Buffer?
  /// Mesa 17.1.
  public let gbm_bo_create_with_modifiers:
    (
      @convention(c) (
        Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ modifiers: UnsafePointer<UInt64>?,
        _ count: UInt32
      ) -> Buffer?
    )?
  /// Mesa 21.2: with usage.
  public let gbm_bo_create_with_modifiers2:
    (
      @convention(c) (
        Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ modifiers: UnsafePointer<UInt64>?,
        _ count: UInt32,
        _ usage: UInt32
      ) -> Buffer?
    )?
  /// Destroys a buffer; exported descriptors stay good.
  public let gbm_bo_destroy: @convention(c) (Buffer) -> Void
  /// DRM format modifier of a buffer.
  public let gbm_bo_get_modifier: @convention(c) (Buffer) -> UInt64
  /// Planes of a buffer, those of compression included.
  public let gbm_bo_get_plane_count: @convention(c) (Buffer) -> Int32
  /// Bytes from one row to the next.
  public let gbm_bo_get_stride_for_plane: @convention(c) (Buffer, _ plane: Int32) -> UInt32
  /// Bytes to the first row of a plane.
  public let gbm_bo_get_offset: @convention(c) (Buffer, _ plane: Int32) -> UInt32
  /// GEM handle of a plane's memory.
  public let gbm_bo_get_handle_for_plane: @convention(c) (Buffer, _ plane: Int32) -> gbm_bo_handle
  /// A DMA-BUF of the first plane's memory, owned by the caller.
  public let gbm_bo_get_fd: @convention(c) (Buffer) -> Int32
  /// Mesa 21.1.
  public let gbm_bo_get_fd_for_plane: (@convention(c) (Buffer, _ plane: Int32) -> Int32)?
  private let library: FunctionResolver

  /// Opens libgbm.
  ///
  /// - Parameters:
  ///   - path: another libgbm; nil for the system's `libgbm.so.1`.
  ///   - interposer: stands before its functions.
  /// - Throws: ``InteropError/Code/driverMissing`` on a machine without it.
  public static func open(path: String? = nil, interposer: DriverInterposer? = nil) throws(InteropError) -> GBMFunctions
  {
    try GBMFunctions(
      resolver: DynamicLibrary(path ?? "libgbm.so.1", package: "libgbm1").resolver, interposer: interposer)
  }

  /// Fills the table.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function that a libgbm before Mesa 17.1 lacks.
  public init(resolver: FunctionResolver, interposer: DriverInterposer? = nil) throws(InteropError) {
    let resolver = resolver.interposed(by: interposer)
    library = resolver
    gbm_create_device = try resolver.required("gbm_create_device")
    gbm_device_destroy = try resolver.required("gbm_device_destroy")
    gbm_device_get_fd = try resolver.required("gbm_device_get_fd")
    gbm_device_get_backend_name = try resolver.required("gbm_device_get_backend_name")
    gbm_device_is_format_supported = try resolver.required("gbm_device_is_format_supported")
    gbm_bo_create = try resolver.required("gbm_bo_create")
    gbm_bo_create_with_modifiers = resolver.optional("gbm_bo_create_with_modifiers")
    gbm_bo_create_with_modifiers2 = resolver.optional("gbm_bo_create_with_modifiers2")
    gbm_bo_destroy = try resolver.required("gbm_bo_destroy")
    gbm_bo_get_modifier = try resolver.required("gbm_bo_get_modifier")
    gbm_bo_get_plane_count = try resolver.required("gbm_bo_get_plane_count")
    gbm_bo_get_stride_for_plane = try resolver.required("gbm_bo_get_stride_for_plane")
    gbm_bo_get_offset = try resolver.required("gbm_bo_get_offset")
    gbm_bo_get_handle_for_plane = try resolver.required("gbm_bo_get_handle_for_plane")
    gbm_bo_get_fd = try resolver.required("gbm_bo_get_fd")
    gbm_bo_get_fd_for_plane = resolver.optional("gbm_bo_get_fd_for_plane")
  }

  /// Any function of this libgbm, as a C function type of the caller's. Valid for as long as the process.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.function(name, as: type)
  }
}
