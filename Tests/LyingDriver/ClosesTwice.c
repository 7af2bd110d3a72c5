#include <unistd.h>

#include "Lies.h"

// Imports as it should, and closes the descriptor's number once more when the texture is attached, whosever it is by
// then. A driver that keeps the descriptor until the memory object goes (ANGLE) so closes it too early, and then for
// the second time itself.
static PFNGLIMPORTMEMORYFDEXTPROC real_glImportMemoryFdEXT;
static PFNGLFRAMEBUFFERTEXTURE2DPROC real_glFramebufferTexture2D;
static GLint imported = -1;

static void lying_glImportMemoryFdEXT(GLuint memory, GLuint64 size, GLenum type, GLint descriptor) {
  real_glImportMemoryFdEXT(memory, size, type, descriptor);
  imported = descriptor;
}

static void lying_glFramebufferTexture2D(
  GLenum target, GLenum attachment, GLenum texture_target, GLuint texture, GLint level) {
  if (imported != -1) close(imported);
  imported = -1;
  real_glFramebufferTexture2D(target, attachment, texture_target, texture, level);
}

const lie closes_twice = {"closes-twice", {LIES_ABOUT(glImportMemoryFdEXT), LIES_ABOUT(glFramebufferTexture2D)}};
