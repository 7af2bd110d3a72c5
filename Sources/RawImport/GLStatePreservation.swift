package import Drivers

extension GLContext {
  /// Runs GL code of ours in a neutral state and leaves the application's state as it was.
  ///
  /// Neutral means: no scissor, no colour mask, no `GL_FRAMEBUFFER_SRGB`, no blending, tests or discarding, polygons
  /// filled, texture unit 0 active. A blit obeys the scissor and sRGB state (dolphin-emu/dolphin#7451), a draw all of
  /// it. Put back: those, the viewport, program, vertex array, texture and sampler of unit 0, active unit, renderbuffer
  /// and both framebuffers. Not touched and therefore preconditions: transform feedback and conditional rendering must
  /// not be active.
  package func preservingState<Result>(_ body: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    let saved = SavedState(self)
    saved.neutralise(self)
    defer { saved.restore(self) }
    return try preservingBindings(body)
  }
}

/// Plain values: saving a state allocates nothing, since a blit does it every frame.
private struct SavedState {
  // One bit each, in the order of `switches`.
  private var enabled: UInt32 = 0
  private var colorMask: (GLboolean, GLboolean, GLboolean, GLboolean) = (1, 1, 1, 1)
  private var viewport: (GLint, GLint, GLint, GLint) = (0, 0, 0, 0)
  private var polygonMode: (GLint, GLint) = (GL_FILL, GL_FILL)
  private let program: GLuint
  private let vertexArray: GLuint
  private let activeTexture: GLenum
  private let texture0: GLuint
  private let sampler0: GLuint

  /// EXT_sRGB_write_control lets a GLES application switch encoding off; ours needs it on, see ``neutralise(_:)``.
  private var esEncodingIsOff = false

  private enum Availability { case everywhere, desktop, compatibility, es31OrDesktop }

  private static let switches: [(GLenum, Availability)] = [
    (GLenum(GL_SCISSOR_TEST), .everywhere), (GLenum(GL_DEPTH_TEST), .everywhere), (GLenum(GL_STENCIL_TEST), .everywhere),
    (GLenum(GL_BLEND), .everywhere), (GLenum(GL_CULL_FACE), .everywhere), (GLenum(GL_DITHER), .everywhere),
    (GLenum(GL_RASTERIZER_DISCARD), .everywhere), (GLenum(GL_SAMPLE_ALPHA_TO_COVERAGE), .everywhere),
    (GLenum(GL_SAMPLE_COVERAGE), .everywhere), (GLenum(GL_SAMPLE_MASK), .es31OrDesktop),
    (GLenum(GL_FRAMEBUFFER_SRGB), .desktop), (GLenum(GL_COLOR_LOGIC_OP), .desktop),
    (GLenum(GL_POLYGON_SMOOTH), .desktop), (GLenum(GL_SAMPLE_ALPHA_TO_ONE), .desktop),
    (GLenum(GL_CLIP_DISTANCE0), .desktop), (GLenum(GL_CLIP_DISTANCE0) + 1, .desktop),
    (GLenum(GL_CLIP_DISTANCE0) + 2, .desktop), (GLenum(GL_CLIP_DISTANCE0) + 3, .desktop),
    (GLenum(GL_CLIP_DISTANCE0) + 4, .desktop), (GLenum(GL_CLIP_DISTANCE0) + 5, .desktop),
    (GLenum(0x0BC0) /* GL_ALPHA_TEST */, .compatibility), (GLenum(0x0B42) /* GL_POLYGON_STIPPLE */, .compatibility),
  ]

  private static func isAvailable(_ availability: Availability, _ context: GLContext) -> Bool {
    switch availability {
    case .everywhere: true
    case .desktop: !context.isES
    case .compatibility: context.isCompatibilityProfile
    case .es31OrDesktop:
      context.isES ? context.version >= (3, 1) : context.version >= (3, 2)
    }
  }

