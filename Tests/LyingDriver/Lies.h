// What a lie consists of.
#ifndef LIES_H
#define LIES_H

#define VK_NO_PROTOTYPES 1
#define EGL_NO_X11 1
// In this order: GLES headers leave out what the GL headers have declared.
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <GL/glext.h>
#include <GLES2/gl2platform.h>
#include <GLES2/gl2ext.h>
#include <vulkan/vulkan_core.h>

typedef struct lying_function {
  const char *name;
  /// NULL where the lie only needs to call the real one.
  void *replacement;
  /// Where the real one is kept.
  void **real;
} lying_function;

typedef struct lie {
  const char *name;
  /// The last one has no name.
  lying_function functions[16];
} lie;

/// `lying_NAME` stands before NAME, whose address is in `real_NAME`.
#define LIES_ABOUT(function) \
  { #function, (void *)lying_##function, (void **)&real_##function }
#define CALLS(function) \
  { #function, 0, (void **)&real_##function }

extern const lie swaps_channels, drops_second_frame, ignores_flip, imports_nothing, no_error_no_texture, hangs,
  hangs_at_start, crashes, crashes_at_start, aborts, exits, closes_twice, does_not_wait, vulkan_does_not_wait,
  finishes_nothing, fence_lies, fence_gives_up, closes_everything, babbles, sync_file_lies, crashes_listing;

#endif
