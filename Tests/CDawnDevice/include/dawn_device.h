/* A WebGPU device of Dawn's, as an application makes one: the library is opened at run time, of either age of its header. */
#ifndef DAWN_DEVICE_H
#define DAWN_DEVICE_H
#include <stddef.h>
#include <stdint.h>
typedef struct dawn_device {
  void *library, *instance, *adapter, *device, *queue;
  int is_old;
  unsigned errors;
  char message[1024];
} dawn_device;
/* 0, or -1 with a message. left_out: features that are not enabled though the adapter has them, as numbers; ends with 0. */
int dawn_device_open(dawn_device *out, const char *path, const uint32_t *left_out);
void dawn_device_close(dawn_device *device);
/* Runs callbacks that are due. */
void dawn_device_process(dawn_device *device);
/* Encodes and submits a copy from one WGPUTexture to another. */
void dawn_device_copy(dawn_device *device, void *source, void *destination, uint32_t width, uint32_t height);
#endif
