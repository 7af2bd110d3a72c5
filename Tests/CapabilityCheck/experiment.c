#include "experiment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const Cell *cell;
  const Format *format;
  Size size;
  GL *gl;
  Vulkan *vulkan;
  Result *result;

  VulkanImage image;
  VulkanBuffer buffer;  // a whole picture on its way into the image or out of it
  VkSemaphore gl_done, vulkan_done;

  GLuint memory, gl_done_in_gl, vulkan_done_in_gl;
  GLTarget shared, own;

  Pixel *wanted, *got;
} Experiment;

static bool uses_semaphores(const Experiment *e) { return e->cell->sync == SYNC_SEMAPHORE_FD; }

// GL_BGRA8_EXT is tried in one place only; elsewhere GL takes the bytes of a BGRA image for RGBA ones.
static bool uses_gl_bgra(const Experiment *e) {
  return e->format->bgra && e->cell->path == PATH_OPAQUE_FD && e->cell->direction == GL_TO_VULKAN &&
         e->cell->mode == MODE_DIRECT;
}

// --- Setting up
// --------------------------------------------------------------------------------------------------------

// GL takes the descriptor when an import succeeds. Mesa closes it when the import fails too, others leave it to us.
static bool imported(const Experiment *e, const char *step, int descriptor) {
  if (gl_succeeded(e->gl, step, e->result)) return true;
  if (fcntl(descriptor, F_GETFD) != -1) close(descriptor);
  return false;
}

static bool import_memory(Experiment *e) {
  const GL *gl = e->gl;
  int descriptor = -1;
  if (!vulkan_image_export(e->vulkan, &e->image, &descriptor, e->result)) return false;
  const GLint is_dedicated = GL_TRUE;
  gl->CreateMemoryObjectsEXT(1, &e->memory);
  gl->MemoryObjectParameterivEXT(e->memory, GL_DEDICATED_MEMORY_OBJECT_EXT, &is_dedicated);
  if (!gl_succeeded(gl, "GL_DEDICATED_MEMORY_OBJECT_EXT", e->result)) {
    close(descriptor);
    return false;
  }
  gl->ImportMemoryFdEXT(e->memory, e->image.memory_size, GL_HANDLE_TYPE_OPAQUE_FD_EXT, descriptor);
  return imported(e, "glImportMemoryFdEXT", descriptor);
}

static bool make_shared_texture(Experiment *e) {
  const GL *gl = e->gl;
  bool is_linear = e->cell->tiling == TILING_LINEAR;
  gl->GenTextures(1, &e->shared.texture);
  gl->BindTexture(GL_TEXTURE_2D, e->shared.texture);
  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_TILING_EXT, is_linear ? GL_LINEAR_TILING_EXT : GL_OPTIMAL_TILING_EXT);
  GLenum error = gl_take_error(gl);
  if (error != GL_NO_ERROR && is_linear) return unsupported(e->result, "GL_LINEAR_TILING_EXT: %s", gl_name(error));
  if (error != GL_NO_ERROR) return failed(e->result, "GL_OPTIMAL_TILING_EXT: %s", gl_name(error));

  GLenum internal_format = uses_gl_bgra(e) ? GL_BGRA8_EXT : e->format->gl;
  gl->TexStorageMem2DEXT(GL_TEXTURE_2D, 1, internal_format, e->size.width, e->size.height, e->memory, 0);
  error = gl_take_error(gl);
  if (error != GL_NO_ERROR && uses_gl_bgra(e))
    return unsupported(e->result, "glTexStorageMem2DEXT refuses GL_BGRA8_EXT: %s", gl_name(error));
  if (error != GL_NO_ERROR) return failed(e->result, "glTexStorageMem2DEXT: %s", gl_name(error));

  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  if (e->format->bgra && e->cell->direction == VULKAN_TO_GL) {
    gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_R, GL_BLUE);
    gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_B, GL_RED);
  }
  // Only this tells of an import that did not work: Mesa's raises no error.
  GLenum status = gl_target_attach(gl, &e->shared);
  if (status != GL_FRAMEBUFFER_COMPLETE && uses_gl_bgra(e))
    return unsupported(e->result, "GL cannot draw to GL_BGRA8_EXT: %s", gl_name(status));
  if (status != GL_FRAMEBUFFER_COMPLETE)
    return failed(e->result, "the framebuffer of the shared texture: %s", gl_name(status));
  return gl_succeeded(gl, "the shared texture", e->result);
}

