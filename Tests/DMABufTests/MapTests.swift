import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// The CPU's access to buffers.
@Suite(.serialized) struct MapTests {
  private static let subject = "CPU access to a DMA-BUF"

  @Test(arguments: DRMFourCC.known) func whatWasWrittenIsRead(format: DRMFourCC) throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make(format)
    try buffer.map(for: .write) { planes in
      for (index, plane) in planes.enumerated() {
        for row in 0..<plane.rowCount {
          for (column, byte) in plane.row(row).indices.enumerated() {
            plane.row(row)[byte] = UInt8(truncatingIfNeeded: 40 * index + 7 * row + column)
          }
        }
      }
    }
    let wrong = try buffer.duplicate().map(for: .read) { planes in
      planes.enumerated().reduce(0) { sum, pair in
        let (index, plane) = pair
        return sum
          + (0..<plane.rowCount).reduce(0) { sum, row in
            sum + plane.row(row).enumerated().count { $1 != UInt8(truncatingIfNeeded: 40 * index + 7 * row + $0) }
          }
      }
    }
    #expect(wrong == 0)
    // Where each plane lies: the raw bytes say it in the description's terms.
    let first = try buffer.mapBytes(for: .read) { bytes in
      buffer.planes.map { bytes[Int($0.offset) + Int($0.stride)] }
    }
    #expect(first == buffer.planes.indices.map { UInt8(40 * $0 + 7) })
  }

  @Test(arguments: [(DMABufAccess.read, "read"), (.write, "write"), (.readWrite, "read write")])
  func theAccessIsBegunAndEndedAroundTheBody(access: DMABufAccess, flags: String) throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let calls = try KernelCalls.recorded { try buffer.map(for: access) { _ in } }
    #expect(
      calls == ["mmap", "poll", "DMA_BUF_IOCTL_SYNC start \(flags)", "DMA_BUF_IOCTL_SYNC end \(flags)", "munmap"])
  }

  @Test func theAccessEndsWhenTheBodyThrows() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let own = InteropError(.wrongPixels, step: "test", reason: "of the body")
    var error: InteropError?
    let calls = KernelCalls.recorded {
      error = refusal { () throws(InteropError) in
        try buffer.map(for: .readWrite) { (_) throws(InteropError) in throw own }
      }
    }
    #expect(error == own)
    #expect(calls.suffix(3) == ["DMA_BUF_IOCTL_SYNC start read write", "DMA_BUF_IOCTL_SYNC end read write", "munmap"])
  }

  @Test func whatWasBegunIsEndedWhenTheSecondBufferFails() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try Self.twoBuffers()
    var calls: [String] = []
    var starts = 0
    let error = KernelCalls.handled(by: { call, _, argument in
      guard call == "DMA_BUF_IOCTL_SYNC", let flags = argument?.load(as: UInt64.self) else {
        calls.append(call)
        return 0
      }
      calls.append(flags & 4 == 0 ? "start" : "end")
      starts += flags & 4 == 0 ? 1 : 0
      return flags & 4 == 0 && starts == 2 ? -EIO : 0
    }) {
      refusal { () throws(InteropError) in try buffer.map(for: .read) { _ in } }
    }
    #expect(error?.step == "DMA_BUF_IOCTL_SYNC" && error?.driverCode == .posix(EIO))
    #expect(calls == ["mmap", "mmap", "poll", "poll", "start", "start", "end", "munmap", "munmap"])
  }

  @Test(arguments: [("mmap", ENODEV), ("DMA_BUF_IOCTL_SYNC", EIO)])
  func reasonsOfTheKernelArePassedOn(call: String, code: Int32) throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let error = KernelCalls.failing(call, with: code) { try buffer.map(for: .read) { _ in } } as? InteropError
    #expect(error?.step == call && error?.driverCode == .posix(code) && error?.code == .driverFailure)
  }

  /// Looked up in /proc/self/maps: a write would end the process.
  @Test(arguments: [(DMABufAccess.read, "r--s"), (.write, "rw-s")])
  func readingMapsWithoutPermissionToWrite(access: DMABufAccess, permissions: String) throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.make()
    let found = try buffer.mapBytes(for: access) { bytes in
      Self.mapping(at: bytes.baseAddress!)
    }
    #expect(found?.split(separator: " ").dropFirst().first == Substring(permissions))
  }

  /// The line of /proc/self/maps that begins at an address.
  private static func mapping(at address: UnsafeMutableRawPointer) -> String? {
    guard let file = fopen("/proc/self/maps", "re") else { return nil }
    defer { fclose(file) }
    let start = String(UInt(bitPattern: address), radix: 16) + "-"
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      if text.hasPrefix(start) { return text }
    }
    return nil
  }

  @Test func aReadOnlyDescriptorIsNotWrittenThrough() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let buffer = try RealBuffers.readOnly()
    #expect(buffer.objects.map(\.isWritable) == [false])
    var error: InteropError?
    let calls = KernelCalls.recorded {
      error = refusal { () throws(InteropError) in try buffer.map(for: .write) { _ in } }
    }
    #expect(error?.code == .invalidArgument)
    #expect(error?.reason == "buffer 0 has a read-only descriptor")
    #expect(calls.isEmpty)
    let byte = try buffer.mapBytes(for: .read) { $0[0] }
    #expect(byte == 0)
  }

  @Test func onlyLinearLayoutsHaveRows() throws {
    guard RealBuffers.areThere(for: Self.subject) else { return }
    let linear = try RealBuffers.make()
    for modifier in [DRMModifier.invalid, DRMModifier(rawValue: 0x0300_0000_00E0_8014)] {
      var description = linear.description
      description.modifier = modifier
      let buffer = try linear.withDescriptors { try DMABuf(description, duplicating: $0) }
      let error = refusal { () throws(InteropError) in try buffer.map(for: .read) { _ in } }
      #expect(error?.code == .unsupported)
      #expect(error?.missing == ["DRM_FORMAT_MOD_LINEAR"])
      let count = try buffer.mapBytes(for: .read) { $0.count }
      #expect(count == 4096)
    }
    let error = refusal { () throws(InteropError) in try linear.mapBytes(ofBuffer: 1, for: .read) { _ in } }
    #expect(error?.reason == "there is no buffer 1 of 1")
  }

  @Test func aDeviceThatStillWritesIsWaitedFor() throws {
    guard let fence = try RealBuffers.pendingFence(for: "waiting for a pending fence") else { return }
    let calls = KernelCalls.recorded {
      let error = refusal { () throws(InteropError) in
        try fence.buffer.map(for: .read, timeout: .milliseconds(50)) { _ in }
      }
      #expect(error?.code == .timeout)
    }
    // Nothing was begun: DMA_BUF_IOCTL_SYNC would have waited for 10 seconds.
    #expect(calls == ["mmap", "poll", "munmap"])
    try fence.signal()
    let byte = try fence.buffer.map(for: .read) { $0[0].bytes[0] }
    #expect(byte == 0)
  }

  /// NV12 whose planes lie in a buffer each.
  static func twoBuffers() throws(InteropError) -> DMABuf {
    let luma = try RealBuffers.make(.r8)
    let chroma = try RealBuffers.make(.r8)
    let description = DMABufDescription(
      size: RealBuffers.size, format: .nv12, modifier: .linear,
      planes: [.init(stride: 32), .init(object: 1, stride: 32)])
    return try luma.withDescriptors { first throws(InteropError) in
      try chroma.withDescriptors { second throws(InteropError) in try DMABuf(description, duplicating: first + second) }
    }
  }
}
