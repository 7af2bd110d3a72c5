/// How one API learns that the other has finished its access.
public enum SyncKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// `glFinish` and `vkWaitForFences`: works everywhere, stalls the calling thread.
  case cpuWait = "cpu-wait"
  /// A binary semaphore that both APIs share: GL_EXT_semaphore_fd with VK_KHR_external_semaphore_fd, OPAQUE_FD.
  case semaphoreFD = "semaphore-fd"
  /// A timeline semaphore that both APIs share: GL_NV_timeline_semaphore with VK_KHR_timeline_semaphore and
  /// VK_KHR_external_semaphore_fd, OPAQUE_FD. NVIDIA's drivers have it. Each access signals the next value.
  case timelineSemaphore = "timeline-semaphore"
  /// A kernel fence for each access: EGL_ANDROID_native_fence_sync with VK_KHR_external_semaphore_fd, SYNC_FD. GPUs
  /// wait for each other, across drivers and processes; each access opens and closes a file descriptor.
  case syncFile = "sync-file"
}
