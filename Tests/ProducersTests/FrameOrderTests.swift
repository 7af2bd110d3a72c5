import GLVulkanInterop
import InteropTestSupport
import Testing

/// Calls of a frame and a target in every order, against a table of its own. A wrong call throws; one that leaves the
/// frame with its holder changes nothing, one that takes it lets it go.
@Suite("Order of a frame's calls", .serialized) struct FrameOrderTests {
  static let size = PixelSize(width: 16, height: 8)

  enum State: Hashable {
    case fresh
    /// The application has the acquire barrier.
    case acquired
    /// And the release barrier.
    case releaseGiven
    /// The package has submitted the acquire.
    case submitted
    /// Its holder has it no more, and its slot is free.
    case gone
    /// Its holder has it no more, and what was submitted is unknown.
    case lost
  }

  enum Call: Hashable, CaseIterable {
    case acquire, acquireBarrier, releaseBarrier, cancelAcquire
    // These take the frame.
    case access, release, didSubmitRelease, drop

    var takes: Bool { [.access, .release, .didSubmitRelease, .drop].contains(self) }
  }

  static let table: [State: [Call: State]] = [
    .fresh: [.acquire: .submitted, .acquireBarrier: .acquired, .access: .gone, .drop: .gone],
    .acquired: [.releaseBarrier: .releaseGiven, .cancelAcquire: .fresh, .drop: .lost],
    .releaseGiven: [.didSubmitRelease: .gone, .cancelAcquire: .fresh, .drop: .lost],
    .submitted: [.release: .gone, .drop: .gone],
  ]

  /// What becomes of a frame that a wrong call lets go.
  static func letGo(_ state: State) -> State { table[state]?[.drop] ?? state }

  /// All sequences up to this length, right and wrong calls, until the frame is gone.
  static func sequences(length: Int) -> [[Call]] {
    var all: [[Call]] = []
    func go(_ calls: [Call], _ state: State) {
      guard calls.count < length, table[state] != nil else { return all.append(calls) }
      for call in Call.allCases {
        let next = table[state]?[call] ?? (call.takes ? letGo(state) : state)
        // Twice the same wrong call says nothing that once does not.
        if next == state, calls.last == call { continue }
        go(calls + [call], next)
      }
    }
    go([], .fresh)
    return all
  }

  /// The submissions of the application.
  private final class Host {
    let host: VulkanHost
    let own: VulkanCommands
    var acquired, released: OwnershipTransferBarrier?

    init(_ host: VulkanHost) throws {
      self.host = host
      own = try VulkanCommands(host: host, queue: host.queues[0])
    }

    func submit() throws(InteropError) {
      guard let acquired, let released else { return }
      try own.finish()
      let buffer = try own.record(.first) { (buffer) throws(InteropError) in
        acquired.record(into: buffer, host.vk)
        released.record(into: buffer, host.vk)
      }
      try own.submit(buffer, waitingFor: acquired.point, signalling: released.point)
    }
  }

  /// The holder of what cannot be copied.
  private final class Held<Value: ~Copyable> {
    private let storage = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    private(set) var isThere = true

    init(_ value: consuming Value) { storage.initialize(to: value) }

    deinit {
      if isThere { storage.deinitialize(count: 1) }
      storage.deallocate()
    }

    func take() -> Value {
      isThere = false
      return storage.move()
    }

    func use(_ body: (borrowing Value) throws(InteropError) -> Void) throws(InteropError) { try body(storage.pointee) }
  }

  private func check(_ error: InteropError?, _ call: Call, in state: State, _ sequence: [Call]) {
    let isRight = Self.table[state]?[call] != nil
    #expect(
      error?.code == (isRight ? nil : .invalidState),
      "\(call) in \(state), of \(sequence): \(error?.description ?? "no error")")
    if let error { #expect(error.advice != nil, "\(error)") }
  }

