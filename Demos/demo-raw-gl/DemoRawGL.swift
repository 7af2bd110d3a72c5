import ArgumentParser
import GLVulkanInterop
import InteropPrograms
import InteropViewer

@main
enum Main {
  static func main() {
    // The parser cannot choose the command: options that both commands have would all belong to the first.
    if TapCommand.isChosen { WithoutOptions.runProgram() } else { DemoRawGL.runProgram() }
  }

  private struct WithoutOptions: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "demo-raw-gl", subcommands: [TapCommand.self])
  }
}

/// The triangle viewer: GL renders, Vulkan shows.
struct DemoRawGL: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-raw-gl",
    abstract: "Shows a triangle that OpenGL renders and Vulkan puts on the screen.",
    usage: """
      demo-raw-gl [<options>]
      demo-raw-gl tap [<options>] -- PROGRAM [ARGUMENT ...]
      """,
    discussion: """
      OpenGL draws each frame off screen. Vulkan gets it, through shared memory where the drivers can, and copies it into \
      a window's swapchain. Without a display, or with --headless, Vulkan only reads a few pixels of each frame. Escape, \
      q, the window's close button, SIGINT and SIGTERM end it.

      Statistics go to stdout when it ends, everything else to stderr. In --stats json, frameMicroseconds is the time \
      from one frame's beginning to the next's. handoverMicroseconds is how long handing one frame over kept the \
      rendering thread busy: from the last GL call of the drawing to the return of vkQueueSubmit. With sync cpu-wait \
      that includes waiting until GL has drawn, with path host-copy the copy through the CPU. modifier is the DRM format \
      modifier of the frames' memory, null where it is no DMA-BUF. fellBackFrom names the paths that were tried first and \
      did not work.

      Exit status: 0 done, 64 wrong usage, 1 anything else.
      """,
    version: packageVersion, subcommands: [TapCommand.self])

  /// The producer that renders.
  enum Producer: String, CaseIterable, ExpressibleByArgument { case surfaceless, raw }

  enum StatisticsFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(help: "Who renders: the library, or an application with a context and a framebuffer of its own.")
  var producer = Producer.surfaceless

  @Option(help: "How the memory is shared.")
  var path = AutoOr<TransferPath>.auto

  @Option(help: "Whether GL draws into the shared image or is copied there by the GPU.")
  var mode = AutoOr<TransferMode>.auto

  @Option(help: "How one side knows that the other is done.")
  var sync = AutoOr<SyncKind>.auto

  @Option(help: ArgumentHelp("Size of the frames, and of the window at first.", valueName: "WxH"))
  var size = PixelSize(width: 800, height: 600)

  @Option(help: ArgumentHelp("How many frames to show. (default: 300 headless, no end in a window)", valueName: "N"))
  var frames: Int?

  @Option(help: ArgumentHelp("How many frames may be under way at once, 1 to 16.", valueName: "N"))
  var framesInFlight = 3

  @Flag(help: "Open no window.")
  var headless = false

  @Option(
    help: ArgumentHelp("Write the last frame there, as Vulkan has it.", valueName: "FILE.png"),
    completion: .file(extensions: ["png"]))
  var output: String?

  @Option(help: "How the statistics are printed.")
  var stats = StatisticsFormat.text

  @Option(help: "Pixel format of the frames.")
  var pixelFormat = PixelFormat.rgba8

  @Option(help: ArgumentHelp("Samples per pixel; above 1 needs a mode other than direct.", valueName: "N"))
  var samples = 1

  @OptionGroup(title: "Devices")
  var devices: DeviceOptions

  func validate() throws {
    if let frames, frames < 1 { throw ValidationError("--frames must be at least 1.") }
    guard (1...16).contains(framesInFlight) else { throw ValidationError("--frames-in-flight must be 1 to 16.") }
    guard (1...64).contains(samples) else { throw ValidationError("--samples must be 1 to 64.") }
    if samples > 1, mode.value == .direct, path.value != .hostCopy {
      throw ValidationError("--mode direct cannot resolve --samples \(samples). Use --mode blit, or 1 sample.")
    }
    if path.value == .hostCopy, let sync = sync.value, sync != .cpuWait {
      throw ValidationError("--path host-copy has nothing that --sync \(sync.rawValue) could order. Use cpu-wait.")
    }
  }

  func run() throws {
    ProgramOutput.logToStandardError()
    Interruption.install()
    if let output { try PNGFile.requireWritable(output) }

    let context = try devices.openGL()
    let (host, window) = try open(context.gl)
    let producer: any DemoProducer =
      switch producer {
      case .surfaceless:
        try SurfacelessFrameProducer(size: size, host: host, context: context, options: producerOptions)
      case .raw: try RawFrameProducer(size: size, host: host, context: context, options: producerOptions)
      }
    let presenter: any FramePresenter =
      if let window {
        try WindowPresenter(window, format: pixelFormat, framesInFlight: framesInFlight)
      } else {
        // It only copies, so it acquires the frames on the queue where that costs least.
        try HeadlessPresenter(
          host, queue: producer.status.ownershipQueue, format: pixelFormat, size: size, framesInFlight: framesInFlight)
      }
    let loop = FrameLoop(
      producer: producer, presenter: presenter, triangle: try Triangle(context.gl),
      limit: frames ?? (window == nil ? 300 : nil), wantsPicture: output != nil)
    let picture = try loop.run()
    if let output, let picture {
      try picture.write(to: output)
      ProgramOutput.tell("demo-raw-gl: the last frame is in \(output)")
    }
    let statistics = loop.statistics
    switch stats {
    case .json: try ProgramOutput.result(json: statistics)
    case .text: try ProgramOutput.result("\(statistics)")
    }
  }

  private var producerOptions: ProducerOptions {
    var options = ProducerOptions(
      framesInFlight: framesInFlight, format: pixelFormat, path: path.value, mode: mode.value)
    options.sync = sync.value
    options.samples = samples
    options.alphaMode = .opaque
    return options
  }

  /// Opens the Vulkan device, and a window if the options ask for one and there is a display.
  private func open(_ gl: GLContext) throws -> (VulkanHost, WindowSurface?) {
    if headless { return (try devices.openVulkan(matching: gl), nil) }
    let reason: InteropError
    do throws(InteropError) {
      let window = try XWindow(size: size, title: "demo-raw-gl")
      let host = try devices.openVulkan(
        matching: gl, instanceExtensions: WindowSurface.instanceExtensions,
        deviceExtensions: WindowSurface.deviceExtensions)
      return (host, try WindowSurface(window, host: host))
    } catch {
      reason = error
    }
    let host = try devices.openVulkan(matching: gl)
    ProgramOutput.tell("demo-raw-gl: running headless, as there is no usable display: \(reason)")
    return (host, nil)
  }
}