static bool share_semaphore(Experiment *e, VkSemaphore *semaphore, GLuint *in_gl) {
  int descriptor = -1;
  if (!vulkan_semaphore_create(e->vulkan, semaphore, &descriptor, e->result)) return false;
  e->gl->GenSemaphoresEXT(1, in_gl);
  e->gl->ImportSemaphoreFdEXT(*in_gl, GL_HANDLE_TYPE_OPAQUE_FD_EXT, descriptor);
  return imported(e, "glImportSemaphoreFdEXT", descriptor);
}

static bool has_prerequisites(Experiment *e) {
  if (e->cell->path == PATH_HOST_COPY) return true;
  if (!e->gl->has_memory_object_fd) return unsupported(e->result, "GL has no GL_EXT_memory_object_fd");
  if (!e->vulkan->has_memory_fd) return unsupported(e->result, "Vulkan has no VK_KHR_external_memory_fd");
  if (!uses_semaphores(e)) return true;
  if (!e->gl->has_semaphore_fd) return unsupported(e->result, "GL has no GL_EXT_semaphore_fd");
  if (!e->vulkan->has_semaphore_fd) return unsupported(e->result, "Vulkan has no VK_KHR_external_semaphore_fd");
  if (!vulkan_can_export_semaphores(e->vulkan))
    return unsupported(e->result, "Vulkan cannot export semaphores as OPAQUE_FD");
  return true;
}

static bool set_up(Experiment *e) {
  bool is_shared = e->cell->path == PATH_OPAQUE_FD;
  size_t count = (size_t)e->size.width * (size_t)e->size.height;
  e->wanted = calloc(count, sizeof *e->wanted);
  e->got = calloc(count, sizeof *e->got);
  if (!e->wanted || !e->got) return failed(e->result, "no memory");
  if (!has_prerequisites(e) || !vulkan_image_create(e->vulkan, e->cell, is_shared, &e->image, e->result) ||
      !vulkan_buffer_create(e->vulkan, count * (size_t)e->format->bytes_per_pixel, &e->buffer, e->result) ||
      !gl_target_create(e->gl, e->format, e->size, &e->own, e->result))
    return false;
  if (is_shared && !(import_memory(e) && make_shared_texture(e))) return false;
  return !uses_semaphores(e) || (share_semaphore(e, &e->gl_done, &e->gl_done_in_gl) &&
                                  share_semaphore(e, &e->vulkan_done, &e->vulkan_done_in_gl));
}

static void tear_down(Experiment *e) {
  GL *gl = e->gl;
  Vulkan *vulkan = e->vulkan;
  // llvmpipe crashes when the memory goes away under work that it has not done yet.
  gl->Finish();
  gl_target_destroy(gl, &e->shared);
  gl_target_destroy(gl, &e->own);
  gl->Finish();
  if (e->memory) gl->DeleteMemoryObjectsEXT(1, &e->memory);
  if (e->gl_done_in_gl) gl->DeleteSemaphoresEXT(1, &e->gl_done_in_gl);
  if (e->vulkan_done_in_gl) gl->DeleteSemaphoresEXT(1, &e->vulkan_done_in_gl);
  gl_take_error(gl);
  if (vulkan_wait(vulkan, e->result)) {
    vulkan->DestroySemaphore(vulkan->device, e->gl_done, NULL);
    vulkan->DestroySemaphore(vulkan->device, e->vulkan_done, NULL);
    vulkan_buffer_destroy(vulkan, &e->buffer);
    vulkan_image_destroy(vulkan, &e->image);
  }
}

// --- Pixels
// ------------------------------------------------------------------------------------------------------------

