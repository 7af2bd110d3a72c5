import Foundation
import GLVulkanInterop
import InteropTestSupport

/// A libgbm of drivers that this machine has not: it notes what it is asked and answers as a test says. Its buffers are
/// files, and its device is /dev/null; ``run(_:_:)`` makes the kernel's answers fit.
enum FakeGBM {
  struct Driver {
    var hasModifiers2 = true
    var hasModifiers = true
    /// What gbm_bo_create_with_modifiers… fails with.
    var modifiersFail: Int32?
    var createFails: Int32?
    var supportsFormat = true
    var modifier: UInt64 = 0
    var planeCount: Int32 = 1
    /// A plane without a handle, exported by GBM only.
    var hasHandles = true
    /// Each plane in a buffer of its own.
    var isDisjoint = false
    /// DRM_IOCTL_PRIME_HANDLE_TO_FD fails from this plane on.
    var exportFailsAt: Int?
  }

  struct State {
    var driver = Driver()
    var calls: [String] = []
    var alive = 0
    var files: [Int32] = []
    var exports = 0
  }
  static let state = Mutex(State())

  private static func note(_ call: String) { state.withLock { $0.calls.append(call) } }

  private static func made(_ failure: Int32?, _ call: String) -> OpaquePointer? {
    note(call)
    if let failure {
      errno = failure
      return nil
    }
    state.withLock { $0.alive += 1 }
    return OpaquePointer(bitPattern: 0x1000)
  }

  /// A second descriptor of the plane's memory.
  private static func copy(of plane: Int) -> Int32 {
    state.withLock { fcntl($0.files[$0.driver.isDisjoint ? plane : 0], F_DUPFD_CLOEXEC, 0) }
  }

  nonisolated(unsafe) private static let functions: [String: UnsafeMutableRawPointer] = [
    "gbm_create_device": unsafeBitCast(
      { _ in OpaquePointer(bitPattern: 0x2000) } as @convention(c) (Int32) -> OpaquePointer?,
      to: UnsafeMutableRawPointer.self),
    "gbm_device_destroy": unsafeBitCast(
      { _ in note("gbm_device_destroy") } as @convention(c) (OpaquePointer) -> Void, to: UnsafeMutableRawPointer.self),
    "gbm_device_get_fd": unsafeBitCast(
      { _ in 0 } as @convention(c) (OpaquePointer) -> Int32, to: UnsafeMutableRawPointer.self),
    "gbm_device_get_backend_name": unsafeBitCast(
      { _ in nil } as @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?, to: UnsafeMutableRawPointer.self),
    "gbm_device_is_format_supported": unsafeBitCast(
      { _, _, _ in state.withLock { $0.driver.supportsFormat } ? 1 : 0 }
        as @convention(c) (OpaquePointer, UInt32, UInt32) -> Int32, to: UnsafeMutableRawPointer.self),
    "gbm_bo_create": unsafeBitCast(
      { _, _, _, _, usage in made(state.withLock { $0.driver.createFails }, "gbm_bo_create usage \(usage)") }
        as @convention(c) (OpaquePointer, UInt32, UInt32, UInt32, UInt32) -> OpaquePointer?,
      to: UnsafeMutableRawPointer.self),
    "gbm_bo_create_with_modifiers": unsafeBitCast(
      { _, _, _, _, modifiers, count in
        let list = UnsafeBufferPointer(start: modifiers, count: Int(count)).map { String($0, radix: 16) }
        return made(state.withLock { $0.driver.modifiersFail }, "gbm_bo_create_with_modifiers \(list)")
      }
        as @convention(c) (OpaquePointer, UInt32, UInt32, UInt32, UnsafePointer<UInt64>?, UInt32) -> OpaquePointer?,
      to: UnsafeMutableRawPointer.self),
    "gbm_bo_create_with_modifiers2": unsafeBitCast(
      { _, _, _, _, modifiers, count, usage in
        let list = UnsafeBufferPointer(start: modifiers, count: Int(count)).map { String($0, radix: 16) }
        return made(state.withLock { $0.driver.modifiersFail }, "gbm_bo_create_with_modifiers2 \(list) usage \(usage)")
      }
        as @convention(c) (OpaquePointer, UInt32, UInt32, UInt32, UnsafePointer<UInt64>?, UInt32, UInt32)
        -> OpaquePointer?, to: UnsafeMutableRawPointer.self),
    "gbm_bo_destroy": unsafeBitCast(
      { _ in state.withLock { $0.alive -= 1 } } as @convention(c) (OpaquePointer) -> Void,
      to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_modifier": unsafeBitCast(
      { _ in state.withLock { $0.driver.modifier } } as @convention(c) (OpaquePointer) -> UInt64,
      to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_plane_count": unsafeBitCast(
      { _ in state.withLock { $0.driver.planeCount } } as @convention(c) (OpaquePointer) -> Int32,
      to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_stride_for_plane": unsafeBitCast(
      { _, _ in 256 } as @convention(c) (OpaquePointer, Int32) -> UInt32, to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_offset": unsafeBitCast(
      { _, plane in state.withLock { $0.driver.isDisjoint } ? 0 : UInt32(plane) * 8192 }
        as @convention(c) (OpaquePointer, Int32) -> UInt32, to: UnsafeMutableRawPointer.self),
    // union gbm_bo_handle, 8 bytes: its s32 or u32 first.
    "gbm_bo_get_handle_for_plane": unsafeBitCast(
      { _, plane in state.withLock { $0.driver.hasHandles } ? Int64(plane) : -1 }
        as @convention(c) (OpaquePointer, Int32) -> Int64, to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_fd": unsafeBitCast(
      { _ in
        note("gbm_bo_get_fd")
        return copy(of: 0)
      } as @convention(c) (OpaquePointer) -> Int32, to: UnsafeMutableRawPointer.self),
    "gbm_bo_get_fd_for_plane": unsafeBitCast(
      { _, plane in
        note("gbm_bo_get_fd_for_plane \(plane)")
        return copy(of: Int(plane))
      } as @convention(c) (OpaquePointer, Int32) -> Int32, to: UnsafeMutableRawPointer.self),
  ]