  static let ways: [(TransferPath, SyncKind)] = [
    (.opaqueFD, .timelineSemaphore), (.opaqueFD, .semaphoreFD), (.opaqueFD, .cpuWait), (.hostCopy, .cpuWait),
  ]

  // MARK: Frames

  private func run(_ sequence: [Call], _ frame: consuming Frame, _ host: Host) throws -> State {
    let held = Held(frame)
    var state = State.fresh
    for call in sequence where held.isThere {
      var failure: InteropError?
      do {
        if call.takes {
          let frame = held.take()
          switch call {
          case .access: try frame.access(.general) { (_, _) throws(InteropError) in }
          case .release: try frame.release()
          case .didSubmitRelease:
            if state == .releaseGiven { try host.submit() }
            try frame.didSubmitRelease()
          default: frame.drop()
          }
        } else {
          switch call {
          case .acquire: try held.use { (held) throws(InteropError) in try held.acquire(.general) }
          case .acquireBarrier:
            try held.use { (held) throws(InteropError) in host.acquired = try held.acquireBarrier(.general) }
          case .releaseBarrier:
            try held.use { (held) throws(InteropError) in host.released = try held.releaseBarrier(.general) }
          default: try held.use { (held) throws(InteropError) in try held.cancelAcquire() }
          }
        }
      } catch let error as InteropError {
        failure = error
      }
      check(failure, call, in: state, sequence)
      if let next = Self.table[state]?[call] {
        state = next
      } else if call.takes {
        state = Self.letGo(state)
      }
    }
    // What is left is let go here.
    return held.isThere ? Self.letGo(state) : state
  }

