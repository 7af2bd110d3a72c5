// Linked into the test builds of the examples: looks at the program's GL state before and after each call of the
// package, with the program's own functions.
//
// There is no list of states here that could be short of one: every number that glGetIntegerv takes is asked, found by
// trying all there are. Besides them what each texture unit has bound.
#include <GLES3/gl32.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_dump.h"

#define FIRST 0x0B00
#define LAST 0x9FFF
#define NUMBERS 256  // More than any state has; lists of formats are cut off, they cannot change.

static struct {
  PFNGLACTIVETEXTUREPROC glActiveTexture;
  PFNGLGETERRORPROC glGetError;
  PFNGLGETINTEGERVPROC glGetIntegerv;
} gl;
static bool known[LAST - FIRST + 1];
static size_t names;

// What changes by itself, or must not be asked.
static bool is_left_out(GLenum name) {
  return name == 0x8E28 || name == 0x8FBB        // GL_TIMESTAMP, GL_GPU_DISJOINT_EXT
         || (name >= 0x9047 && name <= 0x904B)   // GL_NVX_gpu_memory_info
         || name == 0x9599 || name == 0x959A     // GL_DEVICE_LUID_EXT: Mesa 22.3.6 jumps to address 0
         || (name >= 0x87FB && name <= 0x87FD);  // GL_ATI_meminfo
}

void state_dump_open(void *(*get_proc_address)(const char *name)) {
  *(void **)&gl.glActiveTexture = get_proc_address("glActiveTexture");
  *(void **)&gl.glGetError = get_proc_address("glGetError");
  *(void **)&gl.glGetIntegerv = get_proc_address("glGetIntegerv");
  // GL_COMPRESSED_TEXTURE_FORMATS and its like write as many numbers as there are.
  GLint *values = calloc(65536, sizeof *values);
  names = 0;
  for (GLenum name = FIRST; name <= LAST; name++) {
    known[name - FIRST] = false;
    if (is_left_out(name)) continue;
    gl.glGetIntegerv(name, values);
    known[name - FIRST] = gl.glGetError() == GL_NO_ERROR;
    names += known[name - FIRST];
  }
  free(values);
}

size_t state_dump_count(void) { return names; }

static const GLenum bindings[] = {GL_TEXTURE_BINDING_2D, GL_TEXTURE_BINDING_CUBE_MAP, GL_TEXTURE_BINDING_3D,
  GL_TEXTURE_BINDING_2D_ARRAY, GL_SAMPLER_BINDING, 0x84F6 /* GL_TEXTURE_BINDING_RECTANGLE */};
enum { units = 16, kinds = sizeof bindings / sizeof bindings[0] };

struct state_dump {
  GLint units[units][kinds];
  GLint values[][NUMBERS];
};

struct state_dump *state_dump_take(void) {
  struct state_dump *dump = calloc(1, sizeof *dump + names * sizeof dump->values[0]);
  GLint *values = calloc(65536, sizeof *values);
  size_t index = 0;
  for (GLenum name = FIRST; name <= LAST; name++) {
    if (!known[name - FIRST]) continue;
    memset(values, 0, NUMBERS * sizeof *values);
    gl.glGetIntegerv(name, values);
    memcpy(dump->values[index++], values, sizeof dump->values[0]);
  }
  free(values);
  GLint active;
  gl.glGetIntegerv(GL_ACTIVE_TEXTURE, &active);
  for (int unit = 0; unit < units; unit++) {
    gl.glActiveTexture(GL_TEXTURE0 + (GLenum)unit);
    for (int kind = 0; kind < kinds; kind++) gl.glGetIntegerv(bindings[kind], &dump->units[unit][kind]);
  }
  gl.glActiveTexture((GLenum)active);
  while (gl.glGetError() != GL_NO_ERROR) {}  // Not every context has every unit and binding.
  return dump;
}

bool state_dump_is_equal(
  const struct state_dump *before, const struct state_dump *after, char *difference, size_t capacity) {
  size_t index = 0;
  for (GLenum name = FIRST; name <= LAST; name++) {
    if (!known[name - FIRST]) continue;
    const GLint *a = before->values[index], *b = after->values[index];
    index++;
    for (int i = 0; i < NUMBERS; i++) {
      if (a[i] == b[i]) continue;
      snprintf(difference, capacity, "GL state 0x%04X[%d] was %d and is %d", name, i, a[i], b[i]);
      return false;
    }
  }
  for (int unit = 0; unit < units; unit++) {
    for (int kind = 0; kind < kinds; kind++) {
      if (before->units[unit][kind] == after->units[unit][kind]) continue;
      snprintf(difference, capacity, "GL state 0x%04X of texture unit %d was %d and is %d", bindings[kind], unit,
        before->units[unit][kind], after->units[unit][kind]);
      return false;
    }
  }
  return true;
}
