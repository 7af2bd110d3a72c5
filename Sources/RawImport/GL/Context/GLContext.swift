public import InteropDrivers
import Glibc

/// A GL context as this package uses it: its functions, its features, and the device that it reports.
///
/// This object does not own the context. The owner keeps the context alive and current: every call that takes a
/// `GLContext` must be made on the thread where that context is current, and throws ``InteropError/Code/wrongThread``
/// elsewhere.
public final class GLContext: @unchecked Sendable {
  /// The driver functions that this package calls itself, which a caller may call too; ``function(_:as:)`` gets any
  /// other.
  public let gl: GLFunctions
  /// The source of the functions.
  package let resolver: FunctionResolver
  /// Whether this is OpenGL ES.
  public let isES: Bool
  /// (3, 2) for OpenGL ES 3.2.
  public let version: (major: Int, minor: Int)
  /// GL_VENDOR, as the driver reports it.
  public let vendor: String
  /// GL_RENDERER.
  public let renderer: String
  /// GL_VERSION.
  public let versionString: String
  /// GL_EXTENSIONS. A listed name proves nothing; only checked pixels do.
  public let extensions: Set<String>
  /// Device and driver UUIDs (GL_DEVICE_UUID_EXT, GL_DRIVER_UUID_EXT of EXT_external_objects), and the DRM node.
  public let identity: DeviceIdentity
  /// The features of this context that the package uses.
  package let features: GLFeatures
  /// Largest width and height of a texture, in pixels.
  public let maximumTextureSize: Int
  /// The largest texture, in the form that ``PixelSize/check(_:within:)`` takes.
  package var sizeLimit: (name: String, pixels: Int) { ("GL_MAX_TEXTURE_SIZE", maximumTextureSize) }

  /// The EGL display of the context; nil for a context that is not EGL's, or whose display was not given.
  public let egl: EGLBinding?

  /// The library in which an adopted context was found.
  let adopted: CurrentContext?
  /// The window system's library, which answers for framebuffer 0; nil for a context of neither EGL nor GLX.
  let windowSystem: CurrentContext?
  /// Identifies an adopted context, so that a later one at the same address is not mistaken for it.
  private let contextSentinel: ContextSentinel?
  private let garbage = Mutex<[(GLuint, GLObjectKind)]>([])
  private let currency: @Sendable () -> Bool
  private let isDestroyed = Atomic<Bool>(false)
  /// The thread whose call has entered (`pthread_self`); 0 for none.
  private let callingThread = Atomic<UInt>(0)
  /// A number from 1 on that no other context has: addresses are reused.
  private let number = made.add(1, ordering: .relaxed).newValue
  private static let made = Atomic<UInt64>(0)
  private let pending: Mutex<[GLenum]>
  /// Findings that features keep with this context.
  package let featureCache = FeatureCache()

  /// Describes the context that is current on this thread.
  ///
  /// - Parameters:
  ///   - resolver: the context's own `getProcAddress`; it must know core functions too.
  ///   - identity: the context's device, if the caller knows it better than GL's queries; nil asks GL.
  ///   - renderNode: the DRM node of the context's EGL device, if known.
  ///   - egl: the EGL display of the context. Without one there are no DMA-BUFs and no sync files.
  ///   - isCurrent: tells whether the context is current on the calling thread. nil: the package assumes that the
  ///     context is only ever current on the thread of this call.
  /// - Throws: ``InteropError/Code/unsupported`` for a context below OpenGL 3.0 or OpenGL ES 2.0;
  ///   ``InteropError/Code/driverMissing`` without a function that its version has.
  public convenience init(
    resolver: FunctionResolver, identity: DeviceIdentity? = nil, renderNode: DRMNode? = nil,
    egl: EGLBinding? = nil, isCurrent: (@Sendable () -> Bool)? = nil
  ) throws(InteropError) {
    try self.init(
      resolver: resolver, identity: identity, renderNode: renderNode, egl: egl, adopted: nil, isCurrent: isCurrent)
  }

