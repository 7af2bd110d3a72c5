internal import InteropDrivers

/// The features of one context that this package uses, queried once.
///
/// None of them changes while the context lives, and each `glGet` stalls a driver that works on another thread.
package struct GLFeatures: Sendable {
  /// Whether the context is exactly OpenGL ES 2.0: no separate read framebuffer, no `glBlitFramebuffer`, no samplers,
  /// no fences.
  package let isES2: Bool
  /// Whether it is desktop GL with the deprecated functions.
  package let isCompatibilityProfile: Bool
  /// Vertex array objects: GL 3.0, ES 3.0, GL_OES_vertex_array_object.
  package let hasVertexArrays: Bool
  /// Sampler objects: GL 3.3, GL_ARB_sampler_objects, ES 3.0.
  package let hasSamplers: Bool
  /// `glTexStorage2D`: GL 4.2, GL_ARB_texture_storage, ES 3.0, GL_EXT_texture_storage.
  package let hasTextureStorage: Bool
  /// Row lengths greater than the picture's and skipped rows in `glReadPixels`: all but ES 2.0, which needs
  /// GL_NV_pack_subimage.
  package let hasPackSubimage: Bool
  /// Whether masks and blending are separate states of each draw buffer.
  package let hasIndexedDrawState: Bool
  /// Whether viewports and scissors are arrays, of which the package uses the first.
  package let hasViewportArrays: Bool
  /// Whether `GL_FRAMEBUFFER_SRGB` can be switched: in GLES with GL_EXT_sRGB_write_control only.
  package let hasSRGBSwitch: Bool
  package let polygonMode: PolygonModes
  /// The number of clip distances that may be enabled.
  package let clipDistances: Int
  /// The extension that a GLES shader must enable to write clip distances; nil where it needs none or cannot.
  package let clipDistanceExtension: String?
  /// Whether memory objects can be made. Mesa 22.3.6 lists GL_EXT_memory_object in ES 2.0 and answers
  /// GL_INVALID_OPERATION.
  package let makesMemoryObjects: Bool
  package let hasSampleMask: Bool
  package let hasDepthBounds: Bool
  package let hasFragmentClamp: Bool
  /// `GL_CLAMP_READ_COLOR`: desktop GL.
  package let hasReadClamp: Bool
  /// Whether GL reports that transform feedback is active and not paused.
  package let tellsTransformFeedback: Bool
  package let hasDebugOutput: Bool
  /// `glGetTexLevelParameteriv`: desktop GL, ES 3.1.
  let tellsTextureSizes: Bool
  /// Whether textures and renderbuffers can be queried by name: GL 4.5, GL_ARB_direct_state_access.
  let hasDirectStateAccess: Bool
  package let maximumColorAttachments: Int
  package let maximumDrawBuffers: Int

  package enum PolygonModes: Sendable { case none, one, frontAndBack }

  init(_ gl: GLFunctions, isES: Bool, version: (major: Int, minor: Int), _ extensions: Set<String>) {
    func integer(_ name: Int32) -> Int {
      var value: GLint = 0
      gl.glGetIntegerv(GLenum(name), &value)
      return Int(value)
    }
    func since(gl desktop: (Int, Int), _ name: String? = nil, es: (Int, Int)? = nil, _ esName: String? = nil) -> Bool {
      if let needed = isES ? es : desktop, version >= needed { return true }
      guard let listed = isES ? esName : name else { return false }
      return extensions.contains(listed)
    }
    isES2 = isES && version < (3, 0)
    isCompatibilityProfile =
      !isES
      && (version < (3, 1) || version == (3, 1) && extensions.contains("GL_ARB_compatibility")
        || version >= (3, 2) && integer(GL_CONTEXT_PROFILE_MASK) & Int(GL_CONTEXT_COMPATIBILITY_PROFILE_BIT) != 0)
    hasVertexArrays = since(gl: (3, 0), es: (3, 0), "GL_OES_vertex_array_object")
    hasSamplers = since(gl: (3, 3), "GL_ARB_sampler_objects", es: (3, 0))
    hasTextureStorage = since(gl: (4, 2), "GL_ARB_texture_storage", es: (3, 0), "GL_EXT_texture_storage")
    hasPackSubimage = since(gl: (3, 0), es: (3, 0), "GL_NV_pack_subimage")
    hasIndexedDrawState =
      (since(gl: (3, 0), es: (3, 2), "GL_OES_draw_buffers_indexed")
        || extensions.contains("GL_EXT_draw_buffers_indexed"))
      && gl.glColorMaski != nil && gl.glEnablei != nil && gl.glDisablei != nil
    hasViewportArrays =
      since(gl: (4, 1), "GL_ARB_viewport_array", es: nil, "GL_OES_viewport_array")
      && gl.glGetFloati_v != nil && gl.glViewportIndexedfv != nil && gl.glScissorIndexed != nil && gl.glDisablei != nil
    hasSRGBSwitch = since(gl: (3, 0), es: nil, "GL_EXT_sRGB_write_control")
    polygonMode =
      !isES
      ? (isCompatibilityProfile ? .frontAndBack : .one)
      : extensions.contains("GL_NV_polygon_mode") && gl.glPolygonModeNV != nil ? .one : .none
    let clips = ["GL_EXT_clip_cull_distance", "GL_APPLE_clip_distance"].first { isES && extensions.contains($0) }
    clipDistanceExtension = isES2 && clips == "GL_EXT_clip_cull_distance" ? nil : clips
    clipDistances = !isES || clipDistanceExtension != nil ? min(integer(GL_MAX_CLIP_DISTANCES), 8) : 0
    makesMemoryObjects = !isES2 || Self.makesMemoryObjects(gl)
    hasSampleMask = since(gl: (3, 2), "GL_ARB_texture_multisample", es: (3, 1))
    hasDepthBounds = extensions.contains("GL_EXT_depth_bounds_test")
    hasFragmentClamp = isCompatibilityProfile && gl.glClampColor != nil
    hasReadClamp = !isES && gl.glClampColor != nil
    tellsTransformFeedback = since(gl: (4, 0), "GL_ARB_transform_feedback2", es: (3, 0))
    hasDebugOutput = since(gl: (4, 3), "GL_KHR_debug", es: (3, 2), "GL_KHR_debug")
    tellsTextureSizes = (!isES || version >= (3, 1)) && gl.glGetTexLevelParameteriv != nil
    hasDirectStateAccess = since(gl: (4, 5), "GL_ARB_direct_state_access")
    let attachments = isES2 && !extensions.contains("GL_EXT_draw_buffers") ? 1 : integer(GL_MAX_COLOR_ATTACHMENTS)
    maximumColorAttachments = max(attachments, 1)
    maximumDrawBuffers = isES2 ? 1 : max(integer(GL_MAX_DRAW_BUFFERS), 1)
  }
}

extension GLFeatures {
  /// Tries to make one. The caller handles GL's error, if there is one.
  private static func makesMemoryObjects(_ gl: GLFunctions) -> Bool {
    var name: GLuint = 0
    gl.glCreateMemoryObjectsEXT?(1, &name)
    guard name != 0 else { return false }
    gl.glDeleteMemoryObjectsEXT?(1, &name)
    return true
  }
}
