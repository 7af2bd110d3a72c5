public import CInteropGraphics
import Glibc

/// GL's entry points that this package calls, for one context, filled once from that context's own `getProcAddress`.
/// Others by `GLContext.function(_:as:)`.
///
/// The first group is what GLES 2.0 and desktop GL 3.0 have, and always there. The second came with GLES 3.0 or desktop
/// GL up to 3.3: where a driver has none of it under any name (``missing`` lists them), the pointer leads to a function
/// that does nothing, answers 0 and is remembered for ``takeMissingCall()``. The third is nil where the driver lacks
/// the function. A pointer does not say that the driver implements the function or the extension (Mesa and glvnd return
/// stubs for names they do not support), see `GLContext.extensions` and `GLContext.version`.
public struct GLFunctions: @unchecked Sendable {
  /// Of the second group, those that the driver does not have.
  public let missing: Set<String>

  public let glGetError: PFNGLGETERRORPROC
  public let glGetString: PFNGLGETSTRINGPROC
  public let glGetIntegerv: PFNGLGETINTEGERVPROC
  public let glGetBooleanv: PFNGLGETBOOLEANVPROC
  public let glIsEnabled: PFNGLISENABLEDPROC
  public let glEnable: PFNGLENABLEPROC
  public let glDisable: PFNGLDISABLEPROC
  public let glFlush: PFNGLFLUSHPROC
  public let glFinish: PFNGLFINISHPROC
  // Textures and samplers.
  public let glGenTextures: PFNGLGENTEXTURESPROC
  public let glDeleteTextures: PFNGLDELETETEXTURESPROC
  public let glBindTexture: PFNGLBINDTEXTUREPROC
  public let glActiveTexture: PFNGLACTIVETEXTUREPROC
  public let glTexParameteri: PFNGLTEXPARAMETERIPROC
  public let glTexSubImage2D: PFNGLTEXSUBIMAGE2DPROC
  // Framebuffers.
  public let glGenFramebuffers: PFNGLGENFRAMEBUFFERSPROC
  public let glDeleteFramebuffers: PFNGLDELETEFRAMEBUFFERSPROC
  public let glBindFramebuffer: PFNGLBINDFRAMEBUFFERPROC
  public let glIsFramebuffer: PFNGLISFRAMEBUFFERPROC
  public let glFramebufferTexture2D: PFNGLFRAMEBUFFERTEXTURE2DPROC
  public let glFramebufferRenderbuffer: PFNGLFRAMEBUFFERRENDERBUFFERPROC
  public let glCheckFramebufferStatus: PFNGLCHECKFRAMEBUFFERSTATUSPROC
  public let glGetFramebufferAttachmentParameteriv: PFNGLGETFRAMEBUFFERATTACHMENTPARAMETERIVPROC
  public let glGenRenderbuffers: PFNGLGENRENDERBUFFERSPROC
  public let glDeleteRenderbuffers: PFNGLDELETERENDERBUFFERSPROC
  public let glBindRenderbuffer: PFNGLBINDRENDERBUFFERPROC
  public let glGetRenderbufferParameteriv: PFNGLGETRENDERBUFFERPARAMETERIVPROC
  public let glReadPixels: PFNGLREADPIXELSPROC
  public let glPixelStorei: PFNGLPIXELSTOREIPROC
  // Drawing.
  public let glViewport: PFNGLVIEWPORTPROC
  public let glScissor: PFNGLSCISSORPROC
  public let glColorMask: PFNGLCOLORMASKPROC
  public let glClearColor: PFNGLCLEARCOLORPROC
  public let glClear: PFNGLCLEARPROC
  public let glDrawArrays: PFNGLDRAWARRAYSPROC
  // Programs.
  public let glCreateShader: PFNGLCREATESHADERPROC
  public let glShaderSource: PFNGLSHADERSOURCEPROC
  public let glCompileShader: PFNGLCOMPILESHADERPROC
  public let glGetShaderiv: PFNGLGETSHADERIVPROC
  public let glGetShaderInfoLog: PFNGLGETSHADERINFOLOGPROC
  public let glDeleteShader: PFNGLDELETESHADERPROC
  public let glCreateProgram: PFNGLCREATEPROGRAMPROC
  public let glAttachShader: PFNGLATTACHSHADERPROC
  public let glLinkProgram: PFNGLLINKPROGRAMPROC
  public let glGetProgramiv: PFNGLGETPROGRAMIVPROC
  public let glGetProgramInfoLog: PFNGLGETPROGRAMINFOLOGPROC
  public let glDeleteProgram: PFNGLDELETEPROGRAMPROC
  public let glUseProgram: PFNGLUSEPROGRAMPROC
  public let glGetUniformLocation: PFNGLGETUNIFORMLOCATIONPROC
  public let glUniform1i: PFNGLUNIFORM1IPROC
  public let glUniform4f: PFNGLUNIFORM4FPROC
  // Textures, renderbuffers and attributes as GLES 2.0 has them.
  public let glGetFloatv: PFNGLGETFLOATVPROC
  public let glTexImage2D: PFNGLTEXIMAGE2DPROC
  public let glCopyTexSubImage2D: PFNGLCOPYTEXSUBIMAGE2DPROC
  public let glGetTexParameteriv: PFNGLGETTEXPARAMETERIVPROC
  public let glRenderbufferStorage: PFNGLRENDERBUFFERSTORAGEPROC
  public let glBindAttribLocation: PFNGLBINDATTRIBLOCATIONPROC
  public let glVertexAttribPointer: PFNGLVERTEXATTRIBPOINTERPROC
  public let glEnableVertexAttribArray: PFNGLENABLEVERTEXATTRIBARRAYPROC
  public let glDisableVertexAttribArray: PFNGLDISABLEVERTEXATTRIBARRAYPROC
  public let glGetVertexAttribiv: PFNGLGETVERTEXATTRIBIVPROC
  public let glGetVertexAttribPointerv: PFNGLGETVERTEXATTRIBPOINTERVPROC
  public let glUniform2f: PFNGLUNIFORM2FPROC
  // Buffers.
  public let glGenBuffers: PFNGLGENBUFFERSPROC
  public let glDeleteBuffers: PFNGLDELETEBUFFERSPROC
  public let glBindBuffer: PFNGLBINDBUFFERPROC
  public let glBufferData: PFNGLBUFFERDATAPROC
  public let glGetBufferParameteriv: PFNGLGETBUFFERPARAMETERIVPROC

