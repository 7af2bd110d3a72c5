package import InteropDrivers

// The package restores what it changes of an application's context. It saves one of three amounts of state, because
// every query stalls a driver that works on a thread of its own:
//
// - `preservingBindings`, for making objects (GLBindings.swift);
// - `preservingBlitState`, for blits, which obey only the scissor test and GL_FRAMEBUFFER_SRGB: four queries, three in
//   ES;
// - `preservingState`, for draws and clears.

extension GLContext {
  /// Runs the package's blits and readbacks with scissor test, encoding and primitive discarding neutral, and restores
  /// those and both framebuffer bindings.
  ///
  /// A blit obeys the first two (dolphin-emu/dolphin#7451) and should ignore the third: NVIDIA 580 then copies nothing.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` inside `glBegin` and `glEnd`, before anything is changed; what `body`
  ///   throws.
  package func preservingBlitState<Result>(_ body: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    let saved = try BlitState(self)
    saved.neutralise(self)
    defer { saved.restore(self) }
    return try body()
  }

  /// Writes 1 into the alpha channel of the package's framebuffer, and leaves it bound for drawing.
  ///
  /// Call it inside ``preservingBlitState(_:)``; it makes one more query.
  ///
  /// The corresponding C functions are `glColorMask` and `glClearBufferfv`.
  func clearAlpha(of framebuffer: GLuint) throws(InteropError) {
    gl.glBindFramebuffer(GLenum(features.isES2 ? GL_FRAMEBUFFER : GL_DRAW_FRAMEBUFFER), framebuffer)
    var saved: (GLboolean, GLboolean, GLboolean, GLboolean) = (1, 1, 1, 1)
    withUnsafeMutableBytes(of: &saved) {
      gl.glGetBooleanv(GLenum(GL_COLOR_WRITEMASK), $0.bindMemory(to: GLboolean.self).baseAddress)
    }
    setColorMask((0, 0, 0, 1))
    clear([0, 0, 0, 1])
    setColorMask(saved)
    try check("glClearBufferfv", "GL cannot write the alpha channel")
  }

  /// Sets the mask of the first draw buffer where masks are per buffer, else of all.
  fileprivate func setColorMask(_ mask: (GLboolean, GLboolean, GLboolean, GLboolean)) {
    if features.hasIndexedDrawState {
      gl.glColorMaski?(0, mask.0, mask.1, mask.2, mask.3)
    } else {
      gl.glColorMask(mask.0, mask.1, mask.2, mask.3)
    }
  }

  /// The destination of the package's draw, which decides which state can spoil it.
  package enum DrawDestination {
    /// A framebuffer of the package: one colour buffer with one sample. Tests and masks of depth, stencil and samples
    /// do not apply to it.
    case plainColor
    /// A framebuffer of the application.
    case any
  }

  /// Runs the package's draws and clears in a neutral state and restores the application's state.
  ///
  /// Neutral means: no scissor, no colour mask, no `GL_FRAMEBUFFER_SRGB`, no blending, tests or discarding, polygons
  /// filled, texture unit 0 active, no sampler there. Restored are those, the first viewport, program, vertex array,
  /// texture and sampler of unit 0, active unit, both framebuffers. The vertex shader passes clip distances
  /// (`makeProgram`).
  ///
  /// GL does not report the following, so the caller must see to it: conditional rendering must not be active; coarse
  /// shading rates must be off. An active occlusion or primitives query counts these draws, an active time query counts
  /// everything.
  ///
  /// - Throws: ``InteropError/Code/invalidState``, before anything is changed: while transform feedback is active and
  ///   not paused, inside `glBegin` and `glEnd`, and where the application has deleted the program that it still uses,
  ///   because using another program would end it; what `body` throws.
  package func preservingState<Result>(
    drawingInto destination: DrawDestination = .any, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    try preservingBlitState { () throws(InteropError) in
      try preservingDrawState(drawingInto: destination, body)
    }
  }

  /// Does the part of ``preservingState(drawingInto:_:)`` that goes beyond ``preservingBlitState(_:)``, inside of that.
  func preservingDrawState<Result>(
    drawingInto destination: DrawDestination = .any, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let saved = try DrawState(self, destination)
    saved.neutralise(self)
    defer { saved.restore(self) }
    return try body()
  }

