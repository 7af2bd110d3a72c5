import ArgumentParser
import GLVulkanInterop
import Glibc
import InteropPrograms

@main
enum Main {
  static func main() { InteropCaps.runProgram() }
}

/// Prints the combinations that this machine's GL drivers and Vulkan devices support together.
struct InteropCaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interop-caps",
    abstract: "Prints what a GL driver and a Vulkan device can do together, found by trying.",
    discussion: """
      Each cell of the matrix is tried with pixels: two patterns go across, one after the other in the same memory, and \
      every pixel is compared. That is done in a helper process, so a driver that crashes or hangs is a line of the \
      table. With several devices every pair is shown, the one that belongs together first.

      Exit status: 0 a path without a copy is verified, 3 only host-copy works, 4 not even that, 64 wrong usage, \
      1 anything else.
      """,
    version: packageVersion)

  enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

  @Option(help: "What to print.") var format = OutputFormat.table
  @OptionGroup var devices: DeviceOptions
  @Option(help: ArgumentHelp("Only this path; repeat for more.", valueName: "P")) var path: [TransferPath] = []
  @Option(
    help: ArgumentHelp("Only this pixel format; repeat for more. (default: all)", valueName: "F"))
  var pixelFormat: [PixelFormat] = []
  @Option(
    help: ArgumentHelp("Size of the images; repeat for more. (default: 960x540)", valueName: "WxH"))
  var size: [PixelSize] = []
  @Flag(help: "List the cells without trying them.") var noProbe = false
  @Flag(help: "Neither read nor keep answers on disk.") var noCache = false
  @Flag(help: "Time hand-overs of every verified cell, on every queue family.") var measure = false
  @Flag(help: "Try an odd, a middle and a large size: 33x17, 960x540 and 1920x1080.")
  var full = false
  @Option(
    help: ArgumentHelp(
      "Show every step of a path, with the driver calls, and where it stopped. Tries one pixel format and size.",
      valueName: "P"))
  var explain: TransferPath?
  @Option(
    // Unconditional: a ranking may begin with a minus.
    parsing: .unconditional,
    help: ArgumentHelp(
      "What the choice prefers: PATH[/MODE][/SYNC], several with commas between them; -PATH excludes one."
        + " (default: the environment variable \(PathRanking.variable))", valueName: "RANKING"),
    completion: .list(TransferPath.allValueStrings))
  var prefer: String?
  @Flag(help: "Try in this process, without a helper: a driver that crashes ends the program.") var inProcess = false

  func validate() throws {
    if noProbe, explain != nil { throw ValidationError("--explain tries, which --no-probe forbids.") }
    if full, !size.isEmpty { throw ValidationError("--full has its own sizes. Use --size without it.") }
    if let prefer {
      do { _ = try PathRanking(prefer) } catch { throw ValidationError("--prefer: \(error)") }
    }
  }

  func run() throws {
    ProgramOutput.logToStandardError()
    if let explain { return try show(explain) }
    var options = try options()
    let progress = ProgressLine()
    options.progress = { progress.show($0) }
    let report = CapabilitySurvey(
      platforms: devices.platform.map { [$0] }, api: devices.chosenAPI, device: vulkanDevice, options: options
    ).run()
    progress.finish()
    for matrix in report.pairs {
      for warning in matrix.warnings { ProgramOutput.tell("interop-caps: \(warning)") }
      // A driver or device that the user named and that does not exist is a usage error; a driver that the machine
      // lacks is a result.
      if !matrix.wasOpened, !noProbe, let cell = matrix.cells.first {
        let reason = "\(cell.step ?? "open the drivers"): \(cell.reason ?? "not opened")"
        if devices.platform != nil || devices.vulkanDevice != nil { throw ValidationFailure(description: reason) }
        ProgramOutput.tell("interop-caps: \(reason)")
      }
    }
    switch format {
    case .json: try ProgramOutput.result(json: report)
    case .table:
      let style = TextStyle(isColored: TextStyle.terminalHasColor)
      try ProgramOutput.result(report.pairs.map { CapabilityTable($0, style).text }.joined(separator: "\n\n"))
    }
    throw ExitCode(status(report))
  }

  /// An error whose description is printed unchanged, with exit status 1.
  struct ValidationFailure: Error, CustomStringConvertible { let description: String }

  private var vulkanDevice: ProbeTarget.Device? {
    devices.vulkanDevice.map { Int($0).map { .index($0) } ?? .name($0) }
  }

  private func options() throws -> ProbeOptions {
    var options = ProbeOptions()
    if !path.isEmpty { options.paths = path }
    if !pixelFormat.isEmpty { options.formats = pixelFormat }
    if !size.isEmpty { options.sizes = size }
    if full {
      options.sizes = [
        PixelSize(width: 33, height: 17), PixelSize(width: 960, height: 540), PixelSize(width: 1920, height: 1080),
      ]
    }
    options.tries = !noProbe
    options.usesCache = !noCache
    options.timing = measure ? .everything : .choice
    options.isolation = inProcess ? .thisProcess : .automatic
    options.layers = devices.vulkanLayers
    if let prefer { options.ranking = try PathRanking(prefer) }
    return options
  }

  private func status(_ report: CapabilityReport) -> Int32 {
    let choices = report.pairs.compactMap(\.choice)
    if choices.contains(where: { $0.configuration.path != .hostCopy }) { return 0 }
    if !choices.isEmpty { return 3 }
    // Without a probe there is no finding against the drivers.
    return noProbe ? 0 : 4
  }

  // MARK: Explaining

  private func show(_ path: TransferPath) throws {
    var options = try options()
    if pixelFormat.isEmpty { options.formats = [.rgba8] }
    let probe = CapabilityProbe(
      ProbeTarget(
        platform: devices.platform ?? .surfaceless, api: devices.chosenAPI, device: vulkanDevice ?? .matching),
      options: options)
    let found = probe.explain(path)
    for warning in found.warnings { ProgramOutput.tell("interop-caps: \(warning)") }
    if !found.wasOpened, devices.platform != nil || devices.vulkanDevice != nil, let cell = found.ways.first?.cell {
      throw ValidationFailure(description: "\(cell.step ?? "open the drivers"): \(cell.reason ?? "not opened")")
    }
    let explanations = found.ways
    switch format {
    case .json: try ProgramOutput.result(json: ExplanationReport(explanations))
    case .table:
      try ProgramOutput.result(ExplanationText(explanations, TextStyle(isColored: TextStyle.terminalHasColor)).text)
    }
    let works = explanations.contains { $0.cell.verdict == .verified }
    throw ExitCode(works ? (path == .hostCopy ? 3 : 0) : 4)
  }
}
