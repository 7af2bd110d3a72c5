package import CInteropGBM
public import InteropBase

/// The GBM functions (gbm.h) that this package calls, filled once from a resolver; ``function(_:as:)`` gets any other.
///
/// Mesa's library loads the vendor's backend by itself. The library has no lock: calls on one device and its buffers
/// must be made one at a time.
public struct GBMFunctions: @unchecked Sendable {
  /// `struct gbm_device *`.
  public typealias Device = OpaquePointer
  /// `struct gbm_bo *`.
  public typealias Buffer = OpaquePointer

  /// Makes a device over an open DRM node; it does not own the descriptor.
  package let gbm_create_device: @convention(c) (_ descriptor: Int32) -> Device?
  /// Destroys a device.
  package let gbm_device_destroy: @convention(c) (Device) -> Void
  /// Returns the descriptor of a device.
  package let gbm_device_get_fd: @convention(c) (Device) -> Int32
  /// Returns the name of the backend, `drm`.
  package let gbm_device_get_backend_name: @convention(c) (Device) -> UnsafePointer<CChar>?
  /// Whether buffers of a format and use can be made.
  package let gbm_device_is_format_supported: @convention(c) (Device, _ format: UInt32, _ usage: UInt32) -> Int32
  /// Makes a buffer in a layout that the device chooses.
  package let gbm_bo_create:
    @convention(c) (Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ usage: UInt32) -> Buffer?
  /// Makes a buffer in one of several layouts. Mesa 17.1.
  package let gbm_bo_create_with_modifiers:
    (
      @convention(c) (
        Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ modifiers: UnsafePointer<UInt64>?,
        _ count: UInt32
      ) -> Buffer?
    )?
  /// Makes a buffer in one of several layouts, for a use. Mesa 21.2.
  package let gbm_bo_create_with_modifiers2:
    (
      @convention(c) (
        Device, _ width: UInt32, _ height: UInt32, _ format: UInt32, _ modifiers: UnsafePointer<UInt64>?,
        _ count: UInt32,
        _ usage: UInt32
      ) -> Buffer?
    )?
  /// Destroys a buffer; exported descriptors stay valid.
  package let gbm_bo_destroy: @convention(c) (Buffer) -> Void
  /// Returns the DRM format modifier of a buffer.
  package let gbm_bo_get_modifier: @convention(c) (Buffer) -> UInt64
  /// Returns the number of planes of a buffer, compression planes included.
  package let gbm_bo_get_plane_count: @convention(c) (Buffer) -> Int32
  /// Returns the bytes from one row to the next.
  package let gbm_bo_get_stride_for_plane: @convention(c) (Buffer, _ plane: Int32) -> UInt32
  /// Returns the bytes from the buffer's beginning to a plane's first row.
  package let gbm_bo_get_offset: @convention(c) (Buffer, _ plane: Int32) -> UInt32
  /// Returns the GEM handle of a plane's memory.
  package let gbm_bo_get_handle_for_plane: @convention(c) (Buffer, _ plane: Int32) -> gbm_bo_handle
  /// Exports a DMA-BUF of the first plane's memory, owned by the caller.
  package let gbm_bo_get_fd: @convention(c) (Buffer) -> Int32
  /// Exports a DMA-BUF of a plane's memory, owned by the caller. Mesa 21.1.
  package let gbm_bo_get_fd_for_plane: (@convention(c) (Buffer, _ plane: Int32) -> Int32)?
  private let library: FunctionResolver

  /// Opens libgbm.
  ///
  /// - Parameters:
  ///   - path: another libgbm; nil for the system's `libgbm.so.1`.
  ///   - interposer: intercepts its functions.
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

  /// Looks up any function of this libgbm as a C function type that the caller names. Valid until the process ends.
  ///
  /// - Throws: ``InteropError/Code/driverMissing`` naming the function.
  public func function<Function>(_ name: String, as type: Function.Type) throws(InteropError) -> Function {
    try library.function(name, as: type)
  }
}
