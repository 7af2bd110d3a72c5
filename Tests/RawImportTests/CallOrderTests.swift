import GLVulkanInterop
import InteropTestSupport
import Testing

/// Calls in every order. The table says what each call does in each state, independently of the library; every other
/// call is an error that changes nothing. Where binary semaphores are shared (ANGLE), a signal too many or a wait too
/// many hangs.
@Suite("Order of calls", .serialized) struct CallOrderTests {
  static let size = PixelSize(width: 16, height: 8)

  enum State: Hashable, CaseIterable {
    /// The writer may begin.
    case idle
    case glWrites
    /// The reader may begin.
    case ready
    case glReads
    /// The application has the acquire barrier.
    case acquired
    /// And the release barrier.
    case releaseGiven
    /// The package has submitted the acquire.
    case submitted
  }

  enum Call: Hashable, CaseIterable {
    case beginGL, endGL, abandonGL
    case acquireBarrier, releaseBarrier, didSubmitRelease, cancel
    case acquire, release
    case access, accessThatThrows
    case drop, retire, releaseFromForeign
  }

  /// State and call to the next state; what is not here is `invalid-state`.
  static let glToVulkan: [State: [Call: State]] = [
    .idle: [.beginGL: .glWrites, .retire: .idle],
    .glWrites: [.endGL: .ready, .abandonGL: .idle],
    .ready: [
      .acquireBarrier: .acquired, .acquire: .submitted, .access: .idle, .accessThatThrows: .ready, .drop: .idle,
      .retire: .idle,
    ],
    .acquired: [.releaseBarrier: .releaseGiven, .cancel: .ready],
    .releaseGiven: [.didSubmitRelease: .idle, .cancel: .ready],
    .submitted: [.release: .idle],
  ]
  static let vulkanToGL: [State: [Call: State]] = [
    .idle: [
      .acquireBarrier: .acquired, .acquire: .submitted, .access: .ready, .accessThatThrows: .idle, .retire: .idle,
    ],
    .acquired: [.releaseBarrier: .releaseGiven, .cancel: .idle],
    .releaseGiven: [.didSubmitRelease: .ready, .cancel: .idle],
    .submitted: [.release: .ready],
    .ready: [.beginGL: .glReads, .retire: .idle],
    .glReads: [.endGL: .idle],
  ]

  /// One image, and an application that submits the barriers it was given.
  final class Bench {
    let image: SharedImage
    let pair: ManyQueues.Pair?
    let table: [State: [Call: State]]
    private let own: VulkanCommands
    private var acquired: OwnershipTransferBarrier?
    private var released: OwnershipTransferBarrier?
    private(set) var state = State.idle
    private var rounds = 0

    static let refusal = InteropError.Code(rawValue: "the test says no")

    init(_ queues: ManyQueues, _ direction: TransferDirection, _ sync: SyncKind, _ pair: ManyQueues.Pair?) throws {
      image = try SharedImage(
        .init(size: CallOrderTests.size, direction: direction), gl: queues.context.gl, host: queues.host,
        sync: sync,
        ownershipQueue: pair?.ownership)
      self.pair = pair
      table = direction == .glToVulkan ? CallOrderTests.glToVulkan : CallOrderTests.vulkanToGL
      own = try VulkanCommands(host: queues.host, queue: pair?.using ?? queues.host.queues[0])
    }

    private func perform(_ call: Call) throws(InteropError) {
      let (queue, ownership) = (pair?.using, pair?.ownership)
      switch call {
      case .beginGL: try image.acquireForGL()
      case .endGL: try image.releaseFromGL()
      case .abandonGL: try image.cancelAcquireForGL()
      case .acquireBarrier: acquired = try image.acquireBarrier(.general, on: AccessQueues(queue, ownership: ownership))
      case .releaseBarrier: released = try image.releaseBarrier(.general)
      case .didSubmitRelease:
        // Said where it is wrong, it is said of nothing.
        if state == .releaseGiven, let acquired, let released {
          try own.finish()
          let buffer = try own.record(.first) { (buffer) throws(InteropError) in
            acquired.record(into: buffer, image.host.vk)
            released.record(into: buffer, image.host.vk)
          }
          try own.submit(buffer, waitingFor: acquired.point, signalling: released.point)
        }
        try image.didSubmitRelease()
      case .cancel: try image.cancelAcquire()
      case .acquire: try image.acquire(.general, on: AccessQueues(queue, ownership: ownership))
      case .release: try image.release()
      case .access:
        try image.ownership.access(.general, on: AccessQueues(queue, ownership: ownership)) {
          (_) throws(InteropError) in
        }
      case .accessThatThrows:
        try image.ownership.access(.general, on: AccessQueues(queue, ownership: ownership)) {
          (_) throws(InteropError) in
          throw InteropError(Self.refusal, step: "record", reason: "no")
        }
      case .drop: try image.drop()
      case .retire: try image.retire()
      case .releaseFromForeign: try image.releaseFromForeign(after: nil)
      }
    }