  @Test(arguments: TestStack.abilities.apis) func framesInEveryOrder(api: SurfacelessContext.API) throws {
    let all = Self.sequences(length: 5)
    #expect(all.count > 100)
    let before = LiveObjects.snapshot()
    _ = try DriverTrace.record(on: .current) {
      let (context, host) = try TestStack.open(api, traced: true)
      let bench = try Host(host)
      for (path, sync) in Self.ways where path == .hostCopy || TestStack.abilities.supports(sync, api) {
        var options = ProducerOptions(path: path)
        options.sync = sync
        options.capability = .nowhere
        options.verifiesPixels = false
        options.backPressure = .fail
        options.framesInFlight = 2
        options.logger.logLevel = .critical
        func make() throws -> SurfacelessEGLProducer {
          try SurfacelessEGLProducer(size: Self.size, host: host, context: context, options: options)
        }
        var producer = try make()
        for (index, sequence) in all.enumerated() {
          let frame = try producer.render { _ in }
          let end = try run(sequence, frame, bench)
          if end == .lost {
            // The others of the ring go on, and a lost one takes nothing along.
            let other = try producer.render { _ in }
            try other.access(.general) { (_, _) throws(InteropError) in }
            #expect(throws: InteropError.self) {
              let last = try producer.render { _ in }
              let beyond = try producer.render { _ in }
              last.drop()
              beyond.drop()
            }
            try bench.own.finish()
            producer = try make()
          } else if index % 16 == 0 {
            let red = UInt8(index % 251)
            let frame = try producer.render { $0.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(red) / 255, 1, 0, 1]) }
            let landing = try HostBuffer(host: host, size: 16 * 8 * 4, .readback)
            try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (commands, image) throws(InteropError) in
              landing.recordCopy(from: image, Self.size, layout: VulkanAccess.transferSource.layout, into: commands)
            }
            #expect(Array(landing.bytes.prefix(4)) == [red, 255, 0, 255], "\(path) \(sync) after \(sequence)")
          }
        }
      }
    }
    let changes = LiveObjects.snapshot().changes(since: before)
    #expect(changes.isEmpty, "\(changes)")
  }

  // MARK: Targets

  private func run(
    _ sequence: [Call], _ target: consuming VulkanTarget, _ host: Host
  ) throws -> State {
    let held = Held(target)
    var state = State.fresh
    for call in sequence where held.isThere {
      var failure: InteropError?
      do {
        if call.takes {
          let target = held.take()
          switch call {
          case .access: show(try target.access(.general) { (_, _) throws(InteropError) in })
          case .release: show(try target.release())
          case .didSubmitRelease:
            if state == .releaseGiven { try host.submit() }
            show(try target.didSubmitRelease())
          default: target.drop()
          }
        } else {
          switch call {
          case .acquire: try held.use { (held) throws(InteropError) in try held.acquire(.general) }
          case .acquireBarrier:
            try held.use { (held) throws(InteropError) in host.acquired = try held.acquireBarrier(.general) }
          case .releaseBarrier:
            try held.use { (held) throws(InteropError) in host.released = try held.releaseBarrier(.general) }
          default: try held.use { (held) throws(InteropError) in try held.cancelAcquire() }
          }
        }
      } catch let error as InteropError {
        failure = error
      }
      check(failure, call, in: state, sequence)
      if let next = Self.table[state]?[call] {
        state = next
      } else if call.takes {
        state = Self.letGo(state)
      }
    }
    return held.isThere ? Self.letGo(state) : state
  }

  /// GL's half, in each wrong order that types allow, one after the other.
  private func show(_ frame: consuming GLFrame) {
    shown += 1
    let code: (InteropError?) -> InteropError.Code? = { $0?.code }
    func attempt(_ body: () throws(InteropError) -> Void) -> InteropError? {
      do throws(InteropError) { try body() } catch { return error }
      return nil
    }
    switch shown % 4 {
    case 0:
      // Released without an acquire: it is dropped.
      var failure: InteropError?
      do throws(InteropError) { try frame.release() } catch { failure = error }
      #expect(code(failure) == .invalidState)
    case 1:
      let first = attempt { () throws(InteropError) in try frame.acquire() }
      let second = attempt { () throws(InteropError) in try frame.acquire() }
      #expect(first == nil && code(second) == .invalidState)
      var failure: InteropError?
      do throws(InteropError) { try frame.release() } catch { failure = error }
      #expect(failure == nil)
    case 2:
      let first = attempt { () throws(InteropError) in try frame.acquire() }
      #expect(first == nil)
      var failure: InteropError?
      do { try frame.access { _ in } } catch let error as InteropError { failure = error } catch {}
      #expect(code(failure) == .invalidState)
    default: frame.drop()
    }
  }
  private nonisolated(unsafe) static var count = 0
  private var shown: Int {
    get { Self.count }
    nonmutating set { Self.count = newValue }
  }

  @Test(arguments: TestStack.abilities.apis) func targetsInEveryOrder(api: SurfacelessContext.API) throws {
    let all = Self.sequences(length: 5)
    let before = LiveObjects.snapshot()
    _ = try DriverTrace.record(on: .current) {
      let (context, host) = try TestStack.open(api, traced: true)
      let bench = try Host(host)
      for (path, sync) in Self.ways where path == .hostCopy || TestStack.abilities.supports(sync, api) {
        var options = ConsumerOptions(path: path)
        options.sync = sync
        options.capability = .nowhere
        options.verifiesPixels = false
        options.backPressure = .fail
        options.framesInFlight = 2
        options.logger.logLevel = .critical
        func make() throws -> RawGLConsumer {
          try RawGLConsumer(size: Self.size, host: host, context: context.gl, options: options)
        }
        var consumer = try make()
        for sequence in all {
          let target = try consumer.nextTarget()
          if try run(sequence, target, bench) == .lost {
            let other = try consumer.nextTarget()
            try other.access(.general) { (_, _) throws(InteropError) in }.access { _ in }
            try bench.own.finish()
            consumer = try make()
          }
        }
        let last = try consumer.nextTarget()
        try last.access(.general) { (_, _) throws(InteropError) in }.access { _ in }
      }
    }
    let changes = LiveObjects.snapshot().changes(since: before)
    #expect(changes.isEmpty, "\(changes)")
  }
}
