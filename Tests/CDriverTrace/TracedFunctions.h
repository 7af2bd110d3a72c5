// Made by scripts/generate-driver-tables.py of scripts/driver-functions.txt. Not to be edited.
// An entry for each function, read again and again with other meanings of EGL, GL, VK (functions with a result), GL_VOID
// and VK_VOID (without): KIND([result type,] name, (parameters), (arguments), failure, lifetime). The list explains the
// last two.

// clang-format off

// EGLFunctions.
EGL(EGLint, eglGetError, (void), (), PENDING_EGL, NOTHING)
EGL(const char *, eglQueryString, (EGLDisplay dpy, EGLint name), (dpy, name), EGL_FAILS(NULL, EGL_BAD_DISPLAY), NOTHING)
EGL(EGLBoolean, eglInitialize, (EGLDisplay dpy, EGLint *major, EGLint *minor), (dpy, major, minor), EGL_FAILS(EGL_FALSE,
  EGL_NOT_INITIALIZED), NOTHING)
EGL(EGLBoolean, eglTerminate, (EGLDisplay dpy), (dpy), NEVER, NOTHING)
EGL(EGLBoolean, eglBindAPI, (EGLenum api), (api), EGL_FAILS(EGL_FALSE, EGL_BAD_PARAMETER), NOTHING)
EGL(EGLenum, eglQueryAPI, (void), (), NEVER, NOTHING)
EGL(EGLBoolean, eglChooseConfig, (EGLDisplay dpy, const EGLint *attrib_list, EGLConfig *configs, EGLint config_size,
  EGLint *num_config), (dpy, attrib_list, configs, config_size, num_config), EGL_FAILS(EGL_FALSE, EGL_BAD_ATTRIBUTE,
  *num_config = 0), NOTHING)
EGL(EGLContext, eglCreateContext, (EGLDisplay dpy, EGLConfig config, EGLContext share_context, const EGLint
  *attrib_list), (dpy, config, share_context, attrib_list), EGL_FAILS(EGL_NO_CONTEXT, EGL_BAD_ALLOC), MAKES(EGLContext,
  result != EGL_NO_CONTEXT))
EGL(EGLBoolean, eglDestroyContext, (EGLDisplay dpy, EGLContext ctx), (dpy, ctx), NEVER, ENDS(EGLContext, result ==
  EGL_TRUE))
EGL(EGLSurface, eglCreatePbufferSurface, (EGLDisplay dpy, EGLConfig config, const EGLint *attrib_list), (dpy, config,
  attrib_list), EGL_FAILS(EGL_NO_SURFACE, EGL_BAD_ALLOC), MAKES(EGLSurface, result != EGL_NO_SURFACE))
EGL(EGLBoolean, eglDestroySurface, (EGLDisplay dpy, EGLSurface surface), (dpy, surface), NEVER, ENDS(EGLSurface, result
  == EGL_TRUE))
EGL(EGLBoolean, eglMakeCurrent, (EGLDisplay dpy, EGLSurface draw, EGLSurface read, EGLContext ctx), (dpy, draw, read,
  ctx), EGL_FAILS_IF(ctx != EGL_NO_CONTEXT, EGL_FALSE, EGL_BAD_ALLOC), NOTHING)
EGL(EGLContext, eglGetCurrentContext, (void), (), NEVER, NOTHING)
EGL(EGLDisplay, eglGetCurrentDisplay, (void), (), NEVER, NOTHING)
EGL(EGLSurface, eglGetCurrentSurface, (EGLint readdraw), (readdraw), NEVER, NOTHING)
EGL(EGLBoolean, eglQuerySurface, (EGLDisplay dpy, EGLSurface surface, EGLint attribute, EGLint *value), (dpy, surface,
  attribute, value), EGL_FAILS(EGL_FALSE, EGL_BAD_SURFACE), NOTHING)
EGL(EGLBoolean, eglGetConfigAttrib, (EGLDisplay dpy, EGLConfig config, EGLint attribute, EGLint *value), (dpy, config,
  attribute, value), EGL_FAILS(EGL_FALSE, EGL_BAD_ATTRIBUTE), NOTHING)
EGL(EGLDisplay, eglGetPlatformDisplayEXT, (EGLenum platform, void *native_display, const EGLint *attrib_list),
  (platform, native_display, attrib_list), EGL_FAILS(EGL_NO_DISPLAY, EGL_BAD_PARAMETER), NOTHING)
EGL(EGLBoolean, eglQueryDevicesEXT, (EGLint max_devices, EGLDeviceEXT *devices, EGLint *num_devices), (max_devices,
  devices, num_devices), EGL_FAILS(EGL_FALSE, EGL_BAD_ALLOC, *num_devices = 0), NOTHING)
EGL(const char *, eglQueryDeviceStringEXT, (EGLDeviceEXT device, EGLint name), (device, name), EGL_FAILS(NULL,
  EGL_BAD_PARAMETER), NOTHING)
EGL(EGLBoolean, eglQueryDisplayAttribEXT, (EGLDisplay dpy, EGLint attribute, EGLAttrib *value), (dpy, attribute, value),
  EGL_FAILS(EGL_FALSE, EGL_BAD_ATTRIBUTE), NOTHING)
EGL(EGLBoolean, eglQueryDeviceAttribEXT, (EGLDeviceEXT device, EGLint attribute, EGLAttrib *value), (device, attribute,
  value), EGL_FAILS(EGL_FALSE, EGL_BAD_ATTRIBUTE), NOTHING)
EGL(EGLSyncKHR, eglCreateSyncKHR, (EGLDisplay dpy, EGLenum type, const EGLint *attrib_list), (dpy, type, attrib_list),
  EGL_FAILS(EGL_NO_SYNC_KHR, EGL_BAD_ALLOC), MAKES(EGLSync, result != EGL_NO_SYNC_KHR))
EGL(EGLBoolean, eglDestroySyncKHR, (EGLDisplay dpy, EGLSyncKHR sync), (dpy, sync), NEVER, ENDS(EGLSync, result ==
  EGL_TRUE))
EGL(EGLint, eglClientWaitSyncKHR, (EGLDisplay dpy, EGLSyncKHR sync, EGLint flags, EGLTimeKHR timeout), (dpy, sync,
  flags, timeout), EGL_FAILS(EGL_FALSE, EGL_BAD_PARAMETER), NOTHING)
EGL(EGLint, eglWaitSyncKHR, (EGLDisplay dpy, EGLSyncKHR sync, EGLint flags), (dpy, sync, flags), EGL_FAILS(EGL_FALSE,
  EGL_BAD_PARAMETER), NOTHING)
EGL(EGLint, eglDupNativeFenceFDANDROID, (EGLDisplay dpy, EGLSyncKHR sync), (dpy, sync),
  EGL_FAILS(EGL_NO_NATIVE_FENCE_FD_ANDROID, EGL_BAD_PARAMETER), NOTHING)
EGL(EGLImageKHR, eglCreateImageKHR, (EGLDisplay dpy, EGLContext ctx, EGLenum target, EGLClientBuffer buffer, const
  EGLint *attrib_list), (dpy, ctx, target, buffer, attrib_list), EGL_FAILS(EGL_NO_IMAGE_KHR, EGL_BAD_ALLOC),
  MAKES(EGLImage, result != EGL_NO_IMAGE_KHR))
