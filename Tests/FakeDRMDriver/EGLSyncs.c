#define _GNU_SOURCE
#include "Internal.h"

#include <string.h>
#include <unistd.h>

typedef void(GL_APIENTRYP flush)(void);

static PFNEGLCREATESYNCKHRPROC real_eglCreateSyncKHR;
static PFNEGLDESTROYSYNCKHRPROC real_eglDestroySyncKHR;
static PFNEGLWAITSYNCKHRPROC real_eglWaitSyncKHR;
static PFNEGLDUPNATIVEFENCEFDANDROIDPROC real_eglDupNativeFenceFDANDROID;
static flush real_glFlush, real_glFinish;

static _Thread_local uint64_t flushes = 1;

static object *find_sync(EGLSyncKHR sync) { return find_object(EGL_SYNC, HANDLE(sync)); }

static void GL_APIENTRY my_glFlush(void) {
  flushes++;
  real_glFlush();
}

static void GL_APIENTRY my_glFinish(void) {
  flushes++;
  real_glFinish();
}

static EGLSyncKHR EGLAPIENTRY my_eglCreateSyncKHR(EGLDisplay display, EGLenum type, const EGLint *attributes) {
  if (!fake_is_on || type != EGL_SYNC_NATIVE_FENCE_ANDROID) return real_eglCreateSyncKHR(display, type, attributes);
  int descriptor = EGL_NO_NATIVE_FENCE_FD_ANDROID;
  for (; attributes != NULL && attributes[0] != EGL_NONE; attributes += 2) {
    if (attributes[0] == EGL_SYNC_NATIVE_FENCE_FD_ANDROID) descriptor = attributes[1];
    else violate("eglCreateSyncKHR gets attribute 0x%x", attributes[0]);
  }
  if (descriptor != EGL_NO_NATIVE_FENCE_FD_ANDROID && !is_sync_file(descriptor)) {
    violate("EGL imports descriptor %d, which is no sync file", descriptor);
    raise_egl_error(EGL_BAD_ATTRIBUTE);
    return EGL_NO_SYNC_KHR;
  }
  object *made = add_object(EGL_SYNC, 0);
  made->egl_sync.is_import = descriptor != EGL_NO_NATIVE_FENCE_FD_ANDROID;
  made->egl_sync.made_at = flushes;
  // EGL has taken it.
  if (made->egl_sync.is_import) close(descriptor);
  return (EGLSyncKHR)(uintptr_t)made->handle;
}

static EGLBoolean EGLAPIENTRY my_eglDestroySyncKHR(EGLDisplay display, EGLSyncKHR sync) {
  return remove_object(EGL_SYNC, HANDLE(sync)) ? EGL_TRUE : real_eglDestroySyncKHR(display, sync);
}

static EGLint EGLAPIENTRY my_eglWaitSyncKHR(EGLDisplay display, EGLSyncKHR sync, EGLint flags) {
  if (find_sync(sync) == NULL) return real_eglWaitSyncKHR(display, sync, flags);
  if (flags != 0) violate("eglWaitSyncKHR gets flags 0x%x", flags);
  return EGL_TRUE;
}

static EGLint EGLAPIENTRY my_eglDupNativeFenceFDANDROID(EGLDisplay display, EGLSyncKHR sync) {
  object *found = find_sync(sync);
  if (found == NULL) return real_eglDupNativeFenceFDANDROID(display, sync);
  if (!found->egl_sync.is_import && flushes == found->egl_sync.made_at) {
    violate("a fence's descriptor is asked for before a flush");
    raise_egl_error(EGL_BAD_PARAMETER);
    return EGL_NO_NATIVE_FENCE_FD_ANDROID;
  }
  int made = make_sync_file();
  if (made >= 0) return made;
  raise_egl_error(EGL_BAD_ALLOC);
  return EGL_NO_NATIVE_FENCE_FD_ANDROID;
}

#define TAKE_EGL(function, type) \
  if (strcmp(name, #function) == 0) { \
    if (real != NULL) STORE(function, type); \
    return (void *)my_##function; \
  }
// GL has it in any case, and nothing stands in its place where it is not there.
#define TAKE_GL(function, type) \
  if (real != NULL && strcmp(name, #function) == 0) { \
    STORE(function, type); \
    return (void *)my_##function; \
  }

void *replace_egl_sync(const char *name, void *real) {
  TAKE_EGL(eglCreateSyncKHR, PFNEGLCREATESYNCKHRPROC)
  TAKE_EGL(eglDestroySyncKHR, PFNEGLDESTROYSYNCKHRPROC)
  TAKE_EGL(eglWaitSyncKHR, PFNEGLWAITSYNCKHRPROC)
  TAKE_EGL(eglDupNativeFenceFDANDROID, PFNEGLDUPNATIVEFENCEFDANDROIDPROC)
  TAKE_GL(glFlush, flush)
  TAKE_GL(glFinish, flush)
  return NULL;
}
