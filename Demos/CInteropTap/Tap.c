// Intercepts functions of libEGL, libGL and libdl in a program that does not know of it (LD_PRELOAD), to read frames
// before the program shows them. Whatever fails here, the program's own call is still made.
//
// Other libraries may intercept the same functions: overlays, recorders, VirtualGL. This library forwards every call to
// the function that the program would have called without it: the next definition, or the result of the next dlsym or
// getProcAddress. It forwards calls of the other libraries unchanged.
#define _GNU_SOURCE
#include "CInteropTap.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
// The called function sees the caller's return address.
#define TAIL_CALL __attribute__((musttail))

static const char *const viewer_name = "libgl-vulkan-interop-tap-viewer.so";

// MARK: libc's own dlsym

// Finds a symbol that an object defines in the object's own table, because other libraries intercept dlsym and dlvsym.
static void *defined_symbol(const struct dl_phdr_info *object, const char *name) {
  const ElfW(Dyn) *dynamic = NULL;
  for (int i = 0; i < object->dlpi_phnum; i++)
    if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
  const ElfW(Sym) *symbols = NULL;
  const char *strings = NULL;
  const uint32_t *hash = NULL, *gnu_hash = NULL;
  const ElfW(Half) *versions = NULL;
  for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
    // The dynamic linker has turned these into addresses, except in objects that it cannot write to (the vDSO), where
    // they are offsets.
    ElfW(Addr) address = dynamic->d_un.d_ptr;
    if (address < object->dlpi_addr) address += object->dlpi_addr;
    switch (dynamic->d_tag) {
      case DT_SYMTAB: symbols = (const void *)address; break;
      case DT_STRTAB: strings = (const void *)address; break;
      case DT_HASH: hash = (const void *)address; break;
      case DT_GNU_HASH: gnu_hash = (const void *)address; break;
      case DT_VERSYM: versions = (const void *)address; break;
    }
  }
  if (!symbols || !strings || !(hash || gnu_hash)) return NULL;
  uint32_t count = 0;
  if (hash) {
    count = hash[1];
  } else {
    // Buckets name the first symbol of each chain; a chain ends with an odd hash.
    uint32_t bucket_count = gnu_hash[0], first = gnu_hash[1];
    const uint32_t *buckets = gnu_hash + 4 + gnu_hash[2] * (sizeof(ElfW(Addr)) / 4), *chains = buckets + bucket_count;
    for (uint32_t i = 0; i < bucket_count; i++)
      if (buckets[i] >= count) count = buckets[i] + 1;
    if (count > first)
      while (!(chains[count - 1 - first] & 1)) count++;
  }
  for (uint32_t i = 1; i < count; i++) {
    // Skips hidden symbols, which are earlier versions of the same name.
    if (symbols[i].st_shndx == SHN_UNDEF || (versions && versions[i] & 0x8000)) continue;
    if (strcmp(strings + symbols[i].st_name, name) == 0) return (void *)(object->dlpi_addr + symbols[i].st_value);
  }
  return NULL;
}

typedef void *(*dlsym_function)(void *, const char *);
typedef void *(*dlvsym_function)(void *, const char *, const char *);
static _Atomic(dlsym_function) libc_dlsym, following_dlsym;
static _Atomic(dlvsym_function) libc_dlvsym, following_dlvsym;

static int find_libc_functions(struct dl_phdr_info *object, size_t size, void *found) {
  (void)size;
  const char *slash = strrchr(object->dlpi_name, '/');
  const char *file = slash ? slash + 1 : object->dlpi_name;
  // From glibc 2.34 on they are in libc, not in libdl.
  if (strcmp(file, "libc.so.6") != 0 && strcmp(file, "libdl.so.2") != 0) return 0;
  void **functions = found;
  void *dlsym_found = defined_symbol(object, "dlsym"), *dlvsym_found = defined_symbol(object, "dlvsym");
  if (!dlsym_found || !dlvsym_found) return 0;
  functions[0] = dlsym_found;
  functions[1] = dlvsym_found;
  return 1;
}

