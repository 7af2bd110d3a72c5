internal import Capability
internal import InteropDrivers
internal import RawImport

/// The application's requirements for the combination of a producer or a consumer.
struct PathWishes {
  var direction: TransferDirection
  var format: PixelFormat
  var path: TransferPath?
  var mode: TransferMode?
  var sync: SyncKind?
  var tiling: ImageTiling?
  var modifiers: [DRMModifier]?
  var ranking: PathRanking
  /// The task that mode direct cannot do; nil where direct can do everything that the options require.
  var blitReason: String?

  init(_ options: ProducerOptions) {
    self.init(options.ring, .glToVulkan, options.mode)
    var tasks: [String] = []
    if options.samples > 1 { tasks.append("resolve \(options.samples) samples") }
    if options.orientation == .topDown { tasks.append("turn the picture top-down") }
    if !tasks.isEmpty { blitReason = "mode direct cannot \(tasks.joined(separator: " or "))" }
  }

  /// Mode is direct, because GL samples the image itself and the package has nothing to blit.
  init(_ options: ConsumerOptions) { self.init(options.ring, .vulkanToGL, .direct) }

  private init(_ options: RingOptions, _ direction: TransferDirection, _ mode: TransferMode?) {
    self.direction = direction
    self.mode = mode
    format = options.format
    path = options.path
    sync = options.sync
    tiling = options.tiling
    modifiers = options.modifiers
    ranking = options.ranking
  }
}

/// The combinations that a producer or a consumer may use, the best first, and the reasons why others are excluded.
///
/// The order, the combinations known not to work, and the queue family come from a ``CapabilityMatrix``. Without one
/// the ring tries every combination in turn.
struct PathSelection {
  let candidates: [TransferConfiguration]
  /// The combinations that the matrix rejects, before the first that it does not reject.
  let refusals: [PathRefusal]
  private let matrix: CapabilityMatrix?
  private let requirements: CapabilityMatrix.Requirements
  private let modifiers: [DRMModifier]?
  private let direction: TransferDirection

  /// - Parameter mismatch: why OPAQUE_FD cannot be used, even where a probe tried it all the same and reports success.
  /// - Throws: ``InteropError/Code/invalidArgument`` for options that exclude each other.
  init(_ wishes: PathWishes, _ matrix: CapabilityMatrix?, mismatch: InteropError?) throws(InteropError) {
    try Self.check(wishes)
    self.matrix = matrix
    modifiers = wishes.modifiers
    direction = wishes.direction
    requirements = CapabilityMatrix.Requirements(
      direction: wishes.direction, formats: [wishes.format], modifiers: wishes.modifiers, ranking: wishes.ranking)
    var candidates: [TransferConfiguration] = []
    var refusals: [PathRefusal] = []
    var unlikely: [TransferConfiguration] = []
    for way in wishes.ranking.candidates {
      guard Self.allows(wishes, way) else { continue }
      // host-copy reads back what GL drew; there is nothing to blit.
      var candidate = way
      if way.path == .hostCopy { candidate.mode = wishes.mode ?? .direct }
      if let reason = (way.path == .opaqueFD ? mismatch : nil) ?? Self.objection(matrix, way, requirements) {
        if candidates.isEmpty { refusals.append(.init(candidate: candidate, error: reason)) }
        if matrix?.isDangerous(way) != true { unlikely.append(candidate) }
      } else {
        candidates.append(candidate)
      }
    }
    if candidates.isEmpty, wishes.path != nil {
      // The caller named the path: try it for its own error, or because the caller knows better. A combination that
      // crashed a helper stays excluded.
      candidates = unlikely
    }
    guard !candidates.isEmpty else {
      if let error = PathRefusal.toMend(refusals) { throw error }
      throw InteropError(
        .invalidArgument, step: "choose the path", reason: "the options and the order of preference leave no path",
        advice: "Allow a path: change the options or \(PathRanking.variable)")
    }
    self.candidates = candidates
    self.refusals = refusals
  }

  /// Makes an object with the first combination that works.
  ///
  /// - Parameters:
  ///   - excluded: combinations that failed while frames ran.
  ///   - make: tries one combination.
  /// - Returns: the object that `make` made, and the combinations refused before it.
  /// - Throws: the refusal of the best combination, if nothing works or the caller's choice does not.
  func firstThatWorks<Made>(
    excluding excluded: Set<TransferConfiguration>, _ make: (TransferConfiguration) throws(InteropError) -> Made
  ) throws(InteropError) -> (Made, [PathRefusal]) {
    var refused: [PathRefusal] = []
    for candidate in candidates where !excluded.contains(candidate) {
      do throws(InteropError) {
        return (try make(candidate), refusals + refused)
      } catch {
        refused.append(PathRefusal(candidate: candidate, error: error))
      }
    }
    throw PathRefusal.toMend(refused)
      ?? InteropError(
        .unsupported, step: "choose the path", reason: "every way has failed",
        missing: [direction == .glToVulkan ? "a way from GL to Vulkan" : "a way from Vulkan to GL"])
  }

