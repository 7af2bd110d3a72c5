package import InteropDrivers

/// A signal that crosses as a fence of the kernel: EGL_ANDROID_native_fence_sync in GL, a semaphore with SYNC_FD in
/// Vulkan.
///
/// A sync file carries one signal. Each GL access makes one, which Vulkan's semaphore takes for one wait
/// (VK_SEMAPHORE_IMPORT_TEMPORARY_BIT). Each Vulkan access signals the semaphore; GL exports a sync file from it, which
/// resets it (Vulkan 1.3, 7.4.5 "Importing Semaphore Payloads", copy transference).
package final class SyncFileSignal: BinaryReleaseSignal, @unchecked Sendable {
  private let vulkan: VulkanObject
  private let host: VulkanHost
  private let egl: EGLBinding
  private let place = Mutex(Place.semaphore)
  package var vkSemaphore: VkSemaphore { vulkan.handle }
  /// A semaphore takes a sync file only when nothing waits for it any more
  /// (VUID-vkImportSemaphoreFdKHR-semaphore-01142).
  package var needsFence: Bool { true }

  /// Where the signal is that has been given and not been waited for.
  private enum Place {
    /// In Vulkan's semaphore, or there is none.
    case semaphore
    /// In a file, which this object owns.
    case file(Int32)
    /// The side that signalled says that it is done.
    case done
  }

  init(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    try Self.checkSupport(gl: context, host: host)
    guard let egl = context.egl else { preconditionFailure("checked above") }
    self.egl = egl
    self.host = host
    var chain = StructChain()
    var export = VkExportSemaphoreCreateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO
    export.handleTypes = UInt32(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT.rawValue)
    var create = VkSemaphoreCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(export))
    vulkan = try host.makeObject(.semaphore, "vkCreateSemaphore", "no semaphore that takes sync files") { out in
      host.vk.vkCreateSemaphore(host.device, &create, nil, out)
    }
  }

  deinit { move(to: .semaphore) }

  /// - Throws: ``InteropError/Code/unsupported`` naming what is missing.
  package static func checkSupport(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    var missing: [String] = []
    if let egl = context.egl {
      missing += ["EGL_KHR_wait_sync", "EGL_ANDROID_native_fence_sync"].filter { !egl.extensions.contains($0) }
      if missing.isEmpty, !egl.hasNativeFences { missing.append("eglDupNativeFenceFDANDROID") }
    } else {
      missing.append("a context of EGL's")
    }
    if !host.enabledDeviceExtensions.contains("VK_KHR_external_semaphore_fd") {
      missing.append("VK_KHR_external_semaphore_fd")
    } else if !host.canShareSyncFiles {
      missing.append("export and import of SYNC_FD semaphores")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "make a semaphore for sync files",
        reason: "\(context.renderer) and \(host.info.deviceName) share no sync files", missing: missing,
        advice: "Use \(SyncKind.cpuWait.rawValue)")
    }
  }

  package func prepareWaitInVulkan() throws(InteropError) {
    try place.withLock { (place) throws(InteropError) in
      switch place {
      // A second call, for a wait that was not submitted.
      case .semaphore: return
      case .file(let number): try host.importSyncFile(number, into: vulkan.handle)
      // -1 stands for a fence that is signalled (VkImportSemaphoreFdInfoKHR).
      case .done: try host.importSyncFile(-1, into: vulkan.handle)
      }
      place = .semaphore
    }
  }

  /// The corresponding C functions are `vkGetSemaphoreFdKHR`, `eglCreateSyncKHR` and `eglWaitSyncKHR`.
  package func waitInGL(
    _ image: ImageInGL, _ waitOnCPU: () throws(InteropError) -> Void
  ) throws(InteropError) {
    // Exported from the semaphore once; kept here if EGL refuses it.
    if let number = try takeOut() { try egl.waitOnGPU(for: number) }
    // EGL has closed it.
    place.withLock { $0 = .semaphore }
  }

  /// Moves the signal out of the semaphore.
  ///
  /// - Returns: the file that the signal is in from now on; nil if it is done.
  private func takeOut() throws(InteropError) -> Int32? {
    try place.withLock { (place) throws(InteropError) -> Int32? in
      if case .semaphore = place {
        let number = try host.exportSyncFile(of: vulkan.handle)
        place = number < 0 ? .done : .file(number)
      }
      if case .file(let number) = place { return number }
      return nil
    }
  }

  // MARK: Foreign access

  package func takeFile(_ step: String) throws(InteropError) -> SyncFile? {
    let number = try takeOut()
    place.withLock { $0 = .semaphore }
    return number.map { SyncFile(owning: FileDescriptorOwner(owning: $0)) }
  }

  package func put(_ syncFile: consuming SyncFile?) {
    if let syncFile { move(to: .file(syncFile.handOver())) } else { move(to: .done) }
  }

  /// The corresponding C functions are `eglCreateSyncKHR`, `glFlush` and `eglDupNativeFenceFDANDROID`: the descriptor
  /// is good only after a flush (EGL_ANDROID_native_fence_sync).
  package func signalInGL(_ image: ImageInGL) throws(InteropError) {
    // A semaphore's signal executes deferred clears, a fence need not.
    if image.glIsWriter { try image.completePendingWork() }
    let made = try egl.makeNativeFence { image.context.gl.glFlush() }
    move(to: .file(made.handOver()))
  }

  /// For tests: puts a fence that is still pending in the place of GL's signal.
  package func replaceFence(with syncFile: consuming SyncFile) throws(InteropError) {
    // Vulkan's signal has to be exported first: two signals without a wait between them are not allowed.
    _ = try takeOut()
    move(to: .file(syncFile.handOver()))
  }

  private func move(to next: Place) {
    let last = place.withLock { place in
      defer { place = next }
      return place
    }
    if case .file(let number) = last { _ = FileDescriptorOwner(owning: number) }
  }
}
