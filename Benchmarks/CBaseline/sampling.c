// An application that samples the frames on its graphics queue, and the same application and GL side by side, sharing
// nothing.

#include "internal.h"

static cb_device device_of(cb_baseline *b) {
  return (cb_device){b->instance, b->physical_device, b->device, (void *)b->vk.vkGetInstanceProcAddr};
}

// --- Shared ----------------------------------------------------------------------------------------------------------

static bool make_shared_pass(cb_baseline *b) {
  void *images[CB_MAXIMUM_IMAGES];
  for (uint32_t i = 0; i < b->options.image_count; i++) {
    images[i] = (void *)b->slots[i].image.image;
    if (!cb_make_commands(b, b->options.graphics_family, b->graphics_queue, &b->slots[i].sampling)) return false;
  }
  const cb_device device = device_of(b);
  b->pass = cb_pass_open(&device, b->options.width, b->options.height, images, b->options.image_count);
  return b->pass != NULL;
}

static VkImageMemoryBarrier shared_barrier(VkImage image) {
  return (VkImageMemoryBarrier){
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .image = image,
    .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
  };
}

// Recording: EXTERNAL -> the graphics family, the pass, and back.
static bool record_use(cb_baseline *b, uint32_t index, uint32_t number) {
  cb_slot *slot = &b->slots[index];
  const VkCommandBuffer commands = slot->sampling.commands;
  VkImageMemoryBarrier acquire = shared_barrier(slot->image.image);
  acquire.dstAccessMask = VK_ACCESS_SHADER_READ_BIT;
  acquire.oldLayout = VK_IMAGE_LAYOUT_GENERAL;
  acquire.newLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  acquire.srcQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL;
  acquire.dstQueueFamilyIndex = b->options.graphics_family;
  b->vk.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT, 0, 0,
    NULL, 0, NULL, 1, &acquire);
  if (!cb_pass_record(b->pass, commands, index, number)) return false;
  VkImageMemoryBarrier release = shared_barrier(slot->image.image);
  release.srcAccessMask = VK_ACCESS_SHADER_READ_BIT;
  release.oldLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  release.newLayout = VK_IMAGE_LAYOUT_GENERAL;
  release.srcQueueFamilyIndex = b->options.graphics_family;
  release.dstQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL;
  b->vk.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0,
    NULL, 0, NULL, 1, &release);
  return true;
}

bool cb_frame_sample(cb_baseline *b, uint32_t number) {
  if (!b->pass && !make_shared_pass(b)) return false;
  const uint32_t index = number % b->options.image_count;
  cb_slot *slot = &b->slots[index];
  cb_commands *commands = &slot->sampling;
  if (!cb_begin_gl_access(b, slot, commands, true)) return false;
  cb_draw(b, slot->image.framebuffer, number);
  return cb_end_gl_access(b, slot, true) && cb_finish(b, commands) && cb_begin(b, commands) &&
         record_use(b, index, number) && cb_submit(b, commands, slot->gl_is_done.vulkan, slot->vulkan_is_done.vulkan);
}

// --- Not shared ------------------------------------------------------------------------------------------------------

// An image of Vulkan's own in the colour of frame 0, which is sampled again and again.
static bool fill_unshared_image(cb_baseline *b) {
  cb_commands *commands = &b->unshared[0];
  if (!cb_begin(b, commands)) return false;
  VkImageMemoryBarrier barrier = shared_barrier(b->unshared_image);
  barrier.dstAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
  barrier.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED;
  barrier.newLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
  barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0,
    0, NULL, 0, NULL, 1, &barrier);
  uint8_t color[4];
  cb_color_of_frame(0, color);
  const VkClearColorValue value = {
    .float32 = {color[0] / 255.0f, color[1] / 255.0f, color[2] / 255.0f, color[3] / 255.0f}};
  b->vk.vkCmdClearColorImage(
    commands->commands, b->unshared_image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &value, 1, &barrier.subresourceRange);
  barrier.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
  barrier.dstAccessMask = VK_ACCESS_SHADER_READ_BIT;
  barrier.oldLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
  barrier.newLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT,
    0, 0, NULL, 0, NULL, 1, &barrier);
  return cb_submit(b, commands, VK_NULL_HANDLE, VK_NULL_HANDLE) && cb_finish(b, commands);
}

static bool make_unshared_pass(cb_baseline *b) {
  if (!cb_make_image(
        b, VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT, &b->unshared_image, &b->unshared_memory))
    return false;
  // One place of the pass for each frame under way, all over the same image.
  void *images[CB_MAXIMUM_IMAGES];
  for (uint32_t i = 0; i < b->options.image_count; i++) {
    images[i] = (void *)b->unshared_image;
    if (!cb_make_commands(b, b->options.graphics_family, b->graphics_queue, &b->unshared[i])) return false;
  }
  if (!fill_unshared_image(b)) return false;
  const cb_device device = device_of(b);
  b->unshared_pass = cb_pass_open(&device, b->options.width, b->options.height, images, b->options.image_count);
  return b->unshared_pass != NULL;
}

bool cb_frame_sample_unshared(cb_baseline *b, uint32_t number) {
  if (!b->unshared_pass && !make_unshared_pass(b)) return false;
  if (!cb_draw_pipelined(b, number)) return false;
  const uint32_t index = number % b->options.image_count;
  cb_commands *commands = &b->unshared[index];
  return cb_finish(b, commands) && cb_begin(b, commands) &&
         cb_pass_record(b->unshared_pass, commands->commands, index, 0) &&
         cb_submit(b, commands, VK_NULL_HANDLE, VK_NULL_HANDLE);
}

// --- Ending ----------------------------------------------------------------------------------------------------------

bool cb_drain_sampling(cb_baseline *b) {
  for (uint32_t i = 0; i < b->options.image_count; i++) {
    if (b->pass && !cb_finish(b, &b->slots[i].sampling)) return false;
    if (b->unshared_pass && !cb_finish(b, &b->unshared[i])) return false;
  }
  return (!b->pass || cb_pass_check(b->pass)) && (!b->unshared_pass || cb_pass_check(b->unshared_pass));
}

void cb_free_sampling(cb_baseline *b) {
  cb_pass_close(b->pass);
  cb_pass_close(b->unshared_pass);
  for (uint32_t i = 0; i < b->options.image_count; i++) {
    cb_free_commands(b, &b->slots[i].sampling);
    cb_free_commands(b, &b->unshared[i]);
  }
  b->vk.vkDestroyImage(b->device, b->unshared_image, NULL);
  b->vk.vkFreeMemory(b->device, b->unshared_memory, NULL);
}