static dlsym_function real_dlsym(void) {
  dlsym_function found = atomic_load_explicit(&libc_dlsym, memory_order_acquire);
  if (found) return found;
  void *functions[2] = {NULL, NULL};
  dl_iterate_phdr(find_libc_functions, functions);
  // Without dlsym the program could look up nothing, and could not tell a failed look-up from a function that does not
  // exist.
  if (!functions[0]) abort();
  atomic_store_explicit(&libc_dlvsym, (dlvsym_function)functions[1], memory_order_release);
  atomic_store_explicit(&libc_dlsym, (dlsym_function)functions[0], memory_order_release);
  return (dlsym_function)functions[0];
}

// Returns the dlsym of the next library that intercepts it, libc's if there is none.
static dlsym_function next_dlsym(void) {
  dlsym_function found = atomic_load_explicit(&following_dlsym, memory_order_acquire);
  if (found) return found;
  found = (dlsym_function)real_dlsym()(RTLD_NEXT, "dlsym");
  if (!found) found = real_dlsym();
  atomic_store_explicit(&following_dlsym, found, memory_order_release);
  return found;
}

static dlvsym_function next_dlvsym(void) {
  dlvsym_function found = atomic_load_explicit(&following_dlvsym, memory_order_acquire);
  if (found) return found;
  found = (dlvsym_function)real_dlsym()(RTLD_NEXT, "dlvsym");
  if (!found) found = atomic_load_explicit(&libc_dlvsym, memory_order_acquire);
  atomic_store_explicit(&following_dlvsym, found, memory_order_release);
  return found;
}

// MARK: Real functions

// The hooked functions. A program may have several definitions of each: the system's libEGL and ANGLE's, the results of
// dlsym and of getProcAddress. Each definition has a place, and a hook of its own that knows the place.
enum function {
  EGL_SWAP_BUFFERS,
  EGL_SWAP_BUFFERS_WITH_DAMAGE_KHR,
  EGL_SWAP_BUFFERS_WITH_DAMAGE_EXT,
  EGL_DESTROY_CONTEXT,
  EGL_TERMINATE,
  EGL_GET_PROC_ADDRESS,
  GLX_SWAP_BUFFERS,
  GLX_SWAP_BUFFERS_MSC_OML,
  GLX_DESTROY_CONTEXT,
  GLX_GET_PROC_ADDRESS,
  GLX_GET_PROC_ADDRESS_ARB,
  X_CLOSE_DISPLAY,
  GL_GET_ERROR,
  FUNCTIONS
};

static const char *const names[FUNCTIONS] = {
  "eglSwapBuffers",
  "eglSwapBuffersWithDamageKHR",
  "eglSwapBuffersWithDamageEXT",
  "eglDestroyContext",
  "eglTerminate",
  "eglGetProcAddress",
  "glXSwapBuffers",
  "glXSwapBuffersMscOML",
  "glXDestroyContext",
  "glXGetProcAddress",
  "glXGetProcAddressARB",
  "XCloseDisplay",
  "glGetError",
};

// One more than the number of hooks for looked-up functions: the place for the function that the linker bound.
#define PLACES 8
#define LINKED (PLACES - 1)

struct place {
  // The next function: the library's, or that of another library that intercepts it.
  _Atomic(void *) real;
  // The library's own function, where it is known.
  _Atomic(void *) origin;
  // Functions of the same library: eglGetCurrentContext, or glXGetCurrentContext; eglGetCurrentSurface, or
  // glXGetCurrentDrawable.
  _Atomic(void *) current_context;
  _Atomic(void *) current_surface;
};
static struct place places[FUNCTIONS][PLACES];

// Finds a function in a library that the program has loaded, whether or not its symbols are global.
static void *find_loaded(const char *name) {
  static const char *const libraries[] = {
    "libEGL.so.1", "libGL.so.1", "libGLX.so.0", "libOpenGL.so.0", "libGLESv2.so.2", "libGLESv1_CM.so.1", "libX11.so.6"};
  void *found = real_dlsym()(RTLD_NEXT, name);
  for (size_t i = 0; !found && i < sizeof libraries / sizeof *libraries; i++) {
    void *library = dlopen(libraries[i], RTLD_NOLOAD | RTLD_LAZY);
    if (!library) continue;
    found = real_dlsym()(library, name);
    dlclose(library);
  }
  return found;
}