    /// Makes a call and compares with the table.
    ///
    /// - Parameter before: what was called until then, for the message.
    func make(_ call: Call, after before: [Call]) {
      let next = table[state]?[call]
      var failure: InteropError?
      do throws(InteropError) { try perform(call) } catch { failure = error }
      let wanted: InteropError.Code? = next == nil ? .invalidState : call == .accessThatThrows ? Self.refusal : nil
      #expect(failure?.code == wanted, "\(call) in \(state) after \(before): \(failure?.description ?? "no error")")
      if let failure, failure.code == .invalidState {
        #expect(failure.advice != nil && !failure.reason.isEmpty, "\(call) in \(state): \(failure)")
      }
      if failure == nil || failure?.code == Self.refusal { state = next ?? state }
      let slot: OwnershipState =
        switch state {
        case .idle: .idle
        case .glWrites: .writing
        case .ready: .ready
        case .glReads: .reading
        case .acquired, .releaseGiven, .submitted: image.description.direction == .glToVulkan ? .reading : .writing
        }
      #expect(image.state == slot, "\(call) after \(before)")
    }

    /// Every call that the table does not have here.
    func makeWrongCalls(after before: [Call]) {
      for call in Call.allCases where table[state]?[call] == nil { make(call, after: before) }
    }

    /// By the shortest way to idle, whatever the last calls were.
    func finish(after before: [Call]) {
      while state != .idle {
        let call: Call =
          switch state {
          case .glWrites, .glReads: .endGL
          case .acquired: before.count % 2 == 0 ? .cancel : .releaseBarrier
          case .releaseGiven: .didSubmitRelease
          case .submitted: .release
          case .idle, .ready: table[.ready]?[.access] == nil ? .beginGL : .access
          }
        make(call, after: before)
      }
    }

    /// A picture goes across: every signal that is waited for has been submitted.
    func checkPicture(after before: [Call]) throws {
      rounds += 1
      let red = UInt8(rounds % 251)
      let gl = image.context.gl
      var got: [UInt8] = []
      if image.description.direction == .glToVulkan {
        try image.acquireForGL()
        try TestGL.fill(image, [Float(red) / 255, 1, 0, 1])
        let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
        let waited = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 5_000_000_000)
        gl.glDeleteSync(fence)
        // Whatever comes now would wait for ever.
        guard waited != GLenum(GL_TIMEOUT_EXPIRED) else {
          fatalError("after \(before) GL waits for a signal that is never given")
        }
        try image.releaseFromGL()
        got = try image.readInVulkan(on: AccessQueues(pair?.using, ownership: pair?.ownership))
      } else {
        var pixels: [UInt8] = []
        for _ in 0..<CallOrderTests.size.width * CallOrderTests.size.height { pixels += [red, 255, 0, 255] }
        try image.writeInVulkan(pixels, on: AccessQueues(pair?.using, ownership: pair?.ownership))
        try image.acquireForGL()
        let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
        let waited = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 5_000_000_000)
        gl.glDeleteSync(fence)
        guard waited != GLenum(GL_TIMEOUT_EXPIRED) else {
          fatalError("after \(before) GL waits for a signal that is never given")
        }
        got = try image.context.readPixels(try #require(image.glFramebuffer), CallOrderTests.size, .rgba8)
        try image.releaseFromGL()
      }
      let wanted = [red, 255, 0, 255]
      #expect(Array(got.prefix(4)) == wanted && Array(got.suffix(4)) == wanted, "after \(before)")
    }

