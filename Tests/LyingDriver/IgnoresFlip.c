#include "Lies.h"

// A blit that never turns the picture, whatever the corners say.
static PFNGLBLITFRAMEBUFFERPROC real_glBlitFramebuffer;

static void lying_glBlitFramebuffer(GLint x0, GLint y0, GLint x1, GLint y1, GLint to_x0, GLint to_y0, GLint to_x1,
  GLint to_y1, GLbitfield mask, GLenum filter) {
  GLint bottom = to_y0 < to_y1 ? to_y0 : to_y1;
  GLint top = to_y0 < to_y1 ? to_y1 : to_y0;
  real_glBlitFramebuffer(x0, y0, x1, y1, to_x0, bottom, to_x1, top, mask, filter);
}

const lie ignores_flip = {"ignores-flip", {LIES_ABOUT(glBlitFramebuffer)}};