static void fill_buffer(const Experiment *e, const Pixel *pixels) {
  size_t step = (size_t)e->format->bytes_per_pixel, count = (size_t)e->size.width * (size_t)e->size.height;
  for (size_t i = 0; i < count; i++) format_pack(e->format, &pixels[i], e->buffer.bytes + i * step);
}

static void read_buffer(const Experiment *e, Pixel *pixels) {
  size_t step = (size_t)e->format->bytes_per_pixel, count = (size_t)e->size.width * (size_t)e->size.height;
  for (size_t i = 0; i < count; i++) pixels[i] = format_unpack(e->format, e->buffer.bytes + i * step);
}

// So that a copy that did not happen is not taken for one that did.
static void spoil_buffer(const Experiment *e) { memset(e->buffer.bytes, 0xCD, e->buffer.size); }

// Blits turn the picture upside down: GL's first row is the bottom, the other side's is the top.
static bool compare(const Experiment *e, int frame) {
  pattern_fill(e->format, e->size, frame, e->cell->mode == MODE_BLIT, e->wanted);
  if (uses_gl_bgra(e) && pattern_is_exchanged(e->format, e->size, e->wanted, e->got))
    return unsupported(e->result, "GL takes GL_BGRA8_EXT and exchanges red and blue");
  return pattern_compare(e->format, e->size, frame, e->wanted, e->got, e->result);
}

// --- The order of GL and Vulkan
// ---------------------------------------------------------------------------------------- Each semaphore is signalled
// by one side and waited for by the other, alternately: GL never waits for its own signal.

static void gl_wait_for_vulkan(const Experiment *e) {
  const GLenum layout = GL_LAYOUT_GENERAL_EXT;
  if (uses_semaphores(e)) e->gl->WaitSemaphoreEXT(e->vulkan_done_in_gl, 0, NULL, 1, &e->shared.texture, &layout);
}

static bool gl_end_access(const Experiment *e, const char *step) {
  const GLenum layout = GL_LAYOUT_GENERAL_EXT;
  if (uses_semaphores(e)) {
    e->gl->SignalSemaphoreEXT(e->gl_done_in_gl, 0, NULL, 1, &e->shared.texture, &layout);
    e->gl->Flush();  // the signal implies one since revision 15 of the extension only
  } else {
    e->gl->Finish();
  }
  return gl_succeeded(e->gl, step, e->result);
}

// An access that ends with a semaphore is not waited for here; the semaphore has to do.
static bool vulkan_end_access(const Experiment *e, VkSemaphore wait, VkSemaphore signal) {
  return vulkan_submit(e->vulkan, wait, signal, e->result) && (uses_semaphores(e) || vulkan_wait(e->vulkan, e->result));
}

// --- OPAQUE_FD, GL to Vulkan
// -------------------------------------------------------------------------------------------

static void gl_draw_frame(const Experiment *e, int frame) {
  if (e->cell->mode == MODE_DIRECT) {
    gl_draw_pattern(e->gl, e->format, e->size, frame, &e->shared);
    return;
  }
  gl_draw_pattern(e->gl, e->format, e->size, frame, &e->own);
  if (e->format->bgra) gl_copy_by_shader(e->gl, e->size, &e->own, &e->shared, true, true);
  else gl_copy_by_blit(e->gl, e->size, &e->own, &e->shared, true);
}

static bool run_gl_to_vulkan(Experiment *e) {
  VkImage image = e->image.image;
  if (!vulkan_begin(e->vulkan, e->result)) return false;
  vulkan_initialize(e->vulkan, image);
  vulkan_release(e->vulkan, image);
  if (!vulkan_end_access(e, VK_NULL_HANDLE, e->vulkan_done)) return false;

  for (int frame = 0; frame < FRAME_COUNT; frame++) {
    gl_wait_for_vulkan(e);
    gl_draw_frame(e, frame);
    if (!gl_end_access(e, "drawing")) return false;

    if (!vulkan_begin(e->vulkan, e->result)) return false;
    spoil_buffer(e);
    vulkan_acquire(e->vulkan, image);
    vulkan_copy_from_image(e->vulkan, image, &e->buffer, e->size);
    vulkan_release(e->vulkan, image);
    bool is_last = frame == FRAME_COUNT - 1;  // its signal would not be waited for
    if (!vulkan_end_access(e, e->gl_done, is_last ? VK_NULL_HANDLE : e->vulkan_done)) return false;
    if (!vulkan_wait(e->vulkan, e->result)) return false;
    read_buffer(e, e->got);
    if (!compare(e, frame)) return false;
  }
  return true;
}

