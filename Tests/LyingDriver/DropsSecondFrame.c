#include <stdbool.h>

#include "Lies.h"

// GL's drawing arrives in shared memory until the first ownership transfer and never again: a driver that copies when
// it imports, and is right until a second frame is read.
enum { NAMES = 4096 };
static bool is_shared_texture[NAMES];
static struct {
  GLuint texture;
  bool is_drawn, is_sealed;
} framebuffers[NAMES];

static PFNGLGETINTEGERVPROC real_glGetIntegerv;
static PFNGLTEXSTORAGEMEM2DEXTPROC real_glTexStorageMem2DEXT;
static PFNGLDELETETEXTURESPROC real_glDeleteTextures;
static PFNGLFRAMEBUFFERTEXTURE2DPROC real_glFramebufferTexture2D;
static PFNGLDELETEFRAMEBUFFERSPROC real_glDeleteFramebuffers;
static PFNGLCLEARBUFFERFVPROC real_glClearBufferfv;
static PFNGLBLITFRAMEBUFFERPROC real_glBlitFramebuffer;
static PFNGLDRAWARRAYSPROC real_glDrawArrays;
static PFNGLFINISHPROC real_glFinish;
static PFNGLSIGNALSEMAPHOREEXTPROC real_glSignalSemaphoreEXT;
static PFNGLEGLIMAGETARGETTEXTURE2DOESPROC real_glEGLImageTargetTexture2DOES;
static PFNEGLCREATEIMAGEKHRPROC real_eglCreateImageKHR;
static PFNEGLDUPNATIVEFENCEFDANDROIDPROC real_eglDupNativeFenceFDANDROID;

static GLuint bound(GLenum binding) {
  GLint name = 0;
  real_glGetIntegerv(binding, &name);
  return (GLuint)name % NAMES;
}

static void lying_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  is_shared_texture[bound(GL_TEXTURE_BINDING_2D)] = true;
  real_glTexStorageMem2DEXT(target, levels, format, width, height, memory, offset);
}

// DMA-BUF, imported.
static void lying_glEGLImageTargetTexture2DOES(GLenum target, GLeglImageOES image) {
  is_shared_texture[bound(GL_TEXTURE_BINDING_2D)] = true;
  real_glEGLImageTargetTexture2DOES(target, image);
}

// DMA-BUF, exported: the texture, and its framebuffer, are there already.
static EGLImageKHR lying_eglCreateImageKHR(
  EGLDisplay display, EGLContext context, EGLenum target, EGLClientBuffer buffer, const EGLint *attributes) {
  if (target == EGL_GL_TEXTURE_2D_KHR) is_shared_texture[(uintptr_t)buffer % NAMES] = true;
  return real_eglCreateImageKHR(display, context, target, buffer, attributes);
}

// Names are given out again.
static void lying_glDeleteTextures(GLsizei count, const GLuint *names) {
  for (GLsizei i = 0; i < count; i++) is_shared_texture[names[i] % NAMES] = false;
  real_glDeleteTextures(count, names);
}

static void lying_glFramebufferTexture2D(
  GLenum target, GLenum attachment, GLenum texture_target, GLuint texture, GLint level) {
  framebuffers[bound(GL_DRAW_FRAMEBUFFER_BINDING)].texture = texture % NAMES;
  real_glFramebufferTexture2D(target, attachment, texture_target, texture, level);
}

static void lying_glDeleteFramebuffers(GLsizei count, const GLuint *names) {
  for (GLsizei i = 0; i < count; i++) {
    GLuint name = names[i] % NAMES;
    framebuffers[name].texture = 0;
    framebuffers[name].is_drawn = framebuffers[name].is_sealed = false;
  }
  real_glDeleteFramebuffers(count, names);
}

// Whether what is drawn now gets lost.
static bool is_lost(void) {
  GLuint framebuffer = bound(GL_DRAW_FRAMEBUFFER_BINDING);
  if (!is_shared_texture[framebuffers[framebuffer].texture]) return false;
  framebuffers[framebuffer].is_drawn = true;
  return framebuffers[framebuffer].is_sealed;
}

static void lying_glClearBufferfv(GLenum buffer, GLint drawbuffer, const GLfloat *value) {
  if (!is_lost()) real_glClearBufferfv(buffer, drawbuffer, value);
}

static void lying_glBlitFramebuffer(GLint x0, GLint y0, GLint x1, GLint y1, GLint to_x0, GLint to_y0, GLint to_x1,
  GLint to_y1, GLbitfield mask, GLenum filter) {
  if (!is_lost()) real_glBlitFramebuffer(x0, y0, x1, y1, to_x0, to_y0, to_x1, to_y1, mask, filter);
}

static void lying_glDrawArrays(GLenum mode, GLint first, GLsizei count) {
  if (!is_lost()) real_glDrawArrays(mode, first, count);
}

static void end_access(void) {
  for (int i = 0; i < NAMES; i++) framebuffers[i].is_sealed |= framebuffers[i].is_drawn;
}

static void lying_glFinish(void) {
  real_glFinish();
  end_access();
}

static void lying_glSignalSemaphoreEXT(GLuint semaphore, GLuint buffer_count, const GLuint *buffers,
  GLuint texture_count, const GLuint *textures, const GLenum *layouts) {
  real_glSignalSemaphoreEXT(semaphore, buffer_count, buffers, texture_count, textures, layouts);
  end_access();
}

static EGLint lying_eglDupNativeFenceFDANDROID(EGLDisplay display, EGLSyncKHR sync) {
  EGLint file = real_eglDupNativeFenceFDANDROID(display, sync);
  end_access();
  return file;
}

const lie drops_second_frame = {"drops-second-frame",
  {CALLS(glGetIntegerv), LIES_ABOUT(glTexStorageMem2DEXT), LIES_ABOUT(glDeleteTextures),
    LIES_ABOUT(glFramebufferTexture2D), LIES_ABOUT(glDeleteFramebuffers), LIES_ABOUT(glClearBufferfv),
    LIES_ABOUT(glBlitFramebuffer), LIES_ABOUT(glDrawArrays), LIES_ABOUT(glFinish), LIES_ABOUT(glSignalSemaphoreEXT),
    LIES_ABOUT(glEGLImageTargetTexture2DOES), LIES_ABOUT(eglCreateImageKHR), LIES_ABOUT(eglDupNativeFenceFDANDROID)}};
