import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Frames of GL's for a compositor that knows only timelines, as linux-drm-syncobj-v1 hands it a buffer: it waits for
/// the acquire point and signals the release point.
@Suite struct SyncobjFrameTests {
  private static let size = PixelSize(width: 64, height: 48)

  @Test(arguments: [SyncKind.syncFile, .cpuWait]) func framesGoByAcquireAndReleasePoints(sync: SyncKind) throws {
    guard let device = try SyncobjTimelineTests.device() else { return }
    let (context, host) = try TestStack.open()
    let image = try SharedImage(
      .init(size: Self.size, handleType: .dmaBuf), gl: context.gl, host: host, sync: sync)
    let buffer = try #require(image.dmaBuf)
    let (acquired, released) = (try DRMSyncTimeline(on: device), try DRMSyncTimeline(on: device))
    // The compositor imports once.
    let theirs = try buffer.duplicate().importIntoVulkan(host)
    for point in UInt64(1)...4 {
      let red = UInt8(50 * point)
      try image.accessInGL { try TestGL.fill(image, [Float(red) / 255, 0, 1, 1]) }
      if let fence = try image.acquireForForeign() {
        try acquired.importSyncFile(fence, at: point)
      } else {
        try acquired.signal(point)
      }
      // The compositor.
      let fence = try AcquirePoint(acquired, point).syncFile()
      try fence.wait()
      let pixels = try theirs.read()
      #expect(Array(pixels.prefix(4)) == [red, 0, 255, 255])
      try ReleasePoint(released, point).signal()
      // And back.
      try image.releaseFromForeign(after: AcquirePoint(released, point).syncFile())
    }
    let last = try released.query()
    #expect(last == 4)
    try image.retire()
  }

  /// A point that is signalled late holds the consumer back; the consumer's release point comes when it is done, not
  /// before.
  @Test func aLateAcquirePointHoldsTheConsumerBack() throws {
    guard let device = try SyncobjTimelineTests.device() else { return }
    let (_, host) = try TestStack.open()
    let (acquired, released) = (try DRMSyncTimeline(on: device), try DRMSyncTimeline(on: device))
    let isSignalled = Atomic<Bool>(false)
    let semaphore = try host.makeSyncFileSemaphore()
    let done = try host.makeSyncFileSemaphore()
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    try withThread({
      usleep(300_000)
      isSignalled.store(true, ordering: .releasing)
      try? acquired.signal(1)
    }) {
      let tooEarly = #expect(throws: InteropError.self) {
        try AcquirePoint(acquired, 1).wait(timeout: .milliseconds(50))
      }
      #expect(tooEarly?.code == .timeout)
      let before = try released.query()
      #expect(before == 0)
      try host.importSyncFile(AcquirePoint(acquired, 1).syncFile(), into: semaphore.handle)
      try commands.submit(nil, waitingFor: SemaphorePoint(semaphore.handle), signalling: SemaphorePoint(done.handle))
      if let fence = try host.syncFile(of: done.handle) {
        try ReleasePoint(released, 1).signal(after: fence)
      } else {
        try ReleasePoint(released, 1).signal()
      }
      try released.wait(1)
      let hadSignalled = isSignalled.load(ordering: .acquiring)
      #expect(hadSignalled, "the consumer went on before the acquire point")
    }
    try commands.finish()
    let after = try released.query()
    #expect(after == 1)
  }

  @Test func whatWasNotGivenAwayDoesNotComeBack() throws {
    let (context, host) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let image = try SharedImage(.init(size: Self.size, handleType: .dmaBuf), gl: context.gl, host: host)
    let early = #expect(throws: InteropError.self) { _ = try image.acquireForForeign() }
    #expect(early?.code == .invalidState)
    try image.accessInGL { try TestGL.fill(image, [0, 1, 0, 1]) }
    let never = #expect(throws: InteropError.self) { try image.releaseFromForeign(after: nil) }
    #expect(never?.code == .invalidState)
    _ = try image.acquireForForeign()
    let vulkan = #expect(throws: InteropError.self) { try image.readInVulkan() }
    #expect(vulkan?.code == .invalidState)
    let release = #expect(throws: InteropError.self) { try image.release() }
    #expect(release?.code == .invalidState)
    try image.releaseFromForeign(after: nil)
    // Done, with nothing to wait for: GL's access begins, and Vulkan sees the next frame.
    try image.accessInGL { try TestGL.fill(image, [1, 0, 0, 1]) }
    let pixels = try image.readInVulkan()
    #expect(Array(pixels.prefix(4)) == [255, 0, 0, 255])
    try image.retire()
  }
}
