internal import InteropDrivers
internal import Glibc
internal import RawImport

/// One probe: it reads the known results, tries the rest and draws the conclusions.
final class ProbeRun {
  let source: ProbeSource
  let options: ProbeOptions
  /// Created at the first trial: known results need no process.
  lazy var bench: (any Prober)? = makeBench()
  var warnings: [String] = []
  /// The reason why the helper does not do the trying, or has not tried everything.
  private var problem: ProbeProblem?
  private var done = 0
  private var total = 0
  /// Combinations in which a driver crashed or hung, with its reason: they are not tried again and again.
  private var spoiled: [Spoiled] = []
  /// The number of hangs of each path. Each hang costs the full timeout of one task.
  private var hangs: [TransferPath: (count: Int, reason: String)] = [:]

  private struct Spoiled {
    /// The last of the combinations that are alike.
    var key: CellKey
    var tries: Int
    var isOver: Bool
    var reason: String
  }

  init(_ source: ProbeSource, _ options: ProbeOptions) {
    self.source = source
    self.options = options
  }

  // MARK: Who tries

  private func makeBench() -> (any Prober)? {
    guard options.tries else { return nil }
    var here: InProcessProber {
      switch source {
      case .opened(let surface, let host): InProcessProber(surface, host)
      case .closed: InProcessProber()
      }
    }
    if options.isolation == .thisProcess { return here }
    var problem: String
    var isFailure = true
    if let path = ProbeHelper.locate() {
      if let child = HelperProber(path: path, target: source.target(options), timeout: options.timeout) {
        guard let found = child.problem else { return child }
        problem = found
      } else {
        problem = "no memory to share with the helper: \(String(cString: strerror(errno)))"
      }
    } else {
      isFailure = false
      problem =
        "the helper \(ProbeHelper.name) was not found (the product \(ProbeHelper.name) of swift-gl-vulkan-interop, beside the program)"
    }
    problem += options.isolation == .automatic ? ": tried in this process" : ": nothing was tried"
    report(problem, isFailure: isFailure)
    return options.isolation == .automatic ? here : nil
  }

  private func report(_ text: String, isFailure: Bool) {
    guard problem?.text != text else { return }
    warnings.append(text)
    if problem == nil || isFailure { problem = ProbeProblem(text: text, isFailure: isFailure) }
  }

  // MARK: The matrix

  func matrix() -> CapabilityMatrix {
    // The cells that are listed where no driver can be asked for modifiers.
    var matrix = CapabilityMatrix(cells: ProbePlan.keys(options).map { CapabilityMatrix.Cell($0) })
    guard options.tries else {
      if case .opened(let surface, let host) = source { matrix.describe(PairDescription(surface, host)) }
      matrix.setReason("probing was switched off")
      return matrix
    }
    var failure: ProbeFailure?
    let pair = describePair(&failure)
    if let pair {
      fill(&matrix, pair)
    } else {
      matrix.probedIn = bench?.place ?? .nowhere
      if let failure {
        matrix.fail(failure)
        if let gl = failure.gl { matrix.gl = gl }
      } else {
        matrix.setReason(warnings.first ?? "nothing was tried")
      }
    }
    matrix.problem = problem
    matrix.warnings = warnings + matrix.deviceWarnings + (PathRanking.environmentProblem.map { [$0] } ?? [])
    matrix.choice = matrix.bestPath(for: .init(ranking: options.ranking))
    return matrix
  }

  func describePair(_ failure: inout ProbeFailure?) -> PairDescription? {
    switch source {
    case .opened(let surface, let host): return PairDescription(surface, host)
    case .closed(let target):
      tell("opening the drivers")
      switch bench?.run(.open(target)) {
      case .pair(let pair): return pair
      case .failed(let found): failure = found
      default: break
      }
      return nil
    }
  }

