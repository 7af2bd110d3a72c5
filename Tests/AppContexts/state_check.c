// Test builds of the examples look at the program's GL state around each frame: it must be as it was.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../Examples/common/example.h"
#include "state_dump.h"

static struct state_dump *before;

static void take_before(const struct example *example) {
  (void)example;
  free(before);
  before = state_dump_take();
}

// Functions that are in no table of the package's, in this kind of context.
static void look_up(void) {
  glvk_context context;
  glvk_context_info info;
  GLVK_INIT(info);
  example_require(glvk_context_current(NULL, &context));
  example_require(glvk_context_get_info(context, &info));
  void *address = NULL;
  example_require(glvk_context_get_proc_address(context, "glIsTexture", &address));
  unsigned char (*is_texture)(unsigned);
  memcpy(&is_texture, &address, sizeof address);
  if (!address || is_texture(0)) example_end("glIsTexture", "it is not what it should be");
  const char *name = info.kind == GLVK_CONTEXT_KIND_GLX ? "glXGetCurrentDisplay" : "eglGetCurrentDisplay";
  example_require(glvk_context_get_proc_address(context, name, &address));
  void *(*current)(void);
  memcpy(&current, &address, sizeof address);
  if (!address || !current()) example_end(name, "it is not what it should be");
  example_require(glvk_context_destroy(context));
}

static void open_dump(void *(*get_proc_address)(const char *name)) {
  look_up();
  state_dump_open(get_proc_address);
  fprintf(stderr, "GL states that are compared: %zu\n", state_dump_count());
}

static void compare_after(const struct example *example) {
  struct state_dump *after = state_dump_take();
  char difference[200];
  bool equal = state_dump_is_equal(before, after, difference, sizeof difference);
  free(after);
  if (equal) return;
  fprintf(stderr, "%s: frame %u: %s\n", example->name, example->number, difference);
  exit(1);
}

__attribute__((constructor)) static void set_hooks(void) {
  check_hooks = (struct check_hooks){open_dump, take_before, compare_after};
}
