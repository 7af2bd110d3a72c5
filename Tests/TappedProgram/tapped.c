// A program for `demo-raw-gl tap` to be tried on, which knows nothing of it: opens a window, shows frames with a known
// picture, and looks at whether anything of its own has changed. Compiled by the tests.
//
//   tapped glx|egl|gles FRAMES [WORD]...
//
//   size=WxH          of the window (320x240)             hold             after the last frame, wait for SIGUSR1
//   resize=WxH        after half of the frames            contexts=N       so many one after the other, each with the
//   frames threads           every second frame on another       exit=STATUS      end with it (0) kill=SIGNAL       end
//   by it                           leave            exit without destroying anything _exit             end without
//   exit handlers           fork             a child, in between read=WxH          a second window, grey, is what the
//   context reads; the first is what it draws into
//
// -DLOOKUP=0 links EGL and GL, 1 opens them and uses dlsym, 2 uses getProcAddress for all but that function itself, 3
// links them and uses dlsym with RTLD_DEFAULT, 4 links getProcAddress.
//
// Frame n: quarters in red, green, blue and white, and in the middle a square whose grey is n. Exit status 90 and more:
// something is not as it was, see stderr.
#define _GNU_SOURCE
#define GL_GLEXT_PROTOTYPES
#include <EGL/egl.h>
#include <GL/gl.h>
#include <GL/glx.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_glx, is_es;

#if LOOKUP == 0
#define FIND(name) name
#else
static void *find(const char *name) {
  static void *library;
  static void *(*get)(const char *);
#if LOOKUP >= 3
  library = RTLD_DEFAULT;
  get = is_glx ? (void *(*)(const char *))glXGetProcAddressARB : (void *(*)(const char *))eglGetProcAddress;
#else
  if (!library) library = dlopen(is_glx ? "libGL.so.1" : "libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    exit(99);
  }
  if (!get) get = (void *(*)(const char *))dlsym(library, is_glx ? "glXGetProcAddressARB" : "eglGetProcAddress");
#endif
  int by_dlsym = LOOKUP == 1 || LOOKUP == 3;
  void *found = by_dlsym ? dlsym(library, name) : get(name);
  // libEGL has EGL's functions only, and eglGetProcAddress may have GL's only.
  if (!found) found = by_dlsym ? get(name) : dlsym(library, name);
  if (!found) {
    fprintf(stderr, "no %s\n", name);
    exit(99);
  }
  return found;
}
#define FIND(name) ((__typeof__(&name))find(#name))
#endif

static Display *display;
static Window window;
static int width = 320, height = 240;
static EGLDisplay egl;
static EGLConfig config;
static EGLSurface surface, read_surface;
static Window read_window;
static EGLContext egl_context;
static XVisualInfo *visual;
static GLXContext glx_context;

static void fail(int status, const char *what) {
  fprintf(stderr, "tapped: %s\n", what);
  exit(status);
}

static int make_current(int yes) {
  if (is_glx && yes && read_window) return FIND(glXMakeContextCurrent)(display, window, read_window, glx_context);
  if (is_glx) return FIND(glXMakeCurrent)(display, yes ? window : 0, yes ? glx_context : NULL);
  EGLSurface drawn = yes ? surface : EGL_NO_SURFACE;
  EGLSurface read = yes && read_surface ? read_surface : drawn;
  return FIND(eglMakeCurrent)(egl, drawn, read, yes ? egl_context : EGL_NO_CONTEXT);
}

static void open_window(void) {
  display = XOpenDisplay(NULL);
  if (!display) fail(98, "no display");
  int visual_id = 0, count;
  if (is_glx) {
    int attributes[] = {GLX_RGBA, GLX_DOUBLEBUFFER, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, None};
    visual = FIND(glXChooseVisual)(display, DefaultScreen(display), attributes);
  } else {
    egl = FIND(eglGetDisplay)((EGLNativeDisplayType)display);
    if (!FIND(eglInitialize)(egl, NULL, NULL)) fail(98, "no EGL");
    FIND(eglBindAPI)(is_es ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
    EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8,
      EGL_RENDERABLE_TYPE, is_es ? EGL_OPENGL_ES2_BIT : EGL_OPENGL_BIT, EGL_NONE};
    if (!FIND(eglChooseConfig)(egl, wanted, &config, 1, &count) || count < 1) fail(98, "no config");
    FIND(eglGetConfigAttrib)(egl, config, EGL_NATIVE_VISUAL_ID, &visual_id);
    XVisualInfo template = {.visualid = (VisualID)visual_id};
    visual = XGetVisualInfo(display, VisualIDMask, &template, &count);
  }
  if (!visual) fail(98, "no visual");
  Window root = DefaultRootWindow(display);
  XSetWindowAttributes attributes = {
    .colormap = XCreateColormap(display, root, visual->visual, AllocNone), .event_mask = StructureNotifyMask};
  window = XCreateWindow(display, root, 0, 0, width, height, 0, visual->depth, InputOutput, visual->visual,
    CWColormap | CWEventMask | CWBorderPixel, &attributes);
  XMapWindow(display, window);
  XEvent event;
  do XNextEvent(display, &event);
  while (event.type != MapNotify);
  if (!is_glx) surface = FIND(eglCreateWindowSurface)(egl, config, window, NULL);
}

