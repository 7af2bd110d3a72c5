#include <unistd.h>

#include "Lies.h"

static PFNGLIMPORTMEMORYFDEXTPROC real_glImportMemoryFdEXT;
static PFNGLTEXSTORAGEMEM2DEXTPROC real_glTexStorageMem2DEXT;
static PFNGLTEXSTORAGE2DPROC real_glTexStorage2D;

// Takes the descriptor over as it should, and looks no further.
static void lying_glImportMemoryFdEXT(GLuint memory, GLuint64 size, GLenum type, GLint descriptor) {
  (void)memory, (void)size, (void)type;
  close(descriptor);
}

// A texture of GL's own: complete, and Vulkan sees nothing of it.
static void lying_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)memory, (void)offset;
  real_glTexStorage2D(target, levels, format, width, height);
}

const lie imports_nothing = {
  "imports-nothing", {LIES_ABOUT(glImportMemoryFdEXT), LIES_ABOUT(glTexStorageMem2DEXT), CALLS(glTexStorage2D)}};

// No texture at all, and no error either: what Mesa does with memory that it cannot import.
static void no_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)target, (void)levels, (void)format, (void)width, (void)height, (void)memory, (void)offset;
}

const lie no_error_no_texture = {"no-error-no-texture",
  {CALLS(glImportMemoryFdEXT),
    {"glTexStorageMem2DEXT", (void *)no_glTexStorageMem2DEXT, (void **)&real_glTexStorageMem2DEXT}}};
