#ifndef CAPABILITY_CHECK_EXPERIMENT_H
#define CAPABILITY_CHECK_EXPERIMENT_H

#include "gl.h"
#include "vulkan.h"

// Tries one cell. Everything made for it is gone afterwards, unless the result says that the drivers are stuck.
Result experiment_run(const Cell *cell, GL *gl, Vulkan *vulkan);

#endif
