import Foundation
import GLVulkanInterop
import Logging
import InteropTestSupport
import Testing

/// A program that has few file descriptors left: what is made works, or says why it does not; nothing of the library's
/// or its helper's is written to the program's streams, and nothing is left open.
@Suite("Few file descriptors", .serialized) struct FewDescriptorsTests {
  /// Lowers the limit so that exactly so many more can be opened, with stdout and stderr going into a file.
  ///
  /// - Returns: what was written to them.
  private func withFree(_ count: Int, _ body: () -> Void) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("streams-\(UUID().uuidString)").path
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    let streams = [STDOUT_FILENO, STDERR_FILENO].map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
    fflush(nil)
    for number in [STDOUT_FILENO, STDERR_FILENO] { dup2(file, number) }
    close(file)
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
    let taken = Set(OpenFiles.list().keys)
    var (limit, free) = (Int32(0), 0)
    while free < count || taken.contains(limit) {
      if !taken.contains(limit) { free += 1 }
      limit += 1
    }
    var lowered = before
    lowered.rlim_cur = rlim_t(limit)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lowered)
    body()
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
    fflush(nil)
    for (number, stream) in zip([STDOUT_FILENO, STDERR_FILENO], streams) {
      dup2(stream, number)
      close(stream)
    }
    defer { unlink(path) }
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  private func withEmptyCache(_ body: () throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cache-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let before = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"]
    setenv("XDG_CACHE_HOME", folder, 1)
    defer {
      if let before { setenv("XDG_CACHE_HOME", before, 1) } else { unsetenv("XDG_CACHE_HOME") }
      try? FileManager.default.removeItem(atPath: folder)
    }
    try body()
  }

  private static let counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 40]

  /// The helper has its own limit: it is there, or the reason is.
  @Test(.onFirstStack, arguments: counts) func theProbe(count: Int) throws {
    var options = ProbeOptions()
    options.sizes = [PixelSize(width: 33, height: 17)]
    options.formats = [.rgba8]
    options.paths = [.hostCopy]
    options.usesCache = false
    options.timing = .nothing
    options.isolation = .childProcess
    let files = OpenFiles.list()
    var found: CapabilityMatrix?
    let written = try withFree(count) {
      found = CapabilityProbe(platform: TestStack.platform, api: TestStack.abilities.apis[0], options: options).run()
    }
    let matrix = try #require(found)
    #expect(written == "")
    #expect(OpenFiles.opened(since: files) == [])
    if matrix.probedIn == .childProcess {
      #expect(matrix.cells.contains { $0.verdict == .verified })
      #expect(matrix.warnings == [])
    } else {
      #expect(
        matrix.warnings.count == 1 && matrix.warnings.first?.hasSuffix(": nothing was tried") == true,
        "\(matrix.warnings)")
      #expect(matrix.choice == nil)
      // The journal, a socket with two ends, and the output; nothing more is opened here.
      #expect(count < 4, "\(matrix.warnings)")
    }
  }

  @Test(arguments: counts) func aProducer(count: Int) throws {
    let context = try SurfacelessContext(platform: TestStack.platform, api: TestStack.abilities.apis[0])
    let host = try VulkanHost.create(.init(.matching(context.gl)))
    // Drivers open what they keep.
    _ = try SurfacelessEGLProducer(size: PixelSize(width: 16, height: 8), host: host, context: context)
    try withEmptyCache {
      var options = ProducerOptions(framesInFlight: 1)
      let log = LoggedLines()
      options.logger = log.logger
      let files = OpenFiles.list()
      var problem: String?
      var failure: InteropError?
      let written = try withFree(count) {
        do throws(InteropError) {
          let producer = try SurfacelessEGLProducer(
            size: PixelSize(width: 16, height: 8), host: host, context: context, options: options)
          problem = producer.status.capabilityProblem
        } catch {
          failure = error
        }
      }
      #expect(!written.contains("tries drivers for a program"), "\(written)")
      let left = OpenFiles.opened(since: files).filter { $0.contains("gl-vulkan-interop") || $0.contains("socket:") }
      #expect(left == [])
      if let problem {
        #expect(problem.hasSuffix(": tried in this process"), "\(problem)")
        #expect(log.all.contains("warning: \(problem)"))
      }
      #expect(count < 40 || failure == nil && problem == nil, "\(failure.map { "\($0)" } ?? ""), \(problem ?? "")")
      // What was found out without descriptors is not kept: with them everything is as ever.
      let after = try SurfacelessEGLProducer(size: PixelSize(width: 16, height: 8), host: host, context: context)
      #expect(after.status.capabilityProblem == nil)
      #expect(after.capability?.probedIn == .childProcess)
      #expect(after.status.path == .opaqueFD || !TestStack.abilities.mustRecoverFromFewFiles)
    }
  }

  /// In a program without stdin, stdout and stderr a new descriptor has one of their numbers.
  @Test func noDescriptorOfOursIsAStream() throws {
    let stdin = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    defer {
      dup2(stdin, STDIN_FILENO)
      close(stdin)
    }
    close(STDIN_FILENO)
    let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
    #expect(number == STDIN_FILENO)
    let owner = FileDescriptorOwner(owning: number)
    let isAbove = owner.withBorrowed { $0 > STDERR_FILENO }
    #expect(isAbove)
    #expect(fcntl(STDIN_FILENO, F_GETFD) == -1)
    // The helper's are no streams either: it is started, and all is right.
    var options = ProbeOptions()
    options.sizes = [PixelSize(width: 33, height: 17)]
    options.formats = [.rgba8]
    options.paths = [.hostCopy]
    options.usesCache = false
    options.timing = .nothing
    options.isolation = .childProcess
    let matrix = CapabilityProbe(platform: TestStack.platform, api: TestStack.abilities.apis[0], options: options).run()
    #expect(matrix.probedIn == .childProcess, "\(matrix.warnings)")
  }
}
