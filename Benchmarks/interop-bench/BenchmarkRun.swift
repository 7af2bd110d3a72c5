import BenchmarkReport
import GLVulkanInterop

/// One run with its options.
struct BenchmarkRun {
  private let options: InteropBench
  private let sections: Set<InteropBench.Section>
  private let sizes: [PixelSize]

  private static let usualSizes = ["1280x720", "1920x1080", "3840x2160", "7680x4320"].compactMap { PixelSize($0) }
  /// For sections that count and do not time: at this size the frame itself costs little.
  private static let smallSize = PixelSize(width: 64, height: 64)

  init(_ options: InteropBench) {
    self.options = options
    let all = InteropBench.Section.allCases
    if options.checkSteady != nil {
      sections = [.steady]
    } else if !options.section.isEmpty {
      sections = Set(options.section)
    } else {
      sections = Set(options.only.isEmpty ? all : all.filter(\.isTimedInTurns))
    }
    sizes = options.size.isEmpty ? Self.usualSizes : options.size
  }

  /// Measures everything that the options ask for.
  func report(_ folder: OutputFolder) throws -> Report {
    let machine = Machine()
    progress("drivers")
    let setup = try setup()
    var report = Report(machine: machine, drivers: setup.drivers, framesInFlight: options.inFlight)
    var samples: [(size: String, samples: [Samples])] = []
    for size in sizes where sections.contains(where: \.isTimedInTurns) {
      let (found, openings) = try measure(size, setup, folder, &report)
      guard !found.isEmpty else { continue }
      samples.append((size.description, found))
      report.sizes.append(Report.result(size.description, openings: openings, found))
    }
    if samples.isEmpty, sections.contains(where: \.isTimedInTurns) {
      throw BenchmarkError(description: report.notMeasured.map { "\($0.what): \($0.reason)" }.joined(separator: "\n"))
    }
    if sections.contains(.steady) {
      try attempt("steady state", &report) {
        let (state, refused) = try steadyState(setup, folder)
        $0.steadyState = state
        $0.notMeasured += refused
      }
    }
    try measureOnce(setup, &report)
    // The run fails if no section has a result.
    if samples.isEmpty, report.steadyState == nil, report.creation == nil, report.growth == nil, report.producers == nil
    {
      throw BenchmarkError(description: report.notMeasured.map { "\($0.what): \($0.reason)" }.joined(separator: "\n"))
    }
    report.loadAtEnd = Machine.loadNow
    report.judge(samples)
    return report
  }

  private func setup() throws -> Setup {
    // The C baseline has no counterpart of the other syncs.
    let named = options.sync.compactMap { SyncKind(rawValue: $0) }
    let sync = named.count == 1 && [.semaphoreFD, .cpuWait].contains(named[0]) ? named[0] : nil
    return try Setup(platform: options.gl, queueFamily: options.queueFamily, sync: sync)
  }

  private func isWanted(_ name: String) -> Bool {
    options.only.isEmpty || options.only.contains { name == $0 || name.hasPrefix($0 + "/") }
  }

  // MARK: Alternating

