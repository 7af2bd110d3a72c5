import ArgumentParser
import BenchmarkReport
import GLVulkanInterop
import InteropPrograms

@main
enum Main {
  static func main() { InteropBench.runProgram() }
}

struct InteropBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interop-bench",
    abstract: "Measures what a frame costs from GL to Vulkan.",
    discussion: """
      The Swift library is compared with the same driver calls in C, with drawing alone, with readback and upload, with \
      importing memory for each frame, and with GStreamer. All of them run in turns in one process, and every frame's \
      pixels are looked at. Results go to stdout and, as report.json, report.md and plot.svg, into the folder of \
      --output; progress goes to stderr.

      Exit status: 0; 2 with --check if a target is surely missed; 64 for wrong usage; 1 for any other failure.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  /// A part of the report.
  enum Section: String, ExpressibleByArgument, CaseIterable {
    case frames, submit, ways, sampling, gstreamer, steady, creation, growth, producers

    /// Whether its workloads alternate with others.
    var isTimedInTurns: Bool { [.frames, .submit, .ways, .sampling].contains(self) }
  }

  @Option(
    help: ArgumentHelp(
      "Size of the frames; may be given several times. By default 1280x720, 1920x1080, 3840x2160, 7680x4320.",
      valueName: "WxH"), transform: readSize)
  var size: [PixelSize] = []

  @Option(help: ArgumentHelp("Frames measured of each workload, at most.", valueName: "N"))
  var frames = 480

  @Option(
    help: ArgumentHelp(
      "How often, at most, to make all contexts, devices and images anew: where memory happens to lie can cost or"
        + " save 10 %.",
      valueName: "N"))
  var openings = 10

  @Option(
    help: ArgumentHelp(
      "What the frames of one size may take: fewer openings are made, but two at least. 0 for as long as it takes.",
      valueName: "seconds"))
  var seconds = 30.0

  @Option(
    help: ArgumentHelp("Images in the ring, and frames in flight where semaphores order them, 1 to 16.", valueName: "N")
  )
  var inFlight = 3

  @Option(
    help: ArgumentHelp(
      "The GL driver: surfaceless, or angle:PATH with the path of ANGLE's libEGL.", valueName: "driver"),
    transform: readPlatform)
  var gl = SurfacelessContext.Platform.surfaceless

  @Option(
    help: ArgumentHelp(
      "The Vulkan queue family that acquires frames; by default the one with the cheapest hand-over.",
      valueName: "index"))
  var queueFamily: UInt32?

  @Option(
    help: ArgumentHelp(
      "Measure only these workloads (their names in the report, or where they begin before a slash, opaque-fd/direct);"
        + " may be given several times.",
      valueName: "name"))
  var only: [String] = []

  @Option(help: ArgumentHelp("Only this section of the report; may be given several times.", valueName: "section"))
  var section: [Section] = []

  @Option(help: ArgumentHelp("Of the ways, only this path; may be given several times.", valueName: "path"))
  var path: [String] = []

  @Option(help: ArgumentHelp("Of the ways, only this mode; may be given several times.", valueName: "mode"))
  var mode: [String] = []

  @Option(help: ArgumentHelp("Of the ways, only this sync; may be given several times.", valueName: "sync"))
  var sync: [String] = []

  @Option(help: ArgumentHelp("How many frames one producer makes to see its time grow.", valueName: "frames"))
  var growth = 100_000

  @Option(help: ArgumentHelp("How many producers share one device, 2 to 64.", valueName: "N"))
  var producers = 8

  @Option(help: "How to write the results to stdout.")
  var format = Format.text

  @Option(help: ArgumentHelp("The folder for report.json, report.md and plot.svg.", valueName: "folder"))
  var output = ".build/bench"

  @Flag(help: "Exit with status 2 if a target is missed or, with --check-steady, if something grows.")
  var check = false

  @Option(
    help: ArgumentHelp(
      "Instead of times, measure how memory and open file descriptors grow over this many frames.", valueName: "frames")
  )
  var checkSteady: Int?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Run --frames frames of this workload and print nothing: for strace.", visibility: .hidden))
  var workloadToRun: String?

  func validate() throws {
    guard size.allSatisfy({ (4...1 << 15).contains($0.width) && (4...1 << 15).contains($0.height) }) else {
      throw ValidationError("A side of --size is 4 to 32768 pixels.")
    }
    guard (Measurement.framesPerBlock...1_000_000).contains(frames) else {
      throw ValidationError("--frames is \(Measurement.framesPerBlock) to 1000000.")
    }
    guard (1...1000).contains(openings) else { throw ValidationError("--openings is 1 to 1000.") }
    guard (0...86400).contains(seconds) else { throw ValidationError("--seconds is 0 to 86400.") }
    guard (1...16).contains(inFlight) else { throw ValidationError("--in-flight is 1 to 16.") }
    guard (1000...10_000_000).contains(growth) else { throw ValidationError("--growth is 1000 to 10000000.") }
    guard (2...64).contains(producers) else { throw ValidationError("--producers is 2 to 64.") }
    if let unknown = path.first(where: { name in !TransferPath.all.contains { $0.rawValue == name } }) {
      throw ValidationError("There is no path \(unknown); there are: \(names(TransferPath.all.map(\.rawValue))).")
    }
    if let unknown = mode.first(where: { TransferMode(rawValue: $0) == nil }) {
      throw ValidationError("There is no mode \(unknown); there are: \(names(TransferMode.allCases.map(\.rawValue))).")
    }
    if let unknown = sync.first(where: { SyncKind(rawValue: $0) == nil }) {
      throw ValidationError("There is no sync \(unknown); there are: \(names(SyncKind.allCases.map(\.rawValue))).")
    }
    if let checkSteady, !(1000...1_000_000).contains(checkSteady) {
      throw ValidationError("--check-steady is 1000 to 1000000.")
    }
  }

  private func names(_ names: [String]) -> String { names.joined(separator: ", ") }

  func run() throws {
    if let workloadToRun { return try BenchmarkRun(self).runFrames(of: workloadToRun) }
    let folder = try OutputFolder(output)
    let report = try BenchmarkRun(self).report(folder)
    // The results go to stdout even if the folder cannot be written, because they took minutes to measure.
    let files = Result { try folder.write(report) }
    switch format {
    case .text: try ProgramOutput.result(report.text())
    case .json: try ProgramOutput.result(report.json())
    case .markdown: try ProgramOutput.result(report.markdown())
    }
    try files.get()
    if check, report.missesATarget || checkSteady != nil && report.steadyState?.isSteady == false { throw ExitCode(2) }
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
