public import InteropDrivers

/// A framebuffer of the application's, as the application describes it.
public struct GLFramebuffer: Sendable, Hashable {
  /// The name; 0 is the context's default framebuffer.
  public var name: GLuint
  /// The part that counts, from the origin on, in pixels.
  public var size: PixelSize
  /// Which colour attachment, n of `GL_COLOR_ATTACHMENTn`. Of framebuffer 0 the back buffer is read, or the only buffer
  /// there is.
  public var colorAttachment: Int
  /// What row 0 is. GL draws bottom-up unless the application turned its projection upside down.
  public var orientation: ImageOrientation

  /// An application's framebuffer.
  public init(
    name: GLuint, size: PixelSize, colorAttachment: Int = 0, orientation: ImageOrientation = .bottomUp
  ) {
    self.name = name
    self.size = size
    self.colorAttachment = colorAttachment
    self.orientation = orientation
  }
}

/// What GL says about a framebuffer's colour buffer.
package struct FramebufferContents {
  /// The buffer `glReadBuffer` selects.
  package let readBuffer: GLenum
  let format: ColorBufferFormat
  /// The sized format an intermediate texture needs so that a resolve into it is allowed: GLES resolves only between
  /// identical formats.
  let internalFormat: GLenum
  package var isSRGB: Bool { format.isSRGB }
  /// Where there is none, GL takes 1.
  var hasAlpha: Bool { format.alpha > 0 }
  /// GL_UNSIGNED_NORMALIZED, GL_SIGNED_NORMALIZED or GL_FLOAT.
  var componentType: GLint { format.type }
  let samples: Int
  /// Level 0 of a plain texture that is attached, and how large it is where GL tells; nil for anything else.
  let texture: (name: GLuint, size: PixelSize?)?
  /// What is attached; nil for the default framebuffer.
  let storage: AttachmentStorage?
  /// What of it a later copy compares, see ``FramebufferLook``.
  let look: FramebufferLook
  /// The package's format that loses least.
  var nearestFormat: PixelFormat { format.nearest }

  /// Asks GL about `framebuffer`, which it leaves bound to both targets; some forty queries, see ``FramebufferLook``.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for a size of 0, a name that is no framebuffer, an incomplete or
  ///   missing one, an attachment that is not there or is smaller than the size given;
  ///   ``InteropError/Code/unsupported`` for integer formats.
  package init(_ framebuffer: GLFramebuffer, _ context: GLContext) throws(InteropError) {
    let gl = context.gl
    try framebuffer.size.validate("check the framebuffer's size")
    let name = framebuffer.name
    let what = name == 0 ? "the default framebuffer" : "framebuffer \(name)"
    guard name == 0 || gl.glIsFramebuffer(name) == GL_TRUE else {
      throw InteropError(
        .invalidArgument, step: "glIsFramebuffer", reason: "\(name) is not the name of a framebuffer of this context",
        advice: "Bind a name once (glBindFramebuffer) before using it")
    }
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
    let status = gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER))
    guard status == GLenum(GL_FRAMEBUFFER_COMPLETE) else {
      throw InteropError(
        .invalidArgument, step: "glCheckFramebufferStatus", reason: "\(what) is not complete",
        driverCode: .framebufferStatus(status),
        advice: name == 0
          ? "A surfaceless context has no default framebuffer: render into a framebuffer object"
          : "Attach a colour buffer of one of the renderable formats")
    }
    guard (0..<context.features.maximumColorAttachments).contains(framebuffer.colorAttachment) else {
      throw InteropError(
        .invalidArgument, step: "choose the colour attachment",
        reason: "there is no colour attachment \(framebuffer.colorAttachment)")
    }
    let attachment: GLenum
    if name != 0 {
      attachment = GLenum(GL_COLOR_ATTACHMENT0) + GLenum(framebuffer.colorAttachment)
      readBuffer = attachment
    } else if context.isES {
      attachment = GLenum(GL_BACK)
      readBuffer = GLenum(GL_BACK)
    } else {
      // Of one buffer alone, which it is called differs: FRONT with GLX and Mesa's EGL, BACK with NVIDIA's. What is
      // selected is right, unless the application wants to read nothing.
      if context.integer(GL_DOUBLEBUFFER) != 0 {
        readBuffer = GLenum(GL_BACK)
      } else if context.readsAnotherSurface {
        // What is selected is that surface's.
        var type: GLint = GL_NONE
        gl.glGetFramebufferAttachmentParameteriv(
          GLenum(GL_FRAMEBUFFER), GLenum(GL_FRONT_LEFT), GLenum(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE), &type)
        readBuffer = GLenum(context.takeError() == nil && type != GL_NONE ? GL_FRONT : GL_BACK)
      } else {
        let selected = GLenum(bitPattern: context.integer(GL_READ_BUFFER))
        readBuffer = selected != GLenum(GL_NONE) ? selected : GLenum(context.kind == .glx ? GL_FRONT : GL_BACK)
      }
      attachment = GLenum(
        readBuffer == GLenum(GL_BACK) || readBuffer == GLenum(GL_BACK_LEFT) ? GL_BACK_LEFT : GL_FRONT_LEFT)
    }
    func parameter(_ name: Int32) -> GLint {
      var value: GLint = 0
      gl.glGetFramebufferAttachmentParameteriv(GLenum(GL_FRAMEBUFFER), attachment, GLenum(name), &value)
      return value
    }
    // ES 2.0 knows nothing of the default framebuffer's parts.
    let isDescribed = name != 0 || !context.features.isES2
    guard !isDescribed || parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE) != GL_NONE else {
      throw InteropError(
        .invalidArgument, step: "glGetFramebufferAttachmentParameteriv",
        reason: "\(what) has nothing at colour attachment \(framebuffer.colorAttachment)")
    }
    let format: ColorBufferFormat
    if context.features.isES2 {
      let bits = (0x0D52...0x0D55).map { context.integer($0) }  // GL_RED_BITS to GL_ALPHA_BITS
      let isSRGB =
        isDescribed && context.extensions.contains("GL_EXT_sRGB")
        && parameter(GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING) == GL_SRGB
      format = ColorBufferFormat(
        red: bits[0], green: bits[1], blue: bits[2], alpha: bits[3],
        type: bits[0] >= 16 ? GL_FLOAT : GL_UNSIGNED_NORMALIZED, isSRGB: isSRGB)
    } else {
      format = ColorBufferFormat(
        red: parameter(GL_FRAMEBUFFER_ATTACHMENT_RED_SIZE), green: parameter(GL_FRAMEBUFFER_ATTACHMENT_GREEN_SIZE),
        blue: parameter(GL_FRAMEBUFFER_ATTACHMENT_BLUE_SIZE), alpha: parameter(GL_FRAMEBUFFER_ATTACHMENT_ALPHA_SIZE),
        type: parameter(GL_FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE),
        isSRGB: parameter(GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING) == GL_SRGB)
    }
    try context.check("glGetFramebufferAttachmentParameteriv", "GL does not describe \(what)")
    guard format.isConvertible else {
      throw InteropError(
        .unsupported, step: "identify the framebuffer's format",
        reason: "\(what) has \(format), which GL converts to no shared format",
        missing: ["a shared format for them"], advice: "Render into rgba8, rgb10a2 or rgba16f")
    }
    self.format = format
    samples = Int(context.integer(GL_SAMPLES))
    let storage = name != 0 ? try AttachmentStorage(attachment, samples, context) : nil
    self.storage = storage
    // Of the default framebuffer, and without samples, any format that holds the values will do.
    internalFormat = (samples > 0 ? storage?.internalFormat(context) : nil) ?? format.internalFormat
    let size = storage?.size(context)
    let isPlain =
      if case .texture(let target, _, _)? = storage?.kind { target == GLenum(GL_TEXTURE_2D) } else { false }
    texture = isPlain && storage?.isLevelZero(context) == true ? (storage?.name ?? 0, size) : nil
    look = FramebufferLook(framebuffer, context)
    // See DefaultFramebufferExtent.
    if name == 0 { return }
    try checkSize(framebuffer, context)
    // GL draws into, and reads, what all attachments have.
    let others =
      (0..<context.features.maximumColorAttachments).filter { $0 != framebuffer.colorAttachment }
      .map { GLenum(GL_COLOR_ATTACHMENT0) + GLenum($0) } + [GLenum(GL_DEPTH_ATTACHMENT), GLenum(GL_STENCIL_ATTACHMENT)]
    for other in others {
      guard let actual = try AttachmentStorage(other, samples, context).size(context) else { continue }
      try Self.check(framebuffer.size, isWithin: actual, "attachment 0x\(String(other, radix: 16)) of \(what)")
    }
    try context.check("glGetFramebufferAttachmentParameteriv", "GL does not describe the attachments of \(what)")
  }

  /// Whether the attachment, whose storage may be another than the last time, is as large as `framebuffer` says.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument``.
  func checkSize(_ framebuffer: GLFramebuffer, _ context: GLContext) throws(InteropError) {
    guard let storage else { return }
    let what = "framebuffer \(framebuffer.name)"
    if let actual = storage.size(context) { return try Self.check(framebuffer.size, isWithin: actual, what) }
    guard !context.features.tellsTextureSizes, case .texture = storage.kind else { return }
    let holds =
      if context.features.isES2 {
        try storage.holds(framebuffer.size, context)
      } else {
        try context.preservingReadBuffer(of: framebuffer.name, selecting: readBuffer) { () throws(InteropError) in
          try storage.holds(framebuffer.size, context)
        }
      }
    guard holds == false else { return }
    throw InteropError(
      .invalidArgument, step: "check the framebuffer's size", reason: "\(what) is smaller than \(framebuffer.size)",
      advice: "Give the size of the framebuffer")
  }

  static func check(_ size: PixelSize, isWithin actual: PixelSize, _ what: String) throws(InteropError) {
    guard actual.width < size.width || actual.height < size.height else { return }
    throw InteropError(
      .invalidArgument, step: "check the framebuffer's size", reason: "\(what) is \(actual), smaller than \(size)",
      advice: "Give the size of the framebuffer")
  }
}

