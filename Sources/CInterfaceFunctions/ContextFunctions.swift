public import CInterface
internal import InteropDrivers
internal import Glibc
internal import RawImport

extension glvk_context: Handle { typealias Object = ContextObject }

/// The object behind a `glvk_context`.
final class ContextObject: HandleObject {
  static let kind = HandleKind.context
  let gl: GLContext
  /// The context, if the package created it.
  let surfaceless: SurfacelessContext?
  /// GL errors of the application that did not fit into the array it gave.
  private let errors = Mutex<[GLenum]>([])

  init(_ gl: GLContext, _ surfaceless: SurfacelessContext? = nil) {
    self.gl = gl
    self.surfaceless = surfaceless
  }

  convenience init(_ surfaceless: SurfacelessContext) { self.init(surfaceless.gl, surfaceless) }

  func owned(_ step: String) throws(InteropError) -> SurfacelessContext {
    guard let surfaceless else {
      throw InteropError(
        .invalidState, step: step, reason: "the context is the application's",
        advice: "For contexts of glvk_context_create_surfaceless only")
    }
    return surfaceless
  }

  /// - Throws: ``InteropError/Code/wrongThread``; ``InteropError/Code/invalidState`` after the context's end.
  func checkCurrent(_ step: String) throws(InteropError) {
    // `enter` checks more in GL, which every call that uses GL does by itself. Here it only supplies the error.
    if !gl.isCurrent() { try gl.enter(step) }
  }

  /// - Parameter capacity: 0 takes nothing.
  /// - Returns: the oldest errors, and how many there were.
  func takeErrors(_ capacity: Int) -> (taken: [GLenum], count: Int) {
    errors.withLock { errors in
      errors += gl.takeApplicationErrors()
      let taken = Array(errors.prefix(capacity))
      let count = errors.count
      errors.removeFirst(taken.count)
      return (taken, count)
    }
  }
}

@c @implementation
public func glvk_context_current(
  _ options: UnsafePointer<glvk_context_options>!, _ out: UnsafeMutablePointer<glvk_context>!
) -> glvk_result {
  make(out) {
    guard let options = try SizedStruct.read(options, "options") else { return ContextObject(try GLContext.current()) }
    guard let getProcAddress = options.get_proc_address else {
      guard options.is_current == nil else {
        throw invalidArgument("check is_current", "is_current is given without get_proc_address")
      }
      return ContextObject(try GLContext.current())
    }
    let user = UserData(pointer: options.user_data)
    let resolver = FunctionResolver(source: "get_proc_address") { name in
      name.withCString { getProcAddress(user.pointer, $0) }
    }
    guard let isCurrent = options.is_current else { return ContextObject(try GLContext.current(resolver: resolver)) }
    return ContextObject(try GLContext(resolver: resolver) { isCurrent(user.pointer) != 0 })
  }
}

@c @implementation
public func glvk_context_create_surfaceless(
  _ options: UnsafePointer<glvk_surfaceless_options>!, _ out: UnsafeMutablePointer<glvk_context>!
) -> glvk_result {
  make(out) {
    guard let options = try SizedStruct.read(options, "options") else { return ContextObject(try SurfacelessContext()) }
    return ContextObject(
      try SurfacelessContext(platform: .init(c: options), api: options.gles != 0 ? .openGLES : .openGL))
  }
}

@c @implementation
public func glvk_context_make_current(_ context: glvk_context) -> glvk_result {
  report { try context.object().owned("make the context current").makeCurrent() }
}

@c @implementation
public func glvk_context_release_current(_ context: glvk_context) -> glvk_result {
  report {
    let context = try context.object()
    let owned = try context.owned("release the context")
    try context.checkCurrent("release the context")
    try owned.release()
  }
}

