internal import Drivers
import Synchronization

/// One frame's readback into a pixel buffer: started on the GL thread without waiting, finished on any thread.
final class PixelReadback: @unchecked Sendable {
  /// Bytes of a frame, rows tightly packed.
  let byteCount: Int

  private let size: PixelSize
  private let format: PixelFormat
  private let context: GLContext
  private let buffer: GLObject
  private let fences: EGLFences?
  /// Under a lock: the consumer's thread reads the pixels, the GL thread may detach them meanwhile.
  private let storage: Mutex<Storage>

  private struct Storage: @unchecked Sendable {
    /// Where the pixels are for the CPU: the buffer, mapped for good, or memory of our own they are copied to.
    var pixels: UnsafeMutableRawPointer
    var isMapped: Bool
    /// Behind the readback that is under way.
    var fence: EGLSyncKHR?
  }

  init(
    size: PixelSize, format: PixelFormat, gl context: GLContext, egl: (EGLFunctions, EGLDisplay)?
  ) throws(InteropError) {
    self.size = size
    self.format = format
    self.context = context
    byteCount = size.width * size.height * format.bytesPerPixel
    buffer = try context.makeObject(.buffer)
    // zink (seen with Mesa 22.3.6): an EGL fence made when nothing is queued, which is so whenever the driver flushed by
    // itself after the readback, counts as signalled while the GPU still works; 228 of 240 frames were stale. Mapping
    // waits as it should.
    let fencesTellTheTruth = !context.renderer.hasPrefix("zink")
    fences = fencesTellTheTruth ? egl.flatMap { EGLFences($0.0, $0.1) } : nil
    let gl = context.gl
    let target = GLenum(GL_PIXEL_PACK_BUFFER)
    let saved = GLuint(context.integer(GL_PIXEL_PACK_BUFFER_BINDING))
    defer { gl.glBindBuffer(target, saved) }
    gl.glBindBuffer(target, buffer.name)
    if fences != nil, let setStorage = context.persistentBufferStorage {
      let flags = GLbitfield(GL_MAP_READ_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT)
      setStorage(target, byteCount, nil, flags)
      try context.check("glBufferStorage", "no pixel buffer of \(byteCount) bytes")
      storage = Mutex(Storage(pixels: try Self.map(target, byteCount, flags, context), isMapped: true))
    } else {
      gl.glBufferData(target, byteCount, nil, GLenum(GL_STREAM_READ))
      try context.check("glBufferData", "no pixel buffer of \(byteCount) bytes")
      storage = Mutex(Storage(pixels: .allocate(byteCount: byteCount, alignment: 16), isMapped: false))
    }
  }

  deinit {
    storage.withLock { storage in
      discardFence(&storage)
      if !storage.isMapped { storage.pixels.deallocate() }
    }
  }

  private static func map(
    _ target: GLenum, _ count: Int, _ flags: GLbitfield, _ context: GLContext
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    if let address = context.gl.glMapBufferRange(target, 0, count, flags) { return address }
    throw InteropError(
      .driverFailure, step: "glMapBufferRange", reason: "the pixel buffer cannot be mapped",
      driverCode: .gl(context.takeError() ?? 0))
  }