  /// - Parameter adopted: the library of the context; it tells when the context is current.
  init(
    resolver: FunctionResolver, identity: DeviceIdentity?, renderNode: DRMNode?, egl: EGLBinding?,
    adopted: CurrentContext?, isCurrent: (@Sendable () -> Bool)? = nil
  ) throws(InteropError) {
    self.egl = egl
    self.adopted = adopted
    windowSystem = adopted ?? egl.flatMap { CurrentContext($0) } ?? CurrentContext.find()
    self.resolver = resolver
    var gl = try GLFunctions(resolver: resolver)
    let thread = pthread_self()
    currency = isCurrent ?? { adopted?.isCurrent ?? (pthread_equal(pthread_self(), thread) != 0) }

    let getString = gl.glGetString
    func string(_ name: Int32) -> String { getString(GLenum(name)).map { String(cString: $0) } ?? "" }
    vendor = string(GL_VENDOR)
    renderer = string(GL_RENDERER)
    versionString = string(GL_VERSION)
    guard !versionString.isEmpty else {
      throw InteropError(
        .wrongThread, step: "glGetString(GL_VERSION)", reason: "no GL context is current on this thread",
        advice: "Make the context current before describing it")
    }
    let isES = versionString.hasPrefix("OpenGL ES")
    let digits = versionString.split(whereSeparator: { $0 == " " }).first { $0.first?.isNumber == true } ?? "0.0"
    let parts = digits.split(separator: ".")
    let version = (Int(parts.first ?? "0") ?? 0, parts.count > 1 ? Int(parts[1].prefix { $0.isNumber }) ?? 0 : 0)
    guard version >= (isES ? (2, 0) : (3, 0)) else {
      throw InteropError(
        .unsupported, step: "glGetString(GL_VERSION)", reason: "the context is \(versionString)",
        missing: [isES ? "OpenGL ES 2.0" : "OpenGL 3.0"], advice: "Create a context of a later version")
    }
    // The queries below may raise errors; those already pending belong to the application.
    var errors: [GLenum] = []
    while errors.count < 8, case let error = gl.glGetError(), error != GL_NO_ERROR { errors.append(error) }
    if errors.contains(GLenum(GL_CONTEXT_LOST)) {
      throw InteropError(
        .driverFailure, step: "glGetError", reason: "the GL context is lost", driverCode: .gl(GLenum(GL_CONTEXT_LOST)),
        advice: "Destroy the context and make a new one")
    }
    pending = Mutex(errors)

    let extensions: Set<String>
    if version >= (3, 0) {
      var count: GLint = 0
      gl.glGetIntegerv(GLenum(GL_NUM_EXTENSIONS), &count)
      extensions = Set(
        (0..<GLuint(max(count, 0))).compactMap { index in
          gl.glGetStringi(GLenum(GL_EXTENSIONS), index).map { String(cString: $0) }
        })
    } else {
      extensions = Set(string(GL_EXTENSIONS).split(separator: " ").map(String.init))
    }
    if isES, version < (3, 2) {
      gl = try GLFunctions(resolver: resolver, extensions: extensions, isES2: version < (3, 0))
    }
    // Some features are found by trying; an application's debug callback is kept quiet meanwhile.
    let isHeard =
      (extensions.contains("GL_KHR_debug") || version >= (isES ? (3, 2) : (4, 3)))
      && gl.glIsEnabled(GLenum(GL_DEBUG_OUTPUT)) == GL_TRUE
    if isHeard { gl.glDisable(GLenum(GL_DEBUG_OUTPUT)) }
    defer { if isHeard { gl.glEnable(GLenum(GL_DEBUG_OUTPUT)) } }
    let features = GLFeatures(gl, isES: isES, version: version, extensions)
    for _ in 0..<8 where gl.glGetError() == GL_NO_ERROR { break }
    if let name = Self.functionThatMustNotMiss(gl, features) {
      throw InteropError(
        .driverMissing, step: "look up \(name)",
        reason: "\(resolver.source) does not have this function of \(versionString)",
        missing: [name], advice: "Update the driver, or give a resolver that knows core functions")
    }
    (self.isES, self.version, self.extensions, self.features, self.gl) = (isES, version, extensions, features, gl)
    // The trials above checked their own errors.
    if !gl.missing.isEmpty { GLFunctions.beginCalls(of: number) }
    var size: GLint = 0
    gl.glGetIntegerv(GLenum(GL_MAX_TEXTURE_SIZE), &size)
    maximumTextureSize = Int(size)
    var found = identity ?? Self.queryIdentity(gl, extensions)
    if found.renderNode == nil { found.renderNode = renderNode }
    self.identity = found
    contextSentinel = adopted == nil || !features.hasSamplers ? nil : ContextSentinel(gl)
  }

