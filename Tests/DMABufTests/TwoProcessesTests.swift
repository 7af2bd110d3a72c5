import Foundation
import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// GL in this process, Vulkan in another: buffers and fences go over a socket (SCM_RIGHTS).
@Suite struct TwoProcessesTests {
  static let size = PixelSize(width: 113, height: 61)
  static let socketVariable = "INTEROP_PEER_SOCKET"
  static let pendingFrames = 2

  /// What the other process says of a frame: nothing, or what is wrong.
  private static func say(_ text: String, _ socket: Int32) {
    let bytes = Array(text.utf8.prefix(250))
    var message = [UInt8(bytes.count)] + bytes
    _ = message.withUnsafeMutableBytes { write(socket, $0.baseAddress, $0.count) }
  }

  private static func hear(_ socket: Int32) -> String {
    var length: UInt8 = 0
    guard read(socket, &length, 1) == 1 else { return "the other process said nothing" }
    var bytes = [UInt8](repeating: 0, count: Int(length))
    var got = 0
    while got < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(socket, $0.baseAddress! + got, $0.count - got) }
      guard count > 0 else { return "the other process stopped in the middle" }
      got += count
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Runs this program once more, with one test: the other end. The socket is its standard input.
  private static func withPeer(_ body: (Int32) throws -> Void) throws {
    var pair: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("interop-peer-\(getpid()).log").path
    defer { unlink(log) }
    let child = try spawn(standardInput: pair[1], output: log)
    close(pair[1])
    defer {
      close(pair[0])
      var status: Int32 = 0
      waitpid(child, &status, 0)
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      #expect(status == 0, "\(text)")
    }
    try body(pair[0])
  }

  /// Foundation's Process needs a loopback network, which the virtual machine has not.
  private static func spawn(standardInput: Int32, output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let words: [String] = [program, "--testing-library", "swift-testing", "--filter", "TwoProcessesPeer"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let variables = ProcessInfo.processInfo.environment.merging([socketVariable: "0"]) { $1 }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, program, &actions, nil, &arguments, &environment)
    try #require(status == 0)
    return child
  }

  @Test func framesGoToAnotherProcessAndBack() throws {
    let (context, _) = try TestStack.open()
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let gl = context.gl
    let egl = try #require(gl.egl)
    let texture = try gl.preservingBindings { () throws(InteropError) in try gl.makeTexture(GLenum(GL_RGBA8), Self.size)
    }
    let buffer = try DMABuf(exporting: texture.name, size: Self.size, gl: gl)
    try Self.withPeer { socket in
      // Each frame in the same buffer, with a fence of GL's; the second must replace the first.
      for seed in 1...Self.pendingFrames {
        let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(seed))
        TestGL.upload(pattern.glBytes, to: texture.name, Self.size, .rgba8, gl)
        let fence = try egl.makeNativeFence { gl.gl.glFlush() }
        try buffer.send(over: socket, waitFor: fence)
        let answer = Self.hear(socket)
        #expect(answer == "right \(seed)")
      }
      // And what Vulkan rendered over there is shown here.
      var received = try DMABuf.receive(from: socket)
      let shown = try received.buffer.importIntoGL(gl, for: .sampling)
      if let fence = received.fence.take() { try egl.waitOnGPU(for: fence.handOver()) }
      let app = try AppFramebuffer(gl, Self.size, .rgba8)
      try TestGL.draw(texture: shown.texture, into: app.name, Self.size, gl)
      let seen = try app.read(gl)
      let pattern = PixelPattern(Self.size, .rgba8, seed: 77)
      #expect(PixelPattern.difference(seen, pattern.glBytes, Self.size, .rgba8) == nil)
    }
  }

  @Suite(.enabled(if: ProcessInfo.processInfo.environment[TwoProcessesTests.socketVariable] != nil))
  struct TwoProcessesPeer {
    /// The process that has Vulkan and no GL.
    @Test func vulkansEnd() throws {
      let socket = Int32(0)
      var options = VulkanHost.CreateOptions(.index(0))
      options.layers = TestStack.layers
      let host = try VulkanHost.create(options)
      var image: DMABufImage?
      for seed in 1...TwoProcessesTests.pendingFrames {
        let received = try DMABuf.receiveSignalled(from: socket)
        let buffer = received
        // The same buffer again: the first import goes on.
        if image?.dmaBuf.objects != buffer.objects { image = try buffer.importIntoVulkan(host) }
        let pixels = try image?.read() ?? []
        let pattern = PixelPattern(TwoProcessesTests.size, .rgba8, seed: UInt64(seed))
        let difference = PixelPattern.difference(pixels, pattern.glBytes, TwoProcessesTests.size, .rgba8)
        TwoProcessesTests.say(difference ?? "right \(seed)", socket)
      }
      let mine = try DMABufImage(size: TwoProcessesTests.size, format: .rgba8, host: host)
      let fence = try mine.writeWithFence(PixelPattern(TwoProcessesTests.size, .rgba8, seed: 77).glBytes)
      if let fence { try mine.dmaBuf.send(over: socket, waitFor: fence) } else { try mine.dmaBuf.send(over: socket) }
    }
  }
}
