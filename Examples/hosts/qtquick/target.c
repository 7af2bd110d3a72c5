#include "target.h"

#include <stdbool.h>

#include "../../common/example.h"
#include "../../common/vulkan_side.h"

static VkPhysicalDevice physical_device;
static VkDevice device;
static VkQueue queue;
static VkCommandPool pool;
static VkCommandBuffer commands;
static VkImage image;
static VkDeviceMemory memory;
static uint32_t width, height;

static void require(VkResult result, const char *step) {
  if (result != VK_SUCCESS) example_end(step, "failed");
}

void target_open(VkPhysicalDevice the_physical_device, VkDevice the_device, VkQueue the_queue, uint32_t family) {
  physical_device = the_physical_device;
  device = the_device;
  queue = the_queue;
  vulkan_side_open_device(physical_device, device);
  const VkCommandPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
    .queueFamilyIndex = family};
  require(vkCreateCommandPool(device, &pool_info, NULL, &pool), "vkCreateCommandPool");
  const VkCommandBufferAllocateInfo allocation = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .commandPool = pool, .commandBufferCount = 1};
  require(vkAllocateCommandBuffers(device, &allocation, &commands), "vkAllocateCommandBuffers");
}

static void destroy(void) {
  vkDestroyImage(device, image, NULL);
  vkFreeMemory(device, memory, NULL);
}

VkImage target_create(uint32_t the_width, uint32_t the_height) {
  if (width != 0) destroy();
  width = the_width;
  height = the_height;
  const VkImageCreateInfo info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .extent = {width, height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT};
  require(vkCreateImage(device, &info, NULL, &image), "vkCreateImage");
  VkMemoryRequirements needs;
  vkGetImageMemoryRequirements(device, image, &needs);
  uint32_t type = 0;  // Any that the image can be in.
  while (!(needs.memoryTypeBits >> type & 1)) type++;
  const VkMemoryAllocateInfo allocation = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs.size, .memoryTypeIndex = type};
  require(vkAllocateMemory(device, &allocation, NULL, &memory), "vkAllocateMemory");
  require(vkBindImageMemory(device, image, memory, 0), "vkBindImageMemory");
  return image;
}

static void change_layout(VkImageLayout from, VkImageLayout to) {
  const VkImageMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT,
    .oldLayout = from,
    .newLayout = to,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .image = image,
    .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
  vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
}

const uint8_t *target_read(void) {
  const VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  require(vkBeginCommandBuffer(commands, &begin), "vkBeginCommandBuffer");
  change_layout(VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  vulkan_side_copy(commands, image, width, height);
  change_layout(VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
  require(vkEndCommandBuffer(commands), "vkEndCommandBuffer");
  const VkSubmitInfo submission = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &commands};
  require(vkQueueSubmit(queue, 1, &submission, VK_NULL_HANDLE), "vkQueueSubmit");
  require(vkQueueWaitIdle(queue), "vkQueueWaitIdle");
  uint32_t copied_width, copied_height;
  return vulkan_side_pixels(&copied_width, &copied_height);
}

void target_close(void) {
  destroy();
  vulkan_side_close();
  vkDestroyCommandPool(device, pool, NULL);
}
