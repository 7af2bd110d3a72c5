// The frames that are timed.

#include "internal.h"

#include <string.h>

// --- Drawing and looking at what was drawn ---------------------------------------------------------------------------

void cb_color_of_frame(uint32_t number, uint8_t color[4]) {
  color[0] = number & 0xFF;
  color[1] = number >> 8 & 0xFF;
  color[2] = 0x40;
  color[3] = 0xFF;
}

void cb_draw(cb_baseline *b, GLuint framebuffer, uint32_t number) {
  uint8_t color[4];
  cb_color_of_frame(number, color);
  b->gl.glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  b->gl.glViewport(0, 0, (GLsizei)b->options.width, (GLsizei)b->options.height);
  b->gl.glClearColor(color[0] / 255.0f, color[1] / 255.0f, color[2] / 255.0f, color[3] / 255.0f);
  b->gl.glClear(GL_COLOR_BUFFER_BIT);
}

bool cb_finish_and_compare(cb_baseline *b, cb_commands *commands) {
  if (!cb_finish(b, commands)) return false;
  if (!commands->is_due) return true;
  commands->is_due = false;
  uint8_t color[4];
  cb_color_of_frame(commands->expected, color);
  if (memcmp(color, commands->landing.bytes, sizeof color) == 0) return true;
  return cb_wrong_color(commands->expected, commands->landing.bytes, "where Vulkan has copied it");
}

void cb_record_sample(cb_baseline *b, cb_commands *commands, VkImage image, uint32_t number) {
  commands->expected = number;
  commands->is_due = true;
  const VkBufferImageCopy region = {
    .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, .imageExtent = {CB_SAMPLE_SIDE, CB_SAMPLE_SIDE, 1}};
  b->vk.vkCmdCopyImageToBuffer(
    commands->commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, commands->landing.buffer, 1, &region);
  const VkBufferMemoryBarrier for_cpu = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .buffer = commands->landing.buffer,
    .size = VK_WHOLE_SIZE,
  };
  b->vk.vkCmdPipelineBarrier(
    commands->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 0, NULL, 1, &for_cpu, 0, NULL);
}

static const VkImageSubresourceRange whole_image = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};

// Recording: EXTERNAL -> the queue's family, the sample, and back.
static void record_vulkan_access(cb_baseline *b, cb_commands *commands, VkImage image, uint32_t number) {
  const VkImageMemoryBarrier acquire = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT,
    .oldLayout = VK_IMAGE_LAYOUT_GENERAL,
    .newLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL,
    .dstQueueFamilyIndex = b->options.queue_family,
    .image = image,
    .subresourceRange = whole_image,
  };
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0,
    0, NULL, 0, NULL, 1, &acquire);
  cb_record_sample(b, commands, image, number);
  const VkImageMemoryBarrier release = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_TRANSFER_READ_BIT,
    .oldLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
    .newLayout = VK_IMAGE_LAYOUT_GENERAL,
    .srcQueueFamilyIndex = b->options.queue_family,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL,
    .image = image,
    .subresourceRange = whole_image,
  };
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0,
    0, NULL, 0, NULL, 1, &release);
}

// --- Direct ----------------------------------------------------------------------------------------------------------

// What every entry of the Swift library into a GL context does first.
static bool check_entry(cb_baseline *b) {
  if (b->egl.eglGetCurrentContext() != b->context) return cb_fail("the context is not current");
  return cb_gl_ok(b, "an earlier call");
}

bool cb_begin_gl_access(cb_baseline *b, cb_slot *slot, cb_commands *last, bool checked) {
  if (checked && !check_entry(b)) return false;
  if (!b->options.semaphores) return cb_finish_and_compare(b, last);
  const GLenum layout = GL_LAYOUT_GENERAL_EXT;
  b->gl.glWaitSemaphoreEXT(slot->vulkan_is_done.gl, 0, NULL, 1, &slot->image.texture, &layout);
  return !checked || cb_gl_ok(b, "glWaitSemaphoreEXT");
}

