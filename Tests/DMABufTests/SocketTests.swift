import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Images over sockets, from senders that keep to the protocol and from others. Refusals need no real buffers.
@Suite(.serialized) struct SocketTests {
  enum Kind: CaseIterable { case packets, stream }

  /// Two connected ends, closed when they go away.
  final class Pair {
    let ends: [Int32]
    init(_ kind: Kind) {
      var ends: [Int32] = [-1, -1]
      let type = kind == .stream ? SOCK_STREAM : SOCK_SEQPACKET
      socketpair(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
      self.ends = ends
    }
    /// Leaves one end.
    func closeFirst() {
      close(ends[0])
      isOpen = false
    }
    private var isOpen = true
    deinit {
      if isOpen { close(ends[0]) }
      close(ends[1])
    }
    var sender: Int32 { ends[0] }
    var receiver: Int32 { ends[1] }
  }

  /// A message as the library writes it.
  static func message(
    _ body: String, length: Int? = nil, magic: String = "DMB1"
  ) -> [UInt8] {
    let count = UInt32(truncatingIfNeeded: length ?? body.utf8.count)
    return Array(magic.utf8) + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(body.utf8)
  }

  static let body =
    #"{"image":{"size":{"width":17,"height":13},"format":"AB24","modifier":"0x0","planes":[{"object":0,"offset":0,"stride":68}]},"buffers":1,"fence":false}"#

  /// sendmsg with SCM_RIGHTS, of anything.
  static func sendRaw(_ socket: Int32, _ bytes: [UInt8], _ descriptors: [Int32]) {
    var bytes = bytes
    let count = bytes.count
    let size = descriptors.count * MemoryLayout<Int32>.size
    let headerSize = MemoryLayout<cmsghdr>.size
    var control = [UInt8](repeating: 0, count: headerSize + (size + 7) / 8 * 8)
    let sent = bytes.withUnsafeMutableBytes { data in
      control.withUnsafeMutableBytes { control in
        var part = iovec(iov_base: data.baseAddress, iov_len: count)
        return withUnsafeMutablePointer(to: &part) { part in
          var message = msghdr()
          message.msg_iov = part
          message.msg_iovlen = 1
          if !descriptors.isEmpty {
            var header = cmsghdr()
            header.cmsg_len = headerSize + size
            header.cmsg_level = SOL_SOCKET
            header.cmsg_type = 1  // SCM_RIGHTS
            control.storeBytes(of: header, as: cmsghdr.self)
            for (index, number) in descriptors.enumerated() {
              control.storeBytes(of: number, toByteOffset: headerSize + 4 * index, as: Int32.self)
            }
            message.msg_control = control.baseAddress
            message.msg_controllen = control.count
          }
          return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
        }
      }
    }
    precondition(sent == count, "sendmsg sent \(sent) of \(count): errno \(errno)")
  }

  private static func received(_ pair: Pair, _ timeout: Duration = .seconds(5)) -> InteropError? {
    refusal { () throws(InteropError) in _ = try DMABuf.receive(from: pair.receiver, timeout: timeout) }
  }

  private static let null = open("/dev/null", O_RDWR | O_CLOEXEC)

  @Test(arguments: Kind.allCases) func anImageArrivesWithItsPixels(kind: Kind) throws {
    guard RealBuffers.areThere(for: "sending DMA-BUFs over sockets") else { return }
    let files = OpenFiles.list()
    do {
      let pair = Pair(kind)
      for buffer in [try RealBuffers.make(.nv12), try MapTests.twoBuffers()] {
        try buffer.map(for: .write) { $0[1].row(3)[5] = 200 }
        try buffer.send(over: pair.sender)
        let received = try DMABuf.receive(from: pair.receiver)
        let image = received.buffer
        let hasFence = received.fence != nil
        #expect(!hasFence)
        #expect(image.description == buffer.description && image.objects == buffer.objects)
        let byte = try image.map(for: .read) { $0[1].row(3)[5] }
        #expect(byte == 200)
        let flags = image.withDescriptors { $0.map { fcntl($0, F_GETFD) } }
        #expect(flags.allSatisfy { $0 == FD_CLOEXEC })
      }
    }
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }

  @Test(arguments: Kind.allCases) func aFenceComesAlong(kind: Kind) throws {
    guard let fence = try RealBuffers.pendingFence(for: "sending a pending fence over a socket") else { return }
    let pair = Pair(kind)
    let buffer = try RealBuffers.make()
    let file = try fence.syncFile()
    try buffer.send(over: pair.sender, waitFor: file)
    try buffer.send(over: pair.sender, waitFor: file)
    let received = try DMABuf.receive(from: pair.receiver)
    switch received.fence {
    case .some(let arrived):
      let isEarly = try arrived.isSignalled
      #expect(!isEarly)
    case .none: Issue.record("no fence came")
    }
    let error = refusal { () throws(InteropError) in
      _ = try DMABuf.receiveSignalled(from: pair.receiver, timeout: .milliseconds(50))
    }
    #expect(error?.code == .timeout)
    try buffer.send(over: pair.sender, waitFor: file)
    try fence.signal()
    _ = try DMABuf.receiveSignalled(from: pair.receiver)
  }

