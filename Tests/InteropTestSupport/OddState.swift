package import GLVulkanInterop

/// An application that has set everything to something else than the defaults: what a copy of the package's would obey
/// or change. Made with plain GL calls.
package final class OddState {
  private typealias Enum = @convention(c) (GLenum) -> Void
  private typealias Enum2 = @convention(c) (GLenum, GLenum) -> Void
  private typealias Enum4 = @convention(c) (GLenum, GLenum, GLenum, GLenum) -> Void
  private typealias EnumInt = @convention(c) (GLenum, GLint) -> Void
  private typealias EnumFloat = @convention(c) (GLenum, GLfloat) -> Void
  private typealias Float1 = @convention(c) (GLfloat) -> Void
  private typealias Float2 = @convention(c) (GLfloat, GLfloat) -> Void
  private typealias Float3 = @convention(c) (GLfloat, GLfloat, GLfloat) -> Void
  private typealias Float4 = @convention(c) (GLfloat, GLfloat, GLfloat, GLfloat) -> Void
  private typealias Double2 = @convention(c) (GLdouble, GLdouble) -> Void
  private typealias UInt1 = @convention(c) (GLuint) -> Void
  private typealias UInt2 = @convention(c) (GLuint, GLuint) -> Void
  private typealias Bool1 = @convention(c) (GLboolean) -> Void
  private typealias FloatBool = @convention(c) (GLfloat, GLboolean) -> Void
  private typealias IndexEnums = @convention(c) (GLuint, GLenum, GLenum) -> Void
  private typealias Enum2IntUInt = @convention(c) (GLenum, GLenum, GLint, GLuint) -> Void
  private typealias EnumUInt = @convention(c) (GLenum, GLuint) -> Void
  private typealias Names = @convention(c) (GLsizei, UnsafeMutablePointer<GLuint>?) -> Void
  private typealias SamplerInt = @convention(c) (GLuint, GLenum, GLint) -> Void
  private typealias Image = @convention(c) (GLuint, GLuint, GLint, GLboolean, GLint, GLenum, GLenum) -> Void
  private typealias Pointer = @convention(c) (GLint, GLenum, GLsizei, UnsafeRawPointer?) -> Void
  private typealias Attribute4 = @convention(c) (GLuint, GLfloat, GLfloat, GLfloat, GLfloat) -> Void

  private let app: StateContext
  private let gl: GLFunctions
  /// The application's framebuffer: two colour attachments, of which the second is drawn and read, depth and stencil.
  package private(set) var framebuffer: GLuint = 0
  /// What stays bound to draw and to read; neither is what is copied.
  package private(set) var bound: [GLuint] = []
  private var textures: [GLuint] = []
  private var buffers: [GLuint] = []
  private var samplers: [GLuint] = []
  private var renderbuffers: [GLuint] = []
  private var arrays: [GLuint] = []
  private var programs: [GLuint] = []
  private var pipelines: [GLuint] = []

  /// Sets it all. Everything that fails is the driver's word that it has no such state.
  ///
  /// - Parameters:
  ///   - usesPipeline: a program pipeline instead of a program, where there are any.
  ///   - usesArray: a vertex array of its own instead of the default one, where the profile has that.
  package init(_ app: StateContext, usesPipeline: Bool, usesArray: Bool) throws {
    self.app = app
    gl = app.gl.gl
    try makeObjects(usesPipeline: usesPipeline, usesArray: usesArray)
    setSwitches()
    setRasterisation()
    setPixels()
    if app.gl.features.isCompatibilityProfile { setFixedFunction() }
    for _ in 0..<512 where gl.glGetError() == GL_NO_ERROR { break }
  }

  private func call<Function>(_ name: String, _ body: (Function) -> Void) {
    if let function: Function = app.function(name) { body(function) }
    _ = gl.glGetError()
  }

  private func make(_ count: Int, _ generate: PFNGLGENTEXTURESPROC) -> [GLuint] {
    var names = [GLuint](repeating: 0, count: count)
    generate(GLsizei(count), &names)
    return names
  }

  // MARK: Objects and bindings

  private func makeObjects(usesPipeline: Bool, usesArray: Bool) throws {
    let features = app.gl.features
    let side: GLsizei = 40
    textures = make(8, gl.glGenTextures)
    let target = GLenum(GL_TEXTURE_2D)
    for (index, texture) in textures.enumerated() {
      gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(index))
      gl.glBindTexture(target, texture)
      gl.glTexImage2D(target, 0, GL_RGBA, side, side, 0, GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), nil)
      gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), index == 0 ? GL_NEAREST_MIPMAP_LINEAR : GL_LINEAR)
    }
    for (index, other) in [GL_TEXTURE_3D, GL_TEXTURE_2D_ARRAY, GL_TEXTURE_CUBE_MAP].enumerated() {
      textures += make(1, gl.glGenTextures)
      for unit in [0, 5] {
        gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
        gl.glBindTexture(GLenum(other), textures[8 + index])
      }
    }
    renderbuffers = make(3, gl.glGenRenderbuffers)
    for (index, buffer) in renderbuffers.enumerated() {
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), buffer)
      let format = index == 1 ? GLenum(features.isES2 ? GL_DEPTH_COMPONENT16 : GL_DEPTH24_STENCIL8) : GLenum(GL_RGB565)
      gl.glRenderbufferStorage(GLenum(GL_RENDERBUFFER), format, index == 2 ? 7 : side, index == 2 ? 9 : side)
    }
    let framebuffers = make(3, gl.glGenFramebuffers)
    framebuffer = framebuffers[0]
    for (index, name) in framebuffers.enumerated() {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
      gl.glFramebufferTexture2D(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), target, textures[index * 2], 0)
      if !features.isES2 {
        gl.glFramebufferTexture2D(
          GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0) + 1, target, textures[index * 2 + 1], 0)
        gl.glDrawBuffers(2, [GLenum(GL_NONE), GLenum(GL_COLOR_ATTACHMENT0) + 1])
        gl.glReadBuffer(GLenum(GL_COLOR_ATTACHMENT0) + 1)
      }
      if index == 0 {
        gl.glFramebufferRenderbuffer(
          GLenum(GL_FRAMEBUFFER), GLenum(features.isES2 ? GL_DEPTH_ATTACHMENT : GL_DEPTH_STENCIL_ATTACHMENT),
          GLenum(GL_RENDERBUFFER), renderbuffers[1])
      }
    }
    bound = [framebuffers[1], framebuffers[2]]
    // Of the default framebuffer.
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    if app.gl.isES, !features.isES2 {
      gl.glDrawBuffers(1, [GLenum(GL_NONE)])
      gl.glReadBuffer(GLenum(GL_NONE))
    } else if !app.gl.isES {
      call("glDrawBuffer") { (set: Enum) in set(GLenum(GL_NONE)) }
      gl.glReadBuffer(GLenum(GL_NONE))
    }

    buffers = make(12, gl.glGenBuffers)
    for buffer in buffers {
      gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffer)
      gl.glBufferData(GLenum(GL_ARRAY_BUFFER), 65536, nil, GLenum(GL_DYNAMIC_DRAW))
    }
    if usesArray, features.hasVertexArrays { arrays = make(1, gl.glGenVertexArrays) }
    if let array = arrays.first { gl.glBindVertexArray(array) }
    // Core profiles have no default vertex array to set anything in.
    if arrays.first != nil || app.gl.isES || features.isCompatibilityProfile {
      for index in 0..<GLuint(4) {
        gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffers[Int(index)])
        gl.glVertexAttribPointer(
          index, GLint(index) + 1, GLenum(GL_FLOAT), 0, GLsizei(20 + 4 * index), UnsafeRawPointer(bitPattern: 16))
        gl.glEnableVertexAttribArray(index)
      }
      gl.glBindBuffer(GLenum(GL_ELEMENT_ARRAY_BUFFER), buffers[4])
      call("glVertexAttribDivisor") { (set: UInt2) in set(2, 3) }
      if features.isES2 { call("glVertexAttribDivisorANGLE") { (set: UInt2) in set(0, 3) } }
    }
    call("glVertexAttrib4f") { (set: Attribute4) in set(5, 1, 2, 3, 4) }
    gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffers[5])
    for (index, target) in [
      GL_PIXEL_PACK_BUFFER, GL_PIXEL_UNPACK_BUFFER, GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, GL_UNIFORM_BUFFER,
      GL_DRAW_INDIRECT_BUFFER, GL_TEXTURE_BUFFER,
    ].enumerated() {
      gl.glBindBuffer(GLenum(target), buffers[5 + index])
      _ = gl.glGetError()
    }
    for target in [GL_UNIFORM_BUFFER, GL_TRANSFORM_FEEDBACK_BUFFER, GL_SHADER_STORAGE_BUFFER, GL_ATOMIC_COUNTER_BUFFER]
    {
      typealias BindRange = @convention(c) (GLenum, GLuint, GLuint, GLintptr, GLsizeiptr) -> Void
      call("glBindBufferRange") { (bind: BindRange) in bind(GLenum(target), 1, buffers[10], 256, 512) }
      call("glBindBufferRange") { (bind: BindRange) in bind(GLenum(target), 0, buffers[11], 0, 1024) }
    }
    if features.hasSamplers {
      var names: [GLuint] = [0, 0]
      call("glGenSamplers") { (make: Names) in make(2, &names) }
      samplers = names
      call("glSamplerParameteri") { (set: SamplerInt) in
        set(names[0], GLenum(GL_TEXTURE_MIN_FILTER), GL_LINEAR_MIPMAP_LINEAR)
        set(names[1], GLenum(GL_TEXTURE_WRAP_S), GL_MIRRORED_REPEAT)
      }
      gl.glBindSampler(0, names[0])
      gl.glBindSampler(5, names[1])
    }
    call("glBindImageTexture") { (bind: Image) in
      bind(1, textures[6], 0, 0, 0, GLenum(GL_READ_ONLY), GLenum(GL_RGBA8))
    }
    try makePrograms(usesPipeline: usesPipeline)
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffers[2])
    if features.isES2 {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), bound[0])
    } else {
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), bound[0])
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), bound[1])
    }
    gl.glActiveTexture(GLenum(GL_TEXTURE0) + 5)
  }

  private func makePrograms(usesPipeline: Bool) throws {
    typealias MakeProgram =
      @convention(c) (
        GLenum, GLsizei, UnsafePointer<UnsafePointer<GLchar>?>?
      ) -> GLuint
    typealias UseStages = @convention(c) (GLuint, GLbitfield, GLuint) -> Void
    let isNew = app.gl.isES ? app.gl.version >= (3, 1) : app.gl.version >= (4, 1)
    if usesPipeline, isNew, let make: MakeProgram = app.function("glCreateShaderProgramv") {
      let text = (app.gl.isES ? "#version 310 es\n" : "#version 410\n") + "void main() { gl_Position = vec4(0.0); }"
      let program = text.withCString { source in
        var source: UnsafePointer<GLchar>? = source
        return make(GLenum(GL_VERTEX_SHADER), 1, &source)
      }
      programs.append(program)
      var name: GLuint = 0
      call("glGenProgramPipelines") { (make: Names) in make(1, &name) }
      call("glBindProgramPipeline") { (bind: UInt1) in bind(name) }
      call("glUseProgramStages") { (use: UseStages) in use(name, GLbitfield(GL_VERTEX_SHADER_BIT), program) }
      pipelines.append(name)
      gl.glUseProgram(0)
      return
    }
    let shader = gl.glCreateShader(GLenum(GL_VERTEX_SHADER))
    let fragment = gl.glCreateShader(GLenum(GL_FRAGMENT_SHADER))
    let isOld = app.gl.features.isES2
    let version =
      isOld ? "#version 100\n" : app.gl.isES ? "#version 300 es\nprecision highp float;\n" : "#version 130\n"
    for (name, text) in [
      (shader, version + "void main() { gl_Position = vec4(0.0); }"),
      (
        fragment,
        isOld
          ? version + "precision mediump float; void main() { gl_FragColor = vec4(1.0); }"
          : version + "out vec4 c; void main() { c = vec4(1.0); }"
      ),
    ] {
      text.withCString { source in
        var source: UnsafePointer<GLchar>? = source
        gl.glShaderSource(name, 1, &source, nil)
      }
      gl.glCompileShader(name)
    }
    let program = gl.glCreateProgram()
    gl.glAttachShader(program, shader)
    gl.glAttachShader(program, fragment)
    gl.glLinkProgram(program)
    gl.glDeleteShader(shader)
    gl.glDeleteShader(fragment)
    gl.glUseProgram(program)
    programs.append(program)
    try app.gl.check("glUseProgram", "the test's program does not link")
  }

  // MARK: State

  private func setSwitches() {
    for name in [
      GL_SCISSOR_TEST, GL_DEPTH_TEST, GL_STENCIL_TEST, GL_BLEND, GL_CULL_FACE, GL_RASTERIZER_DISCARD,
      GL_SAMPLE_ALPHA_TO_COVERAGE, GL_SAMPLE_COVERAGE, GL_SAMPLE_MASK, GL_SAMPLE_SHADING, GL_POLYGON_OFFSET_FILL,
      GL_PRIMITIVE_RESTART_FIXED_INDEX, GL_PRIMITIVE_RESTART, GL_COLOR_LOGIC_OP, GL_POLYGON_SMOOTH, GL_LINE_SMOOTH,
      GL_SAMPLE_ALPHA_TO_ONE, GL_DEPTH_CLAMP, GL_TEXTURE_CUBE_MAP_SEAMLESS, GL_POLYGON_OFFSET_LINE,
      GL_PROGRAM_POINT_SIZE,
      GL_DEPTH_BOUNDS_TEST_EXT,
    ] {
      gl.glEnable(GLenum(name))
      _ = gl.glGetError()
    }
    for index in 0..<GLenum(8) {
      gl.glEnable(GLenum(GL_CLIP_DISTANCE0) + index)
      _ = gl.glGetError()
    }
    gl.glDisable(GLenum(GL_DITHER))
    if app.gl.isES { gl.glDisable(GLenum(GL_FRAMEBUFFER_SRGB)) } else { gl.glEnable(GLenum(GL_FRAMEBUFFER_SRGB)) }
    _ = gl.glGetError()
    if let disable = gl.glDisablei, app.gl.features.hasIndexedDrawState {
      disable(GLenum(GL_BLEND), 1)
      if app.gl.features.hasViewportArrays { disable(GLenum(GL_SCISSOR_TEST), 2) }
    }
  }

  private func setRasterisation() {
    let features = app.gl.features
    gl.glColorMask(0, 1, 0, 0)
    if features.hasIndexedDrawState {
      gl.glColorMaski?(1, 1, 0, 1, 1)
      call("glBlendFunci") { (set: IndexEnums) in set(1, GLenum(GL_ONE), GLenum(GL_DST_ALPHA)) }
      call("glBlendEquationSeparatei") { (set: IndexEnums) in
        set(1, GLenum(GL_FUNC_SUBTRACT), GLenum(GL_FUNC_REVERSE_SUBTRACT))
      }
    }
    call("glBlendFuncSeparate") { (set: Enum4) in
      set(GLenum(GL_ZERO), GLenum(GL_SRC_COLOR), GLenum(GL_ONE), GLenum(GL_ZERO))
    }
    call("glBlendColor") { (set: Float4) in set(0.1, 0.2, 0.3, 0.4) }
    gl.glViewport(5, 6, 7, 8)
    gl.glScissor(1, 2, 3, 4)
    if features.hasViewportArrays {
      gl.glViewportIndexedfv?(0, [1.5, 2.25, 13.5, 9.75])
      gl.glViewportIndexedfv?(3, [2, 3, 4, 5])
      gl.glScissorIndexed?(2, 9, 8, 7, 6)
    }
    call("glDepthRange") { (set: Double2) in set(0.25, 0.5) }
    call("glDepthRangef") { (set: Float2) in set(0.25, 0.5) }
    call("glDepthFunc") { (set: Enum) in set(GLenum(GL_NEVER)) }
    call("glDepthMask") { (set: Bool1) in set(0) }
    call("glStencilFuncSeparate") { (set: Enum2IntUInt) in
      set(GLenum(GL_FRONT), GLenum(GL_NEVER), 3, 0x55)
      set(GLenum(GL_BACK), GLenum(GL_LESS), 5, 0x33)
    }
    call("glStencilMaskSeparate") { (set: EnumUInt) in
      set(GLenum(GL_FRONT), 0x0F)
      set(GLenum(GL_BACK), 0xF0)
    }
    call("glStencilOpSeparate") { (set: Enum4) in
      set(GLenum(GL_FRONT), GLenum(GL_INVERT), GLenum(GL_INCR), GLenum(GL_DECR))
    }
    call("glCullFace") { (set: Enum) in set(GLenum(GL_FRONT_AND_BACK)) }
    call("glFrontFace") { (set: Enum) in set(GLenum(GL_CW)) }
    call("glPolygonOffset") { (set: Float2) in set(2, 3) }
    call("glSampleCoverage") { (set: FloatBool) in set(0.25, 1) }
    call("glSampleMaski") { (set: UInt2) in set(0, 0x5) }
    call("glMinSampleShading") { (set: Float1) in set(0.75) }
    call("glLineWidth") { (set: Float1) in set(1.5) }
    call("glHint") { (set: Enum2) in
      set(GLenum(GL_FRAGMENT_SHADER_DERIVATIVE_HINT), GLenum(GL_NICEST))
      set(0x8192, GLenum(GL_FASTEST))  // GL_GENERATE_MIPMAP_HINT
    }
    gl.glClearColor(0.9, 0.8, 0.7, 0.6)
    call("glClearDepthf") { (set: Float1) in set(0.5) }
    call("glClearStencil") { (set: @convention(c) (GLint) -> Void) in set(7) }
    guard !app.gl.isES else {
      if features.polygonMode != .none { gl.glPolygonModeNV?(GLenum(GL_FRONT_AND_BACK), GLenum(GL_LINE)) }
      return
    }
    call("glLogicOp") { (set: Enum) in set(GLenum(GL_XOR)) }
    if features.isCompatibilityProfile {
      gl.glPolygonMode?(GLenum(GL_FRONT), GLenum(GL_LINE))
      gl.glPolygonMode?(GLenum(GL_BACK), GLenum(GL_POINT))
    } else {
      gl.glPolygonMode?(GLenum(GL_FRONT_AND_BACK), GLenum(GL_POINT))
    }
    call("glProvokingVertex") { (set: Enum) in set(GLenum(GL_FIRST_VERTEX_CONVENTION)) }
    call("glPrimitiveRestartIndex") { (set: UInt1) in set(77) }
    call("glPointSize") { (set: Float1) in set(3.5) }
    call("glClipControl") { (set: Enum2) in set(GLenum(GL_UPPER_LEFT), GLenum(GL_ZERO_TO_ONE)) }
    call("glDepthBoundsEXT") { (set: Double2) in set(0.1, 0.2) }
    call("glPatchParameteri") { (set: EnumInt) in set(GLenum(GL_PATCH_VERTICES), 4) }
    gl.glClampColor?(GLenum(GL_CLAMP_READ_COLOR), GLenum(GL_TRUE))
  }

  private func setPixels() {
    for name in [
      GL_PACK_ROW_LENGTH, GL_PACK_SKIP_ROWS, GL_PACK_SKIP_PIXELS, GL_UNPACK_ROW_LENGTH, GL_UNPACK_SKIP_ROWS,
      GL_UNPACK_SKIP_PIXELS, GL_UNPACK_IMAGE_HEIGHT, GL_UNPACK_SKIP_IMAGES, GL_PACK_IMAGE_HEIGHT, GL_PACK_SKIP_IMAGES,
    ] {
      gl.glPixelStorei(GLenum(name), 3 + name % 5)
      _ = gl.glGetError()
    }
    gl.glPixelStorei(GLenum(GL_PACK_ALIGNMENT), 8)
    gl.glPixelStorei(GLenum(GL_UNPACK_ALIGNMENT), 2)
    for name in [
      GL_PACK_SWAP_BYTES, GL_PACK_LSB_FIRST, GL_UNPACK_SWAP_BYTES, GL_UNPACK_LSB_FIRST, GL_PACK_INVERT_MESA,
      GL_PACK_REVERSE_ROW_ORDER_ANGLE,
    ] {
      gl.glPixelStorei(GLenum(name), 1)
      _ = gl.glGetError()
    }
  }

  /// Of the compatibility profile, whose names gl.h has and the package's headers have not.
  private func setFixedFunction() {
    gl.glClampColor?(0x891B, GLenum(GL_TRUE))  // GL_CLAMP_FRAGMENT_COLOR
    gl.glClampColor?(0x891A, GLenum(GL_FALSE))  // GL_CLAMP_VERTEX_COLOR
    for name: GLenum in [
      0x0BC0, 0x0B42, 0x0B60, 0x0B50, 0x4000, 0x0DE1, 0x0C60, 0x0BA1, 0x0B57, 0x8458, 0x0B24, 0x8861, 0x0B10,
    ] {
      // GL_ALPHA_TEST, POLYGON_STIPPLE, FOG, LIGHTING, LIGHT0, TEXTURE_2D, TEXTURE_GEN_S, NORMALIZE, COLOR_MATERIAL,
      // COLOR_SUM, LINE_STIPPLE, POINT_SPRITE, POINT_SMOOTH
      gl.glEnable(name)
      _ = gl.glGetError()
    }
    call("glAlphaFunc") { (set: EnumFloat) in set(GLenum(GL_NEVER), 0.5) }
    call("glShadeModel") { (set: Enum) in set(0x1D00) }  // GL_FLAT
    call("glColor4f") { (set: Float4) in set(0.25, 0.5, 0.75, 0.125) }
    call("glNormal3f") { (set: Float3) in set(0, 1, 0) }
    call("glMatrixMode") { (set: Enum) in
      set(0x1702)  // GL_TEXTURE
      call("glTranslatef") { (move: Float3) in move(1, 2, 3) }
      set(0x1701)  // GL_PROJECTION
      call("glPushMatrix") { (push: @convention(c) () -> Void) in push() }
      call("glTranslatef") { (move: Float3) in move(4, 5, 6) }
    }
    call("glPushAttrib") { (push: @convention(c) (GLbitfield) -> Void) in push(0xFFFFF) }
    call("glPushClientAttrib") { (push: @convention(c) (GLbitfield) -> Void) in push(3) }
    gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffers[6])
    call("glVertexPointer") { (set: Pointer) in set(3, GLenum(GL_FLOAT), 24, UnsafeRawPointer(bitPattern: 32)) }
    call("glColorPointer") { (set: Pointer) in set(4, GLenum(GL_FLOAT), 28, UnsafeRawPointer(bitPattern: 48)) }
    call("glEnableClientState") { (enable: Enum) in
      enable(0x8074)
      enable(0x8076)
    }
    call("glClientActiveTexture") { (set: Enum) in set(GLenum(GL_TEXTURE0) + 2) }
    call("glTexCoordPointer") { (set: Pointer) in set(2, GLenum(GL_FLOAT), 12, UnsafeRawPointer(bitPattern: 64)) }
    call("glEnableClientState") { (enable: Enum) in enable(0x8078) }
    call("glTexEnvi") { (set: @convention(c) (GLenum, GLenum, GLint) -> Void) in set(0x2300, 0x2200, 0x2101) }
    if let set = gl.glPixelTransferf {
      for name: GLenum in [0x0D14, 0x0D18, 0x0D1A, 0x0D1C] { set(name, 0.5) }
      for name: GLenum in [0x0D15, 0x0D19, 0x0D1B, 0x0D1D] { set(name, 0.125) }
      set(0x0D10, 1)  // GL_MAP_COLOR
    }
    call("glPixelZoom") { (set: Float2) in set(2, -1) }
    gl.glBindBuffer(GLenum(GL_ARRAY_BUFFER), buffers[5])
  }
}