  /// Fills the matrix with known results and new trials.
  private func fill(_ matrix: inout CapabilityMatrix, _ pair: PairDescription) {
    let quirks = KnownQuirks(pair)
    let store = options.usesCache ? ProbeStore(pair, source.target(options)) : nil
    var known = store?.load(options.sizes) ?? .init()
    matrix.describe(pair)
    matrix.checkedImages = store?.checkedImages
    if let known = known.queueFamilies { matrix.queueFamilies = known }
    var isNew: Bool
    if let goal = options.goal {
      isNew = approach(goal, &matrix, &known, quirks)
    } else {
      let failure = addModifiers(&matrix, &known)
      isNew = tryCells(Array(matrix.cells.indices), &matrix, failure, quirks)
    }
    if time(&matrix) { isNew = true }
    // The known quirks may grow with the library; the results of trials do not change with them.
    for index in matrix.cells.indices { matrix.cells[index].quirks = quirks.explaining(matrix.cells[index]) }
    if isNew {
      matrix.probedIn = bench?.place ?? .nowhere
      for cell in matrix.cells where cell.verdict != .notTried { known.cells[cell.key] = cell }
      // A process that cannot open more files gets failures that say nothing about the drivers.
      if problem?.isFailure != true, bench?.place == .childProcess || Self.canOpenFiles {
        store?.save(known, matrix.queueFamilies, matrix.probedIn)
      }
    } else if let place = known.probedIn {
      matrix.probedIn = place
      matrix.isCached = true
    } else {
      matrix.probedIn = bench?.place ?? .nowhere
    }
  }

  /// Makes the matrix's cells anew, with a cell for each modifier that both sides have and all known results.
  ///
  /// - Returns: the reason why the modifiers cannot be known.
  private func addModifiers(_ matrix: inout CapabilityMatrix, _ known: inout ProbeStore.Known) -> ProbeFailure? {
    let failure = options.paths.contains(.dmaBufImport) ? listModifiers(options.formats, &known.modifiers) : nil
    makeCells(&matrix, known)
    return failure
  }

  private func makeCells(_ matrix: inout CapabilityMatrix, _ known: ProbeStore.Known) {
    let tried = Dictionary(matrix.cells.lazy.filter { !$0.isUntouched }.map { ($0.key, $0) }) { $1 }
    let family = matrix.queueFamilies.first?.index
    matrix.cells = ProbePlan.keys(options, modifiers: known.modifiers).map { key in
      if let cell = tried[key] ?? known.cells[key] { return cell }
      var cell = CapabilityMatrix.Cell(key)
      cell.queueFamily = family
      return cell
    }
    total = matrix.cells.count
    done = matrix.cells.count { !$0.isUntouched }
  }

  /// Tries one combination after another until one meets the goal.
  ///
  /// - Returns: whether anything was tried.
  private func approach(
    _ goal: ProbeGoal, _ matrix: inout CapabilityMatrix, _ known: inout ProbeStore.Known, _ quirks: KnownQuirks
  ) -> Bool {
    var isNew = false
    var failure: ProbeFailure?
    var hasModifiers = false
    makeCells(&matrix, known)
    for candidate in goal.candidates {
      // How to read back depends on what imported memory did to the drivers, so host-copy needs all of them tried.
      let needsAll = candidate.path == .hostCopy
      if needsAll || candidate.path == .dmaBufImport, !hasModifiers {
        failure = addModifiers(&matrix, &known)
        hasModifiers = true
      }
      let indices = matrix.cells.indices.filter { needsAll || matrix.cells[$0].configuration == candidate }
      if tryCells(indices, &matrix, failure, quirks) { isNew = true }
      if needsAll { return isNew }
      guard case .works = matrix.look(at: candidate, goal.requirements) else { continue }
      for index in matrix.cells.indices where matrix.cells[index].isUntouched {
        matrix.cells[index].reason = "not tried: \(candidate) works and is preferred"
        matrix.isPartial = true
      }
      return isNew
    }
    return isNew
  }

  /// Tries the cells that are not known, and whether the sides wait for each other in those that are verified.
  ///
  /// - Returns: whether anything was tried.
  private func tryCells(
    _ indices: [Int], _ matrix: inout CapabilityMatrix, _ failure: ProbeFailure?, _ quirks: KnownQuirks
  ) -> Bool {
    var isNew = false
    for index in indices where matrix.cells[index].isUntouched {
      let key = matrix.cells[index].key
      let (configuration, direction) = (key.configuration, key.direction.rawValue)
      let layout = key.modifier?.hexadecimal ?? configuration.tiling.rawValue
      tell(
        "\(configuration.path) \(direction) \(configuration.mode.rawValue) \(layout) \(configuration.sync.rawValue)"
          + " \(key.format.name)")
      done += 1
      if let failure, configuration.path == .dmaBufImport, key.modifier == nil {
        matrix.cells[index].fail(failure)
        isNew = true
        continue
      }
      if let reason = reasonNotToTry(key, quirks) {
        matrix.cells[index].reason = reason
        continue
      }
      isNew = true
      tryCell(&matrix.cells[index])
    }
    return checkWaits(&matrix) || isNew
  }