@c @implementation
public func glvk_context_get_info(
  _ context: glvk_context, _ out: UnsafeMutablePointer<glvk_context_info>!
) -> glvk_result {
  report {
    let gl = try context.object().gl
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_context_info()
    info.kind = gl.kind.number
    info.is_es = flag(gl.isES)
    info.major_version = UInt32(gl.version.major)
    info.minor_version = UInt32(gl.version.minor)
    info.maximum_texture_size = UInt32(clamping: gl.maximumTextureSize)
    copy(gl.vendor, into: &info.vendor)
    copy(gl.renderer, into: &info.renderer)
    copy(gl.versionString, into: &info.version)
    if let uuid = gl.identity.deviceUUIDs.first {
      info.has_device_uuid = 1
      copy(uuid.bytes, into: &info.device_uuid)
    }
    if let uuid = gl.identity.driverUUID {
      info.has_driver_uuid = 1
      copy(uuid.bytes, into: &info.driver_uuid)
    }
    info.has_memory_object_fd = flag(gl.hasMemoryObjectFD)
    info.has_semaphore_fd = flag(gl.hasSemaphoreFD)
    info.has_timeline_semaphore_fd = flag(gl.hasTimelineSemaphoreFD)
    SizedStruct.write(info, to: out)
  }
}

extension GLContext.Kind {
  fileprivate var number: glvk_context_kind {
    switch self {
    case .egl: glvk_context_kind(GLVK_CONTEXT_KIND_EGL)
    case .glx: glvk_context_kind(GLVK_CONTEXT_KIND_GLX)
    case .unknown: glvk_context_kind(GLVK_CONTEXT_KIND_UNKNOWN)
    }
  }
}

@c @implementation
public func glvk_context_is_current(_ context: glvk_context, _ out: UnsafeMutablePointer<UInt32>!) -> glvk_result {
  report {
    let context = try context.object()
    try required(out, "out").pointee = flag(context.gl.isCurrent())
  }
}

@c @implementation
public func glvk_context_default_framebuffer_size(
  _ context: glvk_context, _ width: UnsafeMutablePointer<UInt32>!, _ height: UnsafeMutablePointer<UInt32>!
) -> glvk_result {
  report {
    let context = try context.object()
    let (width, height) = (try required(width, "width"), try required(height, "height"))
    let step = "ask for the default framebuffer's size"
    try context.checkCurrent(step)
    guard let size = context.gl.defaultFramebufferSize() else {
      throw InteropError(.notAvailable, step: step, reason: "the context draws to no surface, or its size is unknown")
    }
    (width.pointee, height.pointee) = (UInt32(clamping: size.width), UInt32(clamping: size.height))
  }
}

@c @implementation
public func glvk_context_take_application_errors(
  _ context: glvk_context, _ errors: UnsafeMutablePointer<UInt32>!, _ capacity: Int, _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    let context = try context.object()
    let count = try required(count, "count")
    guard capacity != 0 else { return count.pointee = context.takeErrors(0).count }
    let errors = try required(errors, "errors")
    let taken = context.takeErrors(capacity < 0 ? .max : capacity).taken
    for (index, error) in taken.enumerated() { errors[index] = error }
    count.pointee = taken.count
  }
}

@c @implementation
public func glvk_context_get_proc_address(
  _ context: glvk_context, _ name: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> glvk_result {
  report {
    let context = try context.object()
    let out = try required(out, "out")
    guard let name else { throw invalidArgument("check name", "name is NULL") }
    let function = String(cString: name)
    do throws(InteropError) {
      // EGL answers on every thread, as it did in the first version. Whether an application's function does so is not
      // known.
      if let owned = context.surfaceless {
        out.pointee = try owned.egl.function(function, as: UnsafeMutableRawPointer.self)
      } else {
        out.pointee = try context.gl.function(function, as: UnsafeMutableRawPointer.self)
      }
    } catch let error where error.code == .driverMissing {
      out.pointee = nil
    }
  }
}

@c @implementation
public func glvk_context_will_be_destroyed(_ context: glvk_context) -> glvk_result {
  report {
    let context = try context.object()
    try context.checkCurrent("announce the context's end")
    context.gl.contextWillBeDestroyed()
  }
}

@c @implementation
public func glvk_context_destroy(_ context: glvk_context) -> glvk_result { report { try context.remove() } }