EGL(EGLBoolean, eglDestroyImageKHR, (EGLDisplay dpy, EGLImageKHR image), (dpy, image), NEVER, ENDS(EGLImage, result ==
  EGL_TRUE))
EGL(EGLBoolean, eglQueryDmaBufFormatsEXT, (EGLDisplay dpy, EGLint max_formats, EGLint *formats, EGLint *num_formats),
  (dpy, max_formats, formats, num_formats), EGL_FAILS(EGL_FALSE, EGL_BAD_PARAMETER, *num_formats = 0), NOTHING)
EGL(EGLBoolean, eglQueryDmaBufModifiersEXT, (EGLDisplay dpy, EGLint format, EGLint max_modifiers, EGLuint64KHR
  *modifiers, EGLBoolean *external_only, EGLint *num_modifiers), (dpy, format, max_modifiers, modifiers, external_only,
  num_modifiers), EGL_FAILS(EGL_FALSE, EGL_BAD_PARAMETER, *num_modifiers = 0), NOTHING)
EGL(EGLBoolean, eglExportDMABUFImageQueryMESA, (EGLDisplay dpy, EGLImageKHR image, int *fourcc, int *num_planes,
  EGLuint64KHR *modifiers), (dpy, image, fourcc, num_planes, modifiers), EGL_FAILS(EGL_FALSE, EGL_BAD_MATCH), NOTHING)
EGL(EGLBoolean, eglExportDMABUFImageMESA, (EGLDisplay dpy, EGLImageKHR image, int *fds, EGLint *strides, EGLint
  *offsets), (dpy, image, fds, strides, offsets), EGL_FAILS(EGL_FALSE, EGL_BAD_MATCH), NOTHING)

// GLFunctions.
GL(GLenum, glGetError, (void), (), PENDING_GL, NOTHING)
GL(const GLubyte *, glGetString, (GLenum name), (name), NEVER, NOTHING)
GL_VOID(glGetIntegerv, (GLenum pname, GLint *data), (pname, data), NEVER, NOTHING)
GL_VOID(glGetBooleanv, (GLenum pname, GLboolean *data), (pname, data), NEVER, NOTHING)
GL_VOID(glGetFloatv, (GLenum pname, GLfloat *data), (pname, data), NEVER, NOTHING)
GL(GLboolean, glIsEnabled, (GLenum cap), (cap), NEVER, NOTHING)
GL_VOID(glEnable, (GLenum cap), (cap), NEVER, NOTHING)
GL_VOID(glDisable, (GLenum cap), (cap), NEVER, NOTHING)
GL_VOID(glFlush, (void), (), NEVER, NOTHING)
GL_VOID(glFinish, (void), (), NEVER, NOTHING)
GL_VOID(glGenTextures, (GLsizei n, GLuint *textures), (n, textures), GL_RAISES(clear_names(n, textures)),
  MAKES(GLTexture, count_names(n, textures)))
GL_VOID(glDeleteTextures, (GLsizei n, const GLuint *textures), (n, textures), NEVER, ENDS(GLTexture, count_names(n,
  textures)))
GL_VOID(glBindTexture, (GLenum target, GLuint texture), (target, texture), NEVER, NOTHING)
GL_VOID(glActiveTexture, (GLenum texture), (texture), NEVER, NOTHING)
GL_VOID(glTexParameteri, (GLenum target, GLenum pname, GLint param), (target, pname, param), GL_RAISES(), NOTHING)
GL_VOID(glGetTexParameteriv, (GLenum target, GLenum pname, GLint *params), (target, pname, params), NEVER, NOTHING)
GL_VOID(glTexImage2D, (GLenum target, GLint level, GLint internalformat, GLsizei width, GLsizei height, GLint border,
  GLenum format, GLenum type, const void *pixels), (target, level, internalformat, width, height, border, format, type,
  pixels), GL_RAISES(), NOTHING)
GL_VOID(glTexSubImage2D, (GLenum target, GLint level, GLint xoffset, GLint yoffset, GLsizei width, GLsizei height,
  GLenum format, GLenum type, const void *pixels), (target, level, xoffset, yoffset, width, height, format, type,
  pixels), GL_RAISES(), NOTHING)
GL_VOID(glCopyTexSubImage2D, (GLenum target, GLint level, GLint xoffset, GLint yoffset, GLint x, GLint y, GLsizei width,
  GLsizei height), (target, level, xoffset, yoffset, x, y, width, height), GL_RAISES(), NOTHING)
GL_VOID(glGenFramebuffers, (GLsizei n, GLuint *framebuffers), (n, framebuffers), GL_RAISES(clear_names(n,
  framebuffers)), MAKES(GLFramebuffer, count_names(n, framebuffers)))
GL_VOID(glDeleteFramebuffers, (GLsizei n, const GLuint *framebuffers), (n, framebuffers), NEVER, ENDS(GLFramebuffer,
  count_names(n, framebuffers)))
GL_VOID(glBindFramebuffer, (GLenum target, GLuint framebuffer), (target, framebuffer), NEVER, NOTHING)
GL(GLboolean, glIsFramebuffer, (GLuint framebuffer), (framebuffer), NEVER, NOTHING)
GL_VOID(glFramebufferTexture2D, (GLenum target, GLenum attachment, GLenum textarget, GLuint texture, GLint level),
  (target, attachment, textarget, texture, level), GL_RAISES(), NOTHING)
GL_VOID(glFramebufferRenderbuffer, (GLenum target, GLenum attachment, GLenum renderbuffertarget, GLuint renderbuffer),
  (target, attachment, renderbuffertarget, renderbuffer), GL_RAISES(), NOTHING)
GL(GLenum, glCheckFramebufferStatus, (GLenum target), (target), GL_ANSWERS(GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT),
  NOTHING)
GL_VOID(glGetFramebufferAttachmentParameteriv, (GLenum target, GLenum attachment, GLenum pname, GLint *params), (target,
  attachment, pname, params), NEVER, NOTHING)
GL_VOID(glGenRenderbuffers, (GLsizei n, GLuint *renderbuffers), (n, renderbuffers), GL_RAISES(clear_names(n,
  renderbuffers)), MAKES(GLRenderbuffer, count_names(n, renderbuffers)))
GL_VOID(glDeleteRenderbuffers, (GLsizei n, const GLuint *renderbuffers), (n, renderbuffers), NEVER, ENDS(GLRenderbuffer,
  count_names(n, renderbuffers)))
GL_VOID(glBindRenderbuffer, (GLenum target, GLuint renderbuffer), (target, renderbuffer), NEVER, NOTHING)
GL_VOID(glRenderbufferStorage, (GLenum target, GLenum internalformat, GLsizei width, GLsizei height), (target,
  internalformat, width, height), GL_RAISES(), NOTHING)
GL_VOID(glGetRenderbufferParameteriv, (GLenum target, GLenum pname, GLint *params), (target, pname, params), NEVER,
  NOTHING)
GL_VOID(glReadPixels, (GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void *pixels), (x,
  y, width, height, format, type, pixels), GL_RAISES(), NOTHING)
