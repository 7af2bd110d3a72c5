public import RawImport

extension CapabilityMatrix {
  /// The requirements of an application on a path.
  ///
  /// The corresponding C type is `glvk_requirements`.
  public struct Requirements: Sendable, Hashable {
    /// The API that writes and the API that reads.
    public var direction: TransferDirection
    /// The formats that must all work; empty accepts any.
    public var formats: [PixelFormat]
    /// The size whose cells count, where it was tried; nil, or a size that was not tried, counts the cells of all
    /// sizes.
    public var size: PixelSize?
    /// Modes that the application can use.
    public var modes: Set<TransferMode>
    /// Tilings that the application can use.
    public var tilings: Set<ImageTiling>
    /// DRM format modifiers that the application, or the process to which it sends the image, can use; nil for any.
    /// Paths without modifiers ignore it.
    public var modifiers: [DRMModifier]?
    /// Whether the CPU must not wait for a GPU, so that the sync is semaphores or sync files.
    public var needsGPUWait: Bool
    /// Whether the image goes to another process, which only a DMA-BUF can do.
    public var crossesProcesses: Bool
    /// The preference among the combinations that work.
    public var ranking: PathRanking

    /// Makes requirements; a parameter that is left out requires nothing.
    public init(
      direction: TransferDirection = .glToVulkan, formats: [PixelFormat] = [], size: PixelSize? = nil,
      modes: Set<TransferMode> = Set(TransferMode.allCases), tilings: Set<ImageTiling> = Set(ImageTiling.allCases),
      modifiers: [DRMModifier]? = nil, needsGPUWait: Bool = false, crossesProcesses: Bool = false,
      ranking: PathRanking = .environment
    ) {
      self.direction = direction
      self.formats = formats
      self.size = size
      self.modes = modes
      self.tilings = tilings
      self.modifiers = modifiers
      self.needsGPUWait = needsGPUWait
      self.crossesProcesses = crossesProcesses
      self.ranking = ranking
    }
  }

  /// Finds the best verified combination.
  ///
  /// The corresponding C function is `glvk_matrix_best_path`.
  ///
  /// - Returns: nil if no combination meets all requirements; ``rejections(for:)`` gives the reasons.
  public func bestPath(for requirements: Requirements = Requirements()) -> Choice? {
    for candidate in requirements.ranking.candidates {
      guard case .works(let found) = look(at: candidate, requirements) else { continue }
      return choice(candidate, requirements, found)
    }
    return nil
  }

  /// Gives the reason for each rejected combination, for a message to people. The list is in the order of preference
  /// and ends at the first combination that meets the requirements.
  public func rejections(for requirements: Requirements = Requirements()) -> [String] {
    var lines: [String] = []
    for candidate in requirements.ranking.candidates {
      switch look(at: candidate, requirements) {
      case .works: return lines
      case .fails(let reason, _):
        lines.append("\(candidate): \(reason)")
      case .notTried: continue
      }
    }
    return lines
  }

  /// All verified combinations, the preferred first.
  package func workingPaths(for requirements: Requirements) -> [Choice] {
    requirements.ranking.candidates.compactMap { candidate in
      guard case .works(let found) = look(at: candidate, requirements) else { return nil }
      return choice(candidate, requirements, found)
    }
  }

  /// Whether this combination crashed or hung a helper, with any format or size.
  package func isDangerous(_ candidate: TransferConfiguration) -> Bool {
    cells.contains { $0.configuration == candidate && $0.endedProcess }
  }

  /// The verdict on one combination.
  package enum Look: Equatable {
    case works(Found)
    case fails(String, missing: [String] = [])
    case notTried
  }

  /// The formats and modifiers that work with one combination.
  package struct Found: Equatable {
    /// The number of pixel formats that work, out of `tried`.
    let verified: Int
    let tried: Int
    /// The modifiers that work, for a DMA-BUF.
    package let modifiers: [DRMModifier]
  }

  private struct Group: Hashable {
    let format: PixelFormat
    let modifier: DRMModifier?
  }

  package func look(at candidate: TransferConfiguration, _ requirements: Requirements) -> Look {
    let mine = cells(of: candidate, requirements)
    let tried = mine.filter { $0.verdict != .notTried }
    guard !tried.isEmpty else { return .notTried }
    if !requirements.modes.contains(candidate.mode), candidate.path != .hostCopy {
      return .fails("the program cannot use this mode")
    }
    if !requirements.tilings.contains(candidate.tiling) { return .fails("the program cannot use this tiling") }
    if requirements.needsGPUWait, candidate.sync == .cpuWait { return .fails("the CPU would wait for the GPU") }
    if requirements.crossesProcesses, candidate.path.dmaBufAllocator == nil {
      return .fails("its memory cannot be passed to another process")
    }
    let allowed = requirements.modifiers.map { Set($0) }
    func isAllowed(_ modifier: DRMModifier?) -> Bool {
      guard candidate.path.dmaBufAllocator != nil, let allowed, let modifier else { return true }
      return allowed.contains(modifier)
    }
    guard tried.contains(where: { isAllowed($0.modifier) }) else {
      let seen = Set(tried.compactMap(\.modifier?.hexadecimal)).sorted().joined(separator: ", ")
      return .fails("the program cannot use its modifiers: \(seen)")
    }
    // A format works if it works with some modifier. It works with a modifier if it does so in every size that counts.
    let groups = Dictionary(grouping: mine) { Group(format: $0.format, modifier: $0.key.modifier) }
    let working = groups.values.filter { $0.allSatisfy { $0.verdict == .verified && isAllowed($0.modifier) } }
    let formats = Set(mine.map(\.format))
    let verified = Set(working.map { $0[0].format })
    if let wanted = requirements.formats.first(where: { !verified.contains($0) }) {
      let cell = mine.first { $0.format == wanted && $0.verdict != .verified }
      return .fails("\(wanted.name): " + (cell?.reason ?? "not tried"), missing: cell?.missing ?? [])
    }
    guard !verified.isEmpty else {
      let cell = tried.first { $0.verdict != .verified }
      return .fails(cell?.reason ?? "not verified", missing: cell?.missing ?? [])
    }
    let asked = Set(requirements.formats)
    let counting = working.filter { asked.isEmpty || asked.contains($0[0].format) }
    let modifiers = Set(counting.flatMap { $0.compactMap(\.modifier) })
    // In the order of the cells, which is the device's.
    var inOrder: [DRMModifier] = []
    for modifier in mine.compactMap(\.modifier) where modifiers.contains(modifier) && !inOrder.contains(modifier) {
      inOrder.append(modifier)
    }
    return .works(Found(verified: verified.count, tried: formats.count, modifiers: inOrder))
  }

