import Foundation
import InteropTestSupport
import Testing

// README-BEGIN
import GLVulkanInterop

/// OpenGL draws `count` frames, without a window; `use` records what Vulkan does with each of them.
func showFrames(
  _ count: Int, platform: SurfacelessContext.Platform = .surfaceless, api: SurfacelessContext.API = .openGL,
  use: (VulkanHost, VkCommandBuffer, VkImage) -> Void
) throws {
  // A GL context without a window, a Vulkan device on the same GPU, and a ring of three images that both see.
  let producer = try SurfacelessEGLProducer(size: PixelSize(width: 640, height: 480), platform: platform, api: api)
  for number in 1...count {
    // GL draws: where the drivers can, straight into the memory that Vulkan will read.
    let frame = try producer.render { target in
      target.gl.glClearColor(0, Float(number) / Float(count), 1, 1)
      target.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
    }
    // Vulkan reads, on this thread or another: acquire, your commands and release, in one submission.
    try frame.access(.transferSource, waitingUpTo: .seconds(5)) { commands, image in
      use(producer.host, commands, image)
    }
  }
  print("path \(producer.status.path), mode \(producer.status.mode.rawValue), sync \(producer.status.sync.rawValue)")
}
// README-END

@Suite("README") struct ReadmeExampleTests {
  @Test func theExampleDoesWhatItSays() throws {
    let size = PixelSize(width: 640, height: 480)
    var landings: [HostBuffer] = []
    var failures: [any Error] = []
    try showFrames(3, platform: TestStack.platform, api: TestStack.abilities.apis[0]) { host, commands, image in
      do {
        let landing = try HostBuffer(host: host, size: size.width * size.height * 4, .readback)
        landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
        landings.append(landing)
      } catch {
        failures.append(error)
      }
    }
    #expect(failures.isEmpty)
    let pixels = landings.map { Array($0.bytes.suffix(4)) }
    #expect(pixels == [[0, 85, 255, 255], [0, 170, 255, 255], [0, 255, 255, 255]])
  }

  @Test func theReadmeShowsTheExample() throws {
    let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    let package = source.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    guard FileManager.default.fileExists(atPath: source.path) else {
      TestStack.skip("README against its example: the sources are not on this machine")
      return
    }
    func lines(_ file: URL) throws -> [String] {
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let test = try lines(source)
    let begin = try #require(test.firstIndex(of: "// README-BEGIN"))
    let end = try #require(test.firstIndex(of: "// README-END"))
    let example = Array(test[(begin + 1)..<end])
    let readme = try lines(package.appendingPathComponent("README.md"))
    // The example is the block that begins with the import; the manifest's blocks do not.
    let blocks = readme.indices.filter { readme[$0] == "```swift" && readme[$0 + 1] == example.first }
    let start = try #require(blocks.first, "README.md has no block that begins with \(example.first ?? "")") + 1
    let stop = try #require(readme[start...].firstIndex(of: "```"))
    #expect(blocks.count == 1)
    #expect(Array(readme[start..<stop]) == example)
  }
}
