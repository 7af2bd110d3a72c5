import ArgumentParser
import GLVulkanInterop
import Glibc
import InteropPrograms

/// `demo-raw-gl tap`: shows the frames of another program.
struct TapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tap",
    abstract: "Runs a program that draws with OpenGL, and shows its frames by Vulkan too.",
    usage: "demo-raw-gl tap [<options>] -- PROGRAM [ARGUMENT ...]",
    discussion: """
      The program runs as it always does, in its own window, with its own input and output and its own exit status. Each \
      frame that it shows (eglSwapBuffers, glXSwapBuffers and their kin) is copied on the GPU before, and a second window, \
      at the right edge of the screen, shows it as Vulkan has it. Closing that window leaves the program as it is. Without \
      a display, or with --headless, Vulkan only reads a few pixels of each frame. A program that draws with several \
      contexts has a viewer for each of them; the files of the second one are named FILE-2.png, and so on.

      Done by a library in LD_PRELOAD, so not with programs that are linked statically or run with more rights than their \
      user. Only the process that is started is tapped, and what it executes, so a script that ends with `exec PROGRAM` \
      may stand before it; children of the process are not.

      Nothing is written to stdout. The statistics, as demo-raw-gl's and with the number of the program's frames as \
      swaps, go to stderr or to the file that --stats-file names, when the program destroys its context or exits, or the \
      viewer ends before. A program that a signal kills leaves none, unless --frames ended the viewer before. What fails \
      is said once on stderr, and the program goes on.

      Exit status: the program's, 127 if there is no such program, 126 if it cannot be run, 64 wrong usage, 1 if \
      the library cannot be found or a file cannot be written.
      """)

  /// Whether the program's first argument is this command.
  static var isChosen: Bool { CommandLine.arguments.dropFirst().first == "tap" }

  typealias StatisticsFormat = TapEnvironment.StatisticsFormat

  @Option(help: "How the memory is shared.")
  var path = AutoOr<TransferPath>.auto

  @Option(help: "How one side knows that the other is done.")
  var sync = AutoOr<SyncKind>.auto

  @Option(
    help: ArgumentHelp("Stop showing after so many frames; the program goes on. (default: no end)", valueName: "N"))
  var frames: Int?

  @Flag(name: [.customLong("headless"), .customLong("no-window")], help: "Open no window.")
  var headless = false

  @Option(
    help: ArgumentHelp("Write the last frame there, as Vulkan has it.", valueName: "FILE.png"),
    completion: .file(extensions: ["png"]))
  var output: String?

  @Option(help: "How the statistics are written.")
  var stats = StatisticsFormat.text

  @Option(help: ArgumentHelp("Write the statistics there and not to stderr.", valueName: "FILE"), completion: .file())
  var statsFile: String?

  @Option(
    help: ArgumentHelp(
      "The Vulkan device, by number or by a part of its name. (default: the one GL runs on)", valueName: "INDEX|NAME"))
  var vulkanDevice: String?

  @Option(
    help: ArgumentHelp(
      "A layer to enable on the viewer's own Vulkan instance, VK_LAYER_KHRONOS_validation say; repeat for more.",
      valueName: "NAME"),
    completion: .list(["VK_LAYER_KHRONOS_validation"]))
  var vulkanLayer: [String] = []

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The program, and what it is told.", valueName: "PROGRAM"),
    completion: .shellCommand("compgen -c"))
  var program: [String] = []

  func validate() throws {
    guard Self.isChosen else {
      throw ValidationError("tap must be the first word; its options come after it.")
    }
    if program.isEmpty { throw ValidationError("Missing the program: demo-raw-gl tap -- PROGRAM") }
    if let frames, frames < 1 { throw ValidationError("--frames must be at least 1.") }
    if path.value == .hostCopy, let sync = sync.value, sync != .cpuWait {
      throw ValidationError("--path host-copy has nothing that --sync \(sync.rawValue) could order. Use cpu-wait.")
    }
  }

  func run() throws {
    let files = try [output, statsFile].map { path throws(InteropError) -> String? in
      guard let path else { return nil }
      try PNGFile.requireWritable(path)
      return Self.absolute(path)
    }
    let library = try TapLibrary.locate()
    // The helper is beside this program; the tapped program is in another folder.
    if getenv(ProbeHelper.variable) == nil, let helper = ProbeHelper.locate() {
      setenv(ProbeHelper.variable, helper, 1)
    }
    let others = getenv("LD_PRELOAD").map { String(cString: $0) } ?? ""
    setenv("LD_PRELOAD", others.isEmpty ? library : "\(library):\(others)", 1)
    let values: [TapEnvironment.Variable: String?] = [
      .process: "\(getpid())", .path: path.value?.rawValue, .sync: sync.value?.rawValue, .vulkanDevice: vulkanDevice,
      .vulkanLayers: vulkanLayer.isEmpty ? nil : vulkanLayer.joined(separator: ","), .headless: headless ? "1" : nil,
      .frames: frames.map { "\($0)" }, .output: files[0], .statistics: stats.rawValue, .statisticsFile: files[1],
    ]
    for variable in TapEnvironment.Variable.allCases {
      if let value = values[variable] ?? nil {
        setenv(variable.rawValue, value, 1)
      } else {
        unsetenv(variable.rawValue)
      }
    }
    // exec keeps the process number, so the parent process sees the end of the program as if it had started it itself.
    var words = program.map { strdup($0) } + [nil]
    execvp(program[0], &words)
    let code = errno
    ProgramOutput.tell("demo-raw-gl tap: \(program[0]): \(String(cString: strerror(code)))")
    // The same exit statuses as a shell's.
    throw ExitCode(code == ENOENT ? 127 : 126)
  }

  /// Makes a path absolute, because the program may change its working folder.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}

extension TapEnvironment.StatisticsFormat: ExpressibleByArgument {}

/// The location of the library for LD_PRELOAD.
private enum TapLibrary {
  /// Returns its path: beside this program, where SwiftPM builds it; or in `lib` beside the program's folder, where
  /// `make install` installs it.
  static func locate() throws(InteropError) -> String {
    guard let program = realpath("/proc/self/exe", nil) else {
      throw InteropError(
        .driverMissing, step: "find \(TapEnvironment.library)", reason: "/proc/self/exe cannot be read",
        driverCode: .posix(errno))
    }
    defer { free(program) }
    var folder = String(cString: program)
    folder.removeSubrange(folder.lastIndex(of: "/")!...)
    var folders = [folder]
    if let up = folder.lastIndex(of: "/") { folders.append(folder[..<up] + "/lib/swift-gl-vulkan-interop") }
    let found = folders.map { folder -> String in "\(folder)/\(TapEnvironment.library)" }.first {
      access($0, R_OK) == 0
    }
    guard let found else {
      throw InteropError(
        .driverMissing, step: "find \(TapEnvironment.library)",
        reason: "it is in none of \(folders.joined(separator: ", "))", missing: [TapEnvironment.library],
        advice: "Build all of the package: swift build")
    }
    // In LD_PRELOAD both characters end a name.
    guard !found.contains(where: { $0 == " " || $0 == ":" }) else {
      throw InteropError(
        .unsupported, step: "put \(TapEnvironment.library) into LD_PRELOAD",
        reason: "there is a space or a colon in \(found)", advice: "Install it in another folder")
    }
    return found
  }
}