    func waitForHost() throws { try own.finish() }
  }

  /// All sequences of calls that the table has, from idle, of this length.
  static func sequences(_ table: [State: [Call: State]], length: Int) -> [[Call]] {
    var open: [(calls: [Call], state: State)] = [([], .idle)]
    for _ in 0..<length {
      open = open.flatMap { node in
        Call.allCases.compactMap { call in table[node.state]?[call].map { (node.calls + [call], $0) } }
      }
    }
    return open.map(\.calls)
  }

  private func forEachBench(
    _ api: SurfacelessContext.API, _ direction: TransferDirection, _ body: (Bench) throws -> Void
  ) throws {
    let calls = try DriverTrace.record(on: .current) {
      let queues = try ManyQueues(api)
      for sync in queues.syncs {
        for pair in [nil, queues.typical] {
          let bench = try Bench(queues, direction, sync, pair)
          try body(bench)
          try bench.image.retire()
          try bench.waitForHost()
        }
      }
    }
    let violations = RecordedTransferTests.checker.violations(in: calls)
    #expect(violations.isEmpty, "\(violations.prefix(5).joined(separator: "; "))")
    let pretended = DriverTrace.takePretendedViolations()
    #expect(pretended.isEmpty, "\(pretended.joined(separator: "; "))")
  }

  /// Each sequence of five right calls, and at each of its steps every wrong call there is. A wrong call changes
  /// nothing, so this is every sequence of five calls.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func everyOrderOfFiveCalls(api: SurfacelessContext.API, direction: TransferDirection) throws {
    try forEachBench(api, direction) { bench in
      let all = Self.sequences(bench.table, length: 5)
      #expect(all.count > 20)
      var objects: LiveObjects?
      var files: [Int32: String] = [:]
      for (index, sequence) in all.enumerated() {
        bench.makeWrongCalls(after: [])
        for (step, call) in sequence.enumerated() {
          let before = Array(sequence[...step])
          bench.make(call, after: Array(before.dropLast()))
          bench.makeWrongCalls(after: before)
        }
        bench.finish(after: sequence)
        if index % 8 == 0 || index == all.count - 1 { try bench.checkPicture(after: sequence) }
        try bench.image.waitForVulkan()
        // The first sequences have used every queue.
        if index == 16 { (objects, files) = (LiveObjects.snapshot(), OpenFiles.list()) }
      }
      try bench.waitForHost()
      if let objects {
        let changes = LiveObjects.snapshot().changes(since: objects)
        #expect(changes.isEmpty, "\(changes)")
        let opened = OpenFiles.opened(since: files).filter { $0.contains("sync_file") || $0.contains("memfd") }
        #expect(opened.isEmpty, "\(opened)")
      }
    }
  }

  /// Longer ones, right and wrong calls as they come.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func ordersAtRandom(api: SurfacelessContext.API, direction: TransferDirection) throws {
    var random = SplitMix64(seed: 17)
    try forEachBench(api, direction) { bench in
      for round in 0..<40 {
        var before: [Call] = []
        for _ in 0..<25 {
          // Half of them right, or none gets far.
          let right = Call.allCases.filter { bench.table[bench.state]?[$0] != nil }
          let choice = random.next() % 2 == 0 ? right : Call.allCases
          let call = choice[Int(random.next() % UInt64(choice.count))]
          bench.make(call, after: before)
          before.append(call)
        }
        bench.finish(after: before)
        if round % 8 == 7 { try bench.checkPicture(after: before) }
      }
    }
  }

  /// While a call has the access, no other call ends it, not even from within the callback that records commands.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func nothingEndsAnAccessFromInside(api: SurfacelessContext.API, direction: TransferDirection) throws {
    try forEachBench(api, direction) { bench in
      let image = bench.image
      for round in 0..<3 {
        if direction == .glToVulkan { try image.accessInGL { try TestGL.fill(image, [0, 1, 0, 1]) } }
        var codes: [InteropError.Code?] = []
        func attempt(_ body: () throws(InteropError) -> Void) {
          do throws(InteropError) {
            try body()
            codes.append(nil)
          } catch {
            codes.append(error.code)
          }
        }
        try image.ownership.access(.general, on: AccessQueues(bench.pair?.using, ownership: bench.pair?.ownership)) {
          (_) throws(InteropError) in
          attempt { () throws(InteropError) in _ = try image.releaseBarrier(.general) }
          attempt { () throws(InteropError) in try image.didSubmitRelease() }
          attempt { () throws(InteropError) in try image.cancelAcquire() }
          attempt { () throws(InteropError) in try image.release() }
          attempt { () throws(InteropError) in _ = try image.acquireBarrier(.general) }
          attempt { () throws(InteropError) in try image.acquire(.general) }
          attempt { () throws(InteropError) in try image.ownership.access(.general) { (_) throws(InteropError) in } }
          attempt { () throws(InteropError) in try image.acquireForGL() }
          attempt { () throws(InteropError) in try image.releaseFromGL() }
          attempt { () throws(InteropError) in try image.cancelAcquireForGL() }
          attempt { () throws(InteropError) in try image.drop() }
          attempt { () throws(InteropError) in try image.retire() }
        }
        #expect(codes == Array(repeating: .invalidState, count: 12), "round \(round): \(codes)")
        if direction == .vulkanToGL { try image.accessInGL {} }
        try bench.checkPicture(after: [])
      }
    }
  }

  /// An access that the application never ends goes with the image, and so does what the application was given.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func anImageMayGoInTheMiddleOfAnAccess(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let queues = try ManyQueues(api)
    for sync in queues.syncs {
      for pair in [nil, queues.typical] {
        var objects: LiveObjects?
        for sequence: [Call] in [
          [.acquireBarrier], [.acquireBarrier], [.acquireBarrier, .releaseBarrier], [.acquire],
          [.acquireBarrier, .cancel],
          [.acquireBarrier, .didSubmitRelease],
          [.acquireBarrier, .releaseBarrier, .releaseBarrier], [.acquire, .releaseBarrier],
          [.acquire, .didSubmitRelease],
        ] {
          do {
            let bench = try Bench(queues, direction, sync, pair)
            if direction == .glToVulkan {
              bench.make(.beginGL, after: [])
              bench.make(.endGL, after: [])
            }
            for call in sequence { bench.make(call, after: sequence) }
          }
          queues.context.gl.gl.glFinish()
          if let objects {
            let changes = LiveObjects.snapshot().changes(since: objects)
            #expect(changes.isEmpty, "\(sequence) \(sync): \(changes)")
          }
          objects = LiveObjects.snapshot()
        }
      }
    }
  }
}
