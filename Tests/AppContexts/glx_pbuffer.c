// A GLX context that draws into a pbuffer: no window at all.
//
//   glx_pbuffer [--gl compat|core] [--check N] [--size WxH] [debug]
//
// With debug, the context has debug output and robust access, and the program listens: calls of the package's that GL
// refuses would reach it while frames run.
#include <GL/glx.h>
#include <X11/Xlib.h>
#include <stdio.h>
#include <string.h>

#include "../../Examples/common/example.h"
#include "../../Examples/common/picture.h"
#include "../../Examples/common/vulkan_side.h"

static void *get_proc_address(const char *name) { return (void *)glXGetProcAddressARB((const GLubyte *)name); }

static unsigned refusals;
static void listen(
  unsigned source, unsigned type, unsigned id, unsigned severity, int length, const char *message, const void *data) {
  (void)source, (void)id, (void)severity, (void)length, (void)data;
  if (type != 0x824C /* GL_DEBUG_TYPE_ERROR */) return;
  refusals++;
  fprintf(stderr, "GL says: %s\n", message);
}
static void start_listening(void) {
  void (*set_callback)(void *, const void *) =
    (void (*)(void *, const void *))get_proc_address("glDebugMessageCallback");
  void (*enable)(unsigned) = (void (*)(unsigned))get_proc_address("glEnable");
  set_callback((void *)listen, NULL);
  enable(0x8242 /* GL_DEBUG_OUTPUT_SYNCHRONOUS */);
}

int main(int count, char **arguments) {
  struct example example = example_parse("glx_pbuffer", count, arguments);
  Display *display = XOpenDisplay(NULL);
  if (!display) example_end("XOpenDisplay", "no X display (DISPLAY)");
  const int wanted[] = {GLX_DRAWABLE_TYPE, GLX_PBUFFER_BIT, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, None};
  int configs = 0;
  GLXFBConfig *config = glXChooseFBConfig(display, DefaultScreen(display), wanted, &configs);
  if (configs == 0) example_end("glXChooseFBConfig", "no such config");
  const int size[] = {GLX_PBUFFER_WIDTH, example.width, GLX_PBUFFER_HEIGHT, example.height, None};
  GLXPbuffer pbuffer = glXCreatePbuffer(display, config[0], size);
  const int core[] = {0x2091 /* GLX_CONTEXT_MAJOR_VERSION_ARB */, 3, 0x2092, 3, 0x9126, 1 /* core */,
    0x2094 /* GLX_CONTEXT_FLAGS_ARB */, example.argument ? 1 | 4 /* debug, robust access */ : 0, None};
  const int compatibility[] = {0x2091, 2, None};
  PFNGLXCREATECONTEXTATTRIBSARBPROC create =
    (PFNGLXCREATECONTEXTATTRIBSARBPROC)get_proc_address("glXCreateContextAttribsARB");
  GLXContext context = create(display, config[0], NULL, True, strcmp(example.gl, "core") == 0 ? core : compatibility);
  if (!context || !glXMakeContextCurrent(display, pbuffer, pbuffer, context))
    example_end("glXMakeContextCurrent", "no such context");
  picture_create(get_proc_address);
  check_open(&example, get_proc_address);

  glvk_producer producer;
  example_require(glvk_producer_create(NULL, &producer));
  vulkan_side_open(producer);
  // Trying what the drivers can do, when the producer was made, may be refused.
  if (example.argument) start_listening();
  while (example_goes_on(&example)) {
    picture_draw(example.number, example.width, example.height);
    check_drawn(&example, 0, example.width, example.height);
    glvk_frame frame;
    example_require(glvk_producer_submit(producer, NULL, &frame));
    example_require(vulkan_side_take(frame));
    check_arrived(&example);
  }
  const int status = example_finish(&example, producer) || refusals != 0;
  vulkan_side_close();
  glvk_producer_destroy(producer);
  picture_destroy();
  glXMakeContextCurrent(display, None, None, NULL);
  glXDestroyContext(display, context);
  glXDestroyPbuffer(display, pbuffer);
  XFree(config);
  XCloseDisplay(display);
  return status;
}
