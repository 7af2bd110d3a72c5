public import InteropBase
internal import CInteropKernel
import Glibc

// Implicit synchronisation: the fences that the kernel keeps with a buffer (its reservation, dma_resv). Drivers that
// synchronise implicitly put theirs there and wait for what is there; Vulkan, and GL with explicit fences, does
// neither. These calls bring the two together.

extension DMABuf {
  /// What an access has to wait for, as a fence: of `.read` what writers do, of the others what anybody does. A copy of
  /// the moment: what comes later is not in it.
  ///
  /// Of an image in several buffers it is one fence for all of them.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` on kernels before Linux 6.0, found by trying;
  ///   ``InteropError/Code/driverFailure``, also if work on it has failed.
  ///
  /// The corresponding C call is `ioctl(DMA_BUF_IOCTL_EXPORT_SYNC_FILE)`.
  public func exportSyncFile(for access: DMABufAccess) throws(InteropError) -> SyncFile {
    let fences = try withDescriptors { descriptors throws(InteropError) in
      var fence = try Self.exportSyncFile(descriptors[0], access)
      for descriptor in descriptors.dropFirst() {
        let next = try Self.exportSyncFile(descriptor, access)
        fence = try fence.merged(with: next)
      }
      return fence.handOver()
    }
    return SyncFile(owning: FileDescriptorOwner(owning: fences))
  }

  /// Has others wait for work of ours: after `.read` only those who write, after the others everybody.
  ///
  /// - Parameters:
  ///   - fence: stays the caller's.
  ///   - access: what the work does with the buffer.
  /// - Throws: ``InteropError/Code/unsupported`` on kernels before Linux 6.0, found by trying;
  ///   ``InteropError/Code/driverFailure``: of an image in several buffers, the first ones may have it then.
  ///
  /// The corresponding C call is `ioctl(DMA_BUF_IOCTL_IMPORT_SYNC_FILE)`.
  public func importSyncFile(_ fence: borrowing SyncFile, for access: DMABufAccess) throws(InteropError) {
    let file = fence.withBorrowed { $0 }
    try withDescriptors { descriptors throws(InteropError) in
      for descriptor in descriptors {
        let result = kernel_dma_buf_import_sync_file(descriptor, access.writes, file)
        guard result == 0 else {
          throw Self.syncFailure("DMA_BUF_IOCTL_IMPORT_SYNC_FILE", "the buffer takes no fence", result)
        }
      }
    }
  }

  /// Waits on the CPU for what an access has to wait for. All kernels have it.
  ///
  /// - Parameters:
  ///   - access: what will be done then.
  ///   - timeout: wait at most this long; zero just looks.
  /// - Throws: ``InteropError/Code/timeout`` after that; ``InteropError/Code/driverFailure``. Failed work counts as
  ///   done here.
  ///
  /// The corresponding C function is `poll`, for POLLIN to read and for POLLOUT to write.
  public func wait(for access: DMABufAccess, timeout: Duration = .seconds(10)) throws(InteropError) {
    try withDescriptors { descriptors throws(InteropError) in
      let deadline = ContinuousClock.now + timeout
      for descriptor in descriptors {
        try Self.wait(descriptor, for: access, timeout: deadline - ContinuousClock.now, of: timeout)
      }
    }
  }

  /// - Parameter whole: what the caller was promised, for the error.
  static func wait(
    _ descriptor: Int32, for access: DMABufAccess, timeout: Duration, of whole: Duration
  ) throws(InteropError) {
    let result = kernel_wait(descriptor, access.writes, Int64(clamping: timeout.nanoseconds))
    guard result >= 0 else {
      throw InteropError(
        .driverFailure, step: "poll", reason: "the buffer cannot be waited for", driverCode: .posix(-result))
    }
    guard result == 1 else {
      throw InteropError(
        .timeout, step: "poll", reason: "a device was not done with the buffer within \(whole)",
        advice: "Wait again, or give the buffer up: whoever submitted the work may be gone")
    }
  }

  private static func exportSyncFile(_ descriptor: Int32, _ access: DMABufAccess) throws(InteropError) -> SyncFile {
    let number = kernel_dma_buf_export_sync_file(descriptor, access.writes)
    guard number >= 0 else {
      throw syncFailure("DMA_BUF_IOCTL_EXPORT_SYNC_FILE", "the buffer gives no fence", number)
    }
    return SyncFile(owning: FileDescriptorOwner(owning: number))
  }

  /// An ioctl that dma-bufs do not know answers ENOTTY (drivers/dma-buf/dma-buf.c, dma_buf_ioctl). The kernel is tried,
  /// not asked for its version: distributions backport.
  private static func syncFailure(_ call: String, _ reason: String, _ result: Int32) -> InteropError {
    guard result == -ENOTTY else {
      return InteropError(.driverFailure, step: call, reason: reason, driverCode: .posix(-result))
    }
    return InteropError(
      .unsupported, step: call, reason: "this kernel has no such ioctl for DMA-BUFs", driverCode: .posix(-result),
      missing: [call], advice: "Linux 6.0 has it; before, wait on the CPU: wait(for:timeout:)")
  }
}
