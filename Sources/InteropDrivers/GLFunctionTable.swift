// Made by scripts/generate-driver-tables.py of scripts/driver-functions.txt. Not to be edited.

public import CInteropGraphics

/// GL's entry points that this package calls, for one context, filled once from that context's own `getProcAddress`.
/// Others by `GLContext.function(_:as:)`.
///
/// What GLES 2.0 and desktop GL 3.0 have is always there. Of what came with GLES 3.0 or desktop GL up to 3.3, where a
/// driver has none of it under any name (``missing`` lists them), the pointer leads to a function that does nothing,
/// answers 0 and is remembered for ``takeMissingCall()``. The others are nil where the driver lacks the function. A
/// pointer does not say that the driver implements the function or the extension (Mesa and glvnd return stubs for names
/// they do not support), see `GLContext.extensions` and `GLContext.version`.
public struct GLFunctions: @unchecked Sendable {
  /// Of what came with GLES 3.0 or desktop GL up to 3.3, the functions that the driver does not have.
  public internal(set) var missing: Set<String> = []

  // State.
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetError.xhtml>
  public private(set) var glGetError: PFNGLGETERRORPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetString.xhtml>
  public private(set) var glGetString: PFNGLGETSTRINGPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetIntegerv: PFNGLGETINTEGERVPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetBooleanv: PFNGLGETBOOLEANVPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetFloatv: PFNGLGETFLOATVPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glIsEnabled.xhtml>
  public private(set) var glIsEnabled: PFNGLISENABLEDPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnable.xhtml>
  public private(set) var glEnable: PFNGLENABLEPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnable.xhtml>
  public private(set) var glDisable: PFNGLDISABLEPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glFlush.xhtml>
  public private(set) var glFlush: PFNGLFLUSHPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glFinish.xhtml>
  public private(set) var glFinish: PFNGLFINISHPROC = notLookedUp()

  // Textures.
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenTextures.xhtml>
  public private(set) var glGenTextures: PFNGLGENTEXTURESPROC = notLookedUp()
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteTextures.xhtml>
  public private(set) var glDeleteTextures: PFNGLDELETETEXTURESPROC = notLookedUp()
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindTexture.xhtml>
  public private(set) var glBindTexture: PFNGLBINDTEXTUREPROC = notLookedUp()
  /// GL 1.3, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glActiveTexture.xhtml>
  public private(set) var glActiveTexture: PFNGLACTIVETEXTUREPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glTexParameter.xhtml>
  public private(set) var glTexParameteri: PFNGLTEXPARAMETERIPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetTexParameter.xhtml>
  public private(set) var glGetTexParameteriv: PFNGLGETTEXPARAMETERIVPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glTexImage2D.xhtml>
  public private(set) var glTexImage2D: PFNGLTEXIMAGE2DPROC = notLookedUp()
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glTexSubImage2D.xhtml>
  public private(set) var glTexSubImage2D: PFNGLTEXSUBIMAGE2DPROC = notLookedUp()
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCopyTexSubImage2D.xhtml>
  public private(set) var glCopyTexSubImage2D: PFNGLCOPYTEXSUBIMAGE2DPROC = notLookedUp()

