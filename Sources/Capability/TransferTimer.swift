package import RawImport
package import InteropDrivers

/// Measures the cost of an ownership transfer, in microseconds.
package enum TransferTimer {
  /// Times a transfer from GL's end of drawing to Vulkan's completion: GL's access ends, Vulkan acquires, does nothing
  /// and releases, and the CPU waits for Vulkan. GL has drawn before the clock starts, so the time is that of the
  /// transfer alone; for mode blit it includes the blit.
  package static func time(_ image: SharedImage, _ queue: VulkanQueue, _ count: Int) throws(InteropError) -> [Double] {
    let context = image.context
    let source =
      image.description.mode == .blit
      ? try DrawTarget(image.format.glInternalFormat, image.size, samples: 1, context) : nil
    let blitter = FramebufferBlitter(context)
    let samples = try measure(count) { () throws(InteropError) in
      try image.acquireForGL()
      try clear(source?.framebuffer ?? image.glFramebuffer ?? 0, context)
      let start = ContinuousClock.now
      if let source {
        try blitter.copy(from: GLFramebuffer(name: source.framebuffer, size: image.size), to: image)
      }
      try image.releaseFromGL()
      try image.ownership.access(.general, on: AccessQueues(queue)) { (_) throws(InteropError) in }
      try image.waitForVulkan()
      return ContinuousClock.now - start
    }
    try image.retire()
    return samples
  }

  /// Times the same for path host-copy, readback and upload included.
  package static func time(
    _ image: HostCopyImage, _ context: GLContext, _ queue: VulkanQueue, _ count: Int
  ) throws(InteropError) -> [Double] {
    try measure(count) { () throws(InteropError) in
      try image.acquireForGL()
      try clear(image.sourceFramebuffer, context)
      let start = ContinuousClock.now
      try image.releaseFromGL()
      try image.ownership.access(.general, on: AccessQueues(queue), tag: nil) { (_) throws(InteropError) in }
      try image.ownership.waitForVulkan()
      return ContinuousClock.now - start
    }
  }

  /// Times an empty submission with a fence, and the wait for it: the least that any ownership transfer costs on this
  /// queue.
  package static func bareSubmit(_ host: VulkanHost, _ queue: VulkanQueue, _ count: Int) throws(InteropError)
    -> [Double]
  {
    let commands = try VulkanCommands(host: host, queue: queue)
    return try measure(count) { () throws(InteropError) in
      let buffer = try commands.record(.first) { (_) throws(InteropError) in }
      let start = ContinuousClock.now
      try commands.submit(buffer)
      try commands.finish()
      return ContinuousClock.now - start
    }
  }

  private static func clear(_ framebuffer: GLuint, _ context: GLContext) throws(InteropError) {
    try context.preservingBindings { () throws(InteropError) in
      context.gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), framebuffer)
      context.clear([0, 0, 0, 1])
      context.gl.glFinish()
      try context.check("glClearBufferfv", "GL cannot draw")
    }
  }

  /// Measures repeatedly. The first rounds, which create objects that are created once, do not count.
  private static func measure(_ count: Int, _ once: () throws(InteropError) -> Duration) throws(InteropError)
    -> [Double]
  {
    var samples: [Double] = []
    for round in -3..<count {
      let (seconds, attoseconds) = try once().components
      if round >= 0 { samples.append(Double(seconds) * 1e6 + Double(attoseconds) / 1e12) }
    }
    return samples
  }
}