  // GLES 3.0, desktop GL 3.0 to 3.3; some under other names before.
  public let glGetStringi: PFNGLGETSTRINGIPROC
  public let glFenceSync: PFNGLFENCESYNCPROC
  public let glClientWaitSync: PFNGLCLIENTWAITSYNCPROC
  public let glDeleteSync: PFNGLDELETESYNCPROC
  public let glTexStorage2D: PFNGLTEXSTORAGE2DPROC
  public let glBindSampler: PFNGLBINDSAMPLERPROC
  public let glRenderbufferStorageMultisample: PFNGLRENDERBUFFERSTORAGEMULTISAMPLEPROC
  public let glReadBuffer: PFNGLREADBUFFERPROC
  public let glDrawBuffers: PFNGLDRAWBUFFERSPROC
  public let glBlitFramebuffer: PFNGLBLITFRAMEBUFFERPROC
  public let glClearBufferfv: PFNGLCLEARBUFFERFVPROC
  public let glGenVertexArrays: PFNGLGENVERTEXARRAYSPROC
  public let glDeleteVertexArrays: PFNGLDELETEVERTEXARRAYSPROC
  public let glBindVertexArray: PFNGLBINDVERTEXARRAYPROC
  public let glMapBufferRange: PFNGLMAPBUFFERRANGEPROC
  public let glUnmapBuffer: PFNGLUNMAPBUFFERPROC

