package import InteropDrivers

extension GLContext {
  /// Runs set-up code and restores the bindings it changes: the 2D texture of the active unit, both framebuffers, the
  /// renderbuffer.
  package func preservingBindings<Result: ~Copyable>(
    _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let framebuffers = try FramebufferBindings(self)
    let texture = GLuint(bitPattern: integer(GL_TEXTURE_BINDING_2D))
    let renderbuffer = GLuint(bitPattern: integer(GL_RENDERBUFFER_BINDING))
    defer {
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
      framebuffers.restore(self)
    }
    return try body()
  }

  /// Restores bindings as ``preservingBindings(_:)`` does, and the texture of another target too.
  package func preservingBindings<Result: ~Copyable>(
    of target: GLenum, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard target == GLenum(GL_TEXTURE_EXTERNAL_OES) else { return try preservingBindings(body) }
    let texture = GLuint(integer(GL_TEXTURE_BINDING_EXTERNAL_OES))
    defer { gl.glBindTexture(target, texture) }
    return try body()
  }

  /// Sets linear filters and clamped edges for the bound texture, as external textures have them.
  func setPlainSampling(_ target: GLenum) throws(InteropError) {
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAG_FILTER), GL_LINEAR)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_S), GL_CLAMP_TO_EDGE)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_T), GL_CLAMP_TO_EDGE)
    try check("glTexParameteri", "the shared texture takes no sampling parameters")
  }

  /// Makes a texture with ordinary storage of one level.
  package func makeTexture(_ internalFormat: GLenum, _ size: PixelSize) throws(InteropError) -> GLObject {
    let texture = try makeObject(.texture)
    let target = GLenum(GL_TEXTURE_2D)
    gl.glBindTexture(target, texture.name)
    let (width, height) = (GLsizei(size.width), GLsizei(size.height))
    if features.hasTextureStorage, !features.isES2 {
      gl.glTexStorage2D(target, 1, internalFormat, width, height)
      try check("glTexStorage2D", "no \(size) texture of format 0x" + String(internalFormat, radix: 16))
      return texture
    }
    let (format, type) = try transferFormat(of: internalFormat)
    try withoutUnpackBuffer { () throws(InteropError) in
      // ES 2.0 takes unsized formats only, where format and internal format are the same.
      let storage = features.isES2 ? GLint(format) : GLint(bitPattern: internalFormat)
      gl.glTexImage2D(target, 0, storage, width, height, 0, format, type, nil)
      try check("glTexImage2D", "no \(size) texture of format 0x" + String(internalFormat, radix: 16))
    }
    if !features.isES2 { gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAX_LEVEL), 0) }
    // A texture without mipmaps is complete with these filters only.
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_NEAREST)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAG_FILTER), GL_NEAREST)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_S), GL_CLAMP_TO_EDGE)
    gl.glTexParameteri(target, GLenum(GL_TEXTURE_WRAP_T), GL_CLAMP_TO_EDGE)
    try check("glTexParameteri", "the texture takes no sampling parameters")
    return texture
  }

  /// The format and type that `glTexImage2D` takes for a sized format, where there is no `glTexStorage2D`.
  private func transferFormat(of internalFormat: GLenum) throws(InteropError) -> (GLenum, GLenum) {
    let half = features.isES2 ? GL_HALF_FLOAT_OES : GL_HALF_FLOAT
    let known: (Int32, Int32)? =
      switch Int32(bitPattern: internalFormat) {
      case GL_R8: (GL_RED, GL_UNSIGNED_BYTE)
      case GL_RG8: (GL_RG, GL_UNSIGNED_BYTE)
      case GL_RGB8, GL_RGB565: (GL_RGB, GL_UNSIGNED_BYTE)
      case GL_RGBA8, GL_RGBA4, GL_RGB5_A1: (GL_RGBA, GL_UNSIGNED_BYTE)
      case GL_SRGB8_ALPHA8 where !features.isES2: (GL_RGBA, GL_UNSIGNED_BYTE)
      case GL_SRGB8 where !features.isES2: (GL_RGB, GL_UNSIGNED_BYTE)
      case GL_RGB10_A2: (GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV)
      case GL_RGBA16F: (GL_RGBA, half)
      case GL_RGB16F: (GL_RGB, half)
      case _ where features.isES2: nil
      case GL_RGBA16, GL_RGBA32F, GL_R11F_G11F_B10F, GL_R16F, GL_RG16F, GL_R32F: (GL_RGBA, GL_FLOAT)
      default: nil
      }
    guard let known else {
      throw InteropError(
        .unsupported, step: "glTexImage2D",
        reason: "\(versionString) makes no texture of format 0x" + String(internalFormat, radix: 16),
        missing: [isES ? "OpenGL ES 3.0" : "GL_ARB_texture_storage"])
    }
    return (GLenum(known.0), GLenum(known.1))
  }

  /// Runs `body` without a buffer at GL_PIXEL_UNPACK_BUFFER, from which `glTexImage2D` would take the pixels.
  private func withoutUnpackBuffer(_ body: () throws(InteropError) -> Void) throws(InteropError) {
    guard hasPixelBuffers else { return try body() }
    let saved = GLuint(bitPattern: integer(GL_PIXEL_UNPACK_BUFFER_BINDING))
    if saved != 0 { gl.glBindBuffer(GLenum(GL_PIXEL_UNPACK_BUFFER), 0) }
    defer { if saved != 0 { gl.glBindBuffer(GLenum(GL_PIXEL_UNPACK_BUFFER), saved) } }
    try body()
  }

  /// Whether there are pixel pack and unpack buffers: all but ES 2.0, which needs GL_NV_pixel_buffer_object.
  var hasPixelBuffers: Bool { !features.isES2 || extensions.contains("GL_NV_pixel_buffer_object") }

  /// Makes a renderbuffer; 0 samples means not multisampled.
  package func makeRenderbuffer(
    _ internalFormat: GLenum, _ size: PixelSize, samples: Int
  ) throws(InteropError) -> GLObject {
    let buffer = try makeObject(.renderbuffer)
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), buffer.name)
    let (width, height) = (GLsizei(size.width), GLsizei(size.height))
    if features.isES2 {
      guard samples <= 1 else {
        throw InteropError(
          .unsupported, step: "glRenderbufferStorageMultisample",
          reason: "\(versionString) has no multisampled renderbuffers",
          missing: ["OpenGL ES 3.0"])
      }
      gl.glRenderbufferStorage(GLenum(GL_RENDERBUFFER), internalFormat, width, height)
    } else {
      gl.glRenderbufferStorageMultisample(GLenum(GL_RENDERBUFFER), GLsizei(samples), internalFormat, width, height)
    }
    try check(
      features.isES2 ? "glRenderbufferStorage" : "glRenderbufferStorageMultisample",
      "no \(size) renderbuffer of format 0x" + String(internalFormat, radix: 16) + " with \(samples) samples")
    return buffer
  }

  /// Makes a complete framebuffer with a texture as its colour attachment.
  package func makeFramebuffer(texture: borrowing GLObject, _ step: String) throws(InteropError) -> GLObject {
    try makeFramebuffer(attaching: texture.name, step, "the driver cannot render into the texture")
  }

  /// Makes the framebuffer, with a reason for the error.
  ///
  /// - Parameter reason: the meaning of an incomplete framebuffer: for imported memory this is often the first failure
  ///   that a driver reports (Mesa's glImportMemoryFdEXT of /dev/null gives no error).
  func makeFramebuffer(
    attaching texture: GLuint, _ step: String, _ reason: @autoclosure () -> String
  ) throws(InteropError) -> GLObject {
    let framebuffer = try makeObject(.framebuffer)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
    gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
    try checkFramebuffer(GL_FRAMEBUFFER, step, reason())
    try check("glFramebufferTexture2D", "the texture cannot be attached")
    return framebuffer
  }
}

