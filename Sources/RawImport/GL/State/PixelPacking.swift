package import InteropDrivers

/// The layout of rows that GL packs.
package struct PixelPacking: Sendable, Hashable {
  /// Pixels from one row to the next; 0 for tightly packed rows.
  var rowLength = 0
  /// Whether GL's last row comes first: only where ``GLContext/packReversal`` is not nil.
  var isReversed = false

  package init() {}
  init(rowLength: Int, isReversed: Bool) {
    self.rowLength = rowLength
    self.isReversed = isReversed
  }
}

extension GLContext {
  /// Runs `body` with `framebuffer` set up for reading, and restores the application's settings.
  ///
  /// - Parameters:
  ///   - framebuffer: bound to `GL_READ_FRAMEBUFFER`.
  ///   - buffer: bound to `GL_PIXEL_PACK_BUFFER`; 0 reads into memory.
  ///   - packing: the layout of rows in memory; by default tightly packed, GL's row 0 first.
  package func reading<Result>(
    _ framebuffer: GLuint, into buffer: GLuint, _ packing: PixelPacking = PixelPacking(),
    _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard features.hasPackSubimage || packing.rowLength == 0 else {
      throw InteropError(
        .unsupported, step: "glPixelStorei(GL_PACK_ROW_LENGTH)", reason: "\(versionString) packs rows tightly only",
        missing: ["GL_NV_pack_subimage"])
    }
    guard hasPixelBuffers || buffer == 0 else {
      throw InteropError(
        .unsupported, step: "glBindBuffer(GL_PIXEL_PACK_BUFFER)", reason: "\(versionString) packs into memory only",
        missing: ["OpenGL ES 3.0"])
    }
    let framebuffers = try FramebufferBindings(self)
    let packBuffer = GLenum(GL_PIXEL_PACK_BUFFER)
    let savedBuffer = hasPixelBuffers ? GLuint(bitPattern: integer(GL_PIXEL_PACK_BUFFER_BINDING)) : 0
    let saved = PackParameters(of: self)
    defer {
      saved.set(in: self)
      if savedBuffer != buffer { gl.glBindBuffer(packBuffer, savedBuffer) }
      framebuffers.restore(self)
    }
    PackParameters(packing).set(in: self)
    if savedBuffer != buffer { gl.glBindBuffer(packBuffer, buffer) }
    gl.glBindFramebuffer(GLenum(features.isES2 ? GL_FRAMEBUFFER : GL_READ_FRAMEBUFFER), framebuffer)
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
  private var swapBytes: GLint = GL_FALSE
  private var reversal: GLint = GL_FALSE
  /// Whether GL clamps values that it reads to 0...1; half floats must not be clamped.
  private var readClamp: GLint = GL_FALSE
  private var transfer = PixelTransfer()

  init(_ packing: PixelPacking) {
    rowLength = GLint(packing.rowLength)
    reversal = packing.isReversed ? GL_TRUE : GL_FALSE
  }

  init(of context: GLContext) {
    let features = context.features
    alignment = context.integer(GL_PACK_ALIGNMENT)
    if features.hasPackSubimage {
      rowLength = context.integer(GL_PACK_ROW_LENGTH)
      skipRows = context.integer(GL_PACK_SKIP_ROWS)
      skipPixels = context.integer(GL_PACK_SKIP_PIXELS)
    }
    if !context.isES { swapBytes = context.integer(GL_PACK_SWAP_BYTES) }
    if let name = context.packReversal { reversal = context.integer(Int32(name)) }
    if features.hasReadClamp { readClamp = context.integer(GL_CLAMP_READ_COLOR) }
    if features.isCompatibilityProfile { transfer = PixelTransfer(of: context) }
  }

  func set(in context: GLContext) {
    let set = context.gl.glPixelStorei
    let features = context.features
    set(GLenum(GL_PACK_ALIGNMENT), alignment)
    if features.hasPackSubimage {
      set(GLenum(GL_PACK_ROW_LENGTH), rowLength)
      set(GLenum(GL_PACK_SKIP_ROWS), skipRows)
      set(GLenum(GL_PACK_SKIP_PIXELS), skipPixels)
    }
    if !context.isES { set(GLenum(GL_PACK_SWAP_BYTES), swapBytes) }
    if let name = context.packReversal { set(name, reversal) }
    if features.hasReadClamp { context.gl.glClampColor?(GLenum(GL_CLAMP_READ_COLOR), GLenum(readClamp)) }
    if features.isCompatibilityProfile { transfer.set(in: context) }
  }
}

/// The pixel transfer state of compatibility profiles, which changes pixels that are read: `glPixelTransfer`.
private struct PixelTransfer {
  private var mapsColor: GLint = GL_FALSE
  private var scale: (Float, Float, Float, Float) = (1, 1, 1, 1)
  private var bias: (Float, Float, Float, Float) = (0, 0, 0, 0)

  // Only gl.h of the compatibility profile has these names.
  private static let mapColor: Int32 = 0x0D10
  private static let scales: [GLenum] = [0x0D14, 0x0D18, 0x0D1A, 0x0D1C]
  private static let biases: [GLenum] = [0x0D15, 0x0D19, 0x0D1B, 0x0D1D]

  init() {}

  init(of context: GLContext) {
    func value(_ name: GLenum) -> Float {
      var value: Float = 0
      context.gl.glGetFloatv(name, &value)
      return value
    }
    mapsColor = context.integer(Self.mapColor)
    scale = (value(Self.scales[0]), value(Self.scales[1]), value(Self.scales[2]), value(Self.scales[3]))
    bias = (value(Self.biases[0]), value(Self.biases[1]), value(Self.biases[2]), value(Self.biases[3]))
  }

  func set(in context: GLContext) {
    guard let set = context.gl.glPixelTransferf else { return }
    set(GLenum(Self.mapColor), Float(mapsColor))
    set(Self.scales[0], scale.0)
    set(Self.scales[1], scale.1)
    set(Self.scales[2], scale.2)
    set(Self.scales[3], scale.3)
    set(Self.biases[0], bias.0)
    set(Self.biases[1], bias.1)
    set(Self.biases[2], bias.2)
    set(Self.biases[3], bias.3)
  }
}
