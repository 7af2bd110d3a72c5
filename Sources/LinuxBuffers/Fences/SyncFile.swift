public import InteropBase
internal import CInteropKernel

/// A kernel fence as a file descriptor (`sync_file`), signalled when its work is done. GL
/// (EGL_ANDROID_native_fence_sync), Vulkan (VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD), DMA-BUFs and DRM import and
/// export it.
///
/// It has one owner and one use: an import takes ownership. ``duplicate()`` makes another one of the same fence. Any
/// thread.
public struct SyncFile: ~Copyable, Sendable {
  private let descriptor: FileDescriptorOwner

  /// Takes ownership of a descriptor that a driver made as a sync_file. Descriptors from elsewhere go through
  /// ``init(adopting:)``.
  public init(owning descriptor: consuming FileDescriptorOwner) { self.descriptor = descriptor }

  /// Takes ownership of a received descriptor, once the kernel has confirmed that it is a sync_file.
  ///
  /// - Parameter descriptor: open and with no other owner. Owned by this value after success only: after an error the
  ///   caller still owns it.
  /// - Throws: ``InteropError/Code/invalidArgument`` for anything else, a syncobj's descriptor for instance.
  ///
  /// The corresponding C call is `ioctl(SYNC_IOC_FILE_INFO)`.
  public init(adopting descriptor: Int32) throws(InteropError) {
    let (_, result) = Self.ask(descriptor)
    guard result == 0 else {
      throw InteropError(
        .invalidArgument, step: "check the sync_file", reason: "descriptor \(descriptor) is no sync_file",
        driverCode: .posix(-result),
        advice:
          "A DRM syncobj is none: export a sync file of one of its points (DRMSyncTimeline.exportSyncFile(at:), DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD)"
      )
    }
    self.descriptor = FileDescriptorOwner(owning: descriptor)
  }

  /// Lends the number for the duration of `body`, which must neither close nor keep it.
  public borrowing func withBorrowed<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try descriptor.withBorrowed(body)
  }

  /// Transfers ownership of the descriptor: the caller, or a driver that imported it, closes it.
  public consuming func handOver() -> Int32 { descriptor.handOver() }

  /// Makes a second descriptor of the same fence.
  public borrowing func duplicate() throws(InteropError) -> SyncFile { SyncFile(owning: try descriptor.duplicate()) }
}

// MARK: Status

extension SyncFile {
  /// The state of a fence's work.
  public enum Status: Sendable, Hashable {
    /// The work is not done yet.
    case pending
    /// The work is done.
    case signalled
    /// The work ended with an error, a GPU reset for instance: its output is missing.
    case failed(DriverCode)

    /// Reads the value of the kernel's headers: 0 active, 1 signalled, below 0 an error.
    init(kernel status: Int32) {
      switch status {
      case 0: self = .pending
      case 1...: self = .signalled
      default: self = .failed(.posix(-status))
      }
    }
  }

  /// One of the fences that form a sync_file (linux/sync_file.h, `struct sync_fence_info`).
  public struct Fence: Sendable, Hashable {
    /// The driver that signals the fence: `vgem`, `amdgpu`.
    public package(set) var driver: String
    /// The driver's name for its sequence of fences.
    public package(set) var timeline: String
    /// The state of the fence's work.
    public package(set) var status: Status
    /// The time of the signal, on CLOCK_MONOTONIC; nil while the fence is pending.
    public package(set) var timestamp: Duration?
  }

  /// Returns the current state without waiting. The corresponding C call is `ioctl(SYNC_IOC_FILE_INFO)`.
  public borrowing func status() throws(InteropError) -> Status {
    let (info, result) = withBorrowed { Self.ask($0) }
    guard result == 0 else { throw Self.failure("SYNC_IOC_FILE_INFO", "the fence cannot be asked", result) }
    return Status(kernel: info.status)
  }

  /// Whether the work is done. False while it is pending.
  ///
  /// - Throws: ``InteropError/Code/driverFailure`` if the work failed.
  public var isSignalled: Bool {
    get throws(InteropError) {
      switch try status() {
      case .pending: return false
      case .signalled: return true
      case .failed(let code): throw Self.workFailed("SYNC_IOC_FILE_INFO", code)
      }
    }
  }

