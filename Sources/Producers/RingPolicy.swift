package import RawImport

/// Which slot the next frame goes into: the decision alone, on values, so that a test can go through every case.
package enum RingPolicy {
  package struct Slot: Hashable, Sendable {
    package var state: HandoverSlot.State
    /// Number of the frame the slot holds or held last; 0 for none.
    package var frame: UInt64

    package init(state: HandoverSlot.State, frame: UInt64) {
      self.state = state
      self.frame = frame
    }
  }

  package enum Decision: Hashable, Sendable {
    case use(Int)
    /// Drop the ready frame in this slot, then use the slot.
    case dropAndUse(Int)
    case wait
    case fail
  }

  /// - Returns: the idle slot that has rested longest, so that the GPU is most likely done with it; without one, what
  ///   `backPressure` says.
  package static func choose(_ slots: some Collection<Slot>, _ backPressure: BackPressure) -> Decision {
    if let idle = oldest(slots, in: .idle) { return .use(idle) }
    switch backPressure {
    case .wait: return .wait
    case .fail: return .fail
    case .dropOldest: return oldest(slots, in: .ready).map { .dropAndUse($0) } ?? .wait
    }
  }

  private static func oldest(_ slots: some Collection<Slot>, in state: HandoverSlot.State) -> Int? {
    var best: (index: Int, frame: UInt64)?
    for (index, slot) in slots.enumerated() where slot.state == state && slot.frame < best?.frame ?? .max {
      best = (index, slot.frame)
    }
    return best?.index
  }
}
