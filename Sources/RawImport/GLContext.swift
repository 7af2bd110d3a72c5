public import Drivers
import Glibc
import Synchronization

/// A GL context as this package uses it: its functions, what it supports, and which device it says it runs on.
///
/// It does not own the context. Whoever made the context keeps it alive and current: every call that takes a
/// `GLContext` must be made on the thread where that context is current, and throws
/// ``InteropError/Code/wrongThread`` elsewhere.
public final class GLContext: @unchecked Sendable {
  /// The driver's functions, for the caller's use too.
  public let gl: GLFunctions
  /// Whether this is OpenGL ES.
  public let isES: Bool
  /// (3, 2) for OpenGL ES 3.2.
  public let version: (major: Int, minor: Int)
  /// GL_VENDOR, GL_RENDERER and GL_VERSION as the driver has them.
  public let vendor: String
  public let renderer: String
  public let versionString: String
  public let extensions: Set<String>
  /// Device and driver UUIDs (GL_DEVICE_UUID_EXT, GL_DRIVER_UUID_EXT of EXT_external_objects), and the DRM node.
  public let identity: DeviceIdentity
  /// Largest width and height of a texture, in pixels.
  public let maximumTextureSize: Int

  /// The EGL it belongs to; nil for a context that is not EGL's, or of which nobody said so.
  public let egl: EGLBinding?

  /// Where a context that somebody else made was found.
  let adopted: CurrentContext?
  /// An object of the context's. Window systems give the address of a destroyed context to the next one, which does not
  /// know this.
  private let lifeMarker: GLsync?
  let garbage = Mutex<[(GLuint, GLObjectKind)]>([])
  private let currency: @Sendable () -> Bool
  private let isDestroyed = Atomic<Bool>(false)
  private let pending: Mutex<[GLenum]>
  /// What the pixel test of ``TrueBGRA`` found.
  let trueBGRA = Mutex<[TrueBGRAKey: Result<Void, InteropError>]>([:])
  /// What the pixel test of ``ExternalYUV`` found.
  let externalYUV = Mutex<[ExternalYUVKey: Result<Void, InteropError>]>([:])

  /// Describes the context that is current on this thread.
  ///
  /// - Parameters:
  ///   - resolver: the context's own `getProcAddress`; it must know core functions too.
  ///   - identity: what the context runs on, if the caller knows better than GL's queries; nil asks GL.
  ///   - renderNode: the DRM node the context's EGL device names, if known.
  ///   - egl: the EGL it belongs to. Without one there are no DMA-BUFs and no sync files.
  ///   - isCurrent: tells whether the context is current on the calling thread. nil: the thread of this call is taken
  ///     as the only one that ever has it.
  /// - Throws: ``InteropError/Code/unsupported`` for a context below OpenGL 3.0 or OpenGL ES 3.0;
  ///   ``InteropError/Code/driverMissing`` without a function of OpenGL 3.3 with ARB_texture_storage, or of ES 3.0.
  public convenience init(
    resolver: FunctionResolver, identity: DeviceIdentity? = nil, renderNode: DRMNode? = nil,
    egl: EGLBinding? = nil, isCurrent: (@Sendable () -> Bool)? = nil
  ) throws(InteropError) {
    try self.init(
      resolver: resolver, identity: identity, renderNode: renderNode, egl: egl, adopted: nil, isCurrent: isCurrent)
  }