  /// A stream gives what it gets in any pieces.
  @Test func aStreamMayComeByteByByte() throws {
    guard RealBuffers.areThere(for: "sending DMA-BUFs over sockets") else { return }
    let pair = Pair(.stream)
    let buffer = try RealBuffers.make()
    let bytes = Self.message(Self.body)
    let error = try withThread({
      buffer.withDescriptors { Self.sendRaw(pair.sender, [bytes[0]], $0) }
      for byte in bytes.dropFirst() {
        usleep(500)
        Self.sendRaw(pair.sender, [byte], [])
      }
    }) { Self.received(pair) }
    #expect(error == nil)
  }

  struct NoMessage: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let reason: String
    var testDescription: String { "\(String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription): \(reason)" }
  }

  private static let noMessages = [
    NoMessage(bytes: message(body, magic: "DMB2"), reason: "what came is no DMA-BUF"),
    NoMessage(bytes: Array("GET / HTTP/1.1\r\n\r\n".utf8), reason: "what came is no DMA-BUF"),
    NoMessage(bytes: message("", length: 0), reason: "0 bytes was announced"),
    NoMessage(bytes: message("{}", length: 4097), reason: "4097 bytes was announced"),
    NoMessage(bytes: message("{}", length: 0xFFFF_FFFF), reason: "4294967295 bytes was announced"),
    NoMessage(bytes: message("{}"), reason: "cannot be read"),
    NoMessage(bytes: message("\u{0}\u{1}\u{2}"), reason: "cannot be read"),
    NoMessage(bytes: message(String(repeating: "[", count: 4000)), reason: "cannot be read"),
    NoMessage(bytes: message(body.replacing("17", with: "1e99")), reason: "cannot be read"),
    NoMessage(bytes: message(body.replacing(":68", with: ":-68")), reason: "cannot be read"),
    NoMessage(bytes: message(body.replacing("AB24", with: "AB245")), reason: "cannot be read"),
    NoMessage(
      bytes: message(body.replacing(#""buffers":1"#, with: #""buffers":-1"#)), reason: "1 descriptors came for -1"),
    NoMessage(
      bytes: message(body.replacing(#""buffers":1"#, with: #""buffers":9223372036854775807"#)),
      reason: "1 descriptors came"),
    NoMessage(
      bytes: message(body.replacing("false", with: "true")), reason: "1 descriptors came for 1 buffers and a fence"),
    // What the kernel says of the descriptor.
    NoMessage(bytes: message(body), reason: "descriptor 0 is no DMA-BUF"),
  ]

  @Test(arguments: Kind.allCases, noMessages) func whatIsNoMessageIsRefused(kind: Kind, message: NoMessage) {
    let files = OpenFiles.list()
    do {
      let pair = Pair(kind)
      Self.sendRaw(pair.sender, message.bytes, [Self.null])
      let error = Self.received(pair)
      #expect(error?.code == .invalidArgument)
      let text = error?.reason ?? "nothing was refused"
      #expect(text.contains(message.reason), "\(text)")
    }
    let left = OpenFiles.opened(since: files).filter {
      !$0.contains("/dev/null") || $0.hasPrefix("\(Self.null) ") == false
    }
    #expect(left.isEmpty)
  }

  @Test func aPacketThatIsLongerOrShorterThanItSaysIsRefused() {
    let pair = Pair(.packets)
    for (bytes, reason) in [
      (Self.message(Self.body, length: 20), "20 bytes was announced, \(Self.body.utf8.count) came"),
      (Self.message(Self.body, length: 300), "300 bytes was announced"),
      (Array("DMB1".utf8), "what came is no DMA-BUF"),
      (Self.message(String(repeating: " ", count: 9000), length: 4096), "a packet of more than 4104 bytes"),
    ] {
      Self.sendRaw(pair.sender, bytes, [])
      let error = Self.received(pair)
      let text = error?.reason ?? "nothing was refused"
      #expect(text.contains(reason), "\(text)")
    }
  }

  @Test(arguments: Kind.allCases, [2, 5, 6, 7, 100, 253]) func tooManyDescriptorsAreClosed(kind: Kind, count: Int) {
    let before = OpenFiles.count()
    do {
      let pair = Pair(kind)
      Self.sendRaw(pair.sender, Self.message(Self.body), .init(repeating: Self.null, count: count))
      let error = Self.received(pair)
      #expect(error?.code == .invalidArgument)
      let text = error?.reason ?? "nothing was refused"
      #expect(
        text.contains(count <= 5 ? "\(count) descriptors came for 1 buffers" : "more descriptors came"), "\(text)")
    }
    let after = OpenFiles.count()
    #expect(after == before)
  }

  /// Descriptors that go with a later part of a stream's message.
  @Test func descriptorsInTheBodyCount() {
    let before = OpenFiles.count()
    do {
      let pair = Pair(.stream)
      let bytes = Self.message(Self.body)
      Self.sendRaw(pair.sender, Array(bytes[..<8]), [Self.null, Self.null, Self.null])
      Self.sendRaw(pair.sender, Array(bytes[8...]), [Self.null, Self.null, Self.null])
      let text = Self.received(pair)?.reason ?? "nothing was refused"
      #expect(text.contains("more descriptors came"), "\(text)")
    }
    let after = OpenFiles.count()
    #expect(after == before)
  }

  /// The kernel passes what the limit allows and says that it cut the rest off.
  @Test func aProcessAtItsLimitClosesWhatItGot() {
    let pair = Pair(.packets)
    Self.sendRaw(pair.sender, Self.message(Self.body), [Self.null, Self.null, Self.null])
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let before = OpenFiles.list()
    var low = limit
    // One more than the highest that is open; holes below it are filled.
    low.rlim_cur = rlim_t((before.keys.max() ?? 0) + 1)
    var fillers: [Int32] = []
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
    while true {
      let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
      if number < 0 { break }
      fillers.append(number)
    }
    if let last = fillers.popLast() { close(last) }
    let error = Self.received(pair)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    for number in fillers { close(number) }
    let text = error?.reason ?? "nothing was refused"
    #expect(text.contains("more descriptors came"), "\(text)")
    let left = OpenFiles.opened(since: before)
    #expect(left.isEmpty)
  }

  @Test(arguments: Kind.allCases) func aSenderThatStopsIsAbandoned(kind: Kind) {
    let before = OpenFiles.count()
    do {
      let pair = Pair(kind)
      let nothing = Self.received(pair, .milliseconds(50))
      #expect(nothing?.code == .timeout)
      if kind == .stream {
        // Part of a message, then silence.
        Self.sendRaw(pair.sender, Array(Self.message(Self.body).prefix(30)), [Self.null])
        let part = Self.received(pair, .milliseconds(50))
        #expect(part?.code == .timeout)
      }
      pair.closeFirst()
      let gone = Self.received(pair)
      #expect(gone?.code == .driverFailure && gone?.driverCode == .posix(ECONNRESET))
    }
    let after = OpenFiles.count()
    #expect(after == before)
  }

  @Test func anotherSocketIsRefused() throws {
    guard RealBuffers.areThere(for: "sending DMA-BUFs over sockets") else { return }
    let buffer = try RealBuffers.make()
    let internet = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let datagram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer {
      close(internet)
      close(datagram)
    }
    for number in [internet, datagram, Self.null, 1_000_000] {
      let sent = refusal { () throws(InteropError) in try buffer.send(over: number) }
      #expect(sent?.code == .invalidArgument && sent?.step == "check the socket", "\(number)")
      let received = refusal { () throws(InteropError) in _ = try DMABuf.receive(from: number) }
      #expect(received?.code == .invalidArgument)
    }
    let pair = Pair(.packets)
    let alone = Pair(.stream)
    alone.closeFirst()
    let gone = refusal { () throws(InteropError) in try buffer.send(over: alone.receiver) }
    #expect(gone?.step == "sendmsg" && gone?.driverCode == .posix(EPIPE))
    // The receiver does not read: the socket fills up.
    var full: InteropError?
    for _ in 0..<10_000 where full == nil {
      full = refusal { () throws(InteropError) in try buffer.send(over: pair.sender, timeout: .milliseconds(20)) }
    }
    #expect(full?.code == .timeout || full?.driverCode == .posix(ETOOMANYREFS))
  }

  /// A description that lies about real buffers.
  @Test(arguments: Kind.allCases) func aDescriptionThatDoesNotFitIsRefused(kind: Kind) throws {
    guard RealBuffers.areThere(for: "sending DMA-BUFs over sockets") else { return }
    let buffer = try RealBuffers.make()
    for (from, to, reason) in [
      (#""width":17"#, #""width":4096"#, "stride of 68"), (#""height":13"#, #""height":500"#, "ends at byte"),
      (#""offset":0"#, #""offset":4096"#, "begins at byte 4096"),
      (#""object":0"#, #""object":1"#, "no plane is in buffer 0"),
      ("AB24", "NV12", "1 planes for linear NV12"), ("AB24", "ZZ99", "no pixel format"),
      (#""width":17"#, #""width":0"#, "the size is 0x13"),
    ] {
      let before = OpenFiles.count()
      do {
        let pair = Pair(kind)
        buffer.withDescriptors { Self.sendRaw(pair.sender, Self.message(Self.body.replacing(from, with: to)), $0) }
        let text = Self.received(pair)?.reason ?? "nothing was refused"
        #expect(text.contains(reason), "\(text)")
      }
      let after = OpenFiles.count()
      #expect(after == before)
    }
    // A fence that is none: the buffer itself.
    let before = OpenFiles.count()
    do {
      let pair = Pair(kind)
      let bytes = Self.message(Self.body.replacing("false", with: "true"))
      buffer.withDescriptors { Self.sendRaw(pair.sender, bytes, $0 + $0) }
      let error = Self.received(pair)
      #expect(error?.step == "check the sync_file")
    }
    let after = OpenFiles.count()
    #expect(after == before)
  }
}