GL_VOID(glPixelStorei, (GLenum pname, GLint param), (pname, param), NEVER, NOTHING)
GL_VOID(glViewport, (GLint x, GLint y, GLsizei width, GLsizei height), (x, y, width, height), NEVER, NOTHING)
GL_VOID(glScissor, (GLint x, GLint y, GLsizei width, GLsizei height), (x, y, width, height), NEVER, NOTHING)
GL_VOID(glColorMask, (GLboolean red, GLboolean green, GLboolean blue, GLboolean alpha), (red, green, blue, alpha),
  NEVER, NOTHING)
GL_VOID(glClearColor, (GLfloat red, GLfloat green, GLfloat blue, GLfloat alpha), (red, green, blue, alpha), NEVER,
  NOTHING)
GL_VOID(glClear, (GLbitfield mask), (mask), GL_RAISES(), NOTHING)
GL_VOID(glDrawArrays, (GLenum mode, GLint first, GLsizei count), (mode, first, count), GL_RAISES(), NOTHING)
GL_VOID(glBindAttribLocation, (GLuint program, GLuint index, const GLchar *name), (program, index, name), NEVER,
  NOTHING)
GL_VOID(glVertexAttribPointer, (GLuint index, GLint size, GLenum type, GLboolean normalized, GLsizei stride, const void
  *pointer), (index, size, type, normalized, stride, pointer), NEVER, NOTHING)
GL_VOID(glEnableVertexAttribArray, (GLuint index), (index), NEVER, NOTHING)
GL_VOID(glDisableVertexAttribArray, (GLuint index), (index), NEVER, NOTHING)
GL_VOID(glGetVertexAttribiv, (GLuint index, GLenum pname, GLint *params), (index, pname, params), NEVER, NOTHING)
GL_VOID(glGetVertexAttribPointerv, (GLuint index, GLenum pname, void **pointer), (index, pname, pointer), NEVER,
  NOTHING)
GL(GLuint, glCreateShader, (GLenum type), (type), GL_FAILS(0), MAKES(GLShader, result != 0))
GL_VOID(glShaderSource, (GLuint shader, GLsizei count, const GLchar *const *string, const GLint *length), (shader,
  count, string, length), GL_RAISES(), NOTHING)
GL_VOID(glCompileShader, (GLuint shader), (shader), GL_RAISES(), NOTHING)
GL_VOID(glGetShaderiv, (GLuint shader, GLenum pname, GLint *params), (shader, pname, params), GL_WRITES(*params =
  GL_FALSE), NOTHING)
GL_VOID(glGetShaderInfoLog, (GLuint shader, GLsizei bufSize, GLsizei *length, GLchar *infoLog), (shader, bufSize,
  length, infoLog), NEVER, NOTHING)
GL_VOID(glDeleteShader, (GLuint shader), (shader), NEVER, ENDS(GLShader, shader != 0))
GL(GLuint, glCreateProgram, (void), (), GL_FAILS(0), MAKES(GLProgram, result != 0))
GL_VOID(glAttachShader, (GLuint program, GLuint shader), (program, shader), GL_RAISES(), NOTHING)
GL_VOID(glLinkProgram, (GLuint program), (program), GL_RAISES(), NOTHING)
GL_VOID(glGetProgramiv, (GLuint program, GLenum pname, GLint *params), (program, pname, params), GL_WRITES(*params =
  GL_FALSE), NOTHING)
GL_VOID(glGetProgramInfoLog, (GLuint program, GLsizei bufSize, GLsizei *length, GLchar *infoLog), (program, bufSize,
  length, infoLog), NEVER, NOTHING)
GL_VOID(glDeleteProgram, (GLuint program), (program), NEVER, ENDS(GLProgram, program != 0))
GL_VOID(glUseProgram, (GLuint program), (program), NEVER, NOTHING)
GL(GLint, glGetUniformLocation, (GLuint program, const GLchar *name), (program, name), GL_ANSWERS(-1), NOTHING)
GL_VOID(glUniform1i, (GLint location, GLint v0), (location, v0), NEVER, NOTHING)
GL_VOID(glUniform2f, (GLint location, GLfloat v0, GLfloat v1), (location, v0, v1), NEVER, NOTHING)
GL_VOID(glUniform4f, (GLint location, GLfloat v0, GLfloat v1, GLfloat v2, GLfloat v3), (location, v0, v1, v2, v3),
  NEVER, NOTHING)
GL_VOID(glGenBuffers, (GLsizei n, GLuint *buffers), (n, buffers), GL_RAISES(clear_names(n, buffers)), MAKES(GLBuffer,
  count_names(n, buffers)))
GL_VOID(glDeleteBuffers, (GLsizei n, const GLuint *buffers), (n, buffers), NEVER, ENDS(GLBuffer, count_names(n,
  buffers)))
GL_VOID(glBindBuffer, (GLenum target, GLuint buffer), (target, buffer), NEVER, NOTHING)
GL_VOID(glBufferData, (GLenum target, GLsizeiptr size, const void *data, GLenum usage), (target, size, data, usage),
  GL_RAISES(), NOTHING)
GL_VOID(glGetBufferParameteriv, (GLenum target, GLenum pname, GLint *params), (target, pname, params), NEVER, NOTHING)
GL(const GLubyte *, glGetStringi, (GLenum name, GLuint index), (name, index), NEVER, NOTHING)
GL(GLsync, glFenceSync, (GLenum condition, GLbitfield flags), (condition, flags), GL_FAILS(NULL), MAKES(GLSync, result
  != NULL))
GL(GLenum, glClientWaitSync, (GLsync sync, GLbitfield flags, GLuint64 timeout), (sync, flags, timeout),
  GL_FAILS(GL_WAIT_FAILED), NOTHING)
GL_VOID(glDeleteSync, (GLsync sync), (sync), NEVER, ENDS(GLSync, sync != 0))
GL_VOID(glTexStorage2D, (GLenum target, GLsizei levels, GLenum internalformat, GLsizei width, GLsizei height), (target,
  levels, internalformat, width, height), GL_RAISES(), NOTHING)
GL_VOID(glBindSampler, (GLuint unit, GLuint sampler), (unit, sampler), NEVER, NOTHING)
GL_VOID(glRenderbufferStorageMultisample, (GLenum target, GLsizei samples, GLenum internalformat, GLsizei width, GLsizei
  height), (target, samples, internalformat, width, height), GL_RAISES(), NOTHING)
GL_VOID(glReadBuffer, (GLenum src), (src), NEVER, NOTHING)
GL_VOID(glDrawBuffers, (GLsizei n, const GLenum *bufs), (n, bufs), NEVER, NOTHING)
GL_VOID(glBlitFramebuffer, (GLint srcX0, GLint srcY0, GLint srcX1, GLint srcY1, GLint dstX0, GLint dstY0, GLint dstX1,
  GLint dstY1, GLbitfield mask, GLenum filter), (srcX0, srcY0, srcX1, srcY1, dstX0, dstY0, dstX1, dstY1, mask, filter),
  GL_RAISES(), NOTHING)
GL_VOID(glClearBufferfv, (GLenum buffer, GLint drawbuffer, const GLfloat *value), (buffer, drawbuffer, value),
  GL_RAISES(), NOTHING)
