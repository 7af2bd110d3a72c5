#include "held_frames.h"

#include <GLES3/gl3.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../Examples/common/vulkan_side.h"

static struct {
  PFNGLBINDFRAMEBUFFERPROC glBindFramebuffer;
  PFNGLGETINTEGERVPROC glGetIntegerv;
  PFNGLREADPIXELSPROC glReadPixels;
} gl;

enum { most = 16 };
static struct {
  glvk_frame frame;
  uint8_t *picture;
  uint32_t width, height;
} held[most];
static size_t count;
static unsigned taken, sizes;
static uint32_t last_width, last_height;

void require(int condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "not so: %s\n", what);
  exit(1);
}

void require_result(glvk_result seen, glvk_result wanted, const char *what) {
  if (seen != wanted) {
    fprintf(stderr, "%s: %s, not %s: %s\n", what, glvk_result_name(seen), glvk_result_name(wanted),
      seen == GLVK_SUCCESS ? "" : glvk_last_error_message());
    exit(1);
  }
  if (seen == GLVK_SUCCESS) return;
  require(glvk_last_error_result() == seen && strlen(glvk_last_error_message()) > 10, "an error has words");
  printf("%s: %s: %s\n", what, glvk_result_name(seen), glvk_last_error_message());
}

void held_frames_open(void *(*get_proc_address)(const char *name)) {
  *(void **)&gl.glBindFramebuffer = get_proc_address("glBindFramebuffer");
  *(void **)&gl.glGetIntegerv = get_proc_address("glGetIntegerv");
  *(void **)&gl.glReadPixels = get_proc_address("glReadPixels");
}

glvk_result held_frames_submit(glvk_producer producer, unsigned framebuffer) {
  require(count < most, "there is room for a frame");
  glvk_submit_options options;
  GLVK_INIT(options);
  options.framebuffer = framebuffer;
  glvk_frame frame;
  glvk_result result = glvk_producer_submit(producer, &options, &frame);
  if (result != GLVK_SUCCESS) return result;
  glvk_frame_info info;
  GLVK_INIT(info);
  require_result(glvk_frame_get_info(frame, &info), GLVK_SUCCESS, "glvk_frame_get_info");
  uint8_t *picture = malloc((size_t)info.width * info.height * 4);
  GLint bound;
  gl.glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &bound);
  gl.glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
  gl.glReadPixels(0, 0, (GLsizei)info.width, (GLsizei)info.height, GL_RGBA, GL_UNSIGNED_BYTE, picture);
  gl.glBindFramebuffer(GL_READ_FRAMEBUFFER, (GLuint)bound);
  held[count].frame = frame;
  held[count].picture = picture;
  held[count].width = info.width;
  held[count].height = info.height;
  count++;
  return GLVK_SUCCESS;
}

size_t held_frames_count(void) { return count; }
unsigned held_frames_taken(void) { return taken; }
unsigned held_frames_sizes(void) { return sizes; }

void held_frames_take_oldest(void) {
  require(count > 0, "a frame is out");
  require_result(vulkan_side_take(held[0].frame), GLVK_SUCCESS, "Vulkan reads a frame that was out");
  uint32_t width, height;
  const uint8_t *pixels = vulkan_side_pixels(&width, &height);
  require(width == held[0].width && height == held[0].height, "the frame has kept its size");
  require(memcmp(pixels, held[0].picture, (size_t)width * height * 4) == 0, "the frame has kept every pixel");
  free(held[0].picture);
  memmove(held, held + 1, --count * sizeof held[0]);
  taken++;
  sizes += width != last_width || height != last_height;
  last_width = width;
  last_height = height;
}

void held_frames_take_all(void) {
  while (count > 0) held_frames_take_oldest();
}

int open_files(void) {
  DIR *folder = opendir("/proc/self/fd");
  int files = 0;
  while (readdir(folder)) files++;
  closedir(folder);
  return files;
}
