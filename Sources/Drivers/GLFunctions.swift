public import CGraphics

/// GL's entry points for one context, filled once from that context's own `getProcAddress`.
///
/// The first group is common to desktop GL 3.3 with ARB_texture_storage (or 4.2) and GLES 3.0, and always there; the second is nil where the driver lacks
/// the function. A non-nil pointer does not say that the driver implements the extension (Mesa returns stubs for names
/// it does not support), see `GLContext.extensions`.
public struct GLFunctions: @unchecked Sendable {
  public let glGetError: PFNGLGETERRORPROC
  public let glGetString: PFNGLGETSTRINGPROC
  public let glGetStringi: PFNGLGETSTRINGIPROC
  public let glGetIntegerv: PFNGLGETINTEGERVPROC
  public let glGetBooleanv: PFNGLGETBOOLEANVPROC
  public let glIsEnabled: PFNGLISENABLEDPROC
  public let glEnable: PFNGLENABLEPROC
  public let glDisable: PFNGLDISABLEPROC
  public let glFlush: PFNGLFLUSHPROC
  public let glFinish: PFNGLFINISHPROC
  public let glFenceSync: PFNGLFENCESYNCPROC
  public let glClientWaitSync: PFNGLCLIENTWAITSYNCPROC
  public let glDeleteSync: PFNGLDELETESYNCPROC
  public let glIsSync: PFNGLISSYNCPROC
  // Textures and samplers.
  public let glGenTextures: PFNGLGENTEXTURESPROC
  public let glDeleteTextures: PFNGLDELETETEXTURESPROC
  public let glBindTexture: PFNGLBINDTEXTUREPROC
  public let glActiveTexture: PFNGLACTIVETEXTUREPROC
  public let glTexParameteri: PFNGLTEXPARAMETERIPROC
  public let glTexStorage2D: PFNGLTEXSTORAGE2DPROC
  public let glTexSubImage2D: PFNGLTEXSUBIMAGE2DPROC
  public let glBindSampler: PFNGLBINDSAMPLERPROC
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
  public let glRenderbufferStorageMultisample: PFNGLRENDERBUFFERSTORAGEMULTISAMPLEPROC
  public let glReadBuffer: PFNGLREADBUFFERPROC
  public let glDrawBuffers: PFNGLDRAWBUFFERSPROC
  public let glBlitFramebuffer: PFNGLBLITFRAMEBUFFERPROC
  public let glReadPixels: PFNGLREADPIXELSPROC
  public let glPixelStorei: PFNGLPIXELSTOREIPROC
  // Drawing.
  public let glViewport: PFNGLVIEWPORTPROC
  public let glScissor: PFNGLSCISSORPROC
  public let glColorMask: PFNGLCOLORMASKPROC
  public let glClearColor: PFNGLCLEARCOLORPROC
  public let glClear: PFNGLCLEARPROC
  public let glClearBufferfv: PFNGLCLEARBUFFERFVPROC
  public let glDrawArrays: PFNGLDRAWARRAYSPROC
  public let glGenVertexArrays: PFNGLGENVERTEXARRAYSPROC
  public let glDeleteVertexArrays: PFNGLDELETEVERTEXARRAYSPROC
  public let glBindVertexArray: PFNGLBINDVERTEXARRAYPROC
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
  // Buffers.
  public let glGenBuffers: PFNGLGENBUFFERSPROC
  public let glDeleteBuffers: PFNGLDELETEBUFFERSPROC
  public let glBindBuffer: PFNGLBINDBUFFERPROC
  public let glBufferData: PFNGLBUFFERDATAPROC
  public let glGetBufferParameteriv: PFNGLGETBUFFERPARAMETERIVPROC
  public let glMapBufferRange: PFNGLMAPBUFFERRANGEPROC
  public let glUnmapBuffer: PFNGLUNMAPBUFFERPROC

