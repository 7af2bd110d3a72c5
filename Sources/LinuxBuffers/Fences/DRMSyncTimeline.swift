public import InteropBase
internal import CInteropKernel
import Glibc

/// A timeline syncobj of a DRM device: a sequence of rising points, each reached when its fence is signalled.
///
/// With Wayland's linux-drm-syncobj-v1 an application passes one to the compositor, with an ``AcquirePoint`` and a
/// ``ReleasePoint`` for each buffer. A point can be waited for before it has a fence. Point 0 is the beginning and
/// always reached. Any thread.
public final class DRMSyncTimeline: Sendable {
  /// The device of the syncobj.
  public let device: DRMDevice
  private let handle: UInt32

  /// Makes a timeline at point 0.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` on a device without timelines.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_CREATE)`.
  public init(on device: DRMDevice) throws(InteropError) {
    try Self.checkSupport(device)
    var handle: UInt32 = 0
    let result = device.withDescriptor { kernel_syncobj_create($0, &handle) }
    guard result == 0 else { throw Self.failure("DRM_IOCTL_SYNCOBJ_CREATE", "no syncobj", result) }
    self.device = device
    self.handle = handle
  }

  /// Imports another process's timeline from the descriptor it sent.
  ///
  /// - Parameters:
  ///   - descriptor: that of a syncobj, not of a sync_file; the caller keeps it.
  ///   - device: any DRM device; it need not be the one that made the timeline.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE)`.
  public init(importing descriptor: Int32, on device: DRMDevice) throws(InteropError) {
    try Self.checkSupport(device)
    var handle: UInt32 = 0
    let result = device.withDescriptor { kernel_syncobj_import($0, descriptor, &handle) }
    guard result == 0 else {
      throw InteropError(
        result == -EINVAL || result == -EBADF ? .invalidArgument : .driverFailure,
        step: "DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE", reason: "descriptor \(descriptor) is no syncobj",
        driverCode: .posix(-result), advice: "A sync_file is none: importSyncFile(_:at:) puts one at a point")
    }
    self.device = device
    self.handle = handle
  }

  deinit { _ = device.withDescriptor { kernel_syncobj_destroy($0, handle) } }

  /// Exports a descriptor of the syncobj itself, for another process.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD)`.
  public func exportDescriptor() throws(InteropError) -> FileDescriptorOwner {
    let number = device.withDescriptor { kernel_syncobj_export($0, handle, false) }
    guard number >= 0 else {
      throw Self.failure("DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD", "the syncobj cannot be exported", number)
    }
    return FileDescriptorOwner(owning: number)
  }

  // MARK: Points

  /// Returns the last reached point. The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_QUERY)`.
  public func query() throws(InteropError) -> UInt64 { try query(submitted: false) }

  /// Returns the last point that has a fence, reached or not. The corresponding C call is
  /// `ioctl(DRM_IOCTL_SYNCOBJ_QUERY)` with DRM_SYNCOBJ_QUERY_FLAGS_LAST_SUBMITTED.
  public func queryLastSubmitted() throws(InteropError) -> UInt64 { try query(submitted: true) }

  private func query(submitted: Bool) throws(InteropError) -> UInt64 {
    var point: UInt64 = 0
    let result = device.withDescriptor { kernel_syncobj_query($0, handle, submitted, &point) }
    guard result == 0 else { throw Self.failure("DRM_IOCTL_SYNCOBJ_QUERY", "the timeline cannot be asked", result) }
    return point
  }

  /// Adds a signalled fence at a point. The point is reached once all earlier ones are.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for a point that is not after those which have a fence: the kernel
  ///   accepts it, and a waiter then waits for the wrong fence.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL)`.
  public func signal(_ point: UInt64) throws(InteropError) {
    try checkRising(point, "DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL")
    let result = device.withDescriptor { kernel_syncobj_signal($0, handle, point) }
    guard result == 0 else {
      throw Self.failure("DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL", "point \(point) cannot be signalled", result)
    }
  }

