public import RawImport

extension CapabilityMatrix {
  /// What a program needs of a path.
  public struct Requirements: Sendable, Hashable {
    public var direction: TransferDirection
    /// All of them must work; empty takes any.
    public var formats: [PixelFormat]
    /// Cells of this size count, where it was tried; nil, or one that was not tried, takes all sizes that were.
    public var size: PixelSize?
    /// Modes that the program can use.
    public var modes: Set<TransferMode>
    /// Tilings that the program can use.
    public var tilings: Set<ImageTiling>
    /// The CPU must not wait for a GPU.
    public var needsGPUWait: Bool
    /// The image goes to another process. No path of today does that.
    public var crossesProcesses: Bool
    public var ranking: PathRanking

    public init(
      direction: TransferDirection = .glToVulkan, formats: [PixelFormat] = [], size: PixelSize? = nil,
      modes: Set<TransferMode> = Set(TransferMode.allCases), tilings: Set<ImageTiling> = Set(ImageTiling.allCases),
      needsGPUWait: Bool = false, crossesProcesses: Bool = false, ranking: PathRanking = .environment
    ) {
      self.direction = direction
      self.formats = formats
      self.size = size
      self.modes = modes
      self.tilings = tilings
      self.needsGPUWait = needsGPUWait
      self.crossesProcesses = crossesProcesses
      self.ranking = ranking
    }
  }

  /// The best way that was seen to work.
  ///
  /// - Returns: nil if no way works for all that is required; ``rejections(for:)`` says why.
  public func bestPath(for requirements: Requirements = Requirements()) -> Choice? {
    for candidate in requirements.ranking.candidates {
      guard case .works(let verified, let tried) = look(at: candidate, requirements) else { continue }
      return choice(candidate, requirements, verified, tried)
    }
    return nil
  }

  /// Why each way that is not taken is not: for a message to people. In the order of preference, up to the first that is.
  public func rejections(for requirements: Requirements = Requirements()) -> [String] {
    var lines: [String] = []
    for candidate in requirements.ranking.candidates {
      switch look(at: candidate, requirements) {
      case .works: return lines
      case .fails(let reason, _):
        lines.append(
          "\(candidate.path) \(candidate.mode.rawValue) \(candidate.tiling.rawValue) \(candidate.sync.rawValue): \(reason)")
      case .notTried: continue
      }
    }
    return lines
  }

  /// All ways that were seen to work, the preferred first.
  package func workingPaths(for requirements: Requirements) -> [Choice] {
    requirements.ranking.candidates.compactMap { candidate in
      guard case .works(let verified, let tried) = look(at: candidate, requirements) else { return nil }
      return choice(candidate, requirements, verified, tried)
    }
  }

  /// Whether this way took a helper down, with any format or size.
  package func isDangerous(_ candidate: PathCandidate) -> Bool {
    cells.contains {
      $0.path == candidate.path.rawValue && $0.mode == candidate.mode && $0.sync == candidate.sync
        && $0.tiling == candidate.tiling && $0.endedProcess
    }
  }

  /// What is known of one way.
  package enum Look: Equatable {
    case works(verified: Int, tried: Int)
    case fails(String, missing: [String] = [])
    case notTried
  }

  package func look(at candidate: PathCandidate, _ requirements: Requirements) -> Look {
    let mine = cells(of: candidate, requirements)
    let tried = mine.filter { $0.verdict != .notTried }
    guard !tried.isEmpty else { return .notTried }
    if !requirements.modes.contains(candidate.mode), candidate.path != .hostCopy { return .fails("the program cannot use this mode") }
    if !requirements.tilings.contains(candidate.tiling) { return .fails("the program cannot use this tiling") }
    if requirements.needsGPUWait, candidate.sync == .cpuWait { return .fails("the CPU would wait for the GPU") }
    if requirements.crossesProcesses { return .fails("its memory cannot be passed to another process") }
    // A format works if it works in every size that counts.
    let names = Set(mine.map(\.pixelFormat))
    let verified = names.filter { name in mine.allSatisfy { $0.pixelFormat != name || $0.verdict == .verified } }
    if let wanted = requirements.formats.map(\.name).first(where: { !verified.contains($0) }) {
      let cell = mine.first { $0.pixelFormat == wanted && $0.verdict != .verified }
      return .fails("\(wanted): " + (cell?.reason ?? "not tried"), missing: cell?.missing ?? [])
    }
    guard !verified.isEmpty else {
      let cell = tried.first { $0.verdict != .verified }
      return .fails(cell?.reason ?? "not verified", missing: cell?.missing ?? [])
    }
    return .works(verified: verified.count, tried: names.count)
  }

