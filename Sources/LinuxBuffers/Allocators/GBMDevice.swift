public import InteropBase
internal import CInteropGBM
internal import CInteropKernel
import Glibc

/// Allocates a GPU's buffers through GBM, in the layouts that the device's displays and renderers accept. Any thread.
public final class GBMDevice: Sendable {
  /// The DRM device that allocates.
  public let device: DRMDevice
  /// The name of GBM's backend: `drm` for Mesa's, `nvidia`.
  public let backendName: String
  private let gbm: GBMFunctions
  private let state: Mutex<Handle>

  /// GBM has no lock of its own.
  private struct Handle: @unchecked Sendable { let device: GBMFunctions.Device }

  /// The purpose of a buffer (gbm.h, `enum gbm_bo_flags`).
  public struct Usage: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// GBM_BO_USE_SCANOUT: a display shows the buffer.
    public static let scanout = Usage(rawValue: GBM_BO_USE_SCANOUT.rawValue)
    /// GBM_BO_USE_RENDERING: a GPU draws into the buffer.
    public static let rendering = Usage(rawValue: GBM_BO_USE_RENDERING.rawValue)
    /// GBM_BO_USE_LINEAR: the rows lie one after the other.
    public static let linear = Usage(rawValue: GBM_BO_USE_LINEAR.rawValue)
  }

  /// Opens a GBM device on a DRM device.
  ///
  /// - Parameters:
  ///   - device: kept for as long as the GBM device lives.
  ///   - functions: GBM's; nil for the system's libgbm.
  /// - Throws: ``InteropError/Code/driverMissing`` without libgbm; ``InteropError/Code/driverFailure`` where no backend
  ///   takes the device.
  ///
  /// The corresponding C function is `gbm_create_device`.
  public init(_ device: DRMDevice, functions: GBMFunctions? = nil) throws(InteropError) {
    let gbm: GBMFunctions
    if let functions { gbm = functions } else { gbm = try .open() }
    errno = 0
    guard let handle = device.withDescriptor({ gbm.gbm_create_device($0) }) else {
      throw Self.failure("gbm_create_device", "no backend of GBM takes \(device.driverName)", errno)
    }
    self.device = device
    self.gbm = gbm
    backendName = gbm.gbm_device_get_backend_name(handle).map { String(cString: $0) } ?? ""
    state = Mutex(Handle(device: handle))
  }

  deinit { state.withLock { gbm.gbm_device_destroy($0.device) } }

  /// Makes a buffer with undefined content. It outlives the device object.
  ///
  /// - Parameters:
  ///   - size: in pixels.
  ///   - format: one that the driver can allocate.
  ///   - modifiers: layouts among which the driver chooses. ``DRMModifier/invalid`` among them allows a layout that the
  ///     driver keeps secret; an empty list allows only that.
  ///   - usage: a libgbm before Mesa 21.2 ignores it if there is a list of modifiers.
  /// - Returns: the buffer with the modifier that the driver named. It is ``DRMModifier/invalid`` where the driver
  ///   named none, unless only linear memory was requested, by GBM_BO_USE_LINEAR or a list of that alone.
  /// - Throws: ``InteropError/Code/invalidArgument`` for an impossible size; ``InteropError/Code/unsupported`` for a
  ///   format that this package or the driver does not know, or for layouts that the driver lacks;
  ///   ``InteropError/Code/driverFailure``.
  ///
  /// The corresponding C calls are `gbm_bo_create_with_modifiers2` (or `gbm_bo_create_with_modifiers`, `gbm_bo_create`)
  /// and `ioctl(DRM_IOCTL_PRIME_HANDLE_TO_FD)` with DRM_RDWR before any `gbm_bo_get_fd`: the first export decides for
  /// good whether a buffer's descriptors can be written through, and Mesa asks for read-only ones (virtio-gpu,
  /// kms_swrast).
  public func makeBuffer(
    size: PixelSize, format: DRMFourCC, modifiers: [DRMModifier] = [], usage: Usage = .rendering
  ) throws(InteropError) -> DMABuf {
    let step = "allocate with GBM"
    try size.validate(step)
    guard format.colorPlanes != nil else {
      throw InteropError(
        .unsupported, step: step, reason: "\(format) is no pixel format of this package", missing: ["\(format)"],
        advice: "Known are \(DRMFourCC.known.map(\.description).joined(separator: ", "))")
    }
    return try locked { handle throws(InteropError) in
      let made = try allocate(handle, size, format, modifiers, usage)
      defer { gbm.gbm_bo_destroy(made.buffer) }
      return try export(made, handle, size, format, modifiers)
    }
  }

  /// Whether buffers of a format can be made for a use, in a layout that the driver chooses.
  ///
  /// The corresponding C function is `gbm_device_is_format_supported`.
  public func supports(_ format: DRMFourCC, usage: Usage = .rendering) -> Bool {
    state.withLock { gbm.gbm_device_is_format_supported($0.device, format.rawValue, usage.rawValue) } != 0
  }

  private func locked<Result>(
    _ body: (GBMFunctions.Device) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let outcome: Swift.Result<Result, InteropError> = state.withLock { handle in
      do throws(InteropError) { return .success(try body(handle.device)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// A buffer of GBM, and its layout where the driver names none.
  private struct Made {
    let buffer: GBMFunctions.Buffer
    let fallback: DRMModifier
  }

  private func allocate(
    _ handle: GBMFunctions.Device, _ size: PixelSize, _ format: DRMFourCC, _ modifiers: [DRMModifier], _ usage: Usage
  ) throws(InteropError) -> Made {
    let width = UInt32(size.width), height = UInt32(size.height)
    // INVALID cannot be requested as a layout: it stands for no request.
    let explicit = modifiers.filter { $0 != .invalid }.map(\.rawValue)
    var step = "gbm_bo_create"
    var code: Int32 = 0
    if !explicit.isEmpty {
      // A driver without modifiers fails here, with ENOSYS or another error.
      let flags = usage.subtracting(.linear).rawValue
      // Mesa's kms_swrast honours a list of linear alone and then names no modifier.
      let fallback = explicit == [DRMModifier.linear.rawValue] ? DRMModifier.linear : .invalid
      errno = 0
      if let create = gbm.gbm_bo_create_with_modifiers2 {
        step = "gbm_bo_create_with_modifiers2"
        let buffer = create(handle, width, height, format.rawValue, explicit, UInt32(explicit.count), flags)
        if let buffer { return Made(buffer: buffer, fallback: fallback) }
      } else if let create = gbm.gbm_bo_create_with_modifiers {
        step = "gbm_bo_create_with_modifiers"
        let buffer = create(handle, width, height, format.rawValue, explicit, UInt32(explicit.count))
        if let buffer { return Made(buffer: buffer, fallback: fallback) }
      } else {
        errno = ENOSYS
      }
      code = errno
    }
    if modifiers.isEmpty || modifiers.contains(.invalid) {
      step = "gbm_bo_create"
      errno = 0
      if let buffer = gbm.gbm_bo_create(handle, width, height, format.rawValue, usage.rawValue) {
        return Made(buffer: buffer, fallback: usage.contains(.linear) ? .linear : .invalid)
      }
      code = errno
    } else if modifiers.contains(.linear) {
      errno = 0
      let flags = usage.union(.linear).rawValue
      if let buffer = gbm.gbm_bo_create(handle, width, height, format.rawValue, flags) {
        return Made(buffer: buffer, fallback: .linear)
      }
      code = errno
    }
    if code == EACCES {
      // Mesa's kms_swrast on drivers without a GPU (virtio-gpu in 2D, simpledrm): DRM_IOCTL_MODE_CREATE_DUMB.
      throw InteropError(
        .driverFailure, step: step, reason: "\(device.driverName) lets this node make no buffers",
        driverCode: .posix(code),
        advice: "A device without a GPU makes buffers through its card's node (/dev/dri/card0), not a render node")
    }
    if gbm.gbm_device_is_format_supported(handle, format.rawValue, usage.rawValue) == 0 {
      throw InteropError(
        .unsupported, step: step, reason: "\(device.driverName) makes no \(format) buffers for this use",
        driverCode: .posix(code), missing: ["\(format)"],
        advice: "Ask supports(_:usage:) for another format or less usage")
    }
    guard explicit.isEmpty else {
      throw InteropError(
        .unsupported, step: step,
        reason: "\(device.driverName) makes no \(size) \(format) in any of the layouts asked for",
        driverCode: .posix(code), missing: modifiers.map(\.description),
        advice: "Allow more modifiers; an empty list leaves the layout to the driver")
    }
    throw Self.failure(step, "no \(size) \(format) buffer", code)
  }

  private func export(
    _ made: Made, _ handle: GBMFunctions.Device, _ size: PixelSize, _ format: DRMFourCC, _ modifiers: [DRMModifier]
  ) throws(InteropError) -> DMABuf {
    let named = DRMModifier(rawValue: gbm.gbm_bo_get_modifier(made.buffer))
    let modifier = named == .invalid ? made.fallback : named
    guard modifiers.isEmpty || modifiers.contains(modifier) || modifiers.contains(.invalid) else {
      throw InteropError(
        .driverFailure, step: "gbm_bo_get_modifier",
        reason: "the driver chose \(modifier), which was not among the layouts asked for")
    }
    let count = gbm.gbm_bo_get_plane_count(made.buffer)
    guard (1...Int32(DMABufDescription.maximumPlanes)).contains(count) else {
      throw Self.failure("gbm_bo_get_plane_count", "the buffer has \(count) planes", 0)
    }
    let files = PlaneFiles()
    var planes: [DMABuf.PlaneDescriptor] = []
    for plane in 0..<count {
      let number = try descriptor(of: plane, of: count, made.buffer, handle)
      files.numbers.append(number)
      planes.append(
        .init(
          descriptor: number, offset: UInt64(gbm.gbm_bo_get_offset(made.buffer, plane)),
          stride: UInt64(gbm.gbm_bo_get_stride_for_plane(made.buffer, plane))))
    }
    return try withExtendedLifetime(files) { () throws(InteropError) in
      try DMABuf(size: size, format: format, modifier: modifier, planes: planes)
    }
  }

  /// The descriptor of each plane, closed with this object: ``DMABuf`` duplicates them, one for each buffer.
  private final class PlaneFiles {
    var numbers: [Int32] = []
    deinit { for number in numbers { close(number) } }
  }

  private func descriptor(
    of plane: Int32, of count: Int32, _ buffer: GBMFunctions.Buffer, _ handle: GBMFunctions.Device
  ) throws(InteropError) -> Int32 {
    let name = gbm.gbm_bo_get_handle_for_plane(buffer, plane)
    var code: Int32 = -EINVAL
    // -1: the buffer has no handle on this device.
    if name.s32 != -1 {
      let number = kernel_drm_export_buffer(gbm.gbm_device_get_fd(handle), name.u32)
      if number >= 0 { return number }
      code = number
    }
    // The driver has an export of its own only. Whether the result is writable is checked afterwards.
    var number: Int32 = -1
    if let get = gbm.gbm_bo_get_fd_for_plane {
      number = get(buffer, plane)
    } else if count == 1 {
      number = gbm.gbm_bo_get_fd(buffer)
    }
    guard number >= 0 else {
      throw InteropError(
        .driverFailure, step: "DRM_IOCTL_PRIME_HANDLE_TO_FD", reason: "plane \(plane) cannot be exported",
        driverCode: .posix(-code))
    }
    // Mesa opens the descriptor close-on-exec, other backends need not.
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return number
  }

  private static func failure(_ step: String, _ reason: String, _ code: Int32) -> InteropError {
    InteropError(.driverFailure, step: step, reason: reason, driverCode: code == 0 ? nil : .posix(code))
  }
}
