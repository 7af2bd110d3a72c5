package import InteropDrivers

/// The framebuffer that path `host-copy` reads back: one sample, in the format's GL alias.
///
/// It also knows how GL gives the pixels in the order of Vulkan's image. One source serves all slots of a ring, one
/// after the other, on the GL thread.
package final class ReadbackSource: @unchecked Sendable {
  package let target: DrawTarget
  package let size: PixelSize
  package let format: PixelFormat
  /// Which end of the picture row 0 of the images is.
  package let orientation: ImageOrientation
  /// Whether the images' alpha is 1, whatever was drawn.
  package let isOpaque: Bool
  package let context: GLContext
  /// A flipped copy of the picture, where `glReadPixels` cannot flip it.
  private let turned: DrawTarget?

  package var byteCount: Int { size.width * size.height * format.bytesPerPixel }

  /// Makes a framebuffer of the package's own, on the GL thread.
  package convenience init(
    size: PixelSize, format: PixelFormat, orientation: ImageOrientation, isOpaque: Bool = false, gl context: GLContext,
    turnsByBlit: Bool = false
  ) throws(InteropError) {
    try self.init(
      try DrawTarget(format.glInternalFormat, size, samples: 1, context), size: size, format: format,
      orientation: orientation, isOpaque: isOpaque, gl: context, turnsByBlit: turnsByBlit)
  }

  /// - Parameters:
  ///   - target: of `format`'s GL alias.
  ///   - turnsByBlit: whether a blit flips the picture, for drivers on which `glReadPixels` cannot.
  package init(
    _ target: DrawTarget, size: PixelSize, format: PixelFormat, orientation: ImageOrientation, isOpaque: Bool = false,
    gl context: GLContext, turnsByBlit: Bool = false
  ) throws(InteropError) {
    self.isOpaque = isOpaque && format.hasAlpha
    self.target = target
    self.size = size
    self.format = format
    self.orientation = orientation
    self.context = context
    let needsTurning = orientation == .topDown && (turnsByBlit || context.packReversal == nil)
    guard !needsTurning || !context.features.isES2 else {
      throw InteropError(
        .unsupported, step: "turn the picture",
        reason: "\(context.versionString) can neither read rows backwards nor blit",
        missing: ["GL_ANGLE_pack_reverse_row_order"],
        advice: "Use bottom-up frames (orientation .bottomUp, GLVK_ORIENTATION_BOTTOM_UP)")
    }
    turned = needsTurning ? try DrawTarget(format.glInternalFormat, size, samples: 1, context) : nil
  }

  /// The format to pass to `glReadPixels` for the bytes of Vulkan's format.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` in GLES without GL_EXT_read_format_bgra.
  func arrangedFormat() throws(InteropError) -> GLenum {
    guard format.channelOrder == .redBlueExchanged else { return format.glTransferFormat }
    guard !context.isES || context.extensions.contains("GL_EXT_read_format_bgra") else {
      throw InteropError(
        .unsupported, step: "arrange the pixels",
        reason: "\(context.renderer) does not read \(format) in its own order",
        missing: ["GL_EXT_read_format_bgra"])
    }
    return GLenum(GL_BGRA)
  }

  /// Reads the framebuffer in Vulkan's order of rows and channels, after the drawing into it.
  ///
  /// - Parameters:
  ///   - buffer: bound to `GL_PIXEL_PACK_BUFFER`; 0 for none.
  ///   - address: where the pixels go; in the buffer, its beginning, if nil.
  ///   - rowLength: pixels from one row to the next; 0 for tightly packed rows.
  ///   - transferFormat: of ``arrangedFormat()``.
  func readArranged(
    into buffer: GLuint, at address: UnsafeMutableRawPointer?, rowLength: Int = 0, as transferFormat: GLenum
  ) throws(InteropError) {
    try fillAlpha()
    if let turned { try turn(into: turned.framebuffer) }
    let packing = PixelPacking(rowLength: rowLength, isReversed: orientation == .topDown && turned == nil)
    try context.reading((turned ?? target).framebuffer, into: buffer, packing) { () throws(InteropError) in
      try readPixels(at: address, as: transferFormat)
    }
  }

  /// Reads the framebuffer as GL has it, tightly packed, into a pixel buffer, and runs `body` while that is bound.
  func readPlain(into buffer: GLuint, then body: () throws(InteropError) -> Void) throws(InteropError) {
    try fillAlpha()
    try context.reading(target.framebuffer, into: buffer) { () throws(InteropError) in
      try readPixels(at: nil, as: format.glTransferFormat)
      try body()
    }
  }

  private func fillAlpha() throws(InteropError) {
    guard isOpaque else { return }
    try context.preservingBlitState { () throws(InteropError) in try context.clearAlpha(of: target.framebuffer) }
  }

  private func readPixels(at address: UnsafeMutableRawPointer?, as transferFormat: GLenum) throws(InteropError) {
    let gl = context.gl
    if !context.features.isES2 { gl.glReadBuffer(GLenum(GL_COLOR_ATTACHMENT0)) }
    gl.glReadPixels(
      0, 0, GLsizei(size.width), GLsizei(size.height), transferFormat, format.glTransferType, address)
    try context.check("glReadPixels", "GL cannot read \(format) back")
  }

  /// The corresponding C function is `glBlitFramebuffer`.
  private func turn(into framebuffer: GLuint) throws(InteropError) {
    try context.preservingBlitState { () throws(InteropError) in
      let gl = context.gl
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), target.framebuffer)
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), framebuffer)
      let (width, height) = (GLint(size.width), GLint(size.height))
      gl.glBlitFramebuffer(
        0, 0, width, height, 0, height, width, 0, GLbitfield(GL_COLOR_BUFFER_BIT), GLenum(GL_NEAREST))
      try context.check("glBlitFramebuffer", "GL cannot turn the picture")
    }
  }
}
