import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Timeline syncobjs of a DRM device.
@Suite("Syncobj timelines", .serialized) struct SyncobjTimelineTests {
  private static let node = "/dev/syncobj-card"

  /// A device that has them, or nil and a skip.
  static func device() throws(InteropError) -> DRMDevice? {
    for path in [node] + DRMDevice.nodes() where access(path, R_OK | W_OK) == 0 {
      let device = try DRMDevice(path: path)
      if device.hasTimelineSyncobjs { return device }
    }
    TestStack.skip(
      "timeline syncobjs: this machine has no DRM device with them (the virtual machine has one, mode syncobj)")
    return nil
  }

  @Test func pointsAreReachedInOrder() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    let start = try timeline.query()
    #expect(start == 0)
    try timeline.wait(0, timeout: .zero)
    try timeline.signal(1)
    try timeline.signal(5)
    let point = try timeline.query()
    #expect(point == 5)
    let submitted = try timeline.queryLastSubmitted()
    #expect(submitted == 5)
    try timeline.wait(3, timeout: .zero)
    try timeline.wait(5, timeout: .zero)
  }

  @Test func aPointThatDoesNotRiseIsRefused() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    for point: UInt64 in [0, 4, 3] {
      if point == 4 { try timeline.signal(4) }
      let error = refusal { () throws(InteropError) in try timeline.signal(point) }
      #expect(error?.code == .invalidArgument, "\(point)")
      #expect(error?.reason == "point \(point) is not after \(point == 0 ? 0 : 4), the last that has a fence")
    }
    let fence = try timeline.exportSyncFile(at: 4)
    let error = refusal { () throws(InteropError) in try timeline.importSyncFile(fence, at: 4) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func aPointWithoutAFenceIsWaitedForOrNot() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    let refused = refusal { () throws(InteropError) in try timeline.wait(1, waitForSubmit: false) }
    #expect(refused?.code == .invalidState)
    #expect(refused?.reason == "point 1 has no fence yet")
    let clock = ContinuousClock()
    for isSubmit in [false, true] {
      let start = clock.now
      let error = refusal { () throws(InteropError) in
        if isSubmit {
          try timeline.waitForSubmit(1, timeout: .milliseconds(50))
        } else {
          try timeline.wait(1, timeout: .milliseconds(50))
        }
      }
      let waited = clock.now - start
      #expect(error?.code == .timeout && error?.driverCode == .posix(ETIME))
      #expect(waited >= .milliseconds(50))
    }
    let exported = refusal { () throws(InteropError) in _ = try timeline.exportSyncFile(at: 1) }
    #expect(exported?.code == .invalidState)
    let zero = refusal { () throws(InteropError) in _ = try timeline.exportSyncFile(at: 0) }
    #expect(zero?.code == .invalidArgument)
    // Signalled from another thread while this one waits.
    let error = try withThread({
      usleep(100_000)
      try? timeline.signal(1)
    }) { refusal { () throws(InteropError) in try timeline.wait(1, timeout: .seconds(8)) } }
    #expect(error == nil)
  }

  @Test func anotherHolderSeesTheSamePoints() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    // Another client of the driver's, as another process is.
    let other = try #require(try Self.device())
    let descriptor = try timeline.exportDescriptor()
    let imported = try descriptor.withBorrowed { number throws(InteropError) in
      try DRMSyncTimeline(importing: number, on: other)
    }
    try timeline.signal(7)
    let point = try imported.query()
    #expect(point == 7)
    try imported.signal(8)
    try timeline.wait(8, timeout: .zero)
  }

  @Test func whatIsNoSyncobjIsRefused() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    try timeline.signal(1)
    let fence = try timeline.exportSyncFile(at: 1)
    let error = fence.withBorrowed { number in
      refusal { () throws(InteropError) in _ = try DRMSyncTimeline(importing: number, on: device) }
    }
    #expect(error?.code == .invalidArgument)
    let closed = refusal { () throws(InteropError) in _ = try DRMSyncTimeline(importing: 1_000_000, on: device) }
    #expect(closed?.code == .invalidArgument)
    // And a syncobj is no sync_file.
    let descriptor = try timeline.exportDescriptor()
    let number = descriptor.withBorrowed { $0 }
    let file = refusal { () throws(InteropError) in _ = try SyncFile(adopting: number) }
    #expect(file?.code == .invalidArgument)
    _ = consume descriptor
  }

  @Test func aPointsFenceGoesOutAndIn() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    try ReleasePoint(timeline, 1).signal()
    let fence = try AcquirePoint(timeline, 1).syncFile()
    let isDone = try fence.isSignalled
    #expect(isDone)
    try ReleasePoint(timeline, 2).signal(after: fence)
    try AcquirePoint(timeline, 2).wait(timeout: .zero)
    let point = try timeline.query()
    #expect(point == 2)
  }

  @Test func aPendingFenceHoldsItsPointBack() throws {
    guard let device = try Self.device() else { return }
    guard PendingFence.isAvailable else {
      TestStack.skip(
        "a pending fence at a timeline's point: this machine has no /dev/vgem-card beside a device with timelines")
      return
    }
    let timeline = try DRMSyncTimeline(on: device)
    let pending = try PendingFence()
    try timeline.importSyncFile(try pending.syncFile(), at: 1)
    try timeline.signal(2)
    let before = try timeline.query()
    #expect(before == 0)
    let submitted = try timeline.queryLastSubmitted()
    #expect(submitted == 2)
    try timeline.waitForSubmit(1, timeout: .zero)
    for isForSubmit in [false, true] {
      let error = refusal { () throws(InteropError) in
        try timeline.wait(2, timeout: .milliseconds(20), waitForSubmit: isForSubmit)
      }
      #expect(error?.code == .timeout)
    }
    let fence = try timeline.exportSyncFile(at: 1)
    let isEarly = try fence.isSignalled
    #expect(!isEarly)
    let event = try timeline.eventFile(at: 1)
    let isEventEarly = event.withBorrowed { Self.isReadable($0, milliseconds: 20) }
    #expect(!isEventEarly)
    let submission = try timeline.eventFile(at: 1, whenSubmitted: true)
    let isSubmitted = submission.withBorrowed { Self.isReadable($0, milliseconds: 5000) }
    #expect(isSubmitted)
    try pending.signal()
    try fence.wait()
    try timeline.wait(2)
    let isEvent = event.withBorrowed { Self.isReadable($0, milliseconds: 5000) }
    #expect(isEvent)
    let after = try timeline.query()
    #expect(after == 2)
  }

  private static func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
    var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&file, 1, milliseconds) == 1
  }

  @Test func anEventFileTellsOfAPoint() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    let reached = try timeline.eventFile(at: 2)
    let submitted = try timeline.eventFile(at: 2, whenSubmitted: true)
    func isReadable(_ milliseconds: Int32) -> [Bool] {
      [
        reached.withBorrowed { Self.isReadable($0, milliseconds: milliseconds) },
        submitted.withBorrowed { Self.isReadable($0, milliseconds: milliseconds) },
      ]
    }
    try timeline.signal(1)
    let early = isReadable(20)
    #expect(early == [false, false])
    try timeline.signal(2)
    let late = isReadable(5000)
    #expect(late == [true, true])
    let zero = refusal { () throws(InteropError) in _ = try timeline.eventFile(at: 0) }
    #expect(zero?.code == .invalidArgument)
  }

  /// drm_ioctl answers EINVAL to what it does not know.
  @Test func aKernelWithoutEventFilesIsUnsupported() throws {
    guard let device = try Self.device() else { return }
    let timeline = try DRMSyncTimeline(on: device)
    let call = "DRM_IOCTL_SYNCOBJ_EVENTFD"
    let error = KernelCalls.failing(call, with: EINVAL) { _ = try timeline.eventFile(at: 1) } as? InteropError
    #expect(error?.code == .unsupported && error?.missing == [call])
    // The kernel here has it, so its own EINVAL would be another failure.
    var count = 0
    let other = KernelCalls.handled(by: { name, _, _ in
      guard name == call else { return 0 }
      count += 1
      return count == 1 ? -EINVAL : 0
    }) { refusal { () throws(InteropError) in _ = try timeline.eventFile(at: 1) } }
    #expect(other?.code == .driverFailure)
  }

  @Test func aDeviceWithoutTimelinesIsNamed() throws {
    guard let device = try Self.device() else { return }
    let error =
      KernelCalls.failing("DRM_IOCTL_GET_CAP", with: EINVAL) { _ = try DRMSyncTimeline(on: device) } as? InteropError
    #expect(error?.code == .unsupported && error?.missing == ["DRM_CAP_SYNCOBJ_TIMELINE"])
  }
}
