/// A performance target, and whether this run meets it.
package struct Target: Codable, Sendable {
  package enum Verdict: String, Codable, Sendable {
    case met, missed
    /// The median exceeds the limit, but the interval includes it: measure more frames, or on a quieter machine.
    case undecided
    /// There is no limit; the number is the result.
    case measured
    case notMeasuredHere = "not measured here"
  }

  /// The target in words.
  package let what: String
  /// The comparison, for the report: `swift-direct / c-direct, 1920x1080`.
  package let measure: String
  /// `<= 1.03`; nil without a limit.
  package let limit: String?
  package let value: Estimate?
  package let verdict: Verdict
  /// The reason why it was not measured.
  package let reason: String?
}

/// The definition of a target, before it is measured.
struct TargetDefinition: Sendable {
  enum Device: Sendable { case any, llvmpipe, nvidia }

  enum Limit: Sendable {
    case atMost(Double), atLeast(Double)
    case none

    var text: String? {
      switch self {
      case .atMost(let value): "<= \(trimmed(value))"
      case .atLeast(let value): ">= \(trimmed(value))"
      case .none: nil
      }
    }

    func verdict(_ value: Estimate) -> Target.Verdict {
      switch self {
      case .atMost(let limit): value.median <= limit ? .met : value.low <= limit ? .undecided : .missed
      case .atLeast(let limit): value.median >= limit ? .met : value.high >= limit ? .undecided : .missed
      case .none: .measured
      }
    }
  }

  /// One workload, or the cheapest of several.
  enum Choice: Sendable {
    case one(String)
    case cheapest(prefix: String)
  }

  enum Measure: Sendable {
    /// Frame times, at these sizes; nil for every size of the run.
    case ratio(Choice, to: String, sizes: [String]?)
    /// In microseconds per frame.
    case difference(Choice, to: String, sizes: [String]?)
    /// A number per frame, the worst of the library's rows.
    case steady(String, @Sendable (SteadyState.Row) -> Double?)
    case creation(of: String, to: String)
    case growth
    case scaling
  }

  let what: String
  let device: Device
  let measure: Measure
  let limit: Limit

  init(_ what: String, _ device: Device, _ measure: Measure, _ limit: Limit) {
    self.what = what
    self.device = device
    self.measure = measure
    self.limit = limit
  }

  private static let (hd, fullHD, fourK) = ("1280x720", "1920x1080", "3840x2160")

  static let all = [
    TargetDefinition(
      "direct, several in flight, chosen queue: as rendering alone", .nvidia,
      .ratio(.one("swift-producer-pipelined"), to: "c-render-only-pipelined", sizes: [fullHD, fourK]), .atMost(1.05)),
    TargetDefinition(
      "one hand-over: as a bare submission and its wait, just after a frame", .nvidia,
      .ratio(.one("swift-handover"), to: "c-vulkan-after-draw", sizes: nil), .atMost(1.2)),
    TargetDefinition(
      "4K: readback and upload take so many times as long", .nvidia,
      .ratio(.one("c-readback-upload"), to: "swift-producer", sizes: [fourK]), .atLeast(10)),
    TargetDefinition(
      "every pixel sampled on the graphics queue, cheapest order: as the same work without sharing", .llvmpipe,
      .ratio(.cheapest(prefix: "swift-sample"), to: "c-sample-unshared", sizes: nil), .atMost(1.15)),
    TargetDefinition(
      "every pixel sampled on the graphics queue, cheapest order: against the same work without sharing", .nvidia,
      .ratio(.cheapest(prefix: "swift-sample"), to: "c-sample-unshared", sizes: nil), .none),
    TargetDefinition(
      "4K direct: as rendering alone", .llvmpipe,
      .ratio(.one("swift-producer"), to: "c-render-only", sizes: [fourK]), .atMost(1.05)),
    TargetDefinition(
      "720p direct: microseconds more than rendering alone", .llvmpipe,
      .difference(.one("swift-producer"), to: "c-render-only", sizes: [hd]), .atMost(40)),
    TargetDefinition(
      "720p, a framebuffer of the application's: microseconds of submit more than its blit", .llvmpipe,
      .difference(.one("swift-submit"), to: "gl-blit", sizes: [hd]), .atMost(50)),
    TargetDefinition(
      "a framebuffer of the application's: microseconds of submit more than its blit", .nvidia,
      .difference(.one("swift-submit"), to: "gl-blit", sizes: nil), .none),
    TargetDefinition(
      "1080p: readback and upload take so many times as long", .llvmpipe,
      .ratio(.one("c-readback-upload"), to: "swift-producer", sizes: [fullHD]), .atLeast(2.5)),
    TargetDefinition(
      "host-copy at 4K: readback and upload take so many times as long", .llvmpipe,
      .ratio(.one("c-readback-upload"), to: "swift-host-copy", sizes: [fourK]), .atLeast(1.25)),
    TargetDefinition(
      "host-copy at 4K: readback and upload take so many times as long", .nvidia,
      .ratio(.one("c-readback-upload"), to: "swift-host-copy", sizes: [fourK]), .atLeast(2)),
    TargetDefinition(
      "as the C program with the same calls", .any,
      .ratio(.one("swift-direct"), to: "c-direct", sizes: nil), .atMost(1.03)),
    TargetDefinition(
      "as the C program with the same calls, several in flight", .any,
      .ratio(.one("swift-direct-pipelined"), to: "c-direct-pipelined", sizes: nil), .atMost(1.03)),
    TargetDefinition(
      "heap allocations of the library per frame", .any, .steady("heap allocations") { $0.ownAllocations }, .atMost(0)),
    TargetDefinition(
      "file descriptors opened per frame", .any,
      .steady("descriptors opened") { row in row.driverDescriptors.map { $0 + (row.descriptorsOpened ?? 0) } },
      .atMost(0)),
    TargetDefinition(
      "driver objects made per frame", .any, .steady("driver objects") { $0.driverObjects }, .atMost(0)),
    TargetDefinition(
      "from nothing to the first frame, cached matrix: as the same steps in C", .llvmpipe,
      .creation(of: "swift-create", to: "c-create"), .atMost(1.25)),
    // "Flat" and "as the hardware does" need a number: the noise of the machines used for development is a tenth.
    TargetDefinition("a frame's time stays flat from 10^2 frames on", .any, .growth, .atMost(1.1)),
    TargetDefinition("several producers on one device scale as rendering alone does", .any, .scaling, .atLeast(0.9)),
  ]

