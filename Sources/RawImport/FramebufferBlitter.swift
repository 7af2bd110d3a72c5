public import Drivers

/// Copies on the GPU between an application's framebuffer and a shared image, byte for byte: turning it the right way
/// up, resolving multisampling, and exchanging red and blue where the image is BGRA and GL only has an RGBA alias.
///
/// Neither the application's state (scissor, `GL_FRAMEBUFFER_SRGB`, masks, bindings) nor sRGB conversion gets in
/// between. Keeps its program and intermediate textures, so one blitter should serve many copies; used, and given up, on
/// the GL thread.
///
/// What a copy asks GL, each time a stop of a driver that works on a thread of its own, `glGetError` included: where a blit
/// does it, 12 queries in desktop GL, 13 in GLES, 11 of the default framebuffer; where it is a draw (BGRA, conversions), 34, in
/// a compatibility profile 37, in GLES 33. The first copy of a framebuffer asks some twenty more (its format and size), so does
/// each of a multisampled one, and a copy into a framebuffer asks for each of its draw buffers.
/// `Tests/RawImportTests/GLStateCallTests.swift` counts.
public final class FramebufferBlitter {
  private let context: GLContext
  private let intermediates: Intermediates
  private var programs: [CopyProgram.Variant: CopyProgram] = [:]
  /// What the last framebuffer was seen to be.
  private var known: FramebufferContents?
  private var knownFormat: FramebufferFormat?
  private var es2: ES2Blitter?

  public init(_ context: GLContext) {
    self.context = context
    intermediates = Intermediates(context)
  }