  private func cells(of candidate: TransferConfiguration, _ requirements: Requirements) -> [Cell] {
    let mine = cells.filter { $0.direction == requirements.direction && $0.configuration == candidate }
    guard let size = requirements.size, mine.contains(where: { $0.size == size }) else { return mine }
    return mine.filter { $0.size == size }
  }

  // MARK: The queue family

  /// Chooses the cheapest family, the first of several whose costs differ only by noise. The device's first family,
  /// which can draw, is kept unless another one is clearly cheaper.
  func cheapest(_ costs: [QueueFamilyCost]) -> QueueFamilyCost? {
    func cost(_ cost: QueueFamilyCost) -> Double { cost.transferMicroseconds.p50 }
    guard let first = costs.first, let least = costs.map(cost).min() else { return nil }
    if cost(first) <= least * 1.25 { return first }
    return costs.first { cost($0) <= least * 1.1 }
  }

  private func choice(_ candidate: TransferConfiguration, _ requirements: Requirements, _ found: Found) -> Choice {
    // Uses the times of this combination, else of this path: families differ far more than formats and modes do.
    let own = cells(of: candidate, requirements).first { !$0.queueFamilyCosts.isEmpty }
    let timed = own ?? cells.first { $0.configuration.path == candidate.path && !$0.queueFamilyCosts.isEmpty }
    let costs = timed?.queueFamilyCosts ?? []
    let best = cheapest(costs)
    return Choice(
      configuration: candidate, modifiers: found.modifiers,
      queueFamily: best?.family ?? queueFamilies.first?.index ?? 0,
      transferMicroseconds: own == nil ? nil : best?.transferMicroseconds,
      reason: reason(candidate, requirements, found) + familyReason(best, costs))
  }

  private func reason(_ choice: TransferConfiguration, _ requirements: Requirements, _ found: Found) -> String {
    let isShared = cells.contains { $0.verdict == .verified && $0.configuration.path != .hostCopy }
    let memory =
      choice.path != .hostCopy
      ? "memory is shared without a copy" + layout(choice, found)
      : isShared
        ? "frames are copied through the CPU, as no way without a copy fits what is asked for"
        : "no shared memory was verified, so frames are copied through the CPU"
    let verb = requirements.direction == .glToVulkan ? "renders straight into" : "reads straight from"
    let drawing = choice.mode == .direct ? "GL \(verb) it" : "one GPU blit stands between"
    let waiting =
      switch choice.sync {
      case .semaphoreFD: "the GPU waits, not the CPU"
      case .timelineSemaphore: "the GPU waits, for values of a timeline"
      case .syncFile: "the GPU waits, for a sync file of each access"
      case .cpuWait: "the CPU waits, as neither shared semaphores nor sync files were verified"
      }
    let how = choice.path == .hostCopy ? memory : "\(memory), \(drawing), \(waiting)"
    let asked = requirements.ranking.isUsual ? "" : "; the order of preference was changed"
    return "\(how); \(found.verified) of \(found.tried) pixel formats verified\(asked)"
  }

  private func layout(_ choice: TransferConfiguration, _ found: Found) -> String {
    guard choice.path.dmaBufAllocator != nil else { return "" }
    let names = found.modifiers.prefix(3).map(\.description)
    let more = found.modifiers.count > 3 ? " and \(found.modifiers.count - 3) more" : ""
    return " as DMA-BUF (modifier \(names.joined(separator: ", "))\(more))"
  }

  private func familyReason(_ best: QueueFamilyCost?, _ costs: [QueueFamilyCost]) -> String {
    guard let best else { return "" }
    func cost(_ cost: QueueFamilyCost) -> String {
      let name = queueFamilies.first { $0.index == cost.family }.map { " (\($0.description))" } ?? ""
      return "family \(cost.family)\(name) in \(Int(cost.transferMicroseconds.p50.rounded())) us"
    }
    let others = costs.filter { $0.family != best.family }.map(cost)
    return "; queue \(cost(best))"
      + (others.isEmpty ? " a hand-over" : " a hand-over, \(others.joined(separator: ", "))")
  }
}