GL_VOID(glGenVertexArrays, (GLsizei n, GLuint *arrays), (n, arrays), GL_RAISES(clear_names(n, arrays)),
  MAKES(GLVertexArray, count_names(n, arrays)))
GL_VOID(glDeleteVertexArrays, (GLsizei n, const GLuint *arrays), (n, arrays), NEVER, ENDS(GLVertexArray, count_names(n,
  arrays)))
GL_VOID(glBindVertexArray, (GLuint array), (array), NEVER, NOTHING)
GL(void *, glMapBufferRange, (GLenum target, GLintptr offset, GLsizeiptr length, GLbitfield access), (target, offset,
  length, access), GL_FAILS(NULL), NOTHING)
GL(GLboolean, glUnmapBuffer, (GLenum target), (target), GL_ANSWERS(GL_FALSE, (void)real(target)), NOTHING)
GL_VOID(glGetIntegeri_v, (GLenum target, GLuint index, GLint *data), (target, index, data), NEVER, NOTHING)
GL_VOID(glGetBooleani_v, (GLenum target, GLuint index, GLboolean *data), (target, index, data), NEVER, NOTHING)
GL_VOID(glGetFloati_v, (GLenum target, GLuint index, GLfloat *data), (target, index, data), NEVER, NOTHING)
GL(GLboolean, glIsEnabledi, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glEnablei, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glEnableiOES, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glEnableiEXT, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glDisablei, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glDisableiOES, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glDisableiEXT, (GLenum target, GLuint index), (target, index), NEVER, NOTHING)
GL_VOID(glColorMaski, (GLuint index, GLboolean r, GLboolean g, GLboolean b, GLboolean a), (index, r, g, b, a), NEVER,
  NOTHING)
GL_VOID(glColorMaskiOES, (GLuint index, GLboolean r, GLboolean g, GLboolean b, GLboolean a), (index, r, g, b, a), NEVER,
  NOTHING)
GL_VOID(glColorMaskiEXT, (GLuint index, GLboolean r, GLboolean g, GLboolean b, GLboolean a), (index, r, g, b, a), NEVER,
  NOTHING)
GL_VOID(glViewportIndexedfv, (GLuint index, const GLfloat *v), (index, v), NEVER, NOTHING)
GL_VOID(glScissorIndexed, (GLuint index, GLint left, GLint bottom, GLsizei width, GLsizei height), (index, left, bottom,
  width, height), NEVER, NOTHING)
GL_VOID(glGenSamplers, (GLsizei count, GLuint *samplers), (count, samplers), GL_RAISES(clear_names(count, samplers)),
  NOTHING)
GL_VOID(glDeleteSamplers, (GLsizei count, const GLuint *samplers), (count, samplers), NEVER, NOTHING)
GL(GLboolean, glIsSampler, (GLuint sampler), (sampler), NEVER, NOTHING)
GL_VOID(glSamplerParameterf, (GLuint sampler, GLenum pname, GLfloat param), (sampler, pname, param), NEVER, NOTHING)
GL_VOID(glGetSamplerParameterfv, (GLuint sampler, GLenum pname, GLfloat *params), (sampler, pname, params), NEVER,
  NOTHING)
GL_VOID(glGetTexLevelParameteriv, (GLenum target, GLint level, GLenum pname, GLint *params), (target, level, pname,
  params), NEVER, NOTHING)
GL_VOID(glGetTextureLevelParameteriv, (GLuint texture, GLint level, GLenum pname, GLint *params), (texture, level,
  pname, params), NEVER, NOTHING)
GL_VOID(glGetNamedRenderbufferParameteriv, (GLuint renderbuffer, GLenum pname, GLint *params), (renderbuffer, pname,
  params), NEVER, NOTHING)
GL_VOID(glCopyTexSubImage3D, (GLenum target, GLint level, GLint xoffset, GLint yoffset, GLint zoffset, GLint x, GLint y,
  GLsizei width, GLsizei height), (target, level, xoffset, yoffset, zoffset, x, y, width, height), GL_RAISES(), NOTHING)
GL_VOID(glBufferStorage, (GLenum target, GLsizeiptr size, const void *data, GLbitfield flags), (target, size, data,
  flags), GL_RAISES(), NOTHING)
GL_VOID(glBufferStorageEXT, (GLenum target, GLsizeiptr size, const void *data, GLbitfield flags), (target, size, data,
  flags), GL_RAISES(), NOTHING)
GL_VOID(glClampColor, (GLenum target, GLenum clamp), (target, clamp), NEVER, NOTHING)
GL_VOID(glDrawBuffer, (GLenum buf), (buf), NEVER, NOTHING)
GL_VOID(glPixelTransferf, (GLenum pname, GLfloat param), (pname, param), NEVER, NOTHING)
GL_VOID(glPolygonMode, (GLenum face, GLenum mode), (face, mode), NEVER, NOTHING)
GL_VOID(glPolygonModeNV, (GLenum face, GLenum mode), (face, mode), NEVER, NOTHING)
GL_VOID(glGetUnsignedBytevEXT, (GLenum pname, GLubyte *data), (pname, data), GL_RAISES(), NOTHING)
GL_VOID(glGetUnsignedBytei_vEXT, (GLenum target, GLuint index, GLubyte *data), (target, index, data), GL_RAISES(),
  NOTHING)
GL_VOID(glCreateMemoryObjectsEXT, (GLsizei n, GLuint *memoryObjects), (n, memoryObjects), GL_RAISES(clear_names(n,
  memoryObjects)), MAKES(GLMemoryObject, count_names(n, memoryObjects)))
GL_VOID(glDeleteMemoryObjectsEXT, (GLsizei n, const GLuint *memoryObjects), (n, memoryObjects), NEVER,
  ENDS(GLMemoryObject, count_names(n, memoryObjects)))
GL_VOID(glMemoryObjectParameterivEXT, (GLuint memoryObject, GLenum pname, const GLint *params), (memoryObject, pname,
  params), GL_RAISES(), NOTHING)
GL_VOID(glTexStorageMem2DEXT, (GLenum target, GLsizei levels, GLenum internalFormat, GLsizei width, GLsizei height,
  GLuint memory, GLuint64 offset), (target, levels, internalFormat, width, height, memory, offset), GL_RAISES(),
  NOTHING)
GL_VOID(glBufferStorageMemEXT, (GLenum target, GLsizeiptr size, GLuint memory, GLuint64 offset), (target, size, memory,
  offset), GL_RAISES(), NOTHING)
GL_VOID(glImportMemoryFdEXT, (GLuint memory, GLuint64 size, GLenum handleType, GLint fd), (memory, size, handleType,
  fd), GL_RAISES(), TAKES)
GL_VOID(glGenSemaphoresEXT, (GLsizei n, GLuint *semaphores), (n, semaphores), GL_RAISES(clear_names(n, semaphores)),
  MAKES(GLSemaphore, count_names(n, semaphores)))
GL_VOID(glDeleteSemaphoresEXT, (GLsizei n, const GLuint *semaphores), (n, semaphores), NEVER, ENDS(GLSemaphore,
  count_names(n, semaphores)))
GL_VOID(glWaitSemaphoreEXT, (GLuint semaphore, GLuint numBufferBarriers, const GLuint *buffers, GLuint
  numTextureBarriers, const GLuint *textures, const GLenum *srcLayouts), (semaphore, numBufferBarriers, buffers,
  numTextureBarriers, textures, srcLayouts), GL_RAISES(), NOTHING)
