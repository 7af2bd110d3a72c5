internal import InteropDrivers

/// ``FramebufferBlitter`` for OpenGL ES 2.0, where no framebuffer can be read while another is drawn into.
///
/// `glCopyTexSubImage2D` copies out of the application's framebuffer, a textured triangle copies into a framebuffer.
/// Extensions that bring `glBlitFramebuffer` to ES 2.0 differ in what they take, so none is used. sRGB framebuffers
/// (GL_EXT_sRGB) are refused.
final class ES2Blitter {
  private let context: GLContext
  private let intermediates: IntermediateTextures
  private var programs: [ES2CopyProgram.Variant: ES2CopyProgram] = [:]
  private let extent: DefaultFramebufferExtent

  init(_ context: GLContext, _ extent: DefaultFramebufferExtent) {
    self.context = context
    self.extent = extent
    intermediates = IntermediateTextures(context)
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

  /// Queries the framebuffer, which is bound afterwards.
  private func contents(of framebuffer: GLFramebuffer) throws(InteropError) -> FramebufferContents {
    guard framebuffer.colorAttachment == 0 else {
      throw InteropError(
        .unsupported, step: "choose the colour attachment",
        reason: "\(context.versionString) reads and draws attachment 0",
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

  /// Runs `body` with nearest filters: without `texelFetch`, only these are sure to give a texel unchanged.
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
