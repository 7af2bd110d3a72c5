import GLVulkanInterop
import Testing

/// The state machine of an image's ownership against a model of two binary semaphores, through every state it can
/// reach.
@Suite("Ownership state machine") struct OwnershipStateMachineTests {
  typealias Machine = OwnershipStateMachine

  enum Operation: Hashable {
    case begin(Machine.Side, Machine.Holder)
    case pass(Machine.Side, Machine.Holder, Machine.Holder)
    case end(Machine.Side, Machine.Holder)
    case cancel(Machine.Side, Machine.Holder, waited: Bool, isReturned: Bool)
    case abandonReading, didRecover, retire

    static let all: [Operation] = {
      var all: [Operation] = [.abandonReading, .didRecover, .retire]
      for side in Machine.Side.allCases {
        for holder in Machine.Holder.allCases {
          all += [.begin(side, holder), .end(side, holder)]
          all += Machine.Holder.allCases.map { .pass(side, holder, $0) }
          for waited in [true, false] {
            for isReturned in [true, false] {
              all.append(.cancel(side, holder, waited: waited, isReturned: isReturned))
            }
          }
        }
      }
      return all
    }()
  }

  /// What the drivers would see: a signal may come only when the last one was waited for, a wait only after its signal.
  struct Semaphores: Hashable {
    var signalled: Set<Machine.Signal> = []
    /// Waited for by a side that has not submitted yet, and may give the wait back.
    var claimed: Machine.Signal?

    mutating func signal(_ which: Machine.Signal) -> Bool { signalled.insert(which).inserted }
    mutating func wait(_ which: Machine.Signal) -> Bool {
      claimed = which
      return signalled.remove(which) != nil
    }
    mutating func giveBack() {
      if let claimed { signalled.insert(claimed) }
      claimed = nil
    }
  }

  struct Node: Hashable {
    var machine: Machine
    var semaphores = Semaphores()
    /// An image that a cancelled access has not returned.
    var isAway = false
  }

  /// - Returns: the next node, nil if the machine refuses; records an issue if a rule of semaphores is broken.
  private func apply(_ operation: Operation, to node: Node) -> Node? {
    var next = node
    do throws(Machine.Violation) {
      switch operation {
      case .begin(let side, let holder):
        try wait(next.machine.begin(side, by: holder), &next, side)
      case .pass(let side, let old, let new): try next.machine.pass(side, from: old, to: new)
      case .end(let side, let holder):
        try next.machine.end(side, by: holder)
        next.semaphores.claimed = nil
        let which: Machine.Signal = side == .writer ? .writerDone : .readerDone
        let legal = next.semaphores.signal(which)
        #expect(legal, "\(operation) signals \(which) a second time without a wait")
      case .cancel(let side, let holder, let waited, let isReturned):
        try next.machine.cancel(side, by: holder, waited: waited, isReturned: isReturned)
        if waited { next.semaphores.claimed = nil } else { next.semaphores.giveBack() }
        if !isReturned { next.isAway = true }
      case .abandonReading:
        try next.machine.abandonReading()
        next.semaphores.claimed = nil
      case .didRecover:
        next.machine.didRecover()
        next.isAway = false
      case .retire:
        #expect(!next.isAway || (try? next.machine.retire()) == nil, "an image retires that is still away")
        try wait(next.machine.retire(), &next, nil)
        next.semaphores.claimed = nil
        let left = next.semaphores.signalled
        #expect(left.isEmpty, "retiring leaves \(left) signalled")
      }
    } catch {
      // What is refused changes nothing.
      #expect(next.machine == node.machine, "\(operation) is refused, and changes \(node.machine)")
      return nil
    }
    return next
  }

  private func wait(_ which: Machine.Signal?, _ node: inout Node, _ side: Machine.Side?) throws(Machine.Violation) {
    guard let which else { return }
    // Only the other side may wait: a writer may only consume the reader's signal.
    #expect(which != (side == .reader ? .readerDone : side == .writer ? .writerDone : nil), "its own side's signal")
    let legal = node.semaphores.wait(which)
    #expect(legal, "a wait for \(which), which was not signalled")
  }