  /// Copies `source` into `image`, during GL's turn. The picture is flipped if the two differ in orientation.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` if `source` is not a complete framebuffer of the image's size, or the
  ///   image was made with another ``GLContext`` than the blitter;
  ///   ``InteropError/Code/unsupported`` for formats GL cannot convert; ``InteropError/Code/invalidState`` between `glBegin`
  ///   and `glEnd`, and where a draw is needed while transform feedback is active. The application's state is as before.
  ///
  /// The corresponding C function is `glBlitFramebuffer`; where that cannot do it, a textured triangle; in ES 2.0
  /// `glCopyTexSubImage2D`.
  public func copy(from source: GLFramebuffer, to image: SharedImage) throws(InteropError) {
    try context.enter("copy a framebuffer into a shared image")
    try check(image)
    guard source.size == image.size else {
      throw InteropError(
        .invalidArgument, step: "compare sizes", reason: "the framebuffer is \(source.size), the image \(image.size)",
        advice: "Make the image in the framebuffer's size")
    }
    if context.features.isES2 { return try makeES2Blitter().copy(from: source, to: image) }
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: source) { image.exchangesRedAndBlue || context.isES && $0 != image.glIsSRGB }
      try preservingReadBuffer(of: source.name, selecting: contents.readBuffer) { () throws(InteropError) in
        try copy(
          Source(framebuffer: source.name, texture: nil, contents: contents),
          to: Destination(
            framebuffer: image.aliasFramebuffer, isSRGB: image.glIsSRGB, internalFormat: image.glInternalFormat, samples: 0,
            isOurs: true),
          size: image.size, flip: source.orientation != image.orientation, exchange: image.exchangesRedAndBlue)
      }
    }
  }

  /// Copies `image` into `destination`, during GL's turn. The picture is flipped if the two differ in orientation.
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
      let contents = try contents(of: destination) { _ in destination.colorAttachment > 0 || image.exchangesRedAndBlue }
      let source = Source(
        framebuffer: image.aliasFramebuffer,
        // Sampling goes through the texture's own swizzle, reading the framebuffer would not.
        texture: image.glTexture,
        contents: nil, isSRGB: image.glIsSRGB, mustSample: image.exchangesRedAndBlue,
        internalFormat: image.glInternalFormat)
      try context.selectingDrawBuffer(destination, contents.readBuffer) { () throws(InteropError) in
        try copy(
          source,
          to: Destination(
            framebuffer: destination.name, isSRGB: contents.isSRGB, internalFormat: contents.internalFormat,
            samples: contents.samples, attachment: destination.colorAttachment),
          size: image.size, flip: destination.orientation != image.orientation, exchange: false)
      }
    }
  }

  /// Names count in their context only: in another one they are somebody else's framebuffers.
  private func check(_ image: SharedImage) throws(InteropError) {
    guard image.context === context else {
      throw InteropError(
        .invalidArgument, step: "check the image", reason: "it belongs to another context than the blitter",
        advice: "Make a blitter for each context, with the GLContext that its images were made with")
    }
  }

  /// Copies `source` into a framebuffer of our own with one sample, for path host-copy, whose readback turns and exchanges by
  /// itself. What `source` has as its top is at GL's top afterwards.
  ///
  /// - Parameter size: of both.
  /// - Throws: as ``copy(from:to:)``.
  package func copy(
    from source: GLFramebuffer, to target: DrawTarget, _ size: PixelSize
  ) throws(InteropError) {
    precondition(target.internalFormat != 0, "a framebuffer of our own")
    try context.enter("copy a framebuffer for reading back")
    guard source.size == size else {
      throw InteropError(
        .invalidArgument, step: "compare sizes", reason: "the framebuffer is \(source.size), the frame \(size)")
    }
    let flip = source.orientation == .topDown
    if context.features.isES2 { return try makeES2Blitter().copy(from: source, to: target, flip: flip) }
    try context.preservingBlitState { () throws(InteropError) in
      let contents = try contents(of: source) { context.isES && $0 }
      try preservingReadBuffer(of: source.name, selecting: contents.readBuffer) { () throws(InteropError) in
        try copy(
          Source(framebuffer: source.name, texture: nil, contents: contents),
          to: Destination(
            framebuffer: target.framebuffer, isSRGB: false, internalFormat: target.internalFormat, samples: 0, isOurs: true),
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

  /// What the framebuffer is, which is left bound to both targets. Asked in full when it looks other than the last time.
  ///
  /// - Parameter needsFormat: given whether it is sRGB, whether the copy goes through a texture of its very format. That cannot
  ///   be told by its looks: the names of a deleted framebuffer and texture come back with other storage. A blit needs no
  ///   format.
  private func contents(
    of framebuffer: GLFramebuffer, needsFormat: (_ isSRGB: Bool) -> Bool
  ) throws(InteropError) -> FramebufferContents {
    let gl = context.gl
    // A negative attachment is refused below, by name.
    if let known, framebuffer.colorAttachment >= 0, framebuffer.name == 0 || gl.glIsFramebuffer(framebuffer.name) == GL_TRUE {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
      // A window goes, an attachment does: there is nothing to copy then. The format of samples must be known to resolve them
      // into the same one.
      if gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER)) == GLenum(GL_FRAMEBUFFER_COMPLETE), known.samples == 0,
        known.look == FramebufferLook(framebuffer, context) {
        if framebuffer.name == 0 || !needsFormat(known.isSRGB) { return known }
        if let knownFormat, knownFormat == FramebufferFormat(framebuffer, context) { return known }
      }
    }
    known = nil
    knownFormat = nil
    let contents = try FramebufferContents(framebuffer, context)
    known = contents
    if framebuffer.name != 0, needsFormat(contents.isSRGB) { knownFormat = FramebufferFormat(framebuffer, context) }
    return contents
  }

  private func makeES2Blitter() -> ES2Blitter {
    if let es2 { return es2 }
    let made = ES2Blitter(context)
    es2 = made
    return made
  }

  // MARK: Choosing how

  private struct Source {
    let framebuffer: GLuint
    /// The texture behind the framebuffer, where it can be sampled as it is.
    let texture: GLuint?
    let isSRGB: Bool
    let mustSample: Bool
    let internalFormat: GLenum
    let samples: Int

    init(framebuffer: GLuint, texture: GLuint?, contents: FramebufferContents) {
      self.framebuffer = framebuffer
      self.texture = texture
      isSRGB = contents.isSRGB
      mustSample = false
      internalFormat = contents.internalFormat
      samples = contents.samples
    }

    init(
      framebuffer: GLuint, texture: GLuint?, contents: FramebufferContents?, isSRGB: Bool, mustSample: Bool,
      internalFormat: GLenum
    ) {
      self.framebuffer = framebuffer
      self.texture = texture
      self.isSRGB = isSRGB
      self.mustSample = mustSample
      self.internalFormat = internalFormat
      samples = 0
    }
  }

  private struct Destination {
    let framebuffer: GLuint
    let isSRGB: Bool
    let internalFormat: GLenum
    let samples: Int
    var attachment = 0
    /// Of the package, with one colour buffer.
    var isOurs = false
  }

  private func copy(
    _ source: Source, to destination: Destination, size: PixelSize, flip: Bool, exchange: Bool
  ) throws(InteropError) {
    // GLES converts between sRGB and linear in a blit and cannot be told not to; desktop GL does not while
    // GL_FRAMEBUFFER_SRGB is off. A blit into a multisampled framebuffer is an error in GLES.
    let converts = context.isES && source.isSRGB != destination.isSRGB
    let mustDraw = exchange || converts || source.mustSample || destination.samples > 0
    if !mustDraw {
      // A resolve may neither flip nor (GLES) convert: then it goes into the identical format first.
      let needsResolveFirst =
        source.samples > 0 && (flip || source.internalFormat != destination.internalFormat)
      if !needsResolveFirst {
        return try blit(source.framebuffer, to: destination.framebuffer, size, flip: flip)
      }
    }
    var texture = source.texture
    if texture == nil {
      let intermediate = try intermediates.framebuffer(source.internalFormat, size)
      try blit(source.framebuffer, to: intermediate.framebuffer, size, flip: false)
      if !mustDraw {
        return try blit(intermediate.framebuffer, to: destination.framebuffer, size, flip: flip)
      }
      texture = intermediate.texture
    }
    guard let texture else { preconditionFailure("either sampled as it is or copied to an intermediate") }
    if destination.attachment > 0 {
      // The program writes to draw buffer 0, which GLES allows for attachment 0 only.
      let target = try intermediates.framebuffer(destination.internalFormat, size)
      let plain = Destination(
        framebuffer: target.framebuffer, isSRGB: destination.isSRGB, internalFormat: destination.internalFormat, samples: 0,
        isOurs: true)
      try draw(texture, source, to: plain, size, flip: flip, exchange: exchange)
      return try blit(target.framebuffer, to: destination.framebuffer, size, flip: false)
    }
    try draw(texture, source, to: destination, size, flip: flip, exchange: exchange)
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
    // Fetching from an sRGB texture decodes (EXT_texture_sRGB_decode exempts texelFetch from being switched off); GLES
    // encodes again when it writes to an sRGB buffer. What is left over is undone: the bytes must arrive as they were.
    let encodes = source.isSRGB
    let decodes = context.isES && destination.isSRGB
    let conversion: CopyProgram.Conversion = encodes == decodes ? .none : encodes ? .encode : .decode
    try context.preservingDrawState(drawingInto: destination.isOurs ? .plainColor : .any) { () throws(InteropError) in
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.framebuffer)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      try program(CopyProgram.Variant(exchangesRedAndBlue: exchange, conversion: conversion)).draw(size, flip: flip)
      try context.check("glDrawArrays", "GL cannot draw the copy")
    }
  }

  private func program(_ variant: CopyProgram.Variant) throws(InteropError) -> CopyProgram {
    if let known = programs[variant] { return known }
    let made = try CopyProgram(variant, context)
    programs[variant] = made
    return made
  }

  /// The read buffer is a state of the application's framebuffer, not of the context. The framebuffer is bound.
  private func preservingReadBuffer(
    of framebuffer: GLuint, selecting buffer: GLenum, _ body: () throws(InteropError) -> Void
  ) throws(InteropError) {
    let saved = GLenum(context.integer(GL_READ_BUFFER))
    if saved == buffer { return try body() }
    context.gl.glReadBuffer(buffer)
    defer {
      context.gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), framebuffer)
      context.gl.glReadBuffer(saved)
    }
    try body()
  }
}