  // Framebuffers.
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenFramebuffers.xhtml>
  public private(set) var glGenFramebuffers: PFNGLGENFRAMEBUFFERSPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteFramebuffers.xhtml>
  public private(set) var glDeleteFramebuffers: PFNGLDELETEFRAMEBUFFERSPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindFramebuffer.xhtml>
  public private(set) var glBindFramebuffer: PFNGLBINDFRAMEBUFFERPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glIsFramebuffer.xhtml>
  public private(set) var glIsFramebuffer: PFNGLISFRAMEBUFFERPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glFramebufferTexture.xhtml>
  public private(set) var glFramebufferTexture2D: PFNGLFRAMEBUFFERTEXTURE2DPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glFramebufferRenderbuffer.xhtml>
  public private(set) var glFramebufferRenderbuffer: PFNGLFRAMEBUFFERRENDERBUFFERPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCheckFramebufferStatus.xhtml>
  public private(set) var glCheckFramebufferStatus: PFNGLCHECKFRAMEBUFFERSTATUSPROC = notLookedUp()
  /// GL 3.0, GLES 2.0.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetFramebufferAttachmentParameter.xhtml>
  public private(set) var glGetFramebufferAttachmentParameteriv: PFNGLGETFRAMEBUFFERATTACHMENTPARAMETERIVPROC =
    notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenRenderbuffers.xhtml>
  public private(set) var glGenRenderbuffers: PFNGLGENRENDERBUFFERSPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteRenderbuffers.xhtml>
  public private(set) var glDeleteRenderbuffers: PFNGLDELETERENDERBUFFERSPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindRenderbuffer.xhtml>
  public private(set) var glBindRenderbuffer: PFNGLBINDRENDERBUFFERPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glRenderbufferStorage.xhtml>
  public private(set) var glRenderbufferStorage: PFNGLRENDERBUFFERSTORAGEPROC = notLookedUp()
  /// GL 3.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetRenderbufferParameter.xhtml>
  public private(set) var glGetRenderbufferParameteriv: PFNGLGETRENDERBUFFERPARAMETERIVPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glReadPixels.xhtml>
  public private(set) var glReadPixels: PFNGLREADPIXELSPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glPixelStore.xhtml>
  public private(set) var glPixelStorei: PFNGLPIXELSTOREIPROC = notLookedUp()

  // Drawing.
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glViewport.xhtml>
  public private(set) var glViewport: PFNGLVIEWPORTPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glScissor.xhtml>
  public private(set) var glScissor: PFNGLSCISSORPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glColorMask.xhtml>
  public private(set) var glColorMask: PFNGLCOLORMASKPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glClearColor.xhtml>
  public private(set) var glClearColor: PFNGLCLEARCOLORPROC = notLookedUp()
  /// GL 1.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glClear.xhtml>
  public private(set) var glClear: PFNGLCLEARPROC = notLookedUp()
  /// GL 1.1, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDrawArrays.xhtml>
  public private(set) var glDrawArrays: PFNGLDRAWARRAYSPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindAttribLocation.xhtml>
  public private(set) var glBindAttribLocation: PFNGLBINDATTRIBLOCATIONPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glVertexAttribPointer.xhtml>
  public private(set) var glVertexAttribPointer: PFNGLVERTEXATTRIBPOINTERPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnableVertexAttribArray.xhtml>
  public private(set) var glEnableVertexAttribArray: PFNGLENABLEVERTEXATTRIBARRAYPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnableVertexAttribArray.xhtml>
  public private(set) var glDisableVertexAttribArray: PFNGLDISABLEVERTEXATTRIBARRAYPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetVertexAttrib.xhtml>
  public private(set) var glGetVertexAttribiv: PFNGLGETVERTEXATTRIBIVPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetVertexAttribPointerv.xhtml>
  public private(set) var glGetVertexAttribPointerv: PFNGLGETVERTEXATTRIBPOINTERVPROC = notLookedUp()

  // Programs.
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCreateShader.xhtml>
  public private(set) var glCreateShader: PFNGLCREATESHADERPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glShaderSource.xhtml>
  public private(set) var glShaderSource: PFNGLSHADERSOURCEPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCompileShader.xhtml>
  public private(set) var glCompileShader: PFNGLCOMPILESHADERPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetShader.xhtml>
  public private(set) var glGetShaderiv: PFNGLGETSHADERIVPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetShaderInfoLog.xhtml>
  public private(set) var glGetShaderInfoLog: PFNGLGETSHADERINFOLOGPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteShader.xhtml>
  public private(set) var glDeleteShader: PFNGLDELETESHADERPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCreateProgram.xhtml>
  public private(set) var glCreateProgram: PFNGLCREATEPROGRAMPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glAttachShader.xhtml>
  public private(set) var glAttachShader: PFNGLATTACHSHADERPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glLinkProgram.xhtml>
  public private(set) var glLinkProgram: PFNGLLINKPROGRAMPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetProgram.xhtml>
  public private(set) var glGetProgramiv: PFNGLGETPROGRAMIVPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetProgramInfoLog.xhtml>
  public private(set) var glGetProgramInfoLog: PFNGLGETPROGRAMINFOLOGPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteProgram.xhtml>
  public private(set) var glDeleteProgram: PFNGLDELETEPROGRAMPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glUseProgram.xhtml>
  public private(set) var glUseProgram: PFNGLUSEPROGRAMPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetUniformLocation.xhtml>
  public private(set) var glGetUniformLocation: PFNGLGETUNIFORMLOCATIONPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glUniform.xhtml>
  public private(set) var glUniform1i: PFNGLUNIFORM1IPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glUniform.xhtml>
  public private(set) var glUniform2f: PFNGLUNIFORM2FPROC = notLookedUp()
  /// GL 2.0, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glUniform.xhtml>
  public private(set) var glUniform4f: PFNGLUNIFORM4FPROC = notLookedUp()

