public import InteropDrivers

extension DMABuf {
  /// Exports a GL texture's memory without a copy: later drawing into the texture is seen through the buffer.
  ///
  /// For a texture without alpha (`GL_RGB8`) the format is one with padding, whatever the driver calls the memory: the
  /// bytes in alpha's place have no meaning.
  ///
  /// GL chooses the layout, and an application cannot influence it (KhronosGroup/EGL-Registry#215); where it matters,
  /// let Vulkan or GBM allocate and import into GL. On the GL thread. Finish the drawing (or send a ``SyncFile`` along)
  /// before others read.
  ///
  /// - Parameters:
  ///   - texture: a `GL_TEXTURE_2D` with storage; its level 0 is exported.
  ///   - size: of level 0, in pixels.
  ///   - context: current on this thread, and EGL's.
  /// - Throws: ``InteropError/Code/unsupported`` without EGL_MESA_image_dma_buf_export, or where the driver does not
  ///   say where all planes are: Mesa fills in the first one only. ``InteropError/Code/driverFailure`` where EGL
  ///   refuses: NVIDIA's without a DRM node lists the extension, answers the query and gives EGL_BAD_MATCH.
  ///
  /// The corresponding C functions are `eglCreateImageKHR`, `eglExportDMABUFImageQueryMESA` and
  /// `eglExportDMABUFImageMESA`.
  public convenience init(
    exporting texture: GLuint, size: PixelSize, gl context: GLContext
  ) throws(InteropError) {
    let step = "export a texture as DMA-BUF"
    try context.enter(step)
    try size.validate(step)
    guard texture != 0 else {
      throw InteropError(.invalidArgument, step: step, reason: "0 is no texture with storage")
    }
    let egl = try Self.exportingEGL(context, step)
    let image = try EGLImage(texture: texture, egl)
    let (stored, modifier, count) = try Self.query(image.handle, egl)
    let format = try Self.format(stored, of: texture, context)
    let exported = try Self.export(image.handle, planes: count, egl)
    // The inode tells repeated descriptors of one buffer from several buffers; the descriptors here are closed.
    defer { withExtendedLifetime(exported.owners) {} }
    try self.init(size: size, format: format, modifier: modifier, planes: exported.planes)
  }

