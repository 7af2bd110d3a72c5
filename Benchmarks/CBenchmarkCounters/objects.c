// Functions that make objects in drivers, each with a count before it.

#include "CBenchmarkCounters.h"

#include <stdatomic.h>
#include <string.h>

static atomic_ullong made;

uint64_t bc_objects_made(void) { return atomic_load(&made); }

// Handles, pointers and numbers as the calling convention passes them: each in a register of its own, up to six.
typedef const void *word;

// Name, type of the result, number of the function's parameters.
#define FUNCTIONS(X)                                                                                                   \
  X(vkCreateImage, int, 4)                                                                                             \
  X(vkCreateImageView, int, 4)                                                                                         \
  X(vkCreateBuffer, int, 4)                                                                                            \
  X(vkCreateFence, int, 4)                                                                                             \
  X(vkCreateSemaphore, int, 4)                                                                                         \
  X(vkCreateEvent, int, 4)                                                                                             \
  X(vkCreateCommandPool, int, 4)                                                                                       \
  X(vkCreateSampler, int, 4)                                                                                           \
  X(vkCreateDescriptorPool, int, 4)                                                                                    \
  X(vkCreateDescriptorSetLayout, int, 4)                                                                               \
  X(vkCreatePipelineLayout, int, 4)                                                                                    \
  X(vkCreateShaderModule, int, 4)                                                                                      \
  X(vkCreateComputePipelines, int, 6)                                                                                  \
  X(vkCreateSamplerYcbcrConversion, int, 4)                                                                            \
  X(vkAllocateMemory, int, 4)                                                                                          \
  X(vkAllocateCommandBuffers, int, 3)                                                                                  \
  X(vkAllocateDescriptorSets, int, 3)                                                                                  \
  X(glGenTextures, void, 2)                                                                                            \
  X(glGenFramebuffers, void, 2)                                                                                        \
  X(glGenRenderbuffers, void, 2)                                                                                       \
  X(glGenBuffers, void, 2)                                                                                             \
  X(glGenVertexArrays, void, 2)                                                                                        \
  X(glGenSemaphoresEXT, void, 2)                                                                                       \
  X(glCreateMemoryObjectsEXT, void, 2)                                                                                 \
  X(glCreateSemaphoresNV, void, 2)                                                                                     \
  X(glCreateShader, unsigned, 1)                                                                                       \
  X(glCreateProgram, unsigned, 0)                                                                                      \
  X(glFenceSync, void *, 2)                                                                                            \
  X(eglCreateSyncKHR, void *, 3)                                                                                       \
  X(eglCreateImageKHR, void *, 5)

#define PARAMETERS_0 void
#define PARAMETERS_1 word a
#define PARAMETERS_2 word a, word b
#define PARAMETERS_3 word a, word b, word c
#define PARAMETERS_4 word a, word b, word c, word d
#define PARAMETERS_5 word a, word b, word c, word d, word e
#define PARAMETERS_6 word a, word b, word c, word d, word e, word f
#define ARGUMENTS_0
#define ARGUMENTS_1 a
#define ARGUMENTS_2 a, b
#define ARGUMENTS_3 a, b, c
#define ARGUMENTS_4 a, b, c, d
#define ARGUMENTS_5 a, b, c, d, e
#define ARGUMENTS_6 a, b, c, d, e, f

#define DEFINE(name, result, number)                                                                                   \
  static result (*real_##name)(PARAMETERS_##number);                                                                   \
  static result counted_##name(PARAMETERS_##number) {                                                                  \
    atomic_fetch_add(&made, 1);                                                                                        \
    return real_##name(ARGUMENTS_##number);                                                                            \
  }
FUNCTIONS(DEFINE)

void *bc_counted(const char *name, void *function) {
#define REPLACE(known, result, number)                                                                                 \
  if (strcmp(name, #known) == 0) {                                                                                     \
    real_##known = (result(*)(PARAMETERS_##number))function;                                                           \
    return (void *)counted_##known;                                                                                    \
  }
  FUNCTIONS(REPLACE)
  return function;
}
