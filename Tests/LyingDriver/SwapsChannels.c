#include "Lies.h"

// GL writes red where blue belongs, as Mesa 25 does with GL_BGRA8_EXT over shared memory.
static PFNGLCLEARBUFFERFVPROC real_glClearBufferfv;

static void lying_glClearBufferfv(GLenum buffer, GLint drawbuffer, const GLfloat *value) {
  if (buffer != GL_COLOR) return real_glClearBufferfv(buffer, drawbuffer, value);
  GLfloat exchanged[4] = {value[2], value[1], value[0], value[3]};
  real_glClearBufferfv(buffer, drawbuffer, exchanged);
}

const lie swaps_channels = {"swaps-channels", {LIES_ABOUT(glClearBufferfv)}};