static void make_context(void) {
  if (is_glx) {
    glx_context = FIND(glXCreateContext)(display, visual, NULL, True);
  } else {
    EGLint attributes[] = {is_es ? EGL_CONTEXT_CLIENT_VERSION : EGL_NONE, 3, EGL_NONE};
    egl_context = FIND(eglCreateContext)(egl, config, EGL_NO_CONTEXT, attributes);
  }
  if (!make_current(1)) fail(98, "no context");
}

static void destroy_context(void) {
  make_current(0);
  if (is_glx) FIND(glXDestroyContext)(display, glx_context);
  else FIND(eglDestroyContext)(egl, egl_context);
}

static void fill(int x, int y, int w, int h, float r, float g, float b) {
  FIND(glScissor)(x, y, w, h);
  FIND(glClearColor)(r, g, b, 1);
  FIND(glClear)(GL_COLOR_BUFFER_BIT);
}

// What a program sets and expects to find again.
struct state {
  GLint integers[32];
  GLfloat color[4];
  GLboolean enabled[6], mask[4];
};
static void get_state(struct state *state) {
  static const GLenum names[] = {GL_VIEWPORT, GL_SCISSOR_BOX, GL_ACTIVE_TEXTURE, GL_TEXTURE_BINDING_2D,
    GL_ARRAY_BUFFER_BINDING, GL_CURRENT_PROGRAM, GL_FRAMEBUFFER_BINDING, GL_RENDERBUFFER_BINDING, GL_PACK_ALIGNMENT,
    GL_UNPACK_ALIGNMENT, GL_STENCIL_WRITEMASK, GL_VERTEX_ARRAY_BINDING, GL_READ_BUFFER, GL_PIXEL_PACK_BUFFER_BINDING,
    GL_READ_FRAMEBUFFER_BINDING};
  static const GLenum switches[] = {GL_SCISSOR_TEST, GL_BLEND, GL_DEPTH_TEST, GL_CULL_FACE, GL_DITHER, GL_STENCIL_TEST};
  memset(state, 0, sizeof *state);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    FIND(glGetIntegerv)(names[i], state->integers + (i == 0 ? 0 : i == 1 ? 4 : i + 6));
  FIND(glGetFloatv)(GL_COLOR_CLEAR_VALUE, state->color);
  FIND(glGetBooleanv)(GL_COLOR_WRITEMASK, state->mask);
  for (size_t i = 0; i < 6; i++) state->enabled[i] = FIND(glIsEnabled)(switches[i]);
}

static void show_frame(int number) {
  int w = width / 2, h = height / 2;
  FIND(glViewport)(0, 0, width, height);
  FIND(glEnable)(GL_SCISSOR_TEST);
  fill(0, h, w, height - h, 1, 0, 0);
  fill(w, h, width - w, height - h, 0, 1, 0);
  fill(0, 0, w, h, 0, 0, 1);
  fill(w, 0, width - w, h, 1, 1, 1);
  float grey = (number & 255) / 255.0f;
  fill(w - 16, h - 16, 32, 32, grey, grey, grey);
  // Left as it is: a scissor that would cut a copy, an alignment that would skew one, an error of our own.
  FIND(glScissor)(3, 5, 7, 9);
  FIND(glPixelStorei)(GL_PACK_ALIGNMENT, 1);
  FIND(glEnable)(GL_BLEND);
  if (FIND(glGetError)() != GL_NO_ERROR) fail(91, "an error that is not ours");
  FIND(glEnable)(0xBAD);
  struct state before, after;
  int has_error = number % 2;
  if (!has_error) FIND(glGetError)();
  get_state(&before);
  if (is_glx) FIND(glXSwapBuffers)(display, window);
  else if (!FIND(eglSwapBuffers)(egl, surface)) fail(92, "eglSwapBuffers fails");
  if (!is_glx && FIND(eglGetError)() != EGL_SUCCESS) fail(93, "an EGL error that is not ours");
  GLenum error = FIND(glGetError)();
  if (error != (has_error ? GL_INVALID_ENUM : GL_NO_ERROR)) fail(94, "our GL error is gone, or another is there");
  if (FIND(glGetError)() != GL_NO_ERROR) fail(95, "our GL error is there twice");
  get_state(&after);
  if (memcmp(&before, &after, sizeof before) != 0) {
    for (int i = 0; i < 32; i++)
      if (before.integers[i] != after.integers[i])
        fprintf(stderr, "tapped: state %d was %d, is %d\n", i, before.integers[i], after.integers[i]);
    fail(96, "our GL state has changed");
  }
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  if (sigismember(&blocked, SIGTERM)) fail(97, "signals are blocked");
  printf("frame %d\n", number);
}

