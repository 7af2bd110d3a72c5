// Readback through GL's pixel buffers: what programs do that copy through the CPU and do not want to wait for it.

#include "internal.h"

#include <string.h>

static GLsizeiptr byte_count(const cb_baseline *b) {
  return (GLsizeiptr)b->options.width * (GLsizeiptr)b->options.height * 4;
}

static bool make(cb_baseline *b, cb_pixel_buffer *buffer) {
  b->gl.glGenBuffers(1, &buffer->buffer);
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer->buffer);
  b->gl.glBufferData(GL_PIXEL_PACK_BUFFER, byte_count(b), NULL, GL_STREAM_READ);
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  return cb_gl_ok(b, "glBufferData") &&
         cb_make_host_buffer(b, (VkDeviceSize)byte_count(b), VK_BUFFER_USAGE_TRANSFER_SRC_BIT, &buffer->staging) &&
         cb_make_commands(b, b->options.queue_family, b->queue, &buffer->commands);
}

// The frame in the buffer: from GL's memory into staging memory, and from there into the image.
static bool upload(cb_baseline *b, cb_pixel_buffer *buffer) {
  if (!buffer->fence) return true;
  // The staging memory's last frame, too, must have arrived.
  if (!cb_wait_for_fence(b, &buffer->fence) || !cb_finish_and_compare(b, &buffer->commands)) return false;
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer->buffer);
  const void *pixels = b->gl.glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, byte_count(b), GL_MAP_READ_BIT);
  if (pixels) memcpy(buffer->staging.bytes, pixels, (size_t)byte_count(b));
  const bool is_whole = pixels && b->gl.glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  if (!cb_gl_ok(b, "glMapBufferRange")) return false;
  if (!is_whole) return cb_fail("the pixel buffer's content is lost");
  if (!cb_begin(b, &buffer->commands)) return false;
  cb_record_upload(b, &buffer->commands, buffer->staging.buffer);
  cb_record_sample(b, &buffer->commands, b->upload_image, buffer->number);
  return cb_submit(b, &buffer->commands, VK_NULL_HANDLE, VK_NULL_HANDLE);
}

bool cb_frame_pixel_buffers(cb_baseline *b, uint32_t number, uint32_t depth) {
  if (depth < 2 || depth > CB_MAXIMUM_PIXEL_BUFFERS) return cb_fail("2 to 3 pixel buffers");
  cb_pixel_buffer *buffer = &b->pixel_buffers[number % depth];
  if (!buffer->buffer && !make(b, buffer)) return false;
  cb_draw(b, b->textures[0].framebuffer, number);
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer->buffer);
  b->gl.glReadPixels(0, 0, (GLsizei)b->options.width, (GLsizei)b->options.height, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
  b->gl.glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  buffer->number = number;
  buffer->fence = b->gl.glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
  b->gl.glFlush();
  if (!cb_gl_ok(b, "glReadPixels")) return false;
  // The oldest frame under way, which leaves its buffer free for the next one.
  return upload(b, &b->pixel_buffers[(number + 1) % depth]);
}

bool cb_drain_pixel_buffers(cb_baseline *b) {
  for (uint32_t i = 0; i < CB_MAXIMUM_PIXEL_BUFFERS; i++) {
    cb_pixel_buffer *buffer = &b->pixel_buffers[i];
    if (!upload(b, buffer) || !cb_finish_and_compare(b, &buffer->commands)) return false;
  }
  return true;
}

void cb_free_pixel_buffers(cb_baseline *b) {
  for (uint32_t i = 0; i < CB_MAXIMUM_PIXEL_BUFFERS; i++) {
    cb_pixel_buffer *buffer = &b->pixel_buffers[i];
    if (buffer->fence) b->gl.glDeleteSync(buffer->fence);
    b->gl.glDeleteBuffers(1, &buffer->buffer);
    cb_free_host_buffer(b, &buffer->staging);
    cb_free_commands(b, &buffer->commands);
  }
}
