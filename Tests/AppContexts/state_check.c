// Test builds of the examples look at the program's GL state around each frame: it must be as it was.
#include <stdio.h>
#include <stdlib.h>

#include "../../Examples/common/example.h"
#include "state_dump.h"

static struct state_dump *before;

static void take_before(const struct example *example) {
  (void)example;
  free(before);
  before = state_dump_take();
}

static void open_dump(void *(*get_proc_address)(const char *name)) {
  state_dump_open(get_proc_address);
  printf("GL states that are compared: %zu\n", state_dump_count());
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
  check_hooks = (struct check_hooks){ open_dump, take_before, compare_after };
}