// As above, but looks first in the library of `neighbour`.
static void *find_beside(void *neighbour, const char *name) {
  Dl_info info;
  void *found = NULL;
  void *library =
    neighbour && dladdr(neighbour, &info) && info.dli_fname ? dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_LAZY) : NULL;
  if (library) {
    found = real_dlsym()(library, name);
    dlclose(library);
    // dlsym also searches the library's dependencies, and this library where the handle is the program's.
    Dl_info owner, own;
    if (found && dladdr(found, &owner) && dladdr((void *)names, &own) && owner.dli_fbase == own.dli_fbase) found = NULL;
  }
  return found ? found : find_loaded(name);
}

static void *real_function(enum function function, int place) {
  void *real = atomic_load_explicit(&places[function][place].real, memory_order_acquire);
  if (!real && place == LINKED) {
    real = find_loaded(names[function]);
    atomic_store_explicit(&places[function][place].real, real, memory_order_release);
  }
  return real;
}

static void *origin(struct place *place) {
  void *known = atomic_load_explicit(&place->origin, memory_order_acquire);
  return known ? known : atomic_load_explicit(&place->real, memory_order_acquire);
}

static void *neighbour(_Atomic(void *) *known, void *real, const char *name) {
  void *found = atomic_load_explicit(known, memory_order_acquire);
  if (!found) {
    found = find_beside(real, name);
    atomic_store_explicit(known, found, memory_order_release);
  }
  return found;
}

// MARK: Whether to do anything

// The process to be tapped, 0 for none.
static pid_t tapped_process;
static atomic_bool has_failed;
// Above 0 while a hook or the viewer runs on this thread: the program did not make the calls that they make.
static __thread int depth;
// The part of `depth` that is the viewer's.
static __thread int viewer_depth;

// Searches for a library before this one that could keep frames from it: it may not ask for the next definition but
// open libEGL and look there (MangoHud does).
struct search_before_us {
  int index;
  bool ended, found;
};

static int look_before_us(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  struct search_before_us *search = data;
  if (defined_symbol(object, "gl_vulkan_interop_tap_is_here")) search->ended = true;
  // The first object is the program, which no library can precede.
  if (search->index++ == 0 || search->ended) return search->ended;
  static const char *const theirs[] = {
    "dlsym", "eglSwapBuffers", "glXSwapBuffers", "eglGetProcAddress", "glXGetProcAddress", "glXGetProcAddressARB"};
  const char *slash = strrchr(object->dlpi_name, '/');
  const char *list = getenv("LD_PRELOAD");
  if (!list || !strstr(list, slash ? slash + 1 : object->dlpi_name) || !object->dlpi_name[0]) return 0;
  for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
    if (defined_symbol(object, theirs[i])) search->found = true;
  return search->found;
}

// Starts the program again with this library first in LD_PRELOAD, because the first library is called first. No code of
// the program has run yet.
static void come_first(char **words) {
  struct search_before_us search = {0};
  dl_iterate_phdr(look_before_us, &search);
  const char *list = getenv("LD_PRELOAD");
  Dl_info own;
  char program[PATH_MAX];
  if (!search.found || !list || !words || !dladdr((void *)come_first, &own) || !own.dli_fname) return;
  size_t length = strlen(own.dli_fname);
  ssize_t count = readlink("/proc/self/exe", program, sizeof program - 1);
  if (count <= 0) return;
  program[count] = 0;
  // If the dynamic linker was called by name, it would take the program's first argument for the program.
  const char *slash = strrchr(program, '/');
  if (strncmp(slash ? slash + 1 : program, "ld-", 3) == 0 || strncmp(slash ? slash + 1 : program, "ld.so", 5) == 0)
    return;
  char *ordered = malloc(strlen(list) + length + 2);
  if (!ordered) return;
  char *end = stpcpy(ordered, own.dli_fname);
  bool was_there = false, is_first = true;
  for (const char *entry = list; *entry;) {
    size_t size = strcspn(entry, ": ");
    bool is_own = size == length && strncmp(entry, own.dli_fname, length) == 0;
    if (is_own && is_first) break;
    if (size > 0) is_first = false;
    if (is_own) {
      was_there = true;
    } else if (size > 0) {
      *end++ = ':';
      end = mempcpy(end, entry, size);
      *end = 0;
    }
    entry += size;
    if (*entry) entry++;
  }
  // If the list has this library first already, starting again would never end.
  if (was_there) {
    char *before = strdup(list);
    if (before && setenv("LD_PRELOAD", ordered, 1) == 0) {
      execv(program, words);
      // The start failed: keep the second place.
      setenv("LD_PRELOAD", before, 1);
    }
    free(before);
  }
  free(ordered);
}

