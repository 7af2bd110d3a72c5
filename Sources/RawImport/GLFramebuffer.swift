public import Drivers

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
struct FramebufferContents {
  /// The buffer `glReadBuffer` selects.
  let readBuffer: GLenum
  /// The sized format an intermediate texture needs so that a resolve into it is allowed: GLES resolves only between
  /// identical formats.
  let internalFormat: GLenum
  let isSRGB: Bool
  /// Where there is none, GL takes 1.
  let hasAlpha: Bool
  let samples: Int
  /// Level 0 of a texture that is attached, and how large it is where GL tells; nil for anything else.
  let texture: (name: GLuint, size: PixelSize?)?
  /// What of it a later copy compares, see ``FramebufferLook``.
  let look: FramebufferLook
  /// The package's format that loses least.
  let nearestFormat: PixelFormat

  private struct Key: Hashable {
    let red, green, blue, alpha: GLint
    let isFloat: Bool
  }

  // Component sizes to sized internal format, and the nearest of PixelFormat.all.
  private static let formats: [Key: (GLint, PixelFormat)] = {
    var table: [Key: (GLint, PixelFormat)] = [:]
    func add(_ r: GLint, _ g: GLint, _ b: GLint, _ a: GLint, float: Bool = false, _ gl: GLint, _ format: PixelFormat) {
      table[Key(red: r, green: g, blue: b, alpha: a, isFloat: float)] = (gl, format)
    }
    add(8, 0, 0, 0, GL_R8, .r8)
    add(8, 8, 0, 0, GL_RG8, .rg8)
    add(8, 8, 8, 0, GL_RGB8, .rgba8)
    add(8, 8, 8, 8, GL_RGBA8, .rgba8)
    add(5, 6, 5, 0, GL_RGB565, .rgba8)
    add(4, 4, 4, 4, GL_RGBA4, .rgba8)
    add(5, 5, 5, 1, GL_RGB5_A1, .rgba8)
    add(10, 10, 10, 2, GL_RGB10_A2, .rgb10a2)
    // Of Mesa's window configs these come first for who asks eglChooseConfig for 8 bits or more.
    add(10, 10, 10, 0, GL_RGB10, .rgb10a2)
    add(16, 16, 16, 16, GL_RGBA16, .rgba16f)
    add(16, 0, 0, 0, float: true, GL_R16F, .rgba16f)
    add(16, 16, 0, 0, float: true, GL_RG16F, .rgba16f)
    add(16, 16, 16, 0, float: true, GL_RGB16F, .rgba16f)
    add(16, 16, 16, 16, float: true, GL_RGBA16F, .rgba16f)
    add(11, 11, 10, 0, float: true, GL_R11F_G11F_B10F, .rgba16f)
    add(32, 0, 0, 0, float: true, GL_R32F, .rgba16f)
    add(32, 32, 32, 32, float: true, GL_RGBA32F, .rgba16f)
    return table
  }()

