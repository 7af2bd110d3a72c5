internal import InteropDrivers

/// The signal of sync `cpu-wait`: GL finishes before it gives the image away, and waits on the CPU for the fence of
/// Vulkan's submission before it takes it back. Nothing stays pending.
final class CPUWaitSignal: ReleaseSignal {
  var waitInVulkan: SemaphorePoint? { nil }
  var signalInVulkan: SemaphorePoint? { nil }
  func didSignalInVulkan() {}
  func prepareWaitInVulkan() {}
  var mayGoUnwaited: Bool { true }
  var needsFence: Bool { true }

  /// The corresponding C function is `vkWaitForFences`.
  func waitInGL(_ image: ImageInGL, _ waitOnCPU: () throws(InteropError) -> Void) throws(InteropError) {
    try waitOnCPU()
  }

  /// The corresponding C function is `glFinish`.
  func signalInGL(_ image: ImageInGL) throws(InteropError) { try image.finish() }

  /// GL has finished, so there is nothing to wait for.
  func takeFile(_ step: String) -> SyncFile? { nil }

  /// Waits here: nothing else tells GL.
  func put(_ syncFile: consuming SyncFile?) throws(InteropError) {
    if let syncFile { try syncFile.wait() }
  }
}
