// A program that draws in a window with plain Xlib and GLX, and gives every frame to Vulkan.
//
//   glx [--gl compat|core] [--check N] [--frames N] [--size WxH]
#include <GL/glx.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <stdio.h>
#include <string.h>

#include "../common/example.h"
#include "../common/picture.h"
#include "../common/vulkan_side.h"

static void *get_proc_address(const char *name) { return (void *)glXGetProcAddressARB((const GLubyte *)name); }

static GLXContext create_context(Display *display, GLXFBConfig config, const char *gl) {
  if (strcmp(gl, "core") != 0) return glXCreateNewContext(display, config, GLX_RGBA_TYPE, NULL, True);
  PFNGLXCREATECONTEXTATTRIBSARBPROC create =
    (PFNGLXCREATECONTEXTATTRIBSARBPROC)get_proc_address("glXCreateContextAttribsARB");
  const int attributes[] = {GLX_CONTEXT_MAJOR_VERSION_ARB, 3, GLX_CONTEXT_MINOR_VERSION_ARB, 3,
    GLX_CONTEXT_PROFILE_MASK_ARB, GLX_CONTEXT_CORE_PROFILE_BIT_ARB, None};
  return create(display, config, NULL, True, attributes);
}

int main(int count, char **arguments) {
  struct example example = example_parse("glx", count, arguments);

  Display *display = XOpenDisplay(NULL);
  if (!display) example_end("XOpenDisplay", "no X display (DISPLAY)");
  const int wanted[] = {GLX_X_RENDERABLE, True, GLX_DRAWABLE_TYPE, GLX_WINDOW_BIT | GLX_PBUFFER_BIT, GLX_DOUBLEBUFFER,
    True, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, GLX_DEPTH_SIZE, 24, None};
  int configs = 0;
  GLXFBConfig *config = glXChooseFBConfig(display, DefaultScreen(display), wanted, &configs);
  if (configs == 0) example_end("glXChooseFBConfig", "no such config");
  XVisualInfo *visual = glXGetVisualFromFBConfig(display, config[0]);
  Window root = DefaultRootWindow(display);
  XSetWindowAttributes attributes = {.colormap = XCreateColormap(display, root, visual->visual, AllocNone),
    .event_mask = StructureNotifyMask | KeyPressMask};
  Window window = XCreateWindow(display, root, 0, 0, (unsigned)example.width, (unsigned)example.height, 0,
    visual->depth, InputOutput, visual->visual, CWColormap | CWEventMask, &attributes);
  Atom closing = XInternAtom(display, "WM_DELETE_WINDOW", False);
  XSetWMProtocols(display, window, &closing, 1);
  XStoreName(display, window, "glx");
  XMapWindow(display, window);

  GLXContext context = create_context(display, config[0], example.gl);
  if (!context) example_end("glXCreateContext", "no such context");
  XFree(visual);
  XFree(config);
  glXMakeCurrent(display, window, context);
  picture_create(get_proc_address);
  check_open(&example, get_proc_address);

  // Once, with the context current: the memory of the frames, in a Vulkan device that the library creates on the GL
  // context's GPU. A program with a device of its own passes it in glvk_producer_options.
  glvk_producer producer;
  example_require(glvk_producer_create(NULL, &producer));
  vulkan_side_open(producer);

  int width = example.width, height = example.height;
  for (bool open = true; open && example_goes_on(&example);) {
    while (XPending(display)) {
      XEvent event;
      XNextEvent(display, &event);
      if (event.type == ConfigureNotify) width = event.xconfigure.width, height = event.xconfigure.height;
      if (event.type == ClientMessage && (Atom)event.xclient.data.l[0] == closing) open = false;
    }
    picture_draw(example.number, width, height);
    check_drawn(&example, 0, width, height);

    // For each frame, before the swap: one copy on the GPU. The program's GL state and picture stay unchanged.
    glvk_frame frame;
    example_require(glvk_producer_submit(producer, NULL, &frame));
    example_require(vulkan_side_take(frame));  // on any thread
    check_arrived(&example);

    glXSwapBuffers(display, window);
  }

  const int status = example_finish(&example, producer);
  vulkan_side_close();
  // Before the context is destroyed. Frames in use stay valid.
  glvk_producer_destroy(producer);

  picture_destroy();
  glXMakeCurrent(display, None, NULL);
  glXDestroyContext(display, context);
  XCloseDisplay(display);
  return status;
}