  /// Waits on the CPU until a point is reached. The kernel does not report whether the work failed.
  ///
  /// - Parameters:
  ///   - point: 1 or greater.
  ///   - timeout: the longest wait; zero only checks.
  ///   - waitForSubmit: whether to wait for a missing fence, too. The signaller may never add it.
  /// - Throws: ``InteropError/Code/timeout`` after that, and the wait can be repeated;
  ///   ``InteropError/Code/invalidState`` if there is no fence and `waitForSubmit` is false.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT)`.
  public func wait(
    _ point: UInt64, timeout: Duration = .seconds(10), waitForSubmit: Bool = true
  ) throws(InteropError) {
    try wait(point, timeout, forSubmit: waitForSubmit, available: false)
  }

  /// Waits on the CPU until a point has a fence, which ``exportSyncFile(at:)`` can then export.
  ///
  /// - Throws: ``InteropError/Code/timeout``.
  ///
  /// The corresponding C call is `ioctl(DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT)` with DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE.
  public func waitForSubmit(_ point: UInt64, timeout: Duration = .seconds(10)) throws(InteropError) {
    try wait(point, timeout, forSubmit: true, available: true)
  }

  private func wait(
    _ point: UInt64, _ timeout: Duration, forSubmit: Bool, available: Bool
  ) throws(InteropError) {
    // The kernel takes 0 not as a point, but as any fence of the syncobj.
    guard point > 0 else { return }
    let step = "DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT"
    let deadline = kernel_deadline(timeout.nanoseconds)
    let result = device.withDescriptor { kernel_syncobj_wait($0, handle, point, deadline, forSubmit, available) }
    switch -result {
    case 0: return
    case ETIME:
      throw InteropError(
        .timeout, step: step,
        reason: available
          ? "point \(point) has no fence after \(timeout)" : "point \(point) was not reached within \(timeout)",
        driverCode: .posix(-result),
        advice: "Wait again, or drop what it guards: the process that was to signal may be gone")
    case EINVAL where !forSubmit: throw Self.noFence(step, point, result)
    default: throw Self.failure(step, "point \(point) cannot be waited for", result)
    }
  }

  // MARK: Importing and exporting fences

  /// Exports the fence of a point.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if there is none yet, see ``waitForSubmit(_:timeout:)``;
  ///   ``InteropError/Code/invalidArgument`` for point 0.
  ///
  /// The corresponding C calls are `ioctl(DRM_IOCTL_SYNCOBJ_TRANSFER)` to a binary syncobj and
  /// `ioctl(DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD)` of that with EXPORT_SYNC_FILE.
  public func exportSyncFile(at point: UInt64) throws(InteropError) -> SyncFile {
    let step = "DRM_IOCTL_SYNCOBJ_TRANSFER"
    guard point > 0 else { throw Self.pointZero(step) }
    let number = try withBinarySyncobj { device, binary throws(InteropError) in
      let result = kernel_syncobj_transfer(device, handle, point, binary, 0)
      if result == -EINVAL { throw Self.noFence(step, point, result) }
      guard result == 0 else { throw Self.failure(step, "the fence of point \(point) cannot be had", result) }
      let number = kernel_syncobj_export(device, binary, true)
      guard number >= 0 else {
        throw Self.failure("DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD", "the fence of point \(point) cannot be exported", number)
      }
      return number
    }
    return SyncFile(owning: FileDescriptorOwner(owning: number))
  }

  /// Adds a fence at a point. The point is reached once the fence is signalled and all earlier points are reached.
  ///
  /// - Parameters:
  ///   - fence: the caller keeps it.
  ///   - point: one after those which have a fence.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a point that is not after those which have a fence.
  ///
  /// The corresponding C calls are `ioctl(DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE)` with IMPORT_SYNC_FILE into a binary syncobj
  /// and `ioctl(DRM_IOCTL_SYNCOBJ_TRANSFER)` of that.
  public func importSyncFile(_ fence: borrowing SyncFile, at point: UInt64) throws(InteropError) {
    let step = "DRM_IOCTL_SYNCOBJ_TRANSFER"
    try checkRising(point, step)
    let file = fence.withBorrowed { $0 }
    try withBinarySyncobj { device, binary throws(InteropError) in
      var result = kernel_syncobj_import_sync_file(device, binary, file)
      guard result == 0 else {
        throw Self.failure("DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE", "the fence cannot be imported", result)
      }
      result = kernel_syncobj_transfer(device, binary, 0, handle, point)
      guard result == 0 else { throw Self.failure(step, "the fence cannot be put at point \(point)", result) }
    }
  }

