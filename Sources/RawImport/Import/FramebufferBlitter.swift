public import InteropDrivers

/// Copies on the GPU between an application's framebuffer and a shared image, byte for byte.
///
/// A copy flips the picture where the orientations differ, resolves multisampling, and exchanges red and blue where the
/// image is BGRA and GL only has an RGBA alias. Neither the application's state (scissor, `GL_FRAMEBUFFER_SRGB`, masks,
/// bindings) nor sRGB conversion changes the bytes.
///
/// The blitter keeps its program and intermediate textures, so one blitter should serve many copies. Use and release it
/// on the GL thread.
///
/// Each GL query of a copy stops a driver that works on a thread of its own, `glGetError` included. A blit makes 15
/// queries in desktop GL, 18 in GLES, 11 of the default framebuffer; a draw (BGRA, conversions) makes 37, in a
/// compatibility profile 40, in GLES 38. Three of them are about the size, in GLES five. The first copy of a
/// framebuffer makes some forty more (its format, the sizes of all attachments), and a copy into a framebuffer makes
/// one for each of its draw buffers. `Tests/RawImportTests/GLStateCallTests.swift` counts.
public final class FramebufferBlitter {
  private let context: GLContext
  private let intermediates: IntermediateTextures
  private var programs: [CopyProgram.Variant: CopyProgram] = [:]
  /// The properties of the last framebuffer.
  private var known: FramebufferContents?
  private var knownFormat: FramebufferFormat?
  private var es2: ES2Blitter?
  private let extent: DefaultFramebufferExtent

  /// Makes a blitter for images that were made with this context.
  public init(_ context: GLContext) {
    self.context = context
    intermediates = IntermediateTextures(context)
    extent = DefaultFramebufferExtent(context)
  }

  /// The size of framebuffer 0 in pixels: as much of the surface that is drawn into as GL has buffers for; nil where
  /// neither GL nor the window system tells.
  package func defaultFramebufferSize() throws(InteropError) -> PixelSize? {
    try context.enter("ask for a framebuffer's size")
    return try extent.size()
  }

  /// Copies `source` into `image`, during a GL access.
  ///
  /// The picture is flipped if the two differ in orientation. Alpha is 1 where the image is opaque.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` if `source` is not a complete framebuffer of the image's size at
  ///   least, or the image was made with another ``GLContext`` than the blitter; ``InteropError/Code/unsupported`` for
  ///   integer formats; ``InteropError/Code/invalidState`` between `glBegin` and `glEnd`, and where a draw is needed
  ///   while transform feedback is active. The application's state is as before.
  ///
  /// The corresponding C function is `glBlitFramebuffer`; where that cannot do it, a textured triangle; in ES 2.0
  /// `glCopyTexSubImage2D`.
  public func copy(from source: GLFramebuffer, to image: SharedImage) throws(InteropError) {
    try copy(from: source, to: image, isSizeKnown: false)
  }

