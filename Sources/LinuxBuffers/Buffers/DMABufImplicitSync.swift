public import InteropBase
internal import CInteropKernel
import Glibc

// Implicit synchronisation uses the fences that the kernel keeps with a buffer (its reservation, dma_resv). Drivers
// that synchronise implicitly add their fences there and wait for those present; Vulkan, and GL with explicit fences,
// does neither. These calls connect the two.

extension DMABuf {
  /// Exports the fence that an access must wait for: for `.read` the writers' work, otherwise the work of all users. It
  /// is a snapshot that excludes later work.
  ///
  /// An image in several buffers has one fence for all of them.
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

  /// Makes other users wait for the application's work: after `.read` only writers, otherwise readers and writers.
  ///
  /// - Parameters:
  ///   - fence: the caller keeps it.
  ///   - access: the work's access to the buffer.
  /// - Throws: ``InteropError/Code/unsupported`` on kernels before Linux 6.0, found by trying;
  ///   ``InteropError/Code/driverFailure``: for an image in several buffers, the first ones may have the fence then.
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

  /// Waits on the CPU for the work that an access must wait for. All kernels support it.
  ///
  /// - Parameters:
  ///   - access: the access that follows.
  ///   - timeout: the longest wait; zero only checks.
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

  /// - Parameter whole: the timeout given by the caller, for the error.
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
        advice: "Wait again, or drop the buffer: the process that submitted the work may be gone")
    }
  }

  private static func exportSyncFile(_ descriptor: Int32, _ access: DMABufAccess) throws(InteropError) -> SyncFile {
    let number = kernel_dma_buf_export_sync_file(descriptor, access.writes)
    guard number >= 0 else {
      throw syncFailure("DMA_BUF_IOCTL_EXPORT_SYNC_FILE", "the buffer gives no fence", number)
    }
    return SyncFile(owning: FileDescriptorOwner(owning: number))
  }

  /// Makes the error of an ioctl: dma-bufs answer ENOTTY for one they do not know (drivers/dma-buf/dma-buf.c,
  /// dma_buf_ioctl). The package tries the call instead of checking the kernel's version, since distributions backport.
  private static func syncFailure(_ call: String, _ reason: String, _ result: Int32) -> InteropError {
    guard result == -ENOTTY else {
      return InteropError(.driverFailure, step: call, reason: reason, driverCode: .posix(-result))
    }
    return InteropError(
      .unsupported, step: call, reason: "this kernel has no such ioctl for DMA-BUFs", driverCode: .posix(-result),
      missing: [call], advice: "Linux 6.0 has it; before, wait on the CPU: wait(for:timeout:)")
  }
}