  /// Sets the first viewport, the only one that the package's draws use. The others stay the application's.
  package func setViewport(_ size: PixelSize) {
    if features.hasViewportArrays {
      gl.glViewportIndexedfv?(0, [0, 0, Float(size.width), Float(size.height)])
    } else {
      gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    }
  }

  /// Switches the scissor test of the first viewport.
  func setScissorTest(_ isOn: Bool) {
    switch (isOn, features.hasViewportArrays) {
    case (true, true): gl.glEnablei?(GLenum(GL_SCISSOR_TEST), 0)
    case (false, true): gl.glDisablei?(GLenum(GL_SCISSOR_TEST), 0)
    case (true, false): gl.glEnable(GLenum(GL_SCISSOR_TEST))
    case (false, false): gl.glDisable(GLenum(GL_SCISSOR_TEST))
    }
  }

  /// Runs `body` with the scissor test of the first viewport on, and restores its box.
  ///
  /// Call it inside ``preservingState(drawingInto:_:)``, which has saved whether the test is on.
  ///
  /// - Parameter body: receives a closure that sets the box: x, y, width, height.
  package func scissoring(
    _ body: ((Int, Int, Int, Int) -> Void) throws(InteropError) -> Void
  ) throws(InteropError) {
    let box = integers4(GL_SCISSOR_BOX)
    let (gl, indexed) = (gl, features.hasViewportArrays)
    func set(_ x: GLint, _ y: GLint, _ width: GLint, _ height: GLint) {
      if indexed { gl.glScissorIndexed?(0, x, y, width, height) } else { gl.glScissor(x, y, width, height) }
    }
    setScissorTest(true)
    defer {
      setScissorTest(false)
      set(box.0, box.1, box.2, box.3)
    }
    try body { set(GLint($0), GLint($1), GLint($2), GLint($3)) }
  }

  func integers4(_ name: Int32) -> (GLint, GLint, GLint, GLint) {
    var values: (GLint, GLint, GLint, GLint) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &values) {
      gl.glGetIntegerv(GLenum(name), $0.bindMemory(to: GLint.self).baseAddress)
    }
    return values
  }
}

/// Plain values: saving a state allocates nothing, since a blit does it every frame.
private struct BlitState {
  private let framebuffers: FramebufferBindings
  private let scissorTest: Bool
  private let discards: Bool
  /// nil where the encoding cannot be switched.
  private var encodes: Bool?

  init(_ context: GLContext) throws(InteropError) {
    framebuffers = try FramebufferBindings(context)
    scissorTest = context.gl.glIsEnabled(GLenum(GL_SCISSOR_TEST)) == GL_TRUE
    discards = !context.features.isES2 && context.gl.glIsEnabled(GLenum(GL_RASTERIZER_DISCARD)) == GL_TRUE
    if context.features.hasSRGBSwitch { encodes = context.gl.glIsEnabled(GLenum(GL_FRAMEBUFFER_SRGB)) == GL_TRUE }
  }

  /// Desktop GL blits bytes while encoding is off. GLES always decodes what it reads, so a blit keeps the bytes only
  /// while writing encodes them again.
  private func wantsEncoding(_ context: GLContext) -> Bool { context.isES }

  func neutralise(_ context: GLContext) {
    if scissorTest { context.setScissorTest(false) }
    if discards { context.gl.glDisable(GLenum(GL_RASTERIZER_DISCARD)) }
    if let encodes, encodes != wantsEncoding(context) { setEncoding(wantsEncoding(context), context) }
  }

  func restore(_ context: GLContext) {
    if scissorTest { context.setScissorTest(true) }
    if discards { context.gl.glEnable(GLenum(GL_RASTERIZER_DISCARD)) }
    if let encodes, encodes != wantsEncoding(context) { setEncoding(encodes, context) }
    framebuffers.restore(context)
  }

  private func setEncoding(_ isOn: Bool, _ context: GLContext) {
    let name = GLenum(GL_FRAMEBUFFER_SRGB)
    if isOn { context.gl.glEnable(name) } else { context.gl.glDisable(name) }
  }
}