  /// Queries the modifiers that are not known yet.
  ///
  /// - Returns: the reason why they cannot be known, for example a driver that crashed.
  func listModifiers(_ formats: [PixelFormat], _ known: inout [String: [DRMModifier]]) -> ProbeFailure? {
    let names = formats.map(\.name).filter { known[$0] == nil }
    guard !names.isEmpty, let bench else { return nil }
    tell("listing modifiers")
    var failure: ProbeFailure?
    switch bench.run(.modifiers(names)) {
    case .modifiers(let found): known.merge(found) { $1 }
    case .failed(let reason):
      failure = reason
      if reason.isOfTheHelper { report("\(reason.reason): not all was tried", isFailure: true) }
    default: failure = Self.strangeAnswer
    }
    for name in names where known[name] == nil { known[name] = [] }
    return failure
  }

  func reasonNotToTry(_ key: CellKey, _ quirks: KnownQuirks) -> String? {
    guard let bench else { return warnings.first ?? "nothing was tried" }
    // Across devices all formats fail alike, and each crash costs a process. DMA-BUFs are made for two devices.
    if quirks.sameDevice == false, key.configuration.path == .opaqueFD, options.formats.count > 1,
      options.formats.contains(.rgba8), key.format != .rgba8
    {
      return "not tried: two devices, for which one format is enough"
    }
    for quirk in quirks.concerning(key) {
      if quirk.effect == .forbids { return "not tried: \(quirk.summary) (\(quirk.id))" }
      if quirk.effect == .unsafeInProcess, bench.place == .thisProcess {
        return "not tried in this process: \(quirk.summary) (\(quirk.id))"
      }
    }
    if let hung = hangs[key.configuration.path], hung.count >= 3 {
      return "not tried after \(hung.count) hangs of this path: \(hung.reason)"
    }
    if let spoiled = spoiled.first(where: { $0.key.isAlike(key) }), spoiled.isOver {
      return "not tried after \(spoiled.tries == 1 ? "another" : "\(spoiled.tries)") like it: \(spoiled.reason)"
    }
    return nil
  }

  private func tryCell(_ cell: inout CapabilityMatrix.Cell) {
    guard let bench else { return }
    switch bench.run(.cell(cell.key)) {
    case .verified(let modifier): cell.verify(modifier)
    case .failed(let failure) where failure.isOfTheHelper:
      // No driver was tried.
      report("\(failure.reason): not all was tried", isFailure: true)
      cell.reason = "not tried: \(failure.reason)"
    case .failed(let failure): note(failure, &cell)
    default: note(Self.strangeAnswer, &cell)
    }
  }

  /// Whether this process can open the descriptors that drivers need during a trial.
  private static var canOpenFiles: Bool {
    var opened: [Int32] = []
    defer { for number in opened { close(number) } }
    while opened.count < 32 {
      let number = fcntl(opened.last ?? 0, F_DUPFD_CLOEXEC, 3)
      // EBADF means that the process has no stdin to duplicate, not that descriptors are scarce.
      guard number >= 0 else { return errno == EBADF }
      opened.append(number)
    }
    return true
  }

  static let strangeAnswer = ProbeFailure(
    code: ProbeFailure.crashed, step: "ask the helper", reason: "crashed: it answered something else")

  func note(_ failure: ProbeFailure, _ cell: inout CapabilityMatrix.Cell) {
    cell.fail(failure)
    guard failure.endsProcess else { return }
    let (key, path) = (cell.key, cell.configuration.path)
    let hung = failure.code == ProbeFailure.hung
    if hung { hangs[path] = ((hangs[path]?.count ?? 0) + 1, failure.reason) }
    let known = spoiled.firstIndex { $0.key.isAlike(key) }
    let tries = (known.map { spoiled[$0].tries } ?? 0) + 1
    // A hang costs the full timeout, so one is enough.
    let new = Spoiled(key: key, tries: tries, isOver: tries >= 2 || hung, reason: failure.reason)
    if let known { spoiled[known] = new } else { spoiled.append(new) }
  }

  // MARK: Waits

