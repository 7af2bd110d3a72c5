package import InteropDrivers
package import RawImport

/// Decides which slot the next frame goes into, on plain values, so that a test can cover every case.
package enum SlotSelection {
  package struct Slot: Hashable, Sendable {
    package var state: OwnershipState
    /// The number of the frame that the slot holds or held last; 0 for none.
    package var frame: UInt64
    /// Whether the reader is known to have finished with the slot, so that reusing it causes no wait.
    package var isDone: Bool

    package init(state: OwnershipState, frame: UInt64, isDone: Bool = false) {
      self.state = state
      self.frame = frame
      self.isDone = isDone
    }
  }

  package enum Decision: Hashable, Sendable {
    case use(Int)
    /// Drop the ready frame in this slot, then use the slot.
    case dropAndUse(Int)
    case wait
    case fail
  }

  /// Chooses a slot.
  ///
  /// - Returns: the idle slot used last, of those whose reader is known to be done: its memory is still in the caches
  ///   (on llvmpipe three 1080p images that are used in turn take twice the time of one). Else the idle slot that has
  ///   rested longest, since the GPU is most likely done with it. Without an idle slot, the reaction that
  ///   `backPressure` names.
  package static func choose(_ slots: some Collection<Slot>, _ backPressure: BackPressure) -> Decision {
    var rested: (index: Int, frame: UInt64)?
    var warm: (index: Int, frame: UInt64)?
    var ready: (index: Int, frame: UInt64)?
    // One pass asks each slot once and allocates no array.
    for (index, slot) in slots.enumerated() {
      switch slot.state {
      case .idle:
        if slot.frame < rested?.frame ?? .max { rested = (index, slot.frame) }
        if slot.isDone, slot.frame > warm?.frame ?? 0 { warm = (index, slot.frame) }
      case .ready: if slot.frame < ready?.frame ?? .max { ready = (index, slot.frame) }
      case .writing, .reading: break
      }
    }
    if let idle = warm ?? rested { return .use(idle.index) }
    switch backPressure {
    case .wait: return .wait
    case .fail: return .fail
    case .dropOldest: return ready.map { .dropAndUse($0.index) } ?? .wait
    }
  }

  /// Makes the error for a ring without a free slot.
  ///
  /// - Parameter wait: how long the caller has waited for a slot.
  package static func exhausted(_ count: Int, after wait: String = "") -> InteropError {
    let frames = count == 1 ? "the only frame is" : "all \(count) frames are"
    return InteropError(
      .ringExhausted, step: "find a free slot", reason: "\(frames) held by consumers\(wait)",
      advice: "Release or drop frames, or allow more in flight (framesInFlight, frames_in_flight)")
  }
}
