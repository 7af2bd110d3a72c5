import GLVulkanInterop
import TestSupport
import Testing

/// Every ring of up to three slots in every state, against what the words of BackPressure say.
@Suite("Ring policy") struct RingPolicyTests {
  @Test func everyRing() {
    let states = HandoverSlot.State.allCases
    for count in 1...3 {
      for code in 0..<Int(pow4(count)) {
        let slots = (0..<count).map { index -> RingPolicy.Slot in
          // Frame numbers fall with the index, so that the oldest is the last.
          RingPolicy.Slot(state: states[code >> (2 * index) & 3], frame: UInt64(10 - index))
        }
        check(slots)
      }
    }
  }

  private func pow4(_ count: Int) -> Int { 1 << (2 * count) }

  private func check(_ slots: [RingPolicy.Slot]) {
    func oldest(_ state: HandoverSlot.State) -> Int? { slots.lastIndex { $0.state == state } }
    let wait = RingPolicy.choose(slots, .wait(timeout: .zero))
    let drop = RingPolicy.choose(slots, .dropOldest(timeout: .zero))
    let fail = RingPolicy.choose(slots, .fail)
    if let idle = oldest(.idle) {
      #expect(wait == .use(idle))
      #expect(drop == .use(idle))
      #expect(fail == .use(idle))
      return
    }
    #expect(wait == .wait)
    #expect(fail == .fail)
    // A frame that a consumer holds is never taken.
    let expected: RingPolicy.Decision = oldest(.ready).map { .dropAndUse($0) } ?? .wait
    #expect(drop == expected)
  }
}
