// Functions that make objects in drivers or give out descriptors, each with a count before it.

#include "CBenchmarkCounters.h"

#include <stdatomic.h>
#include <string.h>

static atomic_ullong made, given_out;

uint64_t bc_objects_made(void) { return atomic_load(&made); }
uint64_t bc_descriptors_given_out(void) { return atomic_load(&given_out); }

// Handles, pointers and numbers as the calling convention passes them: each in a register of its own, up to six.
typedef const void *word;

// Name, type of the result, number of the function's parameters, what is counted.
#define FUNCTIONS(X) \
  X(vkCreateImage, int, 4, made) \
  X(vkCreateImageView, int, 4, made) \
  X(vkCreateBuffer, int, 4, made) \
  X(vkCreateFence, int, 4, made) \
  X(vkCreateSemaphore, int, 4, made) \
  X(vkCreateEvent, int, 4, made) \
  X(vkCreateCommandPool, int, 4, made) \
  X(vkCreateSampler, int, 4, made) \
  X(vkCreateDescriptorPool, int, 4, made) \
  X(vkCreateDescriptorSetLayout, int, 4, made) \
  X(vkCreatePipelineLayout, int, 4, made) \
  X(vkCreateShaderModule, int, 4, made) \
  X(vkCreateComputePipelines, int, 6, made) \
  X(vkCreateSamplerYcbcrConversion, int, 4, made) \
  X(vkAllocateMemory, int, 4, made) \
  X(vkAllocateCommandBuffers, int, 3, made) \
  X(vkAllocateDescriptorSets, int, 3, made) \
  X(glGenTextures, void, 2, made) \
  X(glGenFramebuffers, void, 2, made) \
  X(glGenRenderbuffers, void, 2, made) \
  X(glGenBuffers, void, 2, made) \
  X(glGenVertexArrays, void, 2, made) \
  X(glGenSemaphoresEXT, void, 2, made) \
  X(glCreateMemoryObjectsEXT, void, 2, made) \
  X(glCreateSemaphoresNV, void, 2, made) \
  X(glCreateShader, unsigned, 1, made) \
  X(glCreateProgram, unsigned, 0, made) \
  X(glFenceSync, void *, 2, made) \
  X(eglCreateSyncKHR, void *, 3, made) \
  X(eglCreateImageKHR, void *, 5, made) \
  X(vkGetMemoryFdKHR, int, 3, given_out) \
  X(vkGetSemaphoreFdKHR, int, 3, given_out) \
  X(vkGetFenceFdKHR, int, 3, given_out) \
  X(eglDupNativeFenceFDANDROID, int, 2, given_out) \
  X(eglExportDMABUFImageMESA, unsigned, 5, given_out)

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

#define DEFINE(name, result, number, counter) \
  static result (*real_##name)(PARAMETERS_##number); \
  static result counted_##name(PARAMETERS_##number) { \
    atomic_fetch_add(&counter, 1); \
    return real_##name(ARGUMENTS_##number); \
  }
FUNCTIONS(DEFINE)

void *bc_counted(const char *name, void *function) {
#define REPLACE(known, result, number, counter) \
  if (strcmp(name, #known) == 0) { \
    real_##known = (result(*)(PARAMETERS_##number))function; \
    return (void *)counted_##known; \
  }
  FUNCTIONS(REPLACE)
  return function;
}
