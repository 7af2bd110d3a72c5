internal import Capability
internal import InteropBase
internal import InteropDrivers
internal import Logging
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

/// Where a producer or a consumer learns what the drivers can do.
enum KnowledgeSource {
  /// The application's answer.
  case given(CapabilityMatrix?)
  /// A probe, called on the GL thread. nil asks for every combination.
  case probe((ProbeGoal?) -> (CapabilityMatrix?, ProbeProblem?))
}

/// The combinations that a producer or a consumer may use, the best first, and the reasons why others are excluded.
///
/// The order, the combinations known not to work, and the queue family come from a ``CapabilityMatrix``. Without one
/// the ring tries every combination in turn. A probe looks for the first combination that works; the others are probed
/// when that one fails, because a driver that was not tried in the helper could end the application.
///
/// Its properties may be read on any thread; the rest is for the GL thread, on which it probes.
final class PathSelection: @unchecked Sendable {
  private let wishes: PathWishes
  private let source: KnowledgeSource
  private let mismatch: InteropError?
  private let requirements: CapabilityMatrix.Requirements
  private let logger: Logger
  private let known: Mutex<Known>

  private struct Known {
    var matrix: CapabilityMatrix?
    /// Why ``matrix`` is nil, or holds less than a helper would have learned.
    var problem: ProbeProblem?
    var candidates: [TransferConfiguration] = []
    /// The combinations that the matrix rejects, before the first that it does not reject.
    var refusals: [PathRefusal] = []
    /// Whether the probe left out what comes after the first combination that works.
    var isPartial = false
  }

  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``, and where the probe learned nothing.
  var matrix: CapabilityMatrix? { known.withLock(\.matrix) }
  /// Why ``matrix`` is nil, or holds less than a helper would have learned.
  var problem: String? { known.withLock { $0.problem?.text } }

  /// Probes for the first combination that works.
  ///
  /// - Parameter mismatch: why OPAQUE_FD cannot be used, even where a probe tried it all the same and reports success.
  /// - Throws: ``InteropError/Code/invalidArgument`` for options that exclude each other.
  init(
    _ wishes: PathWishes, _ source: KnowledgeSource, mismatch: InteropError?, _ logger: Logger
  ) throws(InteropError) {
    try Self.check(wishes)
    self.wishes = wishes
    self.source = source
    self.mismatch = mismatch
    self.logger = logger
    requirements = CapabilityMatrix.Requirements(
      direction: wishes.direction, formats: [wishes.format], modifiers: wishes.modifiers, ranking: wishes.ranking)
    known = Mutex(Known())
    let wanted = wishes.ranking.candidates.filter {
      Self.allows(wishes, $0) && (mismatch == nil || $0.path != .opaqueFD)
    }
    try learn(ProbeGoal(wanted, requirements))
  }

  /// Learns what the drivers can do, and decides anew which combinations may be used.
  ///
  /// - Parameter goal: nil for everything.
  private func learn(_ goal: ProbeGoal?) throws(InteropError) {
    var new = Known()
    switch source {
    case .given(let matrix): new.matrix = matrix
    case .probe(let probe):
      (new.matrix, new.problem) = probe(goal)
      new.isPartial = new.matrix?.isPartial == true
    }
    report(new)
    try decide(&new)
    known.withLock { $0 = new }
  }

  /// Reports a failed probe as a warning, since better combinations may then go unused and dangerous ones unnamed.
  private func report(_ new: Known) {
    if let problem = new.problem {
      if problem.isFailure { logger.warning("\(problem.text)") } else { logger.info("\(problem.text)") }
    }
    for warning in new.matrix?.warnings ?? [] where warning != new.problem?.text { logger.info("\(warning)") }
  }