  /// - Parameter isSizeKnown: whether the size was just queried; else it is compared with the framebuffer's own.
  package func copy(
    from source: GLFramebuffer, to image: SharedImage, isSizeKnown: Bool
  ) throws(InteropError) {
    try context.enter("copy a framebuffer into a shared image")
    try check(image)
    guard source.size == image.size else {
      throw InteropError(
        .invalidArgument, step: "compare sizes", reason: "the framebuffer is \(source.size), the image \(image.size)",
        advice: "Make the image in the framebuffer's size")
    }
    if context.features.isES2 { return try makeES2Blitter().copy(from: source, to: image, isSizeKnown: isSizeKnown) }
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: source, isSizeKnown: isSizeKnown) {
        image.exchangesRedAndBlue || context.isES && $0 != image.glIsSRGB
      }
      try reading(source, contents, isSizeKnown: isSizeKnown) { () throws(InteropError) in
        try copy(
          Source(framebuffer: source.name, texture: nil, contents: contents),
          to: Destination(
            framebuffer: image.aliasFramebuffer, isSRGB: image.glIsSRGB, internalFormat: image.glInternalFormat,
            samples: 0,
            isOurs: true),
          size: image.size, flip: source.orientation != image.orientation, exchange: image.exchangesRedAndBlue)
        // A window's format does not change. An object's may have changed since the last query, see
        // `contents(of:needsFormat:)`.
        if image.isOpaque, source.name != 0 || contents.hasAlpha { try context.clearAlpha(of: image.aliasFramebuffer) }
      }
    }
  }

  /// Copies `image` into `destination`, during a GL access.
  ///
  /// The picture is flipped if the two differ in orientation. Alpha is 1 where the image is opaque.
  ///
  /// - Throws: as ``copy(from:to:)``.
  public func copy(from image: SharedImage, to destination: GLFramebuffer) throws(InteropError) {
    try context.enter("copy a shared image into a framebuffer")
    try check(image)
    guard destination.size == image.size else {
      throw InteropError(
        .invalidArgument, step: "compare sizes",
        reason: "the framebuffer is \(destination.size), the image \(image.size)",
        advice: "Make the image in the framebuffer's size")
    }
    if context.features.isES2 { return try makeES2Blitter().copy(from: image, to: destination) }
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: destination, isSizeKnown: false) { _ in
        destination.colorAttachment > 0 || image.exchangesRedAndBlue || image.isOpaque
      }
      var source = Source(
        framebuffer: image.aliasFramebuffer,
        // Sampling goes through the texture's own swizzle, reading the framebuffer would not.
        texture: image.glTexture,
        isSRGB: image.glIsSRGB, mustSample: image.exchangesRedAndBlue || image.isOpaque,
        internalFormat: image.glInternalFormat)
      source.isOpaque = image.isOpaque
      try context.selectingDrawBuffer(destination, contents.readBuffer) { () throws(InteropError) in
        try copy(
          source,
          to: Destination(
            framebuffer: destination.name, isSRGB: contents.isSRGB, internalFormat: contents.internalFormat,
            samples: contents.samples, attachment: destination.colorAttachment,
            intermediates: contents.format.intermediates),
          size: image.size, flip: destination.orientation != image.orientation, exchange: false)
      }
    }
  }

  /// Checks the context: names count in their own context only, and in another one they are other framebuffers.
  private func check(_ image: SharedImage) throws(InteropError) {
    guard image.context === context else {
      throw InteropError(
        .invalidArgument, step: "check the image", reason: "it belongs to another context than the blitter",
        advice: "Make a blitter for each context, with the context that its images were made with")
    }
  }

  /// Copies `source` into a framebuffer of the package's own with one sample, for path host-copy.
  ///
  /// The readback of that path flips and exchanges by itself, so the top of `source` is at GL's top afterwards.
  ///
  /// - Parameter size: of both.
  /// - Throws: as ``copy(from:to:)``.
  package func copy(
    from source: GLFramebuffer, to target: DrawTarget, _ size: PixelSize, isSizeKnown: Bool = false
  ) throws(InteropError) {
    precondition(target.internalFormat != 0, "a framebuffer of our own")
    try context.enter("copy a framebuffer for reading back")
    guard source.size == size else {
      throw InteropError(
        .invalidArgument, step: "compare sizes", reason: "the framebuffer is \(source.size), the frame \(size)")
    }
    let flip = source.orientation == .topDown
    if context.features.isES2 {
      return try makeES2Blitter().copy(from: source, to: target, flip: flip, isSizeKnown: isSizeKnown)
    }
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: source, isSizeKnown: isSizeKnown) { context.isES && $0 }
      try reading(source, contents, isSizeKnown: isSizeKnown) { () throws(InteropError) in
        try copy(
          Source(framebuffer: source.name, texture: nil, contents: contents),
          to: Destination(
            framebuffer: target.framebuffer, isSRGB: false, internalFormat: target.internalFormat, samples: 0,
            isOurs: true),
          size: size, flip: flip, exchange: false)
      }
    }
  }

  /// Resolves a multisampled framebuffer into one of the same format and size.
  package func resolve(from source: GLuint, to destination: GLuint, _ size: PixelSize) throws(InteropError) {
    try context.preservingBlitState { () throws(InteropError) in
      try blit(source, to: destination, size, flip: false)
    }
  }

  /// Returns the properties of the framebuffer, and leaves it bound to both targets. Queries all of them when it looks
  /// other than the last time.
  ///
  /// - Parameter needsFormat: given whether it is sRGB, whether the copy goes through a texture of its very format. The
  ///   framebuffer's looks do not tell that: the names of a deleted framebuffer and texture come back with other
  ///   storage. A blit needs no format.
  private func contents(
    of framebuffer: GLFramebuffer, isSizeKnown: Bool, needsFormat: (_ isSRGB: Bool) -> Bool
  ) throws(InteropError) -> FramebufferContents {
    let gl = context.gl
    let isDefault = framebuffer.name == 0
    // The attachment of the default framebuffer that has the format differs between APIs and window systems; GLES has
    // one.
    let comparesFormat = !isDefault || context.isES
    // A negative attachment is refused below, by name.
    if let known, framebuffer.colorAttachment >= 0, isDefault || gl.glIsFramebuffer(framebuffer.name) == GL_TRUE {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
      // A window may close, and an attachment may be deleted: there is nothing to copy then. A resolve needs the format
      // of the samples, for an intermediate of the same one.
      if gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER)) == GLenum(GL_FRAMEBUFFER_COMPLETE),
        known.samples == 0 || comparesFormat, known.look == FramebufferLook(framebuffer, context)
      {
        let needsFormat = comparesFormat && (known.samples > 0 || needsFormat(known.isSRGB))
        if !needsFormat || knownFormat == FramebufferFormat(framebuffer, context) {
          if !isSizeKnown { try known.checkSize(framebuffer, context) }
          return known
        }
      }
    }
    known = nil
    knownFormat = nil
    let contents = try FramebufferContents(framebuffer, context)
    known = contents
    if comparesFormat, contents.samples > 0 || needsFormat(contents.isSRGB) {
      knownFormat = FramebufferFormat(framebuffer, context)
    }
    return contents
  }

  /// Runs `body` while reads from the bound framebuffer give what was drawn into it, after a check that it is as large
  /// as declared.
  private func reading(
    _ source: GLFramebuffer, _ contents: FramebufferContents, isSizeKnown: Bool, _ body: () throws(InteropError) -> Void
  ) throws(InteropError) {
    if source.name == 0, !isSizeKnown { try extent.check(source.size, contents) }
    try context.readingWhatIsDrawn(source.name) { () throws(InteropError) in
      try context.preservingReadBuffer(of: source.name, selecting: contents.readBuffer, body)
    }
  }

  private func makeES2Blitter() -> ES2Blitter {
    if let es2 { return es2 }
    let made = ES2Blitter(context, extent)
    es2 = made
    return made
  }

  // MARK: Blit or draw

  private struct Source {
    let framebuffer: GLuint
    /// The texture behind the framebuffer, where it can be sampled unchanged.
    let texture: GLuint?
    let isSRGB: Bool
    let mustSample: Bool
    let internalFormat: GLenum
    /// The format of a framebuffer of the application.
    let format: ColorBufferFormat?
    let samples: Int
    /// Whether the copy leaves out the alpha channel's content.
    var isOpaque = false

    init(framebuffer: GLuint, texture: GLuint?, contents: FramebufferContents) {
      self.framebuffer = framebuffer
      self.texture = texture
      isSRGB = contents.isSRGB
      mustSample = false
      internalFormat = contents.internalFormat
      format = contents.format
      samples = contents.samples
    }

    init(framebuffer: GLuint, texture: GLuint, isSRGB: Bool, mustSample: Bool, internalFormat: GLenum) {
      self.framebuffer = framebuffer
      self.texture = texture
      self.isSRGB = isSRGB
      self.mustSample = mustSample
      self.internalFormat = internalFormat
      format = nil
      samples = 0
    }
  }

  private struct Destination {
    let framebuffer: GLuint
    let isSRGB: Bool
    let internalFormat: GLenum
    let samples: Int
    var attachment = 0
    /// The formats of a texture that the source is blitted into, the best first.
    var intermediates: [GLenum] = []
    /// Whether the framebuffer is the package's own, with one colour buffer.
    var isOurs = false
  }

  private func copy(
    _ source: Source, to destination: Destination, size: PixelSize, flip: Bool, exchange: Bool
  ) throws(InteropError) {
    // GLES converts between sRGB and linear in a blit and cannot be told not to; desktop GL does not while
    // GL_FRAMEBUFFER_SRGB is off. A blit into a multisampled framebuffer is an error in GLES.
    let converts = context.isES && source.isSRGB != destination.isSRGB
    var mustDraw = exchange || converts || source.mustSample || destination.samples > 0
    if !mustDraw {
      // A resolve may neither flip nor (GLES) convert, so it goes into the identical format first.
      let needsResolveFirst =
        source.samples > 0 && (flip || source.internalFormat != destination.internalFormat)
      if !needsResolveFirst {
        return try blit(source.framebuffer, to: destination.framebuffer, size, flip: flip)
      }
    }
    var texture = source.texture
    if texture == nil {
      let (intermediate, isCopied) = try intermediate(of: source, size)
      if isCopied {
        try copyTexture(from: source.framebuffer, to: intermediate.texture, size)
        mustDraw = true
      } else {
        try blit(source.framebuffer, to: intermediate.framebuffer, size, flip: false)
      }
      if !mustDraw {
        return try blit(intermediate.framebuffer, to: destination.framebuffer, size, flip: flip)
      }
      texture = intermediate.texture
    }
    guard let texture else { preconditionFailure("either sampled as it is or copied to an intermediate") }
    if destination.attachment > 0 {
      // The program writes to draw buffer 0, which GLES allows for attachment 0 only.
      let target = try intermediates.framebuffer(destination.intermediates, size)
      let plain = Destination(
        framebuffer: target.framebuffer, isSRGB: destination.isSRGB, internalFormat: target.format, samples: 0,
        isOurs: true)
      try draw(texture, source, to: plain, size, flip: flip, exchange: exchange)
      return try blit(target.framebuffer, to: destination.framebuffer, size, flip: false)
    }
    try draw(texture, source, to: destination, size, flip: flip, exchange: exchange)
  }

  /// Copies the framebuffer into a texture, to be sampled or blitted on: by a blit, or by a texture copy where GL
  /// cannot blit.
  private func intermediate(
    of source: Source, _ size: PixelSize
  ) throws(InteropError) -> (IntermediateTextures.Intermediate, isCopied: Bool) {
    guard let format = source.format else { preconditionFailure("images are sampled as they are") }
    guard source.samples > 0 else { return (try intermediates.framebuffer(format.intermediates, size), false) }
    // Desktop GL also resolves into other formats, should there be none that is identical.
    guard context.isES else {
      return (try intermediates.framebuffer([source.internalFormat] + format.intermediates, size), false)
    }
    // The default framebuffer may have a format that no other framebuffer of GLES has. Only from it may a texture copy
    // resolve.
    guard source.framebuffer == 0 else { return (try intermediates.framebuffer([source.internalFormat], size), false) }
    if intermediates.isRenderable(source.internalFormat) != false {
      do throws(InteropError) {
        return (try intermediates.framebuffer([source.internalFormat], size), false)
      } catch let error where error.isRefusedFormat {
        intermediates.refuse(source.internalFormat)
      }
    }
    return (try intermediates.texture(format.copyFormat, size), true)
  }

  /// Copies from the framebuffer, which is bound to read. The corresponding C function is `glCopyTexSubImage2D`.
  private func copyTexture(from source: GLuint, to texture: GLuint, _ size: PixelSize) throws(InteropError) {
    let gl = context.gl
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), source)
    let saved = GLuint(bitPattern: context.integer(GL_TEXTURE_BINDING_2D))
    defer { gl.glBindTexture(GLenum(GL_TEXTURE_2D), saved) }
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
    gl.glCopyTexSubImage2D(
      GLenum(GL_TEXTURE_2D), 0, 0, 0, 0, 0, GLsizei(size.width), GLsizei(size.height))
    try context.checkCopyTexture()
  }

  private func blit(_ source: GLuint, to destination: GLuint, _ size: PixelSize, flip: Bool) throws(InteropError) {
    let gl = context.gl
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), source)
    gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination)
    let (width, height) = (GLint(size.width), GLint(size.height))
    gl.glBlitFramebuffer(
      0, 0, width, height, 0, flip ? height : 0, width, flip ? 0 : height, GLbitfield(GL_COLOR_BUFFER_BIT),
      GLenum(GL_NEAREST))
    do throws(InteropError) {
      try context.check("glBlitFramebuffer", "GL cannot copy the framebuffer")
    } catch {
      known = nil
      throw error
    }
  }

  private func draw(
    _ texture: GLuint, _ source: Source, to destination: Destination, _ size: PixelSize, flip: Bool, exchange: Bool
  ) throws(InteropError) {
    let gl = context.gl
    // A fetch from an sRGB texture decodes (EXT_texture_sRGB_decode exempts texelFetch from being switched off); GLES
    // encodes again when it writes to an sRGB buffer. The program undoes the rest: the bytes must arrive unchanged.
    let encodes = source.isSRGB
    let decodes = context.isES && destination.isSRGB
    let conversion: CopyProgram.Conversion = encodes == decodes ? .none : encodes ? .encode : .decode
    try context.preservingDrawState(drawingInto: destination.isOurs ? .plainColor : .any) { () throws(InteropError) in
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.framebuffer)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      let variant = CopyProgram.Variant(
        exchangesRedAndBlue: exchange, conversion: conversion, isOpaque: source.isOpaque)
      try program(variant).draw(size, flip: flip)
      try context.check("glDrawArrays", "GL cannot draw the copy")
    }
  }

  private func program(_ variant: CopyProgram.Variant) throws(InteropError) -> CopyProgram {
    if let known = programs[variant] { return known }
    let made = try CopyProgram(variant, context)
    programs[variant] = made
    return made
  }
}
