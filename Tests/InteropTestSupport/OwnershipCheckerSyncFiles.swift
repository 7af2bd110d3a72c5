import CInteropGraphics

// Sync files: one signal each, made by a fence of GL's or taken out of a semaphore of Vulkan's, and imported on the
// other side, where a wait must follow.

extension OwnershipWalk {
  static let syncFD = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT.rawValue

  /// An EGLSync of type EGL_SYNC_NATIVE_FENCE_ANDROID.
  struct NativeFence {
    var signal: Signal
    /// Made of a sync file, not of what the context was told.
    var isImport: Bool
    var isWaitedFor = false
  }

  mutating func takeSyncFile(_ call: RecordedCall) {
    switch call.details {
    case .nativeFence(let sync, let descriptor) where sync != 0:
      descriptor < 0 ? makeFence(sync, call) : importFence(sync, descriptor, call)
    case .duplicateFence(let sync, let descriptor) where descriptor >= 0: exportFence(sync, descriptor, call)
    case .sync(let sync, _) where call.name == "eglWaitSyncKHR" && call.result == Int64(EGL_TRUE): waitInGL(sync, call)
    case .sync(let sync, _) where call.name == "eglDestroySyncKHR":
      if let fence = nativeFences.removeValue(forKey: sync), fence.isImport, !fence.isWaitedFor {
        report(call, "a sync file that GL imported goes, and GL has not waited for it")
      }
    case .exportSemaphore(let semaphore, let handleType, let descriptor)
    where call.result == 0 && handleType == Self.syncFD:
      exportSyncFile(of: semaphore, descriptor, call)
    case .importVulkanSemaphore(let semaphore, let handleType, let flags, let descriptor) where call.result == 0:
      if handleType == Self.syncFD { importSyncFile(into: semaphore, flags, descriptor, call) }
    default: break
    }
  }

  // MARK: GL's side

  private mutating func makeFence(_ sync: Handle, _ call: RecordedCall) {
    let clock = advance(.gl(context: call.context), to: call.index)
    nativeFences[sync] = NativeFence(signal: Signal(call: call, isFence: true, clock: clock), isImport: false)
  }

  private mutating func exportFence(_ sync: Handle, _ descriptor: Int32, _ call: RecordedCall) {
    guard let fence = nativeFences[sync] else { return report(call, "the fence was not made in the recording") }
    if !fence.signal.isFlushed {
      report(call, "a fence's descriptor is taken before a flush, and exists only then")
    }
    give(descriptor, fence.signal, call)
  }

  private mutating func importFence(_ sync: Handle, _ descriptor: Int32, _ call: RecordedCall) {
    guard let signal = take(descriptor, call) else { return }
    if signal.submitted == nil { report(call, "GL imports a fence of its own") }
    nativeFences[sync] = NativeFence(signal: signal, isImport: true)
  }

  private mutating func waitInGL(_ sync: Handle, _ call: RecordedCall) {
    guard let signal = nativeFences[sync]?.signal else { return }
    nativeFences[sync]?.isWaitedFor = true
    learn(signal.clock, on: .gl(context: call.context))
    guard let submitted = signal.submitted else { return }
    settle(releasesUpTo: submitted) { settled in
      if case .in(let contexts) = settled { settled = .in(contexts.union([call.context])) }
    }
  }

  // MARK: Vulkan's side

  private mutating func exportSyncFile(of handle: Handle, _ descriptor: Int32, _ call: RecordedCall) {
    guard let semaphore = vulkanSemaphores[handle] else { return }
    semaphores[semaphore].isInternal = false
    guard let signal = semaphores[semaphore].signal else {
      return report(
        call, semaphore: semaphore, "a sync file is taken out of it though no signal was submitted that is still in it")
    }
    // Copied and unsignalled (Vulkan 1.3, 7.4.5).
    semaphores[semaphore].signal = nil
    guard descriptor < 0 else { return give(descriptor, signal, call) }
    // -1: it is done.
    guard let submitted = signal.submitted else { return }
    settle(releasesUpTo: submitted) { $0 = .everywhere }
  }

  private mutating func importSyncFile(
    into handle: Handle, _ flags: UInt32, _ descriptor: Int32, _ call: RecordedCall
  ) {
    guard let semaphore = vulkanSemaphores[handle] else { return }
    semaphores[semaphore].isInternal = false
    if flags & VK_SEMAPHORE_IMPORT_TEMPORARY_BIT.rawValue == 0 {
      report(call, semaphore: semaphore, "a sync file is imported into it for good, and is good for one wait")
    }
    guard let signal = take(descriptor, call) else { return }
    self.signal(semaphore, signal)
  }

  // MARK: Files

  private mutating func give(_ descriptor: Int32, _ signal: Signal, _ call: RecordedCall) {
    if let earlier = syncFiles[descriptor] {
      report(call, "sync file \(descriptor) of \(place(earlier.call)) is gone, and it was not imported")
    }
    syncFiles[descriptor] = signal
  }

  private mutating func take(_ descriptor: Int32, _ call: RecordedCall) -> Signal? {
    let number = call.givenOutAs >= 0 ? call.givenOutAs : descriptor
    if let signal = syncFiles.removeValue(forKey: number) { return signal }
    report(call, "it imports sync file \(descriptor), which no call of the recording returned, or which was imported")
    return nil
  }

  /// What Vulkan released with that batch or before it on its queue.
  private mutating func settle(releasesUpTo submitted: Submitted, _ change: (inout Settled) -> Void) {
    for (handle, image) in images {
      guard let release = image.release, release.queue == submitted.queue, release.order <= submitted.order else {
        continue
      }
      var settled = image.settled
      change(&settled)
      images[handle]?.settled = settled
    }
  }
}
