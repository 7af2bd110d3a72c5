public import InteropDrivers
public import RawImport

extension DMABuf {
  /// Imports an NV12, P010 or YU12 buffer as a GL texture that GL converts, or as one texture per plane, without a
  /// copy.
  ///
  /// ``YUVTextureBlitter`` treats both alike. The package takes the external texture where the driver really converts
  /// as EGL's hints say. It tries that once for each format and encoding, with a small buffer of its own that it
  /// converts both ways. Odd sizes and linear chroma are imported per plane: Mesa, for instance, stores siting hints
  /// and ignores them.
  ///
  /// EGL only borrows the descriptors, so this object may go away afterwards. An external texture has the filters of
  /// ``YUVEncoding/chromaFilter``, for luma too.
  ///
  /// - Parameters:
  ///   - context: current on this thread, and an EGL context.
  ///   - encoding: nil guesses, see ``YUVEncoding/init(guessedFor:)``.
  ///   - arrangement: nil chooses; ``YUVTexture/reason`` explains the choice. A requested arrangement is not tried
  ///     first.
  /// - Throws: ``InteropError/Code/unsupported`` for another format and for a buffer that EGL does not import; for a
  ///   requested arrangement, the reason why it is impossible.
  ///
  /// The corresponding C functions are `eglCreateImageKHR` with EGL_YUV_COLOR_SPACE_HINT_EXT, EGL_SAMPLE_RANGE_HINT_EXT
  /// and the siting hints, and `glEGLImageTargetTexture2DOES`.
  public func importYUVIntoGL(
    _ context: GLContext, encoding: YUVEncoding? = nil, arrangement: YUVTexture.Arrangement? = nil
  ) throws(InteropError) -> YUVTexture {
    let step = "import a YUV DMA-BUF into GL"
    let layout = try YUVFormat(format, step)
    try context.enter(step)
    let encoding = encoding ?? YUVEncoding(guessedFor: size)
    switch arrangement {
    case .external: return try importExternal(context, encoding, layout, "it was asked for")
    case .perPlane: return try importPlanes(context, encoding, layout, "it was asked for")
    case nil: break
    }
    let prefersPlanes = encoding.chromaFilter == .linear
    let obstacle: InteropError
    do throws(InteropError) {
      return prefersPlanes
        ? try importPlanes(context, encoding, layout, "chroma is interpolated here, more exactly than by drivers")
        : try importVerified(context, encoding, layout, "the driver converts as it is told")
    } catch {
      obstacle = error
    }
    do throws(InteropError) {
      return prefersPlanes
        ? try importVerified(context, encoding, layout, "per plane it cannot be had: \(obstacle)")
        : try importPlanes(context, encoding, layout, "GL does not convert it: \(obstacle)")
    } catch {
      var error = error
      error.reason +=
        prefersPlanes ? "; nor can it be had per plane: \(obstacle)" : "; nor does GL convert it: \(obstacle)"
      throw error
    }
  }

  /// Imports it as one texture, where the driver is known to convert correctly.
  private func importVerified(
    _ context: GLContext, _ encoding: YUVEncoding, _ layout: YUVFormat, _ reason: String
  ) throws(InteropError) -> YUVTexture {
    // The same relative position in luma and chroma, from 0 to 1, is not the same pixel: Mesa 26's llvmpipe takes the
    // wrong chroma.
    guard size.width % 2 == 0, size.height % 2 == 0 else {
      throw InteropError(
        .unsupported, step: "import a YUV DMA-BUF into GL",
        reason: "the size is \(size), and drivers place chroma by the picture's size",
        missing: ["external textures of odd sizes"])
    }
    try ExternalYUV.verify(format, encoding, context)
    return try importExternal(context, encoding, layout, reason)
  }

  private func importExternal(
    _ context: GLContext, _ encoding: YUVEncoding, _ layout: YUVFormat, _ reason: String
  ) throws(InteropError) -> YUVTexture {
    let step = "import a YUV DMA-BUF into GL"
    guard context.isES, context.extensions.contains(YUVShaderSource.externalExtension) else {
      throw InteropError(
        .unsupported, step: step, reason: "\(context.renderer) has no external textures in this context's GLSL",
        missing: [YUVShaderSource.externalExtension], advice: "Use an OpenGL ES 3 context, or one texture per plane")
    }
    let texture = try importIntoGL(context, for: .sampling, hints: encoding.eglHints)
    guard texture.target == GLenum(GL_TEXTURE_EXTERNAL_OES) else {
      preconditionFailure("YUV formats are imported as external textures")
    }
    if encoding.chromaFilter == .nearest {
      try context.preservingBindings(of: texture.target) { () throws(InteropError) in
        context.gl.glBindTexture(texture.target, texture.texture)
        context.gl.glTexParameteri(texture.target, GLenum(GL_TEXTURE_MIN_FILTER), GL_NEAREST)
        context.gl.glTexParameteri(texture.target, GLenum(GL_TEXTURE_MAG_FILTER), GL_NEAREST)
        try context.check("glTexParameteri", "the external texture takes no filters")
      }
    }
    return YUVTexture(self, encoding, .external, layout, reason: reason, [texture], context)
  }

  private func importPlanes(
    _ context: GLContext, _ encoding: YUVEncoding, _ layout: YUVFormat, _ reason: String
  ) throws(InteropError) -> YUVTexture {
    var textures: [DMABufTexture] = []
    for (index, plane) in layout.planes.enumerated() {
      let texture = try colorPlane(index, as: plane).importIntoGL(context, for: .sampling)
      guard texture.target == GLenum(GL_TEXTURE_2D) else {
        throw InteropError(
          .unsupported, step: "import a YUV DMA-BUF into GL",
          reason: "EGL imports \(plane.fourcc) as an external texture only, which may be converted on the way",
          missing: ["\(plane.fourcc) \(modifier) as GL_TEXTURE_2D"])
      }
      textures.append(texture)
    }
    return YUVTexture(self, encoding, .perPlane, layout, reason: reason, textures, context)
  }
}

extension YUVEncoding {
  /// The attributes of EGL_EXT_image_dma_buf_import.
  var eglHints: [EGLint] {
    func siting(_ location: ChromaLocation) -> EGLint {
      location == .cosited ? EGL_YUV_CHROMA_SITING_0_EXT : EGL_YUV_CHROMA_SITING_0_5_EXT
    }
    let colorSpace =
      switch matrix {
      case .bt601: EGL_ITU_REC601_EXT
      case .bt709: EGL_ITU_REC709_EXT
      case .bt2020: EGL_ITU_REC2020_EXT
      }
    return [
      EGL_YUV_COLOR_SPACE_HINT_EXT, colorSpace,
      EGL_SAMPLE_RANGE_HINT_EXT, range == .full ? EGL_YUV_FULL_RANGE_EXT : EGL_YUV_NARROW_RANGE_EXT,
      EGL_YUV_CHROMA_HORIZONTAL_SITING_HINT_EXT, siting(horizontalSiting),
      EGL_YUV_CHROMA_VERTICAL_SITING_HINT_EXT, siting(verticalSiting),
    ]
  }
}