  // Desktop GL 3.0 or ES 3.2.
  public let glGenSamplers: PFNGLGENSAMPLERSPROC?
  public let glDeleteSamplers: PFNGLDELETESAMPLERSPROC?
  public let glIsSampler: PFNGLISSAMPLERPROC?
  public let glSamplerParameterf: PFNGLSAMPLERPARAMETERFPROC?
  public let glGetSamplerParameterfv: PFNGLGETSAMPLERPARAMETERFVPROC?
  public let glColorMaski: PFNGLCOLORMASKIPROC?
  public let glGetBooleani_v: PFNGLGETBOOLEANI_VPROC?
  public let glEnablei: PFNGLENABLEIPROC?
  public let glDisablei: PFNGLDISABLEIPROC?
  public let glIsEnabledi: PFNGLISENABLEDIPROC?
  // Desktop GL 4.1, OES_viewport_array in ES.
  public let glGetFloati_v: PFNGLGETFLOATI_VPROC?
  public let glViewportIndexedfv: PFNGLVIEWPORTINDEXEDFVPROC?
  public let glScissorIndexed: PFNGLSCISSORINDEXEDPROC?
  // Desktop GL 3.0 or ES 3.0.
  public let glGetIntegeri_v: PFNGLGETINTEGERI_VPROC?
  // Desktop GL 3.0.
  public let glClampColor: PFNGLCLAMPCOLORPROC?
  // GL_ANGLE_instanced_arrays or GL_EXT_instanced_arrays in ES 2.0; nil elsewhere.
  package let glVertexAttribDivisor: PFNGLVERTEXATTRIBDIVISORPROC?
  // Desktop GL up to 2.1 and compatibility profiles.
  public let glPixelTransferf: (@convention(c) (GLenum, GLfloat) -> Void)?
  // Desktop GL or ES 3.1.
  public let glGetTexLevelParameteriv: PFNGLGETTEXLEVELPARAMETERIVPROC?
  // Desktop GL 4.5, GL_ARB_direct_state_access.
  public let glGetTextureLevelParameteriv: PFNGLGETTEXTURELEVELPARAMETERIVPROC?
  public let glGetNamedRenderbufferParameteriv: PFNGLGETNAMEDRENDERBUFFERPARAMETERIVPROC?
  // Desktop GL or ES 3.0.
  public let glCopyTexSubImage3D: PFNGLCOPYTEXSUBIMAGE3DPROC?
  // Desktop GL only.
  public let glPolygonMode: PFNGLPOLYGONMODEPROC?
  public let glDrawBuffer: PFNGLDRAWBUFFERPROC?
  // GL_NV_polygon_mode, in ES.
  public let glPolygonModeNV: PFNGLPOLYGONMODEPROC?
  // GL 4.4, ARB_buffer_storage; EXT_buffer_storage in ES.
  public let glBufferStorage: PFNGLBUFFERSTORAGEPROC?
  public let glBufferStorageEXT: PFNGLBUFFERSTORAGEEXTPROC?
  // EXT_memory_object and EXT_semaphore: the UUIDs.
  public let glGetUnsignedBytevEXT: PFNGLGETUNSIGNEDBYTEVEXTPROC?
  public let glGetUnsignedBytei_vEXT: PFNGLGETUNSIGNEDBYTEI_VEXTPROC?
  // EXT_memory_object.
  public let glCreateMemoryObjectsEXT: PFNGLCREATEMEMORYOBJECTSEXTPROC?
  public let glDeleteMemoryObjectsEXT: PFNGLDELETEMEMORYOBJECTSEXTPROC?
  public let glMemoryObjectParameterivEXT: PFNGLMEMORYOBJECTPARAMETERIVEXTPROC?
  public let glTexStorageMem2DEXT: PFNGLTEXSTORAGEMEM2DEXTPROC?
  public let glBufferStorageMemEXT: PFNGLBUFFERSTORAGEMEMEXTPROC?
  // EXT_memory_object_fd.
  public let glImportMemoryFdEXT: PFNGLIMPORTMEMORYFDEXTPROC?
  // EXT_semaphore.
  public let glGenSemaphoresEXT: PFNGLGENSEMAPHORESEXTPROC?
  public let glDeleteSemaphoresEXT: PFNGLDELETESEMAPHORESEXTPROC?
  public let glWaitSemaphoreEXT: PFNGLWAITSEMAPHOREEXTPROC?
  public let glSignalSemaphoreEXT: PFNGLSIGNALSEMAPHOREEXTPROC?
  // EXT_semaphore_fd.
  public let glImportSemaphoreFdEXT: PFNGLIMPORTSEMAPHOREFDEXTPROC?
  // NV_timeline_semaphore, and what EXT_semaphore has for its values.
  public let glCreateSemaphoresNV: PFNGLCREATESEMAPHORESNVPROC?
  public let glSemaphoreParameterivNV: PFNGLSEMAPHOREPARAMETERIVNVPROC?
  public let glSemaphoreParameterui64vEXT: PFNGLSEMAPHOREPARAMETERUI64VEXTPROC?
  // OES_EGL_image, in desktop GL too.
  public let glEGLImageTargetTexture2DOES: PFNGLEGLIMAGETARGETTEXTURE2DOESPROC?

