internal import InteropDrivers

/// Sees to it that what is copied out of framebuffer 0 is there: what is outside of GL's buffers a copy leaves
/// unwritten, and without an error.
///
/// A window's size is the window system's, and GL's buffers follow when the driver likes, mostly at the next swap. So
/// the corner is looked at, by reading a pixel of it, when the size is another than the last time; that waits for GL.
final class DefaultFramebufferExtent {
  private let context: GLContext
  /// What was there of a surface of that size; nil for a surface whose size nobody tells.
  private var seen: (surface: PixelSize?, part: PixelSize)?

  init(_ context: GLContext) { self.context = context }

  /// Of the drawn surface, or of the part of it that GL has; nil where nobody tells.
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
    // A window that was made smaller since the last swap: GL's buffers, and what was drawn, may have the old size
    // still.
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

  /// The larger part of `size` from the origin on that GL has.
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
    /// The first place of which `body` is not true.
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

  /// Outside of the framebuffer the memory keeps what it had: twice, as a pixel may look like that.
  private func isThere(_ x: Int, _ y: Int, _ contents: FramebufferContents) -> Bool {
    let type = contents.componentType == GL_FLOAT ? GL_FLOAT : GL_UNSIGNED_BYTE
    return [0x5A, 0xA5].contains { (byte: UInt8) in
      var pixel = (UInt64(0x0101_0101_0101_0101) &* UInt64(byte), UInt64(0x0101_0101_0101_0101) &* UInt64(byte))
      let before = pixel
      withUnsafeMutableBytes(of: &pixel) {
        context.gl.glReadPixels(GLint(x), GLint(y), 1, 1, GLenum(GL_RGBA), GLenum(type), $0.baseAddress)
      }
      // A driver that reads nothing of the kind tells nothing.
      return context.takeError() != nil || pixel != before
    }
  }
}