extension GLContext {
  /// Runs `body` with the framebuffer bound and its colour attachment as the only draw buffer. A blit writes to every draw
  /// buffer, so the others are switched off meanwhile. They are a state of the application's framebuffer.
  ///
  /// - Parameter buffer: of the default framebuffer, the one to draw into.
  func selectingDrawBuffer(
    _ destination: GLFramebuffer, _ buffer: GLenum, _ body: () throws(InteropError) -> Void
  ) throws(InteropError) {
    let count = features.maximumDrawBuffers
    guard destination.colorAttachment < count else {
      throw InteropError(
        .invalidArgument, step: "choose the colour attachment",
        reason: "GL draws into \(count) attachments, not into \(destination.colorAttachment)")
    }
    gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.name)
    let saved = (0..<count).map { GLenum(integer(GL_DRAW_BUFFER0 + Int32($0))) }
    // GLES takes attachment n only at place n.
    var selected = [GLenum](repeating: GLenum(GL_NONE), count: destination.colorAttachment + 1)
    selected[destination.colorAttachment] =
      destination.name == 0 ? buffer : GLenum(GL_COLOR_ATTACHMENT0) + GLenum(destination.colorAttachment)
    let isSelected = saved.elementsEqual(selected + [GLenum](repeating: GLenum(GL_NONE), count: count - selected.count))
    if isSelected { return try body() }
    setDrawBuffers(selected, ofDefault: destination.name == 0)
    defer {
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), destination.name)
      setDrawBuffers(saved, ofDefault: destination.name == 0)
    }
    try body()
  }

  /// Of the default framebuffer, desktop GL takes the names of several buffers at once (GL_FRONT_AND_BACK) only as the one
  /// that `glDrawBuffer` selects.
  private func setDrawBuffers(_ buffers: [GLenum], ofDefault isDefault: Bool) {
    if isDefault, isES {
      gl.glDrawBuffers(1, buffers)
    } else if isDefault, let set = gl.glDrawBuffer, buffers.dropFirst().allSatisfy({ $0 == GLenum(GL_NONE) }) {
      set(buffers[0])
    } else {
      gl.glDrawBuffers(GLsizei(buffers.count), buffers)
    }
  }
}

