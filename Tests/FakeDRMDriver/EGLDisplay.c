#define _GNU_SOURCE
#include "Internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef EGLint(EGLAPIENTRYP get_error)(void);
typedef const char *(EGLAPIENTRYP query_string)(EGLDisplay display, EGLint name);

static get_error real_eglGetError;
static query_string real_eglQueryString;
static PFNEGLQUERYDMABUFFORMATSEXTPROC real_eglQueryDmaBufFormatsEXT;
static PFNEGLQUERYDMABUFMODIFIERSEXTPROC real_eglQueryDmaBufModifiersEXT;

static _Thread_local EGLint pending_error;

void raise_egl_error(EGLint error) { pending_error = error; }

static EGLint EGLAPIENTRY my_eglGetError(void) {
  if (pending_error == 0) return real_eglGetError();
  EGLint error = pending_error;
  pending_error = 0;
  return error;
}

// What the driver has beside the real one's, and instead of it.
static const char *const extensions[] = {
  "EGL_KHR_image_base",
  "EGL_KHR_gl_texture_2D_image",
  "EGL_EXT_image_dma_buf_import",
  "EGL_EXT_image_dma_buf_import_modifiers",
  "EGL_MESA_image_dma_buf_export",
  "EGL_ANDROID_native_fence_sync",
  "EGL_KHR_wait_sync",
};

// The last text, which must stay: EGL's strings are static.
static char *text;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *EGLAPIENTRY my_eglQueryString(EGLDisplay display, EGLint name) {
  const char *real = real_eglQueryString(display, name);
  if (!fake_is_on || display == EGL_NO_DISPLAY || name != EGL_EXTENSIONS || real == NULL) return real;
  char *made = calloc(1, strlen(real) + 512);
  char *words = strdup(real);
  if (made == NULL || words == NULL) abort();
  size_t count = sizeof extensions / sizeof *extensions;
  char *rest = NULL;
  for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    bool is_known = false;
    for (size_t i = 0; i < count; i++) is_known |= strcmp(word, extensions[i]) == 0;
    if (!is_known) strcat(strcat(made, word), " ");
  }
  free(words);
  for (size_t i = 0; i < count; i++) {
    if (fake.lacks_egl_modifiers && strcmp(extensions[i], "EGL_EXT_image_dma_buf_import_modifiers") == 0) continue;
    strcat(strcat(made, extensions[i]), " ");
  }
  pthread_mutex_lock(&lock);
  // Callers may still read the old text: tests make few contexts.
  text = made;
  pthread_mutex_unlock(&lock);
  return made;
}

static uint32_t fourcc(const char name[4]) {
  return (uint32_t)name[0] | (uint32_t)name[1] << 8 | (uint32_t)name[2] << 16 | (uint32_t)name[3] << 24;
}

static EGLBoolean EGLAPIENTRY my_eglQueryDmaBufFormatsEXT(
  EGLDisplay display, EGLint room, EGLint *formats, EGLint *count) {
  if (!fake_is_on) return real_eglQueryDmaBufFormatsEXT(display, room, formats, count);
  const char *const names[] = {"R8  ", "GR88", "AB24", "AR24", "XB24", "XR24", "AB30", "XB30", "AB4H", "XB4H"};
  EGLint all = sizeof names / sizeof *names;
  for (EGLint i = 0; i < all && i < room; i++) formats[i] = (EGLint)fourcc(names[i]);
  *count = room == 0 || all < room ? all : room;
  return EGL_TRUE;
}

static EGLBoolean EGLAPIENTRY my_eglQueryDmaBufModifiersEXT(
  EGLDisplay display, EGLint format, EGLint room, EGLuint64KHR *modifiers, EGLBoolean *external, EGLint *count) {
  if (!fake_is_on) return real_eglQueryDmaBufModifiersEXT(display, format, room, modifiers, external, count);
  if (fake.lacks_egl_modifiers) violate("modifiers are asked of an EGL without EGL_EXT_image_dma_buf_import_modifiers");
  bool is_refused = fake.refused_fourcc != 0 && (uint32_t)format == fake.refused_fourcc;
  if (room < 0 || (room > 0 && modifiers == NULL) || is_refused) {
    raise_egl_error(EGL_BAD_PARAMETER);
    return EGL_FALSE;
  }
  EGLint found = 0;
  for (uint32_t i = 0; i < fake_modifier_count; i++) {
    if (fake_modifiers[i].is.egl_planes == 0) continue;
    if (found < room) {
      modifiers[found] = fake_modifiers[i].is.modifier;
      if (external != NULL && !fake.leaves_external_only) external[found] = fake_modifiers[i].is.is_external_only;
    }
    found++;
  }
  *count = room == 0 || found < room ? found : room;
  return EGL_TRUE;
}

#define TAKE_EGL(function, type) \
  if (strcmp(name, #function) == 0) { \
    if (real != NULL) STORE(function, type); \
    return (void *)my_##function; \
  }

void *replace_egl_display(const char *name, void *real) {
  TAKE_EGL(eglGetError, get_error)
  TAKE_EGL(eglQueryString, query_string)
  TAKE_EGL(eglQueryDmaBufFormatsEXT, PFNEGLQUERYDMABUFFORMATSEXTPROC)
  TAKE_EGL(eglQueryDmaBufModifiersEXT, PFNEGLQUERYDMABUFMODIFIERSEXTPROC)
  return NULL;
}