__attribute__((constructor)) static void start(int count, char **words) {
  (void)count;
  const char *number = getenv(TAP_PROCESS);
  if (!number || atol(number) != (long)getpid()) return;
  come_first(words);
  tapped_process = getpid();
}

// A child that the program forked has the same memory but another process number.
static bool is_active(void) { return tapped_process != 0 && tapped_process == getpid(); }

static void say(const char *what, const char *why) {
  char line[1024];
  int length = snprintf(line, sizeof line, "demo-raw-gl tap: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  if (length > (int)sizeof line - 1) length = sizeof line - 1;
  if (write(STDERR_FILENO, line, (size_t)length) < 0) return;
}

// The thread's state that the calls of this library could change. While it holds a lock, a signal handler of the
// program must not run, and perhaps end the process or jump away. Threads that drivers start for it must not get the
// program's signals.
struct thread_state {
  sigset_t signals;
  int error;
};

static void enter(struct thread_state *state) {
  static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  state->error = errno;
  sigset_t all;
  sigfillset(&all);
  for (size_t i = 0; i < sizeof synchronous / sizeof *synchronous; i++) sigdelset(&all, synchronous[i]);
  pthread_sigmask(SIG_BLOCK, &all, &state->signals);
  depth++;
  viewer_depth++;
}

static void leave(const struct thread_state *state) {
  depth--;
  viewer_depth--;
  pthread_sigmask(SIG_SETMASK, &state->signals, NULL);
  errno = state->error;
}

// MARK: The viewer

static pthread_once_t viewer_once = PTHREAD_ONCE_INIT;
static tap_frame_function show_frame;
static tap_end_function end_context;

// Swift's runtime may set handlers for crashes, and a stack for them, when it is loaded. A crashing program must keep
// its own handlers.
static void *open_keeping_handlers(const char *path) {
  struct sigaction actions[NSIG];
  bool is_known[NSIG];
  stack_t stack, changed;
  bool has_stack = sigaltstack(NULL, &stack) == 0;
  for (int i = 1; i < NSIG; i++) is_known[i] = sigaction(i, NULL, &actions[i]) == 0;
  // Local: the library's symbols must not be visible to the program.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  for (int i = 1; i < NSIG; i++) {
    struct sigaction action;
    if (is_known[i] && sigaction(i, NULL, &action) == 0 &&
        (action.sa_sigaction != actions[i].sa_sigaction || action.sa_flags != actions[i].sa_flags))
      sigaction(i, &actions[i], NULL);
  }
  if (has_stack && sigaltstack(NULL, &changed) == 0 && changed.ss_sp != stack.ss_sp) sigaltstack(&stack, NULL);
  return library;
}