// --- OPAQUE_FD, Vulkan to GL
// -------------------------------------------------------------------------------------------

static bool gl_read_frame(const Experiment *e) {
  const GLTarget *source = &e->shared;
  bool flip = e->cell->mode == MODE_BLIT;
  if (e->format->bgra || flip) {
    gl_clear(e->gl, e->size, &e->own);
    if (e->format->bgra)
      gl_copy_by_shader(e->gl, e->size, &e->shared, &e->own, flip, false);  // the texture's swizzle exchanges
    else gl_copy_by_blit(e->gl, e->size, &e->shared, &e->own, flip);
    source = &e->own;
  }
  return gl_read(e->gl, e->format, e->size, source, e->got, e->result);
}

static bool run_vulkan_to_gl(Experiment *e) {
  VkImage image = e->image.image;
  for (int frame = 0; frame < FRAME_COUNT; frame++) {
    if (!vulkan_begin(e->vulkan, e->result)) return false;
    pattern_fill(e->format, e->size, frame, false, e->wanted);
    fill_buffer(e, e->wanted);
    if (frame == 0) vulkan_initialize(e->vulkan, image);
    else vulkan_acquire(e->vulkan, image);
    vulkan_copy_to_image(e->vulkan, &e->buffer, image, e->size);
    vulkan_release(e->vulkan, image);
    if (!vulkan_end_access(e, frame == 0 ? VK_NULL_HANDLE : e->gl_done, e->vulkan_done)) return false;

    gl_wait_for_vulkan(e);
    if (!gl_read_frame(e)) return false;
    bool is_last = frame == FRAME_COUNT - 1;  // its signal would not be waited for
    if (!is_last && !gl_end_access(e, "reading")) return false;
    if (!compare(e, frame)) return false;
  }
  return true;
}

// --- Through the CPU
// ---------------------------------------------------------------------------------------------------

static bool run_host_copy(Experiment *e) {
  VkImage image = e->image.image;
  for (int frame = 0; frame < FRAME_COUNT; frame++) {
    gl_draw_pattern(e->gl, e->format, e->size, frame, &e->own);
    if (!gl_read(e->gl, e->format, e->size, &e->own, e->got, e->result)) return false;

    if (!vulkan_begin(e->vulkan, e->result)) return false;
    fill_buffer(e, e->got);
    vulkan_initialize(e->vulkan, image);  // all of it is written, so the old content may go
    vulkan_copy_to_image(e->vulkan, &e->buffer, image, e->size);
    if (!vulkan_end_access(e, VK_NULL_HANDLE, VK_NULL_HANDLE)) return false;

    if (!vulkan_begin(e->vulkan, e->result)) return false;
    spoil_buffer(e);
    vulkan_keep(e->vulkan, image);
    vulkan_copy_from_image(e->vulkan, image, &e->buffer, e->size);
    if (!vulkan_end_access(e, VK_NULL_HANDLE, VK_NULL_HANDLE)) return false;
    read_buffer(e, e->got);
    if (!compare(e, frame)) return false;
  }
  return true;
}

Result experiment_run(const Cell *cell, GL *gl, Vulkan *vulkan) {
  Result result = {VERIFIED, "every pixel of two frames", false};
  Experiment e = {
    .cell = cell, .format = cell->format, .size = cell->size, .gl = gl, .vulkan = vulkan, .result = &result};
  if (set_up(&e)) {
    if (cell->path == PATH_HOST_COPY) run_host_copy(&e);
    else if (cell->direction == GL_TO_VULKAN) run_gl_to_vulkan(&e);
    else run_vulkan_to_gl(&e);
  }
  if (!result.drivers_stuck) tear_down(&e);
  free(e.wanted);
  free(e.got);
  return result;
}
