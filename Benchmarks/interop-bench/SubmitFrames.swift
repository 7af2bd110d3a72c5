import BenchmarkReport
import GLVulkanInterop

/// The cost of submitting an application's own framebuffer: `submit` compared with the blit alone, which it contains.
///
/// Both are timed from the end of GL's drawing until the copy is complete. The frame is compared before the next one.
final class SubmitFrames {
  private let context: GLContext
  private let host: VulkanHost
  private let queue: VulkanQueue
  private let size: PixelSize
  private let producer: RawGLProducer
  /// The application's framebuffer, and one to blit into.
  private let source: DrawTarget
  private let destination: DrawTarget
  private let landing: Landing
  private var held: Frame?
  private var heldNumber: UInt32 = 0

  /// Call it with the side's context current, which is adopted like an application's.
  init(_ side: SwiftSide, _ setup: Setup, size: PixelSize) throws {
    context = try GLContext.current()
    host = side.host
    self.size = size
    var options = setup.options(.opaqueFD, nil, setup.sync, framesInFlight: 3)
    options.sync = setup.sync
    producer = try RawGLProducer(size: size, host: host, context: context, options: options)
    queue = try side.queue(family: setup.queueFamily)
    source = try DrawTarget(GLenum(GL_RGBA8), size, samples: 1, context)
    destination = try DrawTarget(GLenum(GL_RGBA8), size, samples: 1, context)
    landing = try Landing(host)
  }

  deinit { try? host.waitForQueues() }

  func workloads() -> [Workload] {
    [
      Workload(
        "swift-submit", "Swift, RawGLProducer: submit of a framebuffer that is drawn, until GL has copied it", .direct,
        .swift, prepare: { try self.prepare($0) }, drain: { _ in try self.look() }
      ) { try self.submit($0) },
      Workload(
        "gl-blit", "the blit alone: glBlitFramebuffer between two textures of GL's, glFinish", .direct, .swift,
        prepare: { try self.prepare($0) }
      ) { self.blit($0) },
    ]
  }

  private func prepare(_ number: UInt32) throws {
    try look()
    let gl = context.gl
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), source.framebuffer)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    draw(number, gl)
    gl.glFinish()
  }

  private func submit(_ number: UInt32) throws {
    held = try producer.submit(GLFramebuffer(name: source.framebuffer, size: size))
    heldNumber = number
    // With semaphores, GL has only issued the commands.
    if producer.status.sync != .cpuWait { context.gl.glFinish() }
  }

  /// Lets Vulkan read the held frame, and compares it.
  private func look() throws {
    guard let frame = held.take() else { return }
    try frame.access(.transferSource, on: AccessQueues(queue), waitingUpTo: .seconds(10)) { commands, image in
      landing.record(image, heldNumber, into: commands)
    }
    try landing.check()
  }

  private func blit(_ number: UInt32) {
    let gl = context.gl
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), source.framebuffer)
    gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.framebuffer)
    let (width, height) = (GLint(size.width), GLint(size.height))
    gl.glBlitFramebuffer(
      0, 0, width, height, 0, 0, width, height, GLbitfield(GL_COLOR_BUFFER_BIT), GLenum(GL_NEAREST))
    gl.glFinish()
  }
}