// What the context reads from now on, and what it looks like.
static void read_from(int w, int h) {
  XSetWindowAttributes attributes = {
    .colormap = XCreateColormap(display, DefaultRootWindow(display), visual->visual, AllocNone),
    .event_mask = StructureNotifyMask};
  Window made = XCreateWindow(display, DefaultRootWindow(display), 0, 400, w, h, 0, visual->depth, InputOutput,
    visual->visual, CWColormap | CWEventMask | CWBorderPixel, &attributes);
  XMapWindow(display, made);
  XEvent event;
  do XNextEvent(display, &event);
  while (event.type != MapNotify || event.xmap.window != made);
  if (is_glx) {
    if (!FIND(glXMakeCurrent)(display, made, glx_context)) fail(98, "no second window");
    read_window = made;
  } else {
    read_surface = FIND(eglCreateWindowSurface)(egl, config, made, NULL);
    if (!FIND(eglMakeCurrent)(egl, read_surface, read_surface, egl_context)) fail(98, "no second window");
  }
  FIND(glClearColor)(0.5f, 0.5f, 0.5f, 1);
  FIND(glClear)(GL_COLOR_BUFFER_BIT);
  if (!make_current(1)) fail(98, "no second window to read");
}

static void check_reading(void) {
  if (is_glx && FIND(glXGetCurrentReadDrawable)() != read_window) fail(89, "another window is read");
  if (!is_glx && FIND(eglGetCurrentSurface)(EGL_READ) != read_surface) fail(89, "another surface is read");
  unsigned char pixel[4] = {0};
  FIND(glReadPixels)(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
  if (pixel[0] < 126 || pixel[0] > 129 || pixel[1] < 126 || pixel[1] > 129) fail(88, "what is read has changed");
}

static void *show_elsewhere(void *number) {
  make_current(1);
  show_frame(*(int *)number);
  make_current(0);
  return NULL;
}

static void resize(int w, int h) {
  XResizeWindow(display, window, w, h);
  XEvent event;
  do XNextEvent(display, &event);
  while (event.type != ConfigureNotify || event.xconfigure.width != w);
  width = w;
  height = h;
}

static volatile sig_atomic_t may_go;
static void go(int signal) {
  (void)signal;
  may_go = 1;
}

int main(int count, char **words) {
  if (count < 3) return 64;
  is_glx = strcmp(words[1], "glx") == 0;
  is_es = strcmp(words[1], "gles") == 0;
  int frames = atoi(words[2]), hold = 0, contexts = 1, threads = 0, status = 0, signal_number = 0, leave = 0,
      at_once = 0;
  int forks = 0, new_width = 0, new_height = 0, read_width = 0, read_height = 0;
  for (int i = 3; i < count; i++) {
    char *value = strchr(words[i], '=');
    value = value ? value + 1 : "";
    if (strncmp(words[i], "size=", 5) == 0) sscanf(value, "%dx%d", &width, &height);
    else if (strncmp(words[i], "resize=", 7) == 0) sscanf(value, "%dx%d", &new_width, &new_height);
    else if (strncmp(words[i], "read=", 5) == 0) sscanf(value, "%dx%d", &read_width, &read_height);
    else if (strcmp(words[i], "hold") == 0) hold = 1;
    else if (strncmp(words[i], "contexts=", 9) == 0) contexts = atoi(value);
    else if (strcmp(words[i], "threads") == 0) threads = 1;
    else if (strncmp(words[i], "exit=", 5) == 0) status = atoi(value);
    else if (strncmp(words[i], "kill=", 5) == 0) signal_number = atoi(value);
    else if (strcmp(words[i], "leave") == 0) leave = 1;
    else if (strcmp(words[i], "_exit") == 0) at_once = 1;
    else if (strcmp(words[i], "fork") == 0) forks = 1;
    else return 64;
  }
  signal(SIGUSR1, go);
  XInitThreads();
  open_window();
  for (int context = 0; context < contexts; context++) {
    make_context();
    if (read_width) read_from(read_width, read_height);
    for (int number = 1; number <= frames; number++) {
      if (new_width && number == frames / 2 + 1) {
        resize(new_width, new_height);
        // The buffers follow at the swap that comes after.
        show_frame(0);
      }
      if (threads && number % 2 == 0) {
        pthread_t thread;
        make_current(0);
        pthread_create(&thread, NULL, show_elsewhere, &number);
        pthread_join(thread, NULL);
        make_current(1);
      } else {
        show_frame(number);
      }
      if (read_width) check_reading();
      if (forks && number == frames / 2) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) _exit(5);
        int ended = 0;
        if (waitpid(child, &ended, 0) != child || !WIFEXITED(ended) || WEXITSTATUS(ended) != 5) fail(90, "the child");
      }
    }
    fflush(stdout);
    if (hold) {
      puts("holding");
      fflush(stdout);
      while (!may_go) usleep(10000);
      may_go = 0;
    }
    if (leave) exit(status);
    if (at_once) _exit(status);
    if (signal_number) raise(signal_number);
    destroy_context();
  }
  if (!is_glx) FIND(eglTerminate)(egl);
  XCloseDisplay(display);
  return status;
}
