public import InteropDrivers

/// The EGL display that a GL context belongs to, through which DMA-BUFs and sync files are passed.
public struct EGLBinding: @unchecked Sendable {
  /// Functions of the libEGL that the display belongs to.
  public let functions: EGLFunctions
  /// The display. EGL keeps it until the process ends.
  public let display: EGLDisplay
  /// The display's extensions.
  public let extensions: Set<String>

  /// Describes a display that the application opened.
  ///
  /// - Parameters:
  ///   - functions: those of the library that the display belongs to.
  ///   - display: initialised, and not terminated while this is used.
  public init(_ functions: EGLFunctions, display: EGLDisplay) {
    self.functions = functions
    self.display = display
    let text = functions.eglQueryString(display, EGL_EXTENSIONS).map { String(cString: $0) } ?? ""
    extensions = Set(text.split(separator: " ").map(String.init))
  }

  // MARK: Native fences

  /// Whether EGL has EGL_ANDROID_native_fence_sync and EGL_KHR_wait_sync with all their functions.
  var hasNativeFences: Bool {
    extensions.contains("EGL_ANDROID_native_fence_sync") && extensions.contains("EGL_KHR_wait_sync")
      && functions.eglCreateSyncKHR != nil && functions.eglDestroySyncKHR != nil && functions.eglWaitSyncKHR != nil
      && functions.eglDupNativeFenceFDANDROID != nil
  }

  /// Makes the current context's GPU wait before later commands.
  ///
  /// - Parameter number: a sync file; EGL owns it after success, the caller still owns it after an error.
  package func waitOnGPU(for number: Int32) throws(InteropError) {
    guard let create = functions.eglCreateSyncKHR, let destroy = functions.eglDestroySyncKHR,
      let wait = functions.eglWaitSyncKHR
    else { throw missingNativeFences }
    // If the wait fails, EGL has closed the descriptor it was given; the caller keeps this one.
    let lent = try FileDescriptorOwner(duplicating: number)
    let sync = lent.withBorrowed {
      create(display, EGLenum(EGL_SYNC_NATIVE_FENCE_ANDROID), [EGL_SYNC_NATIVE_FENCE_FD_ANDROID, $0, EGL_NONE])
    }
    guard let sync else { throw functions.failure("eglCreateSyncKHR", "EGL takes no sync file") }
    _ = lent.handOver()
    defer { _ = destroy(display, sync) }
    guard wait(display, sync, 0) == EGL_TRUE else {
      throw functions.failure("eglWaitSyncKHR", "GL cannot wait for a sync file")
    }
    _ = FileDescriptorOwner(owning: number)
  }

  /// Makes a sync file that covers all commands given to the current context so far.
  ///
  /// - Parameter flush: runs between making the fence and asking for its descriptor, which exists only after a flush.
  package func makeNativeFence(_ flush: () -> Void) throws(InteropError) -> SyncFile {
    guard let create = functions.eglCreateSyncKHR, let destroy = functions.eglDestroySyncKHR,
      let duplicate = functions.eglDupNativeFenceFDANDROID
    else { throw missingNativeFences }
    guard let sync = create(display, EGLenum(EGL_SYNC_NATIVE_FENCE_ANDROID), [EGL_NONE]) else {
      throw functions.failure("eglCreateSyncKHR", "EGL makes no native fence")
    }
    defer { _ = destroy(display, sync) }
    flush()
    let number = duplicate(display, sync)
    guard number >= 0 else {
      throw functions.failure("eglDupNativeFenceFDANDROID", "EGL gives no descriptor of its fence")
    }
    return SyncFile(owning: FileDescriptorOwner(owning: number))
  }

  private var missingNativeFences: InteropError {
    InteropError(
      .unsupported, step: "eglCreateSyncKHR", reason: "this EGL has no native fences",
      missing: ["EGL_ANDROID_native_fence_sync", "EGL_KHR_wait_sync"])
  }
}

extension EGLFunctions {
  /// The size of the surface that the current context draws to; nil without one. The corresponding C function is
  /// `eglQuerySurface`.
  func drawnSurfaceSize(of display: EGLDisplay) -> PixelSize? {
    guard let surface = eglGetCurrentSurface(EGL_DRAW) else { return nil }
    var (width, height): (EGLint, EGLint) = (0, 0)
    guard eglQuerySurface(display, surface, EGL_WIDTH, &width) == EGL_TRUE,
      eglQuerySurface(display, surface, EGL_HEIGHT, &height) == EGL_TRUE
    else {
      _ = eglGetError()
      return nil
    }
    return PixelSize(width: Int(width), height: Int(height))
  }
}
