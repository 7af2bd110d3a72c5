public import InteropDrivers

/// A GL texture in a DMA-BUF.
///
/// Owns the texture and its framebuffer, not the buffer, whose memory the texture keeps. The application orders the
/// uses of GL and others: with ``SyncFile``, or with glFinish. ``SharedImage`` orders GL and Vulkan by itself.
///
/// GL thread; the last reference may go on any thread.
public final class DMABufTexture: @unchecked Sendable {
  /// Width and height in pixels.
  public let size: PixelSize
  /// Pixel format of the buffer.
  public let format: DRMFourCC
  /// The context the texture belongs to.
  public let context: GLContext
  /// `GL_TEXTURE_2D`, or `GL_TEXTURE_EXTERNAL_OES` where the driver only samples such a buffer.
  public let target: GLenum
  // The framebuffer goes before the texture.
  private let framebufferObject: GLObject
  private let textureObject: GLObject

  package let life = ImageLifetime()

  /// The texture's name, of target ``target``. It lives as long as this object.
  public var texture: GLuint { textureObject.name }
  /// Identifies the texture, for objects that an application keeps for it.
  ///
  /// GL may use the name ``texture`` again for another texture. An ID is never used again.
  public var imageID: ImageID { life.id }

  /// Calls `handler` once, with ``imageID``, when this goes, before the texture is deleted: on the thread that releases
  /// it, which need not be the GL thread. As ``SharedImage/onImageRetired(_:)``.
  public func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) { life.onEnd(handler) }

  /// A framebuffer with the texture as `GL_COLOR_ATTACHMENT0`; nil where the driver cannot render into it.
  public var renderFramebuffer: GLuint? { framebufferObject.name == 0 ? nil : framebufferObject.name }

  init(
    _ buffer: DMABuf, _ context: GLContext, target: GLenum, texture: consuming GLObject, framebuffer: consuming GLObject
  ) {
    size = buffer.size
    format = buffer.format
    self.context = context
    self.target = target
    framebufferObject = framebuffer
    textureObject = texture
  }

  deinit { life.end() }
}

extension DMABuf {
  /// The use that GL makes of a buffer.
  public enum GLPurpose: Sendable, Hashable {
    /// Render into it and sample it, as `GL_TEXTURE_2D`.
    case rendering
    /// Sample it, as `GL_TEXTURE_2D` or, where only that works, as `GL_TEXTURE_EXTERNAL_OES`.
    case sampling
  }

  /// Imports the buffer as a GL texture, without a copy.
  ///
  /// The descriptors are lent: EGL does not take them, so this object may go.
  ///
  /// For a format with padding (`XR24`), sampling the texture or reading the framebuffer gives alpha 1. Where EGL lacks
  /// the format, the import takes the one with alpha, whose texture has `GL_TEXTURE_SWIZZLE_A` `GL_ONE`: reading the
  /// framebuffer then gives the padding.
  ///
  /// - Parameters:
  ///   - context: current on this thread, and EGL's.
  ///   - purpose: the use that the texture must allow.
  /// - Throws: ``InteropError/Code/unsupported`` without EGL_EXT_image_dma_buf_import, for a modifier that EGL does not
  ///   have for this format or only samples; the driver's refusal: NVIDIA's renders into no linear buffer.
  ///
  /// Without a modifier (``DRMModifier/invalid``) EGL is told none, and takes its driver's own layout. The
  /// corresponding C functions are `eglCreateImageKHR` and `glEGLImageTargetTexture2DOES`.
  public func importIntoGL(
    _ context: GLContext, for purpose: GLPurpose = .rendering
  ) throws(InteropError) -> DMABufTexture {
    try importIntoGL(context, for: purpose, hints: [])
  }

  /// Imports the buffer for GL as the writer of a shared image: a buffer with padding becomes a texture with alpha.
  ///
  /// GLES resolves only between identical formats, and EGL need not render into formats with padding. Sampling gives
  /// alpha 1 (but not in ES 2.0).
  func importIntoWritingGL(_ context: GLContext) throws(InteropError) -> DMABufTexture {
    do throws(InteropError) {
      return try named(format.withAlpha).importIntoGL(context, for: .rendering, hints: [], isOpaque: format.hasPadding)
    } catch let error where format.hasPadding {
      // Not every driver has both formats.
      guard let texture = try? importIntoGL(context, for: .rendering, hints: [], isOpaque: true) else { throw error }
      return texture
    }
  }

