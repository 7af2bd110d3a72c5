import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// Fences of the kernel's as files, on fences of vgem's that are really pending.
@Suite(.serialized) struct SyncFileTests {
  private static let subject = "waiting for a pending fence"

  @Test func aPendingFenceIsWaitedFor() throws {
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let file = try fence.syncFile()
    let before = try file.isSignalled
    #expect(!before)
    let clock = ContinuousClock()
    let start = clock.now
    let error = refusal { () throws(InteropError) in try file.wait(timeout: .milliseconds(50)) }
    let waited = clock.now - start
    let code = error?.code
    #expect(code == .timeout)
    #expect(waited >= .milliseconds(50))
    let looked = refusal { () throws(InteropError) in try file.wait(timeout: .zero) }
    let lookedCode = looked?.code
    #expect(lookedCode == .timeout)
    try fence.signal()
    try file.wait(timeout: .seconds(5))
    let after = try file.isSignalled
    #expect(after)
  }

  @Test func aFenceSignalledLaterEndsTheWait() throws {
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let file = try fence.syncFile()
    let clock = ContinuousClock()
    let start = clock.now
    let error = try withThread({
      usleep(100_000)
      try? fence.signal()
    }) {
      refusal { () throws(InteropError) in try file.wait(timeout: .seconds(8)) }
    }
    let waited = clock.now - start
    #expect(error == nil)
    #expect(waited >= .milliseconds(50) && waited < .seconds(6))
  }

  @Test func aSignalToTheProcessDoesNotEndTheWait() throws {
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let file = try fence.syncFile()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    var before = sigaction()
    sigaction(SIGUSR1, &action, &before)
    defer { sigaction(SIGUSR1, &before, nil) }
    // libdispatch's threads, on which tests run, block signals.
    var signals = sigset_t()
    var blocked = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    let waiter = pthread_self()
    let clock = ContinuousClock()
    let (code, waited) = try withThread({
      for _ in 0..<10 {
        usleep(10_000)
        pthread_kill(waiter, SIGUSR1)
      }
    }) {
      let start = clock.now
      let code = refusal { () throws(InteropError) in try file.wait(timeout: .milliseconds(300)) }?.code
      return (code, clock.now - start)
    }
    #expect(code == .timeout)
    #expect(waited >= .milliseconds(300))
  }

  @Test func bothFencesOfAMergedOneMustCome() throws {
    guard let first = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let second = try PendingFence()
    let one = try first.syncFile()
    let other = try second.syncFile()
    let merged = try one.merged(with: other)
    let names = try merged.fences().map(\.driver)
    #expect(names == ["vgem", "vgem"])
    try first.signal()
    let half = try merged.isSignalled
    #expect(!half)
    let code = refusal { () throws(InteropError) in try merged.wait(timeout: .milliseconds(20)) }?.code
    #expect(code == .timeout)
    try second.signal()
    try merged.wait(timeout: .seconds(5))
    // Neither was used up.
    let isFirst = try one.isSignalled
    let isSecond = try other.isSignalled
    #expect(isFirst && isSecond)
    let copy = try merged.duplicate()
    let isCopy = try copy.isSignalled
    #expect(isCopy)
  }

  @Test func aFenceSaysWhoseItIs() throws {
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let file = try fence.syncFile()
    let pending = try file.fences()
    #expect(pending.count == 1 && pending.first?.driver == "vgem")
    #expect(pending.first?.status == .pending && pending.first?.timestamp == nil)
    try fence.signal()
    let done = try file.fences()
    #expect(done.allSatisfy { $0.status == .signalled && $0.timestamp != nil })
  }

  /// No driver here fails its fences, so the kernel's answer is made up.
  @Test func failedWorkIsAnErrorAndNotDone() throws {
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let file = try fence.syncFile()
    let other = try fence.syncFile()
    try fence.signal()
    func failed(_ body: () throws(InteropError) -> Void) -> InteropError? {
      KernelCalls.handled(by: { call, _, argument in
        guard call == "SYNC_IOC_FILE_INFO" else { return 0 }
        // struct sync_file_info: name[32], status, flags, num_fences.
        argument?.storeBytes(of: -EIO, toByteOffset: 32, as: Int32.self)
        argument?.storeBytes(of: 1, toByteOffset: 40, as: UInt32.self)
        return 1
      }) { refusal(body) }
    }
    let asked = failed { () throws(InteropError) in _ = try file.isSignalled }
    #expect(asked?.code == .driverFailure)
    #expect(asked?.driverCode == .posix(EIO))
    let waited = failed { () throws(InteropError) in try file.wait(timeout: .seconds(1)) }
    #expect(waited?.reason == "the work that the fence stands for failed")
    let merged = failed { () throws(InteropError) in _ = try file.merged(with: other) }
    #expect(merged?.step == "SYNC_IOC_MERGE" && merged?.driverCode == .posix(EIO))
  }

  @Test func whatIsNoFenceIsRefused() throws {
    let files = OpenFiles.list()
    var pipes: [Int32] = [-1, -1]
    #expect(pipe(&pipes) == 0)
    let zero = open("/dev/zero", O_RDWR | O_CLOEXEC)
    for number in [pipes[0], zero, 1_000_000] {
      let error = refusal { () throws(InteropError) in _ = try SyncFile(adopting: number) }
      #expect(error?.code == .invalidArgument, "\(number)")
      #expect(error?.step == "check the sync_file")
    }
    // Refused descriptors stay the caller's: all three close.
    for number in pipes + [zero] {
      let result = close(number)
      #expect(result == 0)
    }
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }
}