  /// Reads `framebuffer` back, on the GL thread, after what was drawn into it. The corresponding C function is
  /// `glReadPixels` with a buffer bound to `GL_PIXEL_PACK_BUFFER`.
  func start(from framebuffer: GLuint) throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in try start(from: framebuffer, &storage) }
  }

  private func start(from framebuffer: GLuint, _ storage: inout Storage) throws(InteropError) {
    discardFence(&storage)
    let gl = context.gl
    try context.reading(framebuffer, into: buffer.name) { () throws(InteropError) in
      gl.glReadBuffer(GLenum(GL_COLOR_ATTACHMENT0))
      gl.glReadPixels(
        0, 0, GLsizei(size.width), GLsizei(size.height), format.glTransferFormat, format.glTransferType, nil)
      try context.check("glReadPixels", "GL cannot read \(format) back")
      if storage.isMapped, let fences {
        storage.fence = try fences.make()
        gl.glFlush()
      } else {
        // Nobody could wait for it later without this context.
        let target = GLenum(GL_PIXEL_PACK_BUFFER)
        let source = try Self.map(target, byteCount, GLbitfield(GL_MAP_READ_BIT), context)
        storage.pixels.copyMemory(from: source, byteCount: byteCount)
        guard gl.glUnmapBuffer(target) == GL_TRUE else {
          throw InteropError(
            .driverFailure, step: "glUnmapBuffer", reason: "the readback was lost while it was mapped",
            driverCode: context.takeError().map { .gl($0) })
        }
      }
    }
  }

  /// Lends the pixels once they are there, at most `timeout` from now. Any thread.
  func withPixels(timeout: Duration = .seconds(10), _ body: (UnsafeRawBufferPointer) -> Void) throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in
      try wait(&storage, timeout)
      body(UnsafeRawBufferPointer(start: storage.pixels, count: byteCount))
    }
  }

  /// Takes the pixels out of GL's buffer, for a frame that outlives the context. On the GL thread.
  func detach() throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in
      try wait(&storage, .seconds(10))
      guard storage.isMapped else { return }
      let copy = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
      copy.copyMemory(from: storage.pixels, byteCount: byteCount)
      storage.pixels = copy
      storage.isMapped = false
    }
  }

  private func wait(_ storage: inout Storage, _ timeout: Duration) throws(InteropError) {
    guard let fence = storage.fence else { return }
    try fences?.wait(fence, timeout: timeout)
    discardFence(&storage)
  }

  private func discardFence(_ storage: inout Storage) {
    if let fence = storage.fence { fences?.destroy(fence) }
    storage.fence = nil
  }
}

/// Fences of EGL_KHR_fence_sync: made where a context is current, waited for and destroyed on any thread.
private struct EGLFences: @unchecked Sendable {
  private let display: EGLDisplay
  private let egl: EGLFunctions
  private let createSync: PFNEGLCREATESYNCKHRPROC
  private let destroySync: PFNEGLDESTROYSYNCKHRPROC
  private let clientWaitSync: PFNEGLCLIENTWAITSYNCKHRPROC

  /// nil where the display lacks the extension.
  init?(_ egl: EGLFunctions, _ display: EGLDisplay) {
    guard let text = egl.eglQueryString(display, EGL_EXTENSIONS),
      String(cString: text).split(separator: " ").contains("EGL_KHR_fence_sync"),
      let create = egl.eglCreateSyncKHR, let destroy = egl.eglDestroySyncKHR, let wait = egl.eglClientWaitSyncKHR
    else { return nil }
    self.display = display
    self.egl = egl
    createSync = create
    destroySync = destroy
    clientWaitSync = wait
  }

  func make() throws(InteropError) -> EGLSyncKHR {
    guard let fence = createSync(display, EGLenum(EGL_SYNC_FENCE_KHR), nil) else {
      throw egl.failure("eglCreateSyncKHR", "no fence behind the readback")
    }
    return fence
  }

  func wait(_ fence: EGLSyncKHR, timeout: Duration) throws(InteropError) {
    let result = clientWaitSync(display, fence, 0, EGLTimeKHR(timeout.nanoseconds))
    if result == EGL_CONDITION_SATISFIED_KHR { return }
    if result == EGL_TIMEOUT_EXPIRED_KHR {
      throw InteropError(
        .timeout, step: "eglClientWaitSyncKHR", reason: "GL did not finish the readback within \(timeout)")
    }
    throw egl.failure("eglClientWaitSyncKHR", "the readback cannot be waited for")
  }

  func destroy(_ fence: EGLSyncKHR) { _ = destroySync(display, fence) }
}
