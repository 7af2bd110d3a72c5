internal import InteropDrivers

/// An EGLImage with exactly one owner.
///
/// A texture made from it keeps the memory (EGL_KHR_image_base, "EGLImage siblings"), so the EGLImage may go at once.
struct EGLImage: ~Copyable {
  let handle: EGLImageKHR
  private let egl: EGLBinding

  init(owning handle: EGLImageKHR, _ egl: EGLBinding) {
    self.handle = handle
    self.egl = egl
  }

  deinit { _ = egl.functions.eglDestroyImageKHR?(egl.display, handle) }

  /// Makes an image of a DMA-BUF, whose descriptors EGL does not take.
  ///
  /// - Parameters:
  ///   - modifier: told to EGL; nil tells it none, and the layout is linear or the driver's own.
  ///   - extra: further attributes, of YUV for example.
  ///
  /// The corresponding C function is `eglCreateImageKHR` with EGL_LINUX_DMA_BUF_EXT.
  init(
    importing buffer: DMABuf, modifier: DRMModifier?, extra: [EGLint] = [], _ egl: EGLBinding
  ) throws(InteropError) {
    let attributes = buffer.withDescriptors { Self.attributes(buffer, $0, modifier) } + extra + [EGL_NONE]
    guard let create = egl.functions.eglCreateImageKHR,
      let image = create(egl.display, nil, EGLenum(EGL_LINUX_DMA_BUF_EXT), nil, attributes)
    else {
      throw egl.functions.failure(
        "eglCreateImageKHR",
        "EGL takes no \(buffer.size) \(buffer.format) buffer with modifier \(buffer.modifier) and \(buffer.planes.count)"
          + " planes")
    }
    self.init(owning: image, egl)
  }

  private static func attributes(_ buffer: DMABuf, _ descriptors: [Int32], _ modifier: DRMModifier?) -> [EGLint] {
    // One row for each plane.
    let names: [(fd: EGLint, offset: EGLint, pitch: EGLint, low: EGLint, high: EGLint)] = [
      (
        EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT, EGL_DMA_BUF_PLANE0_PITCH_EXT,
        EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT
      ),
      (
        EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT, EGL_DMA_BUF_PLANE1_PITCH_EXT,
        EGL_DMA_BUF_PLANE1_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE1_MODIFIER_HI_EXT
      ),
      (
        EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT, EGL_DMA_BUF_PLANE2_PITCH_EXT,
        EGL_DMA_BUF_PLANE2_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE2_MODIFIER_HI_EXT
      ),
      (
        EGL_DMA_BUF_PLANE3_FD_EXT, EGL_DMA_BUF_PLANE3_OFFSET_EXT, EGL_DMA_BUF_PLANE3_PITCH_EXT,
        EGL_DMA_BUF_PLANE3_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE3_MODIFIER_HI_EXT
      ),
    ]
    var attributes: [EGLint] = [
      EGL_WIDTH, EGLint(buffer.size.width), EGL_HEIGHT, EGLint(buffer.size.height), EGL_LINUX_DRM_FOURCC_EXT,
      EGLint(bitPattern: buffer.format.rawValue),
    ]
    for (plane, name) in zip(buffer.planes, names) {
      // Offsets and strides have 31 bits: DMABufDescription has checked that.
      attributes += [
        name.fd, descriptors[plane.object], name.offset, EGLint(plane.offset), name.pitch, EGLint(plane.stride),
      ]
      if let modifier {
        let low = EGLint(truncatingIfNeeded: modifier.rawValue)
        let high = EGLint(truncatingIfNeeded: modifier.rawValue >> 32)
        attributes += [name.low, low, name.high, high]
      }
    }
    return attributes
  }

  /// Makes an image of level 0 of a texture in the current context.
  ///
  /// The corresponding C function is `eglCreateImageKHR` with EGL_GL_TEXTURE_2D_KHR.
  init(texture: GLuint, _ egl: EGLBinding) throws(InteropError) {
    let attributes: [EGLint] = [EGL_GL_TEXTURE_LEVEL_KHR, 0, EGL_IMAGE_PRESERVED_KHR, EGL_TRUE, EGL_NONE]
    guard let create = egl.functions.eglCreateImageKHR,
      let image = create(
        egl.display, egl.functions.eglGetCurrentContext(), EGLenum(EGL_GL_TEXTURE_2D_KHR),
        EGLClientBuffer(bitPattern: UInt(texture)), attributes)
    else {
      throw egl.functions.failure("eglCreateImageKHR", "EGL makes no image of texture \(texture)")
    }
    self.init(owning: image, egl)
  }
}