  // MARK: Evaluation

  /// Evaluates the target once for each size at which it was measured.
  ///
  /// - Parameters:
  ///   - samples: of each size.
  ///   - report: the report, complete except for its targets.
  func evaluate(_ samples: [(size: String, samples: [Samples])], _ report: Report) -> [Target] {
    if let reason = unfit(report.drivers) { return [notMeasured("", reason)] }
    switch measure {
    case .ratio(let choice, let to, let sizes):
      return evaluate(choice, to, sizes, samples) { $0.ratio }
    case .difference(let choice, let to, let sizes):
      return evaluate(choice, to, sizes, samples) { $0.difference }
    case .steady(let name, let value):
      let rows = (report.steadyState?.rows ?? []).filter { !$0.name.hasPrefix("c-") }
      guard let worst = rows.compactMap({ row in value(row).map { (row, $0) } }).max(by: { $0.1 < $1.1 }) else {
        return [notMeasured(name, report.steadyState?.systemCallsNotMeasured ?? "the steady state was not measured")]
      }
      return [target("\(name), \(worst.0.name)", Estimate(exactly: worst.1))]
    case .creation(let of, let to):
      guard let ratio = report.creation?.ratios.first(where: { $0.of == of && $0.to == to }) else {
        return [notMeasured("\(of) / \(to)", "creation was not measured")]
      }
      return [target("\(of) / \(to)", ratio.ratio)]
    case .growth:
      guard let growth = report.growth, growth.decades.count > 1 else {
        return [notMeasured("", "growth was not measured")]
      }
      return [target("\(growth.name), up to \(growth.decades.last?.upTo ?? 0) frames / up to 1000", growth.lastToWarm)]
    case .scaling:
      guard let producers = report.producers else { return [notMeasured("", "several producers were not measured")] }
      return [target("\(producers.count) producers, \(producers.size)", producers.scaling)]
    }
  }

  private func unfit(_ drivers: DriverNames) -> String? {
    switch device {
    case .any: nil
    case .llvmpipe: drivers.glRenderer.contains("llvmpipe") ? nil : "this is a target for llvmpipe"
    case .nvidia: drivers.glRenderer.contains("NVIDIA") ? nil : "this is a target for an NVIDIA GPU"
    }
  }

  private func evaluate(
    _ choice: Choice, _ to: String, _ sizes: [String]?, _ samples: [(size: String, samples: [Samples])],
    _ value: (Report.Ratio) -> Estimate
  ) -> [Target] {
    let wanted = sizes ?? samples.map(\.size)
    return wanted.map { size in
      guard let (_, samples) = samples.first(where: { $0.size == size }) else {
        return notMeasured(size, "not at this size")
      }
      let candidates: [Samples]
      let name: String
      switch choice {
      case .one(let wanted):
        (name, candidates) = (wanted, samples.filter { $0.name == wanted })
      case .cheapest(let prefix):
        (name, candidates) = (prefix + "…", samples.filter { $0.name.hasPrefix(prefix) })
      }
      let best = candidates.min { median($0.blocks.flatMap { $0 }) < median($1.blocks.flatMap { $0 }) }
      guard let best, let other = samples.first(where: { $0.name == to }) else {
        return notMeasured("\(name) and \(to), \(size)", "one of them was not measured")
      }
      return target("\(best.name) / \(to), \(size)", value(Report.Ratio(best, other)))
    }
  }

  private func target(_ measure: String, _ value: Estimate) -> Target {
    Target(what: what, measure: measure, limit: limit.text, value: value, verdict: limit.verdict(value), reason: nil)
  }

  private func notMeasured(_ measure: String, _ reason: String) -> Target {
    Target(what: what, measure: measure, limit: limit.text, value: nil, verdict: .notMeasuredHere, reason: reason)
  }
}

extension Report {
  /// Fills ``targets``. Call it when the rest of the report is complete.
  package mutating func judge(_ samples: [(size: String, samples: [Samples])]) {
    targets = TargetDefinition.all.flatMap { $0.evaluate(samples, self) }
  }
}

/// `1.05`, `40`.
private func trimmed(_ value: Double) -> String {
  value == value.rounded() ? fixed(value, 0) : fixed(value, 2)
}
