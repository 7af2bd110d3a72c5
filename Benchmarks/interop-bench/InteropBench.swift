import ArgumentParser
import GLVulkanInterop
import Glibc

@main
struct InteropBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interop-bench",
    abstract: "Measures what a frame costs from GL to Vulkan.",
    discussion: """
      The Swift library is compared with the same driver calls in C, with readback and upload, and with importing \
      memory for each frame. All of them run in turns in one process. Results go to stdout, progress to stderr.

      Exit status: 0; 2 with --check if a target is surely missed; 64 for wrong usage; 1 for any other failure.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  @Option(help: ArgumentHelp("Size of the frames; may be given several times.", valueName: "WxH"), transform: readSize)
  var size: [PixelSize] = [PixelSize(width: 1920, height: 1080)]

  @Option(
    help: ArgumentHelp("Frames measured of each workload, in blocks of \(Measurement.framesPerBlock).", valueName: "N"))
  var frames = 600

  @Option(
    help: ArgumentHelp(
      "How often to make all contexts, devices and images anew: where memory happens to lie can cost or save 10 %.",
      valueName: "N"))
  var openings = 10

  @Option(
    help: ArgumentHelp("Images in the ring, and frames in flight where semaphores order them, 1 to 16.", valueName: "N"))
  var inFlight = 3

  @Option(
    help: ArgumentHelp("The GL driver: surfaceless, or angle:PATH with the path of ANGLE's libEGL.", valueName: "driver"),
    transform: readPlatform)
  var gl = SurfacelessContext.Platform.surfaceless

  @Option(
    help: ArgumentHelp(
      "The Vulkan queue family that acquires frames; by default the first that can draw.", valueName: "index"))
  var queueFamily: UInt32?

  @Option(
    help: ArgumentHelp(
      "Measure only these workloads (their names in the report); may be given several times.", valueName: "name"))
  var only: [String] = []

  @Option(help: "How to write the results.")
  var format = Format.text

  @Flag(help: "Exit with status 2 if a target is missed or, with --check-steady, if something grows.")
  var check = false

  @Option(
    help: ArgumentHelp(
      "Instead of times, measure how memory and open file descriptors grow over this many frames.", valueName: "frames"))
  var checkSteady: Int?

  func validate() throws {
    guard size.allSatisfy({ (4...1 << 15).contains($0.width) && (4...1 << 15).contains($0.height) }) else {
      throw ValidationError("A side of --size is 4 to 32768 pixels.")
    }
    guard (Measurement.framesPerBlock...1_000_000).contains(frames) else {
      throw ValidationError("--frames is \(Measurement.framesPerBlock) to 1000000.")
    }
    guard (1...1000).contains(openings) else { throw ValidationError("--openings is 1 to 1000.") }
    guard (1...16).contains(inFlight) else { throw ValidationError("--in-flight is 1 to 16.") }
    if let checkSteady, !(1000...1_000_000).contains(checkSteady) {
      throw ValidationError("--check-steady is 1000 to 1000000.")
    }
  }

  func run() throws {
    let machine = Machine()
    if let checkSteady {
      try runSteady(machine, frames: checkSteady)
    } else {
      try runTimes(machine)
    }
  }

  private func runTimes(_ machine: Machine) throws {
    var results: [Report.Result] = []
    var drivers: DriverPair?
    let framesPerRound = Measurement.framesPerBlock * openings
    let rounds = (frames + framesPerRound - 1) / framesPerRound
    for size in size {
      var samples: [Measurement.Samples] = []
      for opening in 1...openings {
        progress("\(size): \(opening) of \(openings)")
        let sides = try Sides(size, self)
        let more = try Measurement.run(
          sides.workloads(only: only), rounds: rounds, inFlight: inFlight, makeCurrent: sides.makeCurrent)
        if samples.isEmpty { samples = more } else { for index in more.indices { samples[index].append(more[index]) } }
        drivers = DriverPair(sides.swift)
        try sides.close()
      }
      results.append(Report.result(size, samples))
    }
    guard let drivers else { return }
    let report = Report(
      machine: machine, drivers: drivers, framesInFlight: inFlight, framesPerBlock: Measurement.framesPerBlock,
      openings: openings, sizes: results)
    switch format {
    case .text: print(report.text())
    case .json: print(try report.json())
    case .markdown: print(report.markdown())
    }
    if check, report.missesATarget { throw ExitCode(2) }
  }

  private func runSteady(_ machine: Machine, frames: Int) throws {
    let sides = try Sides(size[0], self)
    let steadyNames = ["c-direct", "swift-direct", "swift-producer", "swift-host-copy"]
    let workloads = try sides.workloads(only: only.isEmpty ? steadyNames : only)
    let rows = try SteadyState.run(workloads, frames: frames, makeCurrent: sides.makeCurrent, progress: progress)
    let state = SteadyState(
      machine: machine, drivers: DriverPair(sides.swift), size: size[0].description, rows: rows)
    try sides.close()
    switch format {
    case .text: print(state.text())
    case .json: print(try state.json())
    case .markdown: print(state.markdown())
    }
    if check, !state.isSteady { throw ExitCode(2) }
  }

  private func progress(_ line: String) {
    // stderr itself is a mutable global, which Swift 6 does not let through.
    var line = line + "\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func readSize(_ text: String) throws -> PixelSize {
    guard let size = PixelSize(text) else { throw ValidationError("'\(text)' is no size; write 1920x1080.") }
    return size
  }

  private static func readPlatform(_ text: String) throws -> SurfacelessContext.Platform {
    switch SurfacelessContext.Platform(text) {
    case .some(.surfaceless): return .surfaceless
    case .some(.angle(let path)): return .angle(libraryPath: path)
    default: throw ValidationError("'\(text)' is no GL driver here; write surfaceless or angle:PATH.")
    }
  }
}

/// Both sides at one size.
private struct Sides {
  let swift: SwiftFrames
  let c: CFrames

  init(_ size: PixelSize, _ command: InteropBench) throws {
    swift = try SwiftFrames(
      size: size, inFlight: command.inFlight, platform: command.gl, queueFamily: command.queueFamily)
    c = try CFrames(like: swift)
  }

  func makeCurrent(_ side: Workload.Side) throws {
    switch side {
    case .swift: try swift.context.makeCurrent()
    case .c: try c.makeCurrent()
    }
  }

  /// - Parameter only: names; empty for all.
  func workloads(only: [String]) throws -> [Workload] {
    let pipelined = swift.images[0].sync == .semaphoreFD
    // In turns, so that what is compared most closely runs next to each other.
    let (mine, theirs) = (swift.workloads(pipelined: pipelined), c.workloads(pipelined: pipelined))
    let all = (0..<max(mine.count, theirs.count)).flatMap { index in
      [mine, theirs].compactMap { index < $0.count ? $0[index] : nil }
    }
    if let unknown = only.first(where: { name in !all.contains { $0.name == name } }) {
      let names = all.map(\.name).joined(separator: ", ")
      throw BenchmarkError(description: "there is no workload \(unknown) here; there are: \(names)")
    }
    return only.isEmpty ? all : all.filter { only.contains($0.name) }
  }

  func close() throws {
    try makeCurrent(.swift)
    try swift.close()
  }
}