  /// Returns the combinations that share memory and sync with `candidate`, which are not worth a try after it has
  /// failed at work.
  func alike(_ candidate: TransferConfiguration) -> [TransferConfiguration] {
    candidates.filter { $0.path == candidate.path && $0.sync == candidate.sync }
  }

  /// Returns a queue of the family with the cheapest measured ownership transfer for this combination, else the
  /// device's first queue.
  func ownershipQueue(_ candidate: TransferConfiguration, _ host: VulkanHost) -> VulkanQueue {
    queueFamily(candidate).flatMap { host.queue(family: $0) } ?? host.queues[0]
  }

  /// Returns the modifiers that the images of a combination may have: the verified ones, else those that the caller
  /// allows.
  func modifiers(_ candidate: TransferConfiguration) -> [DRMModifier]? {
    guard candidate.path == .dmaBufImport else { return modifiers }
    let verified = choice(candidate)?.modifiers ?? []
    return verified.isEmpty ? modifiers : verified
  }

  /// Checks a modifier against the allowed ones, since that of GL's own memory cannot be chosen, only examined.
  func check(_ modifier: DRMModifier?) throws(InteropError) {
    guard let modifier, let modifiers, !modifiers.contains(modifier) else { return }
    throw InteropError(
      .unsupported, step: "look at the buffer's modifier", reason: "GL's memory has modifier \(modifier)",
      missing: modifiers.map { "modifier \($0)" }, advice: "Use dma-buf-import, or allow that modifier")
  }

  private func queueFamily(_ candidate: TransferConfiguration) -> UInt32? { choice(candidate)?.queueFamily }

  /// Returns the matrix's entry for a combination that was verified.
  private func choice(_ candidate: TransferConfiguration) -> CapabilityMatrix.Choice? {
    matrix?.workingPaths(for: requirements).first { $0.configuration == candidate }
  }

  private static func allows(_ options: PathWishes, _ way: TransferConfiguration) -> Bool {
    if let path = options.path, path != way.path { return false }
    if way.path == .hostCopy { return way.mode == .direct && way.sync == .cpuWait && way.tiling == .optimal }
    if way.tiling != options.tiling ?? way.path.tilings[0] { return false }
    if let mode = options.mode, mode != way.mode { return false }
    if let sync = options.sync, sync != way.sync { return false }
    return way.mode == .blit || options.blitReason == nil
  }

  /// Returns the matrix's objection to a combination; nil if it has none.
  private static func objection(
    _ matrix: CapabilityMatrix?, _ way: TransferConfiguration, _ requirements: CapabilityMatrix.Requirements
  ) -> InteropError? {
    guard let matrix, case .fails(let reason, let missing) = matrix.look(at: way, requirements) else { return nil }
    return InteropError(
      .unsupported, step: "look into the capability matrix", reason: reason, missing: missing,
      advice: "interop-caps --explain \(way.path) shows every step")
  }

  private static func check(_ options: PathWishes) throws(InteropError) {
    if let path = options.path, !TransferPath.all.contains(path) {
      throw InteropError(
        .invalidArgument, step: "choose the path", reason: "there is no path \(path)",
        advice: "Choose \(TransferPath.all.map(\.rawValue).joined(separator: " or "))")
    }
    if options.mode == .direct, let reason = options.blitReason, options.path != .hostCopy {
      throw InteropError(
        .invalidArgument, step: "choose the mode", reason: reason,
        advice: "Use mode blit, or 1 sample and bottom-up frames")
    }
    if options.path == .hostCopy, let sync = options.sync, sync != .cpuWait {
      throw InteropError(
        .unsupported, step: "choose the sync", reason: "host-copy has nothing that \(sync.rawValue) could order",
        missing: ["\(sync.rawValue) for host-copy"], advice: "Use cpu-wait")
    }
    if let path = options.path, path != .hostCopy, let tiling = options.tiling, !path.tilings.contains(tiling) {
      throw InteropError(
        .invalidArgument, step: "choose the tiling", reason: "\(path) has no \(tiling.rawValue) tiling",
        advice: "Leave the tiling out, or use \(path.tilings.map(\.rawValue).joined(separator: " or "))")
    }
    if let path = options.path, path.dmaBufAllocator == nil, options.modifiers != nil {
      throw InteropError(
        .invalidArgument, step: "choose the modifiers", reason: "memory of \(path) has no modifier",
        advice: "Leave the modifiers out, or use dma-buf-import or dma-buf-export")
    }
    if let modifiers = options.modifiers, modifiers.isEmpty || modifiers.contains(.invalid) {
      throw InteropError(
        .invalidArgument, step: "choose the modifiers",
        reason: modifiers.isEmpty ? "none is allowed" : "\(DRMModifier.invalid) stands for an unknown layout",
        advice: "Name modifiers that the capability matrix lists, or none for any")
    }
  }
}
