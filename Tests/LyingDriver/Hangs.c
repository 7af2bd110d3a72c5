#include <unistd.h>

#include "Lies.h"

static PFNGLTEXSTORAGEMEM2DEXTPROC real_glTexStorageMem2DEXT;
static PFNEGLINITIALIZEPROC real_eglInitialize;

static void sleep_for_ever(void) {
  for (;;) pause();
}

static void lying_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)target, (void)levels, (void)format, (void)width, (void)height, (void)memory, (void)offset;
  sleep_for_ever();
}

static EGLBoolean lying_eglInitialize(EGLDisplay display, EGLint *major, EGLint *minor) {
  (void)display, (void)major, (void)minor;
  sleep_for_ever();
  return EGL_FALSE;
}

const lie hangs = {"hangs", {LIES_ABOUT(glTexStorageMem2DEXT)}};
const lie hangs_at_start = {"hangs-at-start", {LIES_ABOUT(eglInitialize)}};
