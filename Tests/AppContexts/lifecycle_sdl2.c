// A window that changes and contexts that go, while frames are out.
//
//   lifecycle_sdl2 resize|minimise|recreate|forget|nothing
#include <SDL.h>
#include <stdio.h>
#include <string.h>

#include "../../Examples/common/example.h"
#include "../../Examples/common/picture.h"
#include "../../Examples/common/vulkan_side.h"
#include "held_frames.h"

static SDL_Window *window;
static SDL_GLContext context;
static glvk_host host;
static glvk_producer producer;
static unsigned number;
static size_t left_behind;

static void make_context(void) {
  context = SDL_GL_CreateContext(window);
  if (!context) example_end("SDL_GL_CreateContext", SDL_GetError());
  SDL_GL_SetSwapInterval(0);
  picture_create(SDL_GL_GetProcAddress);
  held_frames_open(SDL_GL_GetProcAddress);
}

// A device of its own, so that frames of a context that is gone and of the next one are on the same.
static void make_host(void) {
  glvk_host_creation creation;
  GLVK_INIT(creation);
  require_result(glvk_context_current(NULL, &creation.context), GLVK_SUCCESS, "glvk_context_current");
  require_result(glvk_host_create(&creation, &host), GLVK_SUCCESS, "glvk_host_create");
  glvk_context_destroy(creation.context);
}

static void make_producer(void) {
  glvk_producer_options options;
  GLVK_INIT(options);
  options.host = host;
  require_result(glvk_producer_create(&options, &producer), GLVK_SUCCESS, "glvk_producer_create");
}

// One frame; at most `most` are out afterwards.
static void draw(size_t most) {
  for (SDL_Event event; SDL_PollEvent(&event);) {}
  int width, height;
  SDL_GL_GetDrawableSize(window, &width, &height);
  picture_draw(++number, width, height);
  require_result(held_frames_submit(producer, 0), GLVK_SUCCESS, "glvk_producer_submit");
  SDL_GL_SwapWindow(window);
  while (held_frames_count() > most) held_frames_take_oldest();
}

static void resize(void) {
  static const int sizes[][2] = {{322, 241}, {1, 1}, {640, 3}, {5, 480}, {700, 500}, {321, 240}};
  for (unsigned i = 0; i < 60; i++) {
    if (i % 3 == 0) SDL_SetWindowSize(window, sizes[i / 3 % 6][0], sizes[i / 3 % 6][1]);
    draw(2);
  }
  require(held_frames_sizes() > 6, "frames came in many sizes");
}

static void minimise(void) {
  for (unsigned i = 0; i < 5; i++) {
    draw(2);
    SDL_MinimizeWindow(window);
    // Until the window manager has done it.
    for (unsigned waits = 0; !(SDL_GetWindowFlags(window) & SDL_WINDOW_MINIMIZED) && waits < 200; waits++) {
      SDL_Delay(10);
      SDL_PumpEvents();
    }
    require(SDL_GetWindowFlags(window) & SDL_WINDOW_MINIMIZED, "the window is minimised");
    for (unsigned frame = 0; frame < 5; frame++) draw(2);
    SDL_RestoreWindow(window);
    for (unsigned frame = 0; frame < 5; frame++) draw(2);
  }
}

static void recreate(void) {
  int files = 0;
  for (unsigned round = 0; round < 10; round++) {
    for (unsigned i = 0; i < 5; i++) draw(2);
    require(held_frames_count() == 2, "frames are out");
    // As programs do it that change their video mode.
    picture_destroy();
    if (round % 2 == 0) {
      require_result(
        glvk_producer_context_will_be_destroyed(producer), GLVK_SUCCESS, "glvk_producer_context_will_be_destroyed");
      SDL_GL_DeleteContext(context);
      glvk_frame frame;
      require_result(
        glvk_producer_submit(producer, NULL, &frame), GLVK_ERROR_INVALID_STATE, "submit after the context went");
      require_result(glvk_producer_destroy(producer), GLVK_SUCCESS, "glvk_producer_destroy");
    } else {
      require_result(glvk_producer_destroy(producer), GLVK_SUCCESS, "glvk_producer_destroy");
      SDL_GL_DeleteContext(context);
    }
    if (round % 3 == 0) held_frames_take_all();  // with no context at all
    make_context();
    make_producer();
    held_frames_take_all();  // with another context
    if (round == 3) files = open_files();
  }
  printf("descriptors: %d after 4 contexts, %d after 10\n", files, open_files());
  require(open_files() <= files, "no descriptor stays behind");
}