  /// - Parameter adopted: where the context was found; it tells when the context is current.
  init(
    resolver: FunctionResolver, identity: DeviceIdentity?, renderNode: DRMNode?, egl: EGLBinding?,
    adopted: CurrentContext?, isCurrent: (@Sendable () -> Bool)? = nil
  ) throws(InteropError) {
    self.egl = egl
    self.adopted = adopted
    let gl = try GLFunctions(resolver: resolver)
    self.gl = gl
    let thread = pthread_self()
    currency = isCurrent ?? { adopted?.isCurrent ?? (pthread_equal(pthread_self(), thread) != 0) }

    func string(_ name: Int32) -> String { gl.glGetString(GLenum(name)).map { String(cString: $0) } ?? "" }
    vendor = string(GL_VENDOR)
    renderer = string(GL_RENDERER)
    versionString = string(GL_VERSION)
    guard !versionString.isEmpty else {
      throw InteropError(
        .wrongThread, step: "glGetString(GL_VERSION)", reason: "no GL context is current on this thread",
        advice: "Make the context current before describing it")
    }
    isES = versionString.hasPrefix("OpenGL ES")
    let digits = versionString.split(whereSeparator: { $0 == " " }).first { $0.first?.isNumber == true } ?? "0.0"
    let parts = digits.split(separator: ".")
    version = (Int(parts.first ?? "0") ?? 0, parts.count > 1 ? Int(parts[1].prefix { $0.isNumber }) ?? 0 : 0)
    guard version.major >= 3 else {
      throw InteropError(
        .unsupported, step: "glGetString(GL_VERSION)", reason: "the context is \(versionString)",
        missing: [isES ? "OpenGL ES 3.0" : "OpenGL 3.0"], advice: "Create a context of a later version")
    }

    var count: GLint = 0
    gl.glGetIntegerv(GLenum(GL_NUM_EXTENSIONS), &count)
    extensions = Set(
      (0..<GLuint(max(count, 0))).compactMap { index in
        gl.glGetStringi(GLenum(GL_EXTENSIONS), index).map { String(cString: $0) }
      })
    var size: GLint = 0
    gl.glGetIntegerv(GLenum(GL_MAX_TEXTURE_SIZE), &size)
    maximumTextureSize = Int(size)
    // The queries below may raise errors; those already pending are the application's.
    var errors: [GLenum] = []
    while errors.count < 8, case let error = gl.glGetError(), error != GL_NO_ERROR { errors.append(error) }
    pending = Mutex(errors)
    var found = identity ?? Self.queryIdentity(gl, extensions)
    if found.renderNode == nil { found.renderNode = renderNode }
    self.identity = found
    if adopted != nil, isES ? version >= (3, 0) : version >= (3, 2) || extensions.contains("GL_ARB_sync") {
      lifeMarker = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
    } else {
      lifeMarker = nil
    }
  }

  deinit {
    if let lifeMarker, isCurrent() { gl.glDeleteSync(lifeMarker) }
  }

  /// Describes the EGL context that is current on this thread.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if there is none.
  public convenience init(
    currentOf egl: EGLFunctions, identity: DeviceIdentity? = nil, renderNode: DRMNode? = nil
  ) throws(InteropError) {
    nonisolated(unsafe) let context = egl.eglGetCurrentContext()
    guard context != nil else {
      throw InteropError(
        .wrongThread, step: "eglGetCurrentContext", reason: "no EGL context is current on this thread",
        advice: "Call eglMakeCurrent first")
    }
    let binding = egl.eglGetCurrentDisplay().map { EGLBinding(egl, display: $0) }
    try self.init(resolver: egl.glResolver, identity: identity, renderNode: renderNode, egl: binding) {
      egl.eglGetCurrentContext() == context
    }
  }

  /// Whether the context is current on the calling thread.
  public func isCurrent() -> Bool { !isDestroyed.load(ordering: .acquiring) && currency() }

  /// The context is being destroyed, and its names with it. EGL gives addresses out again: without this, a name that is
  /// given up later would be deleted in another context of the same address.
  public func contextWillBeDestroyed() { isDestroyed.store(true, ordering: .releasing) }

  // MARK: What the driver offers

  /// GL_EXT_memory_object_fd with all its functions.
  public var hasMemoryObjectFD: Bool {
    extensions.contains("GL_EXT_memory_object_fd") && gl.glImportMemoryFdEXT != nil && gl.glTexStorageMem2DEXT != nil
      && gl.glCreateMemoryObjectsEXT != nil && gl.glMemoryObjectParameterivEXT != nil
      && gl.glDeleteMemoryObjectsEXT != nil
  }

  /// GL_EXT_semaphore_fd with all its functions.
  public var hasSemaphoreFD: Bool {
    extensions.contains("GL_EXT_semaphore_fd") && gl.glImportSemaphoreFdEXT != nil && gl.glGenSemaphoresEXT != nil
      && gl.glWaitSemaphoreEXT != nil && gl.glSignalSemaphoreEXT != nil && gl.glDeleteSemaphoresEXT != nil
  }
  /// GL_NV_timeline_semaphore beside GL_EXT_semaphore_fd, with all their functions.
  public var hasTimelineSemaphoreFD: Bool {
    hasSemaphoreFD && extensions.contains("GL_NV_timeline_semaphore") && gl.glCreateSemaphoresNV != nil
      && gl.glSemaphoreParameterivNV != nil && gl.glSemaphoreParameterui64vEXT != nil
  }