private struct DrawState {
  // One bit each, in the order of `switches`.
  private var enabled: UInt32 = 0
  private var colorMask: (GLboolean, GLboolean, GLboolean, GLboolean) = (1, 1, 1, 1)
  private let viewport: FirstViewport
  private var polygonMode: (GLint, GLint) = (GL_FILL, GL_FILL)
  private var fragmentClamp: GLint = GL_FALSE
  private let program: GLuint
  private var vertexArray: GLuint = 0
  private let activeTexture: GLenum
  private let texture0: GLuint
  private var sampler0: GLuint = 0

  private enum Availability { case everywhere, es3OrDesktop, desktop, compatibility, sampleMask, depthBounds }

  private struct Switch {
    let name: GLenum
    let availability: Availability
    /// Whether it also affects a framebuffer with one plain colour buffer.
    let isForAll: Bool

    init(_ name: Int32, _ availability: Availability, onlyWithMore: Bool = false) {
      (self.name, self.availability, isForAll) = (GLenum(name), availability, !onlyWithMore)
    }
  }

  private static let switches = [
    Switch(GL_BLEND, .everywhere), Switch(GL_CULL_FACE, .everywhere), Switch(GL_DITHER, .everywhere),
    Switch(GL_RASTERIZER_DISCARD, .es3OrDesktop), Switch(GL_COLOR_LOGIC_OP, .desktop),
    Switch(GL_POLYGON_SMOOTH, .desktop), Switch(0x0BC0 /* GL_ALPHA_TEST */, .compatibility),
    Switch(0x0B42 /* GL_POLYGON_STIPPLE */, .compatibility),
    Switch(GL_DEPTH_TEST, .everywhere, onlyWithMore: true), Switch(GL_STENCIL_TEST, .everywhere, onlyWithMore: true),
    Switch(GL_DEPTH_BOUNDS_TEST_EXT, .depthBounds, onlyWithMore: true),
    Switch(GL_SAMPLE_ALPHA_TO_COVERAGE, .everywhere, onlyWithMore: true),
    Switch(GL_SAMPLE_COVERAGE, .everywhere, onlyWithMore: true),
    Switch(GL_SAMPLE_ALPHA_TO_ONE, .desktop, onlyWithMore: true),
    Switch(GL_SAMPLE_MASK, .sampleMask, onlyWithMore: true),
  ]

  private static func isAvailable(_ availability: Availability, _ context: GLContext) -> Bool {
    switch availability {
    case .everywhere: true
    case .es3OrDesktop: !context.features.isES2
    case .desktop: !context.isES
    case .compatibility: context.features.isCompatibilityProfile
    case .sampleMask: context.features.hasSampleMask
    case .depthBounds: context.features.hasDepthBounds
    }
  }

  init(_ context: GLContext, _ destination: GLContext.DrawDestination) throws(InteropError) {
    let (gl, features) = (context.gl, context.features)
    try Self.checkTransformFeedback(context)
    program = GLuint(bitPattern: context.integer(GL_CURRENT_PROGRAM))
    try Self.checkProgram(program, context)
    if features.hasVertexArrays { vertexArray = GLuint(bitPattern: context.integer(GL_VERTEX_ARRAY_BINDING)) }
    activeTexture = GLenum(context.integer(GL_ACTIVE_TEXTURE))
    if activeTexture != GLenum(GL_TEXTURE0) { gl.glActiveTexture(GLenum(GL_TEXTURE0)) }
    texture0 = GLuint(bitPattern: context.integer(GL_TEXTURE_BINDING_2D))
    if features.hasSamplers { sampler0 = GLuint(bitPattern: context.integer(GL_SAMPLER_BINDING)) }
    for (index, item) in Self.switches.enumerated()
    where (item.isForAll || destination == .any) && Self.isAvailable(item.availability, context)
      && gl.glIsEnabled(item.name) == GL_TRUE
    {
      enabled |= 1 << UInt32(index)
    }
    withUnsafeMutableBytes(of: &colorMask) {
      gl.glGetBooleanv(GLenum(GL_COLOR_WRITEMASK), $0.bindMemory(to: GLboolean.self).baseAddress)
    }
    viewport = FirstViewport(context)
    if features.polygonMode != .none {
      withUnsafeMutableBytes(of: &polygonMode) {
        gl.glGetIntegerv(GLenum(GL_POLYGON_MODE), $0.bindMemory(to: GLint.self).baseAddress)
      }
    }
    if features.hasFragmentClamp { fragmentClamp = context.integer(0x891B /* GL_CLAMP_FRAGMENT_COLOR */) }
  }

