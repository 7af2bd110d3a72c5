// A program that feeds what OpenGL draws to a GStreamer pipeline, as Vulkan images of GStreamer's device.
//
//   gstreamer [--check N] [--frames N] [--size WxH] [--top-down] [--srgb] [--angle libEGL.so]
#include <gst/vulkan/vulkan.h>

#include "../common/offscreen.h"
#include "pipeline.h"

static GstVulkanQueue *queue;

// GStreamer's lock for the queue, on which its elements submit from their own threads.
static void lock(void *user_data, VkQueue handle) { (void)handle, gst_vulkan_queue_submit_lock(user_data); }
static void unlock(void *user_data, VkQueue handle) { (void)handle, gst_vulkan_queue_submit_unlock(user_data); }

// Opens GStreamer's device on the GPU that GL runs on, with the extensions that GStreamer itself does not enable.
static glvk_host open_device(glvk_context context) {
  GError *error = NULL;
  GstVulkanInstance *instance = gst_vulkan_instance_new();
  if (!gst_vulkan_instance_open(instance, &error)) example_end("gst_vulkan_instance_open", error->message);
  VkPhysicalDevice matching[16];
  size_t count = 16, wanted_count;
  example_require(glvk_physical_devices_matching(context, instance->instance, NULL, matching, 16, &count));
  if (count == 0) example_end("gstreamer", "Vulkan does not have the GPU that GL runs on");
  unsigned index = 0;
  while (instance->physical_devices[index] != matching[0]) index++;
  GstVulkanDevice *device = gst_vulkan_device_new_with_index(instance, index);

  const char *wanted[32], *enabled[32];
  uint32_t enabled_count = 0;
  example_require(glvk_host_required_device_extensions(
    GLVK_PATH_OPAQUE_FD, GLVK_SYNC_SEMAPHORE_FD, VK_API_VERSION_1_1, wanted, 32, &wanted_count));
  for (size_t i = 0; i < wanted_count; i++) {
    if (gst_vulkan_device_enable_extension(device, wanted[i])) enabled[enabled_count++] = wanted[i];
  }
  if (!gst_vulkan_device_open(device, &error)) example_end("gst_vulkan_device_open", error->message);
  queue = gst_vulkan_device_get_queue(device, 0, 0);  // It keeps the device, which keeps the instance.
  gst_object_unref(device);
  gst_object_unref(instance);

  glvk_queue adopted;
  GLVK_INIT(adopted);
  adopted.queue = queue->queue;
  adopted.family = queue->family;
  adopted.lock = lock;
  adopted.unlock = unlock;
  adopted.user_data = queue;
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  adoption.instance = instance->instance;
  adoption.physical_device = matching[0];
  adoption.device = device->device;
  adoption.api_version = VK_API_VERSION_1_1;
  adoption.queues = &adopted;
  adoption.queue_count = 1;
  adoption.device_extensions = enabled;
  adoption.device_extension_count = enabled_count;
  glvk_host host;
  example_require(glvk_host_adopt(&adoption, &host));
  return host;
}

// Answers elements that ask for instance, device and queue. Otherwise vulkandownload makes a device of its own, and what it
// submits there waits for nothing. With the same GstVulkanQueue it has the same lock: another object has another one.
static bool has_asked;
static GstPadProbeReturn answer(GstPad *pad, GstPadProbeInfo *info, gpointer element) {
  (void)pad;
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);
  if (GST_QUERY_TYPE(query) != GST_QUERY_CONTEXT) return GST_PAD_PROBE_OK;
  if (gst_vulkan_queue_handle_context_query(element, query, queue)) has_asked = true;
  else if (!gst_vulkan_handle_context_query(element, query, NULL, queue->device->instance, queue->device))
    return GST_PAD_PROBE_OK;
  return GST_PAD_PROBE_HANDLED;
}

struct shared {  // A frame that is in the pipeline.
  glvk_frame frame;
  GstVulkanImageMemory *memory;
};

// GStreamer's last element is done with the memory, on whatever thread: what it submitted is in the queue already.
static void give_back(void *user_data) {
  struct shared *shared = user_data;
  const glvk_use use = {
    shared->memory->barrier.image_layout, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT};
  example_require(glvk_frame_release(shared->frame, &use));
  g_free(shared);
}

static GstBuffer *make_buffer(glvk_frame frame) {
  const glvk_use use = {VK_IMAGE_LAYOUT_GENERAL, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT};
  glvk_frame_info info;
  GLVK_INIT(info);
  example_require(glvk_frame_get_info(frame, &info));
  example_require(glvk_frame_acquire(frame, &use, queue->queue, VK_NULL_HANDLE));  // The queue waits for GL.
  struct shared *shared = g_new(struct shared, 1);
  GstMemory *memory = gst_vulkan_image_memory_wrapped(queue->device, info.image, pipeline_format(), info.width,
    info.height, VK_IMAGE_TILING_OPTIMAL, info.usage, shared, give_back);
  shared->frame = frame;
  shared->memory = (GstVulkanImageMemory *)memory;
  // Without these, GStreamer's first barrier is one from UNDEFINED, which discards the picture.
  shared->memory->barrier.image_layout = use.layout;
  shared->memory->barrier.parent.pipeline_stages = use.stages;
  shared->memory->barrier.parent.access_flags = use.access;
  GstBuffer *buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, memory);
  return buffer;
}

int main(int count, char **arguments) {
  gst_init(NULL, NULL);
  struct example example = example_parse("gstreamer", count, arguments);
  example.host = gst_version_string();
  glvk_context context = offscreen_open(&example);

  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = open_device(context);
  options.path = GLVK_PATH_OPAQUE_FD;
  options.width = (uint32_t)example.width;
  options.height = (uint32_t)example.height;
  options.format = example.srgb ? GLVK_FORMAT_RGBA8_SRGB : GLVK_FORMAT_RGBA8;
  options.orientation = example.top_down ? GLVK_ORIENTATION_TOP_DOWN : GLVK_ORIENTATION_BOTTOM_UP;
  glvk_producer producer;
  example_require(glvk_producer_create_surfaceless(&options, &producer));

  pipeline_start(answer, &example);
  while (example_goes_on(&example)) {
    if (offscreen_is_resized(&example)) {
      pipeline_pull(&example, example.number - 1);
      pipeline_stop();
      example_require(glvk_producer_resize(producer, (uint32_t)example.width, (uint32_t)example.height));
      pipeline_start(answer, &example);
    }
    glvk_frame frame;
    example_require(glvk_producer_render(producer, NULL, offscreen_draw, &example, &frame));
    pipeline_push(make_buffer(frame));
    pipeline_pull(&example, example.number - 1);  // One picture is on its way while the next is drawn.
  }
  pipeline_pull(&example, example.number);
  pipeline_stop();
  if (!has_asked) example_end("gstreamer", "the pipeline used a queue of its own");

  const int status = offscreen_finish(&example, producer);
  glvk_producer_destroy(producer);
  glvk_host_destroy(options.host);
  gst_object_unref(queue);
  offscreen_close(context);
  return status;
}
