// A Wayland client that has nothing but a surface and EGL. The surface has no role, so no compositor need show it, and
// swapping must not wait for that.
//
//   egl_wayland [--gl compat|core|es] [--check N] [--size WxH] [10]
//
// With 10, the config has 10 bits a channel and no alpha: the one that eglChooseConfig puts first for who asks for 8 or
// more.
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <string.h>
#include <wayland-client.h>
#include <wayland-egl.h>

#include "../../Examples/common/example.h"
#include "../../Examples/common/picture.h"
#include "../../Examples/common/vulkan_side.h"

static void *get_proc_address(const char *name) { return (void *)eglGetProcAddress(name); }

static void found(
  void *compositor, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version) {
  (void)version;
  if (strcmp(interface, "wl_compositor") != 0) return;
  *(struct wl_compositor **)compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 1);
}
static void lost(void *compositor, struct wl_registry *registry, uint32_t name) {
  (void)compositor, (void)registry, (void)name;
}

int main(int count, char **arguments) {
  struct example example = example_parse("egl_wayland", count, arguments);
  struct wl_display *wayland = wl_display_connect(NULL);
  if (!wayland) example_end("wl_display_connect", "no compositor (WAYLAND_DISPLAY)");
  struct wl_compositor *compositor = NULL;
  struct wl_registry *registry = wl_display_get_registry(wayland);
  const struct wl_registry_listener listener = {found, lost};
  wl_registry_add_listener(registry, &listener, &compositor);
  wl_display_roundtrip(wayland);
  if (!compositor) example_end("wl_registry", "no wl_compositor");
  struct wl_surface *surface = wl_compositor_create_surface(compositor);
  struct wl_egl_window *window = wl_egl_window_create(surface, example.width, example.height);

  EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_WAYLAND_EXT, wayland, NULL);
  if (!eglInitialize(display, NULL, NULL)) example_end("eglInitialize", "no EGL on Wayland");
  const int es = strcmp(example.gl, "es") == 0;
  const EGLint bits = example.argument ? 10 : 8;
  const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_RED_SIZE, bits, EGL_GREEN_SIZE, bits, EGL_BLUE_SIZE,
    bits, EGL_RENDERABLE_TYPE, es ? EGL_OPENGL_ES3_BIT : EGL_OPENGL_BIT, EGL_NONE};
  EGLConfig there[64], config = NULL;
  EGLint configs = 0;
  eglChooseConfig(display, wanted, there, 64, &configs);
  for (EGLint i = configs; i-- > 0;) {
    EGLint red = 0;
    eglGetConfigAttrib(display, there[i], EGL_RED_SIZE, &red);
    if (red == bits) config = there[i];
  }
  if (!config) example_end("eglChooseConfig", "no such config");
  eglBindAPI(es ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
  const EGLint es3[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE};
  const EGLint core[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE};
  const EGLint none[] = {EGL_NONE};
  EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT,
    es                                ? es3
    : strcmp(example.gl, "core") == 0 ? core
                                      : none);
  EGLSurface drawable = eglCreateWindowSurface(display, config, (EGLNativeWindowType)window, NULL);
  if (!eglMakeCurrent(display, drawable, drawable, context)) example_end("eglMakeCurrent", "no such context");
  eglSwapInterval(display, 0);
  picture_create(get_proc_address);
  check_open(&example, get_proc_address);

  glvk_producer producer;
  example_require(glvk_producer_create(NULL, &producer));
  vulkan_side_open(producer);
  while (example_goes_on(&example)) {
    picture_draw(example.number, example.width, example.height);
    check_drawn(&example, 0, example.width, example.height);
    glvk_frame frame;
    example_require(glvk_producer_submit(producer, NULL, &frame));
    example_require(vulkan_side_take(frame));
    check_arrived(&example);
    eglSwapBuffers(display, drawable);
  }
  const int status = example_finish(&example, producer);
  vulkan_side_close();
  glvk_producer_destroy(producer);
  picture_destroy();
  eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroySurface(display, drawable);
  eglDestroyContext(display, context);
  wl_egl_window_destroy(window);
  wl_display_disconnect(wayland);
  return status;
}