  /// Returns the fences that form the file, more than one after ``merged(with:name:)``.
  ///
  /// The corresponding C call is `ioctl(SYNC_IOC_FILE_INFO)`.
  public borrowing func fences() throws(InteropError) -> [Fence] {
    let (info, result) = withBorrowed { Self.ask($0) }
    guard result == 0 else { throw Self.failure("SYNC_IOC_FILE_INFO", "the fence cannot be asked", result) }
    // The kernel removes signalled fences of a merged file over time, so there can be fewer than it reported.
    var fences = [kernel_fence](repeating: kernel_fence(), count: Int(info.count))
    let count = withBorrowed { kernel_sync_file_fences($0, &fences, info.count) }
    guard count >= 0 else { throw Self.failure("SYNC_IOC_FILE_INFO", "the fences cannot be listed", count) }
    return fences.prefix(Int(count)).map { fence in
      let status = Status(kernel: fence.status)
      return Fence(
        driver: text(fence.driver), timeline: text(fence.timeline), status: status,
        timestamp: status == .pending ? nil : .nanoseconds(fence.nanoseconds))
    }
  }

  /// Waits on the CPU until the work is done.
  ///
  /// - Parameter timeout: the longest wait; zero only checks.
  /// - Throws: ``InteropError/Code/timeout`` after that, and the wait can be repeated;
  ///   ``InteropError/Code/driverFailure`` if the work failed.
  ///
  /// The corresponding C functions are `poll` and `ioctl(SYNC_IOC_FILE_INFO)`: poll does not distinguish failure from
  /// success.
  public borrowing func wait(timeout: Duration = .seconds(10)) throws(InteropError) {
    let result = withBorrowed { kernel_wait($0, false, Int64(clamping: timeout.nanoseconds)) }
    guard result >= 0 else { throw Self.failure("poll", "the fence cannot be waited for", result) }
    if case .failed(let code) = try status() { throw Self.workFailed("poll", code) }
    guard result == 1 else {
      throw InteropError(
        .timeout, step: "poll", reason: "the fence was not signalled within \(timeout)",
        advice: "Wait again, or drop what it guards: the process that submitted the work may be gone")
    }
  }

  /// Makes a fence that is signalled once both are. Both stay usable.
  ///
  /// - Parameters:
  ///   - other: the second fence.
  ///   - name: the name that debuggers show, 31 bytes at most.
  /// - Throws: ``InteropError/Code/driverFailure`` if the work of either has failed by now. The kernel leaves signalled
  ///   fences out of a merge (dma_fence_unwrap_merge), so their errors would be lost.
  ///
  /// The corresponding C call is `ioctl(SYNC_IOC_MERGE)`.
  public borrowing func merged(
    with other: borrowing SyncFile, name: String = "swift-gl-vulkan-interop"
  ) throws(InteropError) -> SyncFile {
    let first = withBorrowed { $0 }
    let second = other.withBorrowed { $0 }
    let number = kernel_sync_file_merge(first, second, name)
    guard number >= 0 else { throw Self.failure("SYNC_IOC_MERGE", "the fences cannot be merged", number) }
    let merged = SyncFile(owning: FileDescriptorOwner(owning: number))
    // After the merge, because the merged fence includes later failures.
    if case .failed(let code) = try status() { throw Self.workFailed("SYNC_IOC_MERGE", code) }
    if case .failed(let code) = try other.status() { throw Self.workFailed("SYNC_IOC_MERGE", code) }
    return merged
  }

  private static func ask(_ descriptor: Int32) -> (info: (status: Int32, count: UInt32), result: Int32) {
    var info: (status: Int32, count: UInt32) = (0, 0)
    let result = kernel_sync_file_status(descriptor, &info.status, &info.count)
    return (info, result)
  }

  private static func failure(_ step: String, _ reason: String, _ result: Int32) -> InteropError {
    InteropError(.driverFailure, step: step, reason: reason, driverCode: .posix(-result))
  }

  private static func workFailed(_ step: String, _ code: DriverCode) -> InteropError {
    InteropError(
      .driverFailure, step: step, reason: "the work that the fence stands for failed", driverCode: code,
      advice: "Drop the frame: its content is undefined")
  }
}

/// Reads a NUL-terminated C array of characters.
private func text<Characters>(_ characters: Characters) -> String {
  withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
