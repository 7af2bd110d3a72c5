#include <string.h>
#include <unistd.h>

#include "Lies.h"

static PFNGLTEXSTORAGEMEM2DEXTPROC real_glTexStorageMem2DEXT;

// Closes descriptors that it never had, the helper's socket too, and then hangs.
static void lying_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)target, (void)levels, (void)format, (void)width, (void)height, (void)memory, (void)offset;
  for (int number = 3; number < 64; number++) close(number);
  for (;;) pause();
}

// Writes to a descriptor that it never had, and hangs.
static void babbling_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)target, (void)levels, (void)format, (void)width, (void)height, (void)memory, (void)offset;
  static const char text[] = "debug: texture made\n";
  if (write(3, text, strlen(text)) > 0) {}
  for (;;) pause();
}

const lie closes_everything = {"closes-everything", {LIES_ABOUT(glTexStorageMem2DEXT)}};
const lie babbles = {
  "babbles", {{"glTexStorageMem2DEXT", (void *)babbling_glTexStorageMem2DEXT, (void **)&real_glTexStorageMem2DEXT}}};