  private static func checkTransformFeedback(_ context: GLContext) throws(InteropError) {
    guard context.features.tellsTransformFeedback, context.integer(GL_TRANSFORM_FEEDBACK_ACTIVE) != 0,
      context.integer(GL_TRANSFORM_FEEDBACK_PAUSED) == 0
    else { return }
    throw InteropError(
      .invalidState, step: "draw beside the application",
      reason: "transform feedback is active, and would record what is drawn",
      advice: "Call it before glBeginTransformFeedback, after glEndTransformFeedback, or while it is paused")
  }

  /// Refuses a program that the application deleted while using it: such a program ends when another one is used.
  private static func checkProgram(_ program: GLuint, _ context: GLContext) throws(InteropError) {
    guard program != 0 else { return }
    var isDeleted: GLint = GL_FALSE
    context.gl.glGetProgramiv(program, GLenum(GL_DELETE_STATUS), &isDeleted)
    guard isDeleted == GL_TRUE else { return }
    throw InteropError(
      .invalidState, step: "draw beside the application",
      reason: "the application uses program \(program), which it has deleted: using another one would end it",
      advice: "Delete a program when it is not in use any more")
  }

  func neutralise(_ context: GLContext) {
    for (index, item) in Self.switches.enumerated() where enabled & 1 << UInt32(index) != 0 {
      set(item.name, false, context)
    }
    if !isWritingAll { context.setColorMask((1, 1, 1, 1)) }
    if !isFilling { setPolygonMode((GL_FILL, GL_FILL), context) }
    if fragmentClamp != GL_FALSE { context.gl.glClampColor?(0x891B, GLenum(GL_FALSE)) }
    if sampler0 != 0 { context.gl.glBindSampler(0, 0) }
  }

  func restore(_ context: GLContext) {
    let gl = context.gl
    for (index, item) in Self.switches.enumerated() where enabled & 1 << UInt32(index) != 0 {
      set(item.name, true, context)
    }
    if !isWritingAll { context.setColorMask(colorMask) }
    if !isFilling { setPolygonMode(polygonMode, context) }
    if fragmentClamp != GL_FALSE { gl.glClampColor?(0x891B, GLenum(fragmentClamp)) }
    viewport.restore(context)
    // A bound program pipeline takes effect again with program 0.
    gl.glUseProgram(program)
    if context.features.hasVertexArrays { gl.glBindVertexArray(vertexArray) }
    gl.glActiveTexture(GLenum(GL_TEXTURE0))
    gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture0)
    if sampler0 != 0 { gl.glBindSampler(0, sampler0) }
    if activeTexture != GLenum(GL_TEXTURE0) { gl.glActiveTexture(activeTexture) }
  }

  /// Switches blending for the first draw buffer, which is the package's; the others keep theirs.
  private func set(_ name: GLenum, _ isOn: Bool, _ context: GLContext) {
    let gl = context.gl
    switch (isOn, name == GLenum(GL_BLEND) && context.features.hasIndexedDrawState) {
    case (true, true): gl.glEnablei?(name, 0)
    case (false, true): gl.glDisablei?(name, 0)
    case (true, false): gl.glEnable(name)
    case (false, false): gl.glDisable(name)
    }
  }

  private var isWritingAll: Bool { colorMask.0 != 0 && colorMask.1 != 0 && colorMask.2 != 0 && colorMask.3 != 0 }

  private var isFilling: Bool { polygonMode.0 == GL_FILL && polygonMode.1 == GL_FILL }

  private func setPolygonMode(_ mode: (GLint, GLint), _ context: GLContext) {
    let gl = context.gl
    switch context.features.polygonMode {
    case .none: break
    case .one:
      (context.isES ? gl.glPolygonModeNV : gl.glPolygonMode)?(GLenum(GL_FRONT_AND_BACK), GLenum(mode.0))
    case .frontAndBack:
      gl.glPolygonMode?(GLenum(GL_FRONT), GLenum(mode.0))
      gl.glPolygonMode?(GLenum(GL_BACK), GLenum(mode.1))
    }
  }
}