static void open_viewer(void) {
  Dl_info own;
  char path[PATH_MAX];
  if (!dladdr((void *)names, &own) || !own.dli_fname)
    return say("no frames are shown", "the tap does not know where it is");
  const char *slash = strrchr(own.dli_fname, '/');
  int folder = slash ? (int)(slash - own.dli_fname) + 1 : 0;
  if (snprintf(path, sizeof path, "%.*s%s", folder, own.dli_fname, viewer_name) >= (int)sizeof path)
    return say("no frames are shown", "the tap's path is too long");
  void *library = open_keeping_handlers(path);
  if (!library) return say("no frames are shown", dlerror());
  end_context = (tap_end_function)real_dlsym()(library, TAP_END);
  show_frame = (tap_frame_function)real_dlsym()(library, TAP_FRAME);
  if (!end_context || !show_frame) {
    show_frame = NULL;
    say("no frames are shown", "libgl-vulkan-interop-tap-viewer.so is of another version");
  }
}

// MARK: GL errors of the program

// Reading a frame removes the errors that glGetError would have returned to the program. They are kept and returned to
// it later.
struct kept_errors {
  struct kept_errors *next;
  void *context;
  void *(*current_context)(void);
  uint32_t errors[TAP_ERRORS];
  int count;
};
static pthread_mutex_t errors_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_errors *all_errors;
// glGetError is called often; while no error is kept, its hook reads only this number.
static atomic_int kept_count;

static void keep_errors(void *context, void *(*current_context)(void), const uint32_t *errors, int count) {
  pthread_mutex_lock(&errors_lock);
  struct kept_errors *kept = all_errors;
  while (kept && kept->context != context) kept = kept->next;
  if (!kept && (kept = calloc(1, sizeof *kept))) {
    kept->context = context;
    kept->next = all_errors;
    all_errors = kept;
  }
  if (kept) {
    kept->current_context = current_context;
    for (int i = 0; i < count; i++) {
      // GL has one flag for each error, however often the error happened.
      int same = 0;
      while (same < kept->count && kept->errors[same] != errors[i]) same++;
      if (same < kept->count || kept->count == TAP_ERRORS) continue;
      kept->errors[kept->count++] = errors[i];
      atomic_fetch_add_explicit(&kept_count, 1, memory_order_release);
    }
  }
  pthread_mutex_unlock(&errors_lock);
}

static void forget_errors(void *context) {
  pthread_mutex_lock(&errors_lock);
  for (struct kept_errors **link = &all_errors; *link;) {
    struct kept_errors *kept = *link;
    if (kept->context != context) {
      link = &kept->next;
      continue;
    }
    atomic_fetch_sub_explicit(&kept_count, kept->count, memory_order_release);
    *link = kept->next;
    free(kept);
  }
  pthread_mutex_unlock(&errors_lock);
}

static bool take_error(uint32_t *error) {
  bool found = false;
  depth++;
  pthread_mutex_lock(&errors_lock);
  for (struct kept_errors *kept = all_errors; kept && !found; kept = kept->next) {
    if (kept->count == 0 || kept->current_context() != kept->context) continue;
    *error = kept->errors[0];
    memmove(kept->errors, kept->errors + 1, (size_t)--kept->count * sizeof *kept->errors);
    atomic_fetch_sub_explicit(&kept_count, 1, memory_order_release);
    found = true;
  }
  pthread_mutex_unlock(&errors_lock);
  depth--;
  return found;
}

// MARK: Frames and contexts

static void look_at_frame(struct place *place, void *display, uintptr_t surface, bool is_glx) {
  if (depth > 0 || !is_active() || atomic_load_explicit(&has_failed, memory_order_relaxed)) return;
  struct thread_state state;
  enter(&state);
  void *real = origin(place);
  void *(*current_context)(void) =
    neighbour(&place->current_context, real, is_glx ? "glXGetCurrentContext" : "eglGetCurrentContext");
  void *current_surface =
    neighbour(&place->current_surface, real, is_glx ? "glXGetCurrentDrawable" : "eglGetCurrentSurface");
  struct tap_context context = {current_context ? current_context() : NULL, display, is_glx};
  const int EGL_draw = 0x3059;
  uintptr_t drawn = 0;
  if (context.handle && current_surface)
    drawn = is_glx ? ((unsigned long (*)(void))current_surface)() : ((uintptr_t(*)(int))current_surface)(EGL_draw);
  // A program may show a surface that another thread has drawn, or one that is not current; its pixels cannot be read
  // from here.
  if (context.handle && drawn == surface) {
    pthread_once(&viewer_once, open_viewer);
    if (show_frame) {
      uint32_t errors[TAP_ERRORS];
      int count = show_frame(&context, errors);
      if (count > 0) keep_errors(context.handle, current_context, errors, count);
    } else {
      atomic_store(&has_failed, true);
    }
  }
  leave(&state);
}

