/* Frames through a WebGPU device of Dawn's, from C: GL draws each, the device copies it into a consumer's target, GL reads
 * that, and every pixel is compared. The rings are resized in between; what is called in the wrong order meanwhile must be
 * an error and change nothing. Arguments: how many frames (300), and the library of Dawn. */
#include "dawn_device.h"

#include <gl_vulkan_interop.h>
#include <glvk_webgpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRAMEBUFFER = 0x8D40, SCISSOR_TEST = 0x0C11, COLOR_BUFFER = 0x4000, RGBA = 0x1908, BYTE = 0x1401 };

static dawn_device dawn;

static void check_at(int line, int32_t result) {
  if (result == 0) return;
  fprintf(stderr, "webgpu.c:%d: %d %s (Dawn: %s)\n", line, result, glvk_last_error_message(), dawn.message);
  exit(1);
}
#define CHECK(call) check_at(__LINE__, call)

static void expect_at(int line, const char *text, glvk_result result, glvk_result wanted) {
  if (result == wanted && glvk_last_error_result() == wanted && *glvk_last_error_message()) return;
  fprintf(stderr, "webgpu.c:%d: %s is %s, not %s\n", line, text, glvk_result_name(result), glvk_result_name(wanted));
  exit(1);
}
#define EXPECT(wanted, call) expect_at(__LINE__, #call, call, GLVK_##wanted)

static struct {
  void (*bind_framebuffer)(unsigned, unsigned);
  void (*read_pixels)(int, int, int, int, unsigned, unsigned, void *);
  void (*clear_color)(float, float, float, float);
  void (*clear)(unsigned);
  void (*enable)(unsigned);
  void (*disable)(unsigned);
  void (*scissor)(int, int, int, int);
  uint32_t frame;
} gl;

static void load(glvk_context context, const char *name, void *function) {
  void *address;
  CHECK(glvk_context_get_proc_address(context, name, &address));
  CHECK(address == NULL);
  memcpy(function, &address, sizeof address);
}

/* The picture of a frame: four colours, from the bottom up. */
static uint8_t wanted(uint32_t frame, int right, int top, unsigned channel) {
  return channel == 3 ? 255 : (uint8_t)(frame * 37 + (unsigned)right * 90 + (unsigned)top * 45 + channel * 70);
}

static int32_t draw(void *user_data, const glvk_render_target *target) {
  (void)user_data;
  const int width = (int)target->width, height = (int)target->height;
  gl.enable(SCISSOR_TEST);
  for (int right = 0; right < 2; right++)
    for (int top = 0; top < 2; top++) {
      gl.scissor(right ? width / 2 : 0, top ? height / 2 : 0, width, height);
      gl.clear_color(wanted(gl.frame, right, top, 0) / 255.0f, wanted(gl.frame, right, top, 1) / 255.0f,
        wanted(gl.frame, right, top, 2) / 255.0f, 1);
      gl.clear(COLOR_BUFFER);
    }
  gl.disable(SCISSOR_TEST);
  return 0;
}

static void compare(const uint8_t *pixels, uint32_t width, uint32_t height) {
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++)
      for (unsigned channel = 0; channel < 4; channel++) {
        const uint8_t found = pixels[((size_t)y * width + x) * 4 + channel];
        const uint8_t right = wanted(gl.frame, x >= width / 2, y >= height / 2, channel);
        if (found == right) continue;
        fprintf(stderr, "frame %u, pixel %u,%u, channel %u: %u, not %u\n", gl.frame, x, y, channel, found, right);
        CHECK(1);
      }
}

static void *nowhere(void *user_data, const char *name) {
  (void)user_data, (void)name;
  return NULL;
}