bool cb_end_gl_access(cb_baseline *b, cb_slot *slot, bool checked) {
  if (checked && !check_entry(b)) return false;
  if (b->options.semaphores) {
    const GLenum layout = GL_LAYOUT_GENERAL_EXT;
    b->gl.glSignalSemaphoreEXT(slot->gl_is_done.gl, 0, NULL, 1, &slot->image.texture, &layout);
    b->gl.glFlush();
  } else {
    b->gl.glFinish();
  }
  return !checked || cb_gl_ok(b, "the ownership transfer");
}

static bool vulkan_access(cb_baseline *b, cb_slot *slot, uint32_t number) {
  cb_commands *commands = &slot->commands;
  // Its last use.
  if (!cb_finish_and_compare(b, commands) || !cb_begin(b, commands)) return false;
  record_vulkan_access(b, commands, slot->image.image, number);
  return cb_submit(b, commands, slot->gl_is_done.vulkan, slot->vulkan_is_done.vulkan);
}

bool cb_frame_direct_pipelined(cb_baseline *b, uint32_t number, bool checked) {
  cb_slot *slot = &b->slots[number % b->options.image_count];
  if (!cb_begin_gl_access(b, slot, &slot->commands, checked)) return false;
  cb_draw(b, slot->image.framebuffer, number);
  return cb_end_gl_access(b, slot, checked) && vulkan_access(b, slot, number);
}

bool cb_frame_direct(cb_baseline *b, uint32_t number, bool checked) {
  cb_slot *slot = &b->slots[number % b->options.image_count];
  return cb_frame_direct_pipelined(b, number, checked) && cb_finish_and_compare(b, &slot->commands);
}

bool cb_drain(cb_baseline *b) {
  for (uint32_t i = 0; i < b->options.image_count; i++)
    if (!cb_finish_and_compare(b, &b->slots[i].commands)) return false;
  return cb_drain_pixel_buffers(b) && cb_drain_sampling(b);
}

bool cb_transfer_prepare(cb_baseline *b, uint32_t number) {
  cb_slot *slot = &b->slots[number % b->options.image_count];
  if (!cb_begin_gl_access(b, slot, &slot->commands, true)) return false;
  cb_draw(b, slot->image.framebuffer, number);
  b->gl.glFinish();
  return true;
}

bool cb_transfer(cb_baseline *b, uint32_t number) {
  cb_slot *slot = &b->slots[number % b->options.image_count];
  return cb_end_gl_access(b, slot, true) && vulkan_access(b, slot, number) && cb_finish_and_compare(b, &slot->commands);
}

// --- Ordinary textures -----------------------------------------------------------------------------------------------