// `handle` is NULL for all contexts of a display.
static void before_end(struct place *place, void *display, void *handle, bool is_glx) {
  if (depth > 0 || !end_context || !is_active()) return;
  struct thread_state state;
  enter(&state);
  struct tap_context context = {handle, display, is_glx};
  void *(*current_context)(void) =
    neighbour(&place->current_context, origin(place), is_glx ? "glXGetCurrentContext" : "eglGetCurrentContext");
  end_context(&context, handle && current_context && current_context() == handle);
  if (handle) forget_errors(handle);
  leave(&state);
}

// MARK: Hooks

typedef unsigned int egl_boolean;
static void *hook_of_name(const char *name, void *real, void *origin);

static enum function function_named(const char *name);

static egl_boolean egl_swap(int place, enum function function, void *display, void *surface) {
  egl_boolean (*real)(void *, void *) = real_function(function, place);
  if (!real) return 0;
  look_at_frame(&places[function][place], display, (uintptr_t)surface, false);
  depth++;
  egl_boolean result = real(display, surface);
  depth--;
  return result;
}
static egl_boolean egl_swap_damage(
  int place, enum function function, void *display, void *surface, const int *rectangles, int count) {
  egl_boolean (*real)(void *, void *, const int *, int) = real_function(function, place);
  if (!real) return 0;
  look_at_frame(&places[function][place], display, (uintptr_t)surface, false);
  depth++;
  egl_boolean result = real(display, surface, rectangles, count);
  depth--;
  return result;
}
static egl_boolean egl_destroy_context(int place, enum function function, void *display, void *context) {
  egl_boolean (*real)(void *, void *) = real_function(function, place);
  if (!real) return 0;
  if (context) before_end(&places[function][place], display, context, false);
  return real(display, context);
}
static egl_boolean egl_terminate(int place, enum function function, void *display) {
  egl_boolean (*real)(void *) = real_function(function, place);
  if (!real) return 0;
  before_end(&places[function][place], display, NULL, false);
  return real(display);
}
static void glx_swap(int place, enum function function, void *display, unsigned long drawable) {
  void (*real)(void *, unsigned long) = real_function(function, place);
  if (!real) return;
  look_at_frame(&places[function][place], display, drawable, true);
  depth++;
  real(display, drawable);
  depth--;
}
static int64_t glx_swap_msc(int place, enum function function, void *display, unsigned long drawable, int64_t target,
  int64_t divisor, int64_t remainder) {
  int64_t (*real)(void *, unsigned long, int64_t, int64_t, int64_t) = real_function(function, place);
  if (!real) return -1;
  look_at_frame(&places[function][place], display, drawable, true);
  depth++;
  int64_t result = real(display, drawable, target, divisor, remainder);
  depth--;
  return result;
}
static void glx_destroy_context(int place, enum function function, void *display, void *context) {
  void (*real)(void *, void *) = real_function(function, place);
  if (!real) return;
  if (context) before_end(&places[function][place], display, context, true);
  real(display, context);
}
static int x_close_display(int place, enum function function, void *display) {
  int (*real)(void *) = real_function(function, place);
  if (!real) return 0;
  before_end(&places[function][place], display, NULL, true);
  return real(display);
}
static void *get_proc_address(int place, enum function function, const char *name) {
  void *(*real)(const char *) = real_function(function, place);
  void *found = real ? real(name) : NULL;
  if (!found || depth > 0 || !is_active() || function_named(name) == FUNCTIONS) return found;
  // Another library that intercepts the function returns its own address, from which the library behind it cannot be
  // found.
  void *(*library)(const char *) = origin(&places[function][place]);
  depth++;
  void *own = library == real ? found : library(name);
  depth--;
  return hook_of_name(name, found, own);
}
static uint32_t gl_get_error(int place, enum function function) {
  uint32_t (*real)(void) = real_function(function, place);
  uint32_t error;
  if (atomic_load_explicit(&kept_count, memory_order_acquire) > 0 && depth == 0 && is_active() && take_error(&error))
    return error;
  return real ? real() : 0;
}

