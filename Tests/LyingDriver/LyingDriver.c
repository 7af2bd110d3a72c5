#include "LyingDriver.h"

#include <stddef.h>
#include <string.h>

#include "Lies.h"

static const lie nothing = {.name = "nothing"};

static const lie *const all[] = {
  &nothing,
  &swaps_channels,
  &drops_second_frame,
  &ignores_flip,
  &imports_nothing,
  &no_error_no_texture,
  &hangs,
  &hangs_at_start,
  &crashes,
  &crashes_at_start,
  &aborts,
  &exits,
  &closes_twice,
  &does_not_wait,
  &vulkan_does_not_wait,
  &finishes_nothing,
  &fence_lies,
  &fence_gives_up,
  &closes_everything,
  &babbles,
  &sync_file_lies,
  &crashes_listing,
};

static const lie *chosen = &nothing;

bool lying_driver_choose(const char *name) {
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(all[i]->name, name) != 0) continue;
    chosen = all[i];
    return true;
  }
  return false;
}

void *lying_driver_replace(const char *name, void *real) {
  for (const lying_function *function = chosen->functions; function->name != NULL; function++) {
    if (strcmp(function->name, name) != 0) continue;
    // Asked again for another table, the driver gives the same address.
    *function->real = real;
    return function->replacement != NULL ? function->replacement : real;
  }
  return real;
}
