/* Framebuffer 0 as EGL makes it: a surface that is drawn into and another that is read, one that is smaller than the program
 * says, and, in GLES, one that encodes sRGB and has no alpha. With framebuffers of a format that GL converts.
 */
#define _GNU_SOURCE
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl32.h>
#include <dlfcn.h>
#include <gl_vulkan_interop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vulkan_side.h"

static void check_at(int line, int failed) {
  if (!failed) return;
  fprintf(stderr, "surfaces.c:%d: %d %s\n", line, failed, glvk_last_error_message());
  _Exit(1);
}
#define CHECK(failed) check_at(__LINE__, failed)

#define EACH_EGL_FUNCTION(use) \
  use(eglGetProcAddress) use(eglInitialize) use(eglBindAPI) use(eglChooseConfig) use(eglCreateContext) \
    use(eglMakeCurrent) use(eglDestroyContext) use(eglGetConfigAttrib) use(eglCreatePbufferSurface) \
      use(eglDestroySurface) use(eglGetCurrentSurface)
#define EACH_GL_FUNCTION(use) \
  use(glClearColor) use(glClear) use(glGetError) use(glDrawBuffers) use(glReadPixels) use(glGenFramebuffers) \
    use(glBindFramebuffer) use(glGenTextures) use(glBindTexture) use(glTexStorage2D) use(glFramebufferTexture2D) \
      use(glCheckFramebufferStatus)
#define DECLARE(name) static __typeof__(name) *name##_;
EACH_EGL_FUNCTION(DECLARE)
EACH_GL_FUNCTION(DECLARE)

static EGLDisplay display;
static EGLConfig config;
static int is_es, is_srgb;
static unsigned pictures;

static EGLSurface surface(EGLint width, EGLint height) {
  const EGLint attributes[] = {
    EGL_WIDTH, width, EGL_HEIGHT, height, is_srgb ? EGL_GL_COLORSPACE : EGL_NONE, EGL_GL_COLORSPACE_SRGB, EGL_NONE};
  EGLSurface made = eglCreatePbufferSurface_(display, config, attributes);
  CHECK(made == EGL_NO_SURFACE);
  return made;
}

static void clear(float red, float green, float blue) {
  /* Mesa's pbuffers have one buffer, and desktop GL does not draw into it by itself. */
  if (!is_es) {
    const GLenum front = 0x0400 /* GL_FRONT_LEFT */, back = 0x0402;
    glDrawBuffers_(1, &front);
    if (glGetError_()) glDrawBuffers_(1, &back);
  }
  glClearColor_(red, green, blue, 1);
  glClear_(GL_COLOR_BUFFER_BIT);
}

/* Hands framebuffer `name` over and compares every pixel; width 0 asks for its size. */
static void expect(glvk_producer producer, unsigned name, unsigned width, unsigned height, unsigned wanted_width,
  unsigned wanted_height, const unsigned char wanted[4], int tolerance) {
  glvk_submit_options options;
  GLVK_INIT(options);
  options.framebuffer = name;
  options.width = width;
  options.height = height;
  glvk_frame frame;
  CHECK(glvk_producer_submit(producer, &options, &frame));
  CHECK(vulkan_side_take(frame));
  uint32_t found_width, found_height;
  const uint8_t *pixels = vulkan_side_pixels(&found_width, &found_height);
  CHECK(found_width != wanted_width || found_height != wanted_height);
  for (size_t i = 0; i < (size_t)found_width * found_height * 4; i++)
    if (abs(pixels[i] - wanted[i % 4]) > tolerance) {
      fprintf(stderr, "byte %zu is %d, not %d\n", i, pixels[i], wanted[i % 4]);
      CHECK(1);
    }
  pictures++;
}