// A hook for each place, and the exported one that the linker finds.
#define HOOK(name, function, body, result, parameters, ...) \
  static result name##_0 parameters { return body(0, function, ##__VA_ARGS__); } \
  static result name##_1 parameters { return body(1, function, ##__VA_ARGS__); } \
  static result name##_2 parameters { return body(2, function, ##__VA_ARGS__); } \
  static result name##_3 parameters { return body(3, function, ##__VA_ARGS__); } \
  static result name##_4 parameters { return body(4, function, ##__VA_ARGS__); } \
  static result name##_5 parameters { return body(5, function, ##__VA_ARGS__); } \
  static result name##_6 parameters { return body(6, function, ##__VA_ARGS__); } \
  EXPORTED result name parameters; \
  result name parameters { return body(LINKED, function, ##__VA_ARGS__); }
#define HOOKS(name) \
  { \
    (void *)name##_0, (void *)name##_1, (void *)name##_2, (void *)name##_3, (void *)name##_4, (void *)name##_5, \
      (void *)name##_6, (void *)name \
  }

HOOK(eglSwapBuffers, EGL_SWAP_BUFFERS, egl_swap, egl_boolean, (void *display, void *surface), display, surface)
HOOK(eglSwapBuffersWithDamageKHR, EGL_SWAP_BUFFERS_WITH_DAMAGE_KHR, egl_swap_damage, egl_boolean,
  (void *display, void *surface, const int *rectangles, int count), display, surface, rectangles, count)
HOOK(eglSwapBuffersWithDamageEXT, EGL_SWAP_BUFFERS_WITH_DAMAGE_EXT, egl_swap_damage, egl_boolean,
  (void *display, void *surface, const int *rectangles, int count), display, surface, rectangles, count)
HOOK(eglDestroyContext, EGL_DESTROY_CONTEXT, egl_destroy_context, egl_boolean, (void *display, void *context), display,
  context)
HOOK(eglTerminate, EGL_TERMINATE, egl_terminate, egl_boolean, (void *display), display)
HOOK(eglGetProcAddress, EGL_GET_PROC_ADDRESS, get_proc_address, void *, (const char *name), name)
HOOK(glXSwapBuffers, GLX_SWAP_BUFFERS, glx_swap, void, (void *display, unsigned long drawable), display, drawable)
HOOK(glXSwapBuffersMscOML, GLX_SWAP_BUFFERS_MSC_OML, glx_swap_msc, int64_t,
  (void *display, unsigned long drawable, int64_t target, int64_t divisor, int64_t remainder), display, drawable,
  target, divisor, remainder)
HOOK(
  glXDestroyContext, GLX_DESTROY_CONTEXT, glx_destroy_context, void, (void *display, void *context), display, context)
HOOK(glXGetProcAddress, GLX_GET_PROC_ADDRESS, get_proc_address, void *, (const char *name), name)
HOOK(glXGetProcAddressARB, GLX_GET_PROC_ADDRESS_ARB, get_proc_address, void *, (const char *name), name)
HOOK(XCloseDisplay, X_CLOSE_DISPLAY, x_close_display, int, (void *display), display)
HOOK(glGetError, GL_GET_ERROR, gl_get_error, uint32_t, (void))

static void *const hooks[FUNCTIONS][PLACES] = {
  HOOKS(eglSwapBuffers),
  HOOKS(eglSwapBuffersWithDamageKHR),
  HOOKS(eglSwapBuffersWithDamageEXT),
  HOOKS(eglDestroyContext),
  HOOKS(eglTerminate),
  HOOKS(eglGetProcAddress),
  HOOKS(glXSwapBuffers),
  HOOKS(glXSwapBuffersMscOML),
  HOOKS(glXDestroyContext),
  HOOKS(glXGetProcAddress),
  HOOKS(glXGetProcAddressARB),
  HOOKS(XCloseDisplay),
  HOOKS(glGetError),
};

// MARK: Looking functions up

// Returns FUNCTIONS for a function that is not hooked.
static enum function function_named(const char *name) {
  if (name[0] != 'e' && name[0] != 'g' && name[0] != 'X') return FUNCTIONS;
  for (int i = 0; i < FUNCTIONS; i++)
    if (strcmp(name, names[i]) == 0) return (enum function)i;
  return FUNCTIONS;
}

// Returns the function to return in place of `real`; `origin` is the function of the library behind it, or NULL.
static void *hook_of(enum function function, void *real, void *origin) {
  if (!real) return NULL;
  for (int i = 0; i < PLACES; i++)
    if (real == hooks[function][i]) return real;
  if (!origin) origin = real;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  void *hook = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < LINKED && !hook; i++) {
    struct place *place = &places[function][i];
    void *known = atomic_load_explicit(&place->real, memory_order_relaxed);
    if (known && (known != real || atomic_load_explicit(&place->origin, memory_order_relaxed) != origin)) continue;
    if (!known) {
      atomic_store_explicit(&place->origin, origin, memory_order_release);
      atomic_store_explicit(&place->real, real, memory_order_release);
    }
    hook = hooks[function][i];
  }
  pthread_mutex_unlock(&lock);
  if (hook) return hook;
  static atomic_flag was_said = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&was_said))
    say("not all frames are shown, the program has too many of", names[function]);
  return real;
}

