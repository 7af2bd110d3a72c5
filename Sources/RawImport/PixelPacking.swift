package import Drivers

/// How GL lays rows down where it packs pixels.
package struct PixelPacking: Sendable, Hashable {
  /// Pixels from one row to the next; 0 for tightly packed rows.
  var rowLength = 0
  /// Whether GL's last row comes first: only where ``GLContext/packReversal`` names how.
  var isReversed = false

  package init() {}
  init(rowLength: Int, isReversed: Bool) {
    self.rowLength = rowLength
    self.isReversed = isReversed
  }
}

extension GLContext {
  /// Runs `body` with reading of `framebuffer` set up, and puts the application's settings back.
  ///
  /// - Parameters:
  ///   - framebuffer: bound to `GL_READ_FRAMEBUFFER`.
  ///   - buffer: bound to `GL_PIXEL_PACK_BUFFER`; 0 reads into memory.
  ///   - packing: how rows lie in memory; tightly packed, GL's row 0 first, if nothing is said.
  package func reading<Result>(
    _ framebuffer: GLuint, into buffer: GLuint, _ packing: PixelPacking = PixelPacking(),
    _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let savedBuffer = GLuint(integer(GL_PIXEL_PACK_BUFFER_BINDING))
    let savedFramebuffer = GLuint(integer(GL_READ_FRAMEBUFFER_BINDING))
    let saved = PackParameters(of: self)
    defer {
      saved.set(in: self)
      gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), savedBuffer)
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), savedFramebuffer)
    }
    PackParameters(packing).set(in: self)
    gl.glBindBuffer(GLenum(GL_PIXEL_PACK_BUFFER), buffer)
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), framebuffer)
    return try body()
  }

  /// The parameter of `glPixelStorei` that packs rows from the last to the first: GL_MESA_pack_invert, or
  /// GL_ANGLE_pack_reverse_row_order in GLES; nil where the driver has neither.
  var packReversal: GLenum? {
    if isES {
      return extensions.contains("GL_ANGLE_pack_reverse_row_order") ? GLenum(GL_PACK_REVERSE_ROW_ORDER_ANGLE) : nil
    }
    return extensions.contains("GL_MESA_pack_invert") ? GLenum(GL_PACK_INVERT_MESA) : nil
  }
}

/// Plain values: a readback is made every frame and allocates nothing.
private struct PackParameters {
  private var alignment: GLint = 1
  private var rowLength: GLint = 0
  private var skipRows: GLint = 0
  private var skipPixels: GLint = 0
  private var swapBytes: GLint = 0
  private var reversal: GLint = 0

  init(_ packing: PixelPacking) {
    rowLength = GLint(packing.rowLength)
    reversal = packing.isReversed ? GL_TRUE : GL_FALSE
  }

  init(of context: GLContext) {
    alignment = context.integer(GL_PACK_ALIGNMENT)
    rowLength = context.integer(GL_PACK_ROW_LENGTH)
    skipRows = context.integer(GL_PACK_SKIP_ROWS)
    skipPixels = context.integer(GL_PACK_SKIP_PIXELS)
    if !context.isES { swapBytes = context.integer(GL_PACK_SWAP_BYTES) }
    if let name = context.packReversal { reversal = context.integer(Int32(name)) }
  }

  func set(in context: GLContext) {
    let set = context.gl.glPixelStorei
    set(GLenum(GL_PACK_ALIGNMENT), alignment)
    set(GLenum(GL_PACK_ROW_LENGTH), rowLength)
    set(GLenum(GL_PACK_SKIP_ROWS), skipRows)
    set(GLenum(GL_PACK_SKIP_PIXELS), skipPixels)
    if !context.isES { set(GLenum(GL_PACK_SWAP_BYTES), swapBytes) }
    if let name = context.packReversal { set(name, reversal) }
  }
}