  init(_ context: GLContext) {
    let gl = context.gl
    program = GLuint(context.integer(GL_CURRENT_PROGRAM))
    vertexArray = GLuint(context.integer(GL_VERTEX_ARRAY_BINDING))
    activeTexture = GLenum(context.integer(GL_ACTIVE_TEXTURE))
    gl.glActiveTexture(GLenum(GL_TEXTURE0))
    texture0 = GLuint(context.integer(GL_TEXTURE_BINDING_2D))
    sampler0 = GLuint(context.integer(GL_SAMPLER_BINDING))
    for (index, (name, availability)) in Self.switches.enumerated()
    where Self.isAvailable(availability, context) && gl.glIsEnabled(name) == GL_TRUE {
      enabled |= 1 << UInt32(index)
    }
    if context.isES, context.extensions.contains("GL_EXT_sRGB_write_control") {
      esEncodingIsOff = gl.glIsEnabled(GLenum(GL_FRAMEBUFFER_SRGB)) == GL_FALSE
    }
    withUnsafeMutableBytes(of: &colorMask) {
      gl.glGetBooleanv(GLenum(GL_COLOR_WRITEMASK), $0.bindMemory(to: GLboolean.self).baseAddress)
    }
    withUnsafeMutableBytes(of: &viewport) {
      gl.glGetIntegerv(GLenum(GL_VIEWPORT), $0.bindMemory(to: GLint.self).baseAddress)
    }
    if !context.isES {
      withUnsafeMutableBytes(of: &polygonMode) {
        gl.glGetIntegerv(GLenum(GL_POLYGON_MODE), $0.bindMemory(to: GLint.self).baseAddress)
      }
    }
  }

  func neutralise(_ context: GLContext) {
    let gl = context.gl
    for (index, (name, _)) in Self.switches.enumerated() where enabled & 1 << UInt32(index) != 0 {
      // Blending is a state of each draw buffer; ours is the first, and the others keep theirs.
      if name == GLenum(GL_BLEND), context.hasIndexedDrawState { gl.glDisablei?(name, 0) } else { gl.glDisable(name) }
    }
    // Desktop GL blits bytes while encoding is off (disabled above). GLES always decodes what it reads, so a blit keeps
    // the bytes only while writing encodes them again.
    if esEncodingIsOff { gl.glEnable(GLenum(GL_FRAMEBUFFER_SRGB)) }
    setColorMask(1, 1, 1, 1, context)
    if !context.isES, polygonMode.0 != GL_FILL || polygonMode.1 != GL_FILL {
      gl.glPolygonMode?(GLenum(GL_FRONT_AND_BACK), GLenum(GL_FILL))
    }
    if sampler0 != 0 { gl.glBindSampler(0, 0) }
  }

  func restore(_ context: GLContext) {
    let gl = context.gl
    for (index, (name, _)) in Self.switches.enumerated() where enabled & 1 << UInt32(index) != 0 {
      if name == GLenum(GL_BLEND), context.hasIndexedDrawState { gl.glEnablei?(name, 0) } else { gl.glEnable(name) }
    }
    if esEncodingIsOff { gl.glDisable(GLenum(GL_FRAMEBUFFER_SRGB)) }
    setColorMask(colorMask.0, colorMask.1, colorMask.2, colorMask.3, context)
    if !context.isES, polygonMode.0 != GL_FILL || polygonMode.1 != GL_FILL {
      if context.isCompatibilityProfile {
        gl.glPolygonMode?(GLenum(GL_FRONT), GLenum(polygonMode.0))
        gl.glPolygonMode?(GLenum(GL_BACK), GLenum(polygonMode.1))
      } else {
        gl.glPolygonMode?(GLenum(GL_FRONT_AND_BACK), GLenum(polygonMode.0))
      }
    }
    gl.glViewport(viewport.0, viewport.1, viewport.2, viewport.3)
    gl.glUseProgram(program)
    gl.glBindVertexArray(vertexArray)
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture0)
    gl.glBindSampler(0, sampler0)
    gl.glActiveTexture(activeTexture)
  }

  /// Of the first draw buffer where masks are per buffer, else of all.
  private func setColorMask(_ r: GLboolean, _ g: GLboolean, _ b: GLboolean, _ a: GLboolean, _ context: GLContext) {
    if context.hasIndexedDrawState {
      context.gl.glColorMaski?(0, r, g, b, a)
    } else {
      context.gl.glColorMask(r, g, b, a)
    }
  }
}

extension GLContext {
  /// Whether masks and blending are states of each draw buffer. ANGLE hands out `glColorMaski` in an ES 3.1 context and
  /// answers GL_INVALID_OPERATION.
  var hasIndexedDrawState: Bool {
    (!isES || version >= (3, 2)) && gl.glColorMaski != nil && gl.glEnablei != nil && gl.glDisablei != nil
  }

  /// Whether this is desktop GL with the deprecated functions.
  var isCompatibilityProfile: Bool {
    if isES || version < (3, 1) { return !isES }
    if version == (3, 1) { return extensions.contains("GL_ARB_compatibility") }
    return integer(GL_CONTEXT_PROFILE_MASK) & GL_CONTEXT_COMPATIBILITY_PROFILE_BIT != 0
  }
}
