public import CInterface
internal import InteropDrivers
internal import Glibc

// Codes that only the C interface has.
extension InteropError.Code {
  static let invalidHandle = Self(rawValue: "invalid-handle")
  static let callback = Self(rawValue: "callback")
  static let bufferTooSmall = Self(rawValue: "buffer-too-small")
  static let notAvailable = Self(rawValue: "not-available")
  static let frameDropped = Self(rawValue: "frame-dropped")

  /// The codes in the order of `glvk_result`, from 1 on.
  private static let numbered: [Self] = [
    .invalidArgument, .driverMissing, .unsupported, .driverFailure, .wrongPixels, .invalidState, .wrongThread,
    .ringExhausted,
    .timeout, .invalidHandle, .callback, .bufferTooSmall, .notAvailable, .frameDropped,
  ]

  var result: glvk_result {
    Self.numbered.firstIndex(of: self).map { glvk_result($0 + 1) } ?? glvk_result(GLVK_ERROR_OTHER)
  }

  static func named(_ result: glvk_result) -> StaticString {
    switch Int(result) {
    case Int(GLVK_SUCCESS): "success"
    case Int(GLVK_ERROR_INVALID_ARGUMENT): "invalid-argument"
    case Int(GLVK_ERROR_DRIVER_MISSING): "driver-missing"
    case Int(GLVK_ERROR_UNSUPPORTED): "unsupported"
    case Int(GLVK_ERROR_DRIVER_FAILURE): "driver-failure"
    case Int(GLVK_ERROR_WRONG_PIXELS): "wrong-pixels"
    case Int(GLVK_ERROR_INVALID_STATE): "invalid-state"
    case Int(GLVK_ERROR_WRONG_THREAD): "wrong-thread"
    case Int(GLVK_ERROR_RING_EXHAUSTED): "ring-exhausted"
    case Int(GLVK_ERROR_TIMEOUT): "timeout"
    case Int(GLVK_ERROR_INVALID_HANDLE): "invalid-handle"
    case Int(GLVK_ERROR_CALLBACK): "callback"
    case Int(GLVK_ERROR_BUFFER_TOO_SMALL): "buffer-too-small"
    case Int(GLVK_ERROR_NOT_AVAILABLE): "not-available"
    case Int(GLVK_ERROR_FRAME_DROPPED): "frame-dropped"
    case Int(GLVK_ERROR_OTHER): "other"
    default: "unknown"
    }
  }
}

extension StaticString {
  /// The text as a C string, which ends with 0 and lives as long as the process.
  var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// A thread's last error, with its texts as C strings.
private final class LastError {
  let result: glvk_result
  let message, step, reason, advice: CString
  let missing: [CString]
  let driverCode: Int64
  let driverCodeKind: glvk_driver_code_kind

  init(_ error: InteropError) {
    var error = error
    result = error.code.result
    switch error.driverCode {
    case nil: (driverCode, driverCodeKind) = (0, glvk_driver_code_kind(GLVK_DRIVER_CODE_NONE))
    // A callback's return value travels as an errno but is not one.
    case .posix(let value) where error.code == .callback:
      (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_CALLBACK))
      error.driverCode = nil
    case .vulkan(let value):
      (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_VK_RESULT))
    case .gl(let value): (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_GL_ERROR))
    case .framebufferStatus(let value):
      (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_GL_FRAMEBUFFER_STATUS))
    case .egl(let value):
      (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_EGL_ERROR))
    case .posix(let value): (driverCode, driverCodeKind) = (Int64(value), glvk_driver_code_kind(GLVK_DRIVER_CODE_ERRNO))
    }
    message = CString(error.description)
    step = CString(error.step)
    reason = CString(error.reason)
    advice = CString(error.advice ?? "")
    missing = error.missing.map { CString($0) }
  }

  // MARK: One for each thread

  /// The key of the thread's last error. The error is freed when the thread ends.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { pointer in
      if let pointer { Unmanaged<LastError>.fromOpaque(pointer).release() }
    }
    return key
  }()

  static var current: LastError? {
    get { pthread_getspecific(key).map { Unmanaged<LastError>.fromOpaque($0).takeUnretainedValue() } }
    set {
      let before = pthread_getspecific(key)
      pthread_setspecific(key, newValue.map { UnsafeRawPointer(Unmanaged.passRetained($0).toOpaque()) })
      if let before { Unmanaged<LastError>.fromOpaque(before).release() }
    }
  }
}

/// A string that the package owns and C reads.
final class CString: @unchecked Sendable {
  let pointer: UnsafePointer<CChar>

  /// Copies the text up to its first 0.
  init(_ text: String) { pointer = UnsafePointer(strdup(text)) }

  deinit { free(UnsafeMutablePointer(mutating: pointer)) }
}

/// Runs the body of a C function, and keeps its error for `glvk_last_error_message`.
func report(_ body: () throws -> Void) -> glvk_result {
  do {
    try body()
    return glvk_result(GLVK_SUCCESS)
  } catch let error as InteropError {
    LastError.current = LastError(error)
    return error.code.result
  } catch {
    LastError.current = LastError(InteropError(.init(rawValue: "other"), step: "call", reason: "\(error)"))
    return glvk_result(GLVK_ERROR_OTHER)
  }
}

private let empty: StaticString = ""

@c @implementation
public func glvk_result_name(_ result: glvk_result) -> UnsafePointer<CChar>! { InteropError.Code.named(result).cString }

@c @implementation
public func glvk_last_error_result() -> glvk_result { LastError.current?.result ?? glvk_result(GLVK_SUCCESS) }

@c @implementation
public func glvk_last_error_message() -> UnsafePointer<CChar>! { LastError.current?.message.pointer ?? empty.cString }

@c @implementation
public func glvk_last_error_step() -> UnsafePointer<CChar>! { LastError.current?.step.pointer ?? empty.cString }

@c @implementation
public func glvk_last_error_reason() -> UnsafePointer<CChar>! { LastError.current?.reason.pointer ?? empty.cString }

@c @implementation
public func glvk_last_error_advice() -> UnsafePointer<CChar>! { LastError.current?.advice.pointer ?? empty.cString }

@c @implementation
public func glvk_last_error_missing_count() -> Int { LastError.current?.missing.count ?? 0 }

@c @implementation
public func glvk_last_error_missing(_ index: Int) -> UnsafePointer<CChar>! {
  guard let missing = LastError.current?.missing, missing.indices.contains(index) else { return empty.cString }
  return missing[index].pointer
}

@c @implementation
public func glvk_last_error_driver_code(_ kind: UnsafeMutablePointer<glvk_driver_code_kind>!) -> Int64 {
  let error = LastError.current
  if let kind { kind.pointee = error?.driverCodeKind ?? glvk_driver_code_kind(GLVK_DRIVER_CODE_NONE) }
  return error?.driverCode ?? 0
}

@c @implementation
public func glvk_last_error_clear() { LastError.current = nil }

@c @implementation
public func glvk_live_object_count() -> Int { HandleTable.shared.count }

@c @implementation
public func glvk_abi_version() -> UInt32 { UInt32(GLVK_ABI_MAJOR) << 16 | UInt32(GLVK_ABI_MINOR) }

@c @implementation
public func glvk_version_string() -> UnsafePointer<CChar>! { release.pointer }

private let release = CString(LibraryVersion.text)