  /// Asks GL about `framebuffer`, which it leaves bound to both targets; some twenty queries, see ``FramebufferLook``.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument`` for a size of 0, a name that is no framebuffer, an incomplete or
  ///   missing one, an attachment that is not there or is smaller than the size given;
  ///   ``InteropError/Code/unsupported`` for integer formats.
  init(_ framebuffer: GLFramebuffer, _ context: GLContext) throws(InteropError) {
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
      // Of one buffer alone, which it is called differs: FRONT with GLX and Mesa's EGL, BACK with NVIDIA's. What is selected is
      // right, unless the application wants to read nothing.
      let double = context.integer(GL_DOUBLEBUFFER) != 0
      let selected = double ? GLenum(GL_BACK) : GLenum(bitPattern: context.integer(GL_READ_BUFFER))
      readBuffer = selected != GLenum(GL_NONE) ? selected : GLenum(context.kind == .glx ? GL_FRONT : GL_BACK)
      attachment = GLenum(readBuffer == GLenum(GL_BACK) || readBuffer == GLenum(GL_BACK_LEFT) ? GL_BACK_LEFT : GL_FRONT_LEFT)
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
    let type: GLint
    let key: Key
    if context.features.isES2 {
      let bits = (0x0D52...0x0D55).map { context.integer($0) }  // GL_RED_BITS to GL_ALPHA_BITS
      let isFloat = bits[0] >= 16
      type = isFloat ? GL_FLOAT : GL_UNSIGNED_NORMALIZED
      key = Key(red: bits[0], green: bits[1], blue: bits[2], alpha: bits[3], isFloat: isFloat)
      isSRGB =
        isDescribed && context.extensions.contains("GL_EXT_sRGB")
        && parameter(GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING) == GL_SRGB
    } else {
      type = parameter(GL_FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE)
      key = Key(
        red: parameter(GL_FRAMEBUFFER_ATTACHMENT_RED_SIZE), green: parameter(GL_FRAMEBUFFER_ATTACHMENT_GREEN_SIZE),
        blue: parameter(GL_FRAMEBUFFER_ATTACHMENT_BLUE_SIZE), alpha: parameter(GL_FRAMEBUFFER_ATTACHMENT_ALPHA_SIZE),
        isFloat: type == GL_FLOAT)
      isSRGB = parameter(GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING) == GL_SRGB
    }
    try context.check("glGetFramebufferAttachmentParameteriv", "GL does not describe \(what)")
    guard type == GL_UNSIGNED_NORMALIZED || type == GL_FLOAT, let (format, nearest) = Self.formats[key] else {
      throw InteropError(
        .unsupported, step: "identify the framebuffer's format",
        reason: "\(what) has components of \(key.red), \(key.green), \(key.blue) and \(key.alpha) bits of type"
          + " 0x\(String(type, radix: 16)), which no shared format holds",
        missing: ["a shared format for them"], advice: "Render into rgba8, rgb10a2 or rgba16f")
    }
    hasAlpha = key.alpha > 0
    switch (isSRGB, format) {
    case (true, GL_RGBA8): (internalFormat, nearestFormat) = (GLenum(GL_SRGB8_ALPHA8), .rgba8SRGB)
    case (true, GL_RGB8): (internalFormat, nearestFormat) = (GLenum(GL_SRGB8), .rgba8SRGB)
    default: (internalFormat, nearestFormat) = (GLenum(format), nearest)
    }
    samples = Int(context.integer(GL_SAMPLES))
    let size = name != 0 ? try Self.attachmentSize(parameter, samples, context) : nil
    let isTexture =
      name != 0 && parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE) == GL_TEXTURE
      && parameter(GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_LEVEL) == 0
    texture = isTexture ? (GLuint(bitPattern: parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME)), size) : nil
    look = FramebufferLook(framebuffer, context)
    if let actual = size, actual.width < framebuffer.size.width || actual.height < framebuffer.size.height
    {
      throw InteropError(
        .invalidArgument, step: "check the framebuffer's size",
        reason: "\(what) is \(actual), smaller than \(framebuffer.size)",
        advice: "Give the size of the framebuffer")
    }
  }

  /// The attachment's own size where GL tells: renderbuffers always, plain textures with ES 3.1 or desktop GL.
  static func attachmentSize(
    _ parameter: (Int32) -> GLint, _ samples: Int, _ context: GLContext
  ) throws(InteropError) -> PixelSize? {
    let gl = context.gl
    var width: GLint = 0
    var height: GLint = 0
    let type = parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE)
    // The default framebuffer's buffers have no names to ask for.
    guard type == GL_RENDERBUFFER || type == GL_TEXTURE else { return nil }
    let name = GLuint(bitPattern: parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME))
    switch type {
    case GL_RENDERBUFFER:
      let saved = GLuint(bitPattern: context.integer(GL_RENDERBUFFER_BINDING))
      defer { gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), saved) }
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), name)
      gl.glGetRenderbufferParameteriv(GLenum(GL_RENDERBUFFER), GLenum(GL_RENDERBUFFER_WIDTH), &width)
      gl.glGetRenderbufferParameteriv(GLenum(GL_RENDERBUFFER), GLenum(GL_RENDERBUFFER_HEIGHT), &height)
    case GL_TEXTURE:
      let level = parameter(GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_LEVEL)
      let asks = !context.isES || context.version >= (3, 1)
      guard samples == 0, asks, parameter(GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_CUBE_MAP_FACE) == 0,
        let getLevel = gl.glGetTexLevelParameteriv
      else { return nil }
      let saved = GLuint(bitPattern: context.integer(GL_TEXTURE_BINDING_2D))
      defer { gl.glBindTexture(GLenum(GL_TEXTURE_2D), saved) }
      // A texture of another target (an array) refuses the binding, and no query tells before; its size stays unknown.
      let isPlain = try context.withoutDebugMessages { () throws(InteropError) in
        gl.glBindTexture(GLenum(GL_TEXTURE_2D), name)
        return context.takeError() == nil
      }
      guard isPlain else { return nil }
      getLevel(GLenum(GL_TEXTURE_2D), level, GLenum(GL_TEXTURE_WIDTH), &width)
      getLevel(GLenum(GL_TEXTURE_2D), level, GLenum(GL_TEXTURE_HEIGHT), &height)
    default:
      return nil
    }
    if context.takeError() != nil || width == 0 || height == 0 { return nil }
    return PixelSize(width: Int(width), height: Int(height))
  }
}

/// What tells with few queries that a framebuffer is the one that was described before: asking for all of
/// ``FramebufferContents`` in every frame would be some twenty stops of a threaded driver.
///
/// The same attachment with other storage is seen by another size that the application gives, by other samples, and in
/// GLES by another encoding. Among plain formats of one size a blit is the same; see ``FramebufferFormat`` for other copies.
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

/// What a copy through a texture of the framebuffer's own format needs to know again: the names of a deleted framebuffer and its
/// texture come back with other storage, which ``FramebufferLook`` does not tell.
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