  private func cells(of candidate: PathCandidate, _ requirements: Requirements) -> [Cell] {
    let mine = cells.filter {
      $0.mode == candidate.mode && $0.sync == candidate.sync && $0.tiling == candidate.tiling
        && $0.direction == requirements.direction && $0.path == candidate.path.rawValue
    }
    guard let size = requirements.size?.description, mine.contains(where: { $0.size == size }) else { return mine }
    return mine.filter { $0.size == size }
  }

  // MARK: The queue family

  /// The cheapest family, the first of several that cost the same but for noise. The device's first, which can draw, is kept
  /// unless another one is clearly cheaper.
  func cheapest(_ costs: [QueueFamilyCost]) -> QueueFamilyCost? {
    func cost(_ cost: QueueFamilyCost) -> Double { cost.handoverMicroseconds.p50 }
    guard let first = costs.first, let least = costs.map(cost).min() else { return nil }
    if cost(first) <= least * 1.25 { return first }
    return costs.first { cost($0) <= least * 1.1 }
  }

  private func choice(_ candidate: PathCandidate, _ requirements: Requirements, _ verified: Int, _ tried: Int) -> Choice {
    // What was timed of this way, else of this path: families differ far more than formats and modes do.
    let own = cells(of: candidate, requirements).first { !$0.queueFamilyCosts.isEmpty }
    let timed = own ?? cells.first { $0.path == candidate.path.rawValue && !$0.queueFamilyCosts.isEmpty }
    let costs = timed?.queueFamilyCosts ?? []
    let best = cheapest(costs)
    return Choice(
      path: candidate.path.rawValue, sync: candidate.sync, mode: candidate.mode, tiling: candidate.tiling,
      queueFamily: best?.family ?? queueFamilies.first?.index ?? 0,
      handoverMicroseconds: own == nil ? nil : best?.handoverMicroseconds,
      reason: reason(candidate, requirements, verified: verified, of: tried) + familyReason(best, costs))
  }

  private func reason(
    _ choice: PathCandidate, _ requirements: Requirements, verified: Int, of tried: Int
  ) -> String {
    let isShared = cells.contains { $0.verdict == .verified && $0.path != TransferPath.hostCopy.rawValue }
    let memory =
      choice.path != .hostCopy
      ? "memory is shared without a copy"
      : isShared
        ? "frames are copied through the CPU, as no way without a copy fits what is asked for"
        : "no shared memory was verified, so frames are copied through the CPU"
    let verb = requirements.direction == .glToVulkan ? "renders straight into" : "reads straight from"
    let drawing = choice.mode == .direct ? "GL \(verb) it" : "one GPU blit stands between"
    let waiting =
      choice.sync == .semaphoreFD ? "the GPU waits, not the CPU" : "the CPU waits, as no shared semaphore was verified"
    let how = choice.path == .hostCopy ? memory : "\(memory), \(drawing), \(waiting)"
    let asked = requirements.ranking.isUsual ? "" : "; the order of preference was changed"
    return "\(how); \(verified) of \(tried) pixel formats verified\(asked)"
  }

  private func familyReason(_ best: QueueFamilyCost?, _ costs: [QueueFamilyCost]) -> String {
    guard let best else { return "" }
    func cost(_ cost: QueueFamilyCost) -> String {
      let name = queueFamilies.first { $0.index == cost.family }.map { " (\($0.description))" } ?? ""
      return "family \(cost.family)\(name) in \(Int(cost.handoverMicroseconds.p50.rounded())) us"
    }
    let others = costs.filter { $0.family != best.family }.map(cost)
    return "; queue \(cost(best))" + (others.isEmpty ? " a hand-over" : " a hand-over, \(others.joined(separator: ", "))")
  }
}
