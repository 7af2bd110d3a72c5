internal import InteropDrivers

/// One texture with its framebuffer, made anew when another size or format is requested. The bindings stay as they are.
final class IntermediateTextures {
  private let context: GLContext
  private var current: Intermediate?
  /// Formats that this context does not render into.
  private var refused: Set<GLenum> = []

  init(_ context: GLContext) { self.context = context }

  final class Intermediate {
    let format: GLenum
    let size: PixelSize
    private let framebufferObject: Framebuffer?
    private let textureObject: GLObject
    /// The framebuffer; 0 for a texture that is only copied into and sampled.
    var framebuffer: GLuint { framebufferObject?.object.name ?? 0 }
    var texture: GLuint { textureObject.name }

    /// A class, since optionals cannot lend noncopyable values.
    private final class Framebuffer {
      let object: GLObject
      init(_ object: consuming GLObject) { self.object = object }
    }

    private init(
      _ format: GLenum, _ size: PixelSize, _ texture: consuming GLObject, _ framebuffer: Framebuffer?
    ) {
      self.format = format
      self.size = size
      textureObject = texture
      framebufferObject = framebuffer
    }

    static func make(
      _ format: GLenum, _ size: PixelSize, isRendered: Bool, _ context: GLContext
    ) throws(InteropError) -> Intermediate {
      try context.preservingBindings { () throws(InteropError) in
        let texture = try context.makeTexture(format, size)
        // GLES filters no floats of 32 bits, and a texture is complete only with filters that its format allows.
        let target = GLenum(GL_TEXTURE_2D)
        context.gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_NEAREST)
        context.gl.glTexParameteri(target, GLenum(GL_TEXTURE_MAG_FILTER), GL_NEAREST)
        try context.check("glTexParameteri", "the intermediate texture takes no sampling parameters")
        guard isRendered else { return Intermediate(format, size, texture, nil) }
        let framebuffer = Framebuffer(
          try context.makeFramebuffer(texture: texture, "make the intermediate framebuffer"))
        return Intermediate(format, size, texture, framebuffer)
      }
    }
  }

  /// Returns a texture that can be rendered into.
  ///
  /// - Parameter formats: the best first; only a try tells whether one can be rendered into.
  func framebuffer(_ formats: [GLenum], _ size: PixelSize) throws(InteropError) -> Intermediate {
    let wanted = formats.first { !refused.contains($0) }
    if let current, current.format == wanted, current.size == size, current.framebuffer != 0 { return current }
    current = nil  // before the next one is made: two full-size textures are not needed
    var failed: [GLenum] = []
    for format in formats where !refused.contains(format) {
      do throws(InteropError) {
        let made = try make(format, size, isQuiet: format != formats.last)
        refused.formUnion(failed)
        current = made
        return made
      } catch let error where error.isRefusedFormat && format != formats.last {
        failed.append(format)
      }
    }
    throw InteropError(
      .unsupported, step: "make the intermediate framebuffer",
      reason: "\(context.renderer) renders into no format that holds the framebuffer's",
      missing: ["a renderable format"],
      advice: "Render into GL_RGBA8")
  }

  private func make(_ format: GLenum, _ size: PixelSize, isQuiet: Bool) throws(InteropError) -> Intermediate {
    guard isQuiet else { return try Intermediate.make(format, size, isRendered: true, context) }
    return try context.withoutDebugMessages { () throws(InteropError) in
      try Intermediate.make(format, size, isRendered: true, context)
    }
  }

  /// Returns a texture that need not be renderable.
  func texture(_ format: GLenum, _ size: PixelSize) throws(InteropError) -> Intermediate {
    if let current, current.format == format, current.size == size { return current }
    current = nil
    let made = try Intermediate.make(format, size, isRendered: false, context)
    current = made
    return made
  }

  /// Whether a format can be rendered into; nil where that was not tried.
  func isRenderable(_ format: GLenum) -> Bool? {
    if refused.contains(format) { return false }
    return current?.format == format && current?.framebuffer != 0 ? true : nil
  }

  func refuse(_ format: GLenum) { refused.insert(format) }
}

extension InteropError {
  /// Whether the driver refuses the texture's format, and not its size or the moment.
  var isRefusedFormat: Bool {
    switch driverCode {
    case .framebufferStatus?: true
    case .gl(let error)?: [GL_INVALID_ENUM, GL_INVALID_VALUE, GL_INVALID_OPERATION].contains(Int32(bitPattern: error))
    default: code == .unsupported
    }
  }
}
