#pragma once
#include <stdbool.h>
#include <stddef.h>

// Finds out which states this context has. The context must be current, and no GL error pending, here and below.
void state_dump_open(void *(*get_proc_address)(const char *name));
// How many states there are.
size_t state_dump_count(void);
// All of them as they are now; to be freed.
struct state_dump *state_dump_take(void);
// What has changed, if anything.
bool state_dump_is_equal(
  const struct state_dump *before, const struct state_dump *after, char *difference, size_t capacity);
