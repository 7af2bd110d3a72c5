#include "gl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// ANGLE's tokens (EGL_ANGLE_platform_angle and EGL_ANGLE_platform_angle_vulkan), missing from Khronos' eglext.h.
#ifndef EGL_PLATFORM_ANGLE_ANGLE
#define EGL_PLATFORM_ANGLE_ANGLE 0x3202
#define EGL_PLATFORM_ANGLE_TYPE_ANGLE 0x3203
#define EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE 0x348F
#define EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE 0x3450
#endif

// --- Errors
// ------------------------------------------------------------------------------------------------------------

const char *gl_name(GLenum value) {
  static char number[16];
  switch (value) {
    case GL_INVALID_ENUM: return "GL_INVALID_ENUM";
    case GL_INVALID_VALUE: return "GL_INVALID_VALUE";
    case GL_INVALID_OPERATION: return "GL_INVALID_OPERATION";
    case GL_OUT_OF_MEMORY: return "GL_OUT_OF_MEMORY";
    case GL_INVALID_FRAMEBUFFER_OPERATION: return "GL_INVALID_FRAMEBUFFER_OPERATION";
    case GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT: return "GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT";
    case GL_FRAMEBUFFER_UNSUPPORTED: return "GL_FRAMEBUFFER_UNSUPPORTED";
  }
  snprintf(number, sizeof number, "0x%04X", value);
  return number;
}

GLenum gl_take_error(const GL *gl) {
  GLenum first = gl->GetError(), next = first;
  // Bounded: a context that was lost reports an error for ever.
  for (int i = 0; next != GL_NO_ERROR && i < 16; i++) next = gl->GetError();
  return first;
}

bool gl_succeeded(const GL *gl, const char *step, Result *result) {
  GLenum error = gl_take_error(gl);
  return error == GL_NO_ERROR || failed(result, "%s: %s", step, gl_name(error));
}

// --- The context
// -------------------------------------------------------------------------------------------------------

bool gl_has_extension(const GL *gl, const char *name) {
  GLint count = 0;
  gl->GetIntegerv(GL_NUM_EXTENSIONS, &count);
  for (GLint i = 0; i < count; i++) {
    const GLubyte *extension = gl->GetStringi(GL_EXTENSIONS, (GLuint)i);
    if (extension && !strcmp((const char *)extension, name)) return true;
  }
  return false;
}

static EGLDisplay get_display(const GL *gl, const GLChoice *choice, Result *result) {
  PFNEGLGETPLATFORMDISPLAYEXTPROC get =
    (PFNEGLGETPLATFORMDISPLAYEXTPROC)gl->get_proc_address("eglGetPlatformDisplayEXT");
  if (!get) return failed(result, "no eglGetPlatformDisplayEXT"), EGL_NO_DISPLAY;
  EGLDisplay display = EGL_NO_DISPLAY;
  if (choice->platform == GL_ON_ANGLE) {
    const EGLint attributes[] = {EGL_PLATFORM_ANGLE_TYPE_ANGLE, EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE,
      EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE, EGL_PLATFORM_SURFACELESS_MESA, EGL_NONE};
    display = get(EGL_PLATFORM_ANGLE_ANGLE, NULL, attributes);
  } else if (choice->platform == GL_ON_DEVICE) {
    PFNEGLQUERYDEVICESEXTPROC query = (PFNEGLQUERYDEVICESEXTPROC)gl->get_proc_address("eglQueryDevicesEXT");
    EGLDeviceEXT devices[64];
    EGLint count = 0;
    if (!query || !query(64, devices, &count)) return failed(result, "eglQueryDevicesEXT failed"), EGL_NO_DISPLAY;
    if (choice->device >= count)
      return failed(result, "no EGL device %d, there are %d", choice->device, count), EGL_NO_DISPLAY;
    display = get(EGL_PLATFORM_DEVICE_EXT, devices[choice->device], NULL);
  } else {
    display = get(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL);
  }
  if (display == EGL_NO_DISPLAY) failed(result, "eglGetPlatformDisplayEXT: 0x%04X", gl->get_error());
  return display;
}