/* What an application may get wrong when it makes the object. */
static void wrong_options(glvk_webgpu_options right) {
  glvk_webgpu webgpu;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_create(NULL, &webgpu));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_create(&right, NULL));
  glvk_webgpu_options wrong = right;
  wrong.device = NULL;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_create(&wrong, &webgpu));
  wrong = right;
  wrong.get_proc_address = nowhere;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_create(&wrong, &webgpu));
  wrong.library = NULL;
  EXPECT(ERROR_DRIVER_MISSING, glvk_webgpu_create(&wrong, &webgpu));
  wrong = right;
  wrong.library = "libc.so.6";
  EXPECT(ERROR_DRIVER_MISSING, glvk_webgpu_create(&wrong, &webgpu));
  wrong.library = "/nonexistent/libwebgpu_dawn.so";
  EXPECT(ERROR_DRIVER_MISSING, glvk_webgpu_create(&wrong, &webgpu));
  /* This program does not link Dawn. */
  wrong.library = NULL;
  EXPECT(ERROR_DRIVER_MISSING, glvk_webgpu_create(&wrong, &webgpu));
  wrong = right;
  wrong.host.id = 0;
  EXPECT(ERROR_INVALID_HANDLE, glvk_webgpu_create(&wrong, &webgpu));
  CHECK(webgpu.id != 0);
}

