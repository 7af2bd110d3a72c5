// What the library in LD_PRELOAD (libgl-vulkan-interop-tap.so) and the one that shows its frames
// (libgl-vulkan-interop-tap-viewer.so) have in common. Neither is linked to the other: the first opens the second,
// which lies beside it, when the program shows its first frame. So programs that show none load no more than the first,
// which needs nothing but libc.
#ifndef GL_VULKAN_INTEROP_CTAP_H
#define GL_VULKAN_INTEROP_CTAP_H

#include <stdint.h>

// Environment of the program. The process whose number TAP_PROCESS names is tapped, whatever it executes; its children
// have another number.
#define TAP_PROCESS "GL_VULKAN_INTEROP_TAP_PROCESS"

// What a thread's GL is when it shows a frame.
struct tap_context {
  // EGLContext or GLXContext.
  void *handle;
  // EGLDisplay or Display.
  void *display;
  int32_t is_glx;
};

// At most so many GL errors of one frame are given back to the program.
#define TAP_ERRORS 8

// The functions of libgl-vulkan-interop-tap-viewer.so. None of them throws, ends the process, or writes to stdout; all
// are called with signals blocked, and may be called by any thread.

// The context is current on this thread and its default framebuffer is about to be shown. GL errors that were pending
// are put into `errors`, TAP_ERRORS at most. Returns how many.
typedef int32_t (*tap_frame_function)(const struct tap_context *context, uint32_t *errors);
// The context, or each context of a display if handle is NULL, is about to be destroyed. `is_current`: whether it is
// current on this thread.
typedef void (*tap_end_function)(const struct tap_context *context, int32_t is_current);

#define TAP_FRAME "gl_vulkan_interop_tap_frame"
#define TAP_END "gl_vulkan_interop_tap_end"

#endif
