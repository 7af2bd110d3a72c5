internal import CInteropProbe
internal import InteropDrivers
internal import Glibc
internal import RawImport

/// Tries combinations in a helper process. A driver's crash or hang in the helper is an answer, and the next task gets
/// a new helper.
///
/// posix_spawn starts the helper, which is a separate program: a fork of a process in which a driver has been
/// initialised hangs on every software driver.
package final class HelperProber: Prober {
  package let place = CapabilityMatrix.ProbePlace.childProcess
  package private(set) var lastTrail: [String] = []

  private let path: String
  private let target: ProbeTarget
  private let timeout: Duration
  private let journal: CallJournal
  private var child: Child?
  /// The answer to ``ProbeTask/open(_:)``; a helper that could not open the drivers gets no other task.
  private var opened: ProbeAnswer?

  /// - Parameters:
  ///   - path: the helper program.
  ///   - timeout: for one task.
  /// - Returns: nil, and `errno`, where the system gives no shared memory.
  package init?(path: String, target: ProbeTarget, timeout: Duration) {
    guard let journal = CallJournal() else { return nil }
    self.path = path
    self.target = target
    self.timeout = timeout
    self.journal = journal
  }

  /// Whether the helper can be started and is of this version.
  package var problem: String? {
    if child != nil { return nil }
    do throws(ProbeFailure) {
      child = try start()
      return nil
    } catch {
      return error.reason
    }
  }

  package func run(_ task: ProbeTask) -> ProbeAnswer {
    let start = journal.count
    defer { lastTrail = journal.entries(from: start) }
    do throws(ProbeFailure) {
      if case .open = task {
        opened = nil
        return try openDrivers()
      }
      if case .devices = task { return try ask(task, allowing: timeout * 3) }
      if child == nil || opened == nil {
        let answer = try openDrivers()
        guard case .pair = answer else { return answer }
      }
      return try ask(task, allowing: timeout + task.extraTime)
    } catch {
      return .failed(error)
    }
  }

  /// Drivers may take seconds to start: compilers, shader caches, a GPU in a power-saving state.
  private func openDrivers() throws(ProbeFailure) -> ProbeAnswer {
    if let opened, case .failed = opened { return opened }
    let answer: ProbeAnswer
    do throws(ProbeFailure) {
      answer = try ask(.open(target), allowing: timeout * 3)
    } catch {
      answer = .failed(error)
    }
    opened = answer
    return answer
  }

  private func ask(_ task: ProbeTask, allowing timeout: Duration) throws(ProbeFailure) -> ProbeAnswer {
    if child == nil { child = try start() }
    guard let child else { preconditionFailure("started above") }
    guard child.send(task) else { throw ended(child, "when it was given a task") }
    switch child.receive(ProbeAnswer.self, timeout) {
    case .value(let answer): return answer
    case .closed: throw ended(child, "")
    case .unreadable:
      // Drivers may write to a descriptor that they have already closed.
      self.child = nil
      let (call, note) = journal.last
      throw ProbeFailure(
        code: ProbeFailure.crashed, step: call ?? note ?? "start the helper",
        reason: "crashed: the helper's answer cannot be read\(place(call, note))")
    case .timedOut:
      self.child = nil
      let (call, note) = journal.last
      throw ProbeFailure(
        code: ProbeFailure.hung, step: call ?? note ?? "start the helper",
        reason: "hung: no answer within \(timeout)\(place(call, note))")
    }
  }

  private func place(_ call: String?, _ note: String?) -> String {
    (call.map { " in \($0)" } ?? "") + (note.map { " (\($0))" } ?? "")
  }

  /// Describes the end of a helper.
  private func ended(_ child: Child, _ when: String) -> ProbeFailure {
    self.child = nil
    let (call, note) = journal.last
    let end = child.waitForEnd()
    let words = child.lastWords.map { "; it wrote: \($0)" } ?? ""
    return ProbeFailure(
      code: end.wasAlive ? ProbeFailure.hung : ProbeFailure.crashed, step: call ?? note ?? "start the helper",
      reason:
        "\(end.wasAlive ? "hung" : "crashed"): \(end.words)\(place(call, note))\(when.isEmpty ? "" : " \(when)")\(words)"
    )
  }

  private func start() throws(ProbeFailure) -> Child {
    let child = try Child(path, journal: journal.descriptor)
    func failure(_ what: String) -> ProbeFailure {
      ProbeFailure(
        code: InteropError.Code.driverMissing.rawValue, step: "start the helper", reason: "\(path) \(what)",
        missing: [ProbeHelper.name])
    }
    let greeting: ProbeGreeting
    switch child.receive(ProbeGreeting.self, timeout * 3) {
    case .value(let received): greeting = received
    case .closed:
      let end = child.waitForEnd()
      throw failure("did not start as a helper: \(end.words)\(child.lastWords.map { "; it wrote: \($0)" } ?? "")")
    case .unreadable: throw failure("is no helper: what it says is something else")
    case .timedOut: throw failure("is no helper: it did not report within \(timeout * 3)")
    }
    guard greeting.version == LibraryVersion.text else {
      throw failure("is of version \(greeting.version), this library of \(LibraryVersion.text)")
    }
    return child
  }
}

