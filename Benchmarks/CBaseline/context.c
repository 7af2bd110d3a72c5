// A GL context without a window: the surfaceless platform of the system's libEGL, or ANGLE's on its Vulkan backend.

#include "internal.h"

#include <dlfcn.h>

// The EGL registry has these; the headers of Debian 12 do not.
#ifndef EGL_PLATFORM_ANGLE_ANGLE
#define EGL_PLATFORM_ANGLE_ANGLE 0x3202
#define EGL_PLATFORM_ANGLE_TYPE_ANGLE 0x3203
#define EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE 0x3450
#endif

static bool load_functions(cb_baseline *b) {
  const char *path = b->options.angle_library ? b->options.angle_library : "libEGL.so.1";
  // Never closed: drivers start threads and register exit handlers.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return cb_fail("dlopen: %s", dlerror());
  PFNEGLGETPROCADDRESSPROC get = (PFNEGLGETPROCADDRESSPROC)dlsym(library, "eglGetProcAddress");
  if (!get) return cb_fail("%s has no eglGetProcAddress", path);
    // eglGetProcAddress knows extensions, and core functions only since EGL 1.5; dlsym knows core functions.
#define LOAD(type, name) \
  b->egl.name = (type)dlsym(library, #name); \
  if (!b->egl.name) b->egl.name = (type)get(#name); \
  if (!b->egl.name) return cb_fail("%s has no %s", path, #name);
  CB_EGL_FUNCTIONS(LOAD)
#undef LOAD
#define LOAD(type, name) \
  b->gl.name = (type)get(#name); \
  if (!b->gl.name) return cb_fail("GL has no %s", #name);
  CB_GL_FUNCTIONS(LOAD)
  if (b->options.semaphores) { CB_GL_SEMAPHORE_FUNCTIONS(LOAD) }
#undef LOAD
  return true;
}

bool cb_open_context(cb_baseline *b) {
  if (!load_functions(b)) return false;
  const cb_egl *egl = &b->egl;
  const bool angle = b->options.angle_library != NULL;

  const EGLint vulkan_backend[] = {EGL_PLATFORM_ANGLE_TYPE_ANGLE, EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE, EGL_NONE};
  const EGLint nothing[] = {EGL_NONE};
  b->display = egl->eglGetPlatformDisplayEXT(
    angle ? EGL_PLATFORM_ANGLE_ANGLE : EGL_PLATFORM_SURFACELESS_MESA, NULL, angle ? vulkan_backend : nothing);
  if (b->display == EGL_NO_DISPLAY || !egl->eglInitialize(b->display, NULL, NULL))
    return cb_fail("eglInitialize: EGL error 0x%x", egl->eglGetError());
  if (!egl->eglBindAPI(angle ? EGL_OPENGL_ES_API : EGL_OPENGL_API))
    return cb_fail("eglBindAPI: EGL error 0x%x", egl->eglGetError());

  const EGLint wanted[] = {
    EGL_RENDERABLE_TYPE, angle ? EGL_OPENGL_ES3_BIT : EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
  EGLConfig config = NULL;
  EGLint count = 0;
  if (!egl->eglChooseConfig(b->display, wanted, &config, 1, &count) || count < 1)
    return cb_fail("eglChooseConfig: no config, EGL error 0x%x", egl->eglGetError());

  const EGLint core_3_3[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3,
    EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  const EGLint es_3_0[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 0, EGL_NONE};
  b->context = egl->eglCreateContext(b->display, config, EGL_NO_CONTEXT, angle ? es_3_0 : core_3_3);
  if (b->context == EGL_NO_CONTEXT) return cb_fail("eglCreateContext: EGL error 0x%x", egl->eglGetError());
  return cb_make_current(b);
}

void cb_close_context(cb_baseline *b) {
  if (b->context == EGL_NO_CONTEXT) return;
  b->egl.eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  b->egl.eglDestroyContext(b->display, b->context);
}

bool cb_make_current(cb_baseline *b) {
  if (b->egl.eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, b->context)) return true;
  return cb_fail("eglMakeCurrent: EGL error 0x%x", b->egl.eglGetError());
}

bool cb_gl_ok(cb_baseline *b, const char *what) {
  const GLenum error = b->gl.glGetError();
  return error == GL_NO_ERROR || cb_fail("%s: GL error 0x%x", what, error);
}
