#include "vulkan_side.h"

#include <stdio.h>
#include <stdlib.h>

static VkPhysicalDevice physical_device;
static VkDevice device;
static VkBuffer buffer;
static VkDeviceMemory memory;
static uint8_t *pixels;
static uint32_t buffer_width, buffer_height;

static void require(VkResult result, const char *step) {
  if (result == VK_SUCCESS) return;
  fprintf(stderr, "vulkan: %s: VkResult %d\n", step, result);
  exit(1);
}

void vulkan_side_open(glvk_producer producer) {
  glvk_host host;
  glvk_producer_get_host(producer, &host);
  glvk_host_info info;
  GLVK_INIT(info);
  glvk_host_get_info(host, &info);
  glvk_host_destroy(host);  // the handle; the producer keeps the device
  vulkan_side_open_device(info.physical_device, info.device);
}

void vulkan_side_open_device(VkPhysicalDevice the_physical_device, VkDevice the_device) {
  physical_device = the_physical_device;
  device = the_device;
}

static void free_buffer(void) {
  vkDestroyBuffer(device, buffer, NULL);
  vkFreeMemory(device, memory, NULL);
  buffer = VK_NULL_HANDLE;
  memory = VK_NULL_HANDLE;
  pixels = NULL;
  buffer_width = buffer_height = 0;
}

static void make_buffer(uint32_t width, uint32_t height) {
  const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = (VkDeviceSize)width * height * 4,
    .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT};
  require(vkCreateBuffer(device, &info, NULL, &buffer), "vkCreateBuffer");
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements(device, buffer, &needs);
  VkPhysicalDeviceMemoryProperties properties;
  vkGetPhysicalDeviceMemoryProperties(physical_device, &properties);
  const VkMemoryPropertyFlags wanted = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;  // Every device has such a type for buffers.
  while (!(needs.memoryTypeBits >> type & 1) || (properties.memoryTypes[type].propertyFlags & wanted) != wanted) type++;
  const VkMemoryAllocateInfo allocation = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs.size, .memoryTypeIndex = type};
  require(vkAllocateMemory(device, &allocation, NULL, &memory), "vkAllocateMemory");
  require(vkBindBufferMemory(device, buffer, memory, 0), "vkBindBufferMemory");
  require(vkMapMemory(device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&pixels), "vkMapMemory");
  buffer_width = width;
  buffer_height = height;
}

void vulkan_side_copy(VkCommandBuffer commands, VkImage image, uint32_t width, uint32_t height) {
  if (width != buffer_width || height != buffer_height) {
    free_buffer();
    make_buffer(width, height);
  }
  const VkBufferImageCopy region = {
    .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, .imageExtent = {width, height, 1}};
  vkCmdCopyImageToBuffer(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer, 1, &region);
  // Makes the copy visible to the CPU when the submission's fence is signalled.
  const VkBufferMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .buffer = buffer,
    .size = VK_WHOLE_SIZE};
  vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 0, NULL, 1, &barrier, 0, NULL);
}

// Records the commands that read the image. Around them the library puts the acquire and the release operation.
static int32_t record(void *user_data, VkCommandBuffer commands, VkImage image) {
  const glvk_frame_info *frame = user_data;
  vulkan_side_copy(commands, image, frame->width, frame->height);
  return 0;
}

glvk_result vulkan_side_take(glvk_frame frame) {
  glvk_frame_info info;
  GLVK_INIT(info);
  glvk_result result = glvk_frame_get_info(frame, &info);
  if (result != GLVK_SUCCESS) return result;
  glvk_access_options options;
  GLVK_INIT(options);
  options.use =
    (glvk_use){VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT};
  options.timeout_ns = 10000000000;  // The CPU looks at the copy, so it waits. A program that shows the image need not.
  return glvk_frame_access(frame, &options, record, &info);
}

const uint8_t *vulkan_side_pixels(uint32_t *width, uint32_t *height) {
  *width = buffer_width;
  *height = buffer_height;
  return pixels;
}

void vulkan_side_save(const char *path) {
  if (!pixels) return;
  FILE *file = fopen(path, "wb");
  if (!file) {
    perror(path);
    return;
  }
  fprintf(file, "P6\n%u %u\n255\n", buffer_width, buffer_height);
  for (uint32_t row = buffer_height; row-- > 0;) {
    for (uint32_t column = 0; column < buffer_width; column++) {
      fwrite(pixels + ((size_t)row * buffer_width + column) * 4, 1, 3, file);
    }
  }
  fclose(file);
}

void vulkan_side_close(void) { free_buffer(); }