// A program that says nothing before it destroys its context.
static void forget(void) {
  for (unsigned i = 0; i < 5; i++) draw(2);
  SDL_GL_DeleteContext(context);
  glvk_frame frame;
  require_result(glvk_producer_submit(producer, NULL, &frame), GLVK_ERROR_WRONG_THREAD, "submit without the context");
  held_frames_take_all();
  make_context();
  // Another context may have the address of the one before.
  glvk_result result = glvk_producer_submit(producer, NULL, &frame);
  printf("submit with another context: %s\n", glvk_result_name(result));
  require(result != GLVK_SUCCESS, "a producer does not take another context for its own");
  // A context that is gone looks like one of another thread, so the handle may be there for good.
  result = glvk_producer_destroy(producer);
  require(result == GLVK_SUCCESS || result == GLVK_ERROR_WRONG_THREAD, "the answer fits");
  left_behind = result != GLVK_SUCCESS;
  printf("destroying its producer: %s\n", glvk_result_name(result));
  make_producer();
  for (unsigned i = 0; i < 5; i++) draw(2);
}

static void nothing(void) {
  glvk_frame frame;
  glvk_submit_options options;
  GLVK_INIT(options);
  options.framebuffer = 77;
  require_result(
    glvk_producer_submit(producer, &options, &frame), GLVK_ERROR_INVALID_ARGUMENT, "a framebuffer there is not");
  draw(0);

  void (*gen_framebuffers)(int, unsigned *) = (void (*)(int, unsigned *))SDL_GL_GetProcAddress("glGenFramebuffers");
  void (*bind_framebuffer)(unsigned, unsigned) =
    (void (*)(unsigned, unsigned))SDL_GL_GetProcAddress("glBindFramebuffer");
  unsigned framebuffer;
  gen_framebuffers(1, &framebuffer);
  bind_framebuffer(0x8D40, framebuffer);
  bind_framebuffer(0x8D40, 0);
  options.framebuffer = framebuffer;
  require_result(
    glvk_producer_submit(producer, &options, &frame), GLVK_ERROR_INVALID_ARGUMENT, "a framebuffer without an image");
  draw(0);

  options.framebuffer = 0;
  options.width = 100;
  require_result(glvk_producer_submit(producer, &options, &frame), GLVK_ERROR_INVALID_ARGUMENT, "100x0");
  options.height = 1000000;
  glvk_result result = glvk_producer_submit(producer, &options, &frame);
  require_result(result, result == GLVK_ERROR_UNSUPPORTED ? result : GLVK_ERROR_INVALID_ARGUMENT, "100x1000000");
  draw(0);
  require_result(glvk_producer_resize(producer, 0, 0), GLVK_ERROR_INVALID_ARGUMENT, "resize to 0x0");
  draw(0);

  SDL_GL_MakeCurrent(window, NULL);
  require_result(glvk_producer_submit(producer, NULL, &frame), GLVK_ERROR_WRONG_THREAD, "no context is current");
  glvk_producer other;
  require_result(glvk_producer_create(NULL, &other), GLVK_ERROR_WRONG_THREAD, "a producer of no context");
  SDL_GL_MakeCurrent(window, context);
  draw(0);
}

int main(int count, char **arguments) {
  const char *scenario = count == 2 ? arguments[1] : "";
  if (SDL_Init(SDL_INIT_VIDEO) != 0) example_end("SDL_Init", SDL_GetError());
  window = SDL_CreateWindow("lifecycle", 0, 0, 322, 241, SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE);
  if (!window) example_end("SDL_CreateWindow", SDL_GetError());
  make_context();
  make_host();
  make_producer();
  vulkan_side_open(producer);

  if (strcmp(scenario, "resize") == 0) {
    resize();
  } else if (strcmp(scenario, "minimise") == 0) {
    minimise();
  } else if (strcmp(scenario, "recreate") == 0) {
    recreate();
  } else if (strcmp(scenario, "forget") == 0) {
    forget();
  } else if (strcmp(scenario, "nothing") == 0) {
    nothing();
  } else {
    example_end("usage", "lifecycle_sdl2 resize|minimise|recreate|forget|nothing");
  }

  held_frames_take_all();
  vulkan_side_close();
  glvk_producer_destroy(producer);
  glvk_host_destroy(host);
  picture_destroy();
  SDL_GL_DeleteContext(context);
  SDL_DestroyWindow(window);
  SDL_Quit();
  require(glvk_live_object_count() == left_behind, "no object stays behind");
  printf("lifecycle_sdl2 %s: %u frames, of %u sizes in turn\n", scenario, held_frames_taken(), held_frames_sizes());
  return held_frames_taken() == 0;
}
