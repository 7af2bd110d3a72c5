// A Vulkan device of the program's own on the GPU that OpenGL runs on, as engine/main.c makes one.
#pragma once
#include <gl_vulkan_interop.h>
#include <vulkan/vulkan.h>

struct device {
  VkInstance instance;
  VkPhysicalDevice gpu;
  VkDevice device;
  VkQueue queue;               // the first of family 0, which can draw on all known GPUs
  const char *extensions[32];  // enabled: those that sharing by OPAQUE_FD uses, as far as the device has them
  uint32_t extension_count;
  VkPhysicalDeviceFeatures2 features;  // enabled, with a chain: timelineSemaphore and hostQueryReset
};

// Ends the program where Vulkan does not have GL's GPU.
struct device device_create(glvk_context context);
// Describes it to the library, which takes this lock: a VkQueue is for one thread at a time.
glvk_host device_adopt(const struct device *device);
void device_lock(void *user_data, VkQueue queue);
void device_unlock(void *user_data, VkQueue queue);
// Once the queue has nothing to do.
void device_wait(const struct device *device);
void device_destroy(struct device *device);
