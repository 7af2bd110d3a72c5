#include "cell.h"

#include <stdarg.h>
#include <stdio.h>

const char *const path_names[2] = {"opaque-fd", "host-copy"};
const char *const direction_names[2] = {"gl-to-vulkan", "vulkan-to-gl"};
const char *const mode_names[2] = {"direct", "blit"};
const char *const tiling_names[2] = {"optimal", "linear"};
const char *const sync_names[2] = {"cpu-wait", "semaphore-fd"};
const char *const verdict_names[3] = {"verified", "failed", "unsupported"};

static void set(Result *result, Verdict verdict, const char *format, va_list arguments) {
  result->verdict = verdict;
  vsnprintf(result->reason, sizeof result->reason, format, arguments);
  for (char *c = result->reason; *c; c++)
    if (*c == '\t' || *c == '\n') *c = ' ';
}

bool failed(Result *result, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set(result, FAILED, format, arguments);
  va_end(arguments);
  return false;
}

bool unsupported(Result *result, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set(result, UNSUPPORTED, format, arguments);
  va_end(arguments);
  return false;
}