  /// - Parameter hints: further attributes of the EGLImage: how YUV is encoded.
  package func importIntoGL(
    _ context: GLContext, for purpose: GLPurpose, hints: [EGLint]
  ) throws(InteropError) -> DMABufTexture {
    do throws(InteropError) {
      return try importIntoGL(context, for: purpose, hints: hints, isOpaque: format.hasPadding)
    } catch let error where format.hasPadding && !context.features.isES2 {
      guard let texture = try? named(format.withAlpha).importIntoGL(context, for: purpose, hints: hints, isOpaque: true)
      else {
        throw error
      }
      return texture
    }
  }

  /// - Parameter isOpaque: sampling takes 1 for alpha. Drivers do that for a format with padding; the swizzle is set
  ///   all the same.
  private func importIntoGL(
    _ context: GLContext, for purpose: GLPurpose, hints: [EGLint], isOpaque: Bool
  ) throws(InteropError) -> DMABufTexture {
    let step = "import a DMA-BUF into GL"
    try context.enter(step)
    guard let bind = context.gl.glEGLImageTargetTexture2DOES, let egl = context.egl, egl.canImportDMABufs else {
      var missing = ["EGL_EXT_image_dma_buf_import"].filter { context.egl?.extensions.contains($0) != true }
      if context.egl == nil { missing = ["a context of EGL's"] }
      if missing.isEmpty { missing = ["GL_OES_EGL_image"] }
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) imports no DMA-BUFs", missing: missing,
        advice: "Use another path")
    }
    let isExternal = try mustBeExternal(egl, context, purpose, step)
    // Where EGL cannot be told a modifier, it takes any memory as linear.
    let told = egl.knowsModifiers && modifier != .invalid ? modifier : nil
    let image = try EGLImage(importing: self, modifier: told, extra: hints, egl)
    let target = GLenum(isExternal ? GL_TEXTURE_EXTERNAL_OES : GL_TEXTURE_2D)
    let handle = image.handle
    let texture = try context.preservingBindings(of: target) { () throws(InteropError) in
      let texture = try context.makeObject(.texture)
      context.gl.glBindTexture(target, texture.name)
      bind(target, handle)
      try context.check("glEGLImageTargetTexture2DOES", "GL makes no texture of the \(self.format) buffer")
      try context.setPlainSampling(target)
      if isOpaque, !isExternal { try context.makeSamplingOpaque() }
      return texture
    }
    let name = texture.name
    var framebuffer = GLObject(owning: 0, .framebuffer, in: context)
    do throws(InteropError) {
      if !isExternal {
        framebuffer = try context.preservingBindings { () throws(InteropError) in
          try context.makeFramebuffer(
            attaching: name, "check the buffer's framebuffer",
            "GL imported the buffer without an error and cannot render into \(self.format) \(self.modifier)")
        }
      }
    } catch {
      guard purpose == .sampling else { throw error }
    }
    return DMABufTexture(
      isOpaque ? named(format.withoutAlpha) : self, context, target: target, texture: texture, framebuffer: framebuffer)
  }

  private func mustBeExternal(
    _ egl: EGLBinding, _ context: GLContext, _ purpose: GLPurpose, _ step: String
  ) throws(InteropError) -> Bool {
    // Without a modifier, EGL may take formats that it has no modifiers for.
    if modifier == .invalid { return format.isYUV }
    let uses = try egl.modifiers(of: format)
    guard let use = uses.first(where: { $0.modifier == modifier }) else {
      let names = uses.isEmpty ? "none" : uses.map(\.modifier.description).joined(separator: ", ")
      throw InteropError(
        .unsupported, step: step,
        reason: "EGL imports no \(format) with modifier \(modifier); it lists \(names)",
        missing: ["\(format) \(modifier)"],
        advice: "Allocate the buffer with a modifier that both sides have")
    }
    guard use.isExternalOnly || format.isYUV else { return false }
    guard purpose == .sampling else {
      throw InteropError(
        .unsupported, step: step, reason: "EGL only samples \(format) with modifier \(modifier)",
        missing: ["rendering into \(format) \(modifier)"], advice: "Ask for sampling, or allocate with another modifier"
      )
    }
    guard context.extensions.contains("GL_OES_EGL_image_external") else {
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) has no textures for what can only be sampled",
        missing: ["GL_OES_EGL_image_external"], advice: "Use an OpenGL ES context")
    }
    return true
  }
}
