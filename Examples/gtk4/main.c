// A GTK 4 program with a GtkGLArea, which gives every frame to Vulkan.
//
//   gtk4 [--gl es] [--check N] [--frames N] [--size WxH]
//
// GTK draws a GtkGLArea into a framebuffer of its own, so the program submits that one and not framebuffer 0. GTK
// chooses GLX or EGL for the context; with GDK_DEBUG=gl-egl it is EGL.
#include <dlfcn.h>
#include <epoxy/gl.h>
#include <gtk/gtk.h>
#include <string.h>

#include "../common/example.h"
#include "../common/picture.h"
#include "../common/vulkan_side.h"

static struct example example;
static GMainLoop *loop;
static glvk_producer producer;
static int status;

// GTK calls GL through libepoxy, whose functions are pointers named epoxy_glClear and so on.
static void *get_proc_address(const char *name) {
  char pointer[100];
  snprintf(pointer, sizeof pointer, "epoxy_%s", name);
  void **function = dlsym(RTLD_DEFAULT, pointer);
  return function ? *function : NULL;
}

// The context exists and is current: the area has a window, perhaps another one than before.
static void realize(GtkGLArea *area, gpointer data) {
  (void)data;
  gtk_gl_area_make_current(area);
  GError *error = gtk_gl_area_get_error(area);
  if (error) example_end("GtkGLArea", error->message);
  picture_create(get_proc_address);
  check_open(&example, get_proc_address);
  // The area does not draw to framebuffer 0 of GTK's context, so the program passes the size of the frames. Later they
  // follow the framebuffer's size.
  glvk_producer_options options;
  GLVK_INIT(options);
  options.width = (uint32_t)example.width;
  options.height = (uint32_t)example.height;
  example_require(glvk_producer_create(&options, &producer));
  vulkan_side_open(producer);
}

// The context is about to be destroyed.
static void unrealize(GtkGLArea *area, gpointer data) {
  (void)data;
  gtk_gl_area_make_current(area);
  status = example_finish(&example, producer);
  vulkan_side_close();
  glvk_producer_destroy(producer);  // Frames in use stay valid.
  picture_destroy();
}

static gboolean render(GtkGLArea *area, GdkGLContext *context, gpointer data) {
  (void)context, (void)data;
  if (!example_goes_on(&example)) {
    g_main_loop_quit(loop);
    return TRUE;
  }
  int scale = gtk_widget_get_scale_factor(GTK_WIDGET(area));
  int width = gtk_widget_get_width(GTK_WIDGET(area)) * scale, height = gtk_widget_get_height(GTK_WIDGET(area)) * scale;
  picture_draw(example.number, width, height);

  // The area has bound its framebuffer.
  GLint framebuffer;
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &framebuffer);
  check_drawn(&example, (unsigned)framebuffer, width, height);
  glvk_submit_options submission;
  GLVK_INIT(submission);
  submission.framebuffer = (uint32_t)framebuffer;
  glvk_frame frame;
  example_require(glvk_producer_submit(producer, &submission, &frame));
  example_require(vulkan_side_take(frame));  // on any thread
  check_arrived(&example);
  return TRUE;
}

static gboolean draw_again(GtkWidget *widget, GdkFrameClock *clock, gpointer data) {
  (void)clock, (void)data;
  gtk_gl_area_queue_render(GTK_GL_AREA(widget));
  return G_SOURCE_CONTINUE;
}

static gboolean close_request(GtkWindow *window, gpointer data) {
  (void)window, (void)data;
  g_main_loop_quit(loop);
  return TRUE;
}

int main(int count, char **arguments) {
  example = example_parse("gtk4", count, arguments);
  if (!gtk_init_check()) example_end("gtk_init", "no display");
  loop = g_main_loop_new(NULL, FALSE);

  GtkWidget *window = gtk_window_new(), *area = gtk_gl_area_new();
  gtk_window_set_title(GTK_WINDOW(window), "gtk4");
  gtk_window_set_default_size(GTK_WINDOW(window), example.width, example.height);
  g_signal_connect(window, "close-request", G_CALLBACK(close_request), NULL);
  gtk_gl_area_set_use_es(GTK_GL_AREA(area), strcmp(example.gl, "es") == 0);
  g_signal_connect(area, "realize", G_CALLBACK(realize), NULL);
  g_signal_connect(area, "unrealize", G_CALLBACK(unrealize), NULL);
  g_signal_connect(area, "render", G_CALLBACK(render), NULL);
  gtk_widget_add_tick_callback(area, draw_again, NULL, NULL);
  gtk_window_set_child(GTK_WINDOW(window), area);
  gtk_window_present(GTK_WINDOW(window));
  g_main_loop_run(loop);

  gtk_window_destroy(GTK_WINDOW(window));  // unrealizes the area
  return status;
}
