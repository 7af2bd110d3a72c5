// Another library that stands before a program's swap, as overlays and recorders do. Compiled by the tests.
//
// -DSTYLE=0 has the functions and looks for the next of them (RTLD_NEXT); 1 is before dlsym too; 2 as well, and goes
// past all others to the driver's library and its getProcAddress, as MangoHud does; 3 is before dlopen, and gives
// itself for the library, as VirtualGL does.
//
// Writes a letter into the file that OVERLAY_LOG names for each frame: e for EGL, g for GLX.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void *(*lookup)(void *, const char *);
typedef void *(*get_proc)(const char *);

static void *real_lookup(void *handle, const char *name) {
#if STYLE == 1 || STYLE == 2
  static lookup found;
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_2.0"};
  for (int i = 0; !found && i < 4; i++) found = (lookup)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  return found(handle, name);
#else
  return dlsym(handle, name);
#endif
}

static void *next(const char *library, const char *get, const char *name) {
  (void)library;
  (void)get;
#if STYLE == 2
  void *handle = dlopen(library, RTLD_LAZY);
  get_proc function = (get_proc)real_lookup(handle, get);
  return strcmp(name, get) == 0 ? (void *)function : function(name);
#else
  // A library that was opened with local symbols is not the next one of any other.
  void *found = real_lookup(RTLD_NEXT, name);
  if (!found) {
    void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle) found = real_lookup(handle, name);
  }
  return found;
#endif
}

static void count(char letter) {
  const char *path = getenv("OVERLAY_LOG");
  int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (file < 0 || write(file, &letter, 1) != 1) abort();
  close(file);
}

unsigned int eglSwapBuffers(void *display, void *surface) {
  static unsigned int (*real)(void *, void *);
  if (!real) real = next("libEGL.so.1", "eglGetProcAddress", "eglSwapBuffers");
  count('e');
  return real(display, surface);
}

void glXSwapBuffers(void *display, unsigned long drawable) {
  static void (*real)(void *, unsigned long);
  if (!real) real = next("libGL.so.1", "glXGetProcAddressARB", "glXSwapBuffers");
  count('g');
  real(display, drawable);
}

static void *hook(const char *name) {
  static const struct {
    const char *name;
    void *function;
  } hooks[] = {{"eglSwapBuffers", eglSwapBuffers}, {"glXSwapBuffers", glXSwapBuffers}};
  for (int i = 0; i < 2; i++)
    if (strcmp(hooks[i].name, name) == 0) return hooks[i].function;
  return NULL;
}

void *eglGetProcAddress(const char *name) {
  static get_proc real;
  if (!real) real = next("libEGL.so.1", "eglGetProcAddress", "eglGetProcAddress");
  void *found = real(name);
  return found && hook(name) ? hook(name) : found;
}

void *glXGetProcAddressARB(const char *name) {
  static get_proc real;
  if (!real) real = next("libGL.so.1", "glXGetProcAddressARB", "glXGetProcAddressARB");
  void *found = real(name);
  return found && hook(name) ? hook(name) : found;
}

void *glXGetProcAddress(const char *name) { return glXGetProcAddressARB(name); }

#if STYLE == 1 || STYLE == 2
void *dlsym(void *restrict handle, const char *restrict name) {
  void *found = real_lookup(handle, name);
  if (!found || handle == RTLD_NEXT) return found;
  if (strcmp(name, "eglGetProcAddress") == 0) return eglGetProcAddress;
  if (strncmp(name, "glXGetProcAddress", 17) == 0) return glXGetProcAddressARB;
  return hook(name) ? hook(name) : found;
}
#elif STYLE == 3
void *dlopen(const char *file, int flags) {
  static void *(*real)(const char *, int);
  if (!real) real = dlsym(RTLD_NEXT, "dlopen");
  Dl_info own;
  if (file && !(flags & RTLD_NOLOAD) && (strcmp(file, "libGL.so.1") == 0 || strcmp(file, "libEGL.so.1") == 0) &&
      dladdr(hook, &own))
    return real(own.dli_fname, flags);
  return real(file, flags);
}
#endif
