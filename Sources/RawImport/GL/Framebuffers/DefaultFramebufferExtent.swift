internal import InteropDrivers

/// Checks that framebuffer 0 has the pixels to copy: a copy leaves pixels outside GL's buffers unwritten, without an
/// error.
///
/// The window system sets a window's size, and the driver resizes GL's buffers later, mostly at the next swap. So when
/// the size has changed, the package reads a pixel of the corner; that waits for GL.
final class DefaultFramebufferExtent {
  private let context: GLContext
  /// The part that GL had of a surface of that size; the surface is nil where its size is unknown.
  private var seen: (surface: PixelSize?, part: PixelSize)?

  init(_ context: GLContext) { self.context = context }

  /// Returns the size of the drawn surface, or of the part that GL has; nil where it is unknown.
  func size() throws(InteropError) -> PixelSize? {
    guard let asked = context.defaultFramebufferSize() else { return nil }
    guard !isSeen(asked, of: asked), asked.width > 0, asked.height > 0 else { return asked }
    return try context.preservingBlitState { () throws(InteropError) in
      let name: GLuint = 0
      context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
      guard context.gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER)) == GLenum(GL_FRAMEBUFFER_COMPLETE) else {
        return asked
      }
      let contents = try FramebufferContents(GLFramebuffer(name: name, size: PixelSize(width: 1, height: 1)), context)
      let found = try extent(upTo: asked, contents)
      if found == asked { seen = (asked, asked) }
      return found
    }
  }

  /// - Throws: ``InteropError/Code/invalidArgument`` unless the drawn surface has all of `size`.
  func check(_ size: PixelSize, _ contents: FramebufferContents) throws(InteropError) {
    // The window was made smaller since the last swap: GL's buffers and the picture may still have the old size.
    let asked = context.defaultFramebufferSize()
    if isSeen(size, of: asked) { return }
    let found = try extent(upTo: size, contents)
    try FramebufferContents.check(size, isWithin: found, "the default framebuffer")
    seen = (asked, size)
  }

  private func isSeen(_ part: PixelSize, of surface: PixelSize?) -> Bool {
    guard let seen, seen.surface == surface else { return false }
    return part.width <= seen.part.width && part.height <= seen.part.height
  }

  /// Returns the largest part of `size`, from the origin, that GL has.
  private func extent(upTo size: PixelSize, _ contents: FramebufferContents) throws(InteropError) -> PixelSize {
    try context.readingWhatIsDrawn(0) { () throws(InteropError) in
      try context.reading(0, into: 0) { () throws(InteropError) in
        guard !context.features.isES2 else { return extentByPixels(upTo: size, contents) }
        return try context.preservingReadBuffer(of: 0, selecting: contents.readBuffer) {
          extentByPixels(upTo: size, contents)
        }
      }
    }
  }

  private func extentByPixels(upTo size: PixelSize, _ contents: FramebufferContents) -> PixelSize {
    if isThere(size.width - 1, size.height - 1, contents) { return size }
    /// Returns the first position for which `body` is false.
    func first(_ end: Int, _ body: (Int) -> Bool) -> Int {
      var (low, high) = (0, end)
      while low < high {
        let middle = (low + high) / 2
        if body(middle) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return PixelSize(
      width: first(size.width) { isThere($0, 0, contents) }, height: first(size.height) { isThere(0, $0, contents) })
  }

  /// Whether GL has the pixel: a read outside the framebuffer leaves the memory unchanged. Reads twice, since a pixel
  /// may equal the memory's value.
  private func isThere(_ x: Int, _ y: Int, _ contents: FramebufferContents) -> Bool {
    let type = contents.componentType == GL_FLOAT ? GL_FLOAT : GL_UNSIGNED_BYTE
    return [0x5A, 0xA5].contains { (byte: UInt8) in
      var pixel = (UInt64(0x0101_0101_0101_0101) &* UInt64(byte), UInt64(0x0101_0101_0101_0101) &* UInt64(byte))
      let before = pixel
      withUnsafeMutableBytes(of: &pixel) {
        context.gl.glReadPixels(GLint(x), GLint(y), 1, 1, GLenum(GL_RGBA), GLenum(type), $0.baseAddress)
      }
      // A driver that refuses the read gives no information.
      return context.takeError() != nil || pixel != before
    }
  }
}