  // Desktop GL 3.0 or ES 3.2.
  public let glColorMaski: PFNGLCOLORMASKIPROC?
  public let glGetBooleani_v: PFNGLGETBOOLEANI_VPROC?
  public let glEnablei: PFNGLENABLEIPROC?
  public let glDisablei: PFNGLDISABLEIPROC?
  public let glIsEnabledi: PFNGLISENABLEDIPROC?
  // Desktop GL or ES 3.1.
  public let glGetTexLevelParameteriv: PFNGLGETTEXLEVELPARAMETERIVPROC?
  // Desktop GL only.
  public let glPolygonMode: PFNGLPOLYGONMODEPROC?
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

  /// - Throws: ``InteropError/Code/driverMissing`` naming the first function of the common group that is not there.
  public init(resolver: FunctionResolver) throws(InteropError) {
    glGetError = try resolver.required("glGetError")
    glGetString = try resolver.required("glGetString")
    glGetStringi = try resolver.required("glGetStringi")
    glGetIntegerv = try resolver.required("glGetIntegerv")
    glGetBooleanv = try resolver.required("glGetBooleanv")
    glIsEnabled = try resolver.required("glIsEnabled")
    glEnable = try resolver.required("glEnable")
    glDisable = try resolver.required("glDisable")
    glFlush = try resolver.required("glFlush")
    glFinish = try resolver.required("glFinish")
    glFenceSync = try resolver.required("glFenceSync")
    glClientWaitSync = try resolver.required("glClientWaitSync")
    glDeleteSync = try resolver.required("glDeleteSync")
    glIsSync = try resolver.required("glIsSync")
    glGenTextures = try resolver.required("glGenTextures")
    glDeleteTextures = try resolver.required("glDeleteTextures")
    glBindTexture = try resolver.required("glBindTexture")
    glActiveTexture = try resolver.required("glActiveTexture")
    glTexParameteri = try resolver.required("glTexParameteri")
    glTexStorage2D = try resolver.required("glTexStorage2D")
    glTexSubImage2D = try resolver.required("glTexSubImage2D")
    glBindSampler = try resolver.required("glBindSampler")
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
    glRenderbufferStorageMultisample = try resolver.required("glRenderbufferStorageMultisample")
    glReadBuffer = try resolver.required("glReadBuffer")
    glDrawBuffers = try resolver.required("glDrawBuffers")
    glBlitFramebuffer = try resolver.required("glBlitFramebuffer")
    glReadPixels = try resolver.required("glReadPixels")
    glPixelStorei = try resolver.required("glPixelStorei")
    glViewport = try resolver.required("glViewport")
    glScissor = try resolver.required("glScissor")
    glColorMask = try resolver.required("glColorMask")
    glClearColor = try resolver.required("glClearColor")
    glClear = try resolver.required("glClear")
    glClearBufferfv = try resolver.required("glClearBufferfv")
    glDrawArrays = try resolver.required("glDrawArrays")
    glGenVertexArrays = try resolver.required("glGenVertexArrays")
    glDeleteVertexArrays = try resolver.required("glDeleteVertexArrays")
    glBindVertexArray = try resolver.required("glBindVertexArray")
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
    glGenBuffers = try resolver.required("glGenBuffers")
    glDeleteBuffers = try resolver.required("glDeleteBuffers")
    glBindBuffer = try resolver.required("glBindBuffer")
    glBufferData = try resolver.required("glBufferData")
    glGetBufferParameteriv = try resolver.required("glGetBufferParameteriv")
    glMapBufferRange = try resolver.required("glMapBufferRange")
    glUnmapBuffer = try resolver.required("glUnmapBuffer")
    glColorMaski = resolver.optional("glColorMaski")
    glGetBooleani_v = resolver.optional("glGetBooleani_v")
    glEnablei = resolver.optional("glEnablei")
    glDisablei = resolver.optional("glDisablei")
    glIsEnabledi = resolver.optional("glIsEnabledi")
    glGetTexLevelParameteriv = resolver.optional("glGetTexLevelParameteriv")
    glPolygonMode = resolver.optional("glPolygonMode")
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
  }
}