static void *hook_of_name(const char *name, void *real, void *origin) {
  enum function function = function_named(name);
  return function == FUNCTIONS ? real : hook_of(function, real, origin);
}

// A global look-up would find the hook here first, whether or not the program has such a library.
static void *look_up_linked(enum function function) {
  return real_function(function, LINKED) ? hooks[function][LINKED] : NULL;
}

// Returns the hook for the function that another dlsym or dlvsym has `found` for the program, for handles other than
// RTLD_NEXT.
static void *hook_of_found(enum function function, void *handle, void *found) {
  // The handle of the program itself, or the global symbols.
  if (found == hooks[function][LINKED]) return look_up_linked(function);
  void *own = found && handle != RTLD_DEFAULT ? real_dlsym()(handle, names[function]) : NULL;
  return hook_of(function, found, own == hooks[function][LINKED] ? NULL : own);
}

// Other libraries that intercept these functions ask for RTLD_NEXT, as this one does. The next definition depends on
// the caller, which libc recognizes by the return address.
static bool is_passed_on(void *handle, enum function function) {
  return function == FUNCTIONS || handle == RTLD_NEXT || depth > 0 || !is_active();
}

EXPORTED void *dlsym(void *restrict handle, const char *restrict name) {
  // The viewer needs the drivers' own functions, not intercepted ones.
  dlsym_function next = viewer_depth > 0 ? real_dlsym() : next_dlsym();
  enum function function = function_named(name);
  if (handle != RTLD_NEXT && depth == 0 && is_active()) {
    if (strcmp(name, "dlsym") == 0) return (void *)dlsym;
    if (strcmp(name, "dlvsym") == 0) return (void *)dlvsym;
  }
  if (is_passed_on(handle, function)) TAIL_CALL return next(handle, name);
  return hook_of_found(function, handle, next(handle, name));
}

EXPORTED void *dlvsym(void *restrict handle, const char *restrict name, const char *restrict version) {
  dlvsym_function next = viewer_depth > 0 && real_dlsym() ? atomic_load(&libc_dlvsym) : next_dlvsym();
  enum function function = function_named(name);
  if (is_passed_on(handle, function)) TAIL_CALL return next(handle, name, version);
  return hook_of_found(function, handle, next(handle, name, version));
}

// Identifies this library among the objects of a process.
EXPORTED const char gl_vulkan_interop_tap_is_here;
const char gl_vulkan_interop_tap_is_here = 0;
