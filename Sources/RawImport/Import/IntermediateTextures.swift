internal import InteropDrivers

/// One texture with its framebuffer, remade when another size or format is asked for. The bindings stay as they are.
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
    /// 0 for one that is copied into and sampled only.
    var framebuffer: GLuint { framebufferObject?.object.name ?? 0 }
    var texture: GLuint { textureObject.name }

    /// Optionals hold no noncopyable values that are lent.
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
        // Floats of 32 bits are filtered nowhere in GLES, and a texture is complete only with filters that it can have.
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

  /// - Parameter formats: the best first; whether one can be rendered into is found out by trying.
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

  /// A texture that need not be renderable.
  func texture(_ format: GLenum, _ size: PixelSize) throws(InteropError) -> Intermediate {
    if let current, current.format == format, current.size == size { return current }
    current = nil
    let made = try Intermediate.make(format, size, isRendered: false, context)
    current = made
    return made
  }

  /// nil where that was not tried.
  func isRenderable(_ format: GLenum) -> Bool? {
    if refused.contains(format) { return false }
    return current?.format == format && current?.framebuffer != 0 ? true : nil
  }

  func refuse(_ format: GLenum) { refused.insert(format) }
}

extension InteropError {
  /// Whether a texture's format is what the driver does not want, and not its size or the moment.
  var isRefusedFormat: Bool {
    switch driverCode {
    case .framebufferStatus?: true
    case .gl(let error)?: [GL_INVALID_ENUM, GL_INVALID_VALUE, GL_INVALID_OPERATION].contains(Int32(bitPattern: error))
    default: code == .unsupported
    }
  }
}
