#include "Lies.h"

// GL's access begins without waiting; the wait comes at its end, before GL's own signal. So every signal is waited for
// once, no semaphore is signalled twice and nothing hangs: the only thing wrong is when.
static PFNGLWAITSEMAPHOREEXTPROC real_glWaitSemaphoreEXT;
static PFNGLSIGNALSEMAPHOREEXTPROC real_glSignalSemaphoreEXT;
static PFNGLFINISHPROC real_glFinish;

enum { MOST = 16 };
static struct {
  GLuint semaphore, texture;
  GLenum layout;
} put_off[MOST];
static int count;

static void wait_now(void) {
  for (int i = 0; i < count; i++) {
    real_glWaitSemaphoreEXT(put_off[i].semaphore, 0, 0, 1, &put_off[i].texture, &put_off[i].layout);
  }
  count = 0;
}

static void lying_glWaitSemaphoreEXT(GLuint semaphore, GLuint buffer_count, const GLuint *buffers, GLuint texture_count,
  const GLuint *textures, const GLenum *layouts) {
  if (buffer_count != 0 || texture_count != 1 || count == MOST) {
    return real_glWaitSemaphoreEXT(semaphore, buffer_count, buffers, texture_count, textures, layouts);
  }
  put_off[count].semaphore = semaphore;
  put_off[count].texture = textures[0];
  put_off[count].layout = layouts[0];
  count++;
}

static void lying_glSignalSemaphoreEXT(GLuint semaphore, GLuint buffer_count, const GLuint *buffers,
  GLuint texture_count, const GLuint *textures, const GLenum *layouts) {
  wait_now();
  real_glSignalSemaphoreEXT(semaphore, buffer_count, buffers, texture_count, textures, layouts);
}

// An image that is retired has no next access.
static void lying_glFinish(void) {
  wait_now();
  real_glFinish();
}

const lie does_not_wait = {
  "does-not-wait", {LIES_ABOUT(glWaitSemaphoreEXT), LIES_ABOUT(glSignalSemaphoreEXT), LIES_ABOUT(glFinish)}};