/* A device that was made without the features is refused, by their names. */
static void a_device_without(glvk_webgpu_options options, const char *path) {
  static const uint32_t memory[] = {0x5001F, 0x50020, 0x50023, 0x50024, 0};
  dawn_device bare;
  CHECK(dawn_device_open(&bare, path, memory));
  options.device = bare.device;
  glvk_webgpu webgpu;
  EXPECT(ERROR_UNSUPPORTED, glvk_webgpu_create(&options, &webgpu));
  CHECK(strstr(glvk_last_error_message(), "SharedTextureMemoryOpaqueFD") == NULL);
  dawn_device_close(&bare);
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Frames that nobody reads: GL to Dawn to GL, as fast as they go. */
static double time_of_a_frame(
  glvk_webgpu webgpu, glvk_producer producer, glvk_consumer consumer, uint32_t width, uint32_t height) {
  enum { COUNT = 500 };
  const double begin = microseconds();
  for (int i = 0; i < COUNT; i++) {
    glvk_frame frame;
    glvk_target target;
    glvk_gl_frame shown;
    void *source, *destination;
    CHECK(glvk_producer_render(producer, NULL, draw, NULL, &frame));
    CHECK(glvk_consumer_next_target(consumer, &target));
    CHECK(glvk_webgpu_begin_frame(webgpu, frame, &source));
    CHECK(glvk_webgpu_begin_target(webgpu, target, &destination));
    dawn_device_copy(&dawn, source, destination, width, height);
    CHECK(glvk_webgpu_end_frame(webgpu, frame));
    CHECK(glvk_webgpu_end_target(webgpu, target, NULL, &shown));
    CHECK(glvk_gl_frame_acquire(shown));
    CHECK(glvk_gl_frame_release(shown));
    dawn_device_process(&dawn);
  }
  return (microseconds() - begin) / COUNT;
}

int main(int argc, char **argv) {
  const uint32_t frames = argc > 1 ? (uint32_t)atoi(argv[1]) : 300;
  CHECK(argc < 3);
  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  glvk_context context;
  CHECK(glvk_context_create_surfaceless(&surfaceless, &context));
  load(context, "glBindFramebuffer", &gl.bind_framebuffer);
  load(context, "glReadPixels", &gl.read_pixels);
  load(context, "glClearColor", &gl.clear_color);
  load(context, "glClear", &gl.clear);
  load(context, "glEnable", &gl.enable);
  load(context, "glDisable", &gl.disable);
  load(context, "glScissor", &gl.scissor);
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  glvk_host host;
  CHECK(glvk_host_create(&creation, &host));

  CHECK(dawn_device_open(&dawn, argv[2], NULL));
  glvk_webgpu_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.device = dawn.device;
  options.library = argv[2];
  wrong_options(options);
  a_device_without(options, argv[2]);
  glvk_webgpu webgpu;
  CHECK(glvk_webgpu_create(&options, &webgpu));
  glvk_webgpu_info info;
  GLVK_INIT(info);
  CHECK(glvk_webgpu_get_info(webgpu, &info));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_get_info(webgpu, NULL));
  size_t size;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_get_refusal(webgpu, info.refusal_count, NULL, 0, &size));

  glvk_producer_options making;
  GLVK_INIT(making);
  making.context = context;
  making.host = host;
  making.width = 96;
  making.height = 64;
  making.path = info.path;
  making.sync = info.sync;
  glvk_producer producer;
  CHECK(glvk_producer_create_surfaceless(&making, &producer));
  glvk_consumer_options showing;
  GLVK_INIT(showing);
  showing.context = context;
  showing.host = host;
  showing.width = making.width;
  showing.height = making.height;
  showing.path = info.path;
  showing.sync = info.sync;
  glvk_consumer consumer;
  CHECK(glvk_consumer_create(&showing, &consumer));

  uint8_t *pixels = malloc(96 * 96 * 4);
  CHECK(!pixels);
  uint32_t width = making.width, height = making.height;
  for (gl.frame = 0; gl.frame < frames; gl.frame++) {
    if (gl.frame == frames / 2) {
      width = 61;
      height = 96;
      CHECK(glvk_producer_resize(producer, width, height));
      CHECK(glvk_consumer_resize(consumer, width, height));
    }
    glvk_frame frame;
    glvk_target target;
    glvk_gl_frame shown;
    void *source, *destination;
    CHECK(glvk_producer_render(producer, NULL, draw, NULL, &frame));
    CHECK(glvk_consumer_next_target(consumer, &target));
    if (gl.frame < 2) {
      EXPECT(ERROR_INVALID_STATE, glvk_webgpu_end_frame(webgpu, frame));
      EXPECT(ERROR_INVALID_STATE, glvk_webgpu_end_target(webgpu, target, NULL, &shown));
      EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_begin_frame(webgpu, frame, NULL));
      EXPECT(ERROR_INVALID_ARGUMENT, glvk_webgpu_begin_target(webgpu, target, NULL));
    }
    CHECK(glvk_webgpu_begin_frame(webgpu, frame, &source));
    CHECK(glvk_webgpu_begin_target(webgpu, target, &destination));
    if (gl.frame < 2) {
      EXPECT(ERROR_INVALID_STATE, glvk_webgpu_begin_frame(webgpu, frame, &source));
      EXPECT(ERROR_INVALID_STATE, glvk_webgpu_begin_target(webgpu, target, &destination));
    }
    dawn_device_copy(&dawn, source, destination, width, height);
    CHECK(glvk_webgpu_end_frame(webgpu, frame));
    EXPECT(ERROR_INVALID_HANDLE, glvk_webgpu_end_frame(webgpu, frame));
    CHECK(glvk_webgpu_end_target(webgpu, target, NULL, &shown));
    EXPECT(ERROR_INVALID_HANDLE, glvk_webgpu_begin_target(webgpu, target, &destination));
    glvk_gl_frame_info about;
    GLVK_INIT(about);
    CHECK(glvk_gl_frame_get_info(shown, &about));
    CHECK(glvk_gl_frame_acquire(shown));
    gl.bind_framebuffer(FRAMEBUFFER, about.framebuffer);
    gl.read_pixels(0, 0, (int)width, (int)height, RGBA, BYTE, pixels);
    gl.bind_framebuffer(FRAMEBUFFER, 0);
    CHECK(glvk_gl_frame_release(shown));
    compare(pixels, width, height);
    dawn_device_process(&dawn);
  }
  free(pixels);
  const double time = time_of_a_frame(webgpu, producer, consumer, width, height);
  printf(
    "%u frames through %s by %s and %s, every pixel right; %.0f us for a frame that is not read; %u errors of Dawn's %s\n",
    frames, info.adapter_name, glvk_path_name(info.path), glvk_sync_name(info.sync), time, dawn.errors, dawn.message);
  CHECK((int32_t)dawn.errors);
  CHECK(glvk_webgpu_destroy(webgpu));
  EXPECT(ERROR_INVALID_HANDLE, glvk_webgpu_destroy(webgpu));
  CHECK(glvk_consumer_destroy(consumer));
  CHECK(glvk_producer_destroy(producer));
  CHECK(glvk_host_destroy(host));
  CHECK(glvk_context_destroy(context));
  CHECK((int32_t)glvk_live_object_count());
  dawn_device_close(&dawn);
  return 0;
}
