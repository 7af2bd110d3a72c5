public import InteropDrivers

/// Describes a framebuffer of the application.
public struct GLFramebuffer: Sendable, Hashable {
  /// The name; 0 is the context's default framebuffer.
  public var name: GLuint
  /// The size of the part to use, from the origin, in pixels.
  public var size: PixelSize
  /// The colour attachment, n of `GL_COLOR_ATTACHMENTn`. Framebuffer 0 is read from its back buffer, or from its only
  /// buffer.
  public var colorAttachment: Int
  /// The position of row 0. GL draws bottom-up unless the application turned its projection upside down.
  public var orientation: ImageOrientation

  /// Describes an application's framebuffer.
  public init(
    name: GLuint, size: PixelSize, colorAttachment: Int = 0, orientation: ImageOrientation = .bottomUp
  ) {
    self.name = name
    self.size = size
    self.colorAttachment = colorAttachment
    self.orientation = orientation
  }
}

/// GL's description of a framebuffer's colour buffer.
package struct FramebufferContents {
  /// The buffer for `glReadBuffer`.
  package let readBuffer: GLenum
  let format: ColorBufferFormat
  /// The sized format that an intermediate texture needs for a resolve into it: GLES resolves only between identical
  /// formats.
  let internalFormat: GLenum
  package var isSRGB: Bool { format.isSRGB }
  /// Whether the buffer has alpha. GL reads 1 where it has none.
  var hasAlpha: Bool { format.alpha > 0 }
  /// GL_UNSIGNED_NORMALIZED, GL_SIGNED_NORMALIZED or GL_FLOAT.
  var componentType: GLint { format.type }
  let samples: Int
  /// The attached texture, if level 0 of a plain one is attached, and its size where GL reports it; nil otherwise.
  let texture: (name: GLuint, size: PixelSize?)?
  /// The attached image; nil for the default framebuffer.
  let storage: AttachmentStorage?
  /// The part that a later copy compares, see ``FramebufferLook``.
  let look: FramebufferLook
  /// The package's format that loses least.
  var nearestFormat: PixelFormat { format.nearest }

  /// Asks GL about `framebuffer`, and leaves it bound to both targets; some forty queries, see ``FramebufferLook``.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for a size of 0, a name that is no framebuffer, an incomplete or
  ///   missing one, a missing attachment or one smaller than the given size; ``InteropError/Code/unsupported`` for
  ///   integer formats.
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
      // The name of a single buffer differs: FRONT with GLX and Mesa's EGL, BACK with NVIDIA's. The selected buffer is
      // right, unless the application selected none to read.
      if context.integer(GL_DOUBLEBUFFER) != 0 {
        readBuffer = GLenum(GL_BACK)
      } else if context.readsAnotherSurface {
        // The selection belongs to that surface.
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
    // ES 2.0 has no queries of the default framebuffer's parts.
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
    // For the default framebuffer, and without samples, any format that holds the values works.
    internalFormat = (samples > 0 ? storage?.internalFormat(context) : nil) ?? format.internalFormat
    let size = storage?.size(context)
    let isPlain =
      if case .texture(let target, _, _)? = storage?.kind { target == GLenum(GL_TEXTURE_2D) } else { false }
    texture = isPlain && storage?.isLevelZero(context) == true ? (storage?.name ?? 0, size) : nil
    look = FramebufferLook(framebuffer, context)
    // See DefaultFramebufferExtent.
    if name == 0 { return }
    try checkSize(framebuffer, context)
    // GL draws into and reads the area that all attachments have.
    let others =
      (0..<context.features.maximumColorAttachments).filter { $0 != framebuffer.colorAttachment }
      .map { GLenum(GL_COLOR_ATTACHMENT0) + GLenum($0) } + [GLenum(GL_DEPTH_ATTACHMENT), GLenum(GL_STENCIL_ATTACHMENT)]
    for other in others {
      guard let actual = try AttachmentStorage(other, samples, context).size(context) else { continue }
      try Self.check(framebuffer.size, isWithin: actual, "attachment 0x\(String(other, radix: 16)) of \(what)")
    }
    try context.check("glGetFramebufferAttachmentParameteriv", "GL does not describe the attachments of \(what)")
  }

  /// Checks that the attachment, whose storage may have changed, is as large as `framebuffer` says.
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

/// Recognises a framebuffer that was described before, with few queries: asking for all of ``FramebufferContents`` in
/// every frame would stall a threaded driver some twenty times.
///
/// New storage of the same attachment shows in the size that the application gives, in the samples, and in GLES in the
/// encoding. A blit is the same for all plain formats of one size; see ``FramebufferFormat`` for other copies.
struct FramebufferLook: Equatable {
  private let framebuffer: GLFramebuffer
  /// The attached texture or renderbuffer; for the default framebuffer, whether it is double-buffered.
  private let object: GLint
  let samples: GLint
  private let encoding: GLint

  /// Describes a framebuffer that is bound to both targets.
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

/// Recognises the format of a framebuffer, for a copy through a texture of that format: the names of a deleted
/// framebuffer and its texture can return with other storage, which ``FramebufferLook`` does not detect.
struct FramebufferFormat: Equatable {
  private let values: [GLint]

  /// Describes a framebuffer object that is bound to both targets.
  init(_ framebuffer: GLFramebuffer, _ context: GLContext) {
    values = [
      GL_FRAMEBUFFER_ATTACHMENT_RED_SIZE, GL_FRAMEBUFFER_ATTACHMENT_GREEN_SIZE, GL_FRAMEBUFFER_ATTACHMENT_BLUE_SIZE,
      GL_FRAMEBUFFER_ATTACHMENT_ALPHA_SIZE, GL_FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE,
      GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING,
    ].map { framebuffer.parameter($0, context) }
  }
}

extension GLFramebuffer {
  /// Returns a parameter of the colour attachment, or in GLES of the default framebuffer's back buffer. The framebuffer
  /// is bound to both targets.
  fileprivate func parameter(_ parameter: Int32, _ context: GLContext) -> GLint {
    let attachment = name != 0 ? GLenum(GL_COLOR_ATTACHMENT0) + GLenum(colorAttachment) : GLenum(GL_BACK)
    var value: GLint = 0
    context.gl.glGetFramebufferAttachmentParameteriv(GLenum(GL_FRAMEBUFFER), attachment, GLenum(parameter), &value)
    return value
  }
}