  /// - Throws: ``InteropError/Code/driverMissing`` naming the first function of the first group that is not there.
  public init(resolver: FunctionResolver) throws(InteropError) {
    try self.init(resolver: resolver, extensions: nil, isES2: false)
  }

  /// - Parameters:
  ///   - extensions: of a GLES context below 3.2. What they bring is taken by the name that the extension gives it: the
  ///     plain functions may be there too, and are errors in such a context (ANGLE). nil takes plain names first.
  ///   - isES2: whether this goes for the second group as well.
  package init(resolver: FunctionResolver, extensions: Set<String>?, isES2: Bool) throws(InteropError) {
    var missing: Set<String> = []
    func indexed<Function>(_ name: String, _ prefixes: [String]) -> Function? {
      for prefix in prefixes where extensions?.contains("GL_\(prefix)_draw_buffers_indexed") ?? false {
        if let function: Function = resolver.optional(name + prefix) { return function }
      }
      return resolver.optional(name)
    }
    func later<Function>(_ name: String, orElse stub: Function) -> Function {
      if !isES2, let function: Function = resolver.optional(name) { return function }
      for (other, source) in Self.otherNames[name] ?? [] where extensions?.contains(source) ?? true {
        if let function: Function = resolver.optional(other) { return function }
      }
      missing.insert(name)
      return stub
    }
    glGetError = try resolver.required("glGetError")
    glGetString = try resolver.required("glGetString")
    glGetIntegerv = try resolver.required("glGetIntegerv")
    glGetBooleanv = try resolver.required("glGetBooleanv")
    glIsEnabled = try resolver.required("glIsEnabled")
    glEnable = try resolver.required("glEnable")
    glDisable = try resolver.required("glDisable")
    glFlush = try resolver.required("glFlush")
    glFinish = try resolver.required("glFinish")
    glGenTextures = try resolver.required("glGenTextures")
    glDeleteTextures = try resolver.required("glDeleteTextures")
    glBindTexture = try resolver.required("glBindTexture")
    glActiveTexture = try resolver.required("glActiveTexture")
    glTexParameteri = try resolver.required("glTexParameteri")
    glTexSubImage2D = try resolver.required("glTexSubImage2D")
    glGenFramebuffers = try resolver.required("glGenFramebuffers")
    glDeleteFramebuffers = try resolver.required("glDeleteFramebuffers")
    glBindFramebuffer = try resolver.required("glBindFramebuffer")
    glIsFramebuffer = try resolver.required("glIsFramebuffer")
    glFramebufferTexture2D = try resolver.required("glFramebufferTexture2D")
    glFramebufferRenderbuffer = try resolver.required("glFramebufferRenderbuffer")
    glCheckFramebufferStatus = try resolver.required("glCheckFramebufferStatus")
    glGetFramebufferAttachmentParameteriv = try resolver.required("glGetFramebufferAttachmentParameteriv")
    glGenRenderbuffers = try resolver.required("glGenRenderbuffers")
    glDeleteRenderbuffers = try resolver.required("glDeleteRenderbuffers")
    glBindRenderbuffer = try resolver.required("glBindRenderbuffer")
    glGetRenderbufferParameteriv = try resolver.required("glGetRenderbufferParameteriv")
    glReadPixels = try resolver.required("glReadPixels")
    glPixelStorei = try resolver.required("glPixelStorei")
    glViewport = try resolver.required("glViewport")
    glScissor = try resolver.required("glScissor")
    glColorMask = try resolver.required("glColorMask")
    glClearColor = try resolver.required("glClearColor")
    glClear = try resolver.required("glClear")
    glDrawArrays = try resolver.required("glDrawArrays")
    glCreateShader = try resolver.required("glCreateShader")
    glShaderSource = try resolver.required("glShaderSource")
    glCompileShader = try resolver.required("glCompileShader")
    glGetShaderiv = try resolver.required("glGetShaderiv")
    glGetShaderInfoLog = try resolver.required("glGetShaderInfoLog")
    glDeleteShader = try resolver.required("glDeleteShader")
    glCreateProgram = try resolver.required("glCreateProgram")
    glAttachShader = try resolver.required("glAttachShader")
    glLinkProgram = try resolver.required("glLinkProgram")
    glGetProgramiv = try resolver.required("glGetProgramiv")
    glGetProgramInfoLog = try resolver.required("glGetProgramInfoLog")
    glDeleteProgram = try resolver.required("glDeleteProgram")
    glUseProgram = try resolver.required("glUseProgram")
    glGetUniformLocation = try resolver.required("glGetUniformLocation")
    glUniform1i = try resolver.required("glUniform1i")
    glUniform4f = try resolver.required("glUniform4f")
    glGetFloatv = try resolver.required("glGetFloatv")
    glTexImage2D = try resolver.required("glTexImage2D")
    glCopyTexSubImage2D = try resolver.required("glCopyTexSubImage2D")
    glGetTexParameteriv = try resolver.required("glGetTexParameteriv")
    glRenderbufferStorage = try resolver.required("glRenderbufferStorage")
    glBindAttribLocation = try resolver.required("glBindAttribLocation")
    glVertexAttribPointer = try resolver.required("glVertexAttribPointer")
    glEnableVertexAttribArray = try resolver.required("glEnableVertexAttribArray")
    glDisableVertexAttribArray = try resolver.required("glDisableVertexAttribArray")
    glGetVertexAttribiv = try resolver.required("glGetVertexAttribiv")
    glGetVertexAttribPointerv = try resolver.required("glGetVertexAttribPointerv")
    glUniform2f = try resolver.required("glUniform2f")
    glGenBuffers = try resolver.required("glGenBuffers")
    glDeleteBuffers = try resolver.required("glDeleteBuffers")
    glBindBuffer = try resolver.required("glBindBuffer")
    glBufferData = try resolver.required("glBufferData")
    glGetBufferParameteriv = try resolver.required("glGetBufferParameteriv")
    glGetStringi = later(
      "glGetStringi",
      orElse: { _, _ in
        Self.note("glGetStringi"); return nil
      })
    glFenceSync = later(
      "glFenceSync",
      orElse: { _, _ in
        Self.note("glFenceSync"); return nil
      })
    glClientWaitSync = later(
      "glClientWaitSync",
      orElse: { _, _, _ in
        Self.note("glClientWaitSync"); return GLenum(GL_WAIT_FAILED)
      })
    glDeleteSync = later("glDeleteSync", orElse: { _ in Self.note("glDeleteSync") })
    glTexStorage2D = later("glTexStorage2D", orElse: { _, _, _, _, _ in Self.note("glTexStorage2D") })
    glBindSampler = later("glBindSampler", orElse: { _, _ in Self.note("glBindSampler") })
    glRenderbufferStorageMultisample = later(
      "glRenderbufferStorageMultisample", orElse: { _, _, _, _, _ in Self.note("glRenderbufferStorageMultisample") })
    glReadBuffer = later("glReadBuffer", orElse: { _ in Self.note("glReadBuffer") })
    glDrawBuffers = later("glDrawBuffers", orElse: { _, _ in Self.note("glDrawBuffers") })
    glBlitFramebuffer = later(
      "glBlitFramebuffer", orElse: { _, _, _, _, _, _, _, _, _, _ in Self.note("glBlitFramebuffer") })
    glClearBufferfv = later("glClearBufferfv", orElse: { _, _, _ in Self.note("glClearBufferfv") })
    glGenVertexArrays = later("glGenVertexArrays", orElse: { _, _ in Self.note("glGenVertexArrays") })
    glDeleteVertexArrays = later("glDeleteVertexArrays", orElse: { _, _ in Self.note("glDeleteVertexArrays") })
    glBindVertexArray = later("glBindVertexArray", orElse: { _ in Self.note("glBindVertexArray") })
    glMapBufferRange = later(
      "glMapBufferRange",
      orElse: { _, _, _, _ in
        Self.note("glMapBufferRange"); return nil
      })
    glUnmapBuffer = later(
      "glUnmapBuffer",
      orElse: { _ in
        Self.note("glUnmapBuffer"); return GLboolean(0)
      })
    glGenSamplers = resolver.optional("glGenSamplers")
    glDeleteSamplers = resolver.optional("glDeleteSamplers")
    glIsSampler = resolver.optional("glIsSampler")
    glSamplerParameterf = resolver.optional("glSamplerParameterf")
    glGetSamplerParameterfv = resolver.optional("glGetSamplerParameterfv")
    glColorMaski = indexed("glColorMaski", ["OES", "EXT"])
    glGetFloati_v = resolver.optional("glGetFloati_v") ?? resolver.optional("glGetFloati_vOES")
    glViewportIndexedfv = resolver.optional("glViewportIndexedfv") ?? resolver.optional("glViewportIndexedfvOES")
    glScissorIndexed = resolver.optional("glScissorIndexed") ?? resolver.optional("glScissorIndexedOES")
    glGetIntegeri_v = resolver.optional("glGetIntegeri_v")
    glClampColor = resolver.optional("glClampColor")
    let divisors = ["ANGLE", "EXT"].filter { isES2 && extensions?.contains("GL_\($0)_instanced_arrays") ?? false }
    glVertexAttribDivisor = divisors.first.flatMap { resolver.optional("glVertexAttribDivisor\($0)") }
    glPixelTransferf = resolver.optional("glPixelTransferf")
    glGetBooleani_v = resolver.optional("glGetBooleani_v")
    glEnablei = indexed("glEnablei", ["OES", "EXT"])
    glDisablei = indexed("glDisablei", ["OES", "EXT"])
    glIsEnabledi = resolver.optional("glIsEnabledi")
    glGetTexLevelParameteriv = resolver.optional("glGetTexLevelParameteriv")
    glGetTextureLevelParameteriv = resolver.optional("glGetTextureLevelParameteriv")
    glGetNamedRenderbufferParameteriv = resolver.optional("glGetNamedRenderbufferParameteriv")
    glCopyTexSubImage3D = resolver.optional("glCopyTexSubImage3D")
    glPolygonMode = resolver.optional("glPolygonMode")
    glDrawBuffer = resolver.optional("glDrawBuffer")
    glPolygonModeNV = resolver.optional("glPolygonModeNV")
    glBufferStorage = resolver.optional("glBufferStorage")
    glBufferStorageEXT = resolver.optional("glBufferStorageEXT")
    glGetUnsignedBytevEXT = resolver.optional("glGetUnsignedBytevEXT")
    glGetUnsignedBytei_vEXT = resolver.optional("glGetUnsignedBytei_vEXT")
    glCreateMemoryObjectsEXT = resolver.optional("glCreateMemoryObjectsEXT")
    glDeleteMemoryObjectsEXT = resolver.optional("glDeleteMemoryObjectsEXT")
    glMemoryObjectParameterivEXT = resolver.optional("glMemoryObjectParameterivEXT")
    glTexStorageMem2DEXT = resolver.optional("glTexStorageMem2DEXT")
    glBufferStorageMemEXT = resolver.optional("glBufferStorageMemEXT")
    glImportMemoryFdEXT = resolver.optional("glImportMemoryFdEXT")
    glGenSemaphoresEXT = resolver.optional("glGenSemaphoresEXT")
    glDeleteSemaphoresEXT = resolver.optional("glDeleteSemaphoresEXT")
    glWaitSemaphoreEXT = resolver.optional("glWaitSemaphoreEXT")
    glSignalSemaphoreEXT = resolver.optional("glSignalSemaphoreEXT")
    glImportSemaphoreFdEXT = resolver.optional("glImportSemaphoreFdEXT")
    glCreateSemaphoresNV = resolver.optional("glCreateSemaphoresNV")
    glSemaphoreParameterivNV = resolver.optional("glSemaphoreParameterivNV")
    glSemaphoreParameterui64vEXT = resolver.optional("glSemaphoreParameterui64vEXT")
    glEGLImageTargetTexture2DOES = resolver.optional("glEGLImageTargetTexture2DOES")
    self.missing = missing
  }