  // Buffers.
  /// GL 1.5, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenBuffers.xhtml>
  public private(set) var glGenBuffers: PFNGLGENBUFFERSPROC = notLookedUp()
  /// GL 1.5, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteBuffers.xhtml>
  public private(set) var glDeleteBuffers: PFNGLDELETEBUFFERSPROC = notLookedUp()
  /// GL 1.5, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindBuffer.xhtml>
  public private(set) var glBindBuffer: PFNGLBINDBUFFERPROC = notLookedUp()
  /// GL 1.5, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBufferData.xhtml>
  public private(set) var glBufferData: PFNGLBUFFERDATAPROC = notLookedUp()
  /// GL 1.5, GLES 2.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetBufferParameter.xhtml>
  public private(set) var glGetBufferParameteriv: PFNGLGETBUFFERPARAMETERIVPROC = notLookedUp()

  // ES3.
  /// GL 3.0, GLES 3.0. See ``missing``. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetString.xhtml>
  public private(set) var glGetStringi: PFNGLGETSTRINGIPROC = notLookedUp()
  /// GL 3.2, GLES 3.0; `glFenceSyncAPPLE` of `GL_APPLE_sync`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glFenceSync.xhtml>
  public private(set) var glFenceSync: PFNGLFENCESYNCPROC = notLookedUp()
  /// GL 3.2, GLES 3.0; `glClientWaitSyncAPPLE` of `GL_APPLE_sync`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glClientWaitSync.xhtml>
  public private(set) var glClientWaitSync: PFNGLCLIENTWAITSYNCPROC = notLookedUp()
  /// GL 3.2, GLES 3.0; `glDeleteSyncAPPLE` of `GL_APPLE_sync`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteSync.xhtml>
  public private(set) var glDeleteSync: PFNGLDELETESYNCPROC = notLookedUp()
  /// GL 4.2, GLES 3.0; `glTexStorage2DEXT` of `GL_EXT_texture_storage`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glTexStorage2D.xhtml>
  public private(set) var glTexStorage2D: PFNGLTEXSTORAGE2DPROC = notLookedUp()
  /// GL 3.3, GLES 3.0. See ``missing``. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindSampler.xhtml>
  public private(set) var glBindSampler: PFNGLBINDSAMPLERPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glRenderbufferStorageMultisampleANGLE` of `GL_ANGLE_framebuffer_multisample`;
  /// `glRenderbufferStorageMultisampleNV` of `GL_NV_framebuffer_multisample`; `glRenderbufferStorageMultisampleAPPLE`
  /// of `GL_APPLE_framebuffer_multisample`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glRenderbufferStorageMultisample.xhtml>
  public private(set) var glRenderbufferStorageMultisample: PFNGLRENDERBUFFERSTORAGEMULTISAMPLEPROC = notLookedUp()
  /// GL 1.0, GLES 3.0; `glReadBufferNV` of `GL_NV_read_buffer`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glReadBuffer.xhtml>
  public private(set) var glReadBuffer: PFNGLREADBUFFERPROC = notLookedUp()
  /// GL 2.0, GLES 3.0; `glDrawBuffersEXT` of `GL_EXT_draw_buffers`; `glDrawBuffersNV` of `GL_NV_draw_buffers`. See
  /// ``missing``. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDrawBuffers.xhtml>
  public private(set) var glDrawBuffers: PFNGLDRAWBUFFERSPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glBlitFramebufferANGLE` of `GL_ANGLE_framebuffer_blit`; `glBlitFramebufferNV` of
  /// `GL_NV_framebuffer_blit`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBlitFramebuffer.xhtml>
  public private(set) var glBlitFramebuffer: PFNGLBLITFRAMEBUFFERPROC = notLookedUp()
  /// GL 3.0, GLES 3.0. See ``missing``. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glClearBuffer.xhtml>
  public private(set) var glClearBufferfv: PFNGLCLEARBUFFERFVPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glGenVertexArraysOES` of `GL_OES_vertex_array_object`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenVertexArrays.xhtml>
  public private(set) var glGenVertexArrays: PFNGLGENVERTEXARRAYSPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glDeleteVertexArraysOES` of `GL_OES_vertex_array_object`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteVertexArrays.xhtml>
  public private(set) var glDeleteVertexArrays: PFNGLDELETEVERTEXARRAYSPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glBindVertexArrayOES` of `GL_OES_vertex_array_object`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBindVertexArray.xhtml>
  public private(set) var glBindVertexArray: PFNGLBINDVERTEXARRAYPROC = notLookedUp()
  /// GL 3.0, GLES 3.0; `glMapBufferRangeEXT` of `GL_EXT_map_buffer_range`. See ``missing``.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glMapBufferRange.xhtml>
  public private(set) var glMapBufferRange: PFNGLMAPBUFFERRANGEPROC = notLookedUp()
  /// GL 1.5, GLES 3.0; `glUnmapBufferOES` of `GL_OES_mapbuffer`; `glUnmapBufferOES` of `GL_EXT_map_buffer_range`. See
  /// ``missing``. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glUnmapBuffer.xhtml>
  public private(set) var glUnmapBuffer: PFNGLUNMAPBUFFERPROC = notLookedUp()

  // LaterVersions.
  /// GL 3.0, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetIntegeri_v: PFNGLGETINTEGERI_VPROC?
  /// GL 3.0, GLES 3.1. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetBooleani_v: PFNGLGETBOOLEANI_VPROC?
  /// GL 4.1; `glGetFloati_vOES` of `GL_OES_viewport_array`.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGet.xhtml>
  public private(set) var glGetFloati_v: PFNGLGETFLOATI_VPROC?
  /// GL 3.0, GLES 3.2. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glIsEnabled.xhtml>
  public private(set) var glIsEnabledi: PFNGLISENABLEDIPROC?
  /// GL 3.0, GLES 3.2; `glEnableiOES` of `GL_OES_draw_buffers_indexed`; `glEnableiEXT` of
  /// `GL_EXT_draw_buffers_indexed`. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnable.xhtml>
  public private(set) var glEnablei: PFNGLENABLEIPROC?
  /// GL 3.0, GLES 3.2; `glDisableiOES` of `GL_OES_draw_buffers_indexed`; `glDisableiEXT` of
  /// `GL_EXT_draw_buffers_indexed`. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glEnable.xhtml>
  public private(set) var glDisablei: PFNGLDISABLEIPROC?
  /// GL 3.0, GLES 3.2; `glColorMaskiOES` of `GL_OES_draw_buffers_indexed`; `glColorMaskiEXT` of
  /// `GL_EXT_draw_buffers_indexed`. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glColorMask.xhtml>
  public private(set) var glColorMaski: PFNGLCOLORMASKIPROC?
  /// GL 4.1; `glViewportIndexedfvOES` of `GL_OES_viewport_array`.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glViewportIndexed.xhtml>
  public private(set) var glViewportIndexedfv: PFNGLVIEWPORTINDEXEDFVPROC?
  /// GL 4.1; `glScissorIndexedOES` of `GL_OES_viewport_array`.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glScissorIndexed.xhtml>
  public private(set) var glScissorIndexed: PFNGLSCISSORINDEXEDPROC?
  /// GL 3.3, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGenSamplers.xhtml>
  public private(set) var glGenSamplers: PFNGLGENSAMPLERSPROC?
  /// GL 3.3, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDeleteSamplers.xhtml>
  public private(set) var glDeleteSamplers: PFNGLDELETESAMPLERSPROC?
  /// GL 3.3, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glIsSampler.xhtml>
  public private(set) var glIsSampler: PFNGLISSAMPLERPROC?
  /// GL 3.3, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glSamplerParameter.xhtml>
  public private(set) var glSamplerParameterf: PFNGLSAMPLERPARAMETERFPROC?
  /// GL 3.3, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetSamplerParameter.xhtml>
  public private(set) var glGetSamplerParameterfv: PFNGLGETSAMPLERPARAMETERFVPROC?
  /// GL 1.0, GLES 3.1. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetTexLevelParameter.xhtml>
  public private(set) var glGetTexLevelParameteriv: PFNGLGETTEXLEVELPARAMETERIVPROC?
  /// GL 4.5. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetTexLevelParameter.xhtml>
  public private(set) var glGetTextureLevelParameteriv: PFNGLGETTEXTURELEVELPARAMETERIVPROC?
  /// GL 4.5. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glGetRenderbufferParameter.xhtml>
  public private(set) var glGetNamedRenderbufferParameteriv: PFNGLGETNAMEDRENDERBUFFERPARAMETERIVPROC?
  /// GL 1.2, GLES 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glCopyTexSubImage3D.xhtml>
  public private(set) var glCopyTexSubImage3D: PFNGLCOPYTEXSUBIMAGE3DPROC?
  /// GL 3.3, GLES 3.0; `glVertexAttribDivisorANGLE` of `GL_ANGLE_instanced_arrays`; `glVertexAttribDivisorEXT` of
  /// `GL_EXT_instanced_arrays`. In GLES 2.0 only, nil elsewhere.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glVertexAttribDivisor.xhtml>
  package private(set) var glVertexAttribDivisor: PFNGLVERTEXATTRIBDIVISORPROC?
  /// GL 4.4. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glBufferStorage.xhtml>
  public private(set) var glBufferStorage: PFNGLBUFFERSTORAGEPROC?
  /// `GL_EXT_buffer_storage`.
  public private(set) var glBufferStorageEXT: PFNGLBUFFERSTORAGEEXTPROC?

  // DesktopOnly.
  /// GL 3.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glClampColor.xhtml>
  public private(set) var glClampColor: PFNGLCLAMPCOLORPROC?
  /// GL 1.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glDrawBuffer.xhtml>
  public private(set) var glDrawBuffer: PFNGLDRAWBUFFERPROC?
  /// GL 1.0. Up to GL 2.1 and in compatibility profiles.
  /// <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glPixelTransfer.xml>
  public private(set) var glPixelTransferf: (@convention(c) (GLenum, GLfloat) -> Void)?
  /// GL 1.0. <https://registry.khronos.org/OpenGL-Refpages/gl4/html/glPolygonMode.xhtml>
  public private(set) var glPolygonMode: PFNGLPOLYGONMODEPROC?
  /// `GL_NV_polygon_mode`.
  public private(set) var glPolygonModeNV: PFNGLPOLYGONMODENVPROC?

  // Sharing.
  /// `GL_EXT_memory_object`, `GL_EXT_semaphore`. The driver's UUID.
  public private(set) var glGetUnsignedBytevEXT: PFNGLGETUNSIGNEDBYTEVEXTPROC?
  /// `GL_EXT_memory_object`, `GL_EXT_semaphore`. The devices' UUIDs.
  public private(set) var glGetUnsignedBytei_vEXT: PFNGLGETUNSIGNEDBYTEI_VEXTPROC?
  /// `GL_EXT_memory_object`.
  public private(set) var glCreateMemoryObjectsEXT: PFNGLCREATEMEMORYOBJECTSEXTPROC?
  /// `GL_EXT_memory_object`.
  public private(set) var glDeleteMemoryObjectsEXT: PFNGLDELETEMEMORYOBJECTSEXTPROC?
  /// `GL_EXT_memory_object`.
  public private(set) var glMemoryObjectParameterivEXT: PFNGLMEMORYOBJECTPARAMETERIVEXTPROC?
  /// `GL_EXT_memory_object`.
  public private(set) var glTexStorageMem2DEXT: PFNGLTEXSTORAGEMEM2DEXTPROC?
  /// `GL_EXT_memory_object`.
  public private(set) var glBufferStorageMemEXT: PFNGLBUFFERSTORAGEMEMEXTPROC?
  /// `GL_EXT_memory_object_fd`.
  public private(set) var glImportMemoryFdEXT: PFNGLIMPORTMEMORYFDEXTPROC?
  /// `GL_EXT_semaphore`.
  public private(set) var glGenSemaphoresEXT: PFNGLGENSEMAPHORESEXTPROC?
  /// `GL_EXT_semaphore`.
  public private(set) var glDeleteSemaphoresEXT: PFNGLDELETESEMAPHORESEXTPROC?
  /// `GL_EXT_semaphore`.
  public private(set) var glWaitSemaphoreEXT: PFNGLWAITSEMAPHOREEXTPROC?
  /// `GL_EXT_semaphore`.
  public private(set) var glSignalSemaphoreEXT: PFNGLSIGNALSEMAPHOREEXTPROC?
  /// `GL_EXT_semaphore_fd`.
  public private(set) var glImportSemaphoreFdEXT: PFNGLIMPORTSEMAPHOREFDEXTPROC?
  /// `GL_NV_timeline_semaphore`.
  public private(set) var glCreateSemaphoresNV: PFNGLCREATESEMAPHORESNVPROC?
  /// `GL_NV_timeline_semaphore`.
  public private(set) var glSemaphoreParameterivNV: PFNGLSEMAPHOREPARAMETERIVNVPROC?
  /// `GL_EXT_semaphore`. The value of a timeline.
  public private(set) var glSemaphoreParameterui64vEXT: PFNGLSEMAPHOREPARAMETERUI64VEXTPROC?
  /// `GL_OES_EGL_image`. In desktop GL too.
  public private(set) var glEGLImageTargetTexture2DOES: PFNGLEGLIMAGETARGETTEXTURE2DOESPROC?

  mutating func fill(from resolver: inout GLFunctionLookUp) throws(InteropError) {
    try fillState(from: &resolver)
    try fillTextures(from: &resolver)
    try fillFramebuffers(from: &resolver)
    try fillDrawing(from: &resolver)
    try fillPrograms(from: &resolver)
    try fillBuffers(from: &resolver)
    fillES3(from: &resolver)
    fillLaterVersions(from: &resolver)
    fillDesktopOnly(from: &resolver)
    fillSharing(from: &resolver)
  }

  private mutating func fillState(from resolver: inout GLFunctionLookUp) throws(InteropError) {
    glGetError = try resolver.required("glGetError")
    glGetString = try resolver.required("glGetString")
    glGetIntegerv = try resolver.required("glGetIntegerv")
    glGetBooleanv = try resolver.required("glGetBooleanv")
    glGetFloatv = try resolver.required("glGetFloatv")
    glIsEnabled = try resolver.required("glIsEnabled")
    glEnable = try resolver.required("glEnable")
    glDisable = try resolver.required("glDisable")
    glFlush = try resolver.required("glFlush")
    glFinish = try resolver.required("glFinish")
  }

  private mutating func fillTextures(from resolver: inout GLFunctionLookUp) throws(InteropError) {
    glGenTextures = try resolver.required("glGenTextures")
    glDeleteTextures = try resolver.required("glDeleteTextures")
    glBindTexture = try resolver.required("glBindTexture")
    glActiveTexture = try resolver.required("glActiveTexture")
    glTexParameteri = try resolver.required("glTexParameteri")
    glGetTexParameteriv = try resolver.required("glGetTexParameteriv")
    glTexImage2D = try resolver.required("glTexImage2D")
    glTexSubImage2D = try resolver.required("glTexSubImage2D")
    glCopyTexSubImage2D = try resolver.required("glCopyTexSubImage2D")
  }

  private mutating func fillFramebuffers(from resolver: inout GLFunctionLookUp) throws(InteropError) {
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
    glRenderbufferStorage = try resolver.required("glRenderbufferStorage")
    glGetRenderbufferParameteriv = try resolver.required("glGetRenderbufferParameteriv")
    glReadPixels = try resolver.required("glReadPixels")
    glPixelStorei = try resolver.required("glPixelStorei")
  }

  private mutating func fillDrawing(from resolver: inout GLFunctionLookUp) throws(InteropError) {
    glViewport = try resolver.required("glViewport")
    glScissor = try resolver.required("glScissor")
    glColorMask = try resolver.required("glColorMask")
    glClearColor = try resolver.required("glClearColor")
    glClear = try resolver.required("glClear")
    glDrawArrays = try resolver.required("glDrawArrays")
    glBindAttribLocation = try resolver.required("glBindAttribLocation")
    glVertexAttribPointer = try resolver.required("glVertexAttribPointer")
    glEnableVertexAttribArray = try resolver.required("glEnableVertexAttribArray")
    glDisableVertexAttribArray = try resolver.required("glDisableVertexAttribArray")
    glGetVertexAttribiv = try resolver.required("glGetVertexAttribiv")
    glGetVertexAttribPointerv = try resolver.required("glGetVertexAttribPointerv")
  }

  private mutating func fillPrograms(from resolver: inout GLFunctionLookUp) throws(InteropError) {
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
    glUniform2f = try resolver.required("glUniform2f")
    glUniform4f = try resolver.required("glUniform4f")
  }

  private mutating func fillBuffers(from resolver: inout GLFunctionLookUp) throws(InteropError) {
    glGenBuffers = try resolver.required("glGenBuffers")
    glDeleteBuffers = try resolver.required("glDeleteBuffers")
    glBindBuffer = try resolver.required("glBindBuffer")
    glBufferData = try resolver.required("glBufferData")
    glGetBufferParameteriv = try resolver.required("glGetBufferParameteriv")
  }

  private mutating func fillES3(from resolver: inout GLFunctionLookUp) {
    glGetStringi = resolver.later("glGetStringi", orElse: { _, _ in Self.note("glGetStringi", answering: nil) })
    glFenceSync = resolver.later("glFenceSync", orElse: { _, _ in Self.note("glFenceSync", answering: nil) })
    glClientWaitSync = resolver.later(
      "glClientWaitSync", orElse: { _, _, _ in Self.note("glClientWaitSync", answering: GLenum(GL_WAIT_FAILED)) })
    glDeleteSync = resolver.later("glDeleteSync", orElse: { _ in Self.note("glDeleteSync") })
    glTexStorage2D = resolver.later("glTexStorage2D", orElse: { _, _, _, _, _ in Self.note("glTexStorage2D") })
    glBindSampler = resolver.later("glBindSampler", orElse: { _, _ in Self.note("glBindSampler") })
    glRenderbufferStorageMultisample = resolver.later(
      "glRenderbufferStorageMultisample", orElse: { _, _, _, _, _ in Self.note("glRenderbufferStorageMultisample") })
    glReadBuffer = resolver.later("glReadBuffer", orElse: { _ in Self.note("glReadBuffer") })
    glDrawBuffers = resolver.later("glDrawBuffers", orElse: { _, _ in Self.note("glDrawBuffers") })
    glBlitFramebuffer = resolver.later(
      "glBlitFramebuffer", orElse: { _, _, _, _, _, _, _, _, _, _ in Self.note("glBlitFramebuffer") })
    glClearBufferfv = resolver.later("glClearBufferfv", orElse: { _, _, _ in Self.note("glClearBufferfv") })
    glGenVertexArrays = resolver.later("glGenVertexArrays", orElse: { _, _ in Self.note("glGenVertexArrays") })
    glDeleteVertexArrays = resolver.later("glDeleteVertexArrays", orElse: { _, _ in Self.note("glDeleteVertexArrays") })
    glBindVertexArray = resolver.later("glBindVertexArray", orElse: { _ in Self.note("glBindVertexArray") })
    glMapBufferRange = resolver.later(
      "glMapBufferRange", orElse: { _, _, _, _ in Self.note("glMapBufferRange", answering: nil) })
    glUnmapBuffer = resolver.later(
      "glUnmapBuffer", orElse: { _ in Self.note("glUnmapBuffer", answering: GLboolean(0)) })
  }

  private mutating func fillLaterVersions(from resolver: inout GLFunctionLookUp) {
    glGetIntegeri_v = resolver.optional("glGetIntegeri_v")
    glGetBooleani_v = resolver.optional("glGetBooleani_v")
    glGetFloati_v = resolver.plainFirst("glGetFloati_v")
    glIsEnabledi = resolver.optional("glIsEnabledi")
    glEnablei = resolver.suffixedFirst("glEnablei")
    glDisablei = resolver.suffixedFirst("glDisablei")
    glColorMaski = resolver.suffixedFirst("glColorMaski")
    glViewportIndexedfv = resolver.plainFirst("glViewportIndexedfv")
    glScissorIndexed = resolver.plainFirst("glScissorIndexed")
    glGenSamplers = resolver.optional("glGenSamplers")
    glDeleteSamplers = resolver.optional("glDeleteSamplers")
    glIsSampler = resolver.optional("glIsSampler")
    glSamplerParameterf = resolver.optional("glSamplerParameterf")
    glGetSamplerParameterfv = resolver.optional("glGetSamplerParameterfv")
    glGetTexLevelParameteriv = resolver.optional("glGetTexLevelParameteriv")
    glGetTextureLevelParameteriv = resolver.optional("glGetTextureLevelParameteriv")
    glGetNamedRenderbufferParameteriv = resolver.optional("glGetNamedRenderbufferParameteriv")
    glCopyTexSubImage3D = resolver.optional("glCopyTexSubImage3D")
    glVertexAttribDivisor = resolver.suffixedInES2("glVertexAttribDivisor")
    glBufferStorage = resolver.optional("glBufferStorage")
    glBufferStorageEXT = resolver.optional("glBufferStorageEXT")
  }

  private mutating func fillDesktopOnly(from resolver: inout GLFunctionLookUp) {
    glClampColor = resolver.optional("glClampColor")
    glDrawBuffer = resolver.optional("glDrawBuffer")
    glPixelTransferf = resolver.optional("glPixelTransferf")
    glPolygonMode = resolver.optional("glPolygonMode")
    glPolygonModeNV = resolver.optional("glPolygonModeNV")
  }

  private mutating func fillSharing(from resolver: inout GLFunctionLookUp) {
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

  /// What functions are called where an extension brings them.
  static let otherNames: [String: [(name: String, source: String)]] = [
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
      ("glBlitFramebufferANGLE", "GL_ANGLE_framebuffer_blit"),
      ("glBlitFramebufferNV", "GL_NV_framebuffer_blit"),
    ],
    "glGenVertexArrays": [("glGenVertexArraysOES", "GL_OES_vertex_array_object")],
    "glDeleteVertexArrays": [("glDeleteVertexArraysOES", "GL_OES_vertex_array_object")],
    "glBindVertexArray": [("glBindVertexArrayOES", "GL_OES_vertex_array_object")],
    "glMapBufferRange": [("glMapBufferRangeEXT", "GL_EXT_map_buffer_range")],
    "glUnmapBuffer": [("glUnmapBufferOES", "GL_OES_mapbuffer"), ("glUnmapBufferOES", "GL_EXT_map_buffer_range")],
    "glGetFloati_v": [("glGetFloati_vOES", "GL_OES_viewport_array")],
    "glEnablei": [("glEnableiOES", "GL_OES_draw_buffers_indexed"), ("glEnableiEXT", "GL_EXT_draw_buffers_indexed")],
    "glDisablei": [("glDisableiOES", "GL_OES_draw_buffers_indexed"), ("glDisableiEXT", "GL_EXT_draw_buffers_indexed")],
    "glColorMaski": [
      ("glColorMaskiOES", "GL_OES_draw_buffers_indexed"),
      ("glColorMaskiEXT", "GL_EXT_draw_buffers_indexed"),
    ],
    "glViewportIndexedfv": [("glViewportIndexedfvOES", "GL_OES_viewport_array")],
    "glScissorIndexed": [("glScissorIndexedOES", "GL_OES_viewport_array")],
    "glVertexAttribDivisor": [
      ("glVertexAttribDivisorANGLE", "GL_ANGLE_instanced_arrays"),
      ("glVertexAttribDivisorEXT", "GL_EXT_instanced_arrays"),
    ],
  ]
}
