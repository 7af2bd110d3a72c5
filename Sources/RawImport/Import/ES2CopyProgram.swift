internal import InteropDrivers

/// ``CopyProgram`` in GLSL ES 1.00, which has no vertex numbers and no `texelFetch`, so with an attribute and texture
/// coordinates.
final class ES2CopyProgram {
  private let context: GLContext
  private let program: GLObject
  private let buffer: GLObject
  /// The package's own, where there are vertex array objects. Elsewhere a draw borrows attribute 0.
  private let vertexArray: Objects?
  private let flipLocation: GLint

  private final class Objects {
    let array: GLObject
    init(_ array: consuming GLObject) { self.array = array }
  }

  struct Variant: Hashable {
    let exchangesRedAndBlue: Bool
    /// Whether alpha is 1 whatever the texture has.
    let isOpaque: Bool
  }

  init(_ variant: Variant, _ context: GLContext) throws(InteropError) {
    self.context = context
    let gl = context.gl
    program = try context.makeProgram(
      vertex: """
        attribute vec2 corner;
        uniform vec2 flip;
        varying vec2 place;
        void main() {
          passClipDistances();
          place = vec2(corner.x * 0.5 + 0.5, (corner.y * 0.5 + 0.5) * flip.x + flip.y);
          gl_Position = vec4(corner, 0.0, 1.0);
        }
        """,
      fragment: """
        uniform sampler2D source;
        varying vec2 place;
        void main() {
          vec4 c = texture2D(source, place);
          gl_FragColor = \(variant.exchangesRedAndBlue ? "c.bgra" : "c");\(variant.isOpaque ? "\n  gl_FragColor.a = 1.0;" : "")
        }
        """, attributes: ["corner"], "make the copy program")
    flipLocation = gl.glGetUniformLocation(program.name, "flip")
    let sourceLocation = gl.glGetUniformLocation(program.name, "source")
    guard flipLocation >= 0, sourceLocation >= 0 else {
      throw InteropError(
        .driverFailure, step: "make the copy program: glGetUniformLocation", reason: "the driver has lost a uniform",
        driverCode: context.takeError().map { .gl($0) })
    }
    gl.glUseProgram(program.name)
    gl.glUniform1i(sourceLocation, 0)
    // One triangle over everything.
    let corners: [Float] = [-1, -1, 3, -1, -1, 3]
    let target = GLenum(GL_ARRAY_BUFFER)
    let saved = GLuint(bitPattern: context.integer(GL_ARRAY_BUFFER_BINDING))
    buffer = try context.makeObject(.buffer)
    defer { gl.glBindBuffer(target, saved) }
    gl.glBindBuffer(target, buffer.name)
    gl.glBufferData(target, corners.count * MemoryLayout<Float>.size, corners, GLenum(GL_STATIC_DRAW))
    if context.features.hasVertexArrays {
      let array = try context.makeObject(.vertexArray)
      gl.glBindVertexArray(array.name)
      gl.glVertexAttribPointer(0, 2, GLenum(GL_FLOAT), 0, 0, nil)
      gl.glEnableVertexAttribArray(0)
      vertexArray = Objects(array)
    } else {
      vertexArray = nil
    }
    try context.check("glBufferData", "the copy program takes no triangle")
  }

  /// Draws the texture of unit 0 into the framebuffer that is bound.
  func draw(_ size: PixelSize, flip: Bool) throws(InteropError) {
    let gl = context.gl
    gl.glUseProgram(program.name)
    gl.glUniform2f(flipLocation, flip ? -1 : 1, flip ? 1 : 0)
    context.setViewport(size)
    if let vertexArray {
      gl.glBindVertexArray(vertexArray.array.name)
      gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, 3)
      return
    }
    let saved = FirstAttribute(context)
    let target = GLenum(GL_ARRAY_BUFFER)
    let savedBuffer = GLuint(bitPattern: context.integer(GL_ARRAY_BUFFER_BINDING))
    gl.glBindBuffer(target, buffer.name)
    gl.glVertexAttribPointer(0, 2, GLenum(GL_FLOAT), 0, 0, nil)
    saved.neutralise(context)
    gl.glDrawArrays(GLenum(GL_TRIANGLES), 0, 3)
    saved.restore(context)
    gl.glBindBuffer(target, savedBuffer)
  }
}

/// Attribute 0 of a context without vertex array objects.
private struct FirstAttribute {
  private let isEnabled: Bool
  private let size: GLint
  private let type: GLenum
  private let isNormalized: GLboolean
  private let stride: GLint
  private let buffer: GLuint
  private var pointer: UnsafeMutableRawPointer?
  private var divisor: GLint = 0

  init(_ context: GLContext) {
    func value(_ name: Int32) -> GLint {
      var value: GLint = 0
      context.gl.glGetVertexAttribiv(0, GLenum(name), &value)
      return value
    }
    isEnabled = value(GL_VERTEX_ATTRIB_ARRAY_ENABLED) != 0
    size = value(GL_VERTEX_ATTRIB_ARRAY_SIZE)
    type = GLenum(value(GL_VERTEX_ATTRIB_ARRAY_TYPE))
    isNormalized = GLboolean(value(GL_VERTEX_ATTRIB_ARRAY_NORMALIZED))
    stride = value(GL_VERTEX_ATTRIB_ARRAY_STRIDE)
    buffer = GLuint(bitPattern: value(GL_VERTEX_ATTRIB_ARRAY_BUFFER_BINDING))
    context.gl.glGetVertexAttribPointerv(0, GLenum(GL_VERTEX_ATTRIB_ARRAY_POINTER), &pointer)
    if context.gl.glVertexAttribDivisor != nil { divisor = value(GL_VERTEX_ATTRIB_ARRAY_DIVISOR) }
  }

  func neutralise(_ context: GLContext) {
    if !isEnabled { context.gl.glEnableVertexAttribArray(0) }
    if divisor != 0 { context.gl.glVertexAttribDivisor?(0, 0) }
  }

  func restore(_ context: GLContext) {
    let gl = context.gl
    gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffer)
    gl.glVertexAttribPointer(0, size, type, isNormalized, stride, pointer)
    if !isEnabled { gl.glDisableVertexAttribArray(0) }
    if divisor != 0 { gl.glVertexAttribDivisor?(0, GLuint(divisor)) }
  }
}
