package import Drivers
package import RawImport

/// Looks at every pixel of a shared image after GL wrote it, twice: extension strings, return codes and silence prove
/// nothing (a wrong driver pair gives garbage and no error; a driver that copies at import passes the first frame).
package enum PixelCheck {
  /// Writes two patterns through `image` (GL to Vulkan, mode direct or blit) and compares.
  ///
  /// - Throws: ``InteropError/Code/wrongPixels`` with the first wrong pixel; driver errors as they come.
  package static func verify(
    _ image: SharedImage, queue: VulkanQueue? = nil, blitter: FramebufferBlitter? = nil
  ) throws(InteropError) {
    for round in 0..<2 {
      let pattern = TestPattern(size: image.size, format: image.format, variant: round)
      try image.beginGLAccess()
      do throws(InteropError) {
        try pattern.draw(into: image, blitter: blitter)
      } catch {
        try image.abandonGLAccess()
        throw error
      }
      try image.endGLAccess()
      let flipped = image.description.mode == .blit && image.orientation == .topDown
      try pattern.compare(try image.readInVulkan(queue: queue), flipped: flipped, step: "compare pixels, frame \(round + 1)")
    }
  }

  /// As ``verify(_:queue:blitter:)`` for an image that Vulkan writes and GL reads, as texture or through a blit.
  package static func verifyReverse(_ image: SharedImage) throws(InteropError) {
    let context = image.context
    for round in 0..<2 {
      let pattern = TestPattern(size: image.size, format: image.format, variant: round)
      try image.writeInVulkan(pattern.bytes(.vulkan))
      try image.beginGLAccess()
      let pixels: [UInt8]
      do throws(InteropError) {
        if image.description.mode == .direct, let framebuffer = image.glFramebuffer {
          pixels = try context.readPixels(framebuffer, image.size, image.format)
        } else {
          let target = try DrawTarget(image.format.glInternalFormat, image.size, samples: 1, context)
          try FramebufferBlitter(context).copy(
            from: image, to: GLFramebuffer(name: target.framebuffer, size: image.size, orientation: .bottomUp))
          pixels = try context.readPixels(target.framebuffer, image.size, image.format)
        }
      } catch {
        try image.endGLAccess()
        throw error
      }
      try image.endGLAccess()
      try pattern.compare(
        pixels, flipped: image.orientation == .topDown && image.glFramebufferIsNotRead, channels: .gl,
        step: "compare pixels, frame \(round + 1)")
    }
  }

  /// As ``verify(_:queue:blitter:)`` for path host-copy.
  package static func verify(
    _ image: HostCopyImage, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    for round in 0..<2 {
      let pattern = TestPattern(size: image.size, format: image.format, variant: round)
      try image.beginGLAccess()
      do throws(InteropError) {
        try pattern.draw(into: image.sourceFramebuffer, context)
      } catch {
        try image.abandonGLAccess()
        throw error
      }
      try image.endGLAccess()
      let landing = try HostBuffer(
        host: host, size: image.size.width * image.size.height * image.format.bytesPerPixel, .readback)
      try image.turns.access(.transferSource, queue: nil, tag: nil) { commands throws(InteropError) in
        landing.recordCopy(from: image.vkImage, image.size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      try image.turns.waitForVulkan()
      try pattern.compare(
        Array(landing.bytes), flipped: image.orientation == .topDown, step: "compare pixels, frame \(round + 1)")
    }
  }
}

extension SharedImage {
  /// Whether a blit, which turns the picture, stands between the image and GL's reading.
  fileprivate var glFramebufferIsNotRead: Bool { description.mode == .blit }
}

extension GLContext {
  /// What a framebuffer holds, GL's row 0 first, rows tightly packed. Waits for GL: for checks and tools.
  package func readPixels(
    _ framebuffer: GLuint, _ size: PixelSize, _ format: PixelFormat
  ) throws(InteropError) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: size.width * size.height * format.bytesPerPixel)
    try preservingBindings { () throws(InteropError) in
      let alignment = integer(GL_PACK_ALIGNMENT)
      let packBuffer = GLuint(integer(GL_PIXEL_PACK_BUFFER_BINDING))
      gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), 0)
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), framebuffer)
      gl.glPixelStorei(GLenum(GL_PACK_ALIGNMENT), 1)
      gl.glReadPixels(
        0, 0, GLsizei(size.width), GLsizei(size.height), format.glTransferFormat, format.glTransferType, &pixels)
      gl.glPixelStorei(GLenum(GL_PACK_ALIGNMENT), alignment)
      gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), packBuffer)
      try check("glReadPixels", "GL cannot read \(format)")
    }
    return pixels
  }
}
