internal import InteropDrivers

/// Makes fences of EGL_KHR_fence_sync where a context is current, and waits for and destroys them on any thread.
struct EGLFences: @unchecked Sendable {
  private let display: EGLDisplay
  private let egl: EGLFunctions
  private let createSync: PFNEGLCREATESYNCKHRPROC
  private let destroySync: PFNEGLDESTROYSYNCKHRPROC
  private let clientWaitSync: PFNEGLCLIENTWAITSYNCKHRPROC

  /// nil where the display lacks the extension, and on drivers whose fences signal too early.
  init?(_ egl: (EGLFunctions, EGLDisplay)?, _ context: GLContext) {
    // zink (seen with Mesa 22.3.6): an EGL fence made when nothing is queued, which is so whenever the driver flushed
    // by itself after the readback, counts as signalled while the GPU still works; 228 of 240 frames were stale.
    // Mapping and glFinish wait as they should.
    guard !context.isZink, let (egl, display) = egl,
      let text = egl.eglQueryString(display, EGL_EXTENSIONS),
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

/// The end of a readback: set on the GL thread behind the commands, waited for on any thread.
///
/// A timeline semaphore that both APIs have serves for every frame. Without one, each frame has an EGL fence of its
/// own: EGL's and GL's fences cannot be set again. Objects that can (a query, a marker written to a mapped buffer) are
/// either read with the context current only, or do not promise that the bytes before them are visible.
final class ReadbackFence: @unchecked Sendable {
  private let context: GLContext
  private let host: VulkanHost?
  private let timeline: SharedTimeline?
  private let fences: EGLFences?
  private let pending = Mutex(Pending())

  private struct Pending: @unchecked Sendable {
    var fence: EGLSyncKHR?
    /// The value of the timeline.
    var value: UInt64?
  }

  /// - Parameters:
  ///   - egl: nil where the context is not EGL's.
  ///   - host: nil where the CPU reads what GL wrote, mapped: that is promised behind a fence only (OpenGL 4.6, 6.3.1).
  init(_ egl: (EGLFunctions, EGLDisplay)?, _ context: GLContext, _ host: VulkanHost?) {
    self.context = context
    self.host = host
    timeline = host.flatMap { $0.vk.vkWaitSemaphores == nil ? nil : try? SharedTimeline(gl: context, host: $0) }
    fences = timeline == nil ? EGLFences(egl, context) : nil
  }

  deinit { pending.withLock { discard(&$0) } }

  /// Whether ``set()`` returns without waiting, and ``wait(timeout:)`` waits.
  var isAsynchronous: Bool { timeline != nil || fences != nil }

  /// Sets the fence behind the commands that GL has been given, on its thread. Without fences it waits for them.
  ///
  /// The corresponding C functions are `glSignalSemaphoreEXT`, or `eglCreateSyncKHR`, and `glFlush`; `glFinish` without
  /// either.
  ///
  /// - Parameter buffer: in memory of Vulkan's, which the commands wrote to; 0 for none.
  func set(_ buffer: GLuint = 0) throws(InteropError) {
    try pending.withLock { (pending) throws(InteropError) in
      discard(&pending)
      if let timeline {
        pending.value = try timeline.signalInGL(context, buffer: buffer)
        return
      }
      guard let fences else { return context.gl.glFinish() }
      pending.fence = try fences.make()
      context.gl.glFlush()
    }
  }

  func wait(timeout: Duration = .seconds(10)) throws(InteropError) {
    try pending.withLock { (pending) throws(InteropError) in
      if let timeline, let host, let value = pending.value {
        try timeline.waitOnCPU(for: value, host: host, timeout: timeout)
        pending.value = nil
      }
      guard let fence = pending.fence else { return }
      try fences?.wait(fence, timeout: timeout)
      discard(&pending)
    }
  }

  /// Discards the pending fence, since its readback is no longer needed.
  func clear() { pending.withLock { discard(&$0) } }

  private func discard(_ pending: inout Pending) {
    if let fence = pending.fence { fences?.destroy(fence) }
    pending.fence = nil
    pending.value = nil
  }
}
