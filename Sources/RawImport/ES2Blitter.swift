internal import Drivers

/// ``FramebufferBlitter`` for OpenGL ES 2.0, where no framebuffer can be read while another is drawn into: out of the
/// application's framebuffer comes `glCopyTexSubImage2D`, into a framebuffer a textured triangle.
///
/// Extensions that bring `glBlitFramebuffer` there differ in what they take, so none is used. sRGB framebuffers
/// (GL_EXT_sRGB) are refused.
final class ES2Blitter {
  private let context: GLContext
  private let intermediates: Intermediates
  private var programs: [ES2CopyProgram.Variant: ES2CopyProgram] = [:]
  private let extent: DefaultFramebufferExtent

  init(_ context: GLContext, _ extent: DefaultFramebufferExtent) {
    self.context = context
    self.extent = extent
    intermediates = Intermediates(context)
  }

  func copy(from source: GLFramebuffer, to image: SharedImage, isSizeKnown: Bool) throws(InteropError) {
    try copy(
      source, isSizeKnown, toTexture: image.glTexture, of: image.aliasFramebuffer, image.glInternalFormat,
      flip: source.orientation != image.orientation, exchange: image.exchangesRedAndBlue, isOpaque: image.isOpaque)
  }

  func copy(from source: GLFramebuffer, to target: DrawTarget, flip: Bool, isSizeKnown: Bool) throws(InteropError) {
    try copy(
      source, isSizeKnown, toTexture: target.texture, of: target.framebuffer, target.internalFormat, flip: flip,
      exchange: false)
  }

  private func copy(
    _ source: GLFramebuffer, _ isSizeKnown: Bool, toTexture texture: GLuint, of framebuffer: GLuint,
    _ internalFormat: GLenum, flip: Bool, exchange: Bool, isOpaque: Bool = false
  ) throws(InteropError) {
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: source)
      if source.name == 0, !isSizeKnown { try extent.check(source.size, contents) }
      if !flip, !exchange, contents.internalFormat == internalFormat {
        try read(source, into: texture)
        if isOpaque { try context.clearAlpha(of: framebuffer) }
        return
      }
      let intermediate = try intermediates.texture(contents.format.copyFormat, source.size)
      context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), source.name)
      try read(source, into: intermediate.texture)
      try draw(
        intermediate.texture, into: framebuffer, source.size, flip: flip,
        .init(exchangesRedAndBlue: exchange, isOpaque: isOpaque), .plainColor)
    }
  }

  func copy(from image: SharedImage, to destination: GLFramebuffer) throws(InteropError) {
    let flip = destination.orientation != image.orientation
    try context.preservingBlitState { () throws(InteropError) in
      _ = try contents(of: destination)
      try nearest(image.glTexture) { () throws(InteropError) in
        try draw(
          image.glTexture, into: destination.name, image.size, flip: flip,
          .init(exchangesRedAndBlue: image.exchangesRedAndBlue, isOpaque: image.isOpaque), .any)
      }
    }
  }

  /// The framebuffer is bound afterwards.
  private func contents(of framebuffer: GLFramebuffer) throws(InteropError) -> FramebufferContents {
    guard framebuffer.colorAttachment == 0 else {
      throw InteropError(
        .unsupported, step: "choose the colour attachment", reason: "\(context.versionString) reads and draws attachment 0",
        missing: ["OpenGL ES 3.0"])
    }
    let contents = try FramebufferContents(framebuffer, context)
    guard !contents.isSRGB else {
      throw InteropError(
        .unsupported, step: "identify the framebuffer's format",
        reason: "\(context.versionString) does not say how it converts an sRGB framebuffer", missing: ["OpenGL ES 3.0"])
    }
    return contents
  }

  /// The corresponding C function is `glCopyTexSubImage2D`, which obeys no state but the bindings.
  private func read(_ source: GLFramebuffer, into texture: GLuint) throws(InteropError) {
    let gl = context.gl
    let target = GLenum(GL_TEXTURE_2D)
    let saved = GLuint(bitPattern: context.integer(GL_TEXTURE_BINDING_2D))
    defer { gl.glBindTexture(target, saved) }
    gl.glBindTexture(target, texture)
    try context.readingWhatIsDrawn(source.name) { () throws(InteropError) in
      gl.glCopyTexSubImage2D(target, 0, 0, 0, 0, 0, GLsizei(source.size.width), GLsizei(source.size.height))
      try context.checkCopyTexture()
    }
  }

  private func draw(
    _ texture: GLuint, into framebuffer: GLuint, _ size: PixelSize, flip: Bool, _ variant: ES2CopyProgram.Variant,
    _ destination: GLContext.DrawDestination
  ) throws(InteropError) {
    let gl = context.gl
    try context.preservingDrawState(drawingInto: destination) { () throws(InteropError) in
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      let program: ES2CopyProgram
      if let known = programs[variant] {
        program = known
      } else {
        program = try ES2CopyProgram(variant, context)
        programs[variant] = program
      }
      try program.draw(size, flip: flip)
      try context.check("glDrawArrays", "GL cannot draw the copy")
    }
  }

  /// Without `texelFetch`, a texel is only sure to come out as it is with nearest filters.
  private func nearest(_ texture: GLuint, _ body: () throws(InteropError) -> Void) throws(InteropError) {
    let gl = context.gl
    let target = GLenum(GL_TEXTURE_2D)
    let filters = [GLenum(GL_TEXTURE_MIN_FILTER), GLenum(GL_TEXTURE_MAG_FILTER)]
    var saved: [GLint] = [0, 0]
    func bound(_ body: () -> Void) {
      let other = GLuint(bitPattern: context.integer(GL_TEXTURE_BINDING_2D))
      gl.glBindTexture(target, texture)
      body()
      gl.glBindTexture(target, other)
    }
    bound {
      for (index, name) in filters.enumerated() {
        gl.glGetTexParameteriv(target, name, &saved[index])
        gl.glTexParameteri(target, name, GL_NEAREST)
      }
    }
    defer { bound { for (index, name) in filters.enumerated() { gl.glTexParameteri(target, name, saved[index]) } } }
    try body()
  }
}

/// ``CopyProgram`` in GLSL ES 1.00: no vertex numbers and no `texelFetch`, so with an attribute and texture coordinates.
private final class ES2CopyProgram {
  private let context: GLContext
  private let program: GLObject
  private let buffer: GLObject
  /// The package's own, where there are vertex array objects; else attribute 0 is borrowed for a draw.
  private let vertexArray: Objects?
  private let flipLocation: GLint

  private final class Objects {
    let array: GLObject
    init(_ array: consuming GLObject) { self.array = array }
  }

  struct Variant: Hashable {
    let exchangesRedAndBlue: Bool
    /// Alpha is 1 whatever the texture has.
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
