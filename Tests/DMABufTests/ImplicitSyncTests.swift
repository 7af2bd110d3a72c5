import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Fences that the kernel keeps with a buffer.
@Suite(.serialized) struct ImplicitSyncTests {
  private static let subject = "implicit synchronisation"

  private static func isDone(_ buffer: DMABuf, for access: DMABufAccess) throws(InteropError) -> Bool {
    let file = try buffer.exportSyncFile(for: access)
    return try file.isSignalled
  }

  @Test(arguments: DMABufAccess.allCases) func anIdleBufferHasNothingToWaitFor(access: DMABufAccess) throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let isDone = try Self.isDone(buffer, for: access)
    #expect(isDone)
    try buffer.wait(for: access, timeout: .zero)
  }

  @Test func everybodyWaitsForAWriter() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let file = try fence.syncFile()
    try buffer.importSyncFile(file, for: .write)
    for access in DMABufAccess.allCases {
      let isDone = try Self.isDone(buffer, for: access)
      #expect(!isDone, "\(access)")
      let code = refusal { () throws(InteropError) in try buffer.wait(for: access, timeout: .milliseconds(20)) }?.code
      #expect(code == .timeout)
    }
    try fence.signal()
    try buffer.wait(for: .readWrite)
    // The fence stayed ours.
    let isSignalled = try file.isSignalled
    #expect(isSignalled)
  }

  @Test func onlyWritersWaitForAReader() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    try buffer.importSyncFile(try fence.syncFile(), for: .read)
    let isReadable = try Self.isDone(buffer, for: .read)
    #expect(isReadable)
    let isWritable = try Self.isDone(buffer, for: .write)
    #expect(!isWritable)
    try buffer.wait(for: .read, timeout: .zero)
    let code = refusal { () throws(InteropError) in try buffer.wait(for: .write, timeout: .milliseconds(20)) }?.code
    #expect(code == .timeout)
  }

  @Test func anImageInTwoBuffersHasOneFenceOfBoth() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    guard let fence = try RealBuffers.pendingFence(for: Self.subject) else { return }
    let both = try MapTests.twoBuffers()
    // Into the second one only.
    let second = try both.withDescriptors {
      try DMABuf(
        DMABufDescription(size: RealBuffers.size, format: .r8, modifier: .linear, planes: [.init(stride: 32)]),
        duplicating: [$0[1]])
    }
    try second.importSyncFile(try fence.syncFile(), for: .write)
    let before = try Self.isDone(both, for: .read)
    #expect(!before)
    let code = refusal { () throws(InteropError) in try both.wait(for: .read, timeout: .milliseconds(20)) }?.code
    #expect(code == .timeout)
    try fence.signal()
    let after = try Self.isDone(both, for: .read)
    #expect(after)
    // And one of ours goes into each.
    let next = try PendingFence()
    try both.importSyncFile(try next.syncFile(), for: .write)
    let isSecondDone = try Self.isDone(second, for: .read)
    #expect(!isSecondDone)
  }

  @Test func aKernelWithoutTheIoctlIsUnsupported() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let fence = try buffer.exportSyncFile(for: .read)
    let out = "DMA_BUF_IOCTL_EXPORT_SYNC_FILE"
    let exported = KernelCalls.failing(out, with: ENOTTY) { _ = try buffer.exportSyncFile(for: .read) } as? InteropError
    #expect(exported?.code == .unsupported && exported?.missing == [out] && exported?.step == out)
    let into = "DMA_BUF_IOCTL_IMPORT_SYNC_FILE"
    let imported = KernelCalls.handled(by: { call, _, _ in call == into ? -ENOTTY : 0 }) {
      refusal { () throws(InteropError) in try buffer.importSyncFile(fence, for: .read) }
    }
    #expect(imported?.code == .unsupported && imported?.missing == [into])
    let refused = KernelCalls.failing(out, with: ENOMEM) { _ = try buffer.exportSyncFile(for: .read) } as? InteropError
    #expect(refused?.code == .driverFailure && refused?.driverCode == .posix(ENOMEM))
  }
}
