// A program that lets libmpv draw a video with OpenGL, without a window, and gives every frame to Vulkan.
//
//   libmpv [--gl core|es] [--check N] [--frames N] [--size WxH] [FILE or URL]
//
// libmpv draws into the framebuffer that the program names, and leaves framebuffer 0 bound, so the program also names
// the framebuffer to submit.
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <mpv/client.h>
#include <mpv/render_gl.h>
#include <stdio.h>
#include <string.h>

#include "../common/example.h"
#include "../common/vulkan_side.h"

static void *get_proc_address(const char *name) { return (void *)eglGetProcAddress(name); }

static void *mpv_get_proc_address(void *data, const char *name) {
  (void)data;
  return get_proc_address(name);
}

// Creates a context without a window: the framebuffers are the program's own.
static void make_context(const char *gl) {
  EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
  if (!eglInitialize(display, NULL, NULL)) example_end("eglInitialize", "no surfaceless EGL");
  bool es = strcmp(gl, "es") == 0;
  eglBindAPI(es ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
  const EGLint core[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK,
    EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  const EGLint es3[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE};
  EGLContext context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, es ? es3 : core);
  if (!eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context))
    example_end("eglMakeCurrent", "no such context");
}

static GLuint make_framebuffer(int width, int height) {
  GLuint texture, framebuffer;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, width, height);
  glGenFramebuffers(1, &framebuffer);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  return framebuffer;
}

static void try_mpv(const char *step, int status) {
  if (status < 0) example_end(step, mpv_error_string(status));
}

int main(int count, char **arguments) {
  struct example example = example_parse("libmpv", count, arguments);
  const char *video = example.argument ? example.argument : "av://lavfi:testsrc=size=320x240:rate=60";

  make_context(example.gl);
  GLuint framebuffer = make_framebuffer(example.width, example.height);
  check_open(&example, get_proc_address);

  mpv_handle *mpv = mpv_create();
  mpv_set_option_string(mpv, "vo", "libmpv");
  mpv_set_option_string(mpv, "ao", "null");
  try_mpv("mpv_initialize", mpv_initialize(mpv));
  mpv_render_context *renderer;
  mpv_opengl_init_params functions = {.get_proc_address = mpv_get_proc_address};
  mpv_render_param creation[] = {
    {MPV_RENDER_PARAM_API_TYPE, MPV_RENDER_API_TYPE_OPENGL}, {MPV_RENDER_PARAM_OPENGL_INIT_PARAMS, &functions}, {0}};
  try_mpv("mpv_render_context_create", mpv_render_context_create(&renderer, mpv, creation));
  try_mpv("loadfile", mpv_command(mpv, (const char *[]){"loadfile", video, NULL}));

  // Framebuffer 0 of this context has no size, so the program passes the size of the frames.
  glvk_producer_options options;
  GLVK_INIT(options);
  options.width = (uint32_t)example.width;
  options.height = (uint32_t)example.height;
  glvk_producer producer;
  example_require(glvk_producer_create(&options, &producer));
  vulkan_side_open(producer);

  for (bool playing = true; playing;) {
    for (mpv_event *event; (event = mpv_wait_event(mpv, 0.001))->event_id != MPV_EVENT_NONE;) {
      if (event->event_id == MPV_EVENT_END_FILE) playing = false;
    }
    if (!(mpv_render_context_update(renderer) & MPV_RENDER_UPDATE_FRAME)) continue;
    if (!example_goes_on(&example)) break;
    mpv_opengl_fbo target = {.fbo = (int)framebuffer, .w = example.width, .h = example.height};
    int flip = 1;  // row 0 of a GL framebuffer is the lowest
    mpv_render_param drawing[] = {{MPV_RENDER_PARAM_OPENGL_FBO, &target}, {MPV_RENDER_PARAM_FLIP_Y, &flip}, {0}};
    mpv_render_context_render(renderer, drawing);
    check_drawn(&example, framebuffer, example.width, example.height);

    glvk_submit_options submission;
    GLVK_INIT(submission);
    submission.framebuffer = framebuffer;
    glvk_frame frame;
    example_require(glvk_producer_submit(producer, &submission, &frame));
    example_require(vulkan_side_take(frame));
    check_arrived(&example);

    mpv_render_context_report_swap(renderer);
  }

  const int status = example_finish(&example, producer);
  vulkan_side_close();
  // Before the context is destroyed. Frames in use stay valid.
  glvk_producer_destroy(producer);

  mpv_render_context_free(renderer);
  mpv_terminate_destroy(mpv);
  return status;
}