static void run(int alpha) {
  CHECK(!eglBindAPI_(is_es ? EGL_OPENGL_ES_API : EGL_OPENGL_API));
  const EGLint wishes[] = {EGL_RENDERABLE_TYPE, is_es ? EGL_OPENGL_ES3_BIT : EGL_OPENGL_BIT, EGL_SURFACE_TYPE,
    EGL_PBUFFER_BIT, EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_NONE};
  EGLConfig configs[256];
  EGLint count = 0, i, value, red, samples;
  CHECK(!eglChooseConfig_(display, wishes, configs, 256, &count));
  for (i = 0; i < count; i++) {
    eglGetConfigAttrib_(display, configs[i], EGL_ALPHA_SIZE, &value);
    eglGetConfigAttrib_(display, configs[i], EGL_RED_SIZE, &red);
    eglGetConfigAttrib_(display, configs[i], EGL_SAMPLES, &samples);
    if (value == alpha && red == 8 && samples == 0) break;
  }
  CHECK(i == count);
  config = configs[i];
  const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, is_es ? 0 : 3, EGL_NONE};
  EGLContext context = eglCreateContext_(display, config, EGL_NO_CONTEXT, version);
  EGLSurface drawn = surface(32, 16), read = surface(20, 10);
  CHECK(!eglMakeCurrent_(display, read, read, context));
  clear(0, 1, 0);
  CHECK(!eglMakeCurrent_(display, drawn, read, context));
  clear(64 / 255.0f, 128 / 255.0f, 192 / 255.0f);

  static const glvk_path paths[] = {GLVK_PATH_AUTOMATIC, GLVK_PATH_HOST_COPY};
  for (i = 0; i < 2; i++) {
    glvk_producer_options options;
    GLVK_INIT(options);
    options.path = paths[i];
    glvk_producer producer;
    CHECK(glvk_producer_create(&options, &producer));
    vulkan_side_open(producer);
    static const unsigned char encoded[4] = {0x89, 0xBC, 0xE1, 0xFF}, plain[4] = {64, 128, 192, 255};
    const unsigned char *wanted = is_srgb ? encoded : plain;
    expect(producer, 0, 0, 0, 32, 16, wanted, 0);
    expect(producer, 0, 32, 16, 32, 16, wanted, 0);
    expect(producer, 0, 31, 9, 31, 9, wanted, 0);
    CHECK(eglGetCurrentSurface_(EGL_READ) != read || eglGetCurrentSurface_(EGL_DRAW) != drawn);
    unsigned char pixel[4];
    glReadPixels_(19, 9, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    CHECK(pixel[0] != 0 || pixel[1] != 255 || pixel[2] != 0);

    /* Less than the program says. */
    CHECK(!eglMakeCurrent_(display, read, drawn, context));
    glvk_submit_options submission;
    GLVK_INIT(submission);
    submission.width = 32;
    submission.height = 16;
    glvk_frame frame;
    CHECK(glvk_producer_submit(producer, &submission, &frame) != GLVK_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(glvk_last_error_message(), "20x10") == NULL);
    CHECK(!eglMakeCurrent_(display, drawn, read, context));

    /* Formats that are none of the package's. */
    static const GLenum formats[] = {0x822A /* GL_R16 */, 0x822C /* GL_RG16 */, 0x8054 /* GL_RGB16 */, GL_RGB32F,
      GL_RG32F, GL_R8_SNORM, GL_RGBA8_SNORM, 0x8F9B /* GL_RGBA16_SNORM */, GL_RGB565};
    unsigned rendered = 0;
    for (size_t format = 0; format < sizeof formats / sizeof *formats; format++) {
      GLuint texture, framebuffer;
      glGenTextures_(1, &texture);
      glBindTexture_(GL_TEXTURE_2D, texture);
      glTexStorage2D_(GL_TEXTURE_2D, 1, formats[format], 12, 7);
      glGenFramebuffers_(1, &framebuffer);
      glBindFramebuffer_(GL_FRAMEBUFFER, framebuffer);
      glFramebufferTexture2D_(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
      const int is_complete = glCheckFramebufferStatus_(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
      while (glGetError_()) {}
      if (is_complete) {
        glClearColor_(1, 0.5f, -0.5f, 1);
        glClear_(GL_COLOR_BUFFER_BIT);
        const int components = formats[format] == 0x822A || formats[format] == GL_R8_SNORM ? 1
                               : formats[format] == 0x822C || formats[format] == GL_RG32F  ? 2
                                                                                           : 3;
        const unsigned char pixel_wanted[4] = {255, components > 1 ? 128 : 0, 0, 255};
        expect(producer, framebuffer, 0, 0, 12, 7, pixel_wanted, formats[format] == GL_RGB565 ? 5 : 1);
        rendered++;
      }
      glBindFramebuffer_(GL_FRAMEBUFFER, 0);
    }
    CHECK(rendered < (is_es ? 1 : 8));
    CHECK(glGetError_() != 0);
    vulkan_side_close();
    CHECK(glvk_producer_destroy(producer));
  }
  CHECK(!eglMakeCurrent_(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
  eglDestroySurface_(display, drawn);
  eglDestroySurface_(display, read);
  eglDestroyContext_(display, context);
}

int main(void) {
  const char *angle = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (angle && !*angle) angle = NULL;
  void *library = dlopen(angle ? angle : "libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
  CHECK(library == NULL);
#define FIND_EGL(name) \
  *(void **)&name##_ = dlsym(library, #name); \
  CHECK(name##_ == NULL);
  EACH_EGL_FUNCTION(FIND_EGL)
#define FIND_GL(name) \
  *(void **)&name##_ = (void *)eglGetProcAddress_(#name); \
  CHECK(name##_ == NULL);
  PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
    (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress_("eglGetPlatformDisplayEXT");
  CHECK(get_display == NULL);
  /* ANGLE on Vulkan, without a window system. */
  const EGLint offscreen[] = {0x3203, 0x3450, 0x348F, EGL_PLATFORM_SURFACELESS_MESA, EGL_NONE};
  display = angle ? get_display(0x3202, NULL, offscreen)
                  : get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
  CHECK(!eglInitialize_(display, NULL, NULL));
  EACH_GL_FUNCTION(FIND_GL)
  for (is_es = angle != NULL; is_es < 2; is_es++)
    for (is_srgb = 0; is_srgb <= is_es; is_srgb++)
      for (int alpha = 0; alpha <= 8; alpha += 8) run(alpha);
  printf("%u pictures of framebuffer 0 and of all formats, all of them right\n", pictures);
  return glvk_live_object_count() != 0;
}
