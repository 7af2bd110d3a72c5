#include "vulkan.h"

static const uint64_t patience =
  10ull * 1000 * 1000 * 1000;  // nanoseconds; less than the 20 s after which we are killed

static bool lost(Result *result, const char *step, VkResult code) {
  result->drivers_stuck = true;
  return failed(result, "%s: %s", step, vulkan_name(code));
}

bool vulkan_wait(Vulkan *vulkan, Result *result) {
  if (!vulkan->is_pending) return true;
  VkResult code = vulkan->WaitForFences(vulkan->device, 1, &vulkan->fence, VK_TRUE, patience);
  if (code != VK_SUCCESS) return lost(result, "vkWaitForFences", code);
  vulkan->is_pending = false;
  return true;
}

bool vulkan_begin(Vulkan *vulkan, Result *result) {
  if (!vulkan_wait(vulkan, result)) return false;
  VkResult code = vulkan->ResetFences(vulkan->device, 1, &vulkan->fence);
  if (code != VK_SUCCESS) return lost(result, "vkResetFences", code);
  code = vulkan->ResetCommandPool(vulkan->device, vulkan->pool, 0);
  if (code != VK_SUCCESS) return failed(result, "vkResetCommandPool: %s", vulkan_name(code));
  const VkCommandBufferBeginInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  code = vulkan->BeginCommandBuffer(vulkan->commands, &info);
  return code == VK_SUCCESS || failed(result, "vkBeginCommandBuffer: %s", vulkan_name(code));
}

bool vulkan_submit(Vulkan *vulkan, VkSemaphore wait, VkSemaphore signal, Result *result) {
  VkResult code = vulkan->EndCommandBuffer(vulkan->commands);
  if (code != VK_SUCCESS) return failed(result, "vkEndCommandBuffer: %s", vulkan_name(code));
  const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  const VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .waitSemaphoreCount = wait ? 1 : 0,
    .pWaitSemaphores = &wait,
    .pWaitDstStageMask = &stage,
    .commandBufferCount = 1,
    .pCommandBuffers = &vulkan->commands,
    .signalSemaphoreCount = signal ? 1 : 0,
    .pSignalSemaphores = &signal};
  code = vulkan->QueueSubmit(vulkan->queue, 1, &info, vulkan->fence);
  if (code != VK_SUCCESS) return lost(result, "vkQueueSubmit", code);
  vulkan->is_pending = true;
  return true;
}

// --- Barriers and copies
// -----------------------------------------------------------------------------------------------

static const VkAccessFlags our_access = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;

static void barrier(const Vulkan *vulkan, VkImage image, VkImageLayout old_layout, uint32_t from, uint32_t to,
  VkAccessFlags before, VkAccessFlags after) {
  const VkImageMemoryBarrier info = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .srcAccessMask = before,
    .dstAccessMask = after,
    .oldLayout = old_layout,
    .newLayout = VK_IMAGE_LAYOUT_GENERAL,
    .srcQueueFamilyIndex = from,
    .dstQueueFamilyIndex = to,
    .image = image,
    .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
  vulkan->CmdPipelineBarrier(vulkan->commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
    0, 0, NULL, 0, NULL, 1, &info);
}

void vulkan_initialize(const Vulkan *vulkan, VkImage image) {
  barrier(vulkan, image, VK_IMAGE_LAYOUT_UNDEFINED, VK_QUEUE_FAMILY_IGNORED, VK_QUEUE_FAMILY_IGNORED, 0, our_access);
}

void vulkan_keep(const Vulkan *vulkan, VkImage image) {
  barrier(
    vulkan, image, VK_IMAGE_LAYOUT_GENERAL, VK_QUEUE_FAMILY_IGNORED, VK_QUEUE_FAMILY_IGNORED, our_access, our_access);
}

void vulkan_acquire(const Vulkan *vulkan, VkImage image) {
  barrier(vulkan, image, VK_IMAGE_LAYOUT_GENERAL, VK_QUEUE_FAMILY_EXTERNAL, vulkan->family, 0, our_access);
}

void vulkan_release(const Vulkan *vulkan, VkImage image) {
  barrier(vulkan, image, VK_IMAGE_LAYOUT_GENERAL, vulkan->family, VK_QUEUE_FAMILY_EXTERNAL, our_access, 0);
}

static VkBufferImageCopy whole(Size size) {
  return (VkBufferImageCopy){.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
    .imageExtent = {(uint32_t)size.width, (uint32_t)size.height, 1}};
}

void vulkan_copy_to_image(const Vulkan *vulkan, const VulkanBuffer *buffer, VkImage image, Size size) {
  const VkBufferImageCopy region = whole(size);
  vulkan->CmdCopyBufferToImage(vulkan->commands, buffer->buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
}

void vulkan_copy_from_image(const Vulkan *vulkan, VkImage image, const VulkanBuffer *buffer, Size size) {
  const VkBufferImageCopy region = whole(size);
  vulkan->CmdCopyImageToBuffer(vulkan->commands, image, VK_IMAGE_LAYOUT_GENERAL, buffer->buffer, 1, &region);
  const VkBufferMemoryBarrier to_host = {.sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .buffer = buffer->buffer,
    .size = VK_WHOLE_SIZE};
  vulkan->CmdPipelineBarrier(
    vulkan->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 0, NULL, 1, &to_host, 0, NULL);
}
