internal import CInteropProbe
internal import InteropDrivers
internal import FoundationEssentials
internal import Glibc

/// Lines of JSON over a connected stream socket. Owns its descriptor.
struct LineSocket: ~Copyable {
  /// Far longer than any answer; a longer line is an error.
  private static let longestLine = 16 << 20

  let descriptor: Int32
  private var received: [UInt8] = []

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Creates two ends, both closed on exec, neither with the number of stdin, stdout or stderr.
  ///
  /// - Returns: nil, and `errno`, where the system gives none.
  static func pair() -> (Int32, Int32)? {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    for index in ends.indices { ends[index] = system_above(ends[index], STDERR_FILENO) }
    guard ends[0] >= 0, ends[1] >= 0 else {
      let code = errno
      for end in ends where end >= 0 { close(end) }
      errno = code
      return nil
    }
    return (ends[0], ends[1])
  }

  /// - Returns: false if the other end is gone.
  func send(_ value: some Encodable) -> Bool {
    guard var line = try? JSONEncoder().encode(value) else { return false }
    line.append(UInt8(ascii: "\n"))
    var sent = 0
    while sent < line.count {
      // No SIGPIPE: the other end may have crashed.
      let count = line.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { sent += count } else if errno != EINTR { return false }
    }
    return true
  }

  enum Received<Value> {
    case value(Value)
    /// The other end is closed.
    case closed
    /// The other end is open and sent something else.
    case unreadable
    case timedOut
  }

  /// Receives the next line.
  ///
  /// - Parameter timeout: nil waits for ever.
  mutating func receive<Value: Decodable>(_ type: Value.Type, timeout: Duration?) -> Received<Value> {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    // Bytes that were searched are not searched again.
    var searched = 0
    while true {
      if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(received[..<end])
        received.removeSubrange(...end)
        guard let value = try? JSONDecoder().decode(Value.self, from: line) else { return .unreadable }
        return .value(value)
      }
      searched = received.count
      guard searched < Self.longestLine else { return .unreadable }
      if let deadline {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return .timedOut }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: left.nanoseconds / 1_000_000 + 1)
        if Glibc.poll(&poll, 1, milliseconds) <= 0 { continue }
      }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 { received += chunk[..<count] } else if count == 0 || errno != EINTR { return .closed }
    }
  }
}
