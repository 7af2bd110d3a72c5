// Opening and closing: which parts there are, in which order they are made and given back.

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char last_error[512];

const char *cb_last_error(void) { return last_error; }

bool cb_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last_error, sizeof last_error, format, arguments);
  va_end(arguments);
  return false;
}

// A new image into the layout and the queue family in which GL takes it over; the content stays undefined.
static bool prepare(cb_baseline *b, cb_slot *slot) {
  if (!cb_begin(b, &slot->commands)) return false;
  const VkImageMemoryBarrier release = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED,
    .newLayout = VK_IMAGE_LAYOUT_GENERAL,
    .srcQueueFamilyIndex = b->options.queue_family,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL,
    .image = slot->image.image,
    .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
  };
  b->vk.vkCmdPipelineBarrier(slot->commands.commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT,
    VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1, &release);
  return cb_submit(b, &slot->commands, VK_NULL_HANDLE, slot->vulkan_is_done.vulkan) && cb_finish(b, &slot->commands);
}

static bool make_slot(cb_baseline *b, cb_slot *slot) {
  if (!cb_make_shared_image(b, &slot->image) || !cb_make_commands(b, &slot->commands)) return false;
  if (b->options.semaphores &&
      (!cb_make_shared_semaphore(b, &slot->gl_is_done) || !cb_make_shared_semaphore(b, &slot->vulkan_is_done)))
    return false;
  return prepare(b, slot);
}

// An ordinary texture to draw into.
static bool make_framebuffer(cb_baseline *b) {
  const cb_gl *gl = &b->gl;
  gl->glGenTextures(1, &b->texture);
  gl->glBindTexture(GL_TEXTURE_2D, b->texture);
  gl->glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, (GLsizei)b->options.width, (GLsizei)b->options.height);
  gl->glGenFramebuffers(1, &b->framebuffer);
  gl->glBindFramebuffer(GL_FRAMEBUFFER, b->framebuffer);
  gl->glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, b->texture, 0);
  return cb_gl_ok(b, "make a framebuffer");
}

// Memory of the program, a staging buffer and an image of Vulkan's own.
static bool make_upload(cb_baseline *b) {
  const size_t size = (size_t)b->options.width * b->options.height * 4;
  b->pixels = malloc(size);
  if (!b->pixels) return cb_fail("no %zu bytes for pixels", size);
  if (!cb_make_host_buffer(b, size, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, &b->staging)) return false;
  const VkImageCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .extent = {b->options.width, b->options.height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .tiling = VK_IMAGE_TILING_OPTIMAL,
    .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT,
    .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
  };
  if (!cb_vulkan_ok(b->vk.vkCreateImage(b->device, &create, NULL, &b->upload_image), "vkCreateImage")) return false;
  VkMemoryRequirements requirements;
  b->vk.vkGetImageMemoryRequirements(b->device, b->upload_image, &requirements);
  const int type = cb_memory_type(b, requirements.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0);
  if (type < 0) return cb_fail("the image for uploads allows no memory type");
  const VkMemoryAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = requirements.size,
    .memoryTypeIndex = (uint32_t)type,
  };
  return cb_vulkan_ok(b->vk.vkAllocateMemory(b->device, &allocate, NULL, &b->upload_memory), "vkAllocateMemory") &&
         cb_vulkan_ok(b->vk.vkBindImageMemory(b->device, b->upload_image, b->upload_memory, 0), "vkBindImageMemory");
}

static bool make_everything(cb_baseline *b) {
  if (!cb_open_context(b) || !cb_open_device(b)) return false;
  for (uint32_t i = 0; i < b->options.image_count; i++)
    if (!make_slot(b, &b->slots[i])) return false;
  return cb_make_commands(b, &b->commands) && make_framebuffer(b) && make_upload(b);
}

cb_baseline *cb_open(const cb_options *options) {
  if (options->image_count < 1 || options->image_count > CB_MAXIMUM_IMAGES || options->width < CB_SAMPLE_SIDE ||
      options->height < CB_SAMPLE_SIDE) {
    cb_fail("1 to %d images of at least %dx%d pixels", CB_MAXIMUM_IMAGES, CB_SAMPLE_SIDE, CB_SAMPLE_SIDE);
    return NULL;
  }
  cb_baseline *b = calloc(1, sizeof *b);
  if (!b) {
    cb_fail("out of memory");
    return NULL;
  }
  b->options = *options;
  if (make_everything(b)) return b;
  cb_close(b);
  return NULL;
}

// Vulkan's and GL's functions take the null handles of what was never made; the tables may be empty themselves.
void cb_close(cb_baseline *b) {
  if (!b) return;
  if (b->context != EGL_NO_CONTEXT && cb_make_current(b)) b->gl.glFinish();
  if (b->queue) {
    b->vk.vkDeviceWaitIdle(b->device);
    for (uint32_t i = 0; i < b->options.image_count; i++) {
      cb_slot *slot = &b->slots[i];
      cb_free_shared_semaphore(b, &slot->gl_is_done);
      cb_free_shared_semaphore(b, &slot->vulkan_is_done);
      cb_free_commands(b, &slot->commands);
      cb_free_shared_image(b, &slot->image);
    }
    cb_free_commands(b, &b->commands);
    cb_free_host_buffer(b, &b->staging);
    b->vk.vkDestroyImage(b->device, b->upload_image, NULL);
    b->vk.vkFreeMemory(b->device, b->upload_memory, NULL);
    b->gl.glDeleteFramebuffers(1, &b->framebuffer);
    b->gl.glDeleteTextures(1, &b->texture);
  }
  cb_close_device(b);
  cb_close_context(b);
  free(b->pixels);
  free(b);
}
