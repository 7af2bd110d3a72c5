// Stands before libEGL, libGL and libdl in a program that knows nothing of it (LD_PRELOAD): frames are looked at before they
// are shown. Whatever fails here, the program's own call is made all the same.
#define _GNU_SOURCE
#include "CTap.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
// The caller's return address stays the one that the called function sees.
#define TAIL_CALL __attribute__((musttail))

static const char *const viewer_name = "libgl-vulkan-interop-tap-viewer.so";

// MARK: Real functions

// dlsym as libc has it. Its version differs between architectures, and from 2.34 on it is libc's, not libdl's.
typedef void *(*dlsym_function)(void *, const char *);
static _Atomic(dlsym_function) libc_dlsym;

static dlsym_function real_dlsym(void) {
  dlsym_function found = atomic_load_explicit(&libc_dlsym, memory_order_acquire);
  if (found) return found;
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_2.27", "GLIBC_2.0"};
  for (size_t i = 0; !found && i < sizeof versions / sizeof *versions; i++)
    found = (dlsym_function)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  // Nothing in the program could be looked up without it, nor could it be told apart from a function that is not there.
  if (!found) abort();
  atomic_store_explicit(&libc_dlsym, found, memory_order_release);
  return found;
}

// The functions that are hooked. A program may have several of each: the system's libEGL and ANGLE's, what dlsym gives and
// what getProcAddress gives. Each has a place, and a hook of its own that knows the place.
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
    "eglSwapBuffers",       "eglSwapBuffersWithDamageKHR", "eglSwapBuffersWithDamageEXT", "eglDestroyContext",
    "eglTerminate",         "eglGetProcAddress",           "glXSwapBuffers",              "glXSwapBuffersMscOML",
    "glXDestroyContext",    "glXGetProcAddress",           "glXGetProcAddressARB",        "XCloseDisplay",
    "glGetError",
};

// One more than the hooks for functions that were looked up: what the linker put in place.
#define PLACES 6
#define LINKED (PLACES - 1)

struct place {
  _Atomic(void *) real;
  // Of the same library: eglGetCurrentContext, or glXGetCurrentContext; eglGetCurrentSurface, or glXGetCurrentDrawable.
  _Atomic(void *) current_context;
  _Atomic(void *) current_surface;
};
static struct place places[FUNCTIONS][PLACES];

// In a library that the program has loaded, whether or not its symbols are everybody's.
static void *find_loaded(const char *name) {
  static const char *const libraries[] = {"libEGL.so.1", "libGL.so.1",     "libGLX.so.0", "libOpenGL.so.0",
                                          "libGLESv2.so.2", "libGLESv1_CM.so.1", "libX11.so.6"};
  void *found = real_dlsym()(RTLD_NEXT, name);
  for (size_t i = 0; !found && i < sizeof libraries / sizeof *libraries; i++) {
    void *library = dlopen(libraries[i], RTLD_NOLOAD | RTLD_LAZY);
    if (!library) continue;
    found = real_dlsym()(library, name);
    dlclose(library);
  }
  return found;
}