static bool make_context(GL *gl, const GLChoice *choice, Result *result) {
#define EGL(name) __typeof__(&egl##name) name = (__typeof__(&egl##name))dlsym(gl->library, "egl" #name)
  EGL(Initialize);
  EGL(BindAPI);
  EGL(ChooseConfig);
  EGL(CreateContext);
#undef EGL
  if (!Initialize || !BindAPI || !ChooseConfig || !CreateContext) return failed(result, "this is no EGL library");
  gl->display = get_display(gl, choice, result);
  if (gl->display == EGL_NO_DISPLAY) return false;
  if (!Initialize(gl->display, NULL, NULL)) return failed(result, "eglInitialize: 0x%04X", gl->get_error());
  if (!BindAPI(choice->is_es ? EGL_OPENGL_ES_API : EGL_OPENGL_API))
    return failed(result, "eglBindAPI: 0x%04X", gl->get_error());

  const EGLint wanted[] = {EGL_RENDERABLE_TYPE, choice->is_es ? EGL_OPENGL_ES3_BIT : EGL_OPENGL_BIT,  //
    EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_NONE};
  EGLConfig config = EGL_NO_CONFIG_KHR;
  EGLint count = 0;
  if (!ChooseConfig(gl->display, wanted, &config, 1, &count) || !count) config = EGL_NO_CONFIG_KHR;

  const EGLint core[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3,  //
    EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  const EGLint es[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 0, EGL_NONE};
  gl->context = CreateContext(gl->display, config, EGL_NO_CONTEXT, choice->is_es ? es : core);
  if (gl->context == EGL_NO_CONTEXT) return failed(result, "eglCreateContext: 0x%04X", gl->get_error());
  if (!gl->make_current(gl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, gl->context))
    return failed(result, "eglMakeCurrent: 0x%04X", gl->get_error());
  return true;
}

static bool load_functions(GL *gl, Result *result) {
#define X(name) \
  gl->name = (__typeof__(&gl##name))gl->get_proc_address("gl" #name); \
  if (!gl->name) return failed(result, "GL has no function gl%s", #name);
  GL_FUNCTIONS(X)
#undef X
#define X(name) gl->name = (__typeof__(&gl##name))gl->get_proc_address("gl" #name);
  GL_SHARING_FUNCTIONS(X)
#undef X
  return true;
}

static void look_at_sharing(GL *gl) {
  bool has_memory_object = gl_has_extension(gl, "GL_EXT_memory_object");
  gl->has_memory_object_fd = has_memory_object && gl_has_extension(gl, "GL_EXT_memory_object_fd") &&
                             gl->CreateMemoryObjectsEXT && gl->DeleteMemoryObjectsEXT && gl->ImportMemoryFdEXT &&
                             gl->MemoryObjectParameterivEXT && gl->TexStorageMem2DEXT;
  gl->has_semaphore_fd = gl_has_extension(gl, "GL_EXT_semaphore") && gl_has_extension(gl, "GL_EXT_semaphore_fd") &&
                         gl->GenSemaphoresEXT && gl->DeleteSemaphoresEXT && gl->ImportSemaphoreFdEXT &&
                         gl->SignalSemaphoreEXT && gl->WaitSemaphoreEXT;
  if (!has_memory_object || !gl->GetUnsignedBytei_vEXT) return;
  GLint count = 0;
  gl->GetIntegerv(GL_NUM_DEVICE_UUIDS_EXT, &count);
  if (gl_take_error(gl) != GL_NO_ERROR || count < 1) return;
  // ANGLE refuses this with GL_INVALID_ENUM.
  gl->GetUnsignedBytei_vEXT(GL_DEVICE_UUID_EXT, 0, gl->device_uuid);
  gl->has_uuid = gl_take_error(gl) == GL_NO_ERROR;
}

bool gl_open(GL *gl, const GLChoice *choice, Result *result) {
  memset(gl, 0, sizeof *gl);
  gl->is_es = choice->is_es;
  gl->display = EGL_NO_DISPLAY;
  gl->context = EGL_NO_CONTEXT;
  const char *file = choice->platform == GL_ON_ANGLE ? choice->angle_library : "libEGL.so.1";
  gl->library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!gl->library) return failed(result, "%s", dlerror());
  gl->get_proc_address = (__typeof__(gl->get_proc_address))dlsym(gl->library, "eglGetProcAddress");
  gl->get_error = (__typeof__(gl->get_error))dlsym(gl->library, "eglGetError");
  gl->destroy_context = (__typeof__(gl->destroy_context))dlsym(gl->library, "eglDestroyContext");
  gl->make_current = (__typeof__(gl->make_current))dlsym(gl->library, "eglMakeCurrent");
  gl->terminate = (__typeof__(gl->terminate))dlsym(gl->library, "eglTerminate");
  if (!gl->get_proc_address || !gl->get_error || !gl->destroy_context || !gl->make_current || !gl->terminate)
    return failed(result, "%s is no EGL library", file);
  if (!make_context(gl, choice, result) || !load_functions(gl, result)) return false;
  look_at_sharing(gl);
  return gl_draw_open(gl, result);
}

void gl_close(GL *gl) {
  if (gl->program) gl->DeleteProgram(gl->program);
  if (gl->vertex_array) gl->DeleteVertexArrays(1, &gl->vertex_array);
  if (gl->context != EGL_NO_CONTEXT) {
    gl->make_current(gl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    gl->destroy_context(gl->display, gl->context);
  }
  if (gl->display != EGL_NO_DISPLAY) gl->terminate(gl->display);
  // The library stays: drivers leave threads and exit handlers behind.
}
