import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every call to the kernel fails once: the error says so, and nothing stays behind.
@Suite("Every kernel call fails once", .serialized) struct KernelFailureTests {
  /// Runs `body` with its first, second, … call failing until it makes no more calls.
  ///
  /// - Parameter tolerated: calls whose failure needs no action, or that have an answer of their own.
  private func everyCall(
    _ what: String, tolerated: Set<String> = ["munmap"], atLeast least: Int,
    _ body: () throws(InteropError) -> Void
  ) throws {
    try body()
    var n = 0
    while true {
      n += 1
      let files = OpenFiles.list()
      var count = 0
      var injected: String?
      let error = KernelCalls.handled(by: { call, _, _ in
        count += 1
        guard count == n else { return 0 }
        injected = call
        return -EIO
      }) { refusal(body) }
      guard let failed = injected else {
        #expect(error == nil)
        break
      }
      if error == nil {
        #expect(tolerated.contains(failed), "\(what): no error says that \(failed) failed (call \(n))")
      }
      let left = OpenFiles.opened(since: files)
      #expect(left.isEmpty, "\(what): \(failed) failing (call \(n)) leaves open \(left)")
    }
    #expect(n > least, "\(what) made only \(n - 1) calls")
  }

  @Test func buffers() throws {
    guard RealBuffers.areThere(for: "every kernel call failing, on buffers") else { return }
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    defer { for end in ends { close(end) } }
    try everyCall("buffers", atLeast: 20) { () throws(InteropError) in
      let buffer = try RealBuffers.make()
      _ = try DMAHeap().makeBuffer(size: RealBuffers.size, format: .nv12)
      try buffer.map(for: .readWrite) { _ in }
      let fence = try buffer.exportSyncFile(for: .write)
      try buffer.importSyncFile(fence, for: .write)
      let other = try MapTests.twoBuffers().exportSyncFile(for: .read)
      let both = try fence.merged(with: other)
      _ = try both.fences()
      try both.wait()
      // A message that was sent and not received is taken out, so that the next round gets its own.
      try buffer.send(over: ends[0], waitFor: both)
      do throws(InteropError) { _ = try DMABuf.receiveSignalled(from: ends[1]) } catch {
        if error.step == "recvmsg" { Self.drain(ends[1]) }
        throw error
      }
    }
  }

  /// Takes out and closes what waits in a socket.
  private static func drain(_ socket: Int32) {
    // recv without room for descriptors: the kernel closes them.
    var bytes = [UInt8](repeating: 0, count: 8192)
    _ = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
  }

  @Test func timelines() throws {
    guard let device = try SyncobjTimelineTests.device() else { return }
    let tolerated: Set<String> = ["DRM_IOCTL_SYNCOBJ_DESTROY"]
    try everyCall("timelines", tolerated: tolerated, atLeast: 20) { () throws(InteropError) in
      let timeline = try DRMSyncTimeline(on: device)
      let descriptor = try timeline.exportDescriptor()
      let imported = try descriptor.withBorrowed { number throws(InteropError) in
        try DRMSyncTimeline(importing: number, on: device)
      }
      try timeline.signal(1)
      let event = try timeline.eventFile(at: 2)
      let fence = try imported.exportSyncFile(at: 1)
      try imported.importSyncFile(fence, at: 2)
      try timeline.wait(2)
      _ = try timeline.query()
      _ = consume event
    }
  }

  /// A syncobj is no file: those that are left over would show in no list.
  @Test(arguments: [
    "", "DRM_IOCTL_SYNCOBJ_TRANSFER", "DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD", "DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE",
  ])
  func everySyncobjIsDestroyed(failing: String) throws {
    guard let device = try SyncobjTimelineTests.device() else { return }
    var alive = 0
    KernelCalls.handled(by: { call, _, argument in
      if call == failing { return -EIO }
      if call == "DRM_IOCTL_SYNCOBJ_CREATE" { alive += 1 }
      if call == "DRM_IOCTL_SYNCOBJ_DESTROY" { alive -= 1 }
      return 0
    }) {
      _ = refusal { () throws(InteropError) in
        let timeline = try DRMSyncTimeline(on: device)
        try timeline.signal(1)
        let fence = try timeline.exportSyncFile(at: 1)
        try timeline.importSyncFile(fence, at: 2)
      }
    }
    #expect(alive == 0, "\(failing)")
  }

  @Test func aThousandFailuresLeaveNoFile() throws {
    guard RealBuffers.areThere(for: "a thousand failing calls") else { return }
    let device = try UDMABuf()
    let heap = try DMAHeap()
    let buffer = try RealBuffers.make()
    let large = PixelSize(width: 8192, height: 4096)
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let kinds: [(String, () throws(InteropError) -> Void)] = [
      ("udmabuf", { () throws(InteropError) in _ = try device.makeBuffer(size: large, format: .abgr8888) }),
      (
        "heap",
        { () throws(InteropError) in _ = try heap.makeBuffer(size: RealBuffers.size, format: .init(rawValue: 1)) }
      ),
      ("missing heap", { () throws(InteropError) in _ = try DMAHeap("nobody-has-this") }),
      ("device", { () throws(InteropError) in _ = try DRMDevice(path: "/dev/null") }),
      ("sync_file", { () throws(InteropError) in _ = try SyncFile(adopting: null) }),
      ("timeline", { () throws(InteropError) in _ = try DRMSyncTimeline(on: DRMDevice(path: "/dev/null")) }),
      ("map", { () throws(InteropError) in try buffer.mapBytes(ofBuffer: 1, for: .read) { _ in } }),
      (
        "socket",
        { () throws(InteropError) in
          let pair = SocketTests.Pair(.stream)
          SocketTests.sendRaw(pair.sender, SocketTests.message("{}"), [null, null])
          _ = try DMABuf.receive(from: pair.receiver)
        }
      ),
    ]
    for (name, body) in kinds {
      let before = OpenFiles.count()
      var failures = 0
      for _ in 0..<1000 where refusal(body) != nil { failures += 1 }
      let after = OpenFiles.count()
      #expect(failures == 1000 && after == before, "\(name): \(failures) failures, \(after - before) files more")
    }
  }
}