  /// What the second group is called where an extension brings it to GLES 2.0.
  private static let otherNames: [String: [(name: String, source: String)]] = [
    "glFenceSync": [("glFenceSyncAPPLE", "GL_APPLE_sync")],
    "glClientWaitSync": [("glClientWaitSyncAPPLE", "GL_APPLE_sync")],
    "glDeleteSync": [("glDeleteSyncAPPLE", "GL_APPLE_sync")],
    "glTexStorage2D": [("glTexStorage2DEXT", "GL_EXT_texture_storage")],
    "glRenderbufferStorageMultisample": [
      ("glRenderbufferStorageMultisampleANGLE", "GL_ANGLE_framebuffer_multisample"),
      ("glRenderbufferStorageMultisampleNV", "GL_NV_framebuffer_multisample"),
      ("glRenderbufferStorageMultisampleAPPLE", "GL_APPLE_framebuffer_multisample"),
    ],
    "glReadBuffer": [("glReadBufferNV", "GL_NV_read_buffer")],
    "glDrawBuffers": [("glDrawBuffersEXT", "GL_EXT_draw_buffers"), ("glDrawBuffersNV", "GL_NV_draw_buffers")],
    "glBlitFramebuffer": [
      ("glBlitFramebufferANGLE", "GL_ANGLE_framebuffer_blit"), ("glBlitFramebufferNV", "GL_NV_framebuffer_blit"),
    ],
    "glGenVertexArrays": [("glGenVertexArraysOES", "GL_OES_vertex_array_object")],
    "glDeleteVertexArrays": [("glDeleteVertexArraysOES", "GL_OES_vertex_array_object")],
    "glBindVertexArray": [("glBindVertexArrayOES", "GL_OES_vertex_array_object")],
    "glMapBufferRange": [("glMapBufferRangeEXT", "GL_EXT_map_buffer_range")],
    "glUnmapBuffer": [("glUnmapBufferOES", "GL_OES_mapbuffer"), ("glUnmapBufferOES", "GL_EXT_map_buffer_range")],
  ]