  /// Buffers that stay mapped while GL uses them: GL 4.4, GL_ARB_buffer_storage or GL_EXT_buffer_storage.
  package var persistentBufferStorage: PFNGLBUFFERSTORAGEPROC? {
    if !isES, version >= (4, 4) || extensions.contains("GL_ARB_buffer_storage") { return gl.glBufferStorage }
    if isES, extensions.contains("GL_EXT_buffer_storage") { return gl.glBufferStorageEXT }
    return nil
  }

  private static func queryIdentity(_ gl: GLFunctions, _ extensions: Set<String>) -> DeviceIdentity {
    guard extensions.contains("GL_EXT_memory_object") || extensions.contains("GL_EXT_semaphore"),
      let getBytes = gl.glGetUnsignedBytevEXT, let getIndexedBytes = gl.glGetUnsignedBytei_vEXT
    else { return DeviceIdentity() }
    var count: GLint = 0
    gl.glGetIntegerv(GLenum(GL_NUM_DEVICE_UUIDS_EXT), &count)
    func uuid(_ query: (UnsafeMutablePointer<GLubyte>?) -> Void) -> DriverUUID? {
      var bytes = [UInt8](repeating: 0, count: 16)
      query(&bytes)
      // ANGLE lists the extension and answers GL_INVALID_ENUM: no bytes, no UUID.
      return gl.glGetError() == GL_NO_ERROR && bytes.contains { $0 != 0 } ? DriverUUID(bytes) : nil
    }
    return DeviceIdentity(
      deviceUUIDs: (0..<GLuint(max(count, 0))).compactMap { index in
        uuid { getIndexedBytes(GLenum(GL_DEVICE_UUID_EXT), index, $0) }
      },
      driverUUID: uuid { getBytes(GLenum(GL_DRIVER_UUID_EXT), $0) })
  }

  // MARK: Errors

  /// GL errors that were pending when the package was called. `glGetError` clears them, so they are kept here for the
  /// application they belong to; taking them empties the list.
  public func takeApplicationErrors() -> [GLenum] {
    pending.withLock { errors in
      defer { errors.removeAll() }
      return errors
    }
  }

  /// What every public entry point does first: the right thread, the application's errors put aside, garbage deleted.
  package func enter(_ step: String) throws(InteropError) {
    guard isCurrent() else {
      if isDestroyed.load(ordering: .acquiring) { throw Self.gone(step) }
      throw InteropError(
        .wrongThread, step: step, reason: "the GL context is not current on this thread",
        advice: "Call it on the thread that has the context current, or make it current first")
    }
    if let lifeMarker, gl.glIsSync(lifeMarker) != GL_TRUE {
      contextWillBeDestroyed()
      throw Self.gone(step)
    }
    collectGarbage()
    while let error = takeError() {
      pending.withLock { $0.append(error) }
      if error == GLenum(GL_CONTEXT_LOST) { break }
    }
  }

  private static func gone(_ step: String) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: "the GL context was destroyed",
      advice: "Describe the new context (GLContext.current()) and make what belongs to it anew")
  }

  /// The oldest pending error, nil if there is none. The corresponding C function is `glGetError`.
  package func takeError() -> GLenum? {
    let error = gl.glGetError()
    return error == GL_NO_ERROR ? nil : error
  }

  /// Throws the pending error of the calls just made, if there is one.
  package func check(_ step: String, _ reason: @autoclosure () -> String, advice: String? = nil)
    throws(InteropError)
  {
    guard let error = takeError() else { return }
    // A lost context reports GL_CONTEXT_LOST for ever; other flags are at most a handful.
    for _ in 0..<8 where takeError() == nil { break }
    throw InteropError(.driverFailure, step: step, reason: reason(), driverCode: .gl(error), advice: advice)
  }

  /// Throws unless the framebuffer bound to `target` is complete.
  package func checkFramebuffer(_ target: Int32, _ step: String, _ reason: @autoclosure () -> String)
    throws(InteropError)
  {
    let status = gl.glCheckFramebufferStatus(GLenum(target))
    guard status == GLenum(GL_FRAMEBUFFER_COMPLETE) else {
      throw InteropError(
        .driverFailure, step: step, reason: reason(), driverCode: status == 0 ? .gl(takeError() ?? 0) : .framebufferStatus(status))
    }
  }

  /// The value of a single integer state. The corresponding C function is `glGetIntegerv`.
  package func integer(_ name: Int32) -> GLint {
    var value: GLint = 0
    gl.glGetIntegerv(GLenum(name), &value)
    return value
  }
}
