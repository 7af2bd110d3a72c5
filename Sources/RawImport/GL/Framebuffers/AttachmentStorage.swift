internal import InteropDrivers

/// Describes the image attached to a framebuffer, and finds its size. A copy larger than the attachment would leave
/// undrawn pixels.
struct AttachmentStorage {
  enum Kind {
    case none
    /// A part of the default framebuffer.
    case surface
    case renderbuffer
    /// A texture: the target it is bound to, the query of its binding, and the face of a cube or the target again.
    case texture(target: GLenum, binding: Int32, image: GLenum)
    /// A texture whose target GL does not report.
    case unknownTexture
  }

  let attachment: GLenum
  let kind: Kind
  let name: GLuint
  /// Whether the texture has layers, one of which is attached.
  private let isLayered: Bool

  /// - Parameters:
  ///   - attachment: one of the framebuffer that is bound to draw.
  ///   - samples: the framebuffer's sample count.
  init(_ attachment: GLenum, _ samples: Int, _ context: GLContext) throws(InteropError) {
    self.attachment = attachment
    let gl = context.gl
    func parameter(_ name: Int32) -> GLint {
      var value: GLint = 0
      gl.glGetFramebufferAttachmentParameteriv(GLenum(GL_FRAMEBUFFER), attachment, GLenum(name), &value)
      return value
    }
    let type = parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE)
    let isObject = type == GL_RENDERBUFFER || type == GL_TEXTURE
    name = isObject ? GLuint(bitPattern: parameter(GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME)) : 0
    guard type == GL_TEXTURE else {
      kind = type == GL_RENDERBUFFER ? .renderbuffer : type == GL_NONE ? .none : .surface
      isLayered = false
      return
    }
    let face = GLenum(parameter(GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_CUBE_MAP_FACE))
    let targets = Self.targets(isFace: face != 0, hasSamples: samples > 0, context)
    let name = name
    // A texture refuses another target's binding, and no query reports the target in advance.
    let found = try context.withoutDebugMessages { () throws(InteropError) -> (GLenum, Int32)? in
      for (target, binding) in targets where Self.isBound(name, target, binding, context) { return (target, binding) }
      return nil
    }
    guard let (target, binding) = found else {
      kind = .unknownTexture
      isLayered = false
      return
    }
    kind = .texture(
      target: target, binding: binding,
      image: target != GLenum(GL_TEXTURE_CUBE_MAP) ? target : face != 0 ? face : GLenum(GL_TEXTURE_CUBE_MAP_POSITIVE_X))
    isLayered = [GL_TEXTURE_2D_ARRAY, GL_TEXTURE_3D, GL_TEXTURE_CUBE_MAP_ARRAY].contains(Int32(target))
  }

  private static func targets(isFace: Bool, hasSamples: Bool, _ context: GLContext) -> [(GLenum, Int32)] {
    let plain = (GLenum(GL_TEXTURE_2D), GL_TEXTURE_BINDING_2D)
    let cube = (GLenum(GL_TEXTURE_CUBE_MAP), GL_TEXTURE_BINDING_CUBE_MAP)
    if context.features.isES2 { return isFace ? [cube] : [plain] }
    let many: [(GLenum, Int32)] = [
      (GLenum(GL_TEXTURE_2D_MULTISAMPLE), GL_TEXTURE_BINDING_2D_MULTISAMPLE),
      (GLenum(GL_TEXTURE_2D_MULTISAMPLE_ARRAY), GL_TEXTURE_BINDING_2D_MULTISAMPLE_ARRAY),
    ]
    let cubes = [cube, (GLenum(GL_TEXTURE_CUBE_MAP_ARRAY), GL_TEXTURE_BINDING_CUBE_MAP_ARRAY)]
    let layers: [(GLenum, Int32)] = [
      (GLenum(GL_TEXTURE_2D_ARRAY), GL_TEXTURE_BINDING_2D_ARRAY), (GLenum(GL_TEXTURE_3D), GL_TEXTURE_BINDING_3D),
    ]
    let desktop: [(GLenum, Int32)] =
      context.isES
      ? []
      : [
        (GLenum(GL_TEXTURE_RECTANGLE), GL_TEXTURE_BINDING_RECTANGLE), (GLenum(GL_TEXTURE_1D), GL_TEXTURE_BINDING_1D),
        (GLenum(GL_TEXTURE_1D_ARRAY), GL_TEXTURE_BINDING_1D_ARRAY),
      ]
    return (isFace ? cubes : []) + (hasSamples ? many : []) + [plain] + layers + cubes + desktop + many
  }

  /// Whether the texture has that target. Restores the previous binding.
  private static func isBound(_ name: GLuint, _ target: GLenum, _ binding: Int32, _ context: GLContext) -> Bool {
    let saved = GLuint(bitPattern: context.integer(binding))
    guard context.takeError() == nil else { return false }
    context.gl.glBindTexture(target, name)
    guard context.takeError() == nil else { return false }
    context.gl.glBindTexture(target, saved)
    return true
  }

  /// Returns the size in pixels; nil where GL does not report it: textures before ES 3.1.
  ///
  /// The framebuffer is bound to draw.
  func size(_ context: GLContext) -> PixelSize? {
    let gl = context.gl
    var (width, height): (GLint, GLint) = (0, 0)
    switch kind {
    case .none, .surface, .unknownTexture: return nil
    case .renderbuffer:
      renderbufferParameters(context) { get in
        width = get(GL_RENDERBUFFER_WIDTH)
        height = get(GL_RENDERBUFFER_HEIGHT)
      }
    case .texture(let target, let binding, let image):
      guard context.features.tellsTextureSizes else { return nil }
      let level = level(context)
      if context.features.hasDirectStateAccess, let get = gl.glGetTextureLevelParameteriv {
        get(name, level, GLenum(GL_TEXTURE_WIDTH), &width)
        get(name, level, GLenum(GL_TEXTURE_HEIGHT), &height)
      } else if let get = gl.glGetTexLevelParameteriv {
        guard
          whileBound(
            target, binding, context,
            {
              get(image, level, GLenum(GL_TEXTURE_WIDTH), &width)
              get(image, level, GLenum(GL_TEXTURE_HEIGHT), &height)
            })
        else { return nil }
      }
    }
    guard width > 0, height > 0 else { return nil }
    // The second dimension counts layers.
    if case .texture(let target, _, _) = kind, target == GLenum(GL_TEXTURE_1D_ARRAY) { height = 1 }
    return PixelSize(width: Int(width), height: Int(height))
  }

  /// Returns the sized format of the storage; nil where GL does not report it.
  func internalFormat(_ context: GLContext) -> GLenum? {
    let gl = context.gl
    var format: GLint = 0
    switch kind {
    case .none, .surface, .unknownTexture: return nil
    case .renderbuffer: renderbufferParameters(context) { get in format = get(GL_RENDERBUFFER_INTERNAL_FORMAT) }
    case .texture(let target, let binding, let image):
      guard context.features.tellsTextureSizes, let get = gl.glGetTexLevelParameteriv else { return nil }
      let level = level(context)
      guard whileBound(target, binding, context, { get(image, level, GLenum(GL_TEXTURE_INTERNAL_FORMAT), &format) })
      else {
        return nil
      }
    }
    return format > 0 ? GLenum(format) : nil
  }

  /// Whether `size` fits, where GL does not report the texture's size; nil where that cannot be found either.
  ///
  /// A copy of no pixels into the texture, with an offset, changes nothing and is an error where the offset is beyond
  /// the edges. The framebuffer is bound, and the attachment is its read buffer.
  func holds(_ size: PixelSize, _ context: GLContext) throws(InteropError) -> Bool? {
    guard case .texture(let target, let binding, let image) = kind else { return nil }
    let gl = context.gl
    let level = level(context)
    let (x, y) = (GLint(clamping: size.width), GLint(clamping: size.height))
    return try context.withoutDebugMessages { () throws(InteropError) -> Bool? in
      let isBound = whileBound(target, binding, context) {
        if isLayered {
          gl.glCopyTexSubImage3D?(target, level, x, y, 0, 0, 0, 0, 0)
        } else {
          gl.glCopyTexSubImage2D(image, level, x, y, 0, 0, 0, 0)
        }
      }
      guard isBound else { return nil }
      switch context.takeError() {
      case nil: return true
      case GLenum(GL_INVALID_VALUE): return false
      default: return nil
      }
    }
  }

  func isLevelZero(_ context: GLContext) -> Bool { level(context) == 0 }

  private func level(_ context: GLContext) -> GLint {
    var level: GLint = 0
    context.gl.glGetFramebufferAttachmentParameteriv(
      GLenum(GL_FRAMEBUFFER), attachment, GLenum(GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_LEVEL), &level)
    return level
  }

  private func renderbufferParameters(_ context: GLContext, _ body: ((Int32) -> GLint) -> Void) {
    let gl = context.gl
    if context.features.hasDirectStateAccess, let get = gl.glGetNamedRenderbufferParameteriv {
      return body { parameter in
        var value: GLint = 0
        get(name, GLenum(parameter), &value)
        return value
      }
    }
    let saved = GLuint(bitPattern: context.integer(GL_RENDERBUFFER_BINDING))
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), name)
    body { parameter in
      var value: GLint = 0
      gl.glGetRenderbufferParameteriv(GLenum(GL_RENDERBUFFER), GLenum(parameter), &value)
      return value
    }
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), saved)
  }

  /// - Returns: false, without a call of `body`, if the name now belongs to a texture of another target.
  private func whileBound(
    _ target: GLenum, _ binding: Int32, _ context: GLContext, _ body: () -> Void
  ) -> Bool {
    let saved = GLuint(bitPattern: context.integer(binding))
    context.gl.glBindTexture(target, name)
    guard context.takeError() == nil else { return false }
    body()
    context.gl.glBindTexture(target, saved)
    return true
  }
}