  /// The frames of one size.
  private func measure(
    _ size: PixelSize, _ setup: Setup, _ folder: OutputFolder, _ report: inout Report
  ) throws -> (samples: [Samples], openings: Int) {
    var samples: [Samples] = []
    let rounds = max(1, options.frames / Measurement.framesPerBlock / options.openings)
    let start = now()
    var openings = 0
    while openings < options.openings {
      progress("\(size): opening \(openings + 1)")
      let sides: Sides
      do {
        sides = try Sides(size, setup, options, sections, isWanted: isWanted)
      } catch  where openings == 0 {
        // A size may exceed the limits of a driver or of the memory. No pixels have been compared yet.
        report.notMeasured.append(Report.NotMeasured("\(size)", "\(error)"))
        return ([], 0)
      }
      for refusal in sides.refused where !report.notMeasured.contains(refusal) { report.notMeasured.append(refusal) }
      if openings == 0, let unknown = options.only.first(where: { name in !sides.all.contains { isWanted(name, $0) } })
      {
        let names = sides.all.joined(separator: ", ")
        throw BenchmarkError(description: "there is no workload \(unknown) here; there are: \(names)")
      }
      var measurement = Measurement(sides.workloads, inFlight: options.inFlight, makeCurrent: sides.makeCurrent)
      for more in try measurement.run(rounds: rounds) {
        if let index = samples.firstIndex(where: { $0.name == more.name }) {
          samples[index].append(more)
        } else {
          samples.append(more)
        }
      }
      for failure in measurement.failed where !report.notMeasured.contains(failure) {
        report.notMeasured.append(failure)
      }
      try sides.close()
      openings += 1
      let elapsed = microseconds(from: start, to: now()) / 1e6
      if options.seconds > 0, openings >= 2, elapsed * Double(openings + 1) / Double(openings) > options.seconds {
        break
      }
    }
    if sections.contains(.gstreamer) {
      progress("\(size): GStreamer")
      switch GStreamer.run(size: size, isANGLE: setup.isANGLE, folder: folder.path) {
      case .measured(let found): samples.append(found)
      case .notMeasured(let reason): report.notMeasured.append(Report.NotMeasured("\(GStreamer.name), \(size)", reason))
      }
    }
    return (samples, openings)
  }

  private func isWanted(_ option: String, _ name: String) -> Bool { name == option || name.hasPrefix(option + "/") }

  // MARK: One after the other

  private static let steadyNames = [
    "c-direct", "swift-direct", "swift-producer", "swift-direct-pipelined", "swift-producer-pipelined",
    "swift-host-copy",
    "swift-consumer/opaque-fd", "swift-consumer/host-copy",
  ]

  private func steadyState(_ setup: Setup, _ folder: OutputFolder) throws -> (SteadyState, [Report.NotMeasured]) {
    let size = options.checkSteady == nil ? Self.smallSize : sizes[0]
    var state = SteadyState(size: size.description)
    let sides = try Sides(
      size, setup, options, [.frames, .steady], countsObjects: true,
      isWanted: { name in options.only.isEmpty ? Self.steadyNames.contains(name) : isWanted(name) })
    for workload in sides.workloads {
      progress("steady state: \(workload.name)")
      try sides.makeCurrent(workload.side)
      state.rows.append(try SteadyStateRun.run(workload, frames: options.checkSteady ?? 2000))
    }
    try sides.close()
    guard options.checkSteady == nil else {
      state.systemCallsNotMeasured = "not with --check-steady"
      return (state, sides.refused)
    }
    for index in state.rows.indices {
      progress("system calls: \(state.rows[index].name)")
      switch SystemCalls.count(arguments(for: state.rows[index].name, setup), folder: folder.path) {
      case .counted(let counts):
        state.rows[index].systemCalls = counts.total
        state.rows[index].descriptorsOpened = counts.descriptorsOpened
        state.rows[index].frequentSystemCalls = counts.frequent
      case .notMeasured(let reason):
        state.systemCallsNotMeasured = reason
        return (state, sides.refused)
      }
    }
    return (state, sides.refused)
  }

  /// Arguments to run this program under strace.
  private func arguments(for workload: String, _ setup: Setup) -> [String] {
    var arguments = [
      "--run", workload, "--size", Self.smallSize.description, "--in-flight", String(options.inFlight),
      "--queue-family",
      String(setup.queueFamily), "--sync", setup.sync.rawValue,
    ]
    if case .angle(let path) = setup.platform { arguments += ["--gl", "angle:\(path)"] }
    return arguments
  }

  /// Runs the frames for `--run`.
  func runFrames(of name: String) throws {
    let sides = try Sides(sizes[0], try setup(), options, [.frames, .steady], isWanted: { $0 == name })
    guard let workload = sides.workloads.first else {
      throw BenchmarkError(description: "there is no workload \(name) here")
    }
    try sides.makeCurrent(workload.side)
    for number in 0..<UInt32(options.frames) { try workload.frame(number) }
    try workload.drain(UInt32(options.frames) - 1)
    try sides.close()
  }