extension ProbeTask {
  /// Large images take long where a CPU draws them.
  fileprivate var extraTime: Duration {
    switch self {
    case .cell(let key), .time(let key, _, _):
      return .milliseconds(key.size.width * key.size.height / 1000)
    default: return .zero
    }
  }
}

/// A running helper. `deinit` kills it.
private final class Child {
  private let process: pid_t
  private var socket: LineSocket
  /// The helper's stdout and stderr; drivers and failed assertions print explanations there.
  private let output: FileDescriptorOwner
  private var outputBefore: off_t = 0
  private var hasEnded = false

  init(_ path: String, journal: Int32) throws(ProbeFailure) {
    func check(_ code: Int32, _ what: String) throws(ProbeFailure) {
      guard code != 0 else { return }
      let advice = [EMFILE, EBADF].contains(code) ? "; the limit of open files (ulimit -n) may be too low" : ""
      throw ProbeFailure(
        code: InteropError.Code.driverMissing.rawValue, step: "start the helper",
        reason: "\(what): \(String(cString: strerror(code)))\(advice)", missing: [ProbeHelper.name])
    }
    // Above the numbers that they will have in the helper, so that no descriptor overwrites another on the way.
    func above(_ descriptor: Int32, _ what: String) throws(ProbeFailure) -> Int32 {
      let number = system_above(descriptor, ProbeDescriptors.last)
      try check(number >= 0 ? 0 : errno, "no descriptor for \(what)")
      return number
    }
    var forHelper: [Int32] = []
    defer { for number in forHelper { close(number) } }
    guard let (mine, its) = LineSocket.pair() else {
      try check(errno, "no socket pair")
      preconditionFailure("an error has a number")
    }
    let socket = LineSocket(owning: mine)
    let itsSocket = try above(its, "the helper's socket")
    forHelper.append(itsSocket)
    let itsOutput = try above(system_memory_file("gl-vulkan-interop-output"), "the helper's output")
    let output = FileDescriptorOwner(owning: itsOutput)
    var itsJournal = journal
    // Moves it only on a conflict: descriptors may be scarce.
    if journal <= ProbeDescriptors.last {
      itsJournal = try above(fcntl(journal, F_DUPFD_CLOEXEC, ProbeDescriptors.last + 1), "the journal")
      forHelper.append(itsJournal)
    }

    let words = "\(path) cannot be started"
    var actions = posix_spawn_file_actions_t()
    try check(posix_spawn_file_actions_init(&actions), words)
    defer { posix_spawn_file_actions_destroy(&actions) }
    try check(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0), words)
    // Sets every one of them; otherwise the helper would inherit the application's descriptor at that number, its
    // stderr too.
    for (number, place) in [
      (itsOutput, STDOUT_FILENO), (itsOutput, STDERR_FILENO), (itsSocket, ProbeDescriptors.socket),
      (itsJournal, ProbeDescriptors.journal),
    ] { try check(posix_spawn_file_actions_adddup2(&actions, number, place), words) }
    // Closes the application's descriptors that lack the close-on-exec flag, so that the helper does not inherit them.
    try check(system_close_from(&actions, ProbeDescriptors.last + 1), words)
    // The helper would otherwise inherit the calling thread's blocked signals and the signals that the application
    // ignores.
    var attributes = posix_spawnattr_t()
    try check(posix_spawnattr_init(&attributes), words)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    try check(posix_spawnattr_setsigmask(&attributes, &signals), words)
    sigfillset(&signals)
    try check(posix_spawnattr_setsigdefault(&attributes, &signals), words)
    try check(posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)), words)
    var process: pid_t = 0
    let code = Self.withStrings([path]) { words in
      Self.withStrings(Self.variables()) { variables in
        posix_spawn(&process, path, &actions, &attributes, words, variables)
      }
    }
    try check(code, words)
    self.process = process
    self.socket = socket
    self.output = output
  }

  deinit { stop() }

  func send(_ task: ProbeTask) -> Bool {
    // Earlier output of loaders and drivers does not belong to this task.
    outputBefore = max(output.withBorrowed { lseek($0, 0, SEEK_END) }, 0)
    return socket.send(task)
  }
  func receive<Value: Decodable>(_ type: Value.Type, _ timeout: Duration) -> LineSocket.Received<Value> {
    socket.receive(type, timeout: timeout)
  }

  /// Ends the helper.
  private func stop() {
    guard !hasEnded else { return }
    kill(process, SIGKILL)
    _ = waitForEnd()
  }

  /// Describes the end of a process that has ended or is ending. A process that only stopped answering is killed.
  func waitForEnd() -> (words: String, wasAlive: Bool) {
    guard !hasEnded else { return ("it ended", false) }
    hasEnded = true
    // Sockets close shortly before the process has ended.
    if let end = end(within: .seconds(1)) { return (end, false) }
    kill(process, SIGKILL)
    if end(within: .seconds(2)) != nil { return ("it closed its connection and did not end", true) }
    // A process that hangs in the kernel ends when the kernel permits (NVIDIA's takes seconds where a GPU still works),
    // and must not delay the application until then.
    reapLater()
    return ("it closed its connection and has not ended yet", true)
  }

  /// Waits for the process on a separate thread, so that it does not stay as a zombie.
  private func reapLater() {
    let argument = UnsafeMutablePointer<pid_t>.allocate(capacity: 1)
    argument.initialize(to: process)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let process = argument?.assumingMemoryBound(to: pid_t.self) else { return nil }
        while waitpid(process.pointee, nil, 0) == -1, errno == EINTR {}
        process.deallocate()
        return nil
      }, argument)
    if code == 0 { pthread_detach(thread) } else { argument.deallocate() }
  }

  private func end(within patience: Duration) -> String? {
    let deadline = ContinuousClock.now + patience
    var pause: UInt32 = 50
    while true {
      var status: Int32 = 0
      switch waitpid(process, &status, WNOHANG) {
      case process:
        // WIFSIGNALED and the related macros are not imported into Swift.
        let signal = status & 0x7F
        if signal == 0 { return "it exited with status \(status >> 8 & 0xFF)" }
        return Self.signalNames[signal] ?? "signal \(signal)"
      case -1 where errno != EINTR:
        // Other code in the application waits for all children, or ignores them.
        return "it ended, how is not known"
      default:
        if ContinuousClock.now > deadline { return nil }
        usleep(pause)
        pause = min(pause * 2, 5_000)
      }
    }
  }

  private static let signalNames: [Int32: String] = [
    SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS", SIGXCPU: "SIGXCPU", SIGPIPE: "SIGPIPE",
  ]

  /// The last line that the helper wrote since its last task, at most 200 characters.
  var lastWords: String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let size = output.withBorrowed { lseek($0, 0, SEEK_END) }
    guard size > outputBefore else { return nil }
    let start = max(size - off_t(bytes.count), outputBefore)
    let count = output.withBorrowed { pread($0, &bytes, bytes.count, start) }
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    return text.split(separator: "\n").last { $0.contains { !$0.isWhitespace } }.map { String($0.prefix(200)) }
  }

  /// The application's variables, with Swift's crash report off: it would take seconds and says nothing about drivers.
  private static func variables() -> [String] {
    var all: [String] = ["SWIFT_BACKTRACE=enable=no"]
    var entry = environ
    while let text = entry.pointee {
      let variable = String(cString: text)
      if !variable.hasPrefix("SWIFT_BACKTRACE=") { all.append(variable) }
      entry += 1
    }
    return all
  }

  private static func withStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  }
}
