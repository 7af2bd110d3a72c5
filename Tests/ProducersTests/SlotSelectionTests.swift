import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every ring of up to three slots in every state, against what the words of BackPressure say.
@Suite("Ring policy") struct SlotSelectionTests {
  @Test(arguments: 1...3) func everyRing(count: Int) {
    let states = OwnershipState.allCases
    // Three bits for each slot: its state, and whether its reader is known to be done.
    for code in 0..<(1 << (3 * count)) {
      let slots = (0..<count).map { index -> SlotSelection.Slot in
        let bits = code >> (3 * index)
        // Frame numbers fall with the index, so that the oldest is the last.
        return SlotSelection.Slot(state: states[bits & 3], frame: UInt64(10 - index), isDone: bits & 4 != 0)
      }
      check(slots)
    }
  }

  /// A slot that has never held a frame is no better than one that holds the caches warm.
  @Test func aSlotThatIsDoneIsUsedAgain() {
    let new = SlotSelection.Slot(state: .idle, frame: 0)
    let used = SlotSelection.Slot(state: .idle, frame: 7, isDone: true)
    #expect(SlotSelection.choose([new, used, new], .fail) == .use(1))
    #expect(SlotSelection.choose([SlotSelection.Slot(state: .idle, frame: 0, isDone: true), new], .fail) == .use(0))
  }

  private func check(_ slots: [SlotSelection.Slot]) {
    func oldest(_ state: OwnershipState) -> Int? { slots.lastIndex { $0.state == state } }
    let wait = SlotSelection.choose(slots, .wait(timeout: .zero))
    let drop = SlotSelection.choose(slots, .dropOldest(timeout: .zero))
    let fail = SlotSelection.choose(slots, .fail)
    if let idle = slots.firstIndex(where: { $0.state == .idle && $0.isDone }) ?? oldest(.idle) {
      #expect(wait == .use(idle))
      #expect(drop == .use(idle))
      #expect(fail == .use(idle))
      return
    }
    #expect(wait == .wait)
    #expect(fail == .fail)
    // A frame that a consumer holds is never taken.
    let expected: SlotSelection.Decision = oldest(.ready).map { .dropAndUse($0) } ?? .wait
    #expect(drop == expected)
  }
}