/// The framebuffers that are bound to draw and to read; in ES 2.0 they are one.
package struct FramebufferBindings {
  let draw: GLuint
  let read: GLuint

  /// - Throws: ``InteropError/Code/invalidState`` where GL does not answer, which is between `glBegin` and `glEnd`.
  package init(_ context: GLContext) throws(InteropError) {
    var name: GLint = -1
    context.gl.glGetIntegerv(GLenum(GL_DRAW_FRAMEBUFFER_BINDING), &name)
    // A name that large is possible; it is then GL's answer.
    if name == -1, context.features.isCompatibilityProfile, context.gl.glGetString(GLenum(GL_VERSION)) == nil {
      throw InteropError(
        .invalidState, step: "glGetIntegerv",
        reason: "GL answers no query: the application is between glBegin and glEnd",
        advice: "Call it after glEnd; GL keeps a GL_INVALID_OPERATION for it until then")
    }
    draw = GLuint(bitPattern: name)
    read = context.features.isES2 ? draw : GLuint(bitPattern: context.integer(GL_READ_FRAMEBUFFER_BINDING))
  }

  package func restore(_ context: GLContext) {
    let bind = context.gl.glBindFramebuffer
    if draw == read {
      bind(GLenum(GL_FRAMEBUFFER), draw)
    } else {
      bind(GLenum(GL_DRAW_FRAMEBUFFER), draw)
      bind(GLenum(GL_READ_FRAMEBUFFER), read)
    }
  }
}

/// The first viewport, which non-array calls would set in all: drivers with several keep the others.
package struct FirstViewport {
  private var box: (Float, Float, Float, Float) = (0, 0, 0, 0)

  package init(_ context: GLContext) {
    withUnsafeMutableBytes(of: &box) {
      let values = $0.bindMemory(to: Float.self).baseAddress
      if context.features.hasViewportArrays {
        context.gl.glGetFloati_v?(GLenum(GL_VIEWPORT), 0, values)
      } else {
        context.gl.glGetFloatv(GLenum(GL_VIEWPORT), values)
      }
    }
  }

  package func restore(_ context: GLContext) {
    let gl = context.gl
    if context.features.hasViewportArrays {
      withUnsafeBytes(of: box) { gl.glViewportIndexedfv?(0, $0.bindMemory(to: Float.self).baseAddress) }
    } else {
      gl.glViewport(GLint(box.0), GLint(box.1), GLsizei(box.2), GLsizei(box.3))
    }
  }
}
