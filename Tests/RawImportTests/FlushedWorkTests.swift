import GLVulkanInterop
import InteropTestSupport
import Testing

/// An application flushes whenever it likes, so the end of a GL access may find nothing queued and much under way.
@Suite("Work that was flushed", .serialized) struct FlushedWorkTests {
  /// How the application flushes after it has drawn.
  enum Flush: String, CaseIterable { case none, flush, fence }

  @Test(arguments: TestStack.abilities.apis, Flush.allCases)
  func isDoneWhenTheAccessEnds(api: SurfacelessContext.API, flush: Flush) throws {
    let (context, host) = try TestStack.open(api)
    let size = PixelSize(width: 512, height: 512)
    let image = try SharedImage(SharedImageDescription(size: size), gl: context.gl, host: host, sync: .cpuWait)
    let landing = try HostBuffer(host: host, size: image.byteCount, .readback)
    let gl = context.gl.gl
    let framebuffer = try #require(image.glFramebuffer)
    var stale = 0
    for frame in 1...60 {
      try image.acquireForGL()
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      gl.glEnable(GLenum(GL_SCISSOR_TEST))
      // Long enough that it is still under way: the last clear leaves the frame's own red.
      for pass in 0..<40 {
        for column in 0..<2 {
          gl.glScissor(GLint(column * 256), 0, 256, 512)
          gl.glClearColor(Float(pass == 39 ? frame : pass) / 255, 1, 0, 1)
          gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
        }
      }
      gl.glDisable(GLenum(GL_SCISSOR_TEST))
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
      switch flush {
      case .none: break
      case .flush: gl.glFlush()
      case .fence:
        let fence = gl.glFenceSync(GLenum(GL_SYNC_GPU_COMMANDS_COMPLETE), 0)
        _ = gl.glClientWaitSync(fence, GLbitfield(GL_SYNC_FLUSH_COMMANDS_BIT), 0)
        gl.glDeleteSync(fence)
      }
      try image.releaseFromGL()
      try image.readInVulkan(into: landing)
      let reds = [landing.bytes[0], landing.bytes[image.byteCount - 4]].map { Int($0) }
      if reds != [frame, frame] { stale += 1 }
    }
    #expect(stale == 0, "\(stale) of 60 frames are not what was drawn")
    try image.retire()
  }
}