extension SharedImage {
  var glInternalFormat: GLenum { description.glView.internalFormat }
  var glIsSRGB: Bool { glInternalFormat == GLenum(GL_SRGB8_ALPHA8) }
  var exchangesRedAndBlue: Bool {
    if case .redBlueExchanged = description.glView { true } else { false }
  }
}

/// One texture with its framebuffer, remade when another size or format is asked for. The bindings stay as they are.
final class Intermediates {
  private let context: GLContext
  private var current: Intermediate?

  init(_ context: GLContext) { self.context = context }

  final class Intermediate {
    let format: GLenum
    let size: PixelSize
    private let framebufferObject: GLObject
    private let textureObject: GLObject
    var framebuffer: GLuint { framebufferObject.name }
    var texture: GLuint { textureObject.name }

    private init(
      _ format: GLenum, _ size: PixelSize, _ texture: consuming GLObject, _ framebuffer: consuming GLObject
    ) {
      self.format = format
      self.size = size
      textureObject = texture
      framebufferObject = framebuffer
    }

    static func make(_ format: GLenum, _ size: PixelSize, _ context: GLContext) throws(InteropError) -> Intermediate {
      try context.preservingBindings { () throws(InteropError) in
        let texture = try context.makeTexture(format, size)
        let framebuffer = try context.makeFramebuffer(texture: texture, "make the intermediate framebuffer")
        return Intermediate(format, size, texture, framebuffer)
      }
    }
  }

  func framebuffer(_ format: GLenum, _ size: PixelSize) throws(InteropError) -> Intermediate {
    if let current, current.format == format, current.size == size { return current }
    current = nil  // before the next one is made: two full-size textures are not needed
    let made = try Intermediate.make(format, size, context)
    current = made
    return made
  }
}
