import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Waiting for a fence that is really pending, one of vgem's: Mesa's software drivers export only fences that are
/// signalled already, with which a wait that is missing goes unnoticed.
@Suite struct PendingWaitTests {
  static let size = PixelSize(width: 16, height: 16)
  /// How long the fence is held back: a driver that does not wait is done in a small part of it.
  static let held = Duration.milliseconds(300)

  /// Signals after a while, and knows whether it has.
  final class Late: Sendable {
    let fence: PendingFence
    private let done = Atomic<Bool>(false)
    var isSignalled: Bool { done.load(ordering: .acquiring) }

    init() throws { fence = try PendingFence() }

    func signalLater() {
      usleep(300_000)
      // Before the signal: a waiter that it releases finds this true.
      done.store(true, ordering: .releasing)
      try? fence.signal()
    }
  }

  static func open() throws -> (context: SurfacelessContext, host: VulkanHost)? {
    guard PendingFence.isAvailable else {
      TestStack.skip("waits for fences that are really pending: no vgem (the virtual machine has it, mode fence)")
      return nil
    }
    return try TestStack.open()
  }

  private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) >= 0 }

  @Test func vulkansQueueIsHeldBack() throws {
    guard let (_, host) = try Self.open() else { return }
    let late = try Late()
    let semaphore = try host.makeSyncFileSemaphore()
    try host.importSyncFile(late.fence.syncFile(), into: semaphore.handle)
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    try withThread({ late.signalLater() }) {
      // lavapipe may wait in the submission itself, others behind the fence.
      try commands.submit(nil, waitingFor: SemaphorePoint(semaphore.handle))
      try commands.finish()
      #expect(late.isSignalled, "Vulkan went on before the fence")
    }
  }

  @Test func aVulkanFenceTakesASyncFile() throws {
    guard let (_, host) = try Self.open() else { return }
    let late = try Late()
    let fence = try host.makeFence()
    try host.importSyncFile(late.fence.syncFile(), intoFence: fence.handle)
    let early = host.vk.vkGetFenceStatus(host.device, fence.handle)
    #expect(early == VK_NOT_READY)
    try withThread({ late.signalLater() }) {
      try host.wait(for: fence.handle)
      #expect(late.isSignalled, "the CPU went on before the fence")
    }
  }

  @Test func glIsHeldBack() throws {
    guard let (context, _) = try Self.open() else { return }
    let egl = try #require(context.gl.egl)
    let late = try Late()
    let number = try late.fence.syncFile().handOver()
    try withThread({ late.signalLater() }) {
      try egl.waitOnGPU(for: number)
      context.gl.gl.glFinish()
      #expect(late.isSignalled, "GL went on before the fence")
    }
    #expect(!isOpen(number))
  }

  // MARK: Accesses

  private static let shapes: [SharedMemoryAllocator] = [.vulkan, .gl]

  /// GL's "done" is replaced by a fence that is pending: Vulkan's access must wait for it, by whichever calls.
  @Test(arguments: [false, true]) func vulkansAccessWaitsForGLs(submitsItself: Bool) throws {
    guard let (context, host) = try Self.open() else { return }
    for allocator in Self.shapes {
      let image = try SharedImage(
        .init(size: Self.size, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host, sync: .syncFile)
      try image.accessInGL { try TestGL.fill(image, [1, 0, 0, 1]) }
      let late = try Late()
      let signal = try #require(image.ownership.signal(.writerDone) as? SyncFileSignal)
      try signal.replaceFence(with: late.fence.syncFile())
      try withThread({ late.signalLater() }) {
        if submitsItself {
          try image.acquire(.general)
          try image.release()
          try host.vk.vkQueueWaitIdle(host.queues[0].handle).check("vkQueueWaitIdle", "the queue failed")
        } else {
          try image.access(.general) { (_) throws(InteropError) in }
          try image.waitForVulkan()
        }
        #expect(late.isSignalled, "Vulkan began its access before GL's fence")
      }
      try image.retire()
    }
  }

  /// Vulkan's "done" is replaced: GL's next access must wait.
  @Test func glsAccessWaitsForVulkans() throws {
    guard let (context, host) = try Self.open() else { return }
    for allocator in Self.shapes {
      let image = try SharedImage(
        .init(size: Self.size, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host, sync: .syncFile)
      try image.accessInGL { try TestGL.fill(image, [1, 0, 0, 1]) }
      _ = try image.readInVulkan()
      let late = try Late()
      let signal = try #require(image.ownership.signal(.readerDone) as? SyncFileSignal)
      try signal.replaceFence(with: late.fence.syncFile())
      try withThread({ late.signalLater() }) {
        try image.acquireForGL()
        context.gl.gl.glFinish()
        #expect(late.isSignalled, "GL began its access before Vulkan's fence")
        try image.releaseFromGL()
      }
      try image.drop()
      try image.retire()
    }
  }

  /// An access that was begun and cancelled still waits the next time.
  @Test func anAccessThatWasCancelledWaitsTheNextTime() throws {
    guard let (context, host) = try Self.open() else { return }
    let image = try SharedImage(
      .init(size: Self.size, handleType: .dmaBuf), gl: context.gl, host: host, sync: .syncFile)
    try image.accessInGL { try TestGL.fill(image, [0, 1, 0, 1]) }
    let late = try Late()
    let signal = try #require(image.ownership.signal(.writerDone) as? SyncFileSignal)
    try signal.replaceFence(with: late.fence.syncFile())
    _ = try image.acquireBarrier(.general)
    try image.cancelAcquire()
    try withThread({ late.signalLater() }) {
      let pixels = try image.readInVulkan()
      #expect(late.isSignalled, "Vulkan began its access before GL's fence")
      #expect(Array(pixels.prefix(4)) == [0, 255, 0, 255])
    }
    try image.retire()
  }

  /// A partner that knows only implicit fences: the one in the buffer's reservation is asked for and waited for.
  @Test func theFenceInABufferIsWaitedFor() throws {
    guard let (_, host) = try Self.open() else { return }
    let late = try Late()
    let semaphore = try host.makeSyncFileSemaphore()
    try host.importSyncFile(late.fence.buffer.exportSyncFile(for: .read), into: semaphore.handle)
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    try withThread({ late.signalLater() }) {
      try commands.submit(nil, waitingFor: SemaphorePoint(semaphore.handle))
      try commands.finish()
      #expect(late.isSignalled, "Vulkan read before the buffer's writer was done")
    }
  }
}