// As above, and first where `neighbour` is.
static void *find_beside(void *neighbour, const char *name) {
  Dl_info info;
  void *found = NULL;
  void *library = neighbour && dladdr(neighbour, &info) && info.dli_fname
                      ? dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_LAZY)
                      : NULL;
  if (library) {
    found = real_dlsym()(library, name);
    dlclose(library);
    // dlsym looks at what the library depends on too, but also at us where it stands for the program itself.
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
// Above 0 while a hook or the viewer runs on this thread: what they call is not the program's doing.
static __thread int depth;

__attribute__((constructor)) static void start(void) {
  const char *number = getenv(TAP_PROCESS);
  if (number && atol(number) == (long)getpid()) tapped_process = getpid();
}

// A child that the program forked has everything but the number.
static bool is_active(void) { return tapped_process != 0 && tapped_process == getpid(); }

static void say(const char *what, const char *why) {
  char line[1024];
  int length = snprintf(line, sizeof line, "demo-raw-gl tap: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  if (length > (int)sizeof line - 1) length = sizeof line - 1;
  if (write(STDERR_FILENO, line, (size_t)length) < 0) return;
}

// What a thread has that our own calls could change. A handler of the program's must not run, and perhaps end the process
// or jump away, while we hold a lock, and threads that drivers start for us must not get the program's signals.
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
}

static void leave(const struct thread_state *state) {
  depth--;
  pthread_sigmask(SIG_SETMASK, &state->signals, NULL);
  errno = state->error;
}

// MARK: The viewer

static pthread_once_t viewer_once = PTHREAD_ONCE_INIT;
static tap_frame_function show_frame;
static tap_end_function end_context;

// Swift's runtime may set handlers for crashes and a stack for them when it is loaded. A program that crashes does so in its
// own way.
static void *open_keeping_handlers(const char *path) {
  struct sigaction actions[NSIG];
  bool is_known[NSIG];
  stack_t stack, changed;
  bool has_stack = sigaltstack(NULL, &stack) == 0;
  for (int i = 1; i < NSIG; i++) is_known[i] = sigaction(i, NULL, &actions[i]) == 0;
  // Local: what the library brings is nobody's business.
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
  if (!dladdr((void *)names, &own) || !own.dli_fname) return say("no frames are shown", "the tap does not know where it is");
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

// Looking at a frame takes what glGetError would have given the program. It is given to it later.
struct kept_errors {
  struct kept_errors *next;
  void *context;
  void *(*current_context)(void);
  uint32_t errors[TAP_ERRORS];
  int count;
};
static pthread_mutex_t errors_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_errors *all_errors;
// glGetError is called often; so long as nothing is kept, it is asked for this number only.
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
      // GL has a flag for each error, however often it happened.
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
  void *real = atomic_load(&place->real);
  void *(*current_context)(void) =
      neighbour(&place->current_context, real, is_glx ? "glXGetCurrentContext" : "eglGetCurrentContext");
  void *current_surface = neighbour(&place->current_surface, real, is_glx ? "glXGetCurrentDrawable" : "eglGetCurrentSurface");
  struct tap_context context = {current_context ? current_context() : NULL, display, is_glx};
  const int EGL_draw = 0x3059;
  uintptr_t drawn = 0;
  if (context.handle && current_surface)
    drawn = is_glx ? ((unsigned long (*)(void))current_surface)() : ((uintptr_t(*)(int))current_surface)(EGL_draw);
  // A program may show what another thread has drawn, or a window that it does not draw to just now; its pixels cannot be
  // reached from here.
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
  void *(*current_context)(void) = neighbour(
      &place->current_context, atomic_load(&place->real), is_glx ? "glXGetCurrentContext" : "eglGetCurrentContext");
  end_context(&context, handle && current_context && current_context() == handle);
  if (handle) forget_errors(handle);
  leave(&state);
}

// MARK: Hooks

typedef unsigned int egl_boolean;
static void *hook_of_name(const char *name, void *real);

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
static int64_t glx_swap_msc(
    int place, enum function function, void *display, unsigned long drawable, int64_t target, int64_t divisor,
    int64_t remainder) {
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
  return depth > 0 || !is_active() ? found : hook_of_name(name, found);
}
static uint32_t gl_get_error(int place, enum function function) {
  uint32_t (*real)(void) = real_function(function, place);
  uint32_t error;
  if (atomic_load_explicit(&kept_count, memory_order_acquire) > 0 && depth == 0 && is_active() && take_error(&error))
    return error;
  return real ? real() : 0;
}

// A hook for each place, and the one that the linker finds.
#define HOOK(name, function, body, result, parameters, ...)                                 \
  static result name##_0 parameters { return body(0, function, ##__VA_ARGS__); }            \
  static result name##_1 parameters { return body(1, function, ##__VA_ARGS__); }            \
  static result name##_2 parameters { return body(2, function, ##__VA_ARGS__); }            \
  static result name##_3 parameters { return body(3, function, ##__VA_ARGS__); }            \
  static result name##_4 parameters { return body(4, function, ##__VA_ARGS__); }            \
  EXPORTED result name parameters;                                                          \
  result name parameters { return body(LINKED, function, ##__VA_ARGS__); }
#define HOOKS(name) {(void *)name##_0, (void *)name##_1, (void *)name##_2, (void *)name##_3, (void *)name##_4, (void *)name}

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
     (void *display, unsigned long drawable, int64_t target, int64_t divisor, int64_t remainder), display, drawable, target,
     divisor, remainder)
HOOK(glXDestroyContext, GLX_DESTROY_CONTEXT, glx_destroy_context, void, (void *display, void *context), display, context)
HOOK(glXGetProcAddress, GLX_GET_PROC_ADDRESS, get_proc_address, void *, (const char *name), name)
HOOK(glXGetProcAddressARB, GLX_GET_PROC_ADDRESS_ARB, get_proc_address, void *, (const char *name), name)
HOOK(XCloseDisplay, X_CLOSE_DISPLAY, x_close_display, int, (void *display), display)
HOOK(glGetError, GL_GET_ERROR, gl_get_error, uint32_t, (void))

static void *const hooks[FUNCTIONS][PLACES] = {
    HOOKS(eglSwapBuffers),       HOOKS(eglSwapBuffersWithDamageKHR), HOOKS(eglSwapBuffersWithDamageEXT),
    HOOKS(eglDestroyContext),    HOOKS(eglTerminate),                HOOKS(eglGetProcAddress),
    HOOKS(glXSwapBuffers),       HOOKS(glXSwapBuffersMscOML),        HOOKS(glXDestroyContext),
    HOOKS(glXGetProcAddress),    HOOKS(glXGetProcAddressARB),        HOOKS(XCloseDisplay),
    HOOKS(glGetError),
};

// MARK: Looking functions up

// FUNCTIONS for one that is not hooked.
static enum function function_named(const char *name) {
  if (name[0] != 'e' && name[0] != 'g' && name[0] != 'X') return FUNCTIONS;
  for (int i = 0; i < FUNCTIONS; i++)
    if (strcmp(name, names[i]) == 0) return (enum function)i;
  return FUNCTIONS;
}

// What to give out in the place of `real`.
static void *hook_of(enum function function, void *real) {
  if (!real) return NULL;
  for (int i = 0; i < PLACES; i++)
    if (real == hooks[function][i]) return real;
  for (int i = 0; i < LINKED; i++) {
    void *known = NULL;
    if (atomic_compare_exchange_strong(&places[function][i].real, &known, real) || known == real)
      return hooks[function][i];
  }
  static atomic_flag was_said = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&was_said)) say("not all frames are shown, the program has too many of", names[function]);
  return real;
}

static void *hook_of_name(const char *name, void *real) {
  enum function function = function_named(name);
  return function == FUNCTIONS ? real : hook_of(function, real);
}

// What is everybody's would be found here first, whether or not the program has such a library.
static void *look_up_linked(enum function function) {
  return real_function(function, LINKED) ? hooks[function][LINKED] : NULL;
}

EXPORTED void *dlsym(void *restrict handle, const char *restrict name) {
  dlsym_function real = real_dlsym();
  enum function function = function_named(name);
  // RTLD_NEXT is asked for by others who stand before these functions, as we do. What is next depends on who asks, which
  // libc sees by the return address.
  bool is_own = strcmp(name, "dlsym") == 0;
  if ((function == FUNCTIONS && !is_own) || handle == RTLD_NEXT || depth > 0 || !is_active())
    TAIL_CALL return real(handle, name);
  if (is_own) return (void *)dlsym;
  if (handle == RTLD_DEFAULT) return look_up_linked(function);
  void *found = real(handle, name);
  // The handle of the program itself.
  if (found == hooks[function][LINKED]) return look_up_linked(function);
  return hook_of(function, found);
}
