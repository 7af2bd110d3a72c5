#include "device.h"

#include <pthread.h>
#include <stdlib.h>

#include "../../common/example.h"

struct device device_create(glvk_context context) {
  // The library uses timelines, if both APIs have them. libplacebo needs both of a device that is not its own.
  static VkPhysicalDeviceHostQueryResetFeatures resets = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_HOST_QUERY_RESET_FEATURES, .hostQueryReset = VK_TRUE};
  static VkPhysicalDeviceTimelineSemaphoreFeatures timelines = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES,
    .pNext = &resets,
    .timelineSemaphore = VK_TRUE};
  struct device made = {.features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &timelines}};
  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2};
  // libplacebo names its objects wherever a layer or the loader has the functions for that.
  const char *names = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  const VkInstanceCreateInfo instance_info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pApplicationInfo = &application,
    .enabledExtensionCount = 1,
    .ppEnabledExtensionNames = &names};
  if (vkCreateInstance(&instance_info, NULL, &made.instance)) example_end("vkCreateInstance", "failed");
  size_t gpu_count = 1, wanted_count;
  glvk_result found = glvk_physical_devices_matching(context, made.instance, NULL, &made.gpu, 1, &gpu_count);
  if (found != GLVK_ERROR_BUFFER_TOO_SMALL) example_require(found);  // Several: the best is first.
  if (gpu_count == 0) example_end("device", "Vulkan does not have the GPU that GL runs on");

  const char *wanted[32];
  uint32_t there_count = 0;
  example_require(glvk_host_required_device_extensions(
    GLVK_PATH_OPAQUE_FD, GLVK_SYNC_TIMELINE_SEMAPHORE, VK_API_VERSION_1_2, wanted, 32, &wanted_count));
  vkEnumerateDeviceExtensionProperties(made.gpu, NULL, &there_count, NULL);
  VkExtensionProperties *there = calloc(there_count, sizeof *there);
  vkEnumerateDeviceExtensionProperties(made.gpu, NULL, &there_count, there);
  for (size_t i = 0; i < wanted_count; i++) {
    for (uint32_t j = 0; j < there_count; j++) {
      if (strcmp(wanted[i], there[j].extensionName) == 0) made.extensions[made.extension_count++] = wanted[i];
    }
  }
  free(there);

  const float priority = 1;
  const VkDeviceQueueCreateInfo queue_info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
  const VkDeviceCreateInfo device_info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &made.features,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue_info,
    .enabledExtensionCount = made.extension_count,
    .ppEnabledExtensionNames = made.extensions};
  if (vkCreateDevice(made.gpu, &device_info, NULL, &made.device)) example_end("vkCreateDevice", "failed");
  vkGetDeviceQueue(made.device, 0, 0, &made.queue);
  return made;
}

static pthread_mutex_t queue_mutex = PTHREAD_MUTEX_INITIALIZER;
void device_lock(void *user_data, VkQueue queue) { (void)user_data, (void)queue, pthread_mutex_lock(&queue_mutex); }
void device_unlock(void *user_data, VkQueue queue) { (void)user_data, (void)queue, pthread_mutex_unlock(&queue_mutex); }

glvk_host device_adopt(const struct device *device) {
  glvk_queue queue;
  GLVK_INIT(queue);
  queue.queue = device->queue;
  queue.lock = device_lock;
  queue.unlock = device_unlock;
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  adoption.instance = device->instance;
  adoption.physical_device = device->gpu;
  adoption.device = device->device;
  adoption.api_version = VK_API_VERSION_1_2;
  adoption.timeline_semaphore = 1;
  adoption.queues = &queue;
  adoption.queue_count = 1;
  adoption.device_extensions = device->extensions;
  adoption.device_extension_count = device->extension_count;
  glvk_host host;
  example_require(glvk_host_adopt(&adoption, &host));
  return host;
}

void device_wait(const struct device *device) {
  device_lock(NULL, device->queue);
  vkDeviceWaitIdle(device->device);
  device_unlock(NULL, device->queue);
}

void device_destroy(struct device *device) {
  vkDestroyDevice(device->device, NULL);
  vkDestroyInstance(device->instance, NULL);
}
