public import InteropDrivers

/// The end of one side's access: what the other side waits for before it begins its own.
public enum ExternalPoint: ~Copyable, Sendable {
  /// The access is complete: there is nothing to wait for.
  case done
  /// The side's binary semaphore, whose signal has been submitted.
  case semaphore
  /// A value of the side's timeline semaphore.
  ///
  /// `next` is for a taker: the least value that it may signal on its own timeline, which the giver also uses between
  /// takers. A taker's point leaves it out.
  case timeline(UInt64, next: UInt64 = 1)
  /// A fence of the kernel, for this access alone.
  case syncFile(SyncFile)
  /// A binary semaphore that the taker made for this access alone and whose signal it has submitted: a descriptor of
  /// `vkGetSemaphoreFdKHR`, OPAQUE_FD.
  ///
  /// Dawn's fences are such semaphores. A giver relays the signal to its own, in a submission to the image's first
  /// queue; givers themselves give none.
  case newSemaphore(FileDescriptorOwner)
}

extension SyncKind {
  /// - Throws: ``InteropError/Code/invalidArgument`` for a point that is none of this sync's.
  package func check(_ point: borrowing ExternalPoint, _ step: String) throws(InteropError) {
    let fits: Bool
    let name: String
    switch point {
    case .done: (fits, name) = (self != .semaphoreFD, "no signal")
    case .semaphore: (fits, name) = (self == .semaphoreFD, "a binary semaphore")
    case .timeline: (fits, name) = (self == .timelineSemaphore, "a value of a timeline")
    case .syncFile: (fits, name) = (self == .syncFile, "a sync file")
    case .newSemaphore: (fits, name) = (true, "a new semaphore")
    }
    guard fits else {
      throw InteropError(
        .invalidArgument, step: step, reason: "the other side's access ends with \(name), and the sync is \(rawValue)",
        advice: "Pass on what the other side's release returned")
    }
  }
}