  /// Makes a file that becomes readable when a point is reached, for a program's own `poll`. It may be closed at any
  /// time, since no point depends on it.
  ///
  /// - Parameters:
  ///   - point: 1 or greater.
  ///   - whenSubmitted: whether the file becomes readable as soon as the point has a fence.
  /// - Throws: ``InteropError/Code/unsupported`` on kernels before Linux 6.6, found by trying.
  ///
  /// The corresponding C calls are `eventfd` and `ioctl(DRM_IOCTL_SYNCOBJ_EVENTFD)`.
  public func eventFile(at point: UInt64, whenSubmitted: Bool = false) throws(InteropError) -> FileDescriptorOwner {
    let step = "DRM_IOCTL_SYNCOBJ_EVENTFD"
    guard point > 0 else { throw Self.pointZero(step) }
    let number = kernel_eventfd()
    guard number >= 0 else { throw Self.failure("eventfd", "no eventfd", number) }
    let event = FileDescriptorOwner(owning: number)
    let result = device.withDescriptor { kernel_syncobj_eventfd($0, handle, point, whenSubmitted, number) }
    guard result == 0 else {
      guard device.withDescriptor({ kernel_syncobj_has_eventfd($0) }) else {
        throw InteropError(
          .unsupported, step: step, reason: "this kernel has no such ioctl", driverCode: .posix(-result),
          missing: [step], advice: "Linux 6.6 has it; before, a thread of its own waits: wait(_:timeout:)")
      }
      throw Self.failure(step, "no event of point \(point)", result)
    }
    return event
  }

  // MARK: -

  /// Makes a syncobj for one fence, for the duration of `body`.
  private func withBinarySyncobj<Result>(
    _ body: (_ device: Int32, _ binary: UInt32) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    try device.withDescriptor { device throws(InteropError) in
      var binary: UInt32 = 0
      let result = kernel_syncobj_create(device, &binary)
      guard result == 0 else { throw Self.failure("DRM_IOCTL_SYNCOBJ_CREATE", "no syncobj", result) }
      defer { _ = kernel_syncobj_destroy(device, binary) }
      return try body(device, binary)
    }
  }

  private static func checkSupport(_ device: DRMDevice) throws(InteropError) {
    guard device.hasTimelineSyncobjs else {
      throw InteropError(
        .unsupported, step: "DRM_IOCTL_GET_CAP", reason: "\(device.driverName) has no timeline syncobjs",
        missing: ["DRM_CAP_SYNCOBJ_TIMELINE"], advice: "Use sync_files (SyncFile)")
    }
  }

  /// Refuses a point out of order, which the kernel only logs (drm_syncobj_add_point).
  private func checkRising(_ point: UInt64, _ step: String) throws(InteropError) {
    let last = try queryLastSubmitted()
    guard point > last else {
      throw InteropError(
        .invalidArgument, step: step, reason: "point \(point) is not after \(last), the last that has a fence",
        advice: "Points rise by at least 1")
    }
  }

  private static func pointZero(_ step: String) -> InteropError {
    InteropError(
      .invalidArgument, step: step, reason: "point 0 is the beginning and has no fence", advice: "Points begin at 1")
  }

  private static func noFence(_ step: String, _ point: UInt64, _ result: Int32) -> InteropError {
    InteropError(
      .invalidState, step: step, reason: "point \(point) has no fence yet", driverCode: .posix(-result),
      advice: "Wait until it has one: waitForSubmit(_:timeout:)")
  }

  private static func failure(_ step: String, _ reason: String, _ result: Int32) -> InteropError {
    InteropError(.driverFailure, step: step, reason: reason, driverCode: .posix(-result))
  }
}
