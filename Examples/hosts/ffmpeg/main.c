// A program that records what OpenGL draws: FFmpeg, on a Vulkan device of its own, downloads each frame and encodes it.
//
//   ffmpeg [--check N] [--frames N] [--size WxH] [--top-down] [--srgb] [--angle libEGL.so] [FILE.mkv]
#include <libavutil/avutil.h>
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vulkan.h>
#include <stdio.h>

#include "../common/offscreen.h"
#include "../common/timeline.h"
#include "recording.h"

// FFmpeg's device on the GPU that GL runs on. Ask for it by number, until it is that one.
static AVBufferRef *make_device(glvk_context context) {
  for (int i = 0;; i++) {
    char number[12];
    snprintf(number, sizeof number, "%d", i);
    AVBufferRef *device;
    if (av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VULKAN, number, NULL, 0) < 0)
      example_end("ffmpeg", "FFmpeg's Vulkan does not have the GPU that GL runs on");
    const AVVulkanDeviceContext *vulkan = ((AVHWDeviceContext *)device->data)->hwctx;
    VkPhysicalDevice matching[16];
    size_t count = 16;
    example_require(glvk_physical_devices_matching(context, vulkan->inst, NULL, matching, 16, &count));
    while (count > 0)
      if (matching[--count] == vulkan->phys_dev) return device;
    av_buffer_unref(&device);
  }
}

static glvk_host adopt(const AVVulkanDeviceContext *vulkan, VkQueue the_queue) {
  glvk_queue queue;
  GLVK_INIT(queue);
  queue.queue = the_queue;
  queue.family = (uint32_t)vulkan->queue_family_tx_index;
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  adoption.instance = vulkan->inst;
  adoption.physical_device = vulkan->phys_dev;
  adoption.device = vulkan->act_dev;
  adoption.api_version = VK_API_VERSION_1_2;
  adoption.timeline_semaphore = 1;  // FFmpeg makes no device without it.
  adoption.queues = &queue;
  adoption.queue_count = 1;
  adoption.device_extensions = vulkan->enabled_dev_extensions;
  adoption.device_extension_count = (uint32_t)vulkan->nb_enabled_dev_extensions;
  glvk_host host;
  example_require(glvk_host_adopt(&adoption, &host));
  return host;
}

int main(int count, char **arguments) {
  struct example example = example_parse("ffmpeg", count, arguments);
  example.host = av_version_info();
  const char *file = example.argument ? example.argument : "ffmpeg.mkv";
  glvk_context context = offscreen_open(&example);
  AVBufferRef *device = make_device(context);
  const AVVulkanDeviceContext *vulkan = ((AVHWDeviceContext *)device->data)->hwctx;
  VkQueue queue;
  vkGetDeviceQueue(vulkan->act_dev, (uint32_t)vulkan->queue_family_tx_index, 0, &queue);
  VkSemaphore timeline = timeline_create(vulkan->act_dev);

  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = adopt(vulkan, queue);
  options.path = GLVK_PATH_OPAQUE_FD;
  options.width = (uint32_t)example.width;
  options.height = (uint32_t)example.height;
  options.format = example.srgb ? GLVK_FORMAT_BGRA8_SRGB : GLVK_FORMAT_BGRA8;
  options.orientation = example.top_down ? GLVK_ORIENTATION_TOP_DOWN : GLVK_ORIENTATION_BOTTOM_UP;
  glvk_producer producer;
  example_require(glvk_producer_create_surfaceless(&options, &producer));

  AVVkFrame *image = av_vk_frame_alloc();
  image->tiling = VK_IMAGE_TILING_OPTIMAL;
  image->sem[0] = timeline;
  AVBufferRef *frames = recording_open(device, file, &example);
  AVFrame *shared = av_frame_alloc(), *picture = av_frame_alloc();
  while (example_goes_on(&example)) {
    if (offscreen_is_resized(&example)) {
      recording_close(&frames, &example);
      example_require(glvk_producer_resize(producer, (uint32_t)example.width, (uint32_t)example.height));
      frames = recording_open(device, file, &example);
    }
    glvk_frame frame;
    glvk_frame_info info;
    GLVK_INIT(info);
    example_require(glvk_producer_render(producer, NULL, offscreen_draw, &example, &frame));
    example_require(glvk_frame_get_info(frame, &info));

    // The queue waits for GL and signals the next value, for which FFmpeg waits.
    glvk_use use = {VK_IMAGE_LAYOUT_GENERAL, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT};
    example_require(glvk_frame_acquire(frame, &use, queue, VK_NULL_HANDLE));
    timeline_signal(queue, timeline, ++image->sem_value[0]);
    image->img[0] = info.image;
    image->layout[0] = use.layout;
    image->access[0] = use.access;
    shared->format = AV_PIX_FMT_VULKAN;
    shared->width = example.width;
    shared->height = example.height;
    shared->hw_frames_ctx = av_buffer_ref(frames);
    shared->data[0] = (uint8_t *)image;
    if (av_hwframe_transfer_data(picture, shared, 0) < 0) example_end("av_hwframe_transfer_data", "failed");

    // FFmpeg has signalled the value that is there now, and says the layout. The queue waits, and gives the image back.
    timeline_wait(queue, timeline, image->sem_value[0]);
    use.layout = image->layout[0];
    example_require(glvk_frame_release(frame, &use));

    if (info.orientation == GLVK_ORIENTATION_BOTTOM_UP) {  // FFmpeg's rows go down.
      picture->data[0] += (picture->height - 1) * picture->linesize[0];
      picture->linesize[0] = -picture->linesize[0];
    }
    recording_add(picture);
    av_frame_unref(picture);
    av_frame_unref(shared);
  }
  recording_close(&frames, &example);

  const int status = offscreen_finish(&example, producer);
  glvk_producer_destroy(producer);
  glvk_host_destroy(options.host);
  vkDestroySemaphore(vulkan->act_dev, timeline, NULL);
  av_free(image);
  av_frame_free(&picture);
  av_frame_free(&shared);
  av_buffer_unref(&device);
  offscreen_close(context);
  return status;
}
