import ArgumentParser
import GLVulkanInterop
import ProgramSupport

/// Prints what this machine's GL driver and Vulkan device can do together.
@main
struct InteropCaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interop-caps",
    abstract: "Prints what a GL driver and a Vulkan device can do together, found by trying.",
    discussion: """
      Each cell of the matrix is tried with pixels: two patterns go across, one after the other in the same memory, and \
      every pixel is compared. Exit status: 0 a path without a copy is verified, 3 only host-copy works, 4 not even \
      that, 64 wrong usage, 1 anything else.
      """,
    version: packageVersion)

  enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

  @Option(help: "What to print.") var format = OutputFormat.table
  @OptionGroup var devices: DeviceOptions
  @Option(help: ArgumentHelp("Only this path; repeat for more.", valueName: "P")) var path: [TransferPath] = []
  @Option(
    help: ArgumentHelp("Only this pixel format; repeat for more. (default: all)", valueName: "F")) var pixelFormat: [PixelFormat] = []
  @Option(
    help: ArgumentHelp("Size of the images; repeat for more. (default: 1920x1080)", valueName: "WxH")) var size: [PixelSize] = []
  @Flag(help: "List the cells without trying them.") var noProbe = false
  @Flag(help: "Also time hand-overs.") var measure = false

  func run() throws {
    ProgramOutput.logToStandardError()
    let context = try devices.openGL()
    let host = try devices.openVulkan(matching: context.gl)
    var options = CapabilityProbe.Options()
    if !path.isEmpty { options.paths = path }
    if !pixelFormat.isEmpty { options.formats = pixelFormat }
    if !size.isEmpty { options.sizes = size }
    options.tries = !noProbe
    options.measuredHandovers = measure ? 100 : 0
    let report = CapabilityReport(pairs: [CapabilityProbe(gl: context, vulkan: host, options: options).run()])
    switch format {
    case .json: try ProgramOutput.printJSON(report)
    case .table: print(report.pairs.map { CapabilityTable($0).text }.joined(separator: "\n\n"))
    }
    throw ExitCode(status(report))
  }

  private func status(_ report: CapabilityReport) -> Int32 {
    let choices = report.pairs.compactMap(\.choice)
    if choices.contains(where: { $0.path != TransferPath.hostCopy.rawValue }) { return 0 }
    if !choices.isEmpty { return 3 }
    // Without trying there is nothing to be said against the drivers.
    return noProbe ? 0 : 4
  }
}
