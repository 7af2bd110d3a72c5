// One GL context without a window, and the drawing that the experiments need.
#ifndef CAPABILITY_CHECK_GL_H
#define CAPABILITY_CHECK_GL_H

#define GL_GLEXT_PROTOTYPES  // for the types only; nothing is linked
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>

#include "pattern.h"

// clang-format off
#define GL_FUNCTIONS(X)                                                                                                \
  X(AttachShader) X(BindFramebuffer) X(BindTexture) X(BindVertexArray) X(BlitFramebuffer) X(CheckFramebufferStatus)     \
  X(ClearBufferfv) X(CompileShader) X(CreateProgram) X(CreateShader) X(DeleteFramebuffers) X(DeleteProgram)             \
  X(DeleteShader) X(DeleteTextures) X(DeleteVertexArrays) X(Disable) X(DrawArrays) X(Enable) X(Finish) X(Flush)         \
  X(FramebufferTexture2D) X(GenFramebuffers) X(GenTextures) X(GenVertexArrays) X(GetError) X(GetIntegerv)               \
  X(GetProgramiv) X(GetString) X(GetStringi) X(GetUniformLocation) X(LinkProgram) X(PixelStorei) X(ReadPixels)          \
  X(Scissor) X(ShaderSource) X(TexImage2D) X(TexParameteri) X(Uniform1i) X(UseProgram) X(Viewport)
// clang-format on

// clang-format off
#define GL_SHARING_FUNCTIONS(X)                                                                                         \
  X(CreateMemoryObjectsEXT) X(DeleteMemoryObjectsEXT) X(DeleteSemaphoresEXT) X(GenSemaphoresEXT)                        \
  X(GetUnsignedBytei_vEXT) X(ImportMemoryFdEXT) X(ImportSemaphoreFdEXT) X(MemoryObjectParameterivEXT)                   \
  X(SignalSemaphoreEXT) X(TexStorageMem2DEXT) X(WaitSemaphoreEXT)
// clang-format on

typedef enum { GL_ON_SURFACELESS, GL_ON_DEVICE, GL_ON_ANGLE } GLPlatform;

typedef struct {
  GLPlatform platform;
  int device;                 // for GL_ON_DEVICE
  const char *angle_library;  // for GL_ON_ANGLE
  bool is_es;
} GLChoice;

typedef struct {
  GLuint texture, framebuffer;
} GLTarget;

typedef struct {
  void *library;
  EGLDisplay display;
  EGLContext context;
  __typeof__(&eglGetProcAddress) get_proc_address;
  __typeof__(&eglGetError) get_error;
  __typeof__(&eglDestroyContext) destroy_context;
  __typeof__(&eglMakeCurrent) make_current;
  __typeof__(&eglTerminate) terminate;
  bool is_es, has_memory_object_fd, has_semaphore_fd, has_uuid;
  uint8_t device_uuid[16];
  GLuint vertex_array, program;
  GLint flip_uniform, exchange_uniform;
#define X(name) __typeof__(&gl##name) name;
  GL_FUNCTIONS(X)
  GL_SHARING_FUNCTIONS(X)
#undef X
} GL;

// On failure `result` says why. gl_close is to be called either way.
bool gl_open(GL *gl, const GLChoice *choice, Result *result);
void gl_close(GL *gl);
bool gl_has_extension(const GL *gl, const char *name);

// False, with the verdict `failed`, when an error is pending. All pending errors are cleared.
bool gl_succeeded(const GL *gl, const char *step, Result *result);
GLenum gl_take_error(const GL *gl);
const char *gl_name(GLenum error_or_status);

// --- Drawing (gl_draw.c)
// -----------------------------------------------------------------------------------------------
bool gl_draw_open(GL *gl, Result *result);

// A texture of GL's own with a framebuffer, both bound afterwards.
bool gl_target_create(const GL *gl, const Format *format, Size size, GLTarget *target, Result *result);
void gl_target_destroy(const GL *gl, GLTarget *target);
// The framebuffer for a texture that exists already. The status of the framebuffer is returned.
GLenum gl_target_attach(const GL *gl, GLTarget *target);

void gl_draw_pattern(const GL *gl, const Format *format, Size size, int frame, const GLTarget *target);
void gl_clear(const GL *gl, Size size, const GLTarget *target);
// Both turn the picture upside down when asked to. The shader reads what the texture's swizzle makes of the channels.
void gl_copy_by_blit(const GL *gl, Size size, const GLTarget *from, const GLTarget *to, bool flip);
void gl_copy_by_shader(const GL *gl, Size size, const GLTarget *from, const GLTarget *to, bool flip, bool exchange);
bool gl_read(const GL *gl, const Format *format, Size size, const GLTarget *from, Pixel *pixels, Result *result);

#endif
