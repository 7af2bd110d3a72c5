// A driver that crashes or hangs costs one line, not the run: the experiments are done by a child process, which
// is replaced when it dies.
#ifndef CAPABILITY_CHECK_RUNNER_H
#define CAPABILITY_CHECK_RUNNER_H

#include "experiment.h"

typedef struct {
  const Cell *cells;
  int count;
  GLChoice gl;
  int vulkan_device;  // -1: the one that is GL's
} Plan;

// The parent's part: starts this program again with `arguments` and a hidden option. Returns the exit status.
int runner_supervise(const Plan *plan, char *const *arguments);

// The child's part: tries the cells from `first` on and tells the parent what came of them.
int runner_work(const Plan *plan, int first);

#endif
