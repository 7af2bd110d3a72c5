// What one line of the output is about, and what came of it.
#ifndef CAPABILITY_CHECK_CELL_H
#define CAPABILITY_CHECK_CELL_H

#include <stdbool.h>

#include "format.h"

typedef enum { PATH_OPAQUE_FD, PATH_HOST_COPY } Path;
typedef enum { GL_TO_VULKAN, VULKAN_TO_GL } Direction;
typedef enum { MODE_DIRECT, MODE_BLIT } Mode;
typedef enum { TILING_OPTIMAL, TILING_LINEAR } Tiling;
typedef enum { SYNC_CPU_WAIT, SYNC_SEMAPHORE_FD } Sync;

typedef struct {
  int width, height;
} Size;

typedef struct {
  Path path;
  Direction direction;
  Mode mode;
  const Format *format;
  Tiling tiling;
  Sync sync;
  Size size;
} Cell;

typedef enum { VERIFIED, FAILED, UNSUPPORTED } Verdict;

typedef struct {
  Verdict verdict;
  char reason[256];
  // The drivers may still be at work on objects of this cell: the process has to end without destroying anything.
  bool drivers_stuck;
} Result;

extern const char *const path_names[2], *const direction_names[2], *const mode_names[2], *const tiling_names[2],
                                                                                           *const sync_names[2],
                                                                                             *const verdict_names[3];

// Both set the verdict and the reason, and return false so that a step can end with `return failed(...)`.
bool failed(Result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool unsupported(Result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
