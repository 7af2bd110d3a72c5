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
}
