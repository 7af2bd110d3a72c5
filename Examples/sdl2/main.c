// A program that draws in an SDL2 window with OpenGL, as games do, and gives every frame to Vulkan.
//
//   sdl2 [--gl compat|core|es] [--check N] [--frames N] [--size WxH]
//
// SDL's context is GLX or EGL, depending on its video driver and on hints; this program need not know which.
#include <SDL.h>
#include <string.h>

#include "../common/example.h"
#include "../common/picture.h"
#include "../common/vulkan_side.h"

int main(int count, char **arguments) {
  struct example example = example_parse("sdl2", count, arguments);

  if (SDL_Init(SDL_INIT_VIDEO) != 0) example_end("SDL_Init", SDL_GetError());
  if (strcmp(example.gl, "core") == 0) {
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  } else if (strcmp(example.gl, "es") == 0) {
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
  }
  SDL_Window *window = SDL_CreateWindow("sdl2", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, example.width,
    example.height, SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE);
  if (!window) example_end("SDL_CreateWindow", SDL_GetError());
  SDL_GLContext context = SDL_GL_CreateContext(window);
  if (!context) example_end("SDL_GL_CreateContext", SDL_GetError());
  picture_create(SDL_GL_GetProcAddress);
  check_open(&example, SDL_GL_GetProcAddress);

  // Once, with the context current: the memory of the frames, in a Vulkan device that the library creates on the GL
  // context's GPU. A program with a device of its own passes it in glvk_producer_options.
  glvk_producer producer;
  example_require(glvk_producer_create(NULL, &producer));
  vulkan_side_open(producer);

  for (bool open = true; open && example_goes_on(&example);) {
    for (SDL_Event event; SDL_PollEvent(&event);) {
      if (event.type == SDL_QUIT) open = false;
    }
    int width, height;
    SDL_GL_GetDrawableSize(window, &width, &height);
    picture_draw(example.number, width, height);
    check_drawn(&example, 0, width, height);

    // For each frame, before the swap: one copy on the GPU. The program's GL state and picture stay unchanged.
    glvk_frame frame;
    example_require(glvk_producer_submit(producer, NULL, &frame));
    example_require(vulkan_side_take(frame));  // on any thread
    check_arrived(&example);

    SDL_GL_SwapWindow(window);
  }

  const int status = example_finish(&example, producer);
  vulkan_side_close();
  // Before the context is destroyed. Frames in use stay valid.
  glvk_producer_destroy(producer);

  picture_destroy();
  SDL_GL_DeleteContext(context);
  SDL_DestroyWindow(window);
  SDL_Quit();
  return status;
}