  /// Runs a section of the report. If a driver fails in it, the report names the section, and the run measures and
  /// writes the others. Wrong pixels end the run.
  private func attempt(_ what: String, _ report: inout Report, _ section: (inout Report) throws -> Void) throws {
    progress(what)
    do {
      try section(&report)
    } catch let error as InteropError {
      report.notMeasured.append(Report.NotMeasured(what, "\(error)"))
    }
  }

  private func measureOnce(_ setup: Setup, _ report: inout Report) throws {
    let size = sizes.first { $0 == PixelSize(width: 1920, height: 1080) } ?? sizes[0]
    if sections.contains(.creation) {
      try attempt("creation, \(size)", &report) {
        $0.creation = try CreationRun.run(setup, size: size, inFlight: options.inFlight, times: 10)
      }
    }
    if sections.contains(.growth) {
      try attempt("growth over \(options.growth) frames", &report) {
        $0.growth = try GrowthRun.run(
          setup, size: Self.smallSize, inFlight: options.inFlight, count: options.growth)
      }
    }
    if sections.contains(.producers) {
      try attempt("\(options.producers) producers, \(sizes[0])", &report) {
        $0.producers = try ProducersRun.run(
          setup, size: sizes[0], inFlight: options.inFlight, count: options.producers, times: 3)
      }
    }
  }
}

/// Both sides (Swift and C) at one size, and the selected workloads.
private final class Sides {
  let workloads: [Workload]
  /// The names of all workloads that can be selected.
  let all: [String]
  private(set) var refused: [Report.NotMeasured] = []
  private let side: SwiftSide
  private let swift: SwiftFrames
  private let c: CFrames

  /// - Parameter countsObjects: whether the Swift side counts objects.
  init(
    _ size: PixelSize, _ setup: Setup, _ options: InteropBench, _ sections: Set<InteropBench.Section>,
    countsObjects: Bool = false, isWanted: (String) -> Bool
  ) throws {
    side = try SwiftSide(platform: setup.platform, countsObjects: countsObjects)
    swift = try SwiftFrames(side, setup, size: size, inFlight: options.inFlight)
    var mine = sections.contains(.frames) ? swift.workloads() : []
    if sections.contains(.submit) { mine += try SubmitFrames(side, setup, size: size).workloads() }
    var ways: Ways?
    if sections.contains(.sampling) {
      if let family = setup.graphicsFamily {
        mine += try SamplingFrames(swift, graphics: try side.queue(family: family)).workloads()
      } else {
        refused.append(Report.NotMeasured("swift-sample", "no queue family of this device draws"))
      }
    }
    if sections.contains(.ways) {
      let made = try Ways(
        side, setup, size: size,
        Ways.Choice(
          paths: options.path, modes: options.mode.compactMap { TransferMode(rawValue: $0) },
          syncs: options.sync.compactMap { SyncKind(rawValue: $0) },
          framesInFlight: options.inFlight == 1 ? [1] : [1, options.inFlight]), isWanted: isWanted)
      refused += made.refused
      ways = made
    }
    if sections.contains(.steady) {
      let made = try SteadyWays(side, setup, size: size, inFlight: options.inFlight, isWanted: isWanted)
      refused += made.refused
      mine += made.workloads
    }
    c = try CFrames(like: swift, setup)
    var theirs = sections.contains(.frames) ? c.workloads() : []
    if sections.contains(.sampling), setup.graphicsFamily != nil { theirs += c.samplingWorkloads() }
    // Alternately, so that the workloads that are compared most closely run next to each other.
    let interleaved =
      (0..<max(mine.count, theirs.count)).flatMap { index in
        [mine, theirs].compactMap { index < $0.count ? $0[index] : nil }
      } + (ways?.workloads ?? [])
    all = interleaved.map(\.name)
    workloads = interleaved.filter { isWanted($0.name) }
  }

  func makeCurrent(_ side: Workload.Side) throws {
    switch side {
    case .swift: try self.side.context.makeCurrent()
    case .c: try c.makeCurrent()
    }
  }

  func close() throws {
    try makeCurrent(.swift)
    try swift.close()
  }
}
