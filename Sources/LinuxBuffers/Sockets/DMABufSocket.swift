public import InteropBase
internal import CInteropKernel
import Glibc

// An image is sent to another process as one message: the description as JSON and the descriptors as SCM_RIGHTS, over
// the caller's connected AF_UNIX socket, SOCK_SEQPACKET or SOCK_STREAM.

/// The result of ``DMABuf/receive(from:timeout:)``.
public struct ReceivedDMABuf: ~Copyable, Sendable {
  /// The buffer, which owns its descriptors.
  public let buffer: DMABuf
  /// The fence to wait for before the buffer is read; nil if there is none.
  public var fence: SyncFile?
}

extension DMABuf {
  /// Sends the image to another process, which gets duplicated descriptors.
  ///
  /// - Parameters:
  ///   - socket: a connected AF_UNIX socket, SOCK_SEQPACKET or SOCK_STREAM, over which no other thread sends meanwhile.
  ///   - fence: the fence that the receiver must wait for; the caller keeps it.
  ///   - timeout: how long to wait for the socket to accept the message.
  /// - Throws: ``InteropError/Code/invalidArgument`` for another socket; ``InteropError/Code/timeout``;
  ///   ``InteropError/Code/driverFailure``, EPIPE if the other end is closed. Close a stream then.
  ///
  /// The corresponding C function is `sendmsg` with SCM_RIGHTS.
  public func send(
    over socket: Int32, waitFor fence: borrowing SyncFile, timeout: Duration = .seconds(10)
  ) throws(InteropError) {
    let number = fence.withBorrowed { $0 }
    try send(over: socket, fence: number, timeout)
  }

  /// Sends the image without a fence.
  public func send(over socket: Int32, timeout: Duration = .seconds(10)) throws(InteropError) {
    try send(over: socket, fence: nil, timeout)
  }

  private func send(over socket: Int32, fence: Int32?, _ timeout: Duration) throws(InteropError) {
    let peer = try BufferSocket(socket, timeout)
    let message = DMABufMessage(image: description, buffers: objects.count, fence: fence != nil)
    let bytes = try message.encoded()
    try withDescriptors { descriptors throws(InteropError) in
      try peer.send(bytes, descriptors + (fence.map { [$0] } ?? []))
    }
  }

  /// Receives an image from another process without trusting it: sizes are bounded, descriptors are counted, the kernel
  /// is asked about each, and the description must fit the buffers. After an error all received descriptors are closed.
  ///
  /// No receiver can rule out two things: the sender keeps its descriptors and may write at any time, and its fence may
  /// never be signalled. So wait for the fence on the CPU, with a timeout, before a GPU does.
  ///
  /// - Parameters:
  ///   - socket: as in ``send(over:waitFor:timeout:)``.
  ///   - timeout: how long the whole message may take.
  /// - Throws: ``InteropError/Code/invalidArgument`` for an invalid message or invalid buffers: close the socket;
  ///   ``InteropError/Code/timeout``; ``InteropError/Code/driverFailure``, ECONNRESET if the other end is closed.
  ///
  /// The corresponding C function is `recvmsg`.
  public static func receive(
    from socket: Int32, timeout: Duration = .seconds(10)
  ) throws(InteropError) -> ReceivedDMABuf {
    let peer = try BufferSocket(socket, timeout)
    let files = ReceivedFiles()
    let body = try peer.receive(files)
    let message = try DMABufMessage(body: body)
    guard (1...DMABufDescription.maximumPlanes).contains(message.buffers),
      files.numbers.count == message.buffers + (message.fence ? 1 : 0)
    else {
      throw DMABufMessage.refusal(
        "\(files.numbers.count) descriptors came for \(message.buffers) buffers\(message.fence ? " and a fence" : "")")
    }
    var fence: SyncFile?
    if message.fence, let number = files.numbers.last {
      fence = try SyncFile(adopting: number)
      files.numbers.removeLast()
    }
    let buffer = try DMABuf(message.image, adopting: files.numbers)
    files.numbers = []
    return ReceivedDMABuf(buffer: buffer, fence: fence)
  }

  /// Receives an image and waits on the CPU for its fence, if one came, within the same timeout.
  ///
  /// - Throws: as ``receive(from:timeout:)`` and ``SyncFile/wait(timeout:)``.
  public static func receiveSignalled(
    from socket: Int32, timeout: Duration = .seconds(10)
  ) throws(InteropError) -> DMABuf {
    let deadline = ContinuousClock.now + timeout
    let received = try receive(from: socket, timeout: timeout)
    let buffer = received.buffer
    if let fence = received.fence { try fence.wait(timeout: deadline - ContinuousClock.now) }
    return buffer
  }
}