  @Test(arguments: [Machine.Signal?.none, .readerDone])
  func everyReachableStateKeepsTheSemaphoreRules(initial: Machine.Signal?) {
    var start = Node(machine: Machine(pending: initial))
    if let initial { start.semaphores.signalled = [initial] }
    var seen: Set<Node> = [start]
    var queue = [start]
    var refused = 0
    while let node = queue.popLast() {
      for operation in Operation.all {
        guard let next = apply(operation, to: node) else {
          refused += 1
          continue
        }
        // What the machine says is due is what the semaphores have.
        let due = Set([next.machine.pending].compactMap { $0 })
        #expect(next.semaphores.signalled == due, "\(operation): \(next.machine)")
        #expect(next.machine.isRecovering == next.isAway, "\(operation): \(next.machine)")
        if seen.insert(next).inserted { queue.append(next) }
      }
    }
    #expect(Set(seen.map(\.machine.state)) == Set(OwnershipState.allCases))
    // Every holder can have the access.
    #expect(Set(seen.compactMap(\.machine.phase.holder)) == Set(Machine.Holder.allCases))
    #expect(seen.count >= 30)
    #expect(refused > seen.count)
  }

  /// From every phase to every other, only as the table says: who may end an access, who may cancel it, and what a call
  /// that returns leaves behind.
  @Test(arguments: Machine.Side.allCases, Machine.Holder.allCases)
  func onlyTheHolderEndsAnAccess(side: Machine.Side, holder: Machine.Holder) {
    let ends: Set<Machine.Holder> = [.gl, .call, .drop, .submitted, .releaseSubmitted, .foreign]
    let cancels: Set<Machine.Holder> = [.gl, .call, .drop, .acquireGiven, .releaseGiven, .foreign]
    let passes: [Machine.Holder: Set<Machine.Holder>] = [
      .call: [.submitted, .acquireGiven], .acquireGiven: [.releaseGiven], .releaseGiven: [.releaseSubmitted],
    ]
    var begun = Machine()
    if side == .reader {
      _ = try? begun.begin(.writer, by: .gl)
      try? begun.end(.writer, by: .gl)
    }
    _ = try? begun.begin(side, by: holder)
    #expect(begun.phase == .held(side, by: holder))
    for other in Machine.Holder.allCases {
      let isHolder = other == holder
      #expect(succeeds(begun) { try $0.end(side, by: other) } == (isHolder && ends.contains(holder)))
      #expect(succeeds(begun) { try $0.cancel(side, by: other) } == (isHolder && cancels.contains(holder)))
      #expect(
        succeeds(begun) { try $0.pass(side, from: holder, to: other) } == (passes[holder]?.contains(other) ?? false)
      )
      let otherSide: Machine.Side = side == .writer ? .reader : .writer
      #expect(!succeeds(begun) { try $0.end(otherSide, by: other) })
      #expect(!succeeds(begun) { _ = try $0.begin(side, by: other) })
    }
    #expect(succeeds(begun) { try $0.abandonReading() } == (side == .reader && holder == .drop))
    #expect(!succeeds(begun) { _ = try $0.retire() })
  }

  private func succeeds(_ machine: Machine, _ step: (inout Machine) throws -> Void) -> Bool {
    var machine = machine
    return (try? step(&machine)) != nil
  }

  @Test func theReaderWaitsForTheWriterAndTheWriterForTheReader() throws {
    var machine = Machine()
    let nothing = try machine.begin(.writer, by: .gl)
    try machine.end(.writer, by: .gl)
    let first = try machine.begin(.reader, by: .call)
    try machine.end(.reader, by: .call)
    let second = try machine.begin(.writer, by: .gl)
    #expect(nothing == nil)
    #expect(first == .writerDone)
    #expect(second == .readerDone)
  }
}