  /// Runs `body` with a device of `driver`'s. Everything it opened is closed afterwards.
  ///
  /// - Returns: GBM's calls, and PRIME's as `PRIME rw` or `PRIME ro` with the handle.
  static func run(_ driver: Driver, _ body: (GBMDevice) throws(InteropError) -> Void) throws -> [String] {
    let files = try (0..<4).map { _ in
      var path = Array("/tmp/made-up-gbm-XXXXXX".utf8CString)
      let number = mkstemp(&path)
      guard number >= 0, unlink(path) == 0, ftruncate(number, 1 << 16) == 0 else {
        throw InteropError(.driverFailure, step: "mkstemp", reason: "no file", driverCode: .posix(errno))
      }
      return number
    }
    defer { for number in files { close(number) } }
    state.withLock { $0 = State(driver: driver, files: files) }
    let before = DMABuf.inspector.withLock { before in
      defer {
        before = DMABuf.Inspector { number in
          DMABuf.askKernel(number).map { DMABufObject(isWritable: $0.isWritable, size: $0.size, inode: $0.inode) }
        }
      }
      return before
    }
    defer { DMABuf.inspector.withLock { $0 = before } }
    try KernelCalls.handled(by: answer) {
      let resolver = FunctionResolver(source: "a made-up libgbm") { name in
        let driver = state.withLock { $0.driver }
        if name == "gbm_bo_create_with_modifiers2", !driver.hasModifiers2 { return nil }
        if name == "gbm_bo_create_with_modifiers", !driver.hasModifiers { return nil }
        return functions[name]
      }
      let null = open("/dev/null", O_RDWR | O_CLOEXEC)
      let device = try DRMDevice(adopting: null)
      try body(try GBMDevice(device, functions: try GBMFunctions(resolver: resolver)))
    }
    return state.withLock { $0.calls }
  }

  private static func answer(_ call: String, _ descriptor: Int32, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    switch call {
    case "DRM_IOCTL_VERSION": return 1
    case "DRM_IOCTL_PRIME_HANDLE_TO_FD":
      guard let argument else { return -EFAULT }
      // struct drm_prime_handle: handle, flags, fd.
      let handle = Int(argument.load(as: UInt32.self))
      let flags = argument.load(fromByteOffset: 4, as: UInt32.self)
      note("PRIME \(flags & UInt32(O_RDWR) == 0 ? "ro" : "rw") \(handle)")
      if let first = state.withLock({ $0.driver.exportFailsAt }), handle >= first { return -ENOSYS }
      argument.storeBytes(of: copy(of: handle), toByteOffset: 8, as: Int32.self)
      return 1
    default: return 0
    }
  }
}