GL_VOID(glSignalSemaphoreEXT, (GLuint semaphore, GLuint numBufferBarriers, const GLuint *buffers, GLuint
  numTextureBarriers, const GLuint *textures, const GLenum *dstLayouts), (semaphore, numBufferBarriers, buffers,
  numTextureBarriers, textures, dstLayouts), GL_RAISES(), NOTHING)
GL_VOID(glImportSemaphoreFdEXT, (GLuint semaphore, GLenum handleType, GLint fd), (semaphore, handleType, fd),
  GL_RAISES(), TAKES)
GL_VOID(glCreateSemaphoresNV, (GLsizei n, GLuint *semaphores), (n, semaphores), GL_RAISES(clear_names(n, semaphores)),
  MAKES(GLSemaphore, count_names(n, semaphores)))
GL_VOID(glSemaphoreParameterivNV, (GLuint semaphore, GLenum pname, const GLint *params), (semaphore, pname, params),
  GL_RAISES(), NOTHING)
GL_VOID(glSemaphoreParameterui64vEXT, (GLuint semaphore, GLenum pname, const GLuint64 *params), (semaphore, pname,
  params), GL_RAISES(), NOTHING)
GL_VOID(glEGLImageTargetTexture2DOES, (GLenum target, GLeglImageOES image), (target, image), GL_RAISES(), NOTHING)

// VulkanGlobalFunctions.
VK(VkResult, vkEnumerateInstanceExtensionProperties, (const char *pLayerName, uint32_t *pPropertyCount,
  VkExtensionProperties *pProperties), (pLayerName, pPropertyCount, pProperties), VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY,
  *pPropertyCount = 0), NOTHING)
VK(VkResult, vkEnumerateInstanceVersion, (uint32_t *pApiVersion), (pApiVersion), VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY),
  NOTHING)
VK(VkResult, vkCreateInstance, (const VkInstanceCreateInfo *pCreateInfo, const VkAllocationCallbacks *pAllocator,
  VkInstance *pInstance), (pCreateInfo, pAllocator, pInstance), VK_FAILS(VK_ERROR_INITIALIZATION_FAILED, *pInstance =
  VK_NULL_HANDLE), MAKES(VkInstance, result == VK_SUCCESS))

// VulkanInstanceFunctions.
VK_VOID(vkDestroyInstance, (VkInstance instance, const VkAllocationCallbacks *pAllocator), (instance, pAllocator),
  NEVER, ENDS(VkInstance, instance != VK_NULL_HANDLE))
VK(VkResult, vkEnumeratePhysicalDevices, (VkInstance instance, uint32_t *pPhysicalDeviceCount, VkPhysicalDevice
  *pPhysicalDevices), (instance, pPhysicalDeviceCount, pPhysicalDevices), VK_FAILS(VK_ERROR_INITIALIZATION_FAILED,
  *pPhysicalDeviceCount = 0), NOTHING)
VK_VOID(vkGetPhysicalDeviceProperties, (VkPhysicalDevice physicalDevice, VkPhysicalDeviceProperties *pProperties),
  (physicalDevice, pProperties), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceProperties2, (VkPhysicalDevice physicalDevice, VkPhysicalDeviceProperties2 *pProperties),
  (physicalDevice, pProperties), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceFeatures2, (VkPhysicalDevice physicalDevice, VkPhysicalDeviceFeatures2 *pFeatures),
  (physicalDevice, pFeatures), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceQueueFamilyProperties, (VkPhysicalDevice physicalDevice, uint32_t *pQueueFamilyPropertyCount,
  VkQueueFamilyProperties *pQueueFamilyProperties), (physicalDevice, pQueueFamilyPropertyCount, pQueueFamilyProperties),
  NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceMemoryProperties, (VkPhysicalDevice physicalDevice, VkPhysicalDeviceMemoryProperties
  *pMemoryProperties), (physicalDevice, pMemoryProperties), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceFormatProperties, (VkPhysicalDevice physicalDevice, VkFormat format, VkFormatProperties
  *pFormatProperties), (physicalDevice, format, pFormatProperties), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceFormatProperties2, (VkPhysicalDevice physicalDevice, VkFormat format, VkFormatProperties2
  *pFormatProperties), (physicalDevice, format, pFormatProperties), NEVER, NOTHING)
VK(VkResult, vkGetPhysicalDeviceImageFormatProperties2, (VkPhysicalDevice physicalDevice, const
  VkPhysicalDeviceImageFormatInfo2 *pImageFormatInfo, VkImageFormatProperties2 *pImageFormatProperties),
  (physicalDevice, pImageFormatInfo, pImageFormatProperties), VK_FAILS(VK_ERROR_FORMAT_NOT_SUPPORTED), NOTHING)
VK_VOID(vkGetPhysicalDeviceExternalBufferProperties, (VkPhysicalDevice physicalDevice, const
  VkPhysicalDeviceExternalBufferInfo *pExternalBufferInfo, VkExternalBufferProperties *pExternalBufferProperties),
  (physicalDevice, pExternalBufferInfo, pExternalBufferProperties), NEVER, NOTHING)
VK_VOID(vkGetPhysicalDeviceExternalSemaphoreProperties, (VkPhysicalDevice physicalDevice, const
  VkPhysicalDeviceExternalSemaphoreInfo *pExternalSemaphoreInfo, VkExternalSemaphoreProperties
  *pExternalSemaphoreProperties), (physicalDevice, pExternalSemaphoreInfo, pExternalSemaphoreProperties), NEVER,
  NOTHING)
VK(VkResult, vkEnumerateDeviceExtensionProperties, (VkPhysicalDevice physicalDevice, const char *pLayerName, uint32_t
  *pPropertyCount, VkExtensionProperties *pProperties), (physicalDevice, pLayerName, pPropertyCount, pProperties),
  VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY, *pPropertyCount = 0), NOTHING)
VK(VkResult, vkCreateDevice, (VkPhysicalDevice physicalDevice, const VkDeviceCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkDevice *pDevice), (physicalDevice, pCreateInfo, pAllocator, pDevice),
  VK_FAILS(VK_ERROR_INITIALIZATION_FAILED, *pDevice = VK_NULL_HANDLE), MAKES(VkDevice, result == VK_SUCCESS))

// VulkanDeviceFunctions.
VK_VOID(vkDestroyDevice, (VkDevice device, const VkAllocationCallbacks *pAllocator), (device, pAllocator), NEVER,
  ENDS(VkDevice, device != VK_NULL_HANDLE))
VK_VOID(vkGetDeviceQueue, (VkDevice device, uint32_t queueFamilyIndex, uint32_t queueIndex, VkQueue *pQueue), (device,
  queueFamilyIndex, queueIndex, pQueue), NEVER, NOTHING)
VK(VkResult, vkDeviceWaitIdle, (VkDevice device), (device), VK_FAILS(VK_ERROR_DEVICE_LOST, (void)real(device)), NOTHING)
VK(VkResult, vkQueueSubmit, (VkQueue queue, uint32_t submitCount, const VkSubmitInfo *pSubmits, VkFence fence), (queue,
  submitCount, pSubmits, fence), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkQueueWaitIdle, (VkQueue queue), (queue), VK_FAILS(VK_ERROR_DEVICE_LOST, (void)real(queue)), NOTHING)
