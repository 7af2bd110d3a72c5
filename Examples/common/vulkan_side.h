// What the examples' Vulkan does with the images that it is given: it copies each into memory that the CPU can read. A
// real program would sample it, encode it or show it; the place would be the same.
#pragma once
#include <gl_vulkan_interop.h>
#include <stdint.h>
#include <vulkan/vulkan.h>

// Of the device that the producer's frames are images of.
void vulkan_side_open(glvk_producer producer);
// Of a device of the program's own.
void vulkan_side_open_device(VkPhysicalDevice physical_device, VkDevice device);
// Records the copy of an image that is in layout TRANSFER_SRC_OPTIMAL, for programs that submit themselves. One at a
// time.
void vulkan_side_copy(VkCommandBuffer commands, VkImage image, uint32_t width, uint32_t height);
// Waits until the frame has been copied; ends it. One at a time.
glvk_result vulkan_side_take(glvk_frame frame);
// What the last one brought, 4 bytes for each pixel, rows without gaps, row 0 of the image first.
const uint8_t *vulkan_side_pixels(uint32_t *width, uint32_t *height);
// Writes it as a PPM file, RGBA8 whose row 0 is the lowest.
void vulkan_side_save(const char *path);
// Before the producer is destroyed, and with it the device.
void vulkan_side_close(void);
