package import InteropDrivers

// Which layouts EGL imports for a format: claims, each tried with an image of that size before it is believed.

extension EGLBinding {
  /// What EGL says of one modifier.
  package struct ModifierUse: Sendable, Hashable {
    package let modifier: DRMModifier
    /// Such an image can be sampled as GL_TEXTURE_EXTERNAL_OES and nothing else.
    package let isExternalOnly: Bool
  }

  /// EGL_EXT_image_dma_buf_import with the functions that images need.
  package var canImportDMABufs: Bool {
    extensions.contains("EGL_EXT_image_dma_buf_import") && functions.eglCreateImageKHR != nil
      && functions.eglDestroyImageKHR != nil
  }

  /// Whether EGL can be told a modifier.
  var knowsModifiers: Bool {
    extensions.contains("EGL_EXT_image_dma_buf_import_modifiers") && functions.eglQueryDmaBufModifiersEXT != nil
  }

  /// The modifiers EGL imports for a format. Without EGL_EXT_image_dma_buf_import_modifiers only linear memory can be
  /// had, about which EGL need not be told.
  ///
  /// - Throws: EGL's refusal: some refuse a format that they list (EGL_BAD_PARAMETER).
  ///
  /// The corresponding C function is `eglQueryDmaBufModifiersEXT`.
  package func modifiers(of format: DRMFourCC) throws(InteropError) -> [ModifierUse] {
    guard knowsModifiers, let query = functions.eglQueryDmaBufModifiersEXT else {
      return [ModifierUse(modifier: .linear, isExternalOnly: false)]
    }
    let fourcc = EGLint(bitPattern: format.rawValue)
    var count: EGLint = 0
    guard query(display, fourcc, 0, nil, nil, &count) == EGL_TRUE else {
      throw functions.failure("eglQueryDmaBufModifiersEXT", "EGL has no modifiers for \(format)")
    }
    guard count > 0 else { return [] }
    var numbers = [EGLuint64KHR](repeating: 0, count: Int(count))
    // Zeroed: Mesa 25.0.7 leaves it as it was.
    var external = [EGLBoolean](repeating: EGLBoolean(EGL_FALSE), count: Int(count))
    guard query(display, fourcc, count, &numbers, &external, &count) == EGL_TRUE else {
      throw functions.failure("eglQueryDmaBufModifiersEXT", "EGL has no modifiers for \(format)")
    }
    return zip(numbers, external).prefix(Int(max(count, 0))).map {
      ModifierUse(modifier: DRMModifier(rawValue: $0), isExternalOnly: $1 != EGLBoolean(EGL_FALSE))
    }
  }
}
