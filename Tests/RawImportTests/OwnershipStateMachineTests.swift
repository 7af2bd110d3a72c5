import GLVulkanInterop
import Testing

/// The state machine of a hand-over against a model of two binary semaphores, through every state it can reach.
@Suite("Hand-over slot") struct OwnershipStateMachineTests {
  enum Operation: CaseIterable {
    case beginWriting, endWriting, abandonSubmitted, abandonUnsubmitted, beginReading, endReading, cancelReading,
      abandonReading,
      retire
  }

  /// What the drivers would see: a signal may come only when the last one was waited for, a wait only after its signal.
  struct Semaphores: Hashable {
    var signalled: Set<OwnershipStateMachine.Signal> = []
    /// Waited for by a side that has not submitted yet, and may give the wait back.
    var claimed: OwnershipStateMachine.Signal?

    mutating func signal(_ which: OwnershipStateMachine.Signal) -> Bool { signalled.insert(which).inserted }
    mutating func wait(_ which: OwnershipStateMachine.Signal) -> Bool {
      claimed = which
      return signalled.remove(which) != nil
    }
    mutating func giveBack() {
      if let claimed { signalled.insert(claimed) }
      claimed = nil
    }
  }

  struct Node: Hashable {
    var slot: OwnershipStateMachine
    var semaphores = Semaphores()
  }

  /// - Returns: the next node, nil if the machine refuses; records an issue if a semaphore rule is broken.
  private func apply(_ operation: Operation, to node: Node) -> Node? {
    var next = node
    do throws(OwnershipStateMachine.Violation) {
      switch operation {
      case .beginWriting: try wait(next.slot.beginWriting(), &next, operation)
      case .endWriting:
        try next.slot.endWriting()
        next.semaphores.claimed = nil
        signal(.writerDone, &next, operation)
      case .abandonSubmitted:
        try next.slot.abandonWriting(waited: true)
        next.semaphores.claimed = nil
      case .abandonUnsubmitted:
        try next.slot.abandonWriting(waited: false)
        next.semaphores.giveBack()
      case .beginReading: try wait(next.slot.beginReading(), &next, operation)
      case .endReading:
        try next.slot.endReading()
        next.semaphores.claimed = nil
        signal(.readerDone, &next, operation)
      case .cancelReading:
        try next.slot.cancelReading()
        next.semaphores.giveBack()
      case .abandonReading:
        try next.slot.abandonReading()
        next.semaphores.claimed = nil
      case .retire:
        try wait(next.slot.retire(), &next, operation)
        next.semaphores.claimed = nil
        let left = next.semaphores.signalled
        #expect(left.isEmpty, "retiring leaves \(left) signalled")
      }
    } catch {
      return nil
    }
    return next
  }

  private func signal(_ which: OwnershipStateMachine.Signal, _ node: inout Node, _ operation: Operation) {
    let legal = node.semaphores.signal(which)
    #expect(legal, "\(operation) signals \(which) a second time without a wait")
  }

  // Whoever waits must be the other side: `beginWriting` may only consume the reader's signal.
  private func checkSide(_ which: OwnershipStateMachine.Signal, _ operation: Operation) {
    let own: OwnershipStateMachine.Signal = operation == .beginReading ? .readerDone : .writerDone
    #expect(which != own, "\(operation) consumes its own side's signal")
  }

  private func wait(_ which: OwnershipStateMachine.Signal?, _ node: inout Node, _ operation: Operation)
    throws(OwnershipStateMachine
    .Violation)
  {
    guard let which else { return }
    checkSide(which, operation)
    let legal = node.semaphores.wait(which)
    #expect(legal, "\(operation) waits for \(which), which nobody signalled")
  }

  @Test(arguments: [OwnershipStateMachine.Signal?.none, .readerDone])
  func everyReachableStateKeepsTheSemaphoreRules(initial: OwnershipStateMachine.Signal?) {
    var start = Node(slot: OwnershipStateMachine(pending: initial))
    if let initial { start.semaphores.signalled = [initial] }
    var seen: Set<Node> = [start]
    var queue = [start]
    var refused = 0
    while let node = queue.popLast() {
      for operation in Operation.allCases {
        guard let next = apply(operation, to: node) else {
          refused += 1
          continue
        }
        // What the slot says is due is what the semaphores have.
        let due = Set([next.slot.pending].compactMap { $0 })
        #expect(next.semaphores.signalled == due, "\(operation): \(next.slot)")
        if seen.insert(next).inserted { queue.append(next) }
      }
    }
    let states = Set(seen.map(\.slot.state))
    #expect(states == Set(OwnershipStateMachine.State.allCases))
    #expect(seen.count >= 6)
    #expect(refused > seen.count)
  }

  @Test func theReaderWaitsForTheWriterAndTheWriterForTheReader() throws {
    var slot = OwnershipStateMachine()
    let nothing = try slot.beginWriting()
    try slot.endWriting()
    let first = try slot.beginReading()
    try slot.endReading()
    let second = try slot.beginWriting()
    #expect(nothing == nil)
    #expect(first == .writerDone)
    #expect(second == .readerDone)
  }

  @Test func nothingMayBeDoneTwiceOrOutOfTurn() throws {
    var slot = OwnershipStateMachine()
    #expect(throws: OwnershipStateMachine.Violation.self) { try slot.endWriting() }
    #expect(throws: OwnershipStateMachine.Violation.self) { _ = try slot.beginReading() }
    #expect(throws: OwnershipStateMachine.Violation.self) { try slot.cancelReading() }
    _ = try slot.beginWriting()
    #expect(throws: OwnershipStateMachine.Violation.self) { _ = try slot.beginWriting() }
    #expect(throws: OwnershipStateMachine.Violation.self) { _ = try slot.retire() }
  }
}
