// A program that lets libplacebo render what OpenGL draws, on a Vulkan device that libplacebo and the library both use.
//
//   libplacebo [--check N] [--frames N] [--size WxH] [--top-down] [--srgb] [--angle libEGL.so]
#include <libplacebo/renderer.h>
#include <libplacebo/vulkan.h>

#include "../common/device.h"
#include "../common/offscreen.h"
#include "../common/timeline.h"

static pl_vulkan vk;

static void require(bool done, const char *step) {
  if (!done) example_end(step, "failed");
}

// libplacebo takes the lock that the library takes.
static void lock(void *user_data, int family, int index) { (void)family, (void)index, device_lock(user_data, NULL); }
static void unlock(void *user_data, int family, int index) {
  (void)family, (void)index, device_unlock(user_data, NULL);
}

// libplacebo's texture for each image of the ring: an image outlives its frames, and its number is no other image's.
static struct known {
  uint64_t image_id;
  pl_tex texture;
} known[32];

static struct known *find(uint64_t image_id) {
  for (int i = 0; i < 32; i++) {
    if (known[i].image_id == image_id) return &known[i];
  }
  return NULL;
}

static pl_tex wrap(const glvk_frame_info *frame) {
  struct known *place = find(frame->image_id);
  if (place) return place->texture;
  // libplacebo has no sRGB formats, and needs none: it computes with curves. The image allows views as UNORM.
  const struct pl_vulkan_wrap_params params = {.image = frame->image,
    .width = (int)frame->width,
    .height = (int)frame->height,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .usage = frame->usage};
  place = find(0);
  *place = (struct known){frame->image_id, pl_vulkan_wrap(vk->gpu, &params)};
  require(place->texture != NULL, "pl_vulkan_wrap");
  return place->texture;
}

static void forget(void *user_data, uint64_t image_id) {
  device_wait(user_data);  // libplacebo destroys the texture's semaphore, which lavapipe 22 still uses after a signal.
  struct known *place = find(image_id);
  pl_tex_destroy(vk->gpu, &place->texture);
  place->image_id = 0;
}

int main(int count, char **arguments) {
  struct example example = example_parse("libplacebo", count, arguments);
  example.host = pl_version();
  glvk_context context = offscreen_open(&example);

  struct device device = device_create(context);
  pl_log messages = pl_log_create(PL_API_VER, pl_log_params(.log_cb = pl_log_simple, .log_level = PL_LOG_WARN));
  vk = pl_vulkan_import(
    messages, pl_vulkan_import_params(.instance = device.instance, .phys_device = device.gpu, .device = device.device,
                .extensions = device.extensions, .num_extensions = (int)device.extension_count,
                .queue_graphics = {0, 1}, .features = &device.features, .lock_queue = lock, .unlock_queue = unlock));
  require(vk != NULL, "pl_vulkan_import");
  pl_renderer renderer = pl_renderer_create(messages, vk->gpu);
  VkSemaphore timeline = timeline_create(device.device);
  uint64_t value = 0;
  pl_tex output = NULL;
  pl_buf buffer = NULL;

  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = device_adopt(&device);
  options.path = GLVK_PATH_OPAQUE_FD;
  options.width = (uint32_t)example.width;
  options.height = (uint32_t)example.height;
  options.format = example.srgb ? GLVK_FORMAT_RGBA8_SRGB : GLVK_FORMAT_RGBA8;
  options.orientation = example.top_down ? GLVK_ORIENTATION_TOP_DOWN : GLVK_ORIENTATION_BOTTOM_UP;
  glvk_producer producer;
  example_require(glvk_producer_create_surfaceless(&options, &producer));
  example_require(glvk_producer_set_image_retired_callback(producer, forget, &device));
  const glvk_use use = {VK_IMAGE_LAYOUT_GENERAL, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT};

  while (example_goes_on(&example)) {
    if (offscreen_is_resized(&example)) {
      example_require(glvk_producer_resize(producer, (uint32_t)example.width, (uint32_t)example.height));
      device_wait(&device);  // as above: `output` and `buffer` are made again
    }
    glvk_frame frame;
    glvk_frame_info info;
    GLVK_INIT(info);
    example_require(glvk_producer_render(producer, NULL, offscreen_draw, &example, &frame));
    example_require(glvk_frame_get_info(frame, &info));

    // The queue waits for GL and signals `value`, for which libplacebo waits.
    example_require(glvk_frame_acquire(frame, &use, device.queue, VK_NULL_HANDLE));
    timeline_signal(device.queue, timeline, ++value);
    pl_tex texture = wrap(&info);
    pl_vulkan_release(vk->gpu, texture, use.layout, (pl_vulkan_sem){timeline, value});
    const bool is_flipped = info.orientation == GLVK_ORIENTATION_BOTTOM_UP;
    const struct pl_tex_params output_params = {.w = example.width,
      .h = example.height,
      .format = texture->params.format,
      .renderable = true,
      .host_readable = true};
    require(pl_tex_recreate(vk->gpu, &output, &output_params), "pl_tex_recreate");
    const struct pl_frame image = {.num_planes = 1,
      .planes = {{.texture = texture, .flipped = is_flipped, .components = 4, .component_mapping = {0, 1, 2, 3}}},
      .repr = pl_color_repr_rgb,
      .color = pl_color_space_srgb};
    const struct pl_frame target = {.num_planes = 1,
      .planes = {{.texture = output, .components = 4, .component_mapping = {0, 1, 2, 3}}},
      .repr = pl_color_repr_rgb,
      .color = pl_color_space_srgb};
    require(pl_render_image(renderer, &image, &target, &pl_render_fast_params), "pl_render_image");

    // libplacebo signals the next value; the queue waits for it before it gives the image back to GL.
    require(pl_vulkan_hold(vk->gpu, texture, use.layout, (pl_vulkan_sem){timeline, ++value}), "pl_vulkan_hold");
    timeline_wait(device.queue, timeline, value);
    example_require(glvk_frame_release(frame, &use));

    const struct pl_buf_params buffer_params = {
      .size = (size_t)example.width * (size_t)example.height * 4, .host_mapped = true};
    require(pl_buf_recreate(vk->gpu, &buffer, &buffer_params), "pl_buf_recreate");
    require(pl_tex_download(vk->gpu, pl_tex_transfer_params(.tex = output, .buf = buffer)), "pl_tex_download");
    pl_gpu_flush(vk->gpu);
    device_wait(&device);  // As above: libplacebo destroys each frame's vertices when it sees them done.
    check_returned(&example, example.number, buffer->data, example.width * 4, example.width, example.height, false);
  }

  const int status = offscreen_finish(&example, producer);
  glvk_producer_destroy(producer);
  device_wait(&device);
  pl_buf_destroy(vk->gpu, &buffer);
  glvk_host_destroy(options.host);
  pl_tex_destroy(vk->gpu, &output);
  pl_renderer_destroy(&renderer);
  pl_vulkan_destroy(&vk);
  pl_log_destroy(&messages);
  vkDestroySemaphore(device.device, timeline, NULL);
  device_destroy(&device);
  offscreen_close(context);
  return status;
}