VK(VkResult, vkCreateImage, (VkDevice device, const VkImageCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkImage *pImage), (device, pCreateInfo, pAllocator, pImage), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  *pImage = VK_NULL_HANDLE), MAKES(VkImage, result == VK_SUCCESS))
VK_VOID(vkDestroyImage, (VkDevice device, VkImage image, const VkAllocationCallbacks *pAllocator), (device, image,
  pAllocator), NEVER, ENDS(VkImage, image != VK_NULL_HANDLE))
VK_VOID(vkGetImageMemoryRequirements2, (VkDevice device, const VkImageMemoryRequirementsInfo2 *pInfo,
  VkMemoryRequirements2 *pMemoryRequirements), (device, pInfo, pMemoryRequirements), NEVER, NOTHING)
VK(VkResult, vkBindImageMemory, (VkDevice device, VkImage image, VkDeviceMemory memory, VkDeviceSize memoryOffset),
  (device, image, memory, memoryOffset), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkBindImageMemory2, (VkDevice device, uint32_t bindInfoCount, const VkBindImageMemoryInfo *pBindInfos),
  (device, bindInfoCount, pBindInfos), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK_VOID(vkGetImageSubresourceLayout, (VkDevice device, VkImage image, const VkImageSubresource *pSubresource,
  VkSubresourceLayout *pLayout), (device, image, pSubresource, pLayout), NEVER, NOTHING)
VK(VkResult, vkCreateBuffer, (VkDevice device, const VkBufferCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkBuffer *pBuffer), (device, pCreateInfo, pAllocator, pBuffer), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  *pBuffer = VK_NULL_HANDLE), MAKES(VkBuffer, result == VK_SUCCESS))
VK_VOID(vkDestroyBuffer, (VkDevice device, VkBuffer buffer, const VkAllocationCallbacks *pAllocator), (device, buffer,
  pAllocator), NEVER, ENDS(VkBuffer, buffer != VK_NULL_HANDLE))
VK_VOID(vkGetBufferMemoryRequirements, (VkDevice device, VkBuffer buffer, VkMemoryRequirements *pMemoryRequirements),
  (device, buffer, pMemoryRequirements), NEVER, NOTHING)
VK(VkResult, vkBindBufferMemory, (VkDevice device, VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize memoryOffset),
  (device, buffer, memory, memoryOffset), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkAllocateMemory, (VkDevice device, const VkMemoryAllocateInfo *pAllocateInfo, const VkAllocationCallbacks
  *pAllocator, VkDeviceMemory *pMemory), (device, pAllocateInfo, pAllocator, pMemory),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pMemory = VK_NULL_HANDLE), MAKES(VkDeviceMemory, result == VK_SUCCESS))
VK_VOID(vkFreeMemory, (VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks *pAllocator), (device,
  memory, pAllocator), NEVER, ENDS(VkDeviceMemory, memory != VK_NULL_HANDLE))
VK(VkResult, vkMapMemory, (VkDevice device, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize size,
  VkMemoryMapFlags flags, void **ppData), (device, memory, offset, size, flags, ppData),
  VK_FAILS(VK_ERROR_MEMORY_MAP_FAILED, *ppData = NULL), NOTHING)
VK_VOID(vkUnmapMemory, (VkDevice device, VkDeviceMemory memory), (device, memory), NEVER, NOTHING)
VK(VkResult, vkFlushMappedMemoryRanges, (VkDevice device, uint32_t memoryRangeCount, const VkMappedMemoryRange
  *pMemoryRanges), (device, memoryRangeCount, pMemoryRanges), VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY), NOTHING)
VK(VkResult, vkInvalidateMappedMemoryRanges, (VkDevice device, uint32_t memoryRangeCount, const VkMappedMemoryRange
  *pMemoryRanges), (device, memoryRangeCount, pMemoryRanges), VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY), NOTHING)
VK(VkResult, vkCreateCommandPool, (VkDevice device, const VkCommandPoolCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkCommandPool *pCommandPool), (device, pCreateInfo, pAllocator, pCommandPool),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pCommandPool = VK_NULL_HANDLE), MAKES(VkCommandPool, result == VK_SUCCESS))
VK_VOID(vkDestroyCommandPool, (VkDevice device, VkCommandPool commandPool, const VkAllocationCallbacks *pAllocator),
  (device, commandPool, pAllocator), NEVER, ENDS(VkCommandPool, commandPool != VK_NULL_HANDLE))
VK(VkResult, vkAllocateCommandBuffers, (VkDevice device, const VkCommandBufferAllocateInfo *pAllocateInfo,
  VkCommandBuffer *pCommandBuffers), (device, pAllocateInfo, pCommandBuffers), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  clear_command_buffers(pAllocateInfo, pCommandBuffers)), NOTHING)
VK(VkResult, vkResetCommandBuffer, (VkCommandBuffer commandBuffer, VkCommandBufferResetFlags flags), (commandBuffer,
  flags), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkBeginCommandBuffer, (VkCommandBuffer commandBuffer, const VkCommandBufferBeginInfo *pBeginInfo),
  (commandBuffer, pBeginInfo), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkEndCommandBuffer, (VkCommandBuffer commandBuffer), (commandBuffer),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK_VOID(vkCmdPipelineBarrier, (VkCommandBuffer commandBuffer, VkPipelineStageFlags srcStageMask, VkPipelineStageFlags
  dstStageMask, VkDependencyFlags dependencyFlags, uint32_t memoryBarrierCount, const VkMemoryBarrier *pMemoryBarriers,
  uint32_t bufferMemoryBarrierCount, const VkBufferMemoryBarrier *pBufferMemoryBarriers, uint32_t
  imageMemoryBarrierCount, const VkImageMemoryBarrier *pImageMemoryBarriers), (commandBuffer, srcStageMask,
  dstStageMask, dependencyFlags, memoryBarrierCount, pMemoryBarriers, bufferMemoryBarrierCount, pBufferMemoryBarriers,
  imageMemoryBarrierCount, pImageMemoryBarriers), NEVER, NOTHING)
VK_VOID(vkCmdCopyImageToBuffer, (VkCommandBuffer commandBuffer, VkImage srcImage, VkImageLayout srcImageLayout, VkBuffer
  dstBuffer, uint32_t regionCount, const VkBufferImageCopy *pRegions), (commandBuffer, srcImage, srcImageLayout,
  dstBuffer, regionCount, pRegions), NEVER, NOTHING)
VK_VOID(vkCmdCopyBufferToImage, (VkCommandBuffer commandBuffer, VkBuffer srcBuffer, VkImage dstImage, VkImageLayout
  dstImageLayout, uint32_t regionCount, const VkBufferImageCopy *pRegions), (commandBuffer, srcBuffer, dstImage,
  dstImageLayout, regionCount, pRegions), NEVER, NOTHING)
VK_VOID(vkCmdCopyImage, (VkCommandBuffer commandBuffer, VkImage srcImage, VkImageLayout srcImageLayout, VkImage
  dstImage, VkImageLayout dstImageLayout, uint32_t regionCount, const VkImageCopy *pRegions), (commandBuffer, srcImage,
  srcImageLayout, dstImage, dstImageLayout, regionCount, pRegions), NEVER, NOTHING)
VK_VOID(vkCmdClearColorImage, (VkCommandBuffer commandBuffer, VkImage image, VkImageLayout imageLayout, const
  VkClearColorValue *pColor, uint32_t rangeCount, const VkImageSubresourceRange *pRanges), (commandBuffer, image,
  imageLayout, pColor, rangeCount, pRanges), NEVER, NOTHING)
VK(VkResult, vkCreateFence, (VkDevice device, const VkFenceCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkFence *pFence), (device, pCreateInfo, pAllocator, pFence), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  *pFence = VK_NULL_HANDLE), MAKES(VkFence, result == VK_SUCCESS))
VK_VOID(vkDestroyFence, (VkDevice device, VkFence fence, const VkAllocationCallbacks *pAllocator), (device, fence,
  pAllocator), NEVER, ENDS(VkFence, fence != VK_NULL_HANDLE))