  // MARK: Functions that are not there

  // A context is current on one thread, so what belongs to the thread belongs to the context that it works with.
  private final class Calls {
    var missing: String?
    /// Whoever works on this thread, see ``beginCalls(of:)``.
    var owner: UInt64 = 0
  }

  /// Freed when the thread ends.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let error = pthread_key_create(&key) { pointer in
      if let pointer { Unmanaged<Calls>.fromOpaque(pointer).release() }
    }
    precondition(error == 0, "no key for what belongs to a thread: \(error)")
    return key
  }()

  /// Made for the first call of a function that is not there, or the first context that lacks one.
  private static var calls: Calls {
    if let known = pthread_getspecific(key) { return Unmanaged<Calls>.fromOpaque(known).takeUnretainedValue() }
    let made = Calls()
    pthread_setspecific(key, UnsafeRawPointer(Unmanaged.passRetained(made).toOpaque()))
    return made
  }

  private static func note(_ name: String) { calls.missing = name }

  /// What is noted on this thread from now on is `owner`'s; what another owner has left is forgotten.
  ///
  /// - Parameter owner: not 0, and given once.
  package static func beginCalls(of owner: UInt64) {
    let calls = calls
    guard calls.owner != owner else { return }
    calls.owner = owner
    calls.missing = nil
  }

  /// The name of the last function that was called on this thread although ``missing`` lists it; nil if none was since
  /// the last time this was asked here. What other threads call, in contexts of their own, is theirs.
  public static func takeMissingCall() -> String? {
    guard let known = pthread_getspecific(key) else { return nil }
    let calls = Unmanaged<Calls>.fromOpaque(known).takeUnretainedValue()
    defer { calls.missing = nil }
    return calls.missing
  }
}
