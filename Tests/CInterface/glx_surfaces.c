/* Framebuffer 0 as GLX makes it: a drawable that is drawn into and another that is read, and one that is smaller than the program
 * says. Pbuffers, GLX windows, and X windows as they are; a display is needed.
 */
#define _GNU_SOURCE
#include <GL/glx.h>
#include <gl_vulkan_interop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vulkan_side.h"

static void check_at(int line, int failed) {
  if (!failed) return;
  fprintf(stderr, "glx_surfaces.c:%d: %s\n", line, glvk_last_error_message());
  _Exit(1);
}
#define CHECK(failed) check_at(__LINE__, failed)

static Display *display;
static GLXFBConfig config;
static GLXContext context;
static unsigned pictures;

static void clear(float red, float green, float blue) {
  glClearColor(red, green, blue, 1);
  glClear(GL_COLOR_BUFFER_BIT);
}

/* Hands framebuffer 0 over and compares every pixel; width 0 asks for its size. */
static void expect(glvk_producer producer, unsigned width, unsigned height, unsigned wanted_width,
  unsigned wanted_height, const unsigned char wanted[4]) {
  glvk_submit_options options;
  GLVK_INIT(options);
  options.width = width;
  options.height = height;
  glvk_frame frame;
  CHECK(glvk_producer_submit(producer, &options, &frame));
  CHECK(vulkan_side_take(frame));
  uint32_t found_width, found_height;
  const uint8_t *pixels = vulkan_side_pixels(&found_width, &found_height);
  CHECK(found_width != wanted_width || found_height != wanted_height);
  for (size_t i = 0; i < (size_t)found_width * found_height * 4; i++)
    if (pixels[i] != wanted[i % 4]) {
      fprintf(stderr, "byte %zu is %d, not %d\n", i, pixels[i], wanted[i % 4]);
      CHECK(1);
    }
  pictures++;
}

/* drawn is 32x16, read 20x10. */
static void run(GLXDrawable drawn, GLXDrawable read) {
  CHECK(!glXMakeContextCurrent(display, read, read, context));
  clear(0, 1, 0);
  CHECK(!glXMakeContextCurrent(display, drawn, read, context));
  clear(64 / 255.0f, 128 / 255.0f, 192 / 255.0f);
  static const unsigned char wanted[4] = {64, 128, 192, 255};
  static const glvk_path paths[] = {GLVK_PATH_AUTOMATIC, GLVK_PATH_HOST_COPY};
  for (int i = 0; i < 2; i++) {
    glvk_producer_options options;
    GLVK_INIT(options);
    options.path = paths[i];
    glvk_producer producer;
    CHECK(glvk_producer_create(&options, &producer));
    vulkan_side_open(producer);
    expect(producer, 0, 0, 32, 16, wanted);
    expect(producer, 32, 16, 32, 16, wanted);
    expect(producer, 31, 9, 31, 9, wanted);
    /* The program's binding, and the picture in it, are as they were. */
    CHECK(glXGetCurrentReadDrawable() != read || glXGetCurrentDrawable() != drawn);
    unsigned char pixel[4];
    glReadPixels(19, 9, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    CHECK(pixel[0] != 0 || pixel[1] != 255 || pixel[2] != 0);

    /* Less than the program says. */
    CHECK(!glXMakeContextCurrent(display, read, drawn, context));
    glvk_submit_options submission;
    GLVK_INIT(submission);
    submission.width = 32;
    submission.height = 16;
    glvk_frame frame;
    CHECK(glvk_producer_submit(producer, &submission, &frame) != GLVK_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(glvk_last_error_message(), "20x10") == NULL);
    CHECK(!glXMakeContextCurrent(display, drawn, read, context));
    CHECK(glGetError() != 0);
    vulkan_side_close();
    CHECK(glvk_producer_destroy(producer));
  }
  CHECK(!glXMakeContextCurrent(display, None, None, NULL));
}

static GLXPbuffer pbuffer(int width, int height) {
  const int attributes[] = {GLX_PBUFFER_WIDTH, width, GLX_PBUFFER_HEIGHT, height, None};
  return glXCreatePbuffer(display, config, attributes);
}

static Window window(int x, unsigned width, unsigned height) {
  const Window root = DefaultRootWindow(display);
  XVisualInfo *visual = glXGetVisualFromFBConfig(display, config);
  XSetWindowAttributes attributes = {.colormap = XCreateColormap(display, root, visual->visual, AllocNone)};
  const Window made = XCreateWindow(display, root, x, 0, width, height, 0, visual->depth, InputOutput, visual->visual,
    CWColormap | CWBorderPixel, &attributes);
  XFree(visual);
  XMapWindow(display, made);
  XSync(display, False);
  return made;
}

int main(void) {
  display = XOpenDisplay(NULL);
  CHECK(display == NULL);
  const int wishes[] = {GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT | GLX_WINDOW_BIT, GLX_RENDER_TYPE, GLX_RGBA_BIT,
    GLX_RED_SIZE, 8, GLX_DOUBLEBUFFER, True, None};
  int count = 0;
  GLXFBConfig *configs = glXChooseFBConfig(display, DefaultScreen(display), wishes, &count);
  CHECK(configs == NULL || count == 0);
  config = configs[0];
  XFree(configs);
  context = glXCreateNewContext(display, config, GLX_RGBA_TYPE, NULL, True);
  CHECK(context == NULL);
  run(pbuffer(32, 16), pbuffer(20, 10));
  run(glXCreateWindow(display, config, window(0, 32, 16), NULL),
    glXCreateWindow(display, config, window(100, 20, 10), NULL));
  run(window(200, 32, 16), window(300, 20, 10));
  glXDestroyContext(display, context);
  XCloseDisplay(display);
  printf("%u pictures of framebuffer 0, all of them right\n", pictures);
  return glvk_live_object_count() != 0;
}
