// Opening and closing: which parts there are, in which order they are made and given back.

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char last_error[512];

const char *cb_last_error(void) { return last_error; }

static _Thread_local bool is_wrong_pixels;

bool cb_last_error_is_wrong_pixels(void) { return is_wrong_pixels; }

bool cb_wrong_color(uint32_t number, const uint8_t *found, const char *where) {
  uint8_t color[4];
  cb_color_of_frame(number, color);
  cb_fail("frame %u has the colour %02x%02x%02x%02x instead of %02x%02x%02x%02x, %s", number, found[0], found[1],
    found[2], found[3], color[0], color[1], color[2], color[3], where);
  is_wrong_pixels = true;
  return false;
}

bool cb_fail(const char *format, ...) {
  is_wrong_pixels = false;
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
  if (!cb_make_shared_image(b, &slot->image) ||
      !cb_make_commands(b, b->options.queue_family, b->queue, &slot->commands))
    return false;
  if (b->options.semaphores &&
      (!cb_make_shared_semaphore(b, &slot->gl_is_done) || !cb_make_shared_semaphore(b, &slot->vulkan_is_done)))
    return false;
  return prepare(b, slot);
}

bool cb_make_texture(cb_baseline *b, uint32_t width, uint32_t height, cb_texture *texture) {
  const cb_gl *gl = &b->gl;
  gl->glGenTextures(1, &texture->texture);
  gl->glBindTexture(GL_TEXTURE_2D, texture->texture);
  gl->glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, (GLsizei)width, (GLsizei)height);
  gl->glBindTexture(GL_TEXTURE_2D, 0);
  gl->glGenFramebuffers(1, &texture->framebuffer);
  gl->glBindFramebuffer(GL_FRAMEBUFFER, texture->framebuffer);
  gl->glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture->texture, 0);
  return cb_gl_ok(b, "make a framebuffer");
}

static void free_texture(cb_baseline *b, cb_texture *texture) {
  if (texture->fence) b->gl.glDeleteSync(texture->fence);
  b->gl.glDeleteFramebuffers(1, &texture->framebuffer);
  b->gl.glDeleteTextures(1, &texture->texture);
}

// Memory of the program, a staging buffer and an image of Vulkan's own.
static bool make_upload(cb_baseline *b) {
  const size_t size = (size_t)b->options.width * b->options.height * 4;
  b->pixels = malloc(size);
  if (!b->pixels) return cb_fail("no %zu bytes for pixels", size);
  if (!cb_make_host_buffer(b, size, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, &b->staging)) return false;
  return cb_make_image(b,
    VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT, &b->upload_image,
    &b->upload_memory);
}

static bool make_everything(cb_baseline *b) {
  const cb_parts parts = b->options.parts;
  if (!cb_open_context(b)) return false;
  if (parts != CB_DIRECT) {
    if (!cb_make_texture(b, b->options.width, b->options.height, &b->textures[0])) return false;
    if (b->options.angle_library && !cb_make_texture(b, CB_SAMPLE_SIDE, CB_SAMPLE_SIDE, &b->sink)) return false;
  }
  if (parts == CB_RENDER_ONLY) return true;
  if (!cb_open_device(b)) return false;
  for (uint32_t i = 0; i < b->options.image_count; i++)
    if (!make_slot(b, &b->slots[i])) return false;
  return parts == CB_DIRECT || (cb_make_commands(b, b->options.queue_family, b->queue, &b->commands) && make_upload(b));
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
  const bool has_gl = b->context != EGL_NO_CONTEXT && cb_make_current(b);
  if (has_gl) b->gl.glFinish();
  if (b->queue) {
    b->vk.vkDeviceWaitIdle(b->device);
    cb_free_sampling(b);
    cb_free_pixel_buffers(b);
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
  }
  if (has_gl) {
    for (uint32_t i = 0; i < b->options.image_count; i++) free_texture(b, &b->textures[i]);
    free_texture(b, &b->sink);
  }
  cb_close_device(b);
  cb_close_context(b);
  free(b->pixels);
  free(b);
}
