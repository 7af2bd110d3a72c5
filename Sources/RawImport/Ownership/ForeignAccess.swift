package import InteropDrivers

// Gives Vulkan's side of an image to a foreign user, which is neither GL nor this Vulkan device: a display, another
// process, an engine with a device of its own. The user gets the memory and what it waits for, and returns what GL waits
// for.

extension ImageOwnership {
  // MARK: A reader with a fence

  /// - Returns: the fence that the reader has to wait for; nil if the writer is done.
  package func acquireForForeign(tag: UInt64?) throws(InteropError) -> SyncFile? {
    guard let sharedMemory, !vulkanIsWriter else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "the image is no memory that GL writes and others can have",
        missing: ["a DMA-BUF that GL writes"], advice: "Use dma-buf-import or dma-buf-export")
    }
    let signal = sharedMemory.signals.writerDone
    guard sharedMemory.outside == host.dmaBufFamily || signal.waitInVulkan == nil else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
        missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
    }
    _ = try beginForeign(tag)
    return try takingSignal { () throws(InteropError) in try signal.takeFile(Self.givingAway) }
  }

  /// - Parameter fence: done when the reader is; nil if it is done.
  package func releaseFromForeign(after fence: consuming SyncFile?, tag: UInt64?) throws(InteropError) {
    try foreignEnd(tag).put(fence)
    try endForeign(tag)
  }

  // MARK: The taker of a bundle

  /// - Parameter tag: the frame that a reader comes for, and the name of the frame that a writer writes.
  /// - Returns: what the taker waits for.
  package func acquireForExternal(tag: UInt64?) throws(InteropError) -> ExternalPoint {
    guard let sharedMemory else {
      throw InteropError(
        .unsupported, step: Self.givingAway, reason: "on path host-copy Vulkan's image is not shared",
        missing: ["memory that GL and Vulkan share"], advice: "Use another path")
    }
    // Nothing is due before the first write: the image has been prepared, and nobody has read it.
    guard let due = try beginForeign(tag) else { return .done }
    return try takingSignal { () throws(InteropError) in
      switch try sharedMemory.signals[due].takePoint(Self.givingAway) {
      case .done: .done
      case .semaphore: .semaphore
      case .syncFile(let file): .syncFile(file)
      // The taker's timeline has gone on with every other user: preparing the image, this process's Vulkan.
      case .timeline(let value, _): .timeline(value, next: takerSignal(sharedMemory).nextValue)
      case .newSemaphore: preconditionFailure("GL makes none")
      }
    }
  }

  /// - Parameters:
  ///   - point: what the taker of a bundle returned.
  ///   - layout: the layout in which the taker released the image.
  ///   - sync: the image's, which the point must belong to.
  package func releaseFromExternal(
    after point: consuming ExternalPoint, layout: VkImageLayout, sync: SyncKind, tag: UInt64?
  ) throws(InteropError) {
    let signal = try foreignEnd(tag)
    try sync.check(point, "take the image back")
    let isOurs: Bool
    switch point {
    case .newSemaphore: isOurs = false
    default: isOurs = layout == VK_IMAGE_LAYOUT_GENERAL
    }
    if isOurs { try signal.put(point) } else { try relay(point, from: layout, to: signal) }
    try endForeign(tag)
  }

  /// Waits for the taker's signal in a submission of this device's, which brings the image into layout GENERAL and
  /// signals as any access of Vulkan's does.
  private func relay(
    _ point: consuming ExternalPoint, from layout: VkImageLayout, to signal: any ReleaseSignal
  ) throws(InteropError) {
    let relay = try ownRelay()
    let commands = relay.commands
    guard let outside = sharedMemory?.outside else { preconditionFailure("checked at the beginning") }
    // The semaphore of the relay before this one goes now.
    try commands.finish()
    switch consume point {
    case .newSemaphore(let descriptor): relay.semaphore = .init(try host.importSemaphore(descriptor, .binary))
    case .syncFile(let file):
      let semaphore = try host.makeSemaphore()
      try host.importSyncFile(file, into: semaphore.handle)
      relay.semaphore = .init(semaphore)
    case .done: relay.semaphore = nil
    default:
      throw InteropError(
        .invalidArgument, step: "take the image back", reason: "the image comes back in layout \(layout.rawValue)",
        advice: "Release it in VK_IMAGE_LAYOUT_GENERAL")
    }
    let family = commands.queue.family
    let end = signal.signalInVulkan
    let buffer = try commands.record(.first) {
      OwnershipTransferBarrier.acquire(image, .general, from: outside, to: family, layout: layout, semaphore: nil)
        .record(into: $0, host.vk)
      OwnershipTransferBarrier.release(image, .general, from: family, to: outside, semaphore: nil)
        .record(into: $0, host.vk)
    }
    try commands.submit(buffer, waitingFor: relay.semaphore?.point, signalling: end)
    signal.didSignalInVulkan()
    locked { $0.last = commands }
    // Without a semaphore GL has nothing to wait for.
    if end == nil { try commands.finish() }
  }

  private func ownRelay() throws(InteropError) -> ReleaseRelay {
    if let known = locked({ $0.relay }) { return known }
    let made = ReleaseRelay(try VulkanCommands(host: host, queue: homeQueue))
    locked { $0.relay = made }
    return made
  }

  // MARK: Steps

  private static let givingAway = "give the image away"

  /// The signal by which Vulkan's side ends.
  private func takerSignal(_ memory: SharedMemoryAccess) -> any ReleaseSignal {
    vulkanIsWriter ? memory.signals.writerDone : memory.signals.readerDone
  }

  private func beginForeign(_ tag: UInt64?) throws(InteropError) -> OwnershipStateMachine.Signal? {
    let (due, waiter) = try locked { (state) throws(InteropError) in
      let due = try Self.step(&state, vulkanIsWriter ? nil : tag) { machine throws(OwnershipStateMachine.Violation) in
        try machine.begin(vulkanSide, by: .foreign)
      }
      if vulkanIsWriter, let tag { state.tag = tag }
      return (due, state.change(waiter: nil, for: due.flatMap { sharedMemory?.signals[$0] }))
    }
    do throws(InteropError) {
      try waiter?.waitIdle(host)
      // A cancelled access may not have returned the image yet.
      try finishReturn()
      // Where nothing is due, a dropped frame's signal may not have been waited for yet: two would be pending once the
      // user signals.
      if due.flatMap({ signal($0) })?.needsFence ?? true { try locked { $0.last }?.finish() }
      return due
    } catch {
      try cancelForeign()
      throw error
    }
  }

  /// The image or its signal could not be taken, so the access did not begin.
  private func cancelForeign() throws(InteropError) {
    try step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(vulkanSide, by: .foreign) }
  }

  /// Takes the signal of an access that has begun. If that fails, the access has not begun.
  private func takingSignal<Taken: ~Copyable>(
    _ take: () throws(InteropError) -> Taken
  ) throws(InteropError) -> Taken {
    do throws(InteropError) {
      return try take()
    } catch {
      try cancelForeign()
      throw error
    }
  }

  /// The signal of a user that has the image. Checked before its point is taken, which would stand for the access to a
  /// newer frame.
  private func foreignEnd(_ tag: UInt64?) throws(InteropError) -> any ReleaseSignal {
    let (phase, content) = locked { ($0.machine.phase, $0.tag) }
    if let tag, tag != content { throw Self.stale(tag) }
    guard let sharedMemory, phase == .held(vulkanSide, by: .foreign) else {
      throw Self.invalidState("take the image back", "it was not given away (it is \(phase.state.rawValue))")
    }
    return takerSignal(sharedMemory)
  }

  private func endForeign(_ tag: UInt64?) throws(InteropError) {
    try step(tag: tag) { machine throws(OwnershipStateMachine.Violation) in
      try machine.end(vulkanSide, by: .foreign)
    }
  }
}

/// The commands of ``ImageOwnership/releaseFromExternal(after:layout:sync:tag:)`` and the semaphore that the last of them
/// wait for. Used by the thread that holds the image.
final class ReleaseRelay: @unchecked Sendable {
  let commands: VulkanCommands
  var semaphore: Semaphore?

  final class Semaphore {
    private let object: VulkanObject
    var point: SemaphorePoint { SemaphorePoint(object.handle) }
    init(_ object: consuming VulkanObject) { self.object = object }
  }

  init(_ commands: VulkanCommands) { self.commands = commands }

  /// The semaphore goes when nothing waits for it any more.
  deinit { try? commands.finish() }
}