VK(VkResult, vkWaitForFences, (VkDevice device, uint32_t fenceCount, const VkFence *pFences, VkBool32 waitAll, uint64_t
  timeout), (device, fenceCount, pFences, waitAll, timeout), VK_FAILS(VK_ERROR_DEVICE_LOST, (void)real(device,
  fenceCount, pFences, waitAll, timeout)), NOTHING)
VK(VkResult, vkResetFences, (VkDevice device, uint32_t fenceCount, const VkFence *pFences), (device, fenceCount,
  pFences), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY), NOTHING)
VK(VkResult, vkGetFenceStatus, (VkDevice device, VkFence fence), (device, fence), VK_FAILS(VK_ERROR_DEVICE_LOST,
  wait_for_device(device)), NOTHING)
VK(VkResult, vkCreateSemaphore, (VkDevice device, const VkSemaphoreCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkSemaphore *pSemaphore), (device, pCreateInfo, pAllocator, pSemaphore),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pSemaphore = VK_NULL_HANDLE), MAKES(VkSemaphore, result == VK_SUCCESS))
VK_VOID(vkDestroySemaphore, (VkDevice device, VkSemaphore semaphore, const VkAllocationCallbacks *pAllocator), (device,
  semaphore, pAllocator), NEVER, ENDS(VkSemaphore, semaphore != VK_NULL_HANDLE))
VK(VkResult, vkCreateEvent, (VkDevice device, const VkEventCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkEvent *pEvent), (device, pCreateInfo, pAllocator, pEvent), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  *pEvent = VK_NULL_HANDLE), MAKES(VkEvent, result == VK_SUCCESS))
VK_VOID(vkDestroyEvent, (VkDevice device, VkEvent event, const VkAllocationCallbacks *pAllocator), (device, event,
  pAllocator), NEVER, ENDS(VkEvent, event != VK_NULL_HANDLE))
VK(VkResult, vkSetEvent, (VkDevice device, VkEvent event), (device, event), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY),
  NOTHING)
VK_VOID(vkCmdWaitEvents, (VkCommandBuffer commandBuffer, uint32_t eventCount, const VkEvent *pEvents,
  VkPipelineStageFlags srcStageMask, VkPipelineStageFlags dstStageMask, uint32_t memoryBarrierCount, const
  VkMemoryBarrier *pMemoryBarriers, uint32_t bufferMemoryBarrierCount, const VkBufferMemoryBarrier
  *pBufferMemoryBarriers, uint32_t imageMemoryBarrierCount, const VkImageMemoryBarrier *pImageMemoryBarriers),
  (commandBuffer, eventCount, pEvents, srcStageMask, dstStageMask, memoryBarrierCount, pMemoryBarriers,
  bufferMemoryBarrierCount, pBufferMemoryBarriers, imageMemoryBarrierCount, pImageMemoryBarriers), NEVER, NOTHING)
VK(VkResult, vkWaitSemaphores, (VkDevice device, const VkSemaphoreWaitInfo *pWaitInfo, uint64_t timeout), (device,
  pWaitInfo, timeout), VK_FAILS(VK_ERROR_DEVICE_LOST, (void)real(device, pWaitInfo, timeout)), NOTHING)
VK(VkResult, vkGetMemoryFdKHR, (VkDevice device, const VkMemoryGetFdInfoKHR *pGetFdInfo, int *pFd), (device, pGetFdInfo,
  pFd), VK_FAILS(VK_ERROR_TOO_MANY_OBJECTS, *pFd = -1), NOTHING)
VK(VkResult, vkGetMemoryFdPropertiesKHR, (VkDevice device, VkExternalMemoryHandleTypeFlagBits handleType, int fd,
  VkMemoryFdPropertiesKHR *pMemoryFdProperties), (device, handleType, fd, pMemoryFdProperties),
  VK_FAILS(VK_ERROR_INVALID_EXTERNAL_HANDLE), NOTHING)
VK(VkResult, vkGetSemaphoreFdKHR, (VkDevice device, const VkSemaphoreGetFdInfoKHR *pGetFdInfo, int *pFd), (device,
  pGetFdInfo, pFd), VK_FAILS(VK_ERROR_TOO_MANY_OBJECTS, *pFd = -1), NOTHING)
VK(VkResult, vkImportSemaphoreFdKHR, (VkDevice device, const VkImportSemaphoreFdInfoKHR *pImportSemaphoreFdInfo),
  (device, pImportSemaphoreFdInfo), VK_FAILS(VK_ERROR_INVALID_EXTERNAL_HANDLE), TAKES)
VK(VkResult, vkGetFenceFdKHR, (VkDevice device, const VkFenceGetFdInfoKHR *pGetFdInfo, int *pFd), (device, pGetFdInfo,
  pFd), VK_FAILS(VK_ERROR_TOO_MANY_OBJECTS, *pFd = -1), NOTHING)
VK(VkResult, vkImportFenceFdKHR, (VkDevice device, const VkImportFenceFdInfoKHR *pImportFenceFdInfo), (device,
  pImportFenceFdInfo), VK_FAILS(VK_ERROR_INVALID_EXTERNAL_HANDLE), TAKES)
VK(VkResult, vkGetImageDrmFormatModifierPropertiesEXT, (VkDevice device, VkImage image,
  VkImageDrmFormatModifierPropertiesEXT *pProperties), (device, image, pProperties),
  VK_FAILS(VK_ERROR_OUT_OF_HOST_MEMORY), NOTHING)

// VulkanComputeFunctions.
VK(VkResult, vkCreateImageView, (VkDevice device, const VkImageViewCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkImageView *pView), (device, pCreateInfo, pAllocator, pView), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  *pView = VK_NULL_HANDLE), MAKES(VkImageView, result == VK_SUCCESS))
VK_VOID(vkDestroyImageView, (VkDevice device, VkImageView imageView, const VkAllocationCallbacks *pAllocator), (device,
  imageView, pAllocator), NEVER, ENDS(VkImageView, imageView != VK_NULL_HANDLE))