  private func decide(_ new: inout Known) throws(InteropError) {
    var unlikely: [TransferConfiguration] = []
    for way in wishes.ranking.candidates where Self.allows(wishes, way) {
      let candidate = named(way)
      if let reason = (way.path == .opaqueFD ? mismatch : nil) ?? Self.objection(new.matrix, way, requirements) {
        if new.candidates.isEmpty { new.refusals.append(.init(candidate: candidate, error: reason)) }
        if new.matrix?.isDangerous(way) != true { unlikely.append(candidate) }
        continue
      }
      new.candidates.append(candidate)
      // What comes after was not probed.
      if new.isPartial, let matrix = new.matrix, case .works = matrix.look(at: way, requirements) { break }
    }
    if new.candidates.isEmpty, wishes.path != nil {
      // The caller named the path: try it for its own error, or because the caller knows better. A combination that
      // crashed a helper stays excluded.
      new.candidates = unlikely
    }
    guard !new.candidates.isEmpty else {
      if let error = PathRefusal.toMend(new.refusals) { throw error }
      throw InteropError(
        .invalidArgument, step: "choose the path", reason: "the options and the order of preference leave no path",
        advice: "Allow a path: change the options or \(PathRanking.variable)")
    }
  }

  /// The name that a combination has in errors and logs: host-copy reads back what GL drew, so there is nothing to blit.
  private func named(_ way: TransferConfiguration) -> TransferConfiguration {
    var candidate = way
    if way.path == .hostCopy { candidate.mode = wishes.mode ?? .direct }
    return candidate
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
    while true {
      let (candidates, refusals, isPartial) = known.withLock { ($0.candidates, $0.refusals, $0.isPartial) }
      for candidate in candidates where !excluded.contains(candidate) {
        if refused.contains(where: { $0.candidate == candidate }) { continue }
        do throws(InteropError) {
          return (try make(candidate), refusals + refused)
        } catch {
          refused.append(PathRefusal(candidate: candidate, error: error))
        }
      }
      guard isPartial else { break }
      try learn(nil)
    }
    throw PathRefusal.toMend(refused)
      ?? InteropError(
        .unsupported, step: "choose the path", reason: "every way has failed",
        missing: [wishes.direction == .glToVulkan ? "a way from GL to Vulkan" : "a way from Vulkan to GL"])
  }

  /// Returns the combinations that share memory and sync with `candidate`, which are not worth a try after it has
  /// failed at work.
  func alike(_ candidate: TransferConfiguration) -> [TransferConfiguration] {
    wishes.ranking.candidates.filter { $0.path == candidate.path && $0.sync == candidate.sync }.map(named)
  }

  /// Checks a ring's first image.
  ///
  /// It looks at a few rows where a probe of these drivers saw every row of this combination right, at its own size,
  /// and sends less where such an image of this size passed before. A matrix that the application supplies may be of
  /// other drivers.
  func verify(
    _ image: SharedImage, _ candidate: TransferConfiguration, by check: PixelCheck
  ) throws(InteropError) {
    guard case .probe = source, let matrix, matrix.hasVerified(candidate, image) else { return try check.verify(image) }
    let kind = CheckedImages.Kind(
      CellKey(
        configuration: candidate, direction: wishes.direction, format: wishes.format, modifier: image.modifier,
        size: image.size), image.orientation)
    if matrix.checkedImages?.contains(kind) == true { return try check.verify(image, .plain) }
    try check.verify(image, .bands)
    matrix.checkedImages?.insert(kind)
  }

  /// Returns a queue of the family with the cheapest measured ownership transfer for this combination, else the
  /// device's first queue.
  func ownershipQueue(_ candidate: TransferConfiguration, _ host: VulkanHost) -> VulkanQueue {
    queueFamily(candidate).flatMap { host.queue(family: $0) } ?? host.queues[0]
  }

  /// Returns the modifiers that the images of a combination may have: the verified ones, else those that the caller
  /// allows.
  func modifiers(_ candidate: TransferConfiguration) -> [DRMModifier]? {
    guard candidate.path == .dmaBufImport else { return wishes.modifiers }
    let verified = choice(candidate)?.modifiers ?? []
    return verified.isEmpty ? wishes.modifiers : verified
  }

  /// Checks a modifier against the allowed ones, since that of GL's own memory cannot be chosen, only examined.
  func check(_ modifier: DRMModifier?) throws(InteropError) {
    guard let modifier, let modifiers = wishes.modifiers, !modifiers.contains(modifier) else { return }
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

extension CapabilityMatrix {
  fileprivate func hasVerified(_ candidate: TransferConfiguration, _ image: SharedImage) -> Bool {
    cells.contains {
      $0.verdict == .verified && $0.configuration == candidate && $0.direction == image.description.direction
        && $0.format == image.format && $0.modifier == image.modifier
    }
  }
}