  /// Checks once for each path, direction and sync whether the sides wait; cells of other formats wait in the same way.
  ///
  /// - Returns: whether anything was tried.
  private func checkWaits(_ matrix: inout CapabilityMatrix) -> Bool {
    struct Group: Hashable {
      let path: TransferPath
      let direction: TransferDirection
      let sync: SyncKind
    }
    func group(_ cell: CapabilityMatrix.Cell) -> Group {
      Group(path: cell.configuration.path, direction: cell.direction, sync: cell.configuration.sync)
    }
    var answers: [Group: ProbeAnswer] = [:]
    var isNew = false
    for index in matrix.cells.indices {
      let cell = matrix.cells[index]
      guard cell.verdict == .verified, cell.waits == nil else { continue }
      guard let bench else { return isNew }
      if answers[group(cell)] == nil {
        let group = group(cell)
        tell("\(group.path) \(group.direction.rawValue) \(group.sync.rawValue): holding the other side back")
        answers[group] = bench.run(.waits(cell.key))
      }
      isNew = true
      switch answers[group(cell)] {
      case .waits(let waits): matrix.cells[index].waits = waits
      case .failed(let failure) where failure.isOfTheHelper:
        report("\(failure.reason): not all was tried", isFailure: true)
      // Pixels that arrived although no side waited arrived by luck.
      case .failed(let failure): matrix.cells[index].fail(failure)
      default: break
      }
    }
    return isNew
  }

  // MARK: Times

  private func time(_ matrix: inout CapabilityMatrix) -> Bool {
    guard options.timing != .nothing else { return false }
    var indices: [Int] = []
    let timeable = matrix.cells.indices.filter {
      matrix.cells[$0].verdict == .verified && matrix.cells[$0].direction == .glToVulkan
    }
    if options.timing == .everything {
      indices = timeable
    } else if let choice = matrix.bestPath(for: options.goal?.requirements ?? .init(ranking: options.ranking)) {
      // One family is no choice.
      if options.goal != nil, matrix.queueFamilies.count < 2 { return false }
      let chosen = timeable.filter { matrix.cells[$0].configuration == choice.configuration }
      indices = [chosen.first { matrix.cells[$0].format == .rgba8 } ?? chosen.first].compactMap { $0 }
    }
    var isNew = false
    for index in indices where matrix.cells[index].queueFamilyCosts.isEmpty {
      guard let bench else { return isNew }
      let key = matrix.cells[index].key
      let (mode, sync) = (key.configuration.mode.rawValue, key.configuration.sync.rawValue)
      tell("\(key.configuration.path) \(mode) \(sync) \(key.format.name): timing")
      isNew = true
      for family in matrix.queueFamilies.map(\.index) {
        guard case .samples(let samples) = bench.run(.time(key, family: family, count: options.timedTransfers)),
          let percentiles = CapabilityMatrix.Percentiles(samples)
        else { continue }
        matrix.cells[index].queueFamilyCosts.append(.init(family: family, transferMicroseconds: percentiles))
      }
      let cheapest = matrix.cheapest(matrix.cells[index].queueFamilyCosts)
      matrix.cells[index].queueFamily = cheapest?.family
      matrix.cells[index].transferMicroseconds = cheapest?.transferMicroseconds
    }
    guard isNew, let bench else { return isNew }
    for index in matrix.queueFamilies.indices where matrix.queueFamilies[index].bareSubmitMicroseconds == nil {
      let family = matrix.queueFamilies[index].index
      if case .samples(let samples) = bench.run(.bareSubmit(family: family, count: options.timedTransfers)) {
        matrix.queueFamilies[index].bareSubmitMicroseconds = .init(samples)
      }
    }
    return isNew
  }

  private func tell(_ current: String) {
    options.progress?(.init(done: done, total: total, current: current))
  }

  /// The devices of the machine; nil if they cannot be listed.
  func devices() -> DeviceList? {
    guard case .closed(let target) = source else { return nil }
    guard case .devices(let list) = bench?.run(.devices(target)) else { return nil }
    return list
  }
}

extension ProbeSource {
  /// The drivers that a helper must open to try the same combinations.
  func target(_ options: ProbeOptions) -> ProbeTarget {
    switch self {
    case .closed(var target):
      target.layers = options.layers
      return target
    case .opened(let surface, let host):
      var target = ProbeTarget(platform: surface.platform, api: surface.api, device: ProbeTarget.device(of: host))
      target.layers = options.layers
      target.limits = ProbeTarget.limits(of: host)
      return target
    }
  }
}