  deinit {
    if isCurrent() { contextSentinel?.delete(gl) }
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
  public func isCurrent() -> Bool { !isDestroyed.load(ordering: .acquiring) && (isInCall || currency()) }

  /// Tells the package that the application is destroying the context, and its names with it.
  ///
  /// EGL reuses addresses: without this call, a name released later would be deleted in another context at the same
  /// address.
  public func contextWillBeDestroyed() { isDestroyed.store(true, ordering: .releasing) }

  // MARK: Names

  /// Deletes `name` now if this thread has the context current, otherwise at the next call that has it.
  func delete(_ name: GLuint, _ kind: GLObjectKind) {
    if isCurrent() { kind.delete(name, gl) } else { garbage.withLock { $0.append((name, kind)) } }
  }

  /// Deletes the names that owners on other threads released.
  ///
  /// The package calls it itself. A program that stops using the package but keeps its context may call it once more on
  /// that context's thread.
  public func collectGarbage() {
    let names = garbage.withLock { names in
      defer { names.removeAll(keepingCapacity: true) }
      return names.isEmpty ? [] : names
    }
    for (name, kind) in names { kind.delete(name, gl) }
  }

  // MARK: The driver's extensions

  /// Whether the driver has GL_EXT_memory_object_fd with all its functions.
  public var hasMemoryObjectFD: Bool {
    features.makesMemoryObjects && extensions.contains("GL_EXT_memory_object_fd") && gl.glImportMemoryFdEXT != nil
      && gl.glTexStorageMem2DEXT != nil
      && gl.glCreateMemoryObjectsEXT != nil && gl.glMemoryObjectParameterivEXT != nil
      && gl.glDeleteMemoryObjectsEXT != nil
  }

  /// Whether the driver has GL_EXT_semaphore_fd with all its functions.
  public var hasSemaphoreFD: Bool {
    extensions.contains("GL_EXT_semaphore_fd") && gl.glImportSemaphoreFdEXT != nil && gl.glGenSemaphoresEXT != nil
      && gl.glWaitSemaphoreEXT != nil && gl.glSignalSemaphoreEXT != nil && gl.glDeleteSemaphoresEXT != nil
  }
  /// Whether the driver has GL_NV_timeline_semaphore and GL_EXT_semaphore_fd, with all their functions.
  public var hasTimelineSemaphoreFD: Bool {
    hasSemaphoreFD && extensions.contains("GL_NV_timeline_semaphore") && gl.glCreateSemaphoresNV != nil
      && gl.glSemaphoreParameterivNV != nil && gl.glSemaphoreParameterui64vEXT != nil
  }

  /// The function for buffers that stay mapped while GL uses them: GL 4.4, GL_ARB_buffer_storage or
  /// GL_EXT_buffer_storage.
  package var persistentBufferStorage: PFNGLBUFFERSTORAGEPROC? {
    if !isES, version >= (4, 4) || extensions.contains("GL_ARB_buffer_storage") { return gl.glBufferStorage }
    if isES, extensions.contains("GL_EXT_buffer_storage") { return gl.glBufferStorageEXT }
    return nil
  }

  /// Returns the first function of ES 3.0 or desktop GL 3.3 that this context must have and the driver lacks.
  private static func functionThatMustNotMiss(_ gl: GLFunctions, _ features: GLFeatures) -> String? {
    if features.isES2 { return nil }
    var needed = gl.missing
    if !features.hasSamplers { needed.remove("glBindSampler") }
    if !features.hasTextureStorage { needed.remove("glTexStorage2D") }
    return needed.min()
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

  /// Returns the GL errors that were pending when the package was called, and empties the list.
  ///
  /// `glGetError` clears them, so the package keeps them here for the application.
  public func takeApplicationErrors() -> [GLenum] {
    pending.withLock { errors in
      defer { errors.removeAll() }
      return errors
    }
  }

  /// Begins every public entry point: checks the thread, puts the application's errors aside, deletes garbage. Does
  /// nothing in a call that has entered already, see ``beginCall(_:)``.
  package func enter(_ step: String) throws(InteropError) {
    try checkIsCurrent(step)
    if isInCall { return }
    if let contextSentinel, !contextSentinel.isThere(gl) {
      contextWillBeDestroyed()
      throw Self.gone(step)
    }
    if !gl.missing.isEmpty { GLFunctions.beginCalls(of: number) }
    collectGarbage()
    // A driver that keeps reporting errors must not cause an endless loop.
    for _ in 0..<32 {
      guard let error = takeError() else { return }
      if error == GLenum(GL_CONTEXT_LOST) { throw lost(step) }
      pending.withLock { if $0.count < 64 { $0.append(error) } }
    }
  }

  /// Enters for a call that makes further calls: until ``endCall()``, ``enter(_:)`` and ``isCurrent()`` on this thread
  /// ask no driver.
  ///
  /// While the application's code runs, the call is not inside (``callingOut(_:_:)``): it may make another context
  /// current.
  ///
  /// - Returns: whether this is the outermost call, which ends it.
  package func beginCall(_ step: String) throws(InteropError) -> Bool {
    try enter(step)
    if isInCall { return false }
    callingThread.store(UInt(pthread_self()), ordering: .relaxed)
    return true
  }

  /// Ends what ``beginCall(_:)`` began. Later calls check anew.
  package func endCall() { callingThread.store(0, ordering: .relaxed) }

  /// Runs the application's code within a call, and enters again after it.
  package func callingOut<Result>(_ step: String, _ body: () throws -> Result) throws -> Result {
    endCall()
    let result = try body()
    try enter(step)
    callingThread.store(UInt(pthread_self()), ordering: .relaxed)
    return result
  }

  /// Whether this thread is in a call that has entered. Another thread finds its own name at no time.
  private var isInCall: Bool { callingThread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Does the first part of ``enter(_:)``, without a GL call.
  func checkIsCurrent(_ step: String) throws(InteropError) {
    if isCurrent() { return }
    if isDestroyed.load(ordering: .acquiring) { throw Self.gone(step) }
    throw InteropError(
      .wrongThread, step: step, reason: "the GL context is not current on this thread",
      advice: "Call it on the thread that has the context current, or make it current first")
  }

  private static func gone(_ step: String) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: "the GL context was destroyed",
      advice: "Describe the new context while it is current, and make what belongs to it anew")
  }

  /// Makes the error for a robust context that was reset. The context stays lost: each call reports it anew.
  private func lost(_ step: String) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "the GL context is lost: \(renderer) was reset",
      driverCode: .gl(GLenum(GL_CONTEXT_LOST)), advice: "Destroy the context, and make a new one and new images")
  }

  /// Takes the oldest pending error, nil if there is none. The corresponding C function is `glGetError`.
  package func takeError() -> GLenum? {
    let error = gl.glGetError()
    return error == GL_NO_ERROR ? nil : error
  }

  /// Throws the error that the preceding calls raised, if there is one.
  package func check(_ step: String, _ reason: @autoclosure () -> String, advice: String? = nil)
    throws(InteropError)
  {
    guard let error = takeError() else {
      guard !gl.missing.isEmpty, let name = GLFunctions.takeMissingCall(), gl.missing.contains(name)
      else { return }
      throw InteropError(
        .driverMissing, step: step, reason: "\(renderer) does not have \(name)", missing: [name],
        advice: "Create a context of a later version")
    }
    if error == GLenum(GL_CONTEXT_LOST) { throw lost(step) }
    // There are only a handful of error flags.
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
        .driverFailure, step: step, reason: reason(),
        driverCode: status == 0 ? .gl(takeError() ?? 0) : .framebufferStatus(status))
    }
  }

  /// Returns the value of a single integer state. The corresponding C function is `glGetIntegerv`.
  package func integer(_ name: Int32) -> GLint {
    var value: GLint = 0
    gl.glGetIntegerv(GLenum(name), &value)
    return value
  }
}