VK(VkResult, vkCreateSampler, (VkDevice device, const VkSamplerCreateInfo *pCreateInfo, const VkAllocationCallbacks
  *pAllocator, VkSampler *pSampler), (device, pCreateInfo, pAllocator, pSampler),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pSampler = VK_NULL_HANDLE), MAKES(VkSampler, result == VK_SUCCESS))
VK_VOID(vkDestroySampler, (VkDevice device, VkSampler sampler, const VkAllocationCallbacks *pAllocator), (device,
  sampler, pAllocator), NEVER, ENDS(VkSampler, sampler != VK_NULL_HANDLE))
VK(VkResult, vkCreateSamplerYcbcrConversion, (VkDevice device, const VkSamplerYcbcrConversionCreateInfo *pCreateInfo,
  const VkAllocationCallbacks *pAllocator, VkSamplerYcbcrConversion *pYcbcrConversion), (device, pCreateInfo,
  pAllocator, pYcbcrConversion), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pYcbcrConversion = VK_NULL_HANDLE),
  MAKES(VkSamplerYcbcrConversion, result == VK_SUCCESS))
VK_VOID(vkDestroySamplerYcbcrConversion, (VkDevice device, VkSamplerYcbcrConversion ycbcrConversion, const
  VkAllocationCallbacks *pAllocator), (device, ycbcrConversion, pAllocator), NEVER, ENDS(VkSamplerYcbcrConversion,
  ycbcrConversion != VK_NULL_HANDLE))
VK(VkResult, vkCreateDescriptorSetLayout, (VkDevice device, const VkDescriptorSetLayoutCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkDescriptorSetLayout *pSetLayout), (device, pCreateInfo, pAllocator, pSetLayout),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pSetLayout = VK_NULL_HANDLE), MAKES(VkDescriptorSetLayout, result ==
  VK_SUCCESS))
VK_VOID(vkDestroyDescriptorSetLayout, (VkDevice device, VkDescriptorSetLayout descriptorSetLayout, const
  VkAllocationCallbacks *pAllocator), (device, descriptorSetLayout, pAllocator), NEVER, ENDS(VkDescriptorSetLayout,
  descriptorSetLayout != VK_NULL_HANDLE))
VK(VkResult, vkCreateDescriptorPool, (VkDevice device, const VkDescriptorPoolCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkDescriptorPool *pDescriptorPool), (device, pCreateInfo, pAllocator,
  pDescriptorPool), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pDescriptorPool = VK_NULL_HANDLE), MAKES(VkDescriptorPool,
  result == VK_SUCCESS))
VK_VOID(vkDestroyDescriptorPool, (VkDevice device, VkDescriptorPool descriptorPool, const VkAllocationCallbacks
  *pAllocator), (device, descriptorPool, pAllocator), NEVER, ENDS(VkDescriptorPool, descriptorPool != VK_NULL_HANDLE))
VK(VkResult, vkAllocateDescriptorSets, (VkDevice device, const VkDescriptorSetAllocateInfo *pAllocateInfo,
  VkDescriptorSet *pDescriptorSets), (device, pAllocateInfo, pDescriptorSets), VK_FAILS(VK_ERROR_OUT_OF_POOL_MEMORY,
  clear_descriptor_sets(pAllocateInfo, pDescriptorSets)), NOTHING)
VK_VOID(vkUpdateDescriptorSets, (VkDevice device, uint32_t descriptorWriteCount, const VkWriteDescriptorSet
  *pDescriptorWrites, uint32_t descriptorCopyCount, const VkCopyDescriptorSet *pDescriptorCopies), (device,
  descriptorWriteCount, pDescriptorWrites, descriptorCopyCount, pDescriptorCopies), NEVER, NOTHING)
VK(VkResult, vkCreateShaderModule, (VkDevice device, const VkShaderModuleCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkShaderModule *pShaderModule), (device, pCreateInfo, pAllocator, pShaderModule),
  VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pShaderModule = VK_NULL_HANDLE), MAKES(VkShaderModule, result == VK_SUCCESS))
VK_VOID(vkDestroyShaderModule, (VkDevice device, VkShaderModule shaderModule, const VkAllocationCallbacks *pAllocator),
  (device, shaderModule, pAllocator), NEVER, ENDS(VkShaderModule, shaderModule != VK_NULL_HANDLE))
VK(VkResult, vkCreatePipelineLayout, (VkDevice device, const VkPipelineLayoutCreateInfo *pCreateInfo, const
  VkAllocationCallbacks *pAllocator, VkPipelineLayout *pPipelineLayout), (device, pCreateInfo, pAllocator,
  pPipelineLayout), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY, *pPipelineLayout = VK_NULL_HANDLE), MAKES(VkPipelineLayout,
  result == VK_SUCCESS))
VK_VOID(vkDestroyPipelineLayout, (VkDevice device, VkPipelineLayout pipelineLayout, const VkAllocationCallbacks
  *pAllocator), (device, pipelineLayout, pAllocator), NEVER, ENDS(VkPipelineLayout, pipelineLayout != VK_NULL_HANDLE))
VK(VkResult, vkCreateComputePipelines, (VkDevice device, VkPipelineCache pipelineCache, uint32_t createInfoCount, const
  VkComputePipelineCreateInfo *pCreateInfos, const VkAllocationCallbacks *pAllocator, VkPipeline *pPipelines), (device,
  pipelineCache, createInfoCount, pCreateInfos, pAllocator, pPipelines), VK_FAILS(VK_ERROR_OUT_OF_DEVICE_MEMORY,
  clear_pipelines(createInfoCount, pPipelines)), MAKES(VkPipeline, count_pipelines(createInfoCount, pPipelines)))
VK_VOID(vkDestroyPipeline, (VkDevice device, VkPipeline pipeline, const VkAllocationCallbacks *pAllocator), (device,
  pipeline, pAllocator), NEVER, ENDS(VkPipeline, pipeline != VK_NULL_HANDLE))
VK_VOID(vkCmdBindPipeline, (VkCommandBuffer commandBuffer, VkPipelineBindPoint pipelineBindPoint, VkPipeline pipeline),
  (commandBuffer, pipelineBindPoint, pipeline), NEVER, NOTHING)
VK_VOID(vkCmdBindDescriptorSets, (VkCommandBuffer commandBuffer, VkPipelineBindPoint pipelineBindPoint, VkPipelineLayout
  layout, uint32_t firstSet, uint32_t descriptorSetCount, const VkDescriptorSet *pDescriptorSets, uint32_t
  dynamicOffsetCount, const uint32_t *pDynamicOffsets), (commandBuffer, pipelineBindPoint, layout, firstSet,
  descriptorSetCount, pDescriptorSets, dynamicOffsetCount, pDynamicOffsets), NEVER, NOTHING)
VK_VOID(vkCmdPushConstants, (VkCommandBuffer commandBuffer, VkPipelineLayout layout, VkShaderStageFlags stageFlags,
  uint32_t offset, uint32_t size, const void *pValues), (commandBuffer, layout, stageFlags, offset, size, pValues),
  NEVER, NOTHING)
VK_VOID(vkCmdDispatch, (VkCommandBuffer commandBuffer, uint32_t groupCountX, uint32_t groupCountY, uint32_t
  groupCountZ), (commandBuffer, groupCountX, groupCountY, groupCountZ), NEVER, NOTHING)