/// What tells with few queries that a framebuffer is the one that was described before: asking for all of
/// ``FramebufferContents`` in every frame would be some twenty stops of a threaded driver.
///
/// The same attachment with other storage is seen by another size that the application gives, by other samples, and in
/// GLES by another encoding. Among plain formats of one size a blit is the same; see ``FramebufferFormat`` for other
/// copies.
struct FramebufferLook: Equatable {
  private let framebuffer: GLFramebuffer
  /// The attached texture or renderbuffer; of the default framebuffer, whether there are two buffers.
  private let object: GLint
  let samples: GLint
  private let encoding: GLint

  /// Of the framebuffer that is bound to both targets.
  init(_ framebuffer: GLFramebuffer, _ context: GLContext) {
    self.framebuffer = framebuffer
    if framebuffer.name != 0 {
      object = framebuffer.parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME, context)
    } else {
      object = context.isES ? 1 : context.integer(GL_DOUBLEBUFFER)
    }
    samples = context.integer(GL_SAMPLES)
    encoding =
      context.isES && !context.features.isES2
      ? framebuffer.parameter(GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING, context) : 0
  }
}

/// What a copy through a texture of the framebuffer's own format needs to know again: the names of a deleted
/// framebuffer and its texture come back with other storage, which ``FramebufferLook`` does not tell.
struct FramebufferFormat: Equatable {
  private let values: [GLint]

  /// Of an object that is bound to both targets.
  init(_ framebuffer: GLFramebuffer, _ context: GLContext) {
    values = [
      GL_FRAMEBUFFER_ATTACHMENT_RED_SIZE, GL_FRAMEBUFFER_ATTACHMENT_GREEN_SIZE, GL_FRAMEBUFFER_ATTACHMENT_BLUE_SIZE,
      GL_FRAMEBUFFER_ATTACHMENT_ALPHA_SIZE, GL_FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE,
      GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING,
    ].map { framebuffer.parameter($0, context) }
  }
}

extension GLFramebuffer {
  /// Of the colour attachment, or of the default framebuffer's back buffer in GLES. It is bound to both targets.
  fileprivate func parameter(_ parameter: Int32, _ context: GLContext) -> GLint {
    let attachment = name != 0 ? GLenum(GL_COLOR_ATTACHMENT0) + GLenum(colorAttachment) : GLenum(GL_BACK)
    var value: GLint = 0
    context.gl.glGetFramebufferAttachmentParameteriv(GLenum(GL_FRAMEBUFFER), attachment, GLenum(parameter), &value)
    return value
  }
}