/// Received descriptors that have no other owner yet.
private final class ReceivedFiles {
  var numbers: [Int32] = []
  deinit { for number in numbers { close(number) } }
}

/// Sends and receives whole messages over a socket that may transfer them in pieces.
private struct BufferSocket {
  private let socket: Int32
  private let isStream: Bool
  private let deadline: ContinuousClock.Instant
  private let timeout: Duration

  init(_ socket: Int32, _ timeout: Duration) throws(InteropError) {
    let kind = kernel_socket_kind(socket)
    guard kind > 0 else {
      throw InteropError(
        .invalidArgument, step: "check the socket",
        reason: "descriptor \(socket) is no AF_UNIX socket of the kind SOCK_SEQPACKET or SOCK_STREAM",
        driverCode: kind < 0 ? .posix(-kind) : nil, advice: "Make one with socketpair or connect")
    }
    self.socket = socket
    self.timeout = timeout
    isStream = kind == 1
    deadline = ContinuousClock.now + timeout
  }

  /// Sends bytes, the descriptors along with the first one.
  func send(_ bytes: [UInt8], _ descriptors: [Int32]) throws(InteropError) {
    var sent = 0
    while sent < bytes.count {
      let files = sent == 0 ? descriptors : []
      let count = bytes.withUnsafeBytes {
        kernel_send(socket, $0.baseAddress! + sent, $0.count - sent, files, files.count)
      }
      if count > 0 {
        sent += Int(count)
      } else if count == Int64(-EAGAIN) {
        try wait(writes: true)
      } else {
        throw InteropError(
          .driverFailure, step: "sendmsg", reason: "the DMA-BUF cannot be sent", driverCode: .posix(Int32(-count)),
          advice: count == Int64(-ETOOMANYREFS) ? "The other end leaves too many descriptors unread" : nil)
      }
    }
  }

  /// Receives a message and returns its body.
  func receive(_ files: ReceivedFiles) throws(InteropError) -> ArraySlice<UInt8> {
    let header = DMABufMessage.headerLength
    var bytes: [UInt8] = []
    if isStream {
      while bytes.count < header { bytes += try receiveSome(header - bytes.count, files) }
      let end = header + (try DMABufMessage.bodyLength(bytes))
      while bytes.count < end { bytes += try receiveSome(end - bytes.count, files) }
    } else {
      bytes = try receiveSome(header + DMABufMessage.longestBody, files)
      let length = try DMABufMessage.bodyLength(bytes.prefix(header))
      guard bytes.count == header + length else {
        throw DMABufMessage.refusal("a description of \(length) bytes was announced, \(bytes.count - header) came")
      }
    }
    return bytes[header...]
  }

  /// Receives at least one byte and at most `capacity`.
  private func receiveSome(_ capacity: Int, _ files: ReceivedFiles) throws(InteropError) -> [UInt8] {
    while true {
      var descriptors = [Int32](repeating: -1, count: DMABufMessage.mostDescriptors - files.numbers.count)
      var message = kernel_message()
      var result: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        result = kernel_receive(socket, buffer.baseAddress, capacity, &descriptors, descriptors.count, &message)
        count = message.byte_count
      }
      if result == -EAGAIN {
        try wait(writes: false)
        continue
      }
      guard result == 0 else {
        throw InteropError(
          .driverFailure, step: "recvmsg", reason: "no DMA-BUF can be received", driverCode: .posix(-result))
      }
      files.numbers += descriptors.prefix(message.descriptor_count)
      if message.lost_descriptors {
        throw DMABufMessage.refusal(
          "more descriptors came than a message has, or than this process may open",
          "Close the socket. If the sender is right, raise the limit of open files (ulimit -n)")
      }
      if message.is_longer { throw DMABufMessage.refusal("a packet of more than \(capacity) bytes came") }
      guard message.byte_count > 0 else {
        throw InteropError(
          .driverFailure, step: "recvmsg", reason: "the other end is gone", driverCode: .posix(ECONNRESET))
      }
      return bytes
    }
  }

  private func wait(writes: Bool) throws(InteropError) {
    let left = deadline - ContinuousClock.now
    let result = kernel_wait(socket, writes, Int64(clamping: left.nanoseconds))
    guard result >= 0 else {
      throw InteropError(.driverFailure, step: "poll", reason: "the socket fails", driverCode: .posix(-result))
    }
    guard result == 1 else {
      throw InteropError(
        .timeout, step: "poll",
        reason: writes ? "the other end took nothing for \(timeout)" : "no whole DMA-BUF came within \(timeout)",
        advice: "Close the socket if part of a message went over it")
    }
  }
}