// ANGLE defers a clear until the texture is read: a few pixels are copied.
static void make_angle_draw(cb_baseline *b, GLuint framebuffer) {
  if (!b->options.angle_library) return;
  b->gl.glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
  b->gl.glBindFramebuffer(GL_DRAW_FRAMEBUFFER, b->sink.framebuffer);
  b->gl.glBlitFramebuffer(
    0, 0, CB_SAMPLE_SIDE, CB_SAMPLE_SIDE, 0, 0, CB_SAMPLE_SIDE, CB_SAMPLE_SIDE, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

bool cb_wait_for_fence(cb_baseline *b, GLsync *fence) {
  if (!*fence) return true;
  const uint64_t ten_seconds = 10000000000u;
  const GLenum result = b->gl.glClientWaitSync(*fence, GL_SYNC_FLUSH_COMMANDS_BIT, ten_seconds);
  b->gl.glDeleteSync(*fence);
  *fence = NULL;
  if (result == GL_ALREADY_SIGNALED || result == GL_CONDITION_SATISFIED) return true;
  return cb_fail("glClientWaitSync: 0x%x", result);
}

bool cb_draw_pipelined(cb_baseline *b, uint32_t number) {
  cb_texture *texture = &b->textures[number % b->options.image_count];
  if (!texture->texture && !cb_make_texture(b, b->options.width, b->options.height, texture)) return false;
  if (!cb_wait_for_fence(b, &texture->fence)) return false;
  cb_draw(b, texture->framebuffer, number);
  make_angle_draw(b, texture->framebuffer);
  texture->fence = b->gl.glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
  b->gl.glFlush();
  return texture->fence || cb_fail("glFenceSync gave nothing");
}

bool cb_frame_render_only(cb_baseline *b, uint32_t number) {
  cb_draw(b, b->textures[0].framebuffer, number);
  make_angle_draw(b, b->textures[0].framebuffer);
  b->gl.glFinish();
  return cb_gl_ok(b, "glFinish");
}

bool cb_frame_render_only_pipelined(cb_baseline *b, uint32_t number) {
  return cb_draw_pipelined(b, number) && cb_gl_ok(b, "glFenceSync");
}

bool cb_check_rendered(cb_baseline *b, uint32_t number, bool pipelined) {
  uint8_t found[4] = {0}, color[4];
  cb_color_of_frame(number, color);
  b->gl.glBindFramebuffer(GL_FRAMEBUFFER, b->textures[pipelined ? number % b->options.image_count : 0].framebuffer);
  b->gl.glReadPixels((GLint)b->options.width - 1, (GLint)b->options.height - 1, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, found);
  if (!cb_gl_ok(b, "glReadPixels")) return false;
  return memcmp(color, found, sizeof color) == 0 || cb_wrong_color(number, found, "where GL has drawn it");
}

// --- Through the CPU -------------------------------------------------------------------------------------------------

void cb_record_upload(cb_baseline *b, cb_commands *commands, VkBuffer staging) {
  VkImageMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .dstAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
    .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED,
    .newLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
    .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
    .image = b->upload_image,
    .subresourceRange = whole_image,
  };
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
    NULL, 0, NULL, 1, &barrier);
  const VkBufferImageCopy region = {
    .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
    .imageExtent = {b->options.width, b->options.height, 1},
  };
  b->vk.vkCmdCopyBufferToImage(
    commands->commands, staging, b->upload_image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
  barrier.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
  barrier.dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT;
  barrier.oldLayout = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
  barrier.newLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  b->vk.vkCmdPipelineBarrier(commands->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
    NULL, 0, NULL, 1, &barrier);
}

bool cb_frame_readback_upload(cb_baseline *b, uint32_t number, bool into_staging) {
  cb_draw(b, b->textures[0].framebuffer, number);
  void *target = into_staging ? b->staging.bytes : b->pixels;
  b->gl.glReadPixels(0, 0, (GLsizei)b->options.width, (GLsizei)b->options.height, GL_RGBA, GL_UNSIGNED_BYTE, target);
  if (!cb_gl_ok(b, "glReadPixels")) return false;
  if (!into_staging) memcpy(b->staging.bytes, b->pixels, (size_t)b->options.width * b->options.height * 4);
  if (!cb_begin(b, &b->commands)) return false;
  cb_record_upload(b, &b->commands, b->staging.buffer);
  cb_record_sample(b, &b->commands, b->upload_image, number);
  return cb_submit(b, &b->commands, VK_NULL_HANDLE, VK_NULL_HANDLE) && cb_finish_and_compare(b, &b->commands);
}

static bool blit_and_take(cb_baseline *b, const cb_shared_image *shared, uint32_t number) {
  const GLint width = (GLint)b->options.width, height = (GLint)b->options.height;
  b->gl.glBindFramebuffer(GL_READ_FRAMEBUFFER, b->textures[0].framebuffer);
  b->gl.glBindFramebuffer(GL_DRAW_FRAMEBUFFER, shared->framebuffer);
  b->gl.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
  b->gl.glFinish();
  if (!cb_gl_ok(b, "glBlitFramebuffer") || !cb_begin(b, &b->commands)) return false;
  // From GENERAL, though nothing brought it there: such bridges leave that to the driver, and it is not charged here.
  record_vulkan_access(b, &b->commands, shared->image, number);
  return cb_submit(b, &b->commands, VK_NULL_HANDLE, VK_NULL_HANDLE) && cb_finish_and_compare(b, &b->commands);
}

bool cb_frame_import_each_frame(cb_baseline *b, uint32_t number) {
  cb_draw(b, b->textures[0].framebuffer, number);
  cb_shared_image shared = {0};
  const bool made = cb_make_shared_image(b, &shared) && blit_and_take(b, &shared, number);
  cb_free_shared_image(b, &shared);
  return made;
}

bool cb_frame_vulkan_only(cb_baseline *b) {
  return cb_begin(b, &b->commands) && cb_submit(b, &b->commands, VK_NULL_HANDLE, VK_NULL_HANDLE) &&
         cb_finish(b, &b->commands);
}
