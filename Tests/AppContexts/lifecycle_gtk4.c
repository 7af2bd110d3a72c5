// A GtkGLArea that GTK unrealizes, with its context, and realizes again, while frames are out; a window that is hidden
// and changes its size.
#include <dlfcn.h>
#include <epoxy/gl.h>
#include <gtk/gtk.h>
#include <stdio.h>

#include "../../Examples/common/example.h"
#include "../../Examples/common/picture.h"
#include "../../Examples/common/vulkan_side.h"
#include "held_frames.h"

static GMainLoop *loop;
static GtkWidget *window, *area;
static glvk_host host;
static glvk_producer producer;
static unsigned number, contexts, frames_of_context;
static int files;

static void *get_proc_address(const char *name) {
  char pointer[100];
  snprintf(pointer, sizeof pointer, "epoxy_%s", name);
  void **function = dlsym(RTLD_DEFAULT, pointer);
  return function ? *function : NULL;
}

static void realize(GtkGLArea *gl_area, gpointer data) {
  (void)data;
  gtk_gl_area_make_current(gl_area);
  GError *error = gtk_gl_area_get_error(gl_area);
  if (error) example_end("GtkGLArea", error->message);
  picture_create(get_proc_address);
  held_frames_open(get_proc_address);
  if (!host.id) {
    glvk_host_creation creation;
    GLVK_INIT(creation);
    require_result(glvk_context_current(NULL, &creation.context), GLVK_SUCCESS, "glvk_context_current");
    require_result(glvk_host_create(&creation, &host), GLVK_SUCCESS, "glvk_host_create");
    glvk_context_destroy(creation.context);
  }
  glvk_producer_options options;
  GLVK_INIT(options);
  options.host = host;
  options.width = 64;
  options.height = 64;
  require_result(glvk_producer_create(&options, &producer), GLVK_SUCCESS, "glvk_producer_create");
  if (contexts++ == 0) vulkan_side_open(producer);
  frames_of_context = 0;
}

static void unrealize(GtkGLArea *gl_area, gpointer data) {
  (void)data;
  gtk_gl_area_make_current(gl_area);
  require(held_frames_count() == 2, "frames are out");
  require_result(glvk_producer_destroy(producer), GLVK_SUCCESS, "glvk_producer_destroy");
  picture_destroy();
  if (contexts % 2 == 0) held_frames_take_all();
}

static gboolean render(GtkGLArea *gl_area, GdkGLContext *context, gpointer data) {
  (void)gl_area, (void)context, (void)data;
  picture_draw(++number, gtk_widget_get_width(area), gtk_widget_get_height(area));
  GLint framebuffer;
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &framebuffer);
  require_result(held_frames_submit(producer, (unsigned)framebuffer), GLVK_SUCCESS, "glvk_producer_submit");
  while (held_frames_count() > 2) held_frames_take_oldest();
  frames_of_context++;
  return TRUE;
}

// Every frame: after some frames of a context something happens to it.
static gboolean tick(gpointer data) {
  (void)data;
  if (!gtk_widget_get_realized(area)) {
    if (contexts == 3) files = open_files();
    if (contexts == 8) {
      g_main_loop_quit(loop);
      return G_SOURCE_REMOVE;
    }
    if (gtk_widget_get_parent(area)) {
      gtk_widget_set_visible(window, TRUE);
    } else {
      gtk_window_set_child(GTK_WINDOW(window), area);
    }
    return G_SOURCE_CONTINUE;
  }
  if (frames_of_context == 5)
    gtk_window_set_default_size(GTK_WINDOW(window), 300 + (int)contexts * 31, 200 + (int)contexts * 7);
  if (frames_of_context < 10) {
    gtk_gl_area_queue_render(GTK_GL_AREA(area));
  } else {
    gtk_window_set_child(GTK_WINDOW(window), NULL);  // unrealizes it
  }
  return G_SOURCE_CONTINUE;
}

int main(void) {
  if (!gtk_init_check()) example_end("gtk_init", "no display");
  loop = g_main_loop_new(NULL, FALSE);
  window = gtk_window_new();
  area = g_object_ref_sink(gtk_gl_area_new());
  gtk_window_set_default_size(GTK_WINDOW(window), 322, 241);
  g_signal_connect(area, "realize", G_CALLBACK(realize), NULL);
  g_signal_connect(area, "unrealize", G_CALLBACK(unrealize), NULL);
  g_signal_connect(area, "render", G_CALLBACK(render), NULL);
  gtk_window_set_child(GTK_WINDOW(window), area);
  gtk_window_present(GTK_WINDOW(window));
  g_timeout_add(16, tick, NULL);
  g_main_loop_run(loop);

  held_frames_take_all();
  printf("descriptors: %d after 3 contexts, %d after %u\n", files, open_files(), contexts);
  require(open_files() <= files, "no descriptor stays behind");
  vulkan_side_close();
  glvk_host_destroy(host);
  g_object_unref(area);
  gtk_window_destroy(GTK_WINDOW(window));
  require(glvk_live_object_count() == 0, "no object stays behind");
  printf("lifecycle_gtk4: %u frames, of %u sizes in turn, of %u contexts\n", held_frames_taken(), held_frames_sizes(),
    contexts);
  return 0;
}
