// What the scene is rendered into in place of a window, and what tests read of it. There is nothing of the library in it.
#pragma once
#include <stdint.h>
#include <vulkan/vulkan.h>

#ifdef __cplusplus
extern "C" {
#endif

void target_open(VkPhysicalDevice physical_device, VkDevice device, VkQueue queue, uint32_t family);
// Of that size; undefined, and in layout UNDEFINED. The one before is destroyed.
VkImage target_create(uint32_t width, uint32_t height);
// Copies the image, which Qt leaves in layout COLOR_ATTACHMENT_OPTIMAL, and waits.
const uint8_t *target_read(void);
void target_close(void);

#ifdef __cplusplus
}
#endif
