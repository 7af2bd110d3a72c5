internal import RawImport

extension ProbeRun {
  func explain(_ path: TransferPath) -> Explanations {
    var narrow = options
    narrow.paths = [path]
    narrow.formats = Array(options.formats.prefix(1))
    narrow.sizes = Array(options.sizes.prefix(1))
    guard let bench else { return Explanations(ways: [], wasOpened: false, warnings: warnings) }
    var failure: ProbeFailure?
    guard let pair = describePair(&failure) else {
      var cell = CapabilityMatrix.Cell(ProbePlan.keys(narrow)[0])
      if let failure { cell.fail(failure) }
      return Explanations(
        ways: [PathExplanation(cell: cell, steps: Trail.steps(bench.lastTrail, failure))], wasOpened: false,
        warnings: warnings)
    }
    let quirks = KnownQuirks(pair)
    var modifiers: [String: [DRMModifier]] = [:]
    let unlisted = path == .dmaBufImport ? listModifiers(narrow.formats, &modifiers) : nil
    let listing = bench.lastTrail
    let ways = ProbePlan.keys(narrow, modifiers: modifiers).map { key in
      var cell = CapabilityMatrix.Cell(key)
      if let reason = reasonNotToTry(key, quirks) {
        cell.reason = reason
        return PathExplanation(cell: cell, steps: [])
      }
      if let unlisted {
        cell.fail(unlisted)
        return PathExplanation(cell: cell, steps: Trail.steps(listing, unlisted))
      }
      var failure: ProbeFailure?
      var modifier: DRMModifier?
      switch bench.run(.cell(key)) {
      case .verified(let found): modifier = found
      case .failed(let found): failure = found
      default: failure = Self.strangeAnswer
      }
      var trail = bench.lastTrail
      if failure == nil {
        switch bench.run(.waits(key)) {
        case .waits(let waits): cell.waits = waits
        case .failed(let found): failure = found
        default: break
        }
        trail += bench.lastTrail
      }
      if let failure { note(failure, &cell) } else { cell.verify(modifier) }
      cell.quirks = quirks.explaining(cell)
      return PathExplanation(cell: cell, steps: Trail.steps(trail, failure))
    }
    return Explanations(ways: ways, wasOpened: true, warnings: warnings)
  }
}

/// Turns the helper's journal into steps.
private enum Trail {
  static func steps(_ trail: [String], _ failure: ProbeFailure?) -> [PathExplanation.Step] {
    var steps: [PathExplanation.Step] = []
    // The release of objects after a failure is no step of the trial; a crash during that release is one.
    var trail = trail[...]
    if let failure, !failure.endsProcess, let end = trail.lastIndex(of: ":" + InProcessProber.givingBackAfterFailure) {
      trail = trail[..<end]
    }
    for entry in trail where !entry.isEmpty {
      if entry.hasPrefix(":") {
        let title = String(entry.dropFirst())
        if steps.last?.title != title { steps.append(.init(title: title, calls: [], isEnd: false)) }
        continue
      }
      if steps.isEmpty { steps.append(.init(title: "check what both sides have", calls: [], isEnd: false)) }
      let last = steps.count - 1
      if let known = steps[last].calls.firstIndex(where: { $0.name == entry }) {
        steps[last].calls[known].count += 1
      } else {
        steps[last].calls.append((entry, 1))
      }
    }
    if let failure {
      if steps.isEmpty { steps.append(.init(title: failure.step, calls: [], isEnd: true)) }
      steps[steps.count - 1].isEnd = true
    }
    return steps
  }
}
