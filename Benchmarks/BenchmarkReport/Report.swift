import FoundationEssentials

/// All results of one run. Its JSON is a contract: keys are stable, and later versions may add keys.
package struct Report: Codable, Sendable {
  package var schema = 2
  package let machine: Machine
  /// As `machine.load`, at the end of the run.
  package var loadAtEnd = 0.0
  package let drivers: DriverNames
  /// For the workloads that are no combination of the library.
  package let framesInFlight: Int
  package var sizes: [SizeResult] = []
  package var steadyState: SteadyState?
  package var creation: Creation?
  package var growth: Growth?
  package var producers: SeveralProducers?
  /// Measurements that this run left out, with the reasons.
  package var notMeasured: [NotMeasured] = []
  package var targets: [Target] = []

  package init(machine: Machine, drivers: DriverNames, framesInFlight: Int) {
    self.machine = machine
    self.drivers = drivers
    self.framesInFlight = framesInFlight
  }

  package struct NotMeasured: Codable, Sendable, Hashable {
    package let what: String
    package let reason: String

    package init(_ what: String, _ reason: String) {
      self.what = what
      self.reason = reason
    }
  }

  /// The results of one size.
  package struct SizeResult: Codable, Sendable {
    package let size: String
    /// How many times the drivers were opened again.
    package let openings: Int
    package let workloads: [Row]
    package let ratios: [Ratio]
  }

  /// One workload's microseconds per frame.
  package struct Row: Codable, Sendable {
    package let name: String
    package let summary: String
    package let group: Samples.Group
    package let isPipelined: Bool
    package let way: Way?
    package let frames: Int
    package let p10: Double
    package let p50: Double
    package let p90: Double
    package let p99: Double
    /// The ratio to GL's drawing alone in the same round: to `c-render-only`, for pipelined workloads to the pipelined
    /// one.
    package let toRenderOnly: Estimate?

    init(_ samples: Samples, renderOnly: Samples?) {
      name = samples.name
      summary = samples.summary
      group = samples.group
      isPipelined = samples.isPipelined
      way = samples.way
      frames = samples.frameCount
      let sorted = samples.frames.sorted()
      p10 = percentile(0.10, ofSorted: sorted)
      p50 = percentile(0.50, ofSorted: sorted)
      p90 = percentile(0.90, ofSorted: sorted)
      p99 = percentile(0.99, ofSorted: sorted)
      toRenderOnly = renderOnly.map { Ratio(samples, $0).ratio }
    }
  }

  /// Two workloads compared block by block: blocks of one round ran within about a second.
  package struct Ratio: Codable, Sendable {
    package let of: String
    package let to: String
    package let ratio: Estimate
    /// In microseconds per frame.
    package let difference: Estimate

    package init(_ first: Samples, _ second: Samples) {
      of = first.name
      to = second.name
      let openings = Array(zip(first.blocks, second.blocks))
      ratio = Estimate(of: openings.map { zip($0, $1).map { $0 / $1 } })
      difference = Estimate(of: openings.map { zip($0, $1).map { $0 - $1 } })
    }
  }

  /// The pairs of workloads that are compared, where both were measured. The second name may be a prefix, which means
  /// its cheapest workload.
  private static let comparisons = [
    ("swift-direct", "c-direct"), ("swift-direct", "c-direct-unchecked"), ("swift-producer", "c-direct"),
    ("swift-direct-pipelined", "c-direct-pipelined"), ("swift-producer-pipelined", "c-direct-pipelined"),
    ("swift-handover", "c-handover"), ("swift-handover", "c-vulkan-after-draw"),
    ("swift-direct", "c-render-only"), ("swift-producer", "c-render-only"),
    ("swift-direct-pipelined", "c-render-only-pipelined"), ("swift-producer-pipelined", "c-render-only-pipelined"),
    ("swift-direct", "c-readback-upload"), ("swift-direct", "c-readback-into-staging"),
    ("swift-direct-pipelined", "c-pixel-buffers-3"), ("swift-direct", "c-import-each-frame"),
    ("swift-host-copy", "c-readback-upload"), ("swift-host-copy", "c-pixel-buffers-3"),
    ("swift-sample", "c-sample"), ("swift-sample", "c-sample-unshared"), ("c-sample", "c-sample-unshared"),
  ]

  package static func result(_ size: String, openings: Int, _ samples: [Samples]) -> SizeResult {
    func found(_ name: String) -> Samples? { samples.first { $0.name == name } }
    // Each order of sampling is compared with the same work without sharing.
    let orders = samples.filter { $0.name.hasPrefix("swift-sample-") }.map { ($0.name, "c-sample-unshared") }
    let ratios = (comparisons + orders).compactMap { of, to -> Ratio? in
      guard let first = found(of), let second = found(to) else { return nil }
      return Ratio(first, second)
    }
    let rows = samples.map { samples in
      let limit = found(samples.isPipelined ? "c-render-only-pipelined" : "c-render-only")
      let isLimit = samples.group == .limits || samples.name.hasSuffix("-handover")
      return Row(samples, renderOnly: isLimit ? nil : limit)
    }
    // Rows of a group are together, in the order in which they were measured.
    let ordered = Samples.Group.allCases.flatMap { group in rows.filter { $0.group == group } }
    return SizeResult(size: size, openings: openings, workloads: ordered, ratios: ratios)
  }

  package var missesATarget: Bool { targets.contains { $0.verdict == .missed } }

  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
