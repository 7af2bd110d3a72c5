/// How one side knows that the other is done.
public enum SyncKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// `glFinish` and `vkWaitForFences`: works everywhere, stalls the thread that calls.
  case cpuWait = "cpu-wait"
  /// A binary semaphore that both APIs see: GL_EXT_semaphore_fd with VK_KHR_external_semaphore_fd, OPAQUE_FD.
  case semaphoreFD = "semaphore-fd"
  /// A timeline semaphore that both APIs see: GL_NV_timeline_semaphore with VK_KHR_timeline_semaphore and
  /// VK_KHR_external_semaphore_fd, OPAQUE_FD. NVIDIA's drivers have it. Each turn signals the next value.
  case timelineSemaphore = "timeline-semaphore"
  /// A fence of the kernel's for each turn: EGL_ANDROID_native_fence_sync with VK_KHR_external_semaphore_fd, SYNC_FD.
  /// GPUs wait for each other, and it works across drivers and processes; each turn opens and closes a file descriptor.
  case syncFile = "sync-file"
}
