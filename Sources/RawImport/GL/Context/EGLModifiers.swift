package import InteropDrivers

// The modifiers that EGL imports for a format. They are claims: each is tried with an image of that size.

extension EGLBinding {
  /// EGL's answer for one modifier.
  package struct ModifierUse: Sendable, Hashable {
    package let modifier: DRMModifier
    /// Whether such an image can only be sampled, as GL_TEXTURE_EXTERNAL_OES.
    package let isExternalOnly: Bool
  }

  /// Whether EGL has EGL_EXT_image_dma_buf_import with the functions that images need.
  package var canImportDMABufs: Bool {
    extensions.contains("EGL_EXT_image_dma_buf_import") && functions.eglCreateImageKHR != nil
      && functions.eglDestroyImageKHR != nil
  }

  /// Whether EGL accepts a modifier.
  var knowsModifiers: Bool {
    extensions.contains("EGL_EXT_image_dma_buf_import_modifiers") && functions.eglQueryDmaBufModifiersEXT != nil
  }

  /// Returns the modifiers that EGL imports for a format. Without EGL_EXT_image_dma_buf_import_modifiers only linear
  /// memory is possible, and EGL takes no modifier for it.
  ///
  /// - Throws: EGL's refusal: some implementations refuse a format that they list (EGL_BAD_PARAMETER).
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
    // Zeroed, because Mesa 25.0.7 does not write it.
    var external = [EGLBoolean](repeating: EGLBoolean(EGL_FALSE), count: Int(count))
    guard query(display, fourcc, count, &numbers, &external, &count) == EGL_TRUE else {
      throw functions.failure("eglQueryDmaBufModifiersEXT", "EGL has no modifiers for \(format)")
    }
    return zip(numbers, external).prefix(Int(max(count, 0))).map {
      ModifierUse(modifier: DRMModifier(rawValue: $0), isExternalOnly: $1 != EGLBoolean(EGL_FALSE))
    }
  }
}