  private static func exportingEGL(_ context: GLContext, _ step: String) throws(InteropError) -> EGLBinding {
    guard let egl = context.egl else {
      throw InteropError(
        .unsupported, step: step, reason: "the context is not EGL's", missing: ["a context of EGL's"],
        advice: "Describe an EGL context while it is current")
    }
    var missing = ["EGL_KHR_image_base", "EGL_KHR_gl_texture_2D_image", "EGL_MESA_image_dma_buf_export"]
      .filter { !egl.extensions.contains($0) }
    if missing.contains("EGL_KHR_image_base"), egl.extensions.contains("EGL_KHR_image") {
      missing.removeAll { $0 == "EGL_KHR_image_base" }
    }
    let functions = egl.functions
    if missing.isEmpty,
      functions.eglExportDMABUFImageQueryMESA == nil || functions.eglExportDMABUFImageMESA == nil
    {
      missing.append("eglExportDMABUFImageMESA")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) exports no textures", missing: missing,
        advice: "Let Vulkan allocate (dma-buf-import), or use another path")
    }
    return egl
  }

  private static func query(
    _ image: EGLImageKHR, _ egl: EGLBinding
  ) throws(InteropError) -> (DRMFourCC, DRMModifier, Int) {
    var fourcc: Int32 = 0
    var count: Int32 = 0
    // The query writes one modifier for each plane, and the number of planes is not known before: room for more than
    // any driver has.
    var modifiers = [EGLuint64KHR](repeating: DRMModifier.invalid.rawValue, count: 16)
    let result = egl.functions.eglExportDMABUFImageQueryMESA?(egl.display, image, &fourcc, &count, &modifiers)
    guard (result ?? 0) == EGL_TRUE else {
      throw refused(
        egl.functions.failure("eglExportDMABUFImageQueryMESA", "EGL does not say how the texture lies in memory"))
    }
    guard (1...DMABufDescription.maximumPlanes).contains(Int(count)) else {
      throw InteropError(
        .unsupported, step: "eglExportDMABUFImageQueryMESA", reason: "the texture has \(count) planes",
        missing: ["an export of \(count) planes"], advice: "Let Vulkan allocate (dma-buf-import)")
    }
    return (DRMFourCC(rawValue: UInt32(bitPattern: fourcc)), DRMModifier(rawValue: modifiers[0]), Int(count))
  }

  /// The format with alpha or with padding, as GL takes the texture. Drivers store `GL_RGB8` in four bytes and may
  /// report the format of these.
  private static func format(
    _ stored: DRMFourCC, of texture: GLuint, _ context: GLContext
  ) throws(InteropError) -> DRMFourCC {
    guard stored.withAlpha != stored.withoutAlpha, let hasAlpha = try context.hasAlpha(texture) else { return stored }
    return hasAlpha ? stored.withAlpha : stored.withoutAlpha
  }

  /// Turns the error into `unsupported` where DRM has no name for the format (sRGB, float), for which Mesa reports no
  /// EGL error: no call has failed.
  private static func refused(_ error: InteropError) -> InteropError {
    guard error.driverCode == nil else { return error }
    return InteropError(
      .unsupported, step: error.step, reason: "\(error.reason): it does not export textures of this format",
      missing: ["an export of the texture's format"], advice: "Use GL_RGBA8, or let Vulkan allocate (dma-buf-import)")
  }

  private struct Exported {
    var owners: [Owner]
    var planes: [PlaneDescriptor]
  }

  /// A class, since arrays hold no noncopyable values.
  private final class Owner {
    let descriptor: FileDescriptorOwner
    init(_ number: Int32) { descriptor = FileDescriptorOwner(owning: number) }
  }

  private static func export(
    _ image: EGLImageKHR, planes count: Int, _ egl: EGLBinding
  ) throws(InteropError) -> Exported {
    var numbers = [Int32](repeating: -1, count: DMABufDescription.maximumPlanes)
    var strides = [EGLint](repeating: -1, count: DMABufDescription.maximumPlanes)
    var offsets = [EGLint](repeating: -1, count: DMABufDescription.maximumPlanes)
    let result = egl.functions.eglExportDMABUFImageMESA?(egl.display, image, &numbers, &strides, &offsets)
    // The package owns every descriptor that was written, and closes each once.
    var exported = Exported(owners: Set(numbers.filter { $0 >= 0 }).map { Owner($0) }, planes: [])
    guard (result ?? 0) == EGL_TRUE else {
      throw refused(
        egl.functions.failure("eglExportDMABUFImageMESA", "EGL gives no descriptor of the texture's memory"))
    }
    for index in 0..<count {
      // Mesa fills in the first place and leaves the others as they were.
      guard numbers[index] >= 0, strides[index] >= 0, offsets[index] >= 0 else {
        throw InteropError(
          .unsupported, step: "eglExportDMABUFImageMESA",
          reason: "the texture has \(count) planes, and EGL does not say where plane \(index) is",
          missing: ["an export of \(count) planes"], advice: "Let Vulkan allocate (dma-buf-import)")
      }
      exported.planes.append(
        PlaneDescriptor(
          descriptor: numbers[index], offset: UInt64(offsets[index]), stride: UInt64(strides[index])))
    }
    return exported
  }
}

extension GLContext {
  /// Whether level 0 of a `GL_TEXTURE_2D` has an alpha channel; nil where GL does not tell.
  ///
  /// The corresponding C functions are `glGetTexLevelParameteriv`, in ES below 3.1
  /// `glGetFramebufferAttachmentParameteriv`.
  fileprivate func hasAlpha(_ texture: GLuint) throws(InteropError) -> Bool? {
    try preservingBindings { () throws(InteropError) in
      var bits: GLint = -1
      if let getLevel = gl.glGetTexLevelParameteriv, !isES || version >= (3, 1) {
        gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
        getLevel(GLenum(GL_TEXTURE_2D), 0, GLenum(GL_TEXTURE_ALPHA_SIZE), &bits)
      } else if let framebuffer = try? makeFramebuffer(
        attaching: texture, "look at the texture", "it cannot be rendered into")
      {
        gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer.name)
        if features.isES2 {
          bits = integer(0x0D55 /* GL_ALPHA_BITS */)
        } else {
          gl.glGetFramebufferAttachmentParameteriv(
            GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_FRAMEBUFFER_ATTACHMENT_ALPHA_SIZE), &bits)
        }
      }
      return takeError() != nil || bits < 0 ? nil : bits > 0
    }
  }
}
